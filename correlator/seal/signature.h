/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signature: Ed25519 keys in files and signatures as text; the door to libsodium.
 *
 * Keys are PEM (PKCS 8 and SubjectPublicKeyInfo, RFC 8410), so that openssl
 * reads them too.  The public key lies beside the secret one, with '.pub'
 * behind its name, and is what a reader elsewhere must have by another way.
 */
#ifndef CORRELATOR_SEAL_SIGNATURE_H
#define CORRELATOR_SEAL_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

enum {
	PUBLIC_KEY_SIZE = 32,
	SECRET_KEY_SIZE = 64,
	SIGNATURE_SIZE = 64,
	PUBLIC_KEY_TEXT_SIZE = 2 * PUBLIC_KEY_SIZE + 1,
	SIGNATURE_TEXT_SIZE = 2 * SIGNATURE_SIZE + 1
};

struct public_key {
	uint8_t byte[PUBLIC_KEY_SIZE];
};

struct signing_key {
	struct public_key public;
	uint8_t secret[SECRET_KEY_SIZE];
};

/* Makes a pair and writes both files; refuses to replace one that is there. */
int signing_key_make(const char *path, struct error *err);
/* Refuses a file that others than its owner may read. */
int signing_key_load(const char *path, struct signing_key *key, struct error *err);
void signing_key_wipe(struct signing_key *key);
int public_key_load(const char *path, struct public_key *key, struct error *err);
/* Lower-case hexadecimal. */
void public_key_to_text(const struct public_key *key, char text[PUBLIC_KEY_TEXT_SIZE]);

void signature_make(const struct signing_key *key, const void *data, size_t size,
		    char text[SIGNATURE_TEXT_SIZE]);
bool signature_holds(const struct public_key *key, const void *data, size_t size,
		     const char *text);

#endif
