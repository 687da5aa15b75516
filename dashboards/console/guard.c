/* SPDX-License-Identifier: Apache-2.0 */
/* guard: stands between a connection's bytes and evhttp. */
#include "dashboards/console/guard.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "common/log.h"
#include "dashboards/console/head.h"

enum {
	DEADLINE_SEC = 10,       /* from a head's first byte to its body's last */
	WAITING_MAX = 256 * 1024 /* bytes of further requests while one is answered */
};

struct guard {
	struct guards *guards;
	struct bufferevent *bufferevent; /* a reference of our own */
	struct evbuffer *raw;            /* not yet checked */
	size_t body;                     /* bytes still to let through */
	time_t since;                    /* of the first byte that waits, or 0 */
	enum head_fault fault;
	bool is_told, is_busy; /* the made-up request is sent; we are at it ourselves */
	struct guard *next;
};

struct guards {
	struct guard *first;
	struct event *sweep;
	int count, most;
	struct guard_counters counters;
};

static time_t
seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + 1; /* never 0 */
}

/* From now on nothing passes but one request that says why. */
static void
refuse(struct guard *guard, struct evbuffer *input)
{
	evbuffer_drain(guard->raw, evbuffer_get_length(guard->raw));
	guard->since = 0;
	if (guard->is_told)
		return;
	guard->is_told = true;
	guard->guards->counters.refused++;
	evbuffer_add_printf(input,
			    "GET " GUARD_REFUSED "%s HTTP/1.1\r\nHost: refused\r\n"
			    "Connection: close\r\n\r\n",
			    head_fault_name(guard->fault));
}

/* A head that is whole and good moves on; false if there is nothing more to do. */
static bool
pass_head(struct guard *guard, struct evbuffer *input)
{
	size_t have = evbuffer_get_length(guard->raw);
	size_t look = have < HEAD_SIZE_MAX ? have : HEAD_SIZE_MAX;
	const char *head =
		look == 0 ? NULL
			  : (const char *)evbuffer_pullup(guard->raw, (ev_ssize_t)look);
	size_t size = head == NULL ? 0 : head_length(head, look);

	if (size == 0) {
		if (have >= HEAD_SIZE_MAX)
			guard->fault = HEAD_SIZE;
		return false;
	}
	guard->fault = head_check(head, size, &guard->body);
	if (guard->fault != HEAD_OK)
		return false;
	evbuffer_remove_buffer(guard->raw, input, size);
	return true;
}

static bool
pass_body(struct guard *guard, struct evbuffer *input)
{
	int moved = evbuffer_remove_buffer(guard->raw, input, guard->body);

	guard->body -= moved > 0 ? (size_t)moved : 0;
	return guard->body == 0;
}

static void
pass(struct guard *guard, struct evbuffer *input)
{
	bool goes_on = guard->fault == HEAD_OK;

	while (goes_on && evbuffer_get_length(guard->raw) > 0)
		goes_on = guard->body > 0 ? pass_body(guard, input)
					  : pass_head(guard, input);
	if (evbuffer_get_length(input) > WAITING_MAX)
		guard->fault = HEAD_SIZE;
	bool waits = evbuffer_get_length(guard->raw) > 0 || guard->body > 0;
	if (!waits)
		guard->since = 0;
	else if (guard->since == 0)
		guard->since = seconds_now();
	if (guard->fault != HEAD_OK)
		refuse(guard, input);
}

/*
 * evhttp takes its callbacks away when it frees a connection.  The descriptor stays
 * open until our reference goes, at the next sweep: closed earlier, its number would be
 * another connection's while events of this one are still to come.
 */
static bool
is_over(const struct guard *guard)
{
	bufferevent_event_cb on_event = NULL;

	bufferevent_getcb(guard->bufferevent, NULL, NULL, &on_event, NULL);
	return on_event == NULL;
}

/* The bytes just read stand at the end of the input: behind what evhttp has not taken
 * yet. */
static void
on_input(struct evbuffer *input, const struct evbuffer_cb_info *info, void *ctx)
{
	struct guard *guard = ctx;
	struct evbuffer *older;

	if (guard->is_busy || info->n_added == 0)
		return;
	if (is_over(guard)) { /* read to the end, so that the answer is not lost to a
				 reset */
		evbuffer_drain(input, evbuffer_get_length(input));
		return;
	}
	older = evbuffer_new();
	if (older == NULL)
		log_fatal("console", "no memory for a connection");
	guard->is_busy = true;
	evbuffer_remove_buffer(input, older,
			       evbuffer_get_length(input) - info->n_added);
	evbuffer_add_buffer(guard->raw, input);
	evbuffer_add_buffer(input, older);
	pass(guard, input);
	guard->is_busy = false;
	evbuffer_free(older);
}

struct bufferevent *
guards_add(struct event_base *base, void *ctx)
{
	struct guards *guards = ctx;
	struct guard *guard = calloc(1, sizeof(*guard));
	struct bufferevent *bufferevent =
		bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);

	if (guard == NULL || bufferevent == NULL ||
	    (guard->raw = evbuffer_new()) == NULL)
		log_fatal("console", "no memory for a connection");
	guard->guards = guards;
	guard->bufferevent = bufferevent;
	guards->counters.connections++;
	if (++guards->count > guards->most) {
		guard->fault = HEAD_BUSY;
		guards->counters.over++;
	}
	bufferevent_incref(bufferevent);
	evbuffer_add_cb(bufferevent_get_input(bufferevent), on_input, guard);
	guard->next = guards->first;
	guards->first = guard;
	return bufferevent;
}

static void
guard_free(struct guard *guard)
{
	evbuffer_remove_cb(bufferevent_get_input(guard->bufferevent), on_input, guard);
	bufferevent_decref(guard->bufferevent);
	evbuffer_free(guard->raw);
	guard->guards->count--;
	free(guard);
}

static void
on_sweep(evutil_socket_t fd, short what, void *ctx)
{
	struct guards *guards = ctx;
	struct guard **at = &guards->first;
	time_t now = seconds_now();

	(void)fd;
	(void)what;
	while (*at != NULL) {
		struct guard *guard = *at;
		if (is_over(guard)) {
			*at = guard->next;
			guard_free(guard);
			continue;
		}
		if (guard->since != 0 && now - guard->since > DEADLINE_SEC) {
			guards->counters.late++;
			guard->since = 0;
			shutdown(bufferevent_getfd(guard->bufferevent), SHUT_RDWR);
		}
		at = &guard->next;
	}
}

struct guards *
guards_new(struct event_base *base, int connections_most)
{
	struct guards *guards = calloc(1, sizeof(*guards));
	struct timeval second = { .tv_sec = 1 };

	if (guards != NULL)
		guards->sweep = event_new(base, -1, EV_PERSIST, on_sweep, guards);
	if (guards == NULL || guards->sweep == NULL ||
	    event_add(guards->sweep, &second) == -1)
		log_fatal("console", "no memory for the guard");
	guards->most = connections_most;
	return guards;
}

void
guards_free(struct guards *guards)
{
	if (guards == NULL)
		return;
	while (guards->first != NULL) {
		struct guard *guard = guards->first;
		guards->first = guard->next;
		guard_free(guard);
	}
	event_free(guards->sweep);
	free(guards);
}

struct guard_counters
guards_counters(const struct guards *guards)
{
	return guards->counters;
}
