/* SPDX-License-Identifier: Apache-2.0 */
/* record_value: a JSON value as the field table wants it. */
#include "common/record_value.h"

/* A string without escapes and NUL, in the line or the arena. */
static enum outcome
read_text(struct json_scan *scan, struct record_arena *arena, struct text *text)
{
	struct json_string string;
	bool has_nul;

	if (json_peek(scan) != '"')
		return OUTCOME_BAD;
	if (!json_take_string(scan, &string))
		return OUTCOME_BROKEN;
	*text = string.raw;
	if (!string.is_escaped)
		return OUTCOME_GOOD;
	*text = json_unescape(string.raw, arena->unescaped + arena->taken.unescaped,
			      &has_nul);
	arena->taken.unescaped += text->size;
	return has_nul ? OUTCOME_BAD : OUTCOME_GOOD;
}

static enum outcome
read_event(struct json_scan *scan, struct record_arena *arena, union value *value)
{
	struct text name;
	enum outcome outcome = read_text(scan, arena, &name);

	if (outcome != OUTCOME_GOOD)
		return outcome;
	value->number = record_event_find(name);
	return value->number == EVENT_COUNT ? OUTCOME_BAD : OUTCOME_GOOD;
}

/* Two digits; above 99 if they are none. */
static unsigned
two_digits(const char *at)
{
	unsigned high = (unsigned)(uint8_t)at[0] - '0',
		 low = (unsigned)(uint8_t)at[1] - '0';

	return high > 9 || low > 9 ? 100 : high * 10 + low;
}

/*
 * The canonical form of a day that was just read: only the time of day is
 * worked out.  Whatever is unusual is left to instant_from_text.
 */
static bool
time_of_known_day(const struct record_arena *arena, struct text text,
		  struct instant *time)
{
	const char *at = text.at;

	if (text.size != INSTANT_TEXT_SIZE - 1 ||
	    memcmp(at, arena->date, DATE_LENGTH) != 0 || at[10] != 'T' ||
	    at[13] != ':' || at[16] != ':' || at[19] != '.' ||
	    memcmp(at + 26, "+0000", 5) != 0)
		return false;
	unsigned hour = two_digits(at + 11), minute = two_digits(at + 14),
		 second = two_digits(at + 17), high = two_digits(at + 20),
		 middle = two_digits(at + 22), low = two_digits(at + 24);
	if (hour > 23 || minute > 59 || second > 59 || high > 99 || middle > 99 ||
	    low > 99)
		return false;
	*time = instant_after(arena->midnight,
			      (hour * 3600 + minute * 60 + second) * INSTANT_SECOND +
				      high * 10000 + middle * 100 + low);
	return true;
}

static void
remember_day(struct record_arena *arena, struct text text, struct instant time)
{
	int64_t in_day = time.usec % INSTANT_DAY;

	if (text.size != INSTANT_TEXT_SIZE - 1 ||
	    memcmp(text.at + 26, "+0000", 5) != 0 ||
	    text.at[17] == '6') /* a leap second lies in the next day */
		return;
	memcpy(arena->date, text.at, DATE_LENGTH);
	arena->midnight =
		instant_after(time, -(in_day < 0 ? in_day + INSTANT_DAY : in_day));
}

static enum outcome
read_time(struct json_scan *scan, struct record_arena *arena, union value *value)
{
	struct text text;
	enum outcome outcome = read_text(scan, arena, &text);

	if (outcome != OUTCOME_GOOD)
		return outcome;
	if (time_of_known_day(arena, text, &value->time))
		return OUTCOME_GOOD;
	if (!instant_from_text(text.at, text.size, &value->time))
		return OUTCOME_BAD;
	remember_day(arena, text, value->time);
	return OUTCOME_GOOD;
}

static enum outcome
read_address(struct json_scan *scan, struct record_arena *arena, union value *value)
{
	struct text text;
	enum outcome outcome = read_text(scan, arena, &text);

	if (outcome == OUTCOME_GOOD && !address_from_text(text, &value->address))
		return OUTCOME_BAD;
	return outcome;
}

static enum outcome
read_number(struct json_scan *scan, uint64_t *whole)
{
	struct json_number number;
	char c = json_peek(scan);

	if (c != '-' && (c < '0' || c > '9'))
		return OUTCOME_BAD;
	if (!json_number(scan, &number))
		return OUTCOME_BROKEN;
	*whole = number.whole;
	return number.is_whole ? OUTCOME_GOOD : OUTCOME_BAD;
}

static enum outcome
read_bool(struct json_scan *scan, union value *value)
{
	value->flag = json_word(scan, "true");
	return value->flag || json_word(scan, "false") ? OUTCOME_GOOD : OUTCOME_BAD;
}

static enum outcome
read_texts(struct json_scan *scan, struct record_arena *arena, union value *value)
{
	struct text *texts = arena->texts + arena->taken.texts;
	bool is_more;
	uint32_t count = 0;

	if (!json_take(scan, '['))
		return OUTCOME_BAD;
	for (is_more = !json_take(scan, ']'); is_more;) {
		enum outcome outcome = read_text(scan, arena, &texts[count++]);

		if (outcome != OUTCOME_GOOD)
			return outcome;
		if (!json_next(scan, ']', &is_more))
			return OUTCOME_BROKEN;
	}
	arena->taken.texts += count;
	value->texts = (struct texts){ texts, count };
	return OUTCOME_GOOD;
}

static enum outcome
read_numbers(struct json_scan *scan, struct record_arena *arena, union value *value)
{
	uint64_t *numbers = arena->numbers + arena->taken.numbers;
	bool is_more;
	uint32_t count = 0;

	if (!json_take(scan, '['))
		return OUTCOME_BAD;
	for (is_more = !json_take(scan, ']'); is_more;) {
		enum outcome outcome = read_number(scan, &numbers[count++]);

		if (outcome != OUTCOME_GOOD)
			return outcome;
		if (!json_next(scan, ']', &is_more))
			return OUTCOME_BROKEN;
	}
	arena->taken.numbers += count;
	value->numbers = (struct numbers){ numbers, count };
	return OUTCOME_GOOD;
}

static enum outcome
read_reasons(struct json_scan *scan, struct record_arena *arena, union value *value)
{
	struct text *texts = arena->texts + arena->taken.texts;
	bool is_more;
	uint32_t count = 0;

	if (!json_take(scan, '{'))
		return OUTCOME_BAD;
	for (is_more = !json_take(scan, '}'); is_more;) {
		enum outcome outcome = read_text(scan, arena, &texts[count++]);

		if (outcome != OUTCOME_GOOD)
			return outcome;
		if (!json_expect(scan, ':', "no colon after a name"))
			return OUTCOME_BROKEN;
		outcome = read_text(scan, arena, &texts[count++]);
		if (outcome != OUTCOME_GOOD)
			return outcome;
		if (!json_next(scan, '}', &is_more))
			return OUTCOME_BROKEN;
	}
	arena->taken.texts += count;
	value->texts = (struct texts){ texts, count };
	return OUTCOME_GOOD;
}

enum outcome
record_value_read(struct json_scan *scan, struct record_arena *arena,
		  enum field_type type, union value *value)
{
	switch (type) {
	case TYPE_EVENT:
		return read_event(scan, arena, value);
	case TYPE_TIME:
		return read_time(scan, arena, value);
	case TYPE_ADDRESS:
		return read_address(scan, arena, value);
	case TYPE_NUMBER_COLUMN: /* a cell of it */
	case TYPE_NUMBER:
		return read_number(scan, &value->number);
	case TYPE_BOOL:
		return read_bool(scan, value);
	case TYPE_TEXT_COLUMN: /* a cell of it */
	case TYPE_TEXT:
		return read_text(scan, arena, &value->text);
	case TYPE_TEXTS:
		return read_texts(scan, arena, value);
	case TYPE_NUMBERS:
		return read_numbers(scan, arena, value);
	case TYPE_REASONS:
		return read_reasons(scan, arena, value);
	}
	return OUTCOME_BAD;
}
