/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cipher: what opens QUIC's Initial packets, whose keys are no secret (RFC 9001
 * section 5): HKDF with SHA-256, AES-128 of a block, AES-128-GCM; a door to libcrypto.
 *
 * Reads and allocates nothing after cipher_new, so it works in the sandbox.
 */
#ifndef COMMON_CIPHER_H
#define COMMON_CIPHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CIPHER_KEY = 16,
	CIPHER_BLOCK = 16,
	CIPHER_NONCE = 12,
	CIPHER_TAG = 16,
	CIPHER_SECRET = 32
};

struct cipher;

/* NULL if libcrypto has not what is needed. */
struct cipher *cipher_new(void);
void cipher_free(struct cipher *cipher);

/* HKDF-Extract (RFC 5869 section 2.2). */
void cipher_extract(const uint8_t *salt, size_t salt_size, const uint8_t *input,
		    size_t input_size, uint8_t secret[CIPHER_SECRET]);
/* HKDF-Expand-Label without context (RFC 8446 section 7.1); 'size' at most 32. */
void cipher_expand(const uint8_t secret[CIPHER_SECRET], const char *label, uint8_t *out,
		   size_t size);
/* AES-128 of one block. */
void cipher_block(struct cipher *cipher, const uint8_t key[CIPHER_KEY],
		  const uint8_t in[CIPHER_BLOCK], uint8_t out[CIPHER_BLOCK]);
/*
 * AES-128-GCM: 'sealed' ends with its tag; 'out' has room for size - CIPHER_TAG.
 * False if the tag is wrong: then 'out' holds nothing of use.
 */
bool cipher_open(struct cipher *cipher, const uint8_t key[CIPHER_KEY],
		 const uint8_t nonce[CIPHER_NONCE], const uint8_t *header,
		 size_t header_size, const uint8_t *sealed, size_t size, uint8_t *out);

#endif
