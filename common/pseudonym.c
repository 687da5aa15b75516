/* SPDX-License-Identifier: Apache-2.0 */
/* pseudonym: an identifier of a person as a keyed hash, the same wherever it is seen.
 */
#include "common/pseudonym.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "common/digest.h"
#include "common/file.h"
#include "common/log.h"

enum { FILE_LIMIT = 2 * PSEUDONYM_KEY_SIZE + 2 };

struct pseudonym_key {
	EVP_MAC_CTX *keyed; /* HMAC-SHA-256 under the secret; copied for each use */
	char id[PSEUDONYM_KEY_ID_LENGTH + 1];
};

static void
add(EVP_MAC_CTX *mac, const char *bytes, size_t size)
{
	if (EVP_MAC_update(mac, (const unsigned char *)bytes, size) != 1)
		log_fatal("pseudonym", "libcrypto cannot go on with an HMAC");
}

/* Ends and frees 'mac'; the first 'length' digits. */
static void
end(EVP_MAC_CTX *mac, size_t length, char *text)
{
	uint8_t whole[DIGEST_SIZE];
	size_t size;

	if (EVP_MAC_final(mac, whole, &size, sizeof(whole)) != 1)
		log_fatal("pseudonym", "libcrypto cannot end an HMAC");
	EVP_MAC_CTX_free(mac);
	digest_to_hex(whole, length / 2, text);
}

static EVP_MAC_CTX *
begin(const struct pseudonym_key *key)
{
	EVP_MAC_CTX *mac = EVP_MAC_CTX_dup(key->keyed);

	if (mac == NULL)
		log_fatal("pseudonym", "no memory");
	return mac;
}

struct pseudonym_key *
pseudonym_key_new(const uint8_t secret[PSEUDONYM_KEY_SIZE])
{
	char method[] = "SHA256";
	OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
								 method, 0),
				OSSL_PARAM_construct_end() };
	struct pseudonym_key *key = calloc(1, sizeof(*key));
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);

	if (key != NULL)
		key->keyed = EVP_MAC_CTX_new(hmac);
	EVP_MAC_free(hmac); /* the context holds its own */
	if (key == NULL || key->keyed == NULL ||
	    EVP_MAC_init(key->keyed, secret, PSEUDONYM_KEY_SIZE, params) != 1)
		log_fatal("pseudonym", "libcrypto has no HMAC-SHA-256");
	EVP_MAC_CTX *mac = begin(key);
	add(mac, "key id", 6);
	end(mac, PSEUDONYM_KEY_ID_LENGTH, key->id);
	return key;
}

void
pseudonym_key_free(struct pseudonym_key *key)
{
	if (key == NULL)
		return;
	EVP_MAC_CTX_free(key->keyed); /* wipes the secret */
	free(key);
}

/* -1 if 'c' is no hexadecimal digit. */
static int
digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool
secret_from_text(const char *text, size_t size, uint8_t secret[PSEUDONYM_KEY_SIZE])
{
	while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == '\r'))
		size--;
	if (size != 2 * PSEUDONYM_KEY_SIZE)
		return false;
	for (size_t i = 0; i < PSEUDONYM_KEY_SIZE; i++) {
		int high = digit_of(text[2 * i]), low = digit_of(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		secret[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static int
check_mode(const char *path, struct error *err)
{
	struct stat about;

	if (stat(path, &about) == -1)
		return error_errno(err, "cannot open %s", path);
	if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return error_set(err,
				 "%s: mode %04o lets others at the key; expected 0600",
				 path, (unsigned)about.st_mode & 07777u);
	return 0;
}

struct pseudonym_key *
pseudonym_key_load(const char *path, struct error *err)
{
	struct pseudonym_key *key = NULL;
	uint8_t secret[PSEUDONYM_KEY_SIZE];
	char *text = NULL;
	size_t size = 0;

	if (check_mode(path, err) == -1 ||
	    file_read(path, FILE_LIMIT, &text, &size, err) == -1)
		return NULL;
	if (secret_from_text(text, size, secret))
		key = pseudonym_key_new(secret);
	else
		error_set(err, "%s:1:1: no key; expected 64 hexadecimal digits", path);
	OPENSSL_cleanse(secret, sizeof(secret));
	OPENSSL_cleanse(text, size);
	free(text);
	return key;
}

const char *
pseudonym_key_id(const struct pseudonym_key *key)
{
	return key->id;
}

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static char
fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

void
pseudonym_of(const struct pseudonym_key *key, struct text identifier,
	     char pseudonym[PSEUDONYM_LENGTH + 1])
{
	EVP_MAC_CTX *mac = begin(key);
	char folded[256];

	while (identifier.size > 0 && is_blank(identifier.at[0])) {
		identifier.at++;
		identifier.size--;
	}
	while (identifier.size > 0 && is_blank(identifier.at[identifier.size - 1]))
		identifier.size--;
	for (size_t done = 0; done < identifier.size;) {
		size_t count = 0;

		while (count < sizeof(folded) && done < identifier.size)
			folded[count++] = fold(identifier.at[done++]);
		add(mac, folded, count);
	}
	end(mac, PSEUDONYM_LENGTH, pseudonym);
}
