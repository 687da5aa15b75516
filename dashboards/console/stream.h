/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream: server-sent events to whoever watches, each by its own scope.
 *
 * The store is another process's; it is followed by asking it five times a
 * second whether anything was committed.  An event's id is "alert seq.workflow
 * change", from which a stream can be taken up again.  A reader that does not
 * keep up is cut off at a cap, and counted.
 */
#ifndef DASHBOARDS_CONSOLE_STREAM_H
#define DASHBOARDS_CONSOLE_STREAM_H

#include <stdint.h>

#include "dashboards/console/console.h"

enum { STREAM_WAITING_MAX = 256 * 1024, STREAM_REPLAY_MAX = 1000 };

struct stream_counters {
	uint64_t opened, refused, cut; /* refused: above a cap; cut: did not keep up */
};

struct streams *streams_new(void);
/* Before the loop and the server are freed: ends all. */
void streams_free(struct streams *streams);
struct stream_counters streams_counters(const struct streams *streams);

/* Callbacks of the loop; ctx is the console. */
void streams_on_poll(void *console);  /* every 200 ms */
void streams_on_state(void *console); /* every 5 s: overview, sensors, sessions */
void streams_on_beat(void *console);  /* every 15 s */

#endif
