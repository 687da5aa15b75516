/* SPDX-License-Identifier: Apache-2.0 */
/* dicom_bytes: makes PDUs of the DICOM upper layer, byte by byte. */
#ifndef TESTS_UNIT_DICOM_BYTES_H
#define TESTS_UNIT_DICOM_BYTES_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct made {
	uint8_t at[1 << 18];
	size_t size;
};

static inline void
put(struct made *made, const void *data, size_t size)
{
	assert(made->size + size <= sizeof(made->at));
	memcpy(made->at + made->size, data, size);
	made->size += size;
}

static inline void
put_u8(struct made *made, unsigned value)
{
	uint8_t byte = (uint8_t)value;
	put(made, &byte, 1);
}

static inline void
put_u16(struct made *made, unsigned value)
{
	put_u8(made, value >> 8);
	put_u8(made, value);
}

static inline void
put_u32(struct made *made, uint32_t value)
{
	put_u16(made, value >> 16);
	put_u16(made, value);
}

static inline void
put_little_u16(struct made *made, unsigned value)
{
	put_u8(made, value);
	put_u8(made, value >> 8);
}

/* Writes the size of what follows 'at' (of four bytes, or two) into it. */
static inline void
close_u32(struct made *made, size_t at)
{
	uint32_t size = (uint32_t)(made->size - at - 4);
	for (int i = 0; i < 4; i++)
		made->at[at + (size_t)i] = (uint8_t)(size >> (24 - 8 * i));
}

static inline void
close_u16(struct made *made, size_t at)
{
	size_t size = made->size - at - 2;
	made->at[at] = (uint8_t)(size >> 8);
	made->at[at + 1] = (uint8_t)size;
}

static inline size_t
open_pdu(struct made *made, unsigned type)
{
	put_u16(made, type << 8);
	put_u32(made, 0);
	return made->size - 4;
}

static inline size_t
open_item(struct made *made, unsigned type)
{
	put_u16(made, type << 8);
	put_u16(made, 0);
	return made->size - 2;
}

static inline void
put_item(struct made *made, unsigned type, const char *text)
{
	size_t at = open_item(made, type);
	put(made, text, strlen(text));
	close_u16(made, at);
}

/* 'type' 1 request, 2 acceptance; the caller adds contexts and then user information.
 */
static inline size_t
open_associate(struct made *made, unsigned type)
{
	static const uint8_t zero[32];
	size_t at = open_pdu(made, type);

	put_u16(made, 1);
	put_u16(made, 0);
	put(made, "PACS-B          ", 16);
	put(made, "  MODALITY-A    ", 16);
	put(made, zero, sizeof(zero));
	put_item(made, 0x10, "1.2.840.10008.3.1.1.1");
	return at;
}

/* 'abstract' NULL: of an acceptance, with its result. */
static inline void
put_context(struct made *made, unsigned id, unsigned result, const char *abstract,
	    const char *transfer)
{
	size_t at = open_item(made, abstract ? 0x20 : 0x21);

	put_u8(made, id);
	put_u8(made, 0);
	put_u8(made, result);
	put_u8(made, 0);
	if (abstract)
		put_item(made, 0x30, abstract);
	put_item(made, 0x40, transfer);
	close_u16(made, at);
}

static inline void
put_user(struct made *made, const char *uid, const char *version, uint32_t max,
	 unsigned identity, const char *name)
{
	size_t at = open_item(made, 0x50), inner = open_item(made, 0x51);

	put_u32(made, max);
	close_u16(made, inner);
	put_item(made, 0x52, uid);
	put_item(made, 0x55, version);
	if (identity) {
		inner = open_item(made, 0x58);
		put_u8(made, identity);
		put_u8(made, 0);
		put_u16(made, (unsigned)strlen(name));
		put(made, name, strlen(name));
		put_u16(made, 0);
		close_u16(made, inner);
	}
	close_u16(made, at);
}

static inline void
put_element(struct made *made, unsigned element, const void *data, size_t size)
{
	put_little_u16(made, 0);
	put_little_u16(made, element);
	put_little_u16(made, (unsigned)size);
	put_little_u16(made, 0);
	put(made, data, size);
}

static inline void
put_number(struct made *made, unsigned element, unsigned value)
{
	uint8_t little[2] = { (uint8_t)value, (uint8_t)(value >> 8) };
	put_element(made, element, little, sizeof(little));
}

static inline size_t
open_pdv(struct made *made, unsigned context, unsigned control)
{
	put_u32(made, 0);
	put_u8(made, context);
	put_u8(made, control);
	return made->size - 6;
}

/* A command set alone in its PDU.  'status' of an answer only; 'sop' with an even size.
 */
static inline void
put_command(struct made *made, unsigned field, unsigned id, unsigned status,
	    const char *sop, const char *destination)
{
	static const uint8_t length[4] = { 0 };
	size_t pdu = open_pdu(made, 4), pdv = open_pdv(made, 1, 3);

	put_element(made, 0x0000, length, sizeof(length));
	put_element(made, 0x0002, sop, strlen(sop));
	put_number(made, 0x0100, field);
	put_number(made, field & 0x8000 ? 0x0120 : 0x0110, id);
	if (destination)
		put_element(made, 0x0600, destination, strlen(destination));
	if (field & 0x8000)
		put_number(made, 0x0900, status);
	put_element(made, 0x1000, "1.2.MARKER", 10);
	close_u32(made, pdv);
	close_u32(made, pdu);
}

static inline void
put_data(struct made *made, const char *data, size_t size)
{
	size_t pdu = open_pdu(made, 4), pdv = open_pdv(made, 1, 2);

	put(made, data, size);
	close_u32(made, pdv);
	close_u32(made, pdu);
}

/* REJECT, RELEASE, RELEASED, ABORT */
static inline void
put_fixed(struct made *made, unsigned type, unsigned b, unsigned c, unsigned d)
{
	size_t at = open_pdu(made, type);

	put_u8(made, 0);
	put_u8(made, b);
	put_u8(made, c);
	put_u8(made, d);
	close_u32(made, at);
}

#define CT         "1.2.840.10008.5.1.4.1.1.2"
#define ECHO       "1.2.840.10008.1.1"
#define STUDY_MOVE "1.2.840.10008.5.1.4.1.2.2.2"
#define LITTLE     "1.2.840.10008.1.2"
#define JPEG       "1.2.840.10008.1.2.4.50"

static inline void
make_request(struct made *made)
{
	made->size = 0;
	size_t at = open_associate(made, 1);
	put_context(made, 1, 0, CT, LITTLE);
	put_context(made, 3, 0, CT, JPEG);
	put_context(made, 5, 0, ECHO, LITTLE);
	put_user(made, "1.2.3.4", "MOD_1", 16384, 2, "MARKER");
	close_u32(made, at);
}

static inline void
make_accept(struct made *made)
{
	made->size = 0;
	size_t at = open_associate(made, 2);
	put_context(made, 1, 0, NULL, LITTLE);
	put_context(made, 3, 4, NULL, JPEG);
	put_context(made, 5, 0, NULL, LITTLE);
	put_user(made, "1.2.3.5", "PACS_2", 32768, 0, NULL);
	close_u32(made, at);
}

#endif
