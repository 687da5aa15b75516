/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dissection: brings a flow's bytes to the dissector that knows them.
 *
 * A TCP flow takes part from its first payload until a dissector is done, or
 * none recognises it.  The first bytes of either side are shown to all
 * dissectors until one says yes (DISSECTION_FIRST bytes at most); from then
 * on that one is fed.  At most 'most' flows take part at once: then the
 * oldest is finished early with what is known, and counted.  Datagrams are
 * sensor/datagrams.h's.
 */
#ifndef SENSOR_DISSECTION_H
#define SENSOR_DISSECTION_H

#include "common/error.h"
#include "sensor/dissect/dissector.h"
#include "sensor/flow.h"

enum { DISSECTION_FIRST = 128 };

struct dissection;

struct dissection_config {
	const struct dissector *const *dissectors; /* NULL at the end */
	uint32_t most;
	uint64_t stream_bytes_max;
	uint32_t stream_flow_max;
};

/* Where it goes.  'flow' is the flow of the call that is under way, or the oldest given
 * up. */
struct dissection_sink {
	void *ctx;
	void (*emit)(void *ctx, struct flow *flow, struct instant at,
		     struct record *record);
	void (*violation)(void *ctx, struct flow *flow, struct instant at,
			  const struct dissector *dissector, const char *event);
	/* The first segment with other bytes than came first; may be NULL. */
	void (*difference)(void *ctx, struct flow *flow, struct instant at);
};

struct dissection *dissection_new(const struct dissection_config *config,
				  const struct dissection_sink *sink,
				  struct error *err);
/* Before the first packet. */
void dissection_configure(struct dissection *dissection,
			  const struct dissect_options *options);
void dissection_free(struct dissection *dissection);

/* A TCP packet of the flow; cheap for flows that take no part. */
void dissection_packet(struct dissection *dissection, struct flow *flow, int side,
		       const struct headers *headers, struct instant at);
/* The flow is over. */
void dissection_finish(struct dissection *dissection, struct flow *flow,
		       struct instant at);
/* The flow may go on, but is followed no more: the table is full, or the lane ends. */
void dissection_cut(struct dissection *dissection, struct flow *flow,
		    struct instant at);

struct dissection_counters {
	uint64_t gaps, violations, gave_up, no_memory;
	uint64_t differences;           /* segments with other bytes than came first */
	uint64_t held;                  /* bytes out of order, now */
	struct dissect_counters inside; /* of all dissectors together */
};
struct dissection_counters dissection_counters(const struct dissection *dissection);
size_t dissection_memory(const struct dissection *dissection);

#endif
