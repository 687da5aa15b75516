/* SPDX-License-Identifier: Apache-2.0 */
/*
 * utf16: UTF-16 in Microsoft's byte order (RFC 2781, little end first), and its
 * little-endian numbers.
 */
#ifndef SENSOR_DISSECT_UTF16_H
#define SENSOR_DISSECT_UTF16_H

#include "sensor/dissect/telling.h"

static inline uint16_t
bytes_u16le(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 2);
	return (uint16_t)(p ? p[1] << 8 | p[0] : 0);
}

static inline uint32_t
bytes_u32le(struct bytes *b)
{
	uint32_t low = bytes_u16le(b);
	return (uint32_t)bytes_u16le(b) << 16 | low;
}

static inline uint64_t
bytes_u64le(struct bytes *b)
{
	uint64_t low = bytes_u32le(b);
	return (uint64_t)bytes_u32le(b) << 32 | low;
}

/*
 * Writes 'from' as UTF-8 into 'out' and returns its bytes.  Ends at a NUL, at
 * 'room' and before half a character; half a pair becomes U+FFFD.
 */
size_t utf16_to_utf8(struct bytes from, uint8_t *out, size_t room);

/* As telling_text; a longer one is cut at 512 bytes of UTF-8. */
void telling_utf16(struct telling *telling, enum field_id field, struct bytes value,
		   uint32_t most);

#endif
