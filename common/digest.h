/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digest: SHA-256 (FIPS 180-4), in one go or piece by piece; with pseudonym, the door
 * to libcrypto.
 *
 * SHA-1 and MD5 are here only because formats want them (fingerprints of EVE, community
 * id, JA3); they protect nothing.
 */
#ifndef COMMON_DIGEST_H
#define COMMON_DIGEST_H

#include <stddef.h>
#include <stdint.h>

enum { DIGEST_SIZE = 32, DIGEST_TEXT_SIZE = 2 * DIGEST_SIZE + 1 };

struct digest {
	uint8_t byte[DIGEST_SIZE];
};

struct digester;

struct digest digest_of(const void *data, size_t size);
/* Lower-case hexadecimal and NUL. */
void digest_to_text(const struct digest *digest, char text[DIGEST_TEXT_SIZE]);

/* Ends the program if libcrypto cannot give a SHA-256, which is no state to go on in.
 */
struct digester *digester_new(void);
void digester_add(struct digester *digester, const void *data, size_t size);
/* The digest of all that was added; frees the digester. */
struct digest digester_end(struct digester *digester);

/* HMAC-SHA-256 (RFC 2104) of 'data' under 'key'. */
struct digest digest_hmac(const void *key, size_t key_size, const void *data, size_t size);

enum digest_kind { DIGEST_SHA256, DIGEST_SHA1, DIGEST_MD5 };
enum { DIGEST_SHA1_SIZE = 20, DIGEST_MD5_SIZE = 16 };

/* For what is hashed often: taken from, it begins anew, and nothing is looked up again.
 */
struct digester *digester_of(enum digest_kind kind);
/* Writes the hash of all that was added since the last take; returns its bytes. */
size_t digester_take(struct digester *digester, uint8_t out[DIGEST_SIZE]);
void digester_free(struct digester *digester);

/* In one go.  Returns the bytes written. */
size_t digest_as(enum digest_kind kind, const void *data, size_t size,
		 uint8_t out[DIGEST_SIZE]);

/* Lower-case hexadecimal and NUL: room for 2 * size + 1.  Returns 2 * size. */
size_t digest_to_hex(const uint8_t *bytes, size_t size, char *text);

#endif
