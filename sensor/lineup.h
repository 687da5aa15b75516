/* SPDX-License-Identifier: Apache-2.0 */
/* lineup: the dissectors of one transport, what the flows of a lane share in each, and
 * who may know some bytes. */
#ifndef SENSOR_LINEUP_H
#define SENSOR_LINEUP_H

#include "common/error.h"
#include "sensor/dissect/dissector.h"

enum { LINEUP_MOST = 64 }; /* dissectors of one transport */

struct lineup {
	const struct dissector *at[LINEUP_MOST];
	void *shared[LINEUP_MOST];
	uint32_t count;
	/* bit i: dissector i may know a stream that begins with this byte */
	uint64_t by_first_byte[256];
};

/* Takes those of 'rows' (NULL at the end) that are for 'transport'; -1 with '*err'. */
int lineup_start(struct lineup *lineup, const struct dissector *const *rows,
		 enum dissect_transport transport, struct error *err);
/* Also after a failed start. */
void lineup_stop(struct lineup *lineup);
/* Tells each what was chosen of it. */
void lineup_configure(const struct lineup *lineup,
		      const struct dissect_options *options);
/* A bit for each dissector. */
uint64_t lineup_all(const struct lineup *lineup);
/*
 * Of a stream's first bytes: index of the dissector that says yes, or -1.
 * Those that say no leave '*candidates'.
 */
int lineup_ask(const struct lineup *lineup, uint64_t *candidates, struct bytes first,
	       int side);
/* Of all its dissectors together. */
struct dissect_counters lineup_counters(const struct lineup *lineup);

#endif
