/* SPDX-License-Identifier: Apache-2.0 */
/* wire: a connection to a receiver, by TCP or TLS, with a limit to each wait. */
#include "correlator/notify/wire.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "common/log.h"

struct wire {
	int fd;
	SSL_CTX *context;
	SSL *ssl;
};

static int
tls_failed(struct error *err, const char *what)
{
	unsigned long code = ERR_get_error();
	const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return error_set(err, "%s: %s", what,
			 reason != NULL ? reason
			 : errno == EAGAIN || errno == 0
				 ? "no answer in time, or the line was cut"
				 : strerror(errno));
}

static int
connect_one(const struct addrinfo *at)
{
	const struct timeval patience = { .tv_sec = WIRE_PATIENCE_SEC };
	int fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);

	if (fd == -1)
		return -1;
	/* of a blocking socket these bound connect, reads and writes alike */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, at->ai_addr, at->ai_addrlen) == 0)
		return fd;
	int why = errno == EINPROGRESS ? ETIMEDOUT : errno;
	close(fd);
	errno = why;
	return -1;
}

static int
connect_to(const struct target *target, struct error *err)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC,
					.ai_socktype = SOCK_STREAM };
	struct addrinfo *list;
	int fd = -1;
	int code = getaddrinfo(target->host, target->port, &hints, &list);

	if (code != 0)
		return error_set(err, "%s: %s", target->host, gai_strerror(code));
	for (const struct addrinfo *at = list; fd == -1 && at != NULL; at = at->ai_next)
		fd = connect_one(at);
	freeaddrinfo(list);
	if (fd == -1)
		return error_errno(err, "%s port %s", target->host, target->port);
	return fd;
}

static int
load_trust(SSL_CTX *context, const struct notify_settings *settings, struct error *err)
{
	int good = settings->ca != NULL
			   ? SSL_CTX_load_verify_locations(context, settings->ca, NULL)
			   : SSL_CTX_set_default_verify_paths(context);

	if (good != 1)
		return tls_failed(err, settings->ca != NULL ? settings->ca
							    : "trusted certificates");
	if (settings->certificate == NULL)
		return 0;
	if (SSL_CTX_use_certificate_chain_file(context, settings->certificate) != 1)
		return tls_failed(err, settings->certificate);
	if (settings->key == NULL ||
	    SSL_CTX_use_PrivateKey_file(context, settings->key, SSL_FILETYPE_PEM) != 1)
		return tls_failed(err,
				  settings->key != NULL ? settings->key : "notify.key");
	return 0;
}

/* The certificate must be of this host: by address if it is one, else by name. */
static bool
expect_host(SSL *ssl, const char *host)
{
	if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1)
		return true;
	ERR_clear_error();
	return SSL_set1_host(ssl, host) == 1 &&
	       SSL_set_tlsext_host_name(ssl, host) == 1;
}

int
wire_secure(struct wire *wire, const struct target *target,
	    const struct notify_settings *settings, struct error *err)
{
	wire->context = SSL_CTX_new(TLS_client_method());
	if (wire->context == NULL)
		log_fatal("notify", "libssl gives no context");
	SSL_CTX_set_min_proto_version(wire->context, TLS1_2_VERSION);
	SSL_CTX_set_verify(wire->context, SSL_VERIFY_PEER, NULL);
	/* a peer that closes without close_notify has still read to our end */
	SSL_CTX_set_options(wire->context, SSL_OP_IGNORE_UNEXPECTED_EOF);
	if (load_trust(wire->context, settings, err) == -1)
		return -1;
	wire->ssl = SSL_new(wire->context);
	if (wire->ssl == NULL || SSL_set_fd(wire->ssl, wire->fd) != 1 ||
	    !expect_host(wire->ssl, target->host))
		return tls_failed(err, target->host);
	errno = 0;
	if (SSL_connect(wire->ssl) == 1)
		return 0;
	long verified = SSL_get_verify_result(wire->ssl);
	if (verified != X509_V_OK)
		return error_set(err, "%s: its certificate: %s", target->host,
				 X509_verify_cert_error_string(verified));
	return tls_failed(err, target->host);
}

struct wire *
wire_open(const struct target *target, const struct notify_settings *settings,
	  struct error *err)
{
	struct wire *wire = calloc(1, sizeof(*wire));

	if (wire == NULL)
		log_fatal("notify", "no memory");
	wire->fd = connect_to(target, err);
	if (wire->fd != -1 &&
	    (!target->is_tls || wire_secure(wire, target, settings, err) == 0))
		return wire;
	wire_close(wire);
	return NULL;
}

void
wire_close(struct wire *wire)
{
	if (wire == NULL)
		return;
	SSL_free(wire->ssl);
	SSL_CTX_free(wire->context);
	if (wire->fd != -1)
		close(wire->fd);
	free(wire);
}

int
wire_write(struct wire *wire, const void *data, size_t size, struct error *err)
{
	const char *at = data;

	while (size > 0) {
		size_t part = size < 16384 ? size : 16384;
		errno = 0;
		ssize_t written = wire->ssl != NULL
					  ? SSL_write(wire->ssl, at, (int)part)
					  : send(wire->fd, at, part, MSG_NOSIGNAL);
		if (written <= 0)
			return wire->ssl != NULL ? tls_failed(err, "writing")
						 : error_errno(err, "writing");
		at += written;
		size -= (size_t)written;
	}
	return 0;
}

int
wire_read(struct wire *wire, void *data, size_t room, struct error *err)
{
	errno = 0;
	if (wire->ssl == NULL) {
		ssize_t got = recv(wire->fd, data, room, 0);
		return got < 0 ? error_errno(err, "no answer") : (int)got;
	}
	int got = SSL_read(wire->ssl, data, (int)(room < 16384 ? room : 16384));
	if (got > 0)
		return got;
	return SSL_get_error(wire->ssl, got) == SSL_ERROR_ZERO_RETURN
		       ? 0
		       : tls_failed(err, "no answer");
}

int
wire_line(struct wire *wire, char *line, size_t room, struct error *err)
{
	size_t used = 0, all = 0;
	char one;

	while (all++ < 65536) {
		int got = wire_read(wire, &one, 1, err);
		if (got <= 0)
			return got == -1 ? -1 : error_set(err, "the line was closed");
		if (one == '\n')
			break;
		if (used + 1 < room)
			line[used++] = one;
	}
	if (used > 0 && line[used - 1] == '\r')
		used--;
	line[used] = '\0';
	return (int)used;
}

int
wire_finish(struct wire *wire, struct error *err)
{
	char unused[256];
	int got;

	if (wire->ssl != NULL && SSL_shutdown(wire->ssl) < 0)
		return tls_failed(err, "closing");
	shutdown(wire->fd, SHUT_WR);
	for (int i = 0; i < 64; i++)
		if ((got = wire_read(wire, unused, sizeof(unused), err)) <= 0)
			return got;
	return error_set(err, "it speaks when nothing was asked");
}
