/* SPDX-License-Identifier: Apache-2.0 */
/* digest: SHA-256 (FIPS 180-4), in one go or piece by piece; with pseudonym, the door
 * to libcrypto. */
#include "common/digest.h"

#include <assert.h>
#include <string.h>

#include <openssl/evp.h>

/* struct digester is OpenSSL's context; the cast keeps its name out of the header. */

static EVP_MD_CTX *
context_of(struct digester *digester)
{
	return (EVP_MD_CTX *)(void *)digester;
}

struct digest
digest_of(const void *data, size_t size)
{
	struct digester *digester = digester_new();

	digester_add(digester, data, size);
	return digester_end(digester);
}

void
digest_to_text(const struct digest *digest, char text[DIGEST_TEXT_SIZE])
{
	digest_to_hex(digest->byte, DIGEST_SIZE, text);
}

size_t
digest_to_hex(const uint8_t *bytes, size_t size, char *text)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < size; i++) {
		text[2 * i] = hex[bytes[i] >> 4];
		text[2 * i + 1] = hex[bytes[i] & 15];
	}
	text[2 * size] = '\0';
	return 2 * size;
}

struct digester *
digester_new(void)
{
	return digester_of(DIGEST_SHA256);
}

struct digester *
digester_of(enum digest_kind kind)
{
	static const EVP_MD *(*const methods[])(void) = { [DIGEST_SHA256] = EVP_sha256,
							  [DIGEST_SHA1] = EVP_sha1,
							  [DIGEST_MD5] = EVP_md5 };
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	assert(context != NULL);
	int is_ready = EVP_DigestInit_ex(context, methods[kind](), NULL);
	assert(is_ready == 1);
	(void)is_ready;
	return (struct digester *)(void *)context;
}

void
digester_add(struct digester *digester, const void *data, size_t size)
{
	int is_added = EVP_DigestUpdate(context_of(digester), data, size);

	assert(is_added == 1);
	(void)is_added;
}

struct digest
digester_end(struct digester *digester)
{
	struct digest digest;

	size_t size = digester_take(digester, digest.byte);
	assert(size == DIGEST_SIZE);
	(void)size;
	digester_free(digester);
	return digest;
}

size_t
digester_take(struct digester *digester, uint8_t out[DIGEST_SIZE])
{
	EVP_MD_CTX *context = context_of(digester);
	unsigned size = 0;

	int is_done = EVP_DigestFinal_ex(context, out, &size) == 1 &&
		      EVP_DigestInit_ex(context, NULL, NULL) == 1; /* the same method */
	assert(is_done);
	(void)is_done;
	return size;
}

void
digester_free(struct digester *digester)
{
	EVP_MD_CTX_free(context_of(digester));
}

size_t
digest_as(enum digest_kind kind, const void *data, size_t size,
	  uint8_t out[DIGEST_SIZE])
{
	struct digester *digester = digester_of(kind);

	digester_add(digester, data, size);
	size_t written = digester_take(digester, out);
	digester_free(digester);
	return written;
}

struct digest
digest_hmac(const void *key, size_t key_size, const void *data, size_t size)
{
	enum { BLOCK = 64 };
	uint8_t inner[BLOCK] = { 0 }, outer[BLOCK];
	struct digest digest = digest_of(key, key_size);

	if (key_size <= BLOCK && key_size > 0)
		memcpy(inner, key, key_size);
	else
		memcpy(inner, digest.byte, DIGEST_SIZE);
	for (size_t i = 0; i < BLOCK; i++) {
		outer[i] = inner[i] ^ 0x5c;
		inner[i] ^= 0x36;
	}
	struct digester *digester = digester_new();
	digester_add(digester, inner, BLOCK);
	digester_add(digester, data, size);
	digest = digester_end(digester);
	digester = digester_new();
	digester_add(digester, outer, BLOCK);
	digester_add(digester, digest.byte, DIGEST_SIZE);
	return digester_end(digester);
}
