/* SPDX-License-Identifier: Apache-2.0 */
/* loop: sockets, timers and signals of the console, one thread. */
#include "dashboards/console/loop.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

#include <event2/event.h>

#include "common/log.h"

enum { LOOP_EVENTS_MAX = 16 };

struct entry {
	struct event *event;
	loop_callback *callback;
	void *ctx;
};

struct loop {
	struct event_base *base;
	struct entry entry[LOOP_EVENTS_MAX];
	size_t count;
};

struct loop *
console_loop_new(void)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (loop != NULL)
		loop->base = event_base_new();
	if (loop == NULL || loop->base == NULL)
		log_fatal("console", "no memory for the event loop");
	return loop;
}

void
console_loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	for (size_t i = 0; i < loop->count; i++)
		event_free(loop->entry[i].event);
	event_base_free(loop->base);
	free(loop);
}

void
console_loop_run(struct loop *loop)
{
	event_base_dispatch(loop->base);
}

void
loop_stop(struct loop *loop)
{
	event_base_loopbreak(loop->base);
}

void
loop_turn(struct loop *loop)
{
	event_base_loop(loop->base, EVLOOP_NONBLOCK);
}

static void
on_event(evutil_socket_t fd, short what, void *ctx)
{
	struct entry *entry = ctx;

	(void)fd;
	(void)what;
	entry->callback(entry->ctx);
}

static void
add(struct loop *loop, int fd, short what, const struct timeval *every,
    loop_callback *callback, void *ctx)
{
	assert(loop->count < LOOP_EVENTS_MAX);
	struct entry *entry = &loop->entry[loop->count++];

	*entry = (struct entry){ .callback = callback, .ctx = ctx };
	entry->event =
		event_new(loop->base, fd, (short)(what | EV_PERSIST), on_event, entry);
	if (entry->event == NULL || event_add(entry->event, every) == -1)
		log_fatal("console", "no memory for an event");
}

void
loop_every(struct loop *loop, int64_t msec, loop_callback *callback, void *ctx)
{
	struct timeval every = { .tv_sec = msec / 1000, .tv_usec = msec % 1000 * 1000 };

	add(loop, -1, 0, &every, callback, ctx);
}

void
loop_watch(struct loop *loop, int fd, loop_callback *callback, void *ctx)
{
	add(loop, fd, EV_READ, NULL, callback, ctx);
}

void
loop_on_signal(struct loop *loop, int number, loop_callback *callback, void *ctx)
{
	add(loop, number, EV_SIGNAL, NULL, callback, ctx);
}

int64_t
loop_now(const struct loop *loop)
{
	struct timespec now;

	(void)loop;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

struct event_base *
loop_base(struct loop *loop)
{
	return loop->base;
}
