/* SPDX-License-Identifier: Apache-2.0 */
/* wire: the sender's connection, over a Unix socket or over TLS 1.3, without ever
 * waiting. */
#include "sensor/wire.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#define IS_GONE "the correlator has hung up"

struct wire {
	const struct wire_target *target;
	int fd;
	SSL *session;     /* NULL: plain */
	bool wants_write; /* TLS has something of its own to say before it can go on */
};

struct wire *
wire_new(const struct wire_target *target)
{
	struct wire *wire = calloc(1, sizeof(*wire));

	if (wire == NULL)
		return NULL;
	wire->target = target;
	wire->fd = -1;
	return wire;
}

void
wire_free(struct wire *wire)
{
	if (wire == NULL)
		return;
	wire_close(wire);
	free(wire);
}

void
wire_close(struct wire *wire)
{
	SSL_free(wire->session);
	if (wire->fd != -1)
		close(wire->fd);
	wire->session = NULL;
	wire->fd = -1;
	wire->wants_write = false;
}

static int
dial(int family, const struct sockaddr *address, socklen_t size)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	/* a Unix socket connects at once, or EAGAIN: its queue is full */
	if (fd == -1 || connect(fd, address, size) == 0 || errno == EINPROGRESS)
		return fd;
	int cause = errno;
	close(fd);
	errno = cause;
	return -1;
}

static int
open_plain(struct wire *wire, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", wire->target->path);
	wire->fd = dial(AF_UNIX, (const struct sockaddr *)&address, sizeof(address));
	return wire->fd == -1 ? error_errno(err, "connecting") : 0;
}

int
wire_open(struct wire *wire, struct error *err)
{
	const struct endpoint *to = &wire->target->endpoint;

	if (wire->target->trust == NULL)
		return open_plain(wire, err);
	wire->fd = dial(to->address.ss_family, (const struct sockaddr *)&to->address,
			to->size);
	if (wire->fd == -1)
		return error_errno(err, "connecting");
	wire->session = trust_session(wire->target->trust);
	if (wire->session == NULL || SSL_set_fd(wire->session, wire->fd) != 1) {
		wire_close(wire);
		return error_set(err, "no memory for TLS");
	}
	SSL_set_connect_state(wire->session);
	wire->wants_write = true; /* its first word, once TCP stands */
	return 0;
}

int
wire_descriptor(const struct wire *wire, bool has_output, short *events)
{
	/* in the handshake what we have waits for what they say: only TLS knows */
	bool is_ready = wire->session == NULL || SSL_is_init_finished(wire->session);

	*events = POLLIN;
	if ((has_output && is_ready) || wire->wants_write)
		*events |= POLLOUT;
	return wire->fd;
}

/* What SSL_read and SSL_write mean by 'result' <= 0. */
static ssize_t
explain(struct wire *wire, int result, struct error *err)
{
	int cause = errno;
	int why = SSL_get_error(wire->session, result);

	if (why == SSL_ERROR_WANT_READ)
		return 0;
	if (why == SSL_ERROR_WANT_WRITE) {
		wire->wants_write = true;
		return 0;
	}
	if (why == SSL_ERROR_ZERO_RETURN)
		return error_set(err, IS_GONE);
	errno = cause;
	if (why == SSL_ERROR_SYSCALL)
		return cause != 0 ? error_errno(err, "the connection")
				  : error_set(err, IS_GONE);
	return trust_failed(wire->session, ERR_get_error(), err);
}

static ssize_t
plain(ssize_t moved, bool is_receiving, struct error *err)
{
	if (moved > 0)
		return moved;
	if (moved == -1 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (moved == 0 && is_receiving)
		return error_set(err, IS_GONE);
	return moved == 0 ? 0
			  : error_errno(err, is_receiving ? "receiving" : "sending");
}

ssize_t
wire_receive(struct wire *wire, void *into, size_t room, struct error *err)
{
	if (wire->session == NULL)
		return plain(recv(wire->fd, into, room, 0), true, err);
	ERR_clear_error();
	errno = 0;
	wire->wants_write = false;
	int result = SSL_read(wire->session, into, (int)room);
	return result > 0 ? result : explain(wire, result, err);
}

ssize_t
wire_send(struct wire *wire, const void *from, size_t size, struct error *err)
{
	if (wire->session == NULL)
		return plain(send(wire->fd, from, size, MSG_NOSIGNAL), false, err);
	ERR_clear_error();
	errno = 0;
	wire->wants_write = false;
	int result = SSL_write(wire->session, from, (int)size);
	return result > 0 ? result : explain(wire, result, err);
}
