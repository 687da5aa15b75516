/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_dn: a distinguished name (RFC 5280 section 4.1.2.4) as RFC 4514 writes
 * it. */
#include <string.h>

#include "common/digest.h"
#include "sensor/dissect/certificate_parts.h"
#include "sensor/dissect/der.h"

enum {
	RDNS_MAX = 64,     /* parts of one name; the rest is left out and it is cut */
	VALUE_SIZE = 1024, /* bytes of one value in UTF-8, escapes not counted */
	VALUE_TEXT_SIZE = 4096 /* the same as text */
};

/* clang-format off */
static const struct {
	const char *oid, *name;
} attributes[] = {
	{ "2.5.4.3", "CN" }, { "2.5.4.10", "O" }, { "2.5.4.11", "OU" }, { "2.5.4.6", "C" },
	{ "2.5.4.7", "L" }, { "2.5.4.8", "ST" }, { "2.5.4.9", "STREET" },
	{ "0.9.2342.19200300.100.1.25", "DC" }, { "0.9.2342.19200300.100.1.1", "UID" },
	/* not in RFC 4514's short table, but in RFC 4519, 2985 and common use */
	{ "1.2.840.113549.1.9.1", "emailAddress" }, { "2.5.4.5", "serialNumber" },
	{ "2.5.4.4", "SN" }, { "2.5.4.42", "GN" }, { "2.5.4.12", "title" },
	{ "2.5.4.43", "initials" }, { "2.5.4.44", "generationQualifier" },
	{ "2.5.4.46", "dnQualifier" }, { "2.5.4.65", "pseudonym" },
	{ "2.5.4.15", "businessCategory" }, { "2.5.4.17", "postalCode" },
	{ "2.5.4.97", "organizationIdentifier" },
	{ "1.3.6.1.4.1.311.60.2.1.1", "jurisdictionL" },
	{ "1.3.6.1.4.1.311.60.2.1.2", "jurisdictionST" },
	{ "1.3.6.1.4.1.311.60.2.1.3", "jurisdictionC" },
};
/* clang-format on */

/* Once something did not fit nothing follows it. */
static void
put(struct scratch *out, const void *data, size_t size)
{
	char *at = out->is_cut ? NULL : scratch_take(out, size);

	if (at && size > 0)
		memcpy(at, data, size);
}

static void
put_type(struct scratch *out, struct bytes oid)
{
	char room[128];
	struct text dotted = der_oid_text(oid, room, sizeof(room));

	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		if (text_is(dotted, attributes[i].oid)) {
			put(out, attributes[i].name, strlen(attributes[i].name));
			return;
		}
	put(out, dotted.at, dotted.size);
}

/* One code point as UTF-8; what is none becomes U+FFFD. */
static size_t
utf8_of(uint32_t point, uint8_t out[4])
{
	if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
		point = 0xfffd;
	if (point < 0x80) {
		out[0] = (uint8_t)point;
		return 1;
	}
	size_t more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
	static const uint8_t lead[] = { 0, 0xc0, 0xe0, 0xf0 };
	for (size_t i = more; i > 0; i--, point >>= 6)
		out[i] = (uint8_t)(0x80 | (point & 0x3f));
	out[0] = (uint8_t)(lead[more] | point);
	return more + 1;
}

/* The next character of 'width' bytes; UTF-16 pairs are joined. */
static uint32_t
take_character(struct bytes *from, size_t width)
{
	if (width == 1)
		return bytes_u8(from);
	if (width == 4)
		return bytes_u32(from);
	uint32_t high = bytes_u16(from);
	if (high >> 10 != 0x36 || from->left < 2)
		return high;
	struct bytes ahead = *from;
	uint32_t low = bytes_u16(&ahead);
	if (low >> 10 != 0x37)
		return high;
	*from = ahead;
	return 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff);
}

/* BMPString, UniversalString and T61String (Latin-1 in practice) to UTF-8. */
static size_t
widen(struct bytes value, size_t width, uint8_t out[VALUE_SIZE], bool *is_cut)
{
	size_t used = 0;

	while (value.left >= width && used + 4 <= VALUE_SIZE)
		used += utf8_of(take_character(&value, width), out + used);
	*is_cut |= value.left > 0;
	return used;
}

/* RFC 4514 section 2.4. */
static bool
must_escape(struct text value, uint32_t i)
{
	char c = value.at[i];

	if (strchr("\"+,;<>\\", c))
		return true;
	return (c == ' ' && (i == 0 || i == value.size - 1)) || (c == '#' && i == 0);
}

static void
put_escaped(struct scratch *out, struct text value)
{
	for (uint32_t i = 0; i < value.size; i++) {
		if (must_escape(value, i))
			put(out, "\\", 1);
		put(out, value.at + i, 1);
	}
}

/* RFC 4514 section 2.4: a value that is no string is '#' and its BER in hexadecimal. */
static void
put_hex(struct scratch *out, const uint8_t *element, size_t size)
{
	char *at = out->is_cut ? NULL : scratch_take(out, 1 + 2 * size);
	char hex[2 * 128 + 1];

	if (at == NULL)
		return;
	*at++ = '#';
	for (size_t done = 0; done < size; done += 128) {
		size_t now = size - done < 128 ? size - done : 128;
		memcpy(at + 2 * done, hex, digest_to_hex(element + done, now, hex));
	}
}

static size_t
character_width(uint8_t tag, struct bytes value)
{
	if (tag == DER_BMP)
		return 2;
	if (tag == DER_UNIVERSAL)
		return 4;
	return tag == DER_T61 && !text_is_valid(value.at, value.left) ? 1 : 0;
}

static void
put_value(struct scratch *out, struct bytes *from)
{
	const uint8_t *start = from->at;
	uint8_t tag, wide[VALUE_SIZE];
	char text[VALUE_TEXT_SIZE];
	bool is_cut = false;
	struct bytes value = der_any(from, &tag);

	if (!bytes_ok(from))
		return;
	if (tag != DER_UTF8 && (tag < 0x12 || tag > DER_BMP || tag == DER_UTC_TIME ||
				tag == DER_GENERALIZED_TIME)) {
		put_hex(out, start, (size_t)(from->at - start));
		return;
	}
	size_t width = character_width(tag, value);
	if (width > 0)
		value = bytes_over(wide, widen(value, width, wide, &is_cut));
	put_escaped(out,
		    text_from_bytes(value.at, value.left, text, sizeof(text), &is_cut));
	out->is_cut |= is_cut;
}

static bool
put_rdn(struct scratch *out, struct bytes rdn)
{
	for (bool is_first = true; bytes_ok(&rdn) && rdn.left > 0; is_first = false) {
		struct bytes pair = der_take(&rdn, DER_SEQUENCE);
		struct bytes type = der_take(&pair, DER_OID);
		if (!bytes_ok(&pair))
			return false;
		if (!is_first)
			put(out, "+", 1);
		put_type(out, type);
		put(out, "=", 1);
		put_value(out, &pair);
		if (!bytes_ok(&pair))
			return false;
	}
	return bytes_ok(&rdn);
}

bool
certificate_dn(struct bytes name, struct scratch *scratch, struct text *text)
{
	struct bytes rdns[RDNS_MAX];
	size_t count = 0;
	uint32_t left = scratch->room - scratch->used;
	struct scratch out = { .at = scratch->at + scratch->used,
			       .room = left < CERTIFICATE_DN_SIZE
					       ? left
					       : CERTIFICATE_DN_SIZE };

	for (; bytes_ok(&name) && name.left > 0; count++) {
		struct bytes rdn = der_take(&name, DER_SET);
		rdns[count % RDNS_MAX] = rdn; /* the most specific stay */
	}
	for (size_t i = count; bytes_ok(&name) && i > 0 && count - i < RDNS_MAX; i--) {
		if (i < count)
			put(&out, ",", 1);
		if (!put_rdn(&out, rdns[(i - 1) % RDNS_MAX]))
			return false;
	}
	while (!text_is_valid(out.at, out.used))
		out.used--; /* the cut fell into a character */
	*text = (struct text){ out.at, out.used };
	scratch->used += out.used;
	scratch->is_cut |= out.is_cut || count > RDNS_MAX;
	return bytes_ok(&name);
}
