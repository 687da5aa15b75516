/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record_read: a line of JSON to a record.
 *
 * Driven by the field table: which member is next is guessed from what came
 * next last time, and one comparison of bytes proves it.  Only where that
 * fails is the name read as a string and looked up.
 */
#include "common/record_read.h"

#include <stdlib.h>

#include "common/json_scan.h"
#include "common/log.h"
#include "common/record_layout.h"
#include "common/record_write.h"

enum {
	DATE_LENGTH = 10,
	/*
	 * What a line can hold at most: a text of a list takes three bytes, a number
	 * two, an escape is never shorter than what it stands for.  So nothing below
	 * can overflow, and nothing asks.
	 */
	TEXTS_MAX = RECORD_SIZE_MAX / 3 + 1,
	NUMBERS_MAX = RECORD_SIZE_MAX / 2 + 1
};

struct record_reader {
	const struct record_layout *layout;
	uint16_t next[LAYOUT_MEMBER_COUNT]; /* what came after a member last time */
	uint16_t first[LAYOUT_OBJECTS_MAX]; /* what an object began with last time */
	char date[DATE_LENGTH];             /* the last one read, and when it began */
	struct instant midnight;
	struct record_reader_counters counters;
	struct text texts[TEXTS_MAX];
	uint64_t numbers[NUMBERS_MAX];
	char unescaped[RECORD_SIZE_MAX];
};

/* How much of the reader's arena the record in hand has taken. */
struct taken {
	uint32_t texts, numbers, unescaped;
};

struct reading {
	struct json_scan scan;
	struct record_reader *reader;
	struct record *record;
	struct taken taken;
	uint64_t opened;   /* objects that have begun, a bit each */
	unsigned greatest; /* field so far */
	bool is_foreign;
};

/* What became of a value whose text is JSON. */
enum outcome { OUTCOME_BROKEN, OUTCOME_BAD, OUTCOME_GOOD };

struct record_reader *
record_reader_new(void)
{
	struct record_reader *reader = calloc(1, sizeof(*reader));

	if (reader == NULL)
		log_fatal("record", "no memory for a reader");
	reader->layout = record_layout();
	for (size_t i = 0; i < LAYOUT_MEMBER_COUNT; i++)
		reader->next[i] = LAYOUT_MEMBER_NONE;
	for (size_t i = 0; i < LAYOUT_OBJECTS_MAX; i++)
		reader->first[i] = LAYOUT_MEMBER_NONE;
	return reader;
}

void
record_reader_free(struct record_reader *reader)
{
	free(reader);
}

struct record_reader_counters
record_reader_counters(const struct record_reader *reader)
{
	return reader->counters;
}

/* A string without escapes and NUL, in the line or the arena. */
static enum outcome
read_text(struct reading *reading, struct text *text)
{
	struct json_string string;
	bool has_nul;

	if (json_peek(&reading->scan) != '"')
		return OUTCOME_BAD;
	if (!json_string(&reading->scan, &string))
		return OUTCOME_BROKEN;
	*text = string.raw;
	if (!string.is_escaped)
		return OUTCOME_GOOD;
	*text = json_unescape(string.raw,
			      reading->reader->unescaped + reading->taken.unescaped,
			      &has_nul);
	reading->taken.unescaped += text->size;
	return has_nul ? OUTCOME_BAD : OUTCOME_GOOD;
}

static enum outcome
read_event(struct reading *reading, union value *value)
{
	struct text name;
	enum outcome outcome = read_text(reading, &name);

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
time_of_known_day(const struct record_reader *reader, struct text text,
		  struct instant *time)
{
	const char *at = text.at;

	if (text.size != INSTANT_TEXT_SIZE - 1 ||
	    memcmp(at, reader->date, DATE_LENGTH) != 0 || at[10] != 'T' ||
	    at[13] != ':' || at[16] != ':' || at[19] != '.' ||
	    memcmp(at + 26, "+0000", 5) != 0)
		return false;
	unsigned hour = two_digits(at + 11), minute = two_digits(at + 14),
		 second = two_digits(at + 17), high = two_digits(at + 20),
		 middle = two_digits(at + 22), low = two_digits(at + 24);
	if (hour > 23 || minute > 59 || second > 59 || high > 99 || middle > 99 ||
	    low > 99)
		return false;
	*time = instant_after(reader->midnight,
			      (hour * 3600 + minute * 60 + second) * INSTANT_SECOND +
				      high * 10000 + middle * 100 + low);
	return true;
}

static void
remember_day(struct record_reader *reader, struct text text, struct instant time)
{
	int64_t in_day = time.usec % INSTANT_DAY;

	if (text.size != INSTANT_TEXT_SIZE - 1 ||
	    memcmp(text.at + 26, "+0000", 5) != 0 ||
	    text.at[17] == '6') /* a leap second lies in the next day */
		return;
	memcpy(reader->date, text.at, DATE_LENGTH);
	reader->midnight =
		instant_after(time, -(in_day < 0 ? in_day + INSTANT_DAY : in_day));
}

static enum outcome
read_time(struct reading *reading, union value *value)
{
	struct text text;
	enum outcome outcome = read_text(reading, &text);

	if (outcome != OUTCOME_GOOD)
		return outcome;
	if (time_of_known_day(reading->reader, text, &value->time))
		return OUTCOME_GOOD;
	if (!instant_from_text(text.at, text.size, &value->time))
		return OUTCOME_BAD;
	remember_day(reading->reader, text, value->time);
	return OUTCOME_GOOD;
}

static enum outcome
read_address(struct reading *reading, union value *value)
{
	struct text text;
	enum outcome outcome = read_text(reading, &text);

	if (outcome == OUTCOME_GOOD && !address_from_text(text, &value->address))
		return OUTCOME_BAD;
	return outcome;
}

static enum outcome
read_number(struct reading *reading, uint64_t *whole)
{
	struct json_number number;
	char c = json_peek(&reading->scan);

	if (c != '-' && (c < '0' || c > '9'))
		return OUTCOME_BAD;
	if (!json_number(&reading->scan, &number))
		return OUTCOME_BROKEN;
	*whole = number.whole;
	return number.is_whole ? OUTCOME_GOOD : OUTCOME_BAD;
}

static enum outcome
read_bool(struct reading *reading, union value *value)
{
	value->flag = json_word(&reading->scan, "true");
	return value->flag || json_word(&reading->scan, "false") ? OUTCOME_GOOD
								 : OUTCOME_BAD;
}

/* Behind an item: '*is_more' after a comma; false if neither comma nor end is there. */
static bool
read_on(struct json_scan *scan, char close, bool *is_more)
{
	*is_more = json_take(scan, ',');
	return *is_more || json_expect(scan, close, "no comma or end after a value");
}

static enum outcome
read_texts(struct reading *reading, union value *value)
{
	struct text *texts = reading->reader->texts + reading->taken.texts;
	bool is_more;
	uint32_t count = 0;

	if (!json_take(&reading->scan, '['))
		return OUTCOME_BAD;
	for (is_more = !json_take(&reading->scan, ']'); is_more;) {
		enum outcome outcome = read_text(reading, &texts[count++]);

		if (outcome != OUTCOME_GOOD)
			return outcome;
		if (!read_on(&reading->scan, ']', &is_more))
			return OUTCOME_BROKEN;
	}
	reading->taken.texts += count;
	value->texts = (struct texts){ texts, count };
	return OUTCOME_GOOD;
}

static enum outcome
read_numbers(struct reading *reading, union value *value)
{
	uint64_t *numbers = reading->reader->numbers + reading->taken.numbers;
	bool is_more;
	uint32_t count = 0;

	if (!json_take(&reading->scan, '['))
		return OUTCOME_BAD;
	for (is_more = !json_take(&reading->scan, ']'); is_more;) {
		enum outcome outcome = read_number(reading, &numbers[count++]);

		if (outcome != OUTCOME_GOOD)
			return outcome;
		if (!read_on(&reading->scan, ']', &is_more))
			return OUTCOME_BROKEN;
	}
	reading->taken.numbers += count;
	value->numbers = (struct numbers){ numbers, count };
	return OUTCOME_GOOD;
}

static enum outcome
read_reasons(struct reading *reading, union value *value)
{
	struct text *texts = reading->reader->texts + reading->taken.texts;
	bool is_more;
	uint32_t count = 0;

	if (!json_take(&reading->scan, '{'))
		return OUTCOME_BAD;
	for (is_more = !json_take(&reading->scan, '}'); is_more;) {
		enum outcome outcome = read_text(reading, &texts[count++]);

		if (outcome != OUTCOME_GOOD)
			return outcome;
		if (!json_expect(&reading->scan, ':', "no colon after a name"))
			return OUTCOME_BROKEN;
		outcome = read_text(reading, &texts[count++]);
		if (outcome != OUTCOME_GOOD)
			return outcome;
		if (!read_on(&reading->scan, '}', &is_more))
			return OUTCOME_BROKEN;
	}
	reading->taken.texts += count;
	value->texts = (struct texts){ texts, count };
	return OUTCOME_GOOD;
}

static enum outcome
read_value(struct reading *reading, enum field_type type, union value *value)
{
	switch (type) {
	case TYPE_EVENT:
		return read_event(reading, value);
	case TYPE_TIME:
		return read_time(reading, value);
	case TYPE_ADDRESS:
		return read_address(reading, value);
	case TYPE_NUMBER:
		return read_number(reading, &value->number);
	case TYPE_BOOL:
		return read_bool(reading, value);
	case TYPE_TEXT:
		return read_text(reading, &value->text);
	case TYPE_TEXTS:
		return read_texts(reading, value);
	case TYPE_NUMBERS:
		return read_numbers(reading, value);
	case TYPE_REASONS:
		return read_reasons(reading, value);
	}
	return OUTCOME_BAD;
}

static bool
fail(struct reading *reading, const char *wrong)
{
	reading->scan.wrong = wrong;
	return false;
}

static bool
read_field(struct reading *reading, enum field_id field)
{
	struct record *record = reading->record;
	const char *start = reading->scan.at;
	struct taken taken = reading->taken;

	if (record_has(record, field) || record_is_null(record, field))
		return fail(reading, "a member stands there twice");
	if (field < reading->greatest)
		reading->is_foreign = true;
	reading->greatest = field;
	if (json_peek(&reading->scan) == 'n' && json_word(&reading->scan, "null")) {
		record_set_null(record, field);
		return true;
	}
	switch (read_value(reading, record_fields[field].type, &record->value[field])) {
	case OUTCOME_GOOD:
		record_set_(record, field);
		return true;
	case OUTCOME_BAD:
		reading->reader->counters.bad_members++;
		reading->scan.at = start;
		reading->taken = taken;
		return json_skip(&reading->scan);
	default:
		return false;
	}
}

/* True, and passed, if 'member' is what follows, spelt as our writer does. */
static bool
take_guess(struct reading *reading, unsigned member)
{
	const struct record_layout *layout = reading->reader->layout;
	struct json_scan *scan = &reading->scan;
	const struct layout_key *key;
	size_t size;

	if (member == LAYOUT_MEMBER_NONE)
		return false;
	if (member < FIELD_COUNT) {
		key = &layout->field[member].key;
		size = key->size;
	} else {
		key = &layout->object[member - FIELD_COUNT].open;
		size = key->size - 1u; /* without the brace */
	}
	if ((size_t)(scan->end - scan->at) < size ||
	    memcmp(scan->at, key->text, size) != 0)
		return false;
	scan->at += size;
	return true;
}

/* Passes the next name of 'object' and its colon, and says which member it is. */
static bool
read_name(struct reading *reading, uint8_t object, unsigned *member)
{
	struct json_string string;
	bool has_nul;

	if (!json_string(&reading->scan, &string))
		return false;
	if (string.is_escaped) {
		reading->is_foreign = true;
		string.raw = json_unescape(string.raw,
					   reading->reader->unescaped +
						   reading->taken.unescaped,
					   &has_nul);
	}
	*member = record_layout_find(reading->reader->layout, object, string.raw);
	return json_expect(&reading->scan, ':', "no colon after a name");
}

static bool read_object(struct reading *reading, uint8_t object);

static bool
read_inner(struct reading *reading, uint8_t object)
{
	uint64_t bit = UINT64_C(1) << object;

	if (!json_take(&reading->scan, '{')) {
		reading->reader->counters.bad_members++;
		return json_skip(&reading->scan);
	}
	if ((reading->opened & bit) != 0)
		return fail(reading, "a member stands there twice");
	reading->opened |= bit;
	return read_object(reading,
			   object); /* as deep as the field table goes, no deeper */
}

static bool
read_member(struct reading *reading, unsigned member)
{
	if (member == LAYOUT_MEMBER_NONE) {
		reading->reader->counters.unknown_members++;
		return json_skip(&reading->scan);
	}
	if (member < FIELD_COUNT)
		return read_field(reading, (enum field_id)member);
	return read_inner(reading, (uint8_t)(member - FIELD_COUNT));
}

/* The members of an object, from behind its brace to behind its end. */
static bool
read_object(struct reading *reading, uint8_t object)
{
	struct record_reader *reader = reading->reader;
	uint16_t *guess = &reader->first[object];
	bool is_more;

	for (is_more = !json_take(&reading->scan, '}'); is_more;) {
		unsigned member = *guess;

		if (!take_guess(reading, member) &&
		    !read_name(reading, object, &member))
			return false;
		if (member != LAYOUT_MEMBER_NONE) {
			*guess = (uint16_t)member;
			guess = &reader->next[member];
		}
		if (!read_member(reading, member) ||
		    !read_on(&reading->scan, '}', &is_more))
			return false;
	}
	return true;
}

static bool
read_line(struct reading *reading)
{
	if (!json_expect(&reading->scan, '{', "no JSON object") ||
	    !read_object(reading, 0))
		return false;
	const bool had_blanks = reading->scan.had_blanks;
	json_peek(&reading->scan);
	if (reading->scan.at != reading->scan.end)
		return fail(reading, "something follows the record");
	reading->scan.had_blanks = had_blanks; /* a line end is no deviation */
	if (!record_has(reading->record, FIELD_TIMESTAMP))
		return fail(reading, "no timestamp");
	if (!record_has(reading->record, FIELD_EVENT_TYPE))
		return fail(reading, "no event_type of ours");
	return true;
}

bool
record_read(struct record_reader *reader, const char *line, size_t size,
	    struct record *record, struct error *err)
{
	struct reading reading = { .scan = { .at = line, .end = line + size },
				   .reader = reader,
				   .record = record };

	memset(record->seen, 0, sizeof(record->seen));
	memset(record->none, 0, sizeof(record->none));
	if (size > RECORD_SIZE_MAX) {
		error_set(err, "a record of %zu bytes; at most %d are taken", size,
			  RECORD_SIZE_MAX);
		reader->counters.refused++;
		return false;
	}
	if (!read_line(&reading)) {
		error_set(err, "byte %zu: %s", (size_t)(reading.scan.at - line),
			  reading.scan.wrong);
		reader->counters.refused++;
		return false;
	}
	reader->counters.records++;
	reader->counters.foreign += reading.is_foreign || reading.scan.had_blanks;
	return true;
}
