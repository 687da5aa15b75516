/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chains: whether certificates lead to an anchor of ours, at the time they were used.
 *
 * Anchors and CRLs are the *.pem files of a folder; a CRL is imported by being
 * put there.  A certificate is judged at packet time, never at the clock's.
 * Certificates and chains are bytes from the wire: only OpenSSL reads them,
 * within CHAIN_MAX certificates of CERTIFICATE_MAX bytes.
 */
#ifndef CORRELATOR_TRUST_CHAINS_H
#define CORRELATOR_TRUST_CHAINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "common/instant.h"
#include "common/text.h"

enum { CHAIN_MAX = 10, CERTIFICATE_MAX = 65536, HPKI_ROLE_SIZE = 128 };

/* A certificate as DER. */
struct der {
	const uint8_t *at;
	size_t size;
};

struct chains;

/* NULL with the complaint: no *.pem, or one that is neither certificates nor CRLs. */
struct chains *chains_load(const char *folder, struct error *err);
void chains_free(struct chains *chains);

/* Leaf first.  "trusted", "expired", "not_yet_valid", "unknown_issuer", "revoked" or
 * "bad". */
const char *chains_judge(const struct chains *chains, const struct der *chain,
			 size_t count, struct instant at);
/* 1 if the certificate is for the host name or address, 0 if not, -1 if it is no
 * certificate. */
int certificate_is_for(struct der der, struct text name);
/*
 * The role a certificate of HPKI gives its holder (hcRole, OID 1.0.17090.0.1 in
 * subjectDirectoryAttributes), cut to HPKI_ROLE_SIZE.  False if it has none.
 */
bool certificate_hpki_role(struct der der, char role[HPKI_ROLE_SIZE]);
/* Bytes of a base64 text into 'out' (CERTIFICATE_MAX); 0 if it is none or too long. */
size_t certificate_from_base64(struct text text, uint8_t *out);

#endif
