/* SPDX-License-Identifier: Apache-2.0 */
/*
 * anomalies: how many records a kind of broken frame may still make.
 *
 * A stranger can send broken frames as fast as the wire is, so each kind may
 * make ANOMALIES_PER_KIND records in ANOMALIES_INTERVAL; the rest is counted.
 */
#ifndef SENSOR_ANOMALIES_H
#define SENSOR_ANOMALIES_H

#include "common/instant.h"
#include "sensor/decode.h"

#define ANOMALIES_INTERVAL (10 * INSTANT_SECOND)
enum { ANOMALIES_PER_KIND = 10 };

struct anomalies {
	struct {
		int64_t interval; /* number of the interval that 'made' counts in */
		uint32_t made;
	} kind[DECODE_RESULT_COUNT];
	uint64_t suppressed;
};

/* True if one more of this kind may go out at 'now'; else counted as suppressed. */
bool anomalies_allow(struct anomalies *anomalies, enum decode_result kind,
		     struct instant now);

#endif
