/* SPDX-License-Identifier: Apache-2.0 */
/* certificate: what records tell of an X.509 certificate (RFC 5280), read once. */
#include "sensor/dissect/certificate.h"

#include <string.h>

#include "sensor/dissect/certificate_parts.h"
#include "sensor/dissect/der.h"

static const uint8_t subject_alt_name[] = { 0x55, 0x1d, 0x11 }; /* 2.5.29.17 */

static struct text
serial_text(struct bytes serial, struct scratch *scratch)
{
	static const char hex[] = "0123456789ABCDEF";

	if (serial.left > CERTIFICATE_SERIAL_MAX) {
		scratch->is_cut = true;
		serial.left = CERTIFICATE_SERIAL_MAX;
	}
	uint32_t size = serial.left > 0 ? (uint32_t)serial.left * 3 - 1 : 0;
	char *out = scratch_take(scratch, size);
	if (out == NULL)
		return (struct text){ 0 };
	for (uint32_t i = 0; i < size; i++)
		out[i] = i % 3 == 2 ? ':'
				    : hex[serial.at[i / 3] >> (i % 3 ? 0 : 4) & 15];
	return (struct text){ out, size };
}

/* Extensions are SEQUENCE { OID, BOOLEAN OPTIONAL, OCTET STRING }. */
static bool
read_extensions(struct bytes extensions, struct certificate_room *room,
		struct certificate *found)
{
	struct bytes list = der_take(&extensions, DER_SEQUENCE);

	while (bytes_ok(&list) && list.left > 0) {
		struct bytes extension = der_take(&list, DER_SEQUENCE);
		struct bytes id = der_take(&extension, DER_OID);
		der_optional(&extension, DER_BOOLEAN);
		struct bytes value = der_take(&extension, DER_OCTET_STRING);
		if (!bytes_ok(&extension))
			return false;
		if (!der_is(&id, subject_alt_name, sizeof(subject_alt_name)))
			continue;
		struct bytes names = der_take(&value, DER_SEQUENCE);
		if (!bytes_ok(&value) ||
		    !certificate_names(names, room, &found->name_count))
			return false;
	}
	return bytes_ok(&list);
}

/* The rest of TBSCertificate, after the subject's key; version 1 has none of it. */
static bool
read_optional(struct bytes *body, struct certificate_room *room,
	      struct certificate *found)
{
	der_optional(body, 0x81); /* issuerUniqueID */
	der_optional(body, 0x82); /* subjectUniqueID */
	struct bytes extensions = der_optional(body, DER_CONTEXT_3);

	if (!bytes_ok(body))
		return false;
	return extensions.left == 0 || read_extensions(extensions, room, found);
}

static bool
read_body(struct bytes body, struct certificate_room *room, struct certificate *found)
{
	struct scratch *scratch = &room->scratch;

	der_optional(&body, DER_CONTEXT_0); /* version */
	struct bytes serial = der_take(&body, DER_INTEGER);
	struct bytes algorithm = der_take(&body, DER_SEQUENCE);
	struct bytes issuer = der_take(&body, DER_SEQUENCE);
	struct bytes validity = der_take(&body, DER_SEQUENCE);
	struct bytes subject = der_take(&body, DER_SEQUENCE);
	struct bytes key_info = der_take(&body, DER_SEQUENCE);
	if (!bytes_ok(&body))
		return false;

	found->serial = serial_text(serial, scratch);
	found->signature = certificate_signature(algorithm, scratch);
	found->key_type = certificate_key(key_info, scratch, &found->key_size);
	return certificate_dn(issuer, scratch, &found->issuer) &&
	       certificate_time(&validity, scratch, &found->starts,
				&found->not_before) &&
	       certificate_time(&validity, scratch, &found->ends, &found->not_after) &&
	       certificate_dn(subject, scratch, &found->subject) &&
	       read_optional(&body, room, found);
}

void
certificate_parse(struct bytes der, struct certificate_room *room,
		  struct certificate *found)
{
	memset(found, 0, sizeof(*found));
	room->scratch = (struct scratch){
		.at = room->text, .room = sizeof(room->text) - CERTIFICATE_DIGESTS_SIZE
	};

	struct bytes whole = der_take(&der, DER_SEQUENCE);
	struct bytes body = der_take(&whole, DER_SEQUENCE);
	der_take(&whole, DER_SEQUENCE);   /* the algorithm again */
	der_take(&whole, DER_BIT_STRING); /* the signature */
	found->is_decoded = bytes_ok(&whole) && read_body(body, room, found);
	found->names = room->names;
	found->is_cut = room->scratch.is_cut;
	if (!found->is_decoded)
		found->name_count = 0;
}
