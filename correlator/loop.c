/* SPDX-License-Identifier: Apache-2.0 */
/* loop: sockets, signals and the commit's clock; calls intake and knows nothing of
 * records. */
#include "correlator/loop.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/listener.h>

#include "common/log.h"
#include "correlator/loop_private.h"

static const struct timeval commit_after = { .tv_usec = 100000 };
static const struct timeval tick_interval = { .tv_usec = 200000 };
static const struct timeval poll_every = { .tv_usec = 250000 };

void
loop_fail(struct loop *loop)
{
	loop->has_failed = true;
	event_base_loopbreak(loop->base);
}

void
loop_commit_soon(struct loop *loop)
{
	if (!event_pending(loop->commit, EV_TIMEOUT, NULL))
		event_add(loop->commit, &commit_after);
}

static void
commit(struct loop *loop)
{
	if (intake_commit(loop->intake, loop->err) == -1)
		loop_fail(loop);
}

static void
on_commit_time(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	commit(ctx);
}

/* Time of our own: what sensors say of theirs is measured by it, and it goes on when
 * all are dead. */
static void
tick(struct loop *loop)
{
	struct timeval now;

	gettimeofday(&now, NULL);
	struct instant at = { now.tv_sec * INSTANT_SECOND + now.tv_usec };
	int due = intake_tick(loop->intake, at, loop->err);
	if (due == -1)
		loop_fail(loop);
	else if (due == 1)
		loop_commit_soon(loop);
}

static void
on_tick(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	tick(ctx);
}

static void
on_poll_time(evutil_socket_t fd, short what, void *ctx)
{
	struct loop *loop = ctx;
	int result = loop->poll(loop->ctx, loop->err);

	(void)fd;
	(void)what;
	if (result == -1)
		loop_fail(loop);
	else if (result == 1)
		loop_commit_soon(loop);
}

void
loop_poll_with(struct loop *loop, loop_poll *poll)
{
	loop->poll = poll;
	loop->poll_time = event_new(loop->base, -1, EV_PERSIST, on_poll_time, loop);
	event_add(loop->poll_time, &poll_every);
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
	tick(loop); /* a new engine knows no time */
}

struct loop *
loop_new(const char *path, struct intake *intake, loop_reload *reload, void *ctx,
	 struct error *err)
{
	static const struct {
		int number;
		event_callback_fn on;
	} signals[LOOP_SIGNALS] = { { SIGTERM, on_stop },
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
	loop->tick = event_new(loop->base, -1, EV_PERSIST, on_tick, loop);
	for (size_t i = 0; i < LOOP_SIGNALS; i++) {
		loop->signal[i] = evsignal_new(loop->base, signals[i].number,
					       signals[i].on, loop);
		event_add(loop->signal[i], NULL);
	}
	if (loop_listen_socket(loop, path, err) == 0)
		return loop;
	loop_free(loop);
	return NULL;
}

void
loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	loop_close_connections(loop);
	for (size_t i = 0; i < LOOP_SIGNALS; i++)
		event_free(loop->signal[i]);
	event_free(loop->commit);
	event_free(loop->tick);
	if (loop->poll_time != NULL)
		event_free(loop->poll_time);
	if (loop->listener != NULL)
		evconnlistener_free(loop->listener);
	if (loop->tls_listener != NULL)
		evconnlistener_free(loop->tls_listener);
	if (loop->path[0] != '\0')
		unlink(loop->path);
	event_base_free(loop->base);
	free(loop);
}

int
loop_run(struct loop *loop, struct error *err)
{
	loop->err = err;
	event_add(loop->tick, &tick_interval);
	tick(loop);
	if (!loop->has_failed)
		event_base_dispatch(loop->base);
	if (!loop->has_failed)
		commit(loop);
	return loop->has_failed ? -1 : 0;
}
