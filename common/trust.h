/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trust: who may stand at the other end of TLS between a sensor and the correlator.
 *
 * TLS 1.3 only, certificates of both sides, one CA of the operator's own, no
 *resumption: each connection is checked anew.  What a certificate may do stands in the
 *URIs of its subjectAltName (RFC 5280 section 4.2.1.6):
 *
 *	sekisho:correlator        it is the correlator
 *	sekisho:sensor/NAME       it is the sensor NAME; exactly one
 *	sekisho:poi/POI           its records may be of this POI; one or more
 *
 * NAME and POI are percent-encoded UTF-8 (RFC 3986).  A certificate is one or the
 *other; any other URI in it is passed over, and any other name is not looked at.
 */
#ifndef COMMON_TRUST_H
#define COMMON_TRUST_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/instant.h"

struct ssl_st; /* OpenSSL's SSL, X509 */
struct x509_st;

enum {
	TRUST_NAME_SIZE = 65,
	TRUST_POIS_MAX = 16,
	TRUST_SERIAL_SIZE = 41,
	TRUST_URI_SIZE = 3 * TRUST_NAME_SIZE + 32
};

enum trust_role { TRUST_SENSOR, TRUST_CORRELATOR };

struct trust_identity {
	enum trust_role role;
	char sensor[TRUST_NAME_SIZE]; /* "" of a correlator */
	char poi[TRUST_POIS_MAX][TRUST_NAME_SIZE];
	unsigned poi_count;
	char serial[TRUST_SERIAL_SIZE]; /* lower-case hexadecimal without leading zeros
					 */
	struct instant end;             /* notAfter */
};

bool trust_identity_has_poi(const struct trust_identity *identity, const char *poi,
			    size_t size);
/* Of a certificate.  -1 with '*err' if it is nobody of ours. */
int trust_identity_read(const struct x509_st *certificate,
			struct trust_identity *identity, struct error *err);
/* "sekisho:sensor/NAME" with what no URI may hold percent-encoded; 'kind' is "sensor"
 * or "poi". */
void trust_uri(const char *kind, const char *name, char out[TRUST_URI_SIZE]);

struct trust_files {
	const char *certificate, *key,
		*ca; /* PEM; the certificate may be followed by intermediate ones */
	const char
		*revoked; /* serials that are believed no longer, one a line; or NULL */
};

struct trust;

/*
 * Reads the files of one who is 'role'.  NULL if one is missing, damaged, does not
 * belong to the others, names another role, or if the key may be read by everybody.
 */
struct trust *trust_new(enum trust_role role, const struct trust_files *files,
			struct error *err);
/* Takes NULL.  Sessions in their handshake must be gone. */
void trust_free(struct trust *trust);
/* Who we are by our own certificate. */
const struct trust_identity *trust_self(const struct trust *trust);
bool trust_is_revoked(const struct trust *trust, const char *serial);

/* A session for one connection, not yet begun; SSL_free, or libevent, ends it.  NULL if
 * there is no memory. Its handshake fails unless the other side is of the other role,
 * by our CA, valid now and not revoked. */
struct ssl_st *trust_session(struct trust *trust);
/* After the handshake. */
int trust_peer(const struct ssl_st *session, struct trust_identity *identity,
	       struct error *err);
/* Why a session failed, in words; 'code' is OpenSSL's, or 0.  -1. */
int trust_failed(const struct ssl_st *session, unsigned long code, struct error *err);

/* How near the end of a certificate is: one of 30, 14, 7 days or fewer, 0 = over,
 * TRUST_FAR = none of these. */
enum { TRUST_FAR = 31 };
int trust_days_step(struct instant end, struct instant now);
/* One line for the operator, of a step below TRUST_FAR: "expires on ... (in 13 days);
 * ..." */
void trust_days_words(struct instant end, struct instant now, char *out, size_t size);

#endif
