/* SPDX-License-Identifier: Apache-2.0 */
/*
 * certificate: what records tell of an X.509 certificate (RFC 5280), read once.
 *
 * Given DER as the wire had it.  Nothing is verified: that is the
 * correlator's.  A certificate that does not parse still has its digests.
 */
#ifndef SENSOR_DISSECT_CERTIFICATE_H
#define SENSOR_DISSECT_CERTIFICATE_H

#include "common/bytes.h"
#include "common/instant.h"
#include "sensor/dissect/scratch.h"

enum {
	CERTIFICATE_NAMES_MAX =
		256, /* subject alternative names; more are left out, is_cut */
	CERTIFICATE_NAME_SIZE = 512,    /* bytes of one of them */
	CERTIFICATE_DN_SIZE = 2048,     /* bytes of subject or issuer */
	CERTIFICATE_TEXT_SIZE = 20480,  /* bytes of all texts of one certificate */
	CERTIFICATE_DIGESTS_SIZE = 128, /* of these, kept for the digests */
	CERTIFICATE_SERIAL_MAX = 64, /* bytes of a serial number; RFC 5280 allows 20 */
	CERTIFICATE_DATE_SIZE = 20   /* "2018-04-14T20:55:27" and its NUL */
};

struct certificate {
	struct text subject, issuer; /* RFC 4514, most specific first; may be empty */
	struct text serial;          /* "00:C7:0A" as encoded */
	struct text not_before, not_after;
	struct instant starts, ends;
	struct text key_type;  /* RSA, EC, DSA, Ed25519, Ed448, or the OID */
	struct text signature; /* sha256WithRSAEncryption, or the OID */
	const struct text *names;
	uint32_t name_count;
	uint32_t key_size; /* bits, 0 if unknown */
	bool is_decoded;   /* false: only the digests hold */
	bool is_cut;       /* a text or list was */
	struct text sha1;  /* lower case with colons, as EVE has it */
	struct text sha256;
	uint8_t digest[32]; /* SHA-256 */
};

/* Where certificate_parse puts texts; the certificate borrows it. */
struct certificate_room {
	struct scratch scratch;
	struct text names[CERTIFICATE_NAMES_MAX];
	char text[CERTIFICATE_TEXT_SIZE];
};

/* Fills all but the digests; is_decoded says whether it is a certificate. */
void certificate_parse(struct bytes der, struct certificate_room *room,
		       struct certificate *found);

#endif
