/* SPDX-License-Identifier: Apache-2.0 */
/* json_oracle: a record compared, field by field, with what Jansson reads of its line.
 */
#ifndef TESTS_UNIT_JSON_ORACLE_H
#define TESTS_UNIT_JSON_ORACLE_H

#include <jansson.h>
#include <stdio.h>

#include "common/record.h"
#include "tests/unit/test.h"

/* The value at a dotted path, or NULL. */
static inline const json_t *
json_at(const json_t *root, const char *path)
{
	const char *dot;

	for (; (dot = strchr(path, '.')) != NULL && root != NULL; path = dot + 1) {
		char name[64];

		snprintf(name, sizeof(name), "%.*s", (int)(dot - path), path);
		root = json_object_get(root, name);
	}
	return json_object_get(root, path);
}

static inline bool
same_text(const json_t *json, struct text text)
{
	return json_is_string(json) && json_string_length(json) == text.size &&
	       memcmp(json_string_value(json), text.at, text.size) == 0;
}

static inline bool
same_number(const json_t *json, uint64_t number)
{
	return json_is_integer(json) && (uint64_t)json_integer_value(json) == number;
}

static inline bool
same_time(const json_t *json, struct instant time)
{
	struct instant at;

	return json_is_string(json) &&
	       instant_from_text(json_string_value(json), json_string_length(json),
				 &at) &&
	       at.usec == time.usec;
}

static inline bool
same_address(const json_t *json, const struct address *address)
{
	struct address at;

	return json_is_string(json) &&
	       address_from_text(text_of(json_string_value(json)), &at) &&
	       address_compare(&at, address) == 0;
}

static inline bool
same_texts(const json_t *json, const struct texts *texts)
{
	if (!json_is_array(json) || json_array_size(json) != texts->count)
		return false;
	for (uint32_t i = 0; i < texts->count; i++)
		if (!same_text(json_array_get(json, i), texts->at[i]))
			return false;
	return true;
}

static inline bool
same_numbers(const json_t *json, const struct numbers *numbers)
{
	if (!json_is_array(json) || json_array_size(json) != numbers->count)
		return false;
	for (uint32_t i = 0; i < numbers->count; i++)
		if (!same_number(json_array_get(json, i), numbers->at[i]))
			return false;
	return true;
}

static inline bool
same_reasons(const json_t *json, const struct texts *pairs)
{
	if (!json_is_object(json) || json_object_size(json) * 2 != pairs->count)
		return false;
	for (uint32_t i = 0; i + 1 < pairs->count; i += 2) {
		const json_t *found =
			json_object_getn(json, pairs->at[i].at, pairs->at[i].size);

		if (!same_text(found, pairs->at[i + 1]))
			return false;
	}
	return true;
}

/* The array that 'path' is a column of, or NULL; '*name' is the column's. */
static inline const json_t *
json_array_at(const json_t *root, const char *path, const char **name)
{
	char above[128];
	const char *dot = strrchr(path, '.');

	*name = dot + 1;
	snprintf(above, sizeof(above), "%.*s", (int)(dot - path), path);
	return json_at(root, above);
}

/* No object of the array has the column; null says so of all. */
static inline bool
is_column_null(const json_t *root, const char *path)
{
	const char *name;
	const json_t *array = json_array_at(root, path, &name);

	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *cell = json_object_get(json_array_get(array, i), name);
		if (cell != NULL && !json_is_null(cell))
			return false;
	}
	return json_is_null(array) || json_is_array(array);
}

static inline bool
same_cell(const json_t *cell, enum field_type type, const union value *value,
	  uint32_t row)
{
	bool is_text = type == TYPE_TEXT_COLUMN;

	if (is_text ? value->texts.at[row].at == NULL
		    : value->numbers.at[row] == COLUMN_NONE)
		return cell == NULL || json_is_null(cell);
	return is_text ? same_text(cell, value->texts.at[row])
		       : same_number(cell, value->numbers.at[row]);
}

static inline bool
same_column(const json_t *root, const struct field *row, const union value *value)
{
	const char *name;
	const json_t *array = json_array_at(root, row->path, &name);
	uint32_t count = row->type == TYPE_TEXT_COLUMN ? value->texts.count
						       : value->numbers.count;

	if (!json_is_array(array) || json_array_size(array) != count)
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (!same_cell(json_object_get(json_array_get(array, i), name),
			       row->type, value, i))
			return false;
	return true;
}

static inline bool
same_value(const json_t *json, enum field_type type, const union value *value)
{
	switch (type) {
	case TYPE_EVENT:
		return same_text(json,
				 text_of(record_event_name((enum event)value->number)));
	case TYPE_TIME:
		return same_time(json, value->time);
	case TYPE_ADDRESS:
		return same_address(json, &value->address);
	case TYPE_NUMBER:
		return same_number(json, value->number);
	case TYPE_BOOL:
		return json_is_boolean(json) && json_boolean_value(json) == value->flag;
	case TYPE_TEXT:
		return same_text(json, value->text);
	case TYPE_TEXTS:
		return same_texts(json, &value->texts);
	case TYPE_NUMBERS:
		return same_numbers(json, &value->numbers);
	case TYPE_REASONS:
		return same_reasons(json, &value->texts);
	case TYPE_TEXT_COLUMN: /* same_column's */
	case TYPE_NUMBER_COLUMN:
		break;
	}
	return false;
}

/* True if Jansson's value is one our reader has to take for a field of this type. */
static inline bool
is_of_type(const json_t *json, enum field_type type)
{
	switch (type) {
	case TYPE_NUMBER:
		return json_is_integer(json) && json_integer_value(json) >= 0;
	case TYPE_BOOL:
		return json_is_boolean(json);
	case TYPE_TEXT:
		return json_is_string(json);
	default:
		return json_is_null(json);
	}
}

/* A column that was not read: its array is not there, or is not as it should be. */
static inline void
assert_same_column(const struct record *ours, const json_t *theirs, enum field_id field)
{
	const struct field *row = &record_fields[field];
	const char *name;
	bool is_same = true;

	if (record_has(ours, field))
		is_same = same_column(theirs, row, &ours->value[field]);
	else if (record_is_null(ours, field))
		is_same = is_column_null(theirs, row->path);
	else
		is_same = !json_is_null(json_array_at(theirs, row->path, &name));
	if (!is_same)
		fail_msg("%s differs", row->path);
}

/* Field by field: what the record holds is what Jansson holds, and the other way. */
static inline void
assert_same(const struct record *ours, const json_t *theirs, bool leaves_closed_out)
{
	for (int i = 0; i < FIELD_COUNT; i++) {
		enum field_id field = (enum field_id)i;
		const struct field *row = &record_fields[i];
		const json_t *json = json_at(theirs, row->path);

		if (leaves_closed_out && row->privacy != PRIVACY_OPEN)
			assert_null(json);
		else if (field_is_column(field))
			assert_same_column(ours, theirs, field);
		else if (record_is_null(ours, field))
			assert_true(json_is_null(json));
		else if (record_has(ours, field)) {
			if (!same_value(json, row->type, &ours->value[i]))
				fail_msg("%s differs", row->path);
		} else if (json != NULL && is_of_type(json, row->type)) {
			fail_msg("%s was not read", row->path);
		}
	}
}

#endif
