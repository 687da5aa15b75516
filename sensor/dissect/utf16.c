/* SPDX-License-Identifier: Apache-2.0 */
/* utf16: UTF-16 in Microsoft's byte order, and its little-endian numbers. */
#include "sensor/dissect/utf16.h"

enum { REPLACEMENT = 0xfffd, TEXT_MAX = 512 };

static size_t
size_of(uint32_t rune)
{
	return rune < 0x80 ? 1 : rune < 0x800 ? 2 : rune < 0x10000 ? 3 : 4;
}

static void
put(uint8_t *out, uint32_t rune, size_t size)
{
	static const uint8_t first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = size - 1; i > 0; i--) {
		out[i] = (uint8_t)(0x80 | (rune & 0x3f));
		rune >>= 6;
	}
	out[0] = (uint8_t)(first[size] | rune);
}

/* The next character, of one unit or of a pair. */
static uint32_t
next_rune(struct bytes *from)
{
	uint16_t unit = bytes_u16le(from);
	struct bytes ahead = *from;

	if (unit < 0xd800 || unit > 0xdfff)
		return unit;
	uint16_t low = unit < 0xdc00 ? bytes_u16le(&ahead) : 0;
	if (low < 0xdc00 || low > 0xdfff)
		return REPLACEMENT;
	*from = ahead;
	return 0x10000 + ((uint32_t)(unit & 0x3ff) << 10 | (low & 0x3ff));
}

size_t
utf16_to_utf8(struct bytes from, uint8_t *out, size_t room)
{
	size_t used = 0;

	while (from.left >= 2) {
		uint32_t rune = next_rune(&from);
		size_t size = size_of(rune);
		if (rune == 0 || size > room - used)
			break;
		put(out + used, rune, size);
		used += size;
	}
	return used;
}

void
telling_utf16(struct telling *telling, enum field_id field, struct bytes value,
	      uint32_t most)
{
	uint8_t text[TEXT_MAX];
	size_t size = utf16_to_utf8(value, text, sizeof(text));

	telling_text(telling, field, bytes_over(text, size), most);
}
