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

static bool read_object(struct reading *reading, uint8_t object);

static bool
read_inner(struct reading *reading, uint8_t object)
{
	uint64_t bit = UINT64_C(1) << (object % 64);
	uint64_t *opened = &reading->opened[object / 64];

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

	reader->arena.taken = (struct taken){ 0, 0, 0 };
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
