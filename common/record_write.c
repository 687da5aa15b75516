/* SPDX-License-Identifier: Apache-2.0 */
/* record_write: a record as one line of canonical JSON, with privacy applied. */
#include "common/record_write.h"

#include "common/pseudonym.h"
#include "common/record_layout.h"

enum {
	/* keys of the objects to open and of the field, and a value of fixed size */
	FIELD_ROOM = (LAYOUT_DEPTH_MAX + 1) * LAYOUT_KEY_ROOM + 64,
	NUMBER_ROOM = 20 + 1, /* digits of UINT64_MAX, and a comma */
	CLOSE_ROOM = LAYOUT_DEPTH_MAX + 2
};

static const char digit_pairs[] = "00010203040506070809101112131415161718192021222324"
				  "25262728293031323334353637383940414243444546474849"
				  "50515253545556575859606162636465666768697071727374"
				  "75767778798081828384858687888990919293949596979899";

static size_t
digits_of(uint64_t number)
{
	size_t digits = 1;

	for (; number >= 10000; number /= 10000)
		digits += 4;
	return digits + (number >= 10) + (number >= 100) + (number >= 1000);
}

/* Room for NUMBER_ROOM is the caller's to see to. */
static char *
put_number(char *at, uint64_t number)
{
	char *end = at + digits_of(number), *from = end;

	for (; number >= 100; number /= 100)
		memcpy(from -= 2, digit_pairs + 2 * (number % 100), 2);
	if (number >= 10)
		memcpy(from - 2, digit_pairs + 2 * number, 2);
	else
		from[-1] = (char)('0' + number);
	return end;
}

static char *
put_literal(char *at, const char *literal, size_t size)
{
	memcpy(at, literal, size);
	return at + size;
}

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
put_text(char *at, const char *end, struct text text)
{
	size_t size = text_to_json(text, at, (size_t)(end - at));

	return size ? at + size : NULL;
}

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
	}
	return NULL;
}

static char *
put_one_pseudonym(char *at, const struct pseudonym_key *key, struct text identifier)
{
	char pseudonym[PSEUDONYM_LENGTH + 1];

	pseudonym_of(key, identifier, pseudonym);
	*at++ = '"';
	at = put_literal(at, pseudonym, PSEUDONYM_LENGTH);
	*at++ = '"';
	return at;
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

static char *
put_key(char *at, const struct layout_key *key)
{
	memcpy(at, key->text,
	       sizeof(key->text)); /* of known size, so it is two moves */
	return at + key->size;
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
};

static bool
write_field(struct writing *writing, unsigned field)
{
	const struct layout_field *place = &writing->layout->field[field];
	const union value *value = &writing->record->value[field];
	char *at = writing->at;

	if (writing->end - at < FIELD_ROOM)
		return false;
	if (place->object != writing->object) {
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
		record, key, record_layout(), line, line + RECORD_SIZE_MAX, 0
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

static size_t
texts_size(const struct texts *texts)
{
	size_t size = 0;

	for (uint32_t i = 0; i < texts->count; i++)
		size += texts->at[i].size + 3; /* quotes and comma */
	return size;
}

/* About what a list or text takes on the line; 0 for all else. */
static size_t
long_size(const struct record *record, enum field_id field)
{
	const union value *value = &record->value[field];

	if (!record_has(record, field))
		return 0;
	switch (record_fields[field].type) {
	case TYPE_TEXTS:
	case TYPE_REASONS:
		return texts_size(&value->texts);
	case TYPE_NUMBERS:
		return value->numbers.count * (size_t)NUMBER_ROOM;
	case TYPE_TEXT:
		return value->text.size;
	default:
		return 0;
	}
}

static enum field_id
longest(const struct record *record)
{
	enum field_id found = FIELD_COUNT;
	size_t most = 0;

	for (int field = 0; field < FIELD_COUNT; field++) {
		size_t size = long_size(record, (enum field_id)field);

		if (size > most) {
			most = size;
			found = (enum field_id)field;
		}
	}
	return found;
}

/* A record that gets shorter, and says under unobservable what it lost. */
struct shortening {
	struct record record;
	struct text reasons[4 * FIELD_COUNT]; /* pairs */
	uint32_t count;
};

static void
shortening_init(struct shortening *shorter, const struct record *record)
{
	const struct texts *pairs = &record->value[FIELD_SEKISHO_UNOBSERVABLE].texts;

	shorter->record = *record;
	shorter->count = 0;
	record_set_flag(&shorter->record, FIELD_SEKISHO_TRUNCATED, true);
	if (!record_has(record, FIELD_SEKISHO_UNOBSERVABLE))
		return;
	for (uint32_t i = 0; i < pairs->count && i < 2 * FIELD_COUNT; i++)
		shorter->reasons[shorter->count++] = pairs->at[i];
}

static void
shortening_take(struct shortening *shorter, enum field_id field)
{
	if (field == FIELD_SEKISHO_UNOBSERVABLE)
		shorter->count = 0;
	else
		record_remove(&shorter->record, field);
	shorter->reasons[shorter->count++] = text_of(record_fields[field].path);
	shorter->reasons[shorter->count++] = text_of("truncated");
	record_set_texts(&shorter->record, FIELD_SEKISHO_UNOBSERVABLE, shorter->reasons,
			 shorter->count);
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
		enum field_id field = longest(&shorter.record);

		assert(field != FIELD_COUNT); /* what is left is far below the limit */
		shortening_take(&shorter, field);
	}
	return size;
}
