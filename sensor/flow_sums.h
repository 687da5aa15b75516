/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow_sums: one-packet unanswered flows above the emission budget, as exact sums by
 * source and port.
 *
 * Floods and scans make a flow a packet; each told by itself they would push evidence
 * out of ring and spool. Each flow record takes one of 'budget' a second of lane time,
 * of which a second's worth may be saved up.  When none is left, a flow that had one
 * packet and no answer adds to the sum of its VLANs, source, protocol and destination
 * port; sums are told at the end of each interval as flow_summary records.  At
 * FLOW_SUMS_SOURCES sums of an interval further sources go together by port, and at
 * FLOW_SUMS_PORTS of these further ports too: never is one left out.
 */
#ifndef SENSOR_FLOW_SUMS_H
#define SENSOR_FLOW_SUMS_H

#include "sensor/flow.h"
#include "sensor/lane.h"

enum { FLOW_SUMS_SOURCES = 4096, FLOW_SUMS_PORTS = 1024 };

struct flow_sums;

/* NULL if there is no memory. */
struct flow_sums *flow_sums_new(uint32_t budget, int64_t interval);
void flow_sums_free(struct flow_sums *sums);
size_t flow_sums_memory(const struct flow_sums *sums);

/* A flow record is about to leave: true if it is folded instead. */
bool flow_sums_take(struct flow_sums *sums, const struct flow *flow, struct instant now,
		    bool is_final);
/* Flows folded since the start. */
uint64_t flow_sums_count(const struct flow_sums *sums);

/* There are sums, and their interval is over. */
bool flow_sums_is_due(const struct flow_sums *sums, struct instant now);
/* Emits the sums there are, in the order of their first flows, and begins anew. */
void flow_sums_tell(struct flow_sums *sums, struct lane *lane);

#endif
