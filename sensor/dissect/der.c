/* SPDX-License-Identifier: Apache-2.0 */
/* der: tag, length, value (X.690) by a bounded reader. */
#include "sensor/dissect/der.h"

#include <string.h>

static const struct bytes nothing = { .is_short = true };

uint8_t
der_peek(const struct bytes *from)
{
	return bytes_ok(from) && from->left > 0 ? from->at[0] : 0;
}

static size_t
take_length(struct bytes *from)
{
	uint8_t first = bytes_u8(from);
	size_t length = 0;

	if (first < 0x80)
		return first;
	size_t count = first & 0x7f;
	if (count == 0 || count > 4)
		bytes_take(from,
			   SIZE_MAX); /* indefinite, or beyond anything we were given */
	for (; bytes_ok(from) && count > 0; count--)
		length = length << 8 | bytes_u8(from);
	return length;
}

struct bytes
der_any(struct bytes *from, uint8_t *tag)
{
	*tag = bytes_u8(from);
	if ((*tag & 0x1f) == 0x1f)
		bytes_take(from, SIZE_MAX); /* a tag of several bytes */
	size_t length = take_length(from);
	struct bytes body = bytes_window(from, length);

	if (!bytes_ok(from)) {
		*tag = 0;
		return nothing;
	}
	return body;
}

struct bytes
der_take(struct bytes *from, uint8_t tag)
{
	uint8_t found;
	struct bytes body = der_any(from, &found);

	if (found == tag)
		return body;
	bytes_take(from, SIZE_MAX);
	return nothing;
}

struct bytes
der_optional(struct bytes *from, uint8_t tag)
{
	if (der_peek(from) == tag)
		return der_take(from, tag);
	return (struct bytes){ 0 };
}

bool
der_is(const struct bytes *window, const void *oid, size_t size)
{
	return bytes_ok(window) && window->left == size &&
	       memcmp(window->at, oid, size) == 0;
}

/* One arc in base 128; false at the end, at an unfinished one, and past 2^63. */
static bool
take_arc(struct bytes *oid, uint64_t *arc)
{
	*arc = 0;
	while (oid->left > 0 && *arc < UINT64_C(1) << 56) {
		uint8_t next = bytes_u8(oid);
		*arc = *arc << 7 | (next & 0x7f);
		if (next < 0x80)
			return true;
	}
	return false;
}

/* ".113549", behind what 'text' holds; false if it does not fit. */
static bool
put_arc(struct text *text, char *out, size_t room, uint64_t arc)
{
	char digits[24];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + arc % 10);
	while ((arc /= 10) > 0);
	if (text->size > 0)
		digits[--at] = '.';
	size_t size = sizeof(digits) - at;
	if (size > room - text->size)
		return false;
	memcpy(out + text->size, digits + at, size);
	text->size += (uint32_t)size;
	return true;
}

struct text
der_oid_text(struct bytes oid, char *out, size_t room)
{
	struct text text = { out, 0 };
	uint64_t arc;
	bool fits = true;

	if (bytes_ok(&oid) && take_arc(&oid, &arc)) { /* the first two arcs in one */
		uint64_t root = arc < 80 ? arc / 40 : 2;
		fits = put_arc(&text, out, room, root) &&
		       put_arc(&text, out, room, arc - 40 * root);
	}
	while (fits && text.size > 0 && take_arc(&oid, &arc))
		fits = put_arc(&text, out, room, arc);
	return text;
}

uint32_t
der_integer_bits(struct bytes integer)
{
	while (integer.left > 0 && integer.at[0] == 0)
		bytes_take(&integer, 1);
	if (integer.left == 0 || integer.left > UINT32_MAX / 8)
		return 0;
	uint32_t bits = (uint32_t)integer.left * 8;
	for (uint8_t top = integer.at[0]; top < 0x80; top = (uint8_t)(top << 1))
		bits--;
	return bits;
}
