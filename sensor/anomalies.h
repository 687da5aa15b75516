/* SPDX-License-Identifier: Apache-2.0 */
/*
 * anomalies: records of what breaks its protocol, and how many a kind may make.
 *
 * A stranger can send broken frames as fast as the wire is, so each kind of
 * frame may make ANOMALIES_PER_KIND records in ANOMALIES_INTERVAL; the rest is
 * counted.  A flow's own are limited by the flow: each kind tells once.
 */
#ifndef SENSOR_ANOMALIES_H
#define SENSOR_ANOMALIES_H

#include "common/instant.h"
#include "sensor/decode.h"
#include "sensor/lane.h"

#define ANOMALIES_INTERVAL (10 * INSTANT_SECOND)
enum { ANOMALIES_PER_KIND = 10 };

struct anomalies {
	struct {
		int64_t interval; /* number of the interval that 'made' counts in */
		uint32_t made;
	} kind[DECODE_RESULT_COUNT];
	uint64_t suppressed;
	struct record record; /* scratch: a dissector's own record may be open */
};

/* Tells of a frame through the lane, if its result is anybody's fault and its kind may
 * make one more; else it is counted as suppressed. */
void anomalies_frame(struct anomalies *anomalies, struct lane *lane,
		     const struct packet *packet, const struct headers *headers,
		     enum decode_result result);

/* Of a flow: 'type' is EVE's ("stream", "applayer"), 'layer' may be NULL. */
void anomalies_flow(struct anomalies *anomalies, struct lane *lane,
		    const struct flow *flow, struct instant at, const char *type,
		    const char *event, const char *layer);

#endif
