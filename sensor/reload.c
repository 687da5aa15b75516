/* SPDX-License-Identifier: Apache-2.0 */
/* reload: the settings are read again; what can change without a restart does. */
#include "sensor/reload.h"

#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "sensor/capture.h"

static bool
can_change(const struct setting *row)
{
	/* whose values borrow nothing, but the filter */
	return strcmp(row->group, "Limits") == 0 || strcmp(row->group, "Times") == 0 ||
	       strcmp(row->name, "filter") == 0;
}

static bool
is_same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
are_same_words(const struct words *a, const struct words *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->word[i], b->word[i]) != 0)
			return false;
	return true;
}

static bool
is_same(const struct setting *row, const void *a, const void *b)
{
	switch (row->type) {
	case SETTING_TEXT:
	case SETTING_PATH:
		return is_same_text(*(const char *const *)a, *(const char *const *)b);
	case SETTING_WORDS:
		return are_same_words(a, b);
	case SETTING_BOOL:
		return *(const bool *)a == *(const bool *)b;
	case SETTING_CHOICE:
		return *(const int *)a == *(const int *)b;
	default:
		return *(const int64_t *)a == *(const int64_t *)b;
	}
}

/* A name that nobody gave is the host's, which the program has filled in. */
static bool
is_filled_in(const struct setting *row, const void *read)
{
	return strcmp(row->name, "sensor") == 0 && *(const char *const *)read == NULL;
}

static void
take(const struct setting *row, void *into, const void *from)
{
	static const size_t sizes[] = {
		[SETTING_TEXT] = sizeof(char *),
		[SETTING_PATH] = sizeof(char *),
		[SETTING_NUMBER] = sizeof(int64_t),
		[SETTING_DURATION] = sizeof(int64_t),
		[SETTING_SIZE] = sizeof(int64_t),
		[SETTING_BOOL] = sizeof(bool),
		[SETTING_CHOICE] = sizeof(int),
		[SETTING_WORDS] = sizeof(struct words),
	};

	memcpy(into, from, sizes[row->type]);
}

/* True if a row of them changed; the others that differ are named. */
static bool
take_over(const struct reload *reload, const struct config *read)
{
	bool is_changed = false;
	char refused[256] = "";

	for (const struct setting *row = reload->program->table; row->name; row++) {
		void *mine = (char *)reload->config + row->offset;
		const void *new = (const char *)read + row->offset;
		size_t used = strlen(refused);

		if (is_same(row, mine, new) || is_filled_in(row, new))
			continue;
		if (can_change(row)) {
			take(row, mine, new);
			is_changed = true;
		} else {
			snprintf(refused + used, sizeof(refused) - used, " --%s",
				 row->name);
		}
	}
	if (refused[0] != '\0')
		log_warn("sensor", "these change only by a new start:%s", refused);
	return is_changed;
}

/* The text of the filter lives in the settings it was read from. */
bool
reload_settings(struct reload *reload)
{
	struct config read = { 0 };
	struct settings settings;
	struct error err;
	bool is_good =
		settings_parse(reload->program, reload->argc, reload->argv, &read,
			       &settings, stdout, &err) == SETTINGS_GO &&
		(read.filter == NULL || capture_check_filter(read.filter, &err) == 0);

	if (!is_good) {
		log_error("sensor", "%s; the settings stay as they were", err.text);
		settings_release(&settings);
		return false;
	}
	if (is_same_text(reload->config->filter, read.filter))
		read.filter = reload->config->filter;
	bool has_filter = read.filter != reload->config->filter;
	bool is_changed = take_over(reload, &read);
	if (has_filter) {
		settings_release(&reload->settings);
		reload->settings = settings;
	} else {
		settings_release(&settings);
	}
	log_info("sensor", "settings read again: %s",
		 is_changed ? "workers start anew with them"
			    : "nothing that can change did");
	return is_changed;
}
