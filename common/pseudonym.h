/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pseudonym: an identifier of a person as a keyed hash, the same wherever it is seen.
 *
 * HMAC-SHA-256 (RFC 2104) cut to its first 128 bits, over the normalised
 * identifier: blanks (ASCII) at both ends are cut and the letters A to Z
 * become small.  Nothing else is folded; an identifier that comes in full
 * width and in ASCII has two pseudonyms.  Whoever has the key can look for an
 * identifier he knows; nobody can turn a pseudonym back.
 */
#ifndef COMMON_PSEUDONYM_H
#define COMMON_PSEUDONYM_H

#include <stdint.h>

#include "common/error.h"
#include "common/text.h"

enum {
	PSEUDONYM_KEY_SIZE = 32,     /* bytes of the secret */
	PSEUDONYM_KEY_ID_LENGTH = 8, /* hexadecimal digits that name the key */
	PSEUDONYM_LENGTH = 32        /* hexadecimal digits */
};

struct pseudonym_key; /* opaque; wiped when freed */

/*
 * Reads a file of 64 hexadecimal digits and at most a line end, which only its owner
 * may read.  NULL on failure, with the reason in '*err'.
 */
struct pseudonym_key *pseudonym_key_load(const char *path, struct error *err);
struct pseudonym_key *pseudonym_key_new(const uint8_t secret[PSEUDONYM_KEY_SIZE]);
void pseudonym_key_free(struct pseudonym_key *key);

/* Names the key without telling it: the first 32 bits of its HMAC of "key id". */
const char *pseudonym_key_id(const struct pseudonym_key *key);

/* Writes PSEUDONYM_LENGTH digits and a NUL. */
void pseudonym_of(const struct pseudonym_key *key, struct text identifier,
		  char pseudonym[PSEUDONYM_LENGTH + 1]);

#endif
