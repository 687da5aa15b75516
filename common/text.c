/* SPDX-License-Identifier: Apache-2.0 */
/* text: where hostile bytes become valid UTF-8, once. */
#include "common/text.h"

#include <endian.h>

static const char hex_digit[] = "0123456789abcdef";

/*
 * What may follow a lead byte (RFC 3629 section 4): the length of the
 * sequence and the range of its second byte, which is where overlong forms,
 * surrogates and what lies above U+10FFFF are kept out.
 */
struct lead {
	uint8_t first, last;
	uint8_t length;
	uint8_t least, most;
};

static const struct lead leads[] = {
	{ 0x01, 0x7f, 1, 0, 0 },       { 0xc2, 0xdf, 2, 0x80, 0xbf },
	{ 0xe0, 0xe0, 3, 0xa0, 0xbf }, { 0xe1, 0xec, 3, 0x80, 0xbf },
	{ 0xed, 0xed, 3, 0x80, 0x9f }, { 0xee, 0xef, 3, 0x80, 0xbf },
	{ 0xf0, 0xf0, 4, 0x90, 0xbf }, { 0xf1, 0xf3, 4, 0x80, 0xbf },
	{ 0xf4, 0xf4, 4, 0x80, 0x8f },
};

static bool
is_rest(const struct lead *lead, const uint8_t *at)
{
	for (size_t i = 2; i < lead->length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return false;
	return at[1] >= lead->least && at[1] <= lead->most;
}

/* Bytes of the character at 'at', or 0 if there is none of 'left' bytes. */
static size_t
character_size(const uint8_t *at, size_t left)
{
	for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++) {
		const struct lead *lead = &leads[i];

		if (*at < lead->first || *at > lead->last)
			continue;
		if (lead->length == 1)
			return 1;
		return lead->length <= left && is_rest(lead, at) ? lead->length : 0;
	}
	return 0;
}

/* True if the next eight bytes are ASCII without NUL; nearly all text is. */
static bool
is_plain8(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	/* subtracting 1 from each byte borrows into bit 7 only where a byte was 0 */
	return ((word | (word - UINT64_C(0x0101010101010101))) &
		UINT64_C(0x8080808080808080)) == 0;
}

bool
text_is_valid(const void *data, size_t size)
{
	const uint8_t *at = size ? data : (const void *)"", *end = at + size;

	while (at < end) {
		if (end - at >= 8 && is_plain8(at)) {
			at += 8;
			continue;
		}
		size_t character = character_size(at, (size_t)(end - at));
		if (character == 0)
			return false;
		at += character;
	}
	return true;
}

struct text
text_from_bytes(const void *data, size_t size, char *out, size_t room, bool *is_cut)
{
	const uint8_t *at = size ? data : (const void *)"", *end = at + size;
	size_t used = 0;

	while (at < end) {
		size_t character = character_size(at, (size_t)(end - at));
		size_t needed = character ? character : 4;

		if (needed > room - used)
			break;
		if (character > 0) {
			memcpy(out + used, at, character);
		} else {
			out[used] = '\\';
			out[used + 1] = 'x';
			out[used + 2] = hex_digit[*at >> 4];
			out[used + 3] = hex_digit[*at & 15];
		}
		used += needed;
		at += character ? character : 1;
	}
	if (is_cut != NULL)
		*is_cut = at < end;
	return (struct text){ out, (uint32_t)used };
}

/* The letter after the backslash; 'u' if it is written \u00NN; 0 if as it is. */
static char
escape_of(uint8_t c)
{
	switch (c) {
	case '"':
	case '\\':
		return (char)c;
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	default:
		return c < 0x20 ? 'u' : '\0';
	}
}

static char *
put_escape(char *at, char *end, uint8_t c)
{
	char letter = escape_of(c);
	size_t needed = letter == 'u' ? 6 : 2;

	if ((size_t)(end - at) < needed)
		return NULL;
	*at++ = '\\';
	*at++ = letter;
	if (letter == 'u') {
		*at++ = '0';
		*at++ = '0';
		*at++ = hex_digit[c >> 4];
		*at++ = hex_digit[c & 15];
	}
	return at;
}

/*
 * How many of the next eight bytes, from the first on, are no quote, backslash
 * or control character.
 */
static size_t
unescaped_of8(uint64_t word)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
	uint64_t quote = word ^ ones * '"', backslash = word ^ ones * '\\';
	/* in (x - n * ones) & ~x the lowest top bit set marks the first byte below n */
	uint64_t marks = (((word - ones * ' ') & ~word) | ((quote - ones) & ~quote) |
			  ((backslash - ones) & ~backslash)) &
			 tops;

	return marks ? (size_t)__builtin_ctzll(marks) / 8 : 8;
}

size_t
text_to_json(struct text text, char *out, size_t room)
{
	const char *from = text.size ? text.at : "", *from_end = from + text.size;
	char *at = out, *end = out + room;

	if (room < 2)
		return 0;
	*at++ = '"';
	while (from < from_end) {
		if (from_end - from >= 8 && end - at >= 8) {
			uint64_t word;

			memcpy(at, from,
			       sizeof(word)); /* what is too much is overwritten */
			memcpy(&word, from, sizeof(word));
			size_t plain = unescaped_of8(le64toh(word));
			at += plain;
			from += plain;
			if (plain == 8)
				continue;
		} else if (escape_of((uint8_t)*from) == '\0') {
			if (at == end)
				return 0;
			*at++ = *from++;
			continue;
		}
		if ((at = put_escape(at, end, (uint8_t)*from++)) == NULL)
			return 0;
	}
	if (at == end)
		return 0;
	*at++ = '"';
	return (size_t)(at - out);
}
