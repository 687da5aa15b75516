/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text: where hostile bytes become valid UTF-8, once.
 *
 * A struct text borrows its bytes; the one who hands it out says until when.
 * Everything a record holds is text in this sense: valid UTF-8 without NUL.
 */
#ifndef COMMON_TEXT_H
#define COMMON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
	const char *at; /* borrowed; not NUL-terminated; may be NULL if size is 0 */
	uint32_t size;  /* bytes */
};

static inline struct text
text_of(const char *literal)
{
	return (struct text){ .at = literal, .size = (uint32_t)strlen(literal) };
}

static inline bool
text_is(struct text text, const char *literal)
{
	size_t size = strlen(literal);

	return text.size == size && (size == 0 || memcmp(text.at, literal, size) == 0);
}

static inline bool
text_equal(struct text a, struct text b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

/* True if 'data' is UTF-8 as RFC 3629 has it (no surrogates, shortest form) without NUL. */
bool text_is_valid(const void *data, size_t size);

/*
 * Writes 'data' as valid UTF-8 into 'out'.  What is no UTF-8, and NUL, becomes
 * \xNN in four ASCII characters.  Stops before a character that would not
 * fit; '*is_cut' (may be NULL) says whether it did.  Returns the text, which
 * borrows 'out'.
 */
struct text text_from_bytes(const void *data, size_t size, char *out, size_t room,
			    bool *is_cut);

/*
 * Writes 'text' between double quotes as a JSON string (RFC 8259 section 7):
 * quote, backslash and control characters escaped, the rest as it is.
 * Returns the bytes written, or 0 if 'room' is too small.
 */
size_t text_to_json(struct text text, char *out, size_t room);

#endif
