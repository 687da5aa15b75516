/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record_value: a JSON value as the field table wants it; the reader's inner half.
 *
 * What a value borrows is the line, or the arena until it is cleared.
 */
#ifndef COMMON_RECORD_VALUE_H
#define COMMON_RECORD_VALUE_H

#include "common/json_scan.h"
#include "common/record.h"
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

/* How much of the arena the record in hand has taken. */
struct taken {
	uint32_t texts, numbers, unescaped, columns;
};

enum {
#define FIELD(id, path, type, privacy, order, hidden_as, producers, meaning) \
	+(TYPE_##type == TYPE_TEXT_COLUMN || TYPE_##type == TYPE_NUMBER_COLUMN)
	/* of the field table, and one more so that there is never none */
	COLUMNS = 1
#include "common/fields.def"
#undef FIELD
};

/* Rows of the arrays of objects, each column in one piece. */
union column {
	struct text texts[COLUMN_ROWS_MAX];
	uint64_t numbers[COLUMN_ROWS_MAX];
};

struct record_arena {
	struct taken taken;
	char date[DATE_LENGTH]; /* the last one read, and when it began */
	struct instant midnight;
	struct text texts[TEXTS_MAX];
	uint64_t numbers[NUMBERS_MAX];
	union column columns[COLUMNS];
	char unescaped[RECORD_SIZE_MAX];
};

/* What became of a value: no JSON; JSON, but not of the type; read. */
enum outcome { OUTCOME_BROKEN, OUTCOME_BAD, OUTCOME_GOOD };

/* Where it is not OUTCOME_GOOD, the cursor and what was taken are the caller's to set
 * back. */
enum outcome record_value_read(struct json_scan *scan, struct record_arena *arena,
			       enum field_type type, union value *value);

#endif
