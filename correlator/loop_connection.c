/* SPDX-License-Identifier: Apache-2.0 */
/* loop_connection: sensors' connections, over the Unix socket or over TLS 1.3. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "common/endpoint.h"
#include "common/intake_protocol.h"
#include "common/log.h"
#include "common/trust.h"
#include "correlator/loop_private.h"

enum {
	ANSWERS_MAX = 1 << 16,
	READ_SIZE = 1 << 16,
	BACKLOG = 64,
	HANDSHAKES_MAX =
		64, /* strangers at a time: they must not take the places of sensors */
	STRANGERS_SAID = 10 /* seconds between lines about strangers */
};

static const struct timeval silence_most = { .tv_sec = INTAKE_SILENCE_MAX /
						       INSTANT_SECOND };

struct connection {
	struct loop *loop;
	struct bufferevent *stream;
	struct intake_peer *peer; /* NULL before TLS stands, or if there is no place */
	bool is_tls, is_in_handshake;
	bool is_closing;                /* once its answers are out */
	struct trust_identity identity; /* of TLS, after the handshake */
	struct connection *next;
};

static void
end_handshake(struct connection *connection)
{
	connection->loop->handshakes -= connection->is_in_handshake;
	connection->is_in_handshake = false;
}

static void
close_connection(struct connection *connection)
{
	struct connection **at = &connection->loop->first;

	while (*at != connection)
		at = &(*at)->next;
	*at = connection->next;
	end_handshake(connection);
	intake_peer_free(connection->peer);
	bufferevent_free(connection->stream);
	free(connection);
}

void
loop_close_connections(struct loop *loop)
{
	while (loop->first != NULL)
		close_connection(loop->first);
}

static void
send_to(void *ctx, const void *data, size_t size)
{
	struct connection *connection = ctx;

	bufferevent_write(connection->stream, data, size);
	if (evbuffer_get_length(bufferevent_get_output(connection->stream)) >
	    ANSWERS_MAX)
		bufferevent_disable(connection->stream, EV_READ);
}

/* What was to be said is out: the peer is read from again, or gone. */
static void
on_sent(struct bufferevent *stream, void *ctx)
{
	struct connection *connection = ctx;

	if (connection->is_closing)
		close_connection(connection);
	else
		bufferevent_enable(stream, EV_READ);
}

static void
begin_closing(struct connection *connection)
{
	end_handshake(connection);
	connection->is_closing = true;
	bufferevent_disable(connection->stream, EV_READ);
	if (evbuffer_get_length(bufferevent_get_output(connection->stream)) == 0)
		close_connection(connection);
}

/* False while the rest of a large message is on its way: it would be moved again and
 * again. */
static bool
is_worth_a_look(struct evbuffer *input, size_t size)
{
	uint8_t begin[4];

	if (evbuffer_copyout(input, begin, sizeof(begin)) < (ssize_t)sizeof(begin))
		return false;
	size_t body = (size_t)begin[0] << 24 | (size_t)begin[1] << 16 |
		      (size_t)begin[2] << 8 | begin[3];
	return body > INTAKE_BODY_MAX || size >= body + INTAKE_HEADER_SIZE;
}

static void
on_bytes(struct bufferevent *stream, void *ctx)
{
	struct connection *connection = ctx;
	struct loop *loop = connection->loop;
	struct evbuffer *input = bufferevent_get_input(stream);
	size_t size = evbuffer_get_length(input);
	struct error err;

	if (connection->peer == NULL || !is_worth_a_look(input, size))
		return;
	struct bytes bytes = bytes_over(evbuffer_pullup(input, -1), size);
	enum intake_result result = intake_feed(connection->peer, &bytes, &err);
	evbuffer_drain(input, size - bytes.left);
	if (result == INTAKE_FAILED) {
		*loop->err = err;
		loop_fail(loop);
	} else if (result == INTAKE_CLOSE) {
		begin_closing(connection);
	} else if (intake_waiting(loop->intake) > 0) {
		loop_commit_soon(loop);
	}
}

static void
begin_reading(struct connection *connection)
{
	connection->peer =
		intake_peer_new(connection->loop->intake, send_to, connection);
	if (connection->peer == NULL) {
		begin_closing(connection);
		return;
	}
	if (connection->is_tls)
		intake_peer_bind(connection->peer, &connection->identity);
	bufferevent_enable(connection->stream, EV_READ);
}

/* Anybody who reaches the port can make these: counted, and said now and then. */
static void
refuse_stranger(struct connection *connection, const char *why)
{
	struct loop *loop = connection->loop;
	struct timeval now;

	intake_refuse_stranger(loop->intake);
	event_base_gettimeofday_cached(loop->base, &now);
	if (now.tv_sec - loop->said_at.tv_sec >= STRANGERS_SAID)
		log_warn("intake", "a connection over TLS is refused: %s", why);
	if (now.tv_sec - loop->said_at.tv_sec >= STRANGERS_SAID)
		loop->said_at = now;
	close_connection(connection);
}

static void
on_handshake(struct connection *connection)
{
	struct loop *loop = connection->loop;
	struct trust_identity *identity = &connection->identity;
	struct timeval now;
	struct error err;
	char words[80];

	if (trust_peer(bufferevent_openssl_get_ssl(connection->stream), identity,
		       &err) == -1) {
		refuse_stranger(connection, err.text);
		return;
	}
	event_base_gettimeofday_cached(loop->base, &now);
	struct instant at = { now.tv_sec * INSTANT_SECOND + now.tv_usec };
	if (trust_days_step(identity->end, at) < TRUST_FAR) {
		trust_days_words(identity->end, at, words, sizeof(words));
		log_warn("intake", "the certificate of sensor %s %s", identity->sensor,
			 words);
	}
	end_handshake(connection);
	begin_reading(connection);
}

static void
on_tls_end(struct connection *connection, short what)
{
	struct error err;
	struct bufferevent *stream = connection->stream;

	if (what & BEV_EVENT_TIMEOUT)
		error_set(&err, "it did not finish its handshake in %ld s",
			  (long)silence_most.tv_sec);
	else
		trust_failed(bufferevent_openssl_get_ssl(stream),
			     bufferevent_get_openssl_error(stream), &err);
	refuse_stranger(connection, err.text);
}

/* The other side is gone, silent or broken; the sensor comes again by itself. */
static void
on_event(struct bufferevent *stream, short what, void *ctx)
{
	struct connection *connection = ctx;

	(void)stream;
	if (what & BEV_EVENT_CONNECTED) {
		on_handshake(connection);
		return;
	}
	if (connection->is_in_handshake) {
		on_tls_end(connection, what);
		return;
	}
	if (what & BEV_EVENT_TIMEOUT)
		log_info("intake", "%s was silent for %ld s; its connection ends",
			 connection->is_tls ? connection->identity.sensor : "a sensor",
			 (long)silence_most.tv_sec);
	close_connection(connection);
}

/* NULL if there is no memory; the descriptor is then closed. */
static struct connection *
connection_new(struct loop *loop, struct bufferevent *stream, bool is_tls)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (connection == NULL || stream == NULL) {
		free(connection);
		if (stream != NULL)
			bufferevent_free(stream);
		return NULL;
	}
	*connection = (struct connection){
		.loop = loop, .stream = stream, .is_tls = is_tls, .next = loop->first
	};
	loop->first = connection;
	bufferevent_setcb(stream, on_bytes, on_sent, on_event, connection);
	bufferevent_set_max_single_read(stream, READ_SIZE);
	bufferevent_set_timeouts(stream, &silence_most, &silence_most);
	return connection;
}

static void
on_connection(struct evconnlistener *listener, evutil_socket_t fd,
	      struct sockaddr *address, int size, void *ctx)
{
	struct loop *loop = ctx;
	struct bufferevent *stream =
		bufferevent_socket_new(loop->base, fd, BEV_OPT_CLOSE_ON_FREE);

	(void)listener;
	(void)address;
	(void)size;
	if (stream == NULL)
		close(fd);
	struct connection *connection = connection_new(loop, stream, false);
	if (connection != NULL)
		begin_reading(connection);
}

static void
on_tls_connection(struct evconnlistener *listener, evutil_socket_t fd,
		  struct sockaddr *address, int size, void *ctx)
{
	struct loop *loop = ctx;
	struct ssl_st *session =
		loop->handshakes < HANDSHAKES_MAX ? trust_session(loop->trust) : NULL;
	struct bufferevent *stream = NULL;

	(void)listener;
	(void)address;
	(void)size;
	if (session == NULL)
		intake_refuse_stranger(loop->intake);
	else
		stream = bufferevent_openssl_socket_new(loop->base, fd, session,
							BUFFEREVENT_SSL_ACCEPTING,
							BEV_OPT_CLOSE_ON_FREE);
	if (stream == NULL) {
		close(fd);
		return;
	}
	struct connection *connection = connection_new(loop, stream, true);
	if (connection != NULL) {
		loop->handshakes++;
		connection->is_in_handshake = true;
		bufferevent_enable(stream, EV_READ);
	}
}

/* True if somebody listens there; a socket file that nobody listens on is removed. */
static bool
is_taken(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool is_answered = fd != -1 && connect(fd, (const struct sockaddr *)address,
					       sizeof(*address)) == 0;

	if (fd != -1 && !is_answered && errno == ECONNREFUSED)
		unlink(address->sun_path);
	if (fd != -1)
		close(fd);
	return is_answered;
}

int
loop_listen_socket(struct loop *loop, const char *path, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(address.sun_path))
		return error_set(err, "the socket's name is over %zu characters: %s",
				 sizeof(address.sun_path) - 1, path);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (is_taken(&address))
		return error_set(err, "another correlator listens on %s", path);
	loop->listener = evconnlistener_new_bind(
		loop->base, on_connection, loop,
		LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, BACKLOG,
		(struct sockaddr *)&address, sizeof(address));
	if (loop->listener == NULL || chmod(path, 0660) == -1)
		return error_errno(err, "cannot listen on %s", path);
	snprintf(loop->path, sizeof(loop->path), "%s", path);
	return 0;
}

int
loop_listen_tls(struct loop *loop, const char *address, struct trust *trust,
		struct error *err)
{
	struct endpoint endpoint;

	if (endpoint_parse(address, &endpoint, err) == -1)
		return -1;
	loop->trust = trust;
	loop->tls_listener = evconnlistener_new_bind(
		loop->base, on_tls_connection, loop,
		LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
		BACKLOG, (struct sockaddr *)&endpoint.address, (int)endpoint.size);
	if (loop->tls_listener == NULL)
		return error_errno(err, "cannot listen on %s", address);
	return 0;
}

void
loop_trust(struct loop *loop, struct trust *trust)
{
	struct connection *next;

	loop->trust = trust;
	for (struct connection *at = loop->first; at != NULL; at = next) {
		next = at->next;
		bool is_revoked = at->peer != NULL && at->is_tls &&
				  trust_is_revoked(trust, at->identity.serial);
		if (is_revoked)
			log_warn("intake",
				 "the certificate of sensor %s is revoked; its "
				 "connection ends",
				 at->identity.sensor);
		if (is_revoked || at->is_in_handshake)
			close_connection(at);
	}
}
