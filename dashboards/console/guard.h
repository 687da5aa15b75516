/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guard: stands between a connection's bytes and evhttp, which lets through what it
 * should not (docs/ARCHITECTURE.md, "The console").
 *
 * It holds back a head until it is whole and head_check has taken it, then lets
 * through as many bytes of body as the head says.  A refused connection
 * delivers one made-up request, GET /.refused/FAULT with Connection: close, and
 * nothing more, so that the answer goes the usual way.  Heads and bodies that
 * do not come within a deadline end the connection, and connections have a cap.
 */
#ifndef DASHBOARDS_CONSOLE_GUARD_H
#define DASHBOARDS_CONSOLE_GUARD_H

#include <stdint.h>

struct bufferevent;
struct event_base;

struct guards;

struct guard_counters {
	uint64_t connections, refused, late,
		over; /* late: deadline; over: above the cap */
};

#define GUARD_REFUSED "/.refused/"

struct guards *guards_new(struct event_base *base, int connections_most);
/* After evhttp is freed. */
void guards_free(struct guards *guards);
/* For evhttp_set_bevcb: a guarded bufferevent without descriptor. */
struct bufferevent *guards_add(struct event_base *base, void *guards);
struct guard_counters guards_counters(const struct guards *guards);

#endif
