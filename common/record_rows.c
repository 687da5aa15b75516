/* SPDX-License-Identifier: Apache-2.0 */
/* record_rows: the columns of an array of objects, written row by row. */
#include "common/record_put.h"

struct rows_out {
	const struct record *record;
	const struct pseudonym_key *key;
	const struct record_layout *layout;
	const char *end;
};

static bool
is_cell(const union value *value, enum field_type type, uint32_t row)
{
	return type == TYPE_TEXT_COLUMN ? value->texts.at[row].at != NULL
					: value->numbers.at[row] != COLUMN_NONE;
}

/* Not one: null says so as well, and in one way. */
static bool
has_cell(const union value *value, enum field_type type)
{
	uint32_t count =
		type == TYPE_TEXT_COLUMN ? value->texts.count : value->numbers.count;

	for (uint32_t row = 0; row < count; row++)
		if (is_cell(value, type, row))
			return true;
	return false;
}

/* Bit i: column i is held, has a cell, and leaves. */
static uint64_t
columns_to_write(const struct rows_out *out, const struct layout_object *array)
{
	uint64_t columns = 0;

	for (uint16_t i = 0; i < array->columns; i++) {
		enum field_id field = (enum field_id)(array->first + i);
		enum field_privacy privacy = record_fields[field].privacy;

		if (record_has(out->record, field) &&
		    has_cell(&out->record->value[field], record_fields[field].type) &&
		    (privacy == PRIVACY_OPEN ||
		     (privacy == PRIVACY_PSEUDONYM && out->key != NULL)))
			columns |= UINT64_C(1) << i;
	}
	return columns;
}

static char *
put_cell(char *at, const struct rows_out *out, unsigned field, uint32_t row)
{
	const union value *value = &out->record->value[field];

	if (record_fields[field].type == TYPE_NUMBER_COLUMN)
		return put_number(at, value->numbers.at[row]);
	if (record_fields[field].privacy == PRIVACY_PSEUDONYM)
		return put_one_pseudonym(at, out->key, value->texts.at[row]);
	return put_text(at, out->end, value->texts.at[row]);
}

static char *
put_row(char *at, const struct rows_out *out, const struct layout_object *array,
	uint64_t columns, uint32_t row)
{
	bool is_empty = true;

	*at++ = '{';
	for (; columns != 0; columns &= columns - 1) {
		unsigned field = array->first + (unsigned)__builtin_ctzll(columns);

		if (!is_cell(&out->record->value[field], record_fields[field].type,
			     row))
			continue;
		if (out->end - at < FIELD_ROOM)
			return NULL;
		at = put_key(at, &out->layout->field[field].key);
		at = put_cell(at, out, field, row);
		if (at == NULL || out->end - at < CLOSE_ROOM)
			return NULL;
		*at++ = ',';
		is_empty = false;
	}
	at[-!is_empty] = '}';
	return at + is_empty;
}

static uint32_t
rows_of(const struct rows_out *out, unsigned field)
{
	const union value *value = &out->record->value[field];

	return record_fields[field].type == TYPE_TEXT_COLUMN ? value->texts.count
							     : value->numbers.count;
}

char *
record_put_rows(char *at, const char *end, const struct record *record,
		const struct pseudonym_key *key, const struct layout_object *array)
{
	const struct rows_out out = { record, key, record_layout(), end };
	uint64_t columns = columns_to_write(&out, array);

	if (columns == 0)
		return put_literal(at, "null", 4);
	uint32_t rows =
		rows_of(&out, array->first + (unsigned)__builtin_ctzll(columns));
	for (uint64_t left = columns; left != 0; left &= left - 1)
		assert(rows_of(&out, array->first + (unsigned)__builtin_ctzll(left)) ==
		       rows);
	*at++ = '[';
	for (uint32_t row = 0; row < rows; row++) {
		at = put_row(at, &out, array, columns, row);
		if (at == NULL || end - at < CLOSE_ROOM)
			return NULL;
		*at++ = ',';
	}
	at[-1] = ']';
	return at;
}
