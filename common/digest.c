/* SPDX-License-Identifier: Apache-2.0 */
/* digest: SHA-256 (FIPS 180-4), in one go or piece by piece; with pseudonym, the door
 * to libcrypto. */
#include "common/digest.h"

#include <assert.h>
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
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < DIGEST_SIZE; i++) {
		text[2 * i] = hex[digest->byte[i] >> 4];
		text[2 * i + 1] = hex[digest->byte[i] & 15];
	}
	text[DIGEST_TEXT_SIZE - 1] = '\0';
}

struct digester *
digester_new(void)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	assert(context != NULL);
	int is_ready = EVP_DigestInit_ex(context, EVP_sha256(), NULL);
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
	unsigned size = 0;

	int is_done = EVP_DigestFinal_ex(context_of(digester), digest.byte, &size);
	assert(is_done == 1 && size == DIGEST_SIZE);
	(void)is_done;
	EVP_MD_CTX_free(context_of(digester));
	return digest;
}
