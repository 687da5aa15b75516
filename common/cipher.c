/* SPDX-License-Identifier: Apache-2.0 */
/* cipher: what opens QUIC's Initial packets; a door to libcrypto. */
#include "common/cipher.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

struct cipher {
	EVP_CIPHER_CTX *block, *gcm;
};

void
cipher_free(struct cipher *cipher)
{
	if (cipher == NULL)
		return;
	EVP_CIPHER_CTX_free(cipher->block);
	EVP_CIPHER_CTX_free(cipher->gcm);
	free(cipher);
}

/* All that libcrypto looks up on first use is looked up here. */
static bool
is_ready(struct cipher *cipher)
{
	uint8_t secret[CIPHER_SECRET];

	cipher->block = EVP_CIPHER_CTX_new();
	cipher->gcm = EVP_CIPHER_CTX_new();
	if (cipher->block == NULL || cipher->gcm == NULL ||
	    EVP_EncryptInit_ex(cipher->block, EVP_aes_128_ecb(), NULL, NULL, NULL) !=
		    1 ||
	    EVP_DecryptInit_ex(cipher->gcm, EVP_aes_128_gcm(), NULL, NULL, NULL) != 1)
		return false;
	cipher_extract((const uint8_t *)"", 0, (const uint8_t *)"", 0, secret);
	return true;
}

struct cipher *
cipher_new(void)
{
	struct cipher *cipher = calloc(1, sizeof(*cipher));

	if (cipher != NULL && !is_ready(cipher)) {
		cipher_free(cipher);
		return NULL;
	}
	return cipher;
}

void
cipher_extract(const uint8_t *salt, size_t salt_size, const uint8_t *input,
	       size_t input_size, uint8_t secret[CIPHER_SECRET])
{
	unsigned size = 0;
	const uint8_t *done = HMAC(EVP_sha256(), salt, (int)salt_size, input,
				   input_size, secret, &size);

	assert(done != NULL && size == CIPHER_SECRET);
	(void)done;
}

void
cipher_expand(const uint8_t secret[CIPHER_SECRET], const char *label, uint8_t *out,
	      size_t size)
{
	static const char prefix[] = "tls13 ";
	uint8_t info[64], block[CIPHER_SECRET];
	size_t label_size = strlen(label), prefix_size = sizeof(prefix) - 1, used = 0;
	unsigned block_size = 0;

	assert(size <= sizeof(block) && label_size + prefix_size + 5 <= sizeof(info));
	info[used++] = 0;
	info[used++] = (uint8_t)size;
	info[used++] = (uint8_t)(prefix_size + label_size);
	memcpy(info + used, prefix, prefix_size);
	memcpy(info + used + prefix_size, label, label_size);
	used += prefix_size + label_size;
	info[used++] = 0; /* no context */
	info[used++] = 1; /* the first block is enough */
	const uint8_t *done = HMAC(EVP_sha256(), secret, CIPHER_SECRET, info, used,
				   block, &block_size);
	assert(done != NULL && block_size == sizeof(block));
	(void)done;
	memcpy(out, block, size);
}

void
cipher_block(struct cipher *cipher, const uint8_t key[CIPHER_KEY],
	     const uint8_t in[CIPHER_BLOCK], uint8_t out[CIPHER_BLOCK])
{
	int size = 0;
	int is_done =
		EVP_EncryptInit_ex(cipher->block, NULL, NULL, key, NULL) == 1 &&
		EVP_EncryptUpdate(cipher->block, out, &size, in, CIPHER_BLOCK) == 1;

	assert(is_done && size == CIPHER_BLOCK);
	(void)is_done;
}

bool
cipher_open(struct cipher *cipher, const uint8_t key[CIPHER_KEY],
	    const uint8_t nonce[CIPHER_NONCE], const uint8_t *header,
	    size_t header_size, const uint8_t *sealed, size_t size, uint8_t *out)
{
	uint8_t tag[CIPHER_TAG];
	int written = 0;

	if (size < CIPHER_TAG)
		return false;
	memcpy(tag, sealed + size - CIPHER_TAG, CIPHER_TAG);
	size -= CIPHER_TAG;
	return EVP_DecryptInit_ex(cipher->gcm, NULL, NULL, key, nonce) == 1 &&
	       EVP_DecryptUpdate(cipher->gcm, NULL, &written, header,
				 (int)header_size) == 1 &&
	       EVP_DecryptUpdate(cipher->gcm, out, &written, sealed, (int)size) == 1 &&
	       EVP_CIPHER_CTX_ctrl(cipher->gcm, EVP_CTRL_AEAD_SET_TAG, CIPHER_TAG,
				   tag) == 1 &&
	       EVP_DecryptFinal_ex(cipher->gcm, out + written, &written) == 1;
}
