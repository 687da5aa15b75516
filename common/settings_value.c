/* SPDX-License-Identifier: Apache-2.0 */
/* settings_value: from a value as written to a member of the program's struct. */
#include "common/settings_value.h"

#include <string.h>

struct unit {
	const char *name;
	int64_t factor;
};

static const struct unit durations[] = {
	{ "us", 1 },
	{ "ms", 1000 },
	{ "s", 1000000 },
	{ "m", INT64_C(60) * 1000000 },
	{ "h", INT64_C(3600) * 1000000 },
	{ "d", INT64_C(86400) * 1000000 },
	{ NULL, 0 },
};

static const struct unit sizes[] = {
	{ "B", 1 },
	{ "KiB", INT64_C(1) << 10 },
	{ "MiB", INT64_C(1) << 20 },
	{ "GiB", INT64_C(1) << 30 },
	{ "TiB", INT64_C(1) << 40 },
	{ NULL, 0 },
};

/* Digits, and where they end; false if there is none or it is too much. */
static bool
read_whole(const char *text, const char **end, int64_t *number)
{
	int64_t sum = 0;
	const char *p = text;

	for (; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(sum, 10, &sum) ||
		    __builtin_add_overflow(sum, *p - '0', &sum))
			return false;
	*end = p;
	*number = sum;
	return p != text;
}

static bool
read_with_unit(const char *text, const struct unit *unit, int64_t *value)
{
	const char *end;
	int64_t number;

	if (!read_whole(text, &end, &number))
		return false;
	if (*end == '\0' && number == 0) {
		*value = 0;
		return true;
	}
	for (; unit->name != NULL; unit++)
		if (strcmp(unit->name, end) == 0)
			return !__builtin_mul_overflow(number, unit->factor, value);
	return false;
}

/* The largest unit that leaves no rest: people read 5m, not 300000000. */
static int
with_unit(int64_t value, const struct unit *units, char *text, size_t room)
{
	const struct unit *best = units;

	for (const struct unit *unit = units; unit->name != NULL; unit++)
		if (value != 0 && value % unit->factor == 0)
			best = unit;
	return snprintf(text, room, "%lld%s", (long long)(value / best->factor),
			value == 0 ? "" : best->name);
}

/* clang-format off */
static const struct kind {
	const char *placeholder, *noun, *example;
	const struct unit *units;
} kinds[] = {
	[SETTING_TEXT]     = { "TEXT",     "text",       "",               NULL },
	[SETTING_PATH]     = { "FILE",     "path",       "",               NULL },
	[SETTING_NUMBER]   = { "NUMBER",   "number",     "",               NULL },
	[SETTING_DURATION] = { "DURATION", "duration",   "such as 200ms, 10s, 5m, 1h, 30d",   durations },
	[SETTING_SIZE]     = { "SIZE",     "size",       "such as 64KiB, 64MiB, 10GiB", sizes },
	[SETTING_BOOL]     = { "",         "yes or no",  "",               NULL },
	[SETTING_CHOICE]   = { "WORD",     "choice",     "",               NULL },
	[SETTING_WORDS]    = { "LIST",     "list",       "",               NULL },
};
/* clang-format on */

const char *
setting_placeholder(const struct setting *setting)
{
	return setting->placeholder ? setting->placeholder
				    : kinds[setting->type].placeholder;
}

static void
list_choices(const struct setting *setting, char *text, size_t room)
{
	size_t used = (size_t)snprintf(text, room, "one of: ");

	for (size_t i = 0; setting->choices[i] != NULL && used < room; i++)
		used += (size_t)snprintf(text + used, room - used, "%s%s",
					 i ? ", " : "", setting->choices[i]);
}

const char *
setting_expects(const struct setting *setting, char *text, size_t room)
{
	const struct kind *kind = &kinds[setting->type];
	char least[32], most[32];

	text[0] = '\0';
	if (setting->type == SETTING_CHOICE) {
		list_choices(setting, text, room);
	} else if (setting->type == SETTING_BOOL) {
		snprintf(text, room, "true or false");
	} else if (setting->least != 0 || setting->most != 0) {
		static const struct unit plain[] = { { "", 1 }, { NULL, 0 } };
		const struct unit *units = kind->units ? kind->units : plain;
		with_unit(setting->least, units, least, sizeof(least));
		with_unit(setting->most, units, most, sizeof(most));
		snprintf(text, room, "%s to %s", least, most);
	} else if (kind->units != NULL) {
		snprintf(text, room, "a %s %s", kind->noun, kind->example);
	} else if (setting->type == SETTING_NUMBER) {
		snprintf(text, room, "a whole number");
	}
	return text;
}

static int
refuse(const struct setting *setting, const char *text, struct error *err)
{
	const struct kind *kind = &kinds[setting->type];
	char expects[256];

	return error_set(err, "\"%.100s\" is no %s here; expected %s", text, kind->noun,
			 setting_expects(setting, expects, sizeof(expects)));
}

static int
store_number(const struct setting *setting, const char *text, int64_t *into,
	     struct error *err)
{
	const struct unit *units = kinds[setting->type].units;
	bool is_bounded = setting->least != 0 || setting->most != 0;
	const char *end;
	int64_t value;
	bool is_good = units != NULL ? read_with_unit(text, units, &value)
				     : read_whole(text, &end, &value) && *end == '\0';

	if (!is_good && units != NULL && read_whole(text, &end, &value))
		return error_set(err, "\"%.100s\" has %s; expected a %s %s", text,
				 *end == '\0' ? "no unit" : "an unknown unit",
				 kinds[setting->type].noun,
				 kinds[setting->type].example);
	if (!is_good ||
	    (is_bounded && (value < setting->least || value > setting->most)))
		return refuse(setting, text, err);
	*into = value;
	return 0;
}

static int
store_bool(const struct setting *setting, const char *text, bool *into,
	   struct error *err)
{
	static const char *const words[2][5] = { { "false", "no", "off", "0", NULL },
						 { "true", "yes", "on", "1", NULL } };

	for (int value = 0; value < 2; value++)
		for (size_t i = 0; words[value][i] != NULL; i++)
			if (strcmp(words[value][i], text) == 0) {
				*into = value == 1;
				return 0;
			}
	return refuse(setting, text, err);
}

static int
store_choice(const struct setting *setting, const char *text, int *into,
	     struct error *err)
{
	for (int i = 0; setting->choices[i] != NULL; i++)
		if (strcmp(setting->choices[i], text) == 0) {
			*into = i;
			return 0;
		}
	return refuse(setting, text, err);
}

void
setting_add_word(const struct setting *setting, const char *word, void *into,
		 struct arena *arena)
{
	struct words *words = (struct words *)((char *)into + setting->offset);
	/* lists are short: a new array each time keeps the struct simple */
	const char **more = arena_take(arena, (words->count + 1) * sizeof(*more));

	for (size_t i = 0; i < words->count; i++)
		more[i] = words->word[i];
	more[words->count] = arena_text(arena, word, strlen(word));
	words->word = more;
	words->count++;
}

void
setting_add_words(const struct setting *setting, const char *text, void *into,
		  struct arena *arena)
{
	while (*text != '\0') {
		size_t length = strcspn(text, ",");
		if (length > 0)
			setting_add_word(setting, arena_text(arena, text, length), into,
					 arena);
		text += length + (text[length] == ',');
	}
}

int
setting_store(const struct setting *setting, const char *text, void *into,
	      struct arena *arena, struct error *err)
{
	void *member = (char *)into + setting->offset;

	switch (setting->type) {
	case SETTING_TEXT:
	case SETTING_PATH:
		*(const char **)member = arena_text(arena, text, strlen(text));
		return 0;
	case SETTING_NUMBER:
	case SETTING_DURATION:
	case SETTING_SIZE:
		return store_number(setting, text, member, err);
	case SETTING_BOOL:
		return store_bool(setting, text, member, err);
	case SETTING_CHOICE:
		return store_choice(setting, text, member, err);
	case SETTING_WORDS:
		*(struct words *)member = (struct words){ 0 };
		setting_add_words(setting, text, into, arena);
		return 0;
	}
	return error_set(err, "no such type");
}
