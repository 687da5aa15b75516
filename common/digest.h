/* SPDX-License-Identifier: Apache-2.0 */
/* digest: SHA-256 (FIPS 180-4), in one go or piece by piece; with pseudonym, the door
 * to libcrypto. */
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

#endif
