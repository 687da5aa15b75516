/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop: sockets, timers and signals of the console, one thread.  With http, the door to
 * libevent.  The one place that asks the clock; all below gets the time as data.
 */
#ifndef DASHBOARDS_CONSOLE_LOOP_H
#define DASHBOARDS_CONSOLE_LOOP_H

#include <stdint.h>

#include "common/error.h"

struct loop;

typedef void loop_callback(void *ctx);

/* Ends the program if there is no memory. */
struct loop *console_loop_new(void);
void console_loop_free(struct loop *loop);
/* Until loop_stop, or a signal given to loop_on_signal stops it. */
void console_loop_run(struct loop *loop);
void loop_stop(struct loop *loop);
/* What is ready now, without waiting. */
void loop_turn(struct loop *loop);
/* Calls back every 'msec' from then on, until the loop is freed. */
void loop_every(struct loop *loop, int64_t msec, loop_callback *callback, void *ctx);
/* Calls back while 'fd' is readable, until the loop is freed; 'fd' stays the caller's.
 */
void loop_watch(struct loop *loop, int fd, loop_callback *callback, void *ctx);
void loop_on_signal(struct loop *loop, int number, loop_callback *callback, void *ctx);
/* Microseconds since 1970 UTC. */
int64_t loop_now(const struct loop *loop);
/* The struct event_base, for http. */
struct event_base *loop_base(struct loop *loop);

#endif
