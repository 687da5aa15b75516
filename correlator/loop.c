/* SPDX-License-Identifier: Apache-2.0 */
/* loop: the socket, signals and the commit's clock; calls intake and knows nothing of
 * records. */
#include "correlator/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "common/intake_protocol.h"
#include "common/log.h"

enum { ANSWERS_MAX = 1 << 16, READ_SIZE = 1 << 16, BACKLOG = 64, SIGNALS = 3 };

static const struct timeval commit_after = { .tv_usec = 100000 };
static const struct timeval silence_most = { .tv_sec = INTAKE_SILENCE_MAX /
						       INSTANT_SECOND };

struct loop {
	struct event_base *base;
	struct evconnlistener *listener;
	struct event *signal[SIGNALS];
	struct event *commit;
	struct intake *intake;
	loop_reload *reload;
	void *ctx;
	struct connection *first;
	struct error *err;
	bool has_failed;
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
};

struct connection {
	struct loop *loop;
	struct bufferevent *stream;
	struct intake_peer *peer;
	bool is_closing; /* once its answers are out */
	struct connection *next;
};

static void
close_connection(struct connection *connection)
{
	struct connection **at = &connection->loop->first;

	while (*at != connection)
		at = &(*at)->next;
	*at = connection->next;
	intake_peer_free(connection->peer);
	bufferevent_free(connection->stream);
	free(connection);
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
fail(struct loop *loop)
{
	loop->has_failed = true;
	event_base_loopbreak(loop->base);
}

static void
commit(struct loop *loop)
{
	if (intake_commit(loop->intake, loop->err) == -1)
		fail(loop);
}

static void
begin_closing(struct connection *connection)
{
	connection->is_closing = true;
	bufferevent_disable(connection->stream, EV_READ);
	if (evbuffer_get_length(bufferevent_get_output(connection->stream)) == 0)
		close_connection(connection);
}

static void
on_bytes(struct bufferevent *stream, void *ctx)
{
	struct connection *connection = ctx;
	struct loop *loop = connection->loop;
	struct evbuffer *input = bufferevent_get_input(stream);
	size_t size = evbuffer_get_length(input);
	struct bytes bytes = bytes_over(evbuffer_pullup(input, -1), size);
	struct error err;

	enum intake_result result = intake_feed(connection->peer, &bytes, &err);
	evbuffer_drain(input, size - bytes.left);
	if (result == INTAKE_FAILED) {
		*loop->err = err;
		fail(loop);
	} else if (result == INTAKE_CLOSE) {
		begin_closing(connection);
	} else if (intake_waiting(loop->intake) > 0 &&
		   !event_pending(loop->commit, EV_TIMEOUT, NULL)) {
		event_add(loop->commit, &commit_after);
	}
}

/* The other side is gone, silent or broken; the sensor comes again by itself. */
static void
on_end(struct bufferevent *stream, short what, void *ctx)
{
	(void)stream;
	if (what & BEV_EVENT_TIMEOUT)
		log_info("intake", "a connection was silent for %ld s and ends",
			 (long)silence_most.tv_sec);
	close_connection(ctx);
}

static void
on_connection(struct evconnlistener *listener, evutil_socket_t fd,
	      struct sockaddr *address, int size, void *ctx)
{
	struct loop *loop = ctx;
	struct connection *connection = calloc(1, sizeof(*connection));

	(void)listener;
	(void)address;
	(void)size;
	if (connection == NULL ||
	    (connection->stream = bufferevent_socket_new(
		     loop->base, fd, BEV_OPT_CLOSE_ON_FREE)) == NULL) {
		free(connection);
		close(fd);
		return;
	}
	connection->loop = loop;
	connection->next = loop->first;
	loop->first = connection;
	bufferevent_setcb(connection->stream, on_bytes, on_sent, on_end, connection);
	bufferevent_set_max_single_read(connection->stream, READ_SIZE);
	bufferevent_set_timeouts(connection->stream, &silence_most, &silence_most);
	connection->peer = intake_peer_new(loop->intake, send_to, connection);
	if (connection->peer == NULL)
		begin_closing(connection);
	else
		bufferevent_enable(connection->stream, EV_READ);
}

static void
on_commit_time(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	commit(ctx);
}

static void
on_stop(evutil_socket_t number, short what, void *ctx)
{
	struct loop *loop = ctx;

	(void)what;
	log_info("loop", "signal %d: committing and ending", (int)number);
	event_base_loopbreak(loop->base);
}

static void
on_reload(evutil_socket_t number, short what, void *ctx)
{
	struct loop *loop = ctx;

	(void)number;
	(void)what;
	commit(loop);
	if (!loop->has_failed)
		loop->reload(loop->ctx);
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

static int
listen_on(struct loop *loop, const char *path, struct error *err)
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

struct loop *
loop_new(const char *path, struct intake *intake, loop_reload *reload, void *ctx,
	 struct error *err)
{
	static const struct {
		int number;
		event_callback_fn on;
	} signals[SIGNALS] = { { SIGTERM, on_stop },
			       { SIGINT, on_stop },
			       { SIGHUP, on_reload } };
	struct loop *loop = calloc(1, sizeof(*loop));

	if (loop == NULL || (loop->base = event_base_new()) == NULL)
		log_fatal("loop", "no memory");
	signal(SIGPIPE, SIG_IGN);
	loop->intake = intake;
	loop->reload = reload;
	loop->ctx = ctx;
	loop->commit = evtimer_new(loop->base, on_commit_time, loop);
	for (size_t i = 0; i < SIGNALS; i++) {
		loop->signal[i] = evsignal_new(loop->base, signals[i].number,
					       signals[i].on, loop);
		event_add(loop->signal[i], NULL);
	}
	if (listen_on(loop, path, err) == 0)
		return loop;
	loop_free(loop);
	return NULL;
}

void
loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	while (loop->first != NULL)
		close_connection(loop->first);
	for (size_t i = 0; i < SIGNALS; i++)
		event_free(loop->signal[i]);
	event_free(loop->commit);
	if (loop->listener != NULL)
		evconnlistener_free(loop->listener);
	if (loop->path[0] != '\0')
		unlink(loop->path);
	event_base_free(loop->base);
	free(loop);
}

int
loop_run(struct loop *loop, struct error *err)
{
	loop->err = err;
	event_base_dispatch(loop->base);
	if (!loop->has_failed)
		commit(loop);
	return loop->has_failed ? -1 : 0;
}
