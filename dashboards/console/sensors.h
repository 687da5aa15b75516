/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensors: state and coverage of the sensors a scope may see.
 *
 * Coverage of a span = time watched x (1 - loss) / time that has passed since the
 * sensor began.  A silent sensor's coverage falls; it is never left out.
 */
#ifndef DASHBOARDS_CONSOLE_SENSORS_H
#define DASHBOARDS_CONSOLE_SENSORS_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "store/console_reads.h"

enum { SENSORS_MAX = 512, SENSOR_HOURS = 24, SENSOR_NAME_SIZE = 64 };

struct sensor_hour {
	int64_t observed, packets, lost;
	int64_t watched; /* observed x (1 - loss) */
};

struct sensor_state {
	char sensor[SENSOR_NAME_SIZE], poi[SENSOR_NAME_SIZE];
	int64_t first, last, last_record, records;
	bool is_silent, is_losing;
	int64_t coverage, observed; /* of the last 24 h, millionths */
	int64_t packets, lost, lost_stream, lost_flow, lost_records;
	struct sensor_hour hour[SENSOR_HOURS]; /* the last is that of 'now' */
	json_t *participants;
};

struct sensor_states {
	struct sensor_state *at; /* owned */
	int count, left_out;     /* above SENSORS_MAX */
	int64_t now, begin;      /* begin of hour[0] */
};

/* -1 with a reason.  sensor_states_release() in either case. */
int sensor_states_read(struct console_reader *reader, const struct scope *scope,
		       int64_t now, struct sensor_states *states, struct error *err);
void sensor_states_release(struct sensor_states *states);
/* As GET /sensors; 'in_full' false: what a region viewer gets. */
json_t *sensors_json(const struct sensor_states *states, bool in_full);

#endif
