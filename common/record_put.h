/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record_put: the smallest parts of a record's line, for the files that write it.
 *
 * Each writes at 'at' and returns what is behind it; room for numbers, literals
 * and keys is the caller's to see to.
 */
#ifndef COMMON_RECORD_PUT_H
#define COMMON_RECORD_PUT_H

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

static inline size_t
digits_of(uint64_t number)
{
	size_t digits = 1;

	for (; number >= 10000; number /= 10000)
		digits += 4;
	return digits + (number >= 10) + (number >= 100) + (number >= 1000);
}

/* Room for NUMBER_ROOM is the caller's to see to. */
static inline char *
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

static inline char *
put_literal(char *at, const char *literal, size_t size)
{
	memcpy(at, literal, size);
	return at + size;
}

static inline char *
put_key(char *at, const struct layout_key *key)
{
	memcpy(at, key->text,
	       sizeof(key->text)); /* of known size, so it is two moves */
	return at + key->size;
}

/* NULL if there is no room. */
static inline char *
put_text(char *at, const char *end, struct text text)
{
	size_t size = text_to_json(text, at, (size_t)(end - at));

	return size ? at + size : NULL;
}

static inline char *
put_one_pseudonym(char *at, const struct pseudonym_key *key, struct text identifier)
{
	char pseudonym[PSEUDONYM_LENGTH + 1];

	pseudonym_of(key, identifier, pseudonym);
	*at++ = '"';
	at = put_literal(at, pseudonym, PSEUDONYM_LENGTH);
	*at++ = '"';
	return at;
}

/*
 * An array of objects from its bracket on: "[{...},{...}]", or "null" if no object of
 * it has a member that leaves.  NULL if there is no room.
 */
char *record_put_rows(char *at, const char *end, const struct record *record,
		      const struct pseudonym_key *key,
		      const struct layout_object *array);

#endif
