/* SPDX-License-Identifier: Apache-2.0 */
/* record_write: a record as one line of canonical JSON, with privacy applied. */
#include "common/record_write.h"

#include "common/record_put.h"
#include "common/record_shorten.h"

static char *
put_event(char *at, uint64_t event)
{
	const char *name = record_event_name((enum event)event);

	*at++ = '"';
	at = put_literal(at, name, strlen(name));
	*at++ = '"';
	return at;
}

static char *
put_time(char *at, struct instant time)
{
	*at++ = '"';
	at += instant_to_text(time, at);
	*at++ = '"';
	return at;
}

static char *
put_address(char *at, const struct address *address)
{
	*at++ = '"';
	at += address_to_text(address, at);
	*at++ = '"';
	return at;
}

/* From here on, what has no limit of its own: NULL if there is no room. */

static char *
put_texts(char *at, const char *end, const struct texts *texts)
{
	*at++ = '[';
	for (uint32_t i = 0; i < texts->count; i++) {
		at = put_text(at, end, texts->at[i]);
		if (at == NULL || end - at < 2)
			return NULL;
		*at++ = ',';
	}
	at[-(texts->count > 0)] = ']';
	return at + (texts->count == 0);
}

static char *
put_numbers(char *at, const char *end, const struct numbers *numbers)
{
	*at++ = '[';
	for (uint32_t i = 0; i < numbers->count; i++) {
		if (end - at < NUMBER_ROOM)
			return NULL;
		at = put_number(at, numbers->at[i]);
		*at++ = ',';
	}
	if (end - at < 1)
		return NULL;
	at[-(numbers->count > 0)] = ']';
	return at + (numbers->count == 0);
}

static char *
put_reasons(char *at, const char *end, const struct texts *pairs)
{
	*at++ = '{';
	for (uint32_t i = 0; i < pairs->count; i++) {
		at = put_text(at, end, pairs->at[i]);
		if (at == NULL || end - at < 2)
			return NULL;
		*at++ = i % 2 == 0 ? ':' : ',';
	}
	at[-(pairs->count > 0)] = '}';
	return at + (pairs->count == 0);
}

static char *
put_value(char *at, const char *end, enum field_type type, const union value *value)
{
	switch (type) {
	case TYPE_EVENT:
		return put_event(at, value->number);
	case TYPE_TIME:
		return put_time(at, value->time);
	case TYPE_ADDRESS:
		return put_address(at, &value->address);
	case TYPE_NUMBER:
		return put_number(at, value->number);
	case TYPE_BOOL:
		return value->flag ? put_literal(at, "true", 4)
				   : put_literal(at, "false", 5);
	case TYPE_TEXT:
		return put_text(at, end, value->text);
	case TYPE_TEXTS:
		return put_texts(at, end, &value->texts);
	case TYPE_NUMBERS:
		return put_numbers(at, end, &value->numbers);
	case TYPE_REASONS:
		return put_reasons(at, end, &value->texts);
	case TYPE_TEXT_COLUMN: /* write_array's */
	case TYPE_NUMBER_COLUMN:
		break;
	}
	return NULL;
}

/* Only texts and lists of them name people; test_record.c sees to it that the table
 * has it so. */
static char *
put_pseudonym(char *at, const char *end, const struct pseudonym_key *key,
	      enum field_type type, const union value *value)
{
	if (type == TYPE_TEXT)
		return put_one_pseudonym(at, key, value->text);
	*at++ = '[';
	for (uint32_t i = 0; i < value->texts.count; i++) {
		if (end - at < FIELD_ROOM)
			return NULL;
		at = put_one_pseudonym(at, key, value->texts.at[i]);
		*at++ = ',';
	}
	at[-(value->texts.count > 0)] = ']';
	return at + (value->texts.count == 0);
}

/*
 * Ends the objects from 'from' up to the one that holds 'to' too, and begins
 * those down to 'to'.  Each value is followed by a comma, which the brace of
 * a closing object replaces.
 */
static char *
move_to(char *at, const struct record_layout *layout, uint8_t from, uint8_t to)
{
	const struct layout_object *object = layout->object;
	uint8_t down[LAYOUT_DEPTH_MAX];
	size_t count = 0;

	while (object[to].depth > object[from].depth) {
		down[count++] = to;
		to = object[to].parent;
	}
	while (from != to) {
		at[-1] = '}';
		*at++ = ',';
		from = object[from].parent;
		if (object[to].depth > object[from].depth) {
			down[count++] = to;
			to = object[to].parent;
		}
	}
	while (count > 0)
		at = put_key(at, &object[down[--count]].open);
	return at;
}

struct writing {
	const struct record *record;
	const struct pseudonym_key *key;
	const struct record_layout *layout;
	char *at;
	const char *end;
	uint8_t object; /* the one that is open */
	uint8_t array;  /* the one written last, or 0 */
};

/*
 * The array a column is of, with all its columns; the first of them brings it.
 * Out of line, so that records without arrays do not pay for it.
 */
static __attribute__((noinline)) bool
write_array(struct writing *writing, uint8_t object)
{
	const struct layout_object *array = &writing->layout->object[object];
	char *at = writing->at;

	if (writing->array == object)
		return true;
	if (array->parent != writing->object) {
		at = move_to(at, writing->layout, writing->object, array->parent);
		writing->object = array->parent;
	}
	at = record_put_rows(put_key(at, &array->open) - 1, writing->end,
			     writing->record, writing->key, array);
	if (at == NULL || writing->end - at < CLOSE_ROOM)
		return false;
	*at++ = ',';
	writing->at = at;
	writing->array = object;
	return true;
}

static bool
write_field(struct writing *writing, unsigned field)
{
	const struct layout_field *place = &writing->layout->field[field];
	const union value *value = &writing->record->value[field];
	char *at = writing->at;

	if (writing->end - at < FIELD_ROOM)
		return false;
	if (place->object != writing->object) {
		if (writing->layout->object[place->object].columns > 0)
			return write_array(writing, place->object);
		at = move_to(at, writing->layout, writing->object, place->object);
		writing->object = place->object;
	}
	at = put_key(at, &place->key);
	if (record_is_null(writing->record, (enum field_id)field))
		at = put_literal(at, "null", 4);
	else if (field == FIELD_SEKISHO_PSEUDONYM_KEY && writing->key != NULL)
		at = put_text(at, writing->end,
			      text_of(pseudonym_key_id(writing->key)));
	else if (record_fields[field].privacy == PRIVACY_PSEUDONYM)
		at = put_pseudonym(at, writing->end, writing->key,
				   record_fields[field].type, value);
	else
		at = put_value(at, writing->end, record_fields[field].type, value);
	if (at == NULL || writing->end - at < CLOSE_ROOM)
		return false;
	*at++ = ',';
	writing->at = at;
	return true;
}

/* Which of 64 fields leave: what is held, without what privacy keeps back. */
static uint64_t
fields_to_write(const struct writing *writing, size_t word)
{
	const struct record *record = writing->record;
	uint64_t held = (record->seen[word] | record->none[word]) &
			~writing->layout->dropped[word];

	return writing->key ? held : held & ~writing->layout->pseudonyms[word];
}

static bool
has_pseudonym(const struct writing *writing)
{
	uint64_t found = 0;

	for (size_t word = 0; word < RECORD_WORDS; word++)
		found |=
			writing->record->seen[word] & writing->layout->pseudonyms[word];
	return found != 0 && writing->key != NULL;
}

/* 0 if it is longer than a record may be. */
static size_t
write_all(const struct record *record, const struct pseudonym_key *key, char *line)
{
	struct writing writing = {
		record, key, record_layout(), line, line + RECORD_SIZE_MAX, 0, 0
	};
	bool names_key = has_pseudonym(&writing);

	*writing.at++ = '{';
	for (size_t word = 0; word < RECORD_WORDS; word++) {
		uint64_t fields = fields_to_write(&writing, word);

		if (word == FIELD_SEKISHO_PSEUDONYM_KEY / 64 && names_key)
			fields |= UINT64_C(1) << FIELD_SEKISHO_PSEUDONYM_KEY % 64;
		for (; fields != 0; fields &= fields - 1) {
			unsigned bit = (unsigned)__builtin_ctzll(fields);

			if (!write_field(&writing, (unsigned)word * 64 + bit))
				return 0;
		}
	}
	writing.at = move_to(writing.at, writing.layout, writing.object, 0);
	writing.at[-1] = '}';
	return (size_t)(writing.at - line);
}

size_t
record_write(const struct record *record, const struct pseudonym_key *key, char *line)
{
	size_t size = write_all(record, key, line);

	if (size > 0)
		return size;
	struct shortening shorter;
	shortening_init(&shorter, record);
	while ((size = write_all(&shorter.record, key, line)) == 0) {
		bool is_shorter = shortening_take(&shorter);

		assert(is_shorter); /* what is left is far below the limit */
		(void)is_shorter;
	}
	return size;
}
