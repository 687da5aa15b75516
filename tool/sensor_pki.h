/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor_pki: keys, requests and certificates as common/trust.h wants them: EC P-256,
 * SHA-256, our URIs.
 *
 * Files are PEM.  A key is written once and never over another one; certificates are
 * replaced in one step.
 */
#ifndef TOOL_SENSOR_PKI_H
#define TOOL_SENSOR_PKI_H

#include <stdbool.h>
#include <time.h>

#include "common/digest.h"
#include "common/trust.h"

struct evp_pkey_st; /* OpenSSL's EVP_PKEY, X509, X509_REQ */
struct x509_st;
struct X509_req_st;

/* Who a certificate or request shall be of: with its sensor name and POIs, or the
 * correlator. */
struct pki_subject {
	enum trust_role role;
	const char *sensor;
	const char *const *poi;
	size_t poi_count;
};

/* The key of the file, or a new one in it, mode 0640 and of the group of 'user' if we
 * are root and there is one, else 0600.  NULL on failure; the caller owns it
 * (pki_key_free). */
struct evp_pkey_st *pki_key(const char *path, const char *user, struct error *err);
void pki_key_free(struct evp_pkey_st *key);

/* A CA's own certificate, ten years. */
int pki_make_ca(struct evp_pkey_st *key, time_t now, const char *path,
		struct error *err);

/* '*fingerprint' is the SHA-256 of the request's DER, to be compared by telephone. */
int pki_request(struct evp_pkey_st *key, const struct pki_subject *subject,
		const char *path, struct digest *fingerprint, struct error *err);

struct pki_signing {
	const char *ca, *ca_key; /* files */
	const char *request;     /* file; or NULL: for 'key' */
	struct evp_pkey_st *key;
	struct pki_subject subject;
	int64_t days;
	const char *out; /* file; NULL: standard output */
};
/* Signs after the request's signature holds and it asks for 'subject' and nothing else.
 * 'serial': of the new one. */
int pki_sign(const struct pki_signing *signing, time_t now,
	     char serial[TRUST_SERIAL_SIZE], struct digest *fingerprint,
	     struct error *err);

/* Who the certificate in the file is of. */
int pki_show(const char *path, struct trust_identity *identity, struct error *err);

#endif
