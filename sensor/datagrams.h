/* SPDX-License-Identifier: Apache-2.0 */
/*
 * datagrams: brings a UDP flow's datagrams to the dissector that knows them.
 *
 * The first DATAGRAMS_SHOWN datagrams with a payload are shown to every
 * dissector for datagrams; if none says yes, the flow is let go and costs
 * nothing more.  A flow that is recognised takes one of 'most' slots until it
 * is over; when all are taken, the oldest is finished early with what is
 * known, and counted.  Streams have slots of their own, so that a flood of
 * datagrams pushes out no stream.
 */
#ifndef SENSOR_DATAGRAMS_H
#define SENSOR_DATAGRAMS_H

#include "sensor/dissection.h"

enum { DATAGRAMS_SHOWN = 4 };

struct datagrams;

/* Those of 'rows' that are for streams are passed over; NULL at its end. */
struct datagrams *datagrams_new(const struct dissector *const *rows, uint32_t most,
				const struct dissection_sink *sink, struct error *err);
/* Before the first packet. */
void datagrams_configure(struct datagrams *datagrams,
			 const struct dissect_options *options);
void datagrams_free(struct datagrams *datagrams);

/* A UDP packet of the flow; cheap for flows that take no part. */
void datagrams_packet(struct datagrams *datagrams, struct flow *flow, int side,
		      const struct headers *headers, struct instant at);
/* The flow is over. */
void datagrams_finish(struct datagrams *datagrams, struct flow *flow,
		      struct instant at);

struct datagrams_counters {
	uint64_t cut; /* fed, but not whole */
	uint64_t violations, gave_up, no_memory;
	uint32_t used;                  /* slots, now */
	struct dissect_counters inside; /* of all dissectors together */
};
struct datagrams_counters datagrams_counters(const struct datagrams *datagrams);
size_t datagrams_memory(const struct datagrams *datagrams);

#endif
