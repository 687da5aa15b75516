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

#include "common/log.h"
#include "common/record_layout.h"
#include "common/record_value.h"

struct record_reader {
	const struct record_layout *layout;
	uint16_t next[LAYOUT_MEMBER_COUNT]; /* what came after a member last time */
	uint16_t first[LAYOUT_OBJECTS_MAX]; /* what an object began with last time */
	struct record_reader_counters counters;
	struct record_arena arena;
};

struct reading {
	struct json_scan scan;
	struct record_reader *reader;
	struct record *record;
	/* objects that have begun, a bit each */
	uint64_t opened[(LAYOUT_OBJECTS_MAX + 63) / 64];
	unsigned greatest; /* field so far */
	bool is_foreign;
};

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
	struct taken taken = reading->reader->arena.taken;

	if (record_has(record, field) || record_is_null(record, field))
		return fail(reading, "a member stands there twice");
	if (field < reading->greatest)
		reading->is_foreign = true;
	reading->greatest = field;
	if (json_peek(&reading->scan) == 'n' && json_word(&reading->scan, "null")) {
		record_set_null(record, field);
		return true;
	}
	switch (record_value_read(&reading->scan, &reading->reader->arena,
				  record_fields[field].type, &record->value[field])) {
	case OUTCOME_GOOD:
		record_set_(record, field);
		return true;
	case OUTCOME_BAD:
		reading->reader->counters.bad_members++;
		reading->scan.at = start;
		reading->reader->arena.taken = taken;
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
	struct record_arena *arena = &reading->reader->arena;
	struct json_string string;
	bool has_nul;

	if (!json_take_string(&reading->scan, &string))
		return false;
	if (string.is_escaped) {
		reading->is_foreign = true;
		string.raw = json_unescape(string.raw,
					   arena->unescaped + arena->taken.unescaped,
					   &has_nul);
	}
	*member = record_layout_find(reading->reader->layout, object, string.raw);
	return json_expect(&reading->scan, ':', "no colon after a name");
}

/* An array of objects under way: its columns, and the row that is filled. */
struct rows {
	const struct layout_object *array;
	union column *columns;
	uint32_t count;
	uint64_t row, filled; /* columns with a cell in this row, in any; a bit each */
	unsigned greatest;    /* column of this row so far */
};

static bool
begin_row(struct rows *rows)
{
	if (rows->count == COLUMN_ROWS_MAX)
		return false;
	for (uint16_t i = 0; i < rows->array->columns; i++)
		if (record_fields[rows->array->first + i].type == TYPE_TEXT_COLUMN)
			rows->columns[i].texts[rows->count] = (struct text){ 0 };
		else
			rows->columns[i].numbers[rows->count] = COLUMN_NONE;
	rows->row = rows->greatest = 0;
	return true;
}

static enum outcome
read_cell(struct reading *reading, struct rows *rows, enum field_id field)
{
	unsigned column = field - rows->array->first;
	uint64_t bit = UINT64_C(1) << column;
	union value value;

	if ((rows->row & bit) != 0)
		goto twice;
	rows->row |= bit;
	reading->is_foreign |= column < rows->greatest;
	rows->greatest = column;
	if (json_peek(&reading->scan) == 'n' && json_word(&reading->scan, "null")) {
		reading->is_foreign = true; /* ours leaves it out */
		return OUTCOME_GOOD;
	}
	enum field_type type = record_fields[field].type;
	enum outcome outcome = record_value_read(&reading->scan,
						 &reading->reader->arena, type, &value);
	if (outcome != OUTCOME_GOOD)
		return outcome;
	rows->filled |= bit;
	if (type == TYPE_TEXT_COLUMN)
		rows->columns[column].texts[rows->count] = value.text;
	else
		rows->columns[column].numbers[rows->count] = value.number;
	return type == TYPE_NUMBER_COLUMN && value.number == COLUMN_NONE ? OUTCOME_BAD
									 : OUTCOME_GOOD;
twice:
	fail(reading, "a member stands there twice");
	return OUTCOME_BROKEN;
}

static enum outcome
read_row(struct reading *reading, struct rows *rows, uint8_t object)
{
	struct record_reader *reader = reading->reader;
	uint16_t *guess = &reader->first[object];
	bool is_more;

	if (!json_take(&reading->scan, '{') || !begin_row(rows))
		return OUTCOME_BAD;
	for (is_more = !json_take(&reading->scan, '}'); is_more;) {
		unsigned member = *guess;
		enum outcome outcome = OUTCOME_BROKEN;

		if (!take_guess(reading, member) &&
		    !read_name(reading, object, &member))
			return OUTCOME_BROKEN;
		if (member != LAYOUT_MEMBER_NONE) {
			*guess = (uint16_t)member;
			guess = &reader->next[member];
			outcome = read_cell(reading, rows, (enum field_id)member);
		} else if (json_skip(&reading->scan)) {
			reader->counters.unknown_members++;
			outcome = OUTCOME_GOOD;
		}
		if (outcome != OUTCOME_GOOD)
			return outcome;
		if (!json_next(&reading->scan, '}', &is_more))
			return OUTCOME_BROKEN;
	}
	rows->count++;
	return OUTCOME_GOOD;
}

static enum outcome
read_rows(struct reading *reading, struct rows *rows, uint8_t object)
{
	bool is_more;

	if (json_peek(&reading->scan) == 'n' && json_word(&reading->scan, "null"))
		return OUTCOME_GOOD;
	if (!json_take(&reading->scan, '['))
		return OUTCOME_BAD;
	for (is_more = !json_take(&reading->scan, ']'); is_more;) {
		enum outcome outcome = read_row(reading, rows, object);

		if (outcome != OUTCOME_GOOD)
			return outcome;
		if (!json_next(&reading->scan, ']', &is_more))
			return OUTCOME_BROKEN;
	}
	reading->is_foreign |= rows->filled == 0; /* ours is null */
	return OUTCOME_GOOD;
}

/* A column without a cell in any row is null: looked, and not there. */
static void
set_columns(struct reading *reading, const struct rows *rows)
{
	for (uint16_t i = 0; i < rows->array->columns; i++) {
		enum field_id field = (enum field_id)(rows->array->first + i);
		union value *value = record_set_(reading->record, field);

		if ((rows->filled >> i & 1) == 0)
			record_set_null(reading->record, field);
		else if (record_fields[field].type == TYPE_TEXT_COLUMN)
			value->texts =
				(struct texts){ rows->columns[i].texts, rows->count };
		else
			value->numbers = (struct numbers){ rows->columns[i].numbers,
							   rows->count };
	}
}

/*
 * All of the array, or, where one object of it is not as it should be, nothing.
 * Out of line, so that records without arrays do not pay for it.
 */
static __attribute__((noinline)) bool
read_array(struct reading *reading, uint8_t object)
{
	struct record_reader *reader = reading->reader;
	const char *start = reading->scan.at;
	struct taken taken = reader->arena.taken;
	uint64_t bit = UINT64_C(1) << object % 64,
		 *opened = &reading->opened[object / 64];
	struct rows rows = { .array = &reader->layout->object[object],
			     .columns = reader->arena.columns + taken.columns };

	if ((*opened & bit) != 0)
		return fail(reading, "a member stands there twice");
	*opened |= bit;
	reading->is_foreign |= rows.array->first < reading->greatest;
	reading->greatest = rows.array->first + rows.array->columns - 1u;
	enum outcome outcome = read_rows(reading, &rows, object);
	if (outcome == OUTCOME_BROKEN)
		return false;
	if (outcome == OUTCOME_BAD) {
		reader->counters.bad_members++;
		reading->scan.at = start;
		reader->arena.taken = taken;
		return json_skip(&reading->scan);
	}
	reader->arena.taken.columns += rows.array->columns;
	set_columns(reading, &rows);
	return true;
}

static bool read_object(struct reading *reading, uint8_t object);

static bool
read_inner(struct reading *reading, uint8_t object)
{
	uint64_t bit = UINT64_C(1) << (object % 64);
	uint64_t *opened = &reading->opened[object / 64];

	if (reading->reader->layout->object[object].columns > 0)
		return read_array(reading, object);
	if (!json_take(&reading->scan, '{')) {
		reading->reader->counters.bad_members++;
		return json_skip(&reading->scan);
	}
	if ((*opened & bit) != 0)
		return fail(reading, "a member stands there twice");
	*opened |= bit;
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
		    !json_next(&reading->scan, '}', &is_more))
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

	reader->arena.taken = (struct taken){ 0 };
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
