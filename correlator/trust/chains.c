/* SPDX-License-Identifier: Apache-2.0 */
/* chains: whether certificates lead to an anchor of ours, at the time they were used.
 */
#include "correlator/trust/chains.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "common/log.h"

struct chains {
	X509_STORE *store;
	size_t anchors, lists;
};

static int
is_pem(const struct dirent *entry)
{
	size_t size = strlen(entry->d_name);

	return entry->d_name[0] != '.' && size > 4 &&
	       strcmp(entry->d_name + size - 4, ".pem") == 0;
}

static int
load_file(struct chains *chains, const char *path, struct error *err)
{
	BIO *file = BIO_new_file(path, "r");
	STACK_OF(X509_INFO) *found =
		file != NULL ? PEM_X509_INFO_read_bio(file, NULL, NULL, NULL) : NULL;
	size_t before = chains->anchors + chains->lists;

	for (int i = 0; found != NULL && i < sk_X509_INFO_num(found); i++) {
		const X509_INFO *one = sk_X509_INFO_value(found, i);
		if (one->x509 != NULL && X509_STORE_add_cert(chains->store, one->x509))
			chains->anchors++;
		if (one->crl != NULL && X509_STORE_add_crl(chains->store, one->crl))
			chains->lists++;
	}
	sk_X509_INFO_pop_free(found, X509_INFO_free);
	BIO_free(file);
	ERR_clear_error();
	if (chains->anchors + chains->lists > before)
		return 0;
	return error_set(err, "%s:1:1: no certificate and no CRL; expected PEM", path);
}

struct chains *
chains_load(const char *folder, struct error *err)
{
	struct chains *chains = calloc(1, sizeof(*chains));
	struct dirent **entry = NULL;
	int count = scandir(folder, &entry, is_pem, alphasort);
	int result = 0;

	if (chains == NULL || (chains->store = X509_STORE_new()) == NULL)
		log_fatal("trust", "no memory for anchors");
	if (count == -1)
		result = error_errno(err, "cannot read %s", folder);
	for (int i = 0; i < count; i++) {
		char path[4096];
		snprintf(path, sizeof(path), "%s/%s", folder, entry[i]->d_name);
		if (result == 0)
			result = load_file(chains, path, err);
		free(entry[i]);
	}
	free(entry);
	if (result == 0 && chains->anchors == 0)
		result = error_set(err,
				   "%s holds no anchor; expected certificates in *.pem",
				   folder);
	if (result == 0)
		return chains;
	chains_free(chains);
	return NULL;
}

void
chains_free(struct chains *chains)
{
	if (chains == NULL)
		return;
	X509_STORE_free(chains->store);
	free(chains);
}

/* An authority without a list, or with an old one, has revoked nothing we know of. */
static int
on_error(int is_good, X509_STORE_CTX *ctx)
{
	int error = X509_STORE_CTX_get_error(ctx);

	if (is_good || error == X509_V_ERR_UNABLE_TO_GET_CRL ||
	    error == X509_V_ERR_CRL_HAS_EXPIRED ||
	    error == X509_V_ERR_CRL_NOT_YET_VALID) {
		X509_STORE_CTX_set_error(ctx, X509_V_OK);
		return 1;
	}
	return 0;
}

static const char *
word_of(int error)
{
	switch (error) {
	case X509_V_OK:
		return "trusted";
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return "expired";
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return "not_yet_valid";
	case X509_V_ERR_CERT_REVOKED:
		return "revoked";
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		return "unknown_issuer";
	default:
		return "bad";
	}
}

static X509 *
read_der(struct der der)
{
	const unsigned char *at = der.at;

	return der.size == 0 || der.size > CERTIFICATE_MAX
		       ? NULL
		       : d2i_X509(NULL, &at, (long)der.size);
}

static int
verify(const struct chains *chains, X509 *leaf, STACK_OF(X509) * others,
       struct instant at)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	int error = X509_V_ERR_OUT_OF_MEM;

	if (ctx == NULL || !X509_STORE_CTX_init(ctx, chains->store, leaf, others))
		log_fatal("trust", "no memory to judge a chain");
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_time(param, (time_t)(at.usec / INSTANT_SECOND));
	X509_VERIFY_PARAM_set_depth(param, CHAIN_MAX);
	/* an intermediate that people put among the anchors is one */
	X509_VERIFY_PARAM_set_flags(
		param, X509_V_FLAG_PARTIAL_CHAIN |
			       (chains->lists > 0 ? X509_V_FLAG_CRL_CHECK |
							    X509_V_FLAG_CRL_CHECK_ALL
						  : 0));
	X509_STORE_CTX_set_verify_cb(ctx, on_error);
	error = X509_verify_cert(ctx) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(ctx);
	X509_STORE_CTX_free(ctx);
	return error;
}

const char *
chains_judge(const struct chains *chains, const struct der *chain, size_t count,
	     struct instant at)
{
	X509 *leaf = count > 0 ? read_der(chain[0]) : NULL;
	STACK_OF(X509) *others = sk_X509_new_null();
	int error = X509_V_ERR_UNSPECIFIED;

	for (size_t i = 1; i < count && i < CHAIN_MAX; i++) {
		X509 *one = read_der(chain[i]);
		if (one != NULL)
			sk_X509_push(others, one);
	}
	if (leaf != NULL)
		error = verify(chains, leaf, others, at);
	sk_X509_pop_free(others, X509_free);
	X509_free(leaf);
	ERR_clear_error();
	return word_of(error);
}

int
certificate_is_for(struct der der, struct text name)
{
	X509 *certificate = read_der(der);
	char host[256];
	int is_for = -1;

	if (certificate != NULL && name.size < sizeof(host)) {
		memcpy(host, name.at, name.size);
		host[name.size] = '\0';
		is_for = X509_check_host(certificate, host, name.size, 0, NULL) == 1 ||
			 X509_check_ip_asc(certificate, host, 0) == 1;
	}
	X509_free(certificate);
	ERR_clear_error();
	return is_for;
}

size_t
certificate_from_base64(struct text text, uint8_t *out)
{
	size_t padding = 0;

	if (text.size == 0 || text.size % 4 != 0 || text.size / 4 * 3 > CERTIFICATE_MAX)
		return 0;
	while (padding < 2 && text.at[text.size - 1 - padding] == '=')
		padding++;
	int size = EVP_DecodeBlock(out, (const unsigned char *)text.at, (int)text.size);
	ERR_clear_error();
	return size < (int)padding ? 0 : (size_t)size - padding;
}
