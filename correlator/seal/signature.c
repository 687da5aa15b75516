/* SPDX-License-Identifier: Apache-2.0 */
/* signature: Ed25519 keys in files and signatures as text; the door to libsodium. */
#include "correlator/seal/signature.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "common/digest.h"
#include "common/file.h"
#include "common/log.h"

enum { PREFIX_MAX = 16, KEY_SIZE = 32, PEM_MAX = 512, PATH_SIZE = 4096 };

/* RFC 8410 sections 4 and 7: all that stands before the 32 bytes never changes. */
struct form {
	const char *label;
	size_t prefix_size;
	uint8_t prefix[PREFIX_MAX];
};
static const struct form secret_form = { "PRIVATE KEY",
					 16,
					 { 0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05,
					   0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22,
					   0x04, 0x20 } };
static const struct form public_form = { "PUBLIC KEY",
					 12,
					 { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b,
					   0x65, 0x70, 0x03, 0x21, 0x00 } };

static void
be_ready(void)
{
	if (sodium_init() == -1)
		log_fatal("seal", "libsodium cannot start");
}

static size_t
to_pem(const struct form *form, const uint8_t key[KEY_SIZE], char text[PEM_MAX])
{
	uint8_t bytes[PREFIX_MAX + KEY_SIZE];
	char base64[128];

	memcpy(bytes, form->prefix, form->prefix_size);
	memcpy(bytes + form->prefix_size, key, KEY_SIZE);
	sodium_bin2base64(base64, sizeof(base64), bytes, form->prefix_size + KEY_SIZE,
			  sodium_base64_VARIANT_ORIGINAL);
	sodium_memzero(bytes, sizeof(bytes));
	return (size_t)snprintf(text, PEM_MAX,
				"-----BEGIN %s-----\n%s\n-----END %s-----\n",
				form->label, base64, form->label);
}

static bool
from_pem(const struct form *form, const char *text, uint8_t key[KEY_SIZE])
{
	char begin[64];
	uint8_t bytes[PREFIX_MAX + KEY_SIZE];
	size_t size;

	snprintf(begin, sizeof(begin), "-----BEGIN %s-----\n", form->label);
	if (strncmp(text, begin, strlen(begin)) != 0)
		return false;
	const char *body = text + strlen(begin);
	bool is_good = sodium_base642bin(bytes, sizeof(bytes), body, strcspn(body, "-"),
					 "\r\n", &size, NULL,
					 sodium_base64_VARIANT_ORIGINAL) == 0 &&
		       size == form->prefix_size + KEY_SIZE &&
		       memcmp(bytes, form->prefix, form->prefix_size) == 0;
	if (is_good)
		memcpy(key, bytes + form->prefix_size, KEY_SIZE);
	sodium_memzero(bytes, sizeof(bytes));
	return is_good;
}

/* Flushed, for a key that signed and is then lost cannot be told from a forged one. */
static int
write_new(const char *path, mode_t mode, const char *text, size_t size,
	  struct error *err)
{
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

	if (file == -1)
		return error_errno(err, "cannot make %s", path);
	bool is_bad = write(file, text, size) != (ssize_t)size || fsync(file) == -1;
	if (close(file) == -1 || is_bad) {
		error_errno(err, "cannot write %s", path);
		unlink(path);
		return -1;
	}
	return 0;
}

int
signing_key_make(const char *path, struct error *err)
{
	struct signing_key key;
	char pem[PEM_MAX], public_path[PATH_SIZE];

	be_ready();
	if ((size_t)snprintf(public_path, sizeof(public_path), "%s.pub", path) >=
	    sizeof(public_path))
		return error_set(err, "the path of the key is too long");
	crypto_sign_keypair(key.public.byte, key.secret);
	size_t size = to_pem(&secret_form, key.secret, pem);
	int made = write_new(path, 0600, pem, size, err);
	sodium_memzero(pem, sizeof(pem));
	size = to_pem(&public_form, key.public.byte, pem);
	signing_key_wipe(&key);
	if (made == 0 && (made = write_new(public_path, 0644, pem, size, err)) == -1)
		unlink(path);
	return made;
}

int
signing_key_load(const char *path, struct signing_key *key, struct error *err)
{
	struct stat about;
	uint8_t seed[KEY_SIZE];
	char *text;
	size_t size;

	be_ready();
	if (stat(path, &about) == 0 && (about.st_mode & 077) != 0)
		return error_set(err,
				 "%s may be read by others than its owner; expected "
				 "mode 0600",
				 path);
	if (file_read(path, PEM_MAX, &text, &size, err) == -1)
		return -1;
	bool is_good = from_pem(&secret_form, text, seed);
	sodium_memzero(text, size);
	free(text);
	if (!is_good)
		return error_set(err, "%s holds no Ed25519 secret key in PEM", path);
	crypto_sign_seed_keypair(key->public.byte, key->secret, seed);
	sodium_memzero(seed, sizeof(seed));
	return 0;
}

void
signing_key_wipe(struct signing_key *key)
{
	sodium_memzero(key, sizeof(*key));
}

int
public_key_load(const char *path, struct public_key *key, struct error *err)
{
	char *text;
	size_t size;

	be_ready();
	if (file_read(path, PEM_MAX, &text, &size, err) == -1)
		return -1;
	bool is_good = from_pem(&public_form, text, key->byte);
	free(text);
	return is_good ? 0
		       : error_set(err, "%s holds no Ed25519 public key in PEM", path);
}

void
public_key_to_text(const struct public_key *key, char text[PUBLIC_KEY_TEXT_SIZE])
{
	digest_to_hex(key->byte, PUBLIC_KEY_SIZE, text);
}

void
signature_make(const struct signing_key *key, const void *data, size_t size,
	       char text[SIGNATURE_TEXT_SIZE])
{
	uint8_t bytes[SIGNATURE_SIZE];

	crypto_sign_detached(bytes, NULL, data, size, key->secret);
	digest_to_hex(bytes, SIGNATURE_SIZE, text);
}

bool
signature_holds(const struct public_key *key, const void *data, size_t size,
		const char *text)
{
	uint8_t bytes[SIGNATURE_SIZE];
	size_t found;

	be_ready();
	return strlen(text) == SIGNATURE_TEXT_SIZE - 1 &&
	       sodium_hex2bin(bytes, sizeof(bytes), text, strlen(text), NULL, &found,
			      NULL) == 0 &&
	       found == SIGNATURE_SIZE &&
	       crypto_sign_verify_detached(bytes, data, size, key->byte) == 0;
}
