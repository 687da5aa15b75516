/* SPDX-License-Identifier: Apache-2.0 */
/* sensor_pki: keys, requests and certificates as common/trust.h wants them: EC P-256,
 * SHA-256, our URIs. */
#include "tool/sensor_pki.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

enum {
	CA_DAYS = 3650,
	SERIAL_BITS = 127,
	SECURITY_BITS_LEAST = 112,
	SAN_SIZE = (TRUST_POIS_MAX + 1) * (TRUST_URI_SIZE + 8)
};

/* Clocks of two machines differ. */
#define BACKDATED (60 * 60)

static int
failed(const char *what, struct error *err)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return error_set(err, "%s: %s", what,
			 reason != NULL ? reason : "OpenSSL cannot do it");
}

void
pki_key_free(EVP_PKEY *key)
{
	EVP_PKEY_free(key);
}

/* A daemon that has given up root must still be able to read it, and nobody else. */
static int
give(int fd, const char *user)
{
	const struct passwd *who =
		user != NULL && geteuid() == 0 ? getpwnam(user) : NULL;

	if (who == NULL)
		return 0;
	return fchown(fd, 0, who->pw_gid) == -1 || fchmod(fd, 0640) == -1 ? -1 : 0;
}

static int
write_key(const char *path, const char *user, const EVP_PKEY *key, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	FILE *out = fd != -1 ? fdopen(fd, "w") : NULL;

	if (out == NULL)
		return error_errno(err, "cannot make %s", path);
	int done = PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL);
	int owned = give(fd, user);
	if (fclose(out) == 0 && done == 1 && owned == 0)
		return 0;
	error_errno(err, "cannot write %s", path);
	unlink(path);
	return -1;
}

/* NULL without a reason if the file is not there. */
static EVP_PKEY *
read_key(const char *path, bool *is_there, struct error *err)
{
	FILE *in = fopen(path, "re");
	EVP_PKEY *key = NULL;

	*is_there = in != NULL || errno != ENOENT;
	if (in == NULL) {
		error_errno(err, "cannot open %s", path);
		return NULL;
	}
	key = PEM_read_PrivateKey(in, NULL, NULL, NULL);
	fclose(in);
	if (key == NULL)
		failed(path, err);
	return key;
}

EVP_PKEY *
pki_key(const char *path, const char *user, struct error *err)
{
	bool is_there;
	EVP_PKEY *key = read_key(path, &is_there, err);

	if (is_there)
		return key;
	key = EVP_EC_gen("P-256");
	if (key == NULL) {
		failed("a new key", err);
		return NULL;
	}
	if (write_key(path, user, key, err) == 0)
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

/* "URI:sekisho:sensor/x,URI:sekisho:poi/y": percent-encoding leaves no comma in a name.
 */
static void
write_names(const struct pki_subject *subject, char out[SAN_SIZE])
{
	char uri[TRUST_URI_SIZE];
	size_t at = 0;

	if (subject->role == TRUST_CORRELATOR) {
		snprintf(out, SAN_SIZE, "URI:sekisho:correlator");
		return;
	}
	trust_uri("sensor", subject->sensor, uri);
	at += (size_t)snprintf(out, SAN_SIZE, "URI:%s", uri);
	for (size_t i = 0; i < subject->poi_count && i < TRUST_POIS_MAX; i++) {
		trust_uri("poi", subject->poi[i], uri);
		at += (size_t)snprintf(out + at, SAN_SIZE - at, ",URI:%s", uri);
	}
}

static int
set_name(X509_NAME *name, const char *common)
{
	return X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8,
					  (const unsigned char *)"Sekisho", -1, -1,
					  0) == 1 &&
			       X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
							  (const unsigned char *)common,
							  -1, -1, 0) == 1
		       ? 0
		       : -1;
}

static const char *
common_name(const struct pki_subject *subject)
{
	return subject->role == TRUST_CORRELATOR ? "correlator" : subject->sensor;
}

static int
add(X509 *certificate, X509V3_CTX *ctx, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, ctx, nid, value);
	int added = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;

	X509_EXTENSION_free(extension);
	return added ? 0 : -1;
}

static int
begin(X509 *certificate, time_t now, int64_t days)
{
	BIGNUM *serial = BN_new();
	int done = serial != NULL &&
		   BN_rand(serial, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) ==
			   1 &&
		   BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(certificate)) !=
			   NULL &&
		   X509_set_version(certificate, X509_VERSION_3) == 1 &&
		   ASN1_TIME_set(X509_getm_notBefore(certificate), now - BACKDATED) !=
			   NULL &&
		   ASN1_TIME_adj(X509_getm_notAfter(certificate), now, (int)days, 0) !=
			   NULL;

	BN_free(serial);
	return done ? 0 : -1;
}

/* Written beside and moved over, so that a reader never sees half of it. */
static FILE *
begin_file(const char *path, char *beside, size_t size, struct error *err)
{
	snprintf(beside, size, "%s.new", path);
	FILE *out = fopen(beside, "we");
	if (out == NULL)
		error_errno(err, "cannot make %s", beside);
	return out;
}

static int
end_file(FILE *out, int is_written, const char *beside, const char *path,
	 struct error *err)
{
	if (fclose(out) == 0 && is_written == 1 && rename(beside, path) == 0)
		return 0;
	error_errno(err, "cannot write %s", path);
	unlink(beside);
	return -1;
}

static int
write_certificate(const X509 *certificate, const char *path, struct error *err)
{
	char beside[1024];

	if (path == NULL)
		return PEM_write_X509(stdout, certificate) == 1
			       ? 0
			       : failed("standard output", err);
	FILE *out = begin_file(path, beside, sizeof(beside), err);
	if (out == NULL)
		return -1;
	return end_file(out, PEM_write_X509(out, certificate), beside, path, err);
}

int
pki_make_ca(EVP_PKEY *key, time_t now, const char *path, struct error *err)
{
	X509 *ca = X509_new();
	X509V3_CTX ctx;
	int result = -1;

	X509V3_set_ctx(&ctx, ca, ca, NULL, NULL, 0);
	if (ca == NULL || begin(ca, now, CA_DAYS) == -1 ||
	    set_name(X509_get_subject_name(ca), "Sekisho sensors CA") == -1 ||
	    X509_set_issuer_name(ca, X509_get_subject_name(ca)) != 1 ||
	    X509_set_pubkey(ca, key) != 1 ||
	    add(ca, &ctx, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") == -1 ||
	    add(ca, &ctx, NID_key_usage, "critical,keyCertSign,cRLSign") == -1 ||
	    add(ca, &ctx, NID_subject_key_identifier, "hash") == -1 ||
	    X509_sign(ca, key, EVP_sha256()) == 0)
		failed("the CA's certificate", err);
	else
		result = write_certificate(ca, path, err);
	X509_free(ca);
	return result;
}

static int
fill_request(X509_REQ *request, EVP_PKEY *key, const struct pki_subject *subject)
{
	char names[SAN_SIZE];

	write_names(subject, names);
	X509_EXTENSION *extension =
		X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
	STACK_OF(X509_EXTENSION) *all = sk_X509_EXTENSION_new_null();
	bool is_pushed = all != NULL && extension != NULL &&
			 sk_X509_EXTENSION_push(all, extension) > 0;
	bool done = is_pushed &&
		    set_name(X509_REQ_get_subject_name(request),
			     common_name(subject)) == 0 &&
		    X509_REQ_set_pubkey(request, key) == 1 &&
		    X509_REQ_add_extensions(request, all) == 1 &&
		    X509_REQ_sign(request, key, EVP_sha256()) > 0;

	if (!is_pushed)
		X509_EXTENSION_free(extension);
	sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
	return done ? 0 : -1;
}

static int
fingerprint_of(X509_REQ *request, struct digest *fingerprint)
{
	unsigned char *der = NULL;
	int size = i2d_X509_REQ(request, &der);

	if (size <= 0)
		return -1;
	*fingerprint = digest_of(der, (size_t)size);
	OPENSSL_free(der);
	return 0;
}

int
pki_request(EVP_PKEY *key, const struct pki_subject *subject, const char *path,
	    struct digest *fingerprint, struct error *err)
{
	X509_REQ *request = X509_REQ_new();
	char beside[1024];
	int result = -1;

	if (request == NULL || fill_request(request, key, subject) == -1 ||
	    fingerprint_of(request, fingerprint) == -1) {
		failed("the request", err);
	} else {
		FILE *out = begin_file(path, beside, sizeof(beside), err);
		if (out != NULL)
			result = end_file(out, PEM_write_X509_REQ(out, request), beside,
					  path, err);
	}
	X509_REQ_free(request);
	return result;
}

static bool
is_same(const struct trust_identity *asked, const struct pki_subject *subject)
{
	if (asked->role != subject->role ||
	    strcmp(asked->sensor, subject->sensor) != 0 ||
	    asked->poi_count != subject->poi_count)
		return false;
	for (size_t i = 0; i < subject->poi_count; i++)
		if (!trust_identity_has_poi(asked, subject->poi[i],
					    strlen(subject->poi[i])))
			return false;
	return true;
}

/* What the request wants to be, read by the reader that will read the certificate. */
static int
check_wish(X509_REQ *request, const struct pki_subject *subject, time_t now,
	   struct error *err)
{
	STACK_OF(X509_EXTENSION) *all = X509_REQ_get_extensions(request);
	X509 *imagined = X509_new();
	struct trust_identity asked = { 0 };
	struct error why;
	int result = -1;

	int at = X509v3_get_ext_by_NID(all, NID_subject_alt_name, -1);
	if (imagined != NULL && begin(imagined, now, 1) == 0 && at >= 0 &&
	    X509_add_ext(imagined, sk_X509_EXTENSION_value(all, at), -1) == 1 &&
	    trust_identity_read(imagined, &asked, &why) == 0)
		result = is_same(&asked, subject) ? 0 : -1;
	if (result == -1)
		error_set(err,
			  "the request is of sensor \"%s\" at %u POIs, the first "
			  "\"%s\"; expected what --sensor and --poi say",
			  asked.sensor, asked.poi_count, asked.poi[0]);
	X509_free(imagined);
	sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
	return result;
}

/* The key the certificate shall be for; the caller frees it. */
static EVP_PKEY *
wanted_key(const struct pki_signing *signing, time_t now, struct digest *fingerprint,
	   struct error *err)
{
	if (signing->request == NULL)
		return EVP_PKEY_up_ref(signing->key) == 1 ? signing->key : NULL;
	FILE *in = fopen(signing->request, "re");
	if (in == NULL) {
		error_errno(err, "cannot open %s", signing->request);
		return NULL;
	}
	X509_REQ *request = PEM_read_X509_REQ(in, NULL, NULL, NULL);
	fclose(in);
	EVP_PKEY *key = request != NULL ? X509_REQ_get_pubkey(request) : NULL;
	if (key == NULL || X509_REQ_verify(request, key) != 1 ||
	    fingerprint_of(request, fingerprint) == -1 ||
	    EVP_PKEY_get_security_bits(key) < SECURITY_BITS_LEAST) {
		failed(signing->request, err);
		EVP_PKEY_free(key);
		key = NULL;
	} else if (check_wish(request, &signing->subject, now, err) == -1) {
		EVP_PKEY_free(key);
		key = NULL;
	}
	X509_REQ_free(request);
	return key;
}

static X509 *
read_certificate(const char *path, struct error *err)
{
	FILE *in = fopen(path, "re");
	X509 *certificate = NULL;

	if (in == NULL) {
		error_errno(err, "cannot open %s", path);
		return NULL;
	}
	certificate = PEM_read_X509(in, NULL, NULL, NULL);
	fclose(in);
	if (certificate == NULL)
		failed(path, err);
	return certificate;
}

static int
fill_certificate(X509 *leaf, X509 *ca, EVP_PKEY *key, const struct pki_signing *signing,
		 time_t now)
{
	bool is_server = signing->subject.role == TRUST_CORRELATOR;
	char names[SAN_SIZE];
	X509V3_CTX ctx;

	write_names(&signing->subject, names);
	X509V3_set_ctx(&ctx, ca, leaf, NULL, NULL, 0);
	return begin(leaf, now, signing->days) == -1 ||
			       set_name(X509_get_subject_name(leaf),
					common_name(&signing->subject)) == -1 ||
			       X509_set_issuer_name(leaf, X509_get_subject_name(ca)) !=
				       1 ||
			       X509_set_pubkey(leaf, key) != 1 ||
			       add(leaf, &ctx, NID_basic_constraints,
				   "critical,CA:FALSE") == -1 ||
			       add(leaf, &ctx, NID_key_usage,
				   "critical,digitalSignature") == -1 ||
			       add(leaf, &ctx, NID_ext_key_usage,
				   is_server ? "serverAuth" : "clientAuth") == -1 ||
			       add(leaf, &ctx, NID_subject_key_identifier, "hash") ==
				       -1 ||
			       add(leaf, &ctx, NID_authority_key_identifier,
				   "keyid:always") == -1 ||
			       add(leaf, &ctx, NID_subject_alt_name, names) == -1
		       ? -1
		       : 0;
}

int
pki_sign(const struct pki_signing *signing, time_t now, char serial[TRUST_SERIAL_SIZE],
	 struct digest *fingerprint, struct error *err)
{
	struct trust_identity signed_identity;
	bool is_there;
	int result = -1;
	X509 *leaf = NULL, *ca = read_certificate(signing->ca, err);
	EVP_PKEY *ca_key =
		ca != NULL ? read_key(signing->ca_key, &is_there, err) : NULL;
	EVP_PKEY *key =
		ca_key != NULL ? wanted_key(signing, now, fingerprint, err) : NULL;

	if (key == NULL)
		goto out;
	leaf = X509_new();
	if (leaf == NULL || X509_check_private_key(ca, ca_key) != 1 ||
	    fill_certificate(leaf, ca, key, signing, now) == -1 ||
	    X509_sign(leaf, ca_key, EVP_sha256()) == 0) {
		failed("the certificate", err);
	} else if (trust_identity_read(leaf, &signed_identity, err) == 0) {
		snprintf(serial, TRUST_SERIAL_SIZE, "%s", signed_identity.serial);
		result = write_certificate(leaf, signing->out, err);
	}
out:
	X509_free(leaf);
	X509_free(ca);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(key);
	return result;
}

int
pki_show(const char *path, struct trust_identity *identity, struct error *err)
{
	X509 *certificate = read_certificate(path, err);
	int result = certificate != NULL
			     ? trust_identity_read(certificate, identity, err)
			     : -1;

	X509_free(certificate);
	return result;
}
