/* SPDX-License-Identifier: Apache-2.0 */
/* trust: who may stand at the other end of TLS between a sensor and the correlator. */
#include "common/trust.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "common/file.h"

enum { REVOKED_FILE_MAX = 1 << 20 };

struct trust {
	enum trust_role role;
	SSL_CTX *context;
	struct trust_identity self;
	char *revoked; /* the file's text, its serials each ended with NUL; or NULL */
	const char **serial;
	size_t serial_count;
};

void
trust_free(struct trust *trust)
{
	if (trust == NULL)
		return;
	SSL_CTX_free(trust->context);
	free(trust->revoked);
	free(trust->serial);
	free(trust);
}

const struct trust_identity *
trust_self(const struct trust *trust)
{
	return &trust->self;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool
trust_is_revoked(const struct trust *trust, const char *serial)
{
	return trust->serial_count > 0 &&
	       bsearch(&serial, trust->serial, trust->serial_count,
		       sizeof(*trust->serial), compare) != NULL;
}

/* The serial of a line in lower case, without leading zeros, ended with NUL; "" if it
 * has none; NULL if it is bad. */
static const char *
serial_of(char *line)
{
	char *start = line + strspn(line, " \t0"), *at = start;

	line[strcspn(line, "#\r")] = '\0';
	for (; *at != '\0' && *at != ' ' && *at != '\t'; at++) {
		if (*at >= 'A' && *at <= 'F')
			*at = (char)(*at - 'A' + 'a');
		if (strchr("0123456789abcdef", *at) == NULL)
			return NULL;
	}
	if (at[strspn(at, " \t")] != '\0' || at - start >= TRUST_SERIAL_SIZE)
		return NULL;
	*at = '\0';
	return start;
}

static int
read_revoked(struct trust *trust, const char *path, struct error *err)
{
	size_t size, lines = 1;

	if (file_read(path, REVOKED_FILE_MAX, &trust->revoked, &size, err) == -1)
		return -1;
	for (size_t i = 0; i < size; i++)
		lines += trust->revoked[i] == '\n';
	trust->serial = calloc(lines, sizeof(*trust->serial));
	if (trust->serial == NULL)
		return error_set(err, "no memory for %s", path);
	char *rest = trust->revoked;
	for (size_t i = 1; rest != NULL; i++) {
		const char *serial = serial_of(strsep(&rest, "\n"));
		if (serial == NULL)
			return error_set(err,
					 "%s:%zu:1: no serial number; expected up to "
					 "%d hexadecimal digits",
					 path, i, TRUST_SERIAL_SIZE - 1);
		if (serial[0] != '\0')
			trust->serial[trust->serial_count++] = serial;
	}
	qsort(trust->serial, trust->serial_count, sizeof(*trust->serial), compare);
	return 0;
}

/* OpenSSL's own question, and ours: of the other role, and not revoked. */
static int
verify(X509_STORE_CTX *chain, void *ctx)
{
	const struct trust *trust = ctx;
	struct trust_identity other;
	struct error ignored;
	int code = X509_V_OK;

	if (X509_verify_cert(chain) != 1)
		return 0;
	if (trust_identity_read(X509_STORE_CTX_get0_cert(chain), &other, &ignored) ==
		    -1 ||
	    other.role == trust->role)
		code = X509_V_ERR_APPLICATION_VERIFICATION;
	else if (trust_is_revoked(trust, other.serial))
		code = X509_V_ERR_CERT_REVOKED;
	if (code != X509_V_OK)
		X509_STORE_CTX_set_error(chain, code);
	return code == X509_V_OK;
}

/* Nobody sits there who could type one. */
static int
no_password(char *out, int size, int is_writing, void *ctx)
{
	(void)out;
	(void)size;
	(void)is_writing;
	(void)ctx;
	return -1;
}

static int
bad_file(const char *path, const char *expected, struct error *err)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return error_set(err, "%s: %s; expected %s", path,
			 reason != NULL ? reason : "it cannot be read", expected);
}

static int
check_key_file(const char *path, struct error *err)
{
	struct stat about;

	if (stat(path, &about) == -1)
		return error_errno(err, "%s", path);
	if (about.st_mode & S_IRWXO)
		return error_set(
			err,
			"%s: everybody may read the key; expected mode 0600 or 0640",
			path);
	return 0;
}

static int
load(struct trust *trust, const struct trust_files *files, struct error *err)
{
	SSL_CTX *context = trust->context;

	if (check_key_file(files->key, err) == -1)
		return -1;
	SSL_CTX_set_default_passwd_cb(context, no_password);
	if (SSL_CTX_use_certificate_chain_file(context, files->certificate) != 1)
		return bad_file(files->certificate, "a certificate in PEM", err);
	if (SSL_CTX_use_PrivateKey_file(context, files->key, SSL_FILETYPE_PEM) != 1)
		return bad_file(
			files->key,
			"the certificate's private key in PEM, without password", err);
	if (SSL_CTX_load_verify_locations(context, files->ca, NULL) != 1)
		return bad_file(files->ca, "the CA's certificate in PEM", err);
	return files->revoked != NULL ? read_revoked(trust, files->revoked, err) : 0;
}

static int
set_up(struct trust *trust, const struct trust_files *files, struct error *err)
{
	SSL_CTX *context = trust->context = SSL_CTX_new(TLS_method());
	struct error why;

	if (context == NULL ||
	    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1)
		return error_set(err, "OpenSSL has no TLS 1.3 here");
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
			   NULL);
	SSL_CTX_set_cert_verify_callback(context, verify, trust);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(context, 0);
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
					  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if (load(trust, files, err) == -1)
		return -1;
	if (trust_identity_read(SSL_CTX_get0_certificate(context), &trust->self,
				&why) == -1)
		return error_set(err, "%s: %s", files->certificate, why.text);
	if (trust->self.role != trust->role)
		return error_set(err, "%s: it is a %s's certificate; expected a %s's",
				 files->certificate,
				 trust->role == TRUST_SENSOR ? "correlator" : "sensor",
				 trust->role == TRUST_SENSOR ? "sensor" : "correlator");
	return 0;
}

struct trust *
trust_new(enum trust_role role, const struct trust_files *files, struct error *err)
{
	struct trust *trust = calloc(1, sizeof(*trust));

	if (trust == NULL) {
		error_set(err, "no memory for certificates");
		return NULL;
	}
	trust->role = role;
	if (set_up(trust, files, err) == 0)
		return trust;
	trust_free(trust);
	return NULL;
}

struct ssl_st *
trust_session(struct trust *trust)
{
	return SSL_new(trust->context);
}

int
trust_peer(const struct ssl_st *session, struct trust_identity *identity,
	   struct error *err)
{
	const X509 *certificate = SSL_get0_peer_certificate(session);

	if (certificate == NULL)
		return error_set(err, "it showed no certificate");
	return trust_identity_read(certificate, identity, err);
}

int
trust_failed(const struct ssl_st *session, unsigned long code, struct error *err)
{
	long verified = SSL_get_verify_result(session);
	const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;

	if (verified == X509_V_ERR_APPLICATION_VERIFICATION)
		return error_set(err, "the certificate there is not of whom we expect");
	if (verified != X509_V_OK)
		return error_set(err, "the certificate there: %s",
				 X509_verify_cert_error_string(verified));
	return error_set(err, "TLS: %s",
			 reason != NULL ? reason : "the connection broke");
}

int
trust_days_step(struct instant end, struct instant now)
{
	static const int days[] = { 0, 7, 14, 30 };

	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++)
		if (end.usec - now.usec <= days[i] * INSTANT_DAY)
			return days[i];
	return TRUST_FAR;
}

void
trust_days_words(struct instant end, struct instant now, char *out, size_t size)
{
	char day[INSTANT_TEXT_SIZE];

	instant_to_text(end, day);
	if (end.usec <= now.usec)
		snprintf(out, size, "expired on %.10s", day);
	else
		snprintf(out, size, "expires on %.10s, in %lld days", day,
			 (long long)((end.usec - now.usec) / INSTANT_DAY));
}
