/* SPDX-License-Identifier: Apache-2.0 */
/*
 * random_record: records made from a seed, for tests of the writer and the reader.
 *
 * Every field, every type, null, empty texts and lists, quotes, control
 * characters and all lengths of UTF-8 come up; the same seed gives the same record.
 */
#ifndef TESTS_UNIT_RANDOM_RECORD_H
#define TESTS_UNIT_RANDOM_RECORD_H

#include "common/record_layout.h"

enum { RANDOM_TEXTS = 8000, RANDOM_CHARS = 400000, RANDOM_NUMBERS = 8000 };

struct random_record {
	struct record record;
	uint64_t state; /* never 0 */
	struct text texts[RANDOM_TEXTS];
	uint64_t numbers[RANDOM_NUMBERS];
	char chars[RANDOM_CHARS];
	size_t text_count, number_count, char_count;
};

static inline uint64_t
random_next(struct random_record *random)
{
	random->state ^= random->state << 13;
	random->state ^= random->state >> 7;
	random->state ^= random->state << 17;
	return random->state;
}

static inline size_t
random_below(struct random_record *random, size_t limit)
{
	return (size_t)(random_next(random) >> 20) % limit;
}

static inline struct text
random_text(struct random_record *random)
{
	static const char *const pieces[] = {
		"a",    "Z",    "example.jp", " ",        "\"",
		"\\",   "/",    "\n",         "\t",       "\x01",
		"\x1f", "\x7f", "é",          "病院",     "😀",
		"\r",   "\b",   "\f",         "CN=a,O=b", "0123456789abcdef"
	};
	char *start = random->chars + random->char_count;
	size_t used = 0;

	for (size_t i = random_below(random, 8); i > 0; i--) {
		const char *piece = pieces[random_below(
			random, sizeof(pieces) / sizeof(pieces[0]))];
		memcpy(start + used, piece, strlen(piece));
		used += strlen(piece);
	}
	random->char_count += used;
	return (struct text){ start, (uint32_t)used };
}

/* Small ones, large ones; above 2^63 Jansson could not follow. */
static inline uint64_t
random_number(struct random_record *random)
{
	return random_next(random) >> (1 + random_below(random, 63));
}

static inline struct address
random_address(struct random_record *random)
{
	uint8_t byte[16];

	for (size_t i = 0; i < sizeof(byte); i++)
		byte[i] = (uint8_t)random_next(random);
	return random_below(random, 2) ? address_from_ipv4(byte)
				       : address_from_ipv6(byte);
}

static inline union value
random_texts(struct random_record *random, size_t count)
{
	union value value = { .texts = { random->texts + random->text_count,
					 (uint32_t)count } };

	for (size_t i = 0; i < count; i++)
		random->texts[random->text_count + i] = random_text(random);
	random->text_count += count;
	return value;
}

static inline union value
random_value(struct random_record *random, enum field_type type)
{
	union value value = { .number = 0 };
	size_t count;

	switch (type) {
	case TYPE_EVENT:
		value.number = random_below(random, EVENT_COUNT);
		break;
	case TYPE_TIME: /* the years 1970 to 2255 */
		value.time.usec = (int64_t)(random_next(random) >> 11);
		break;
	case TYPE_ADDRESS:
		value.address = random_address(random);
		break;
	case TYPE_NUMBER:
		value.number = random_number(random);
		break;
	case TYPE_BOOL:
		value.flag = random_below(random, 2) == 1;
		break;
	case TYPE_TEXT:
		value.text = random_text(random);
		break;
	case TYPE_TEXTS:
		return random_texts(random, random_below(random, 5));
	case TYPE_REASONS:
		count = random_below(random, 4);
		value = random_texts(random, 2 * count);
		for (size_t i = 0; i < count; i++) /* names that differ */
			random->texts[random->text_count - 2 * count + 2 * i] =
				text_of(record_fields[i * 7].path);
		return value;
	case TYPE_NUMBERS:
		count = random_below(random, 5);
		value.numbers =
			(struct numbers){ random->numbers + random->number_count,
					  (uint32_t)count };
		for (size_t i = 0; i < count; i++)
			random->numbers[random->number_count++] = random_number(random);
		break;
	case TYPE_TEXT_COLUMN: /* random_array's */
	case TYPE_NUMBER_COLUMN:
		break;
	}
	return value;
}

/* Of 'rows' cells about a quarter is missing, never all. */
static inline union value
random_column(struct random_record *random, enum field_type type, size_t rows)
{
	size_t sure = random_below(random, rows);
	union value value;

	if (type == TYPE_TEXT_COLUMN) {
		value = random_texts(random, rows);
		for (size_t i = 0; i < rows; i++)
			if (i != sure && random_below(random, 4) == 0)
				random->texts[random->text_count - rows + i] =
					(struct text){ 0 };
		return value;
	}
	value.numbers = (struct numbers){ random->numbers + random->number_count,
					  (uint32_t)rows };
	for (size_t i = 0; i < rows; i++)
		random->numbers[random->number_count++] =
			i != sure && random_below(random, 4) == 0
				? COLUMN_NONE
				: random_number(random);
	return value;
}

/* All columns of the array that begins with 'first', in the one form reading gives. */
static inline void
random_array(struct random_record *random, enum field_id first, bool is_null)
{
	const struct record_layout *layout = record_layout();
	const struct layout_object *array =
		&layout->object[layout->field[first].object];
	size_t rows = 1 + random_below(random, 4);

	for (uint16_t i = 0; i < array->columns; i++) {
		enum field_id field = (enum field_id)(first + i);

		if (is_null || random_below(random, 8) == 0)
			record_set_null(&random->record, field);
		else
			*record_set_(&random->record, field) =
				random_column(random, record_fields[field].type, rows);
	}
}

/* Fills random->record; 'state' carries on from one record to the next. */
static inline void
random_record_make(struct random_record *random)
{
	size_t share = 1 + random_below(random, 8);

	random->text_count = random->number_count = random->char_count = 0;
	record_begin(&random->record, (enum event)random_below(random, EVENT_COUNT));
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		enum field_id field = (enum field_id)i;

		if (field == FIELD_EVENT_TYPE)
			continue;
		if (field != FIELD_TIMESTAMP && random_below(random, share) != 0)
			continue;
		if (field_is_column(field)) {
			const struct record_layout *layout = record_layout();
			if (layout->object[layout->field[i].object].first == i)
				random_array(random, field,
					     random_below(random, 10) == 0);
			continue;
		}
		if (field != FIELD_TIMESTAMP && random_below(random, 10) == 0)
			record_set_null(&random->record, field);
		else
			*record_set_(&random->record, field) =
				random_value(random, record_fields[i].type);
	}
}

#endif
