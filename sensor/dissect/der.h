/* SPDX-License-Identifier: Apache-2.0 */
/*
 * der: tag, length, value (X.690) by a bounded reader.
 *
 * Takes what X.509 uses: tags of one byte, definite lengths below 2^32.  All
 * else marks the reader short, as a read past the end does, so one question
 * at the end of a parser is enough.
 */
#ifndef SENSOR_DISSECT_DER_H
#define SENSOR_DISSECT_DER_H

#include "common/bytes.h"
#include "common/text.h"

enum {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_OID = 0x06,
	DER_UTF8 = 0x0c,
	DER_PRINTABLE = 0x13,
	DER_T61 = 0x14,
	DER_IA5 = 0x16,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
	DER_UNIVERSAL = 0x1c,
	DER_BMP = 0x1e,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT_0 = 0xa0, /* constructed */
	DER_CONTEXT_3 = 0xa3
};

/* The tag that comes next, or 0 at the end: no tag of ours is 0. */
uint8_t der_peek(const struct bytes *from);

/* Takes the next element whatever it is; '*tag' is 0 and the window short if there is
 * none whole. */
struct bytes der_any(struct bytes *from, uint8_t *tag);

/* Takes the next element, which must be 'tag'; else 'from' and the window are short. */
struct bytes der_take(struct bytes *from, uint8_t tag);

/* Takes the next element if it is 'tag', else takes nothing and gives an empty window.
 */
struct bytes der_optional(struct bytes *from, uint8_t tag);

/* True if the window holds exactly the bytes of 'oid' (as encoded, without tag and
 * length). */
bool der_is(const struct bytes *window, const void *oid, size_t size);

/*
 * "1.2.840.113549" of an encoded OID.  Arcs above 2^63 and what does not fit
 * are left out, so the text is empty for what is no OID.
 */
struct text der_oid_text(struct bytes oid, char *out, size_t room);

/* Bits of an unsigned INTEGER without its leading zeros. */
uint32_t der_integer_bits(struct bytes integer);

#endif
