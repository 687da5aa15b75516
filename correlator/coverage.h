/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coverage: how much of a participant's window was watched, in millionths (decisions.md
 * 24, 25).
 *
 * Per sensor and POI: (time watched / window) x (1 - loss), the window clipped
 * to where the sensor was there (its first record, or its validity in the
 * inventory), to the participant's validity and, while it is open, to where
 * the sensor has come.  The participant's coverage is the least over the
 * sensors that see its lines; a sensor of the inventory that was never heard
 * of counts as 0.
 */
#ifndef CORRELATOR_COVERAGE_H
#define CORRELATOR_COVERAGE_H

#include <stdbool.h>

#include "common/record.h"
#include "correlator/inventory/inventory.h"
#include "correlator/lanes.h"
#include "correlator/touched.h"
#include "store/store.h"

enum { COVERAGE_SENSORS_MAX = 1024, COVERAGE_FULL = 1000000 };
/* A coverage record of a longer interval is refused. */
#define COVERAGE_INTERVAL_MAX (31 * INSTANT_DAY)

struct coverage;

/* 'is_only_seen': replay, where sensors that are not in the input do not count. */
struct coverage *coverage_new(const struct inventory *inventory,
			      const struct lanes *lanes, struct store *store,
			      bool is_only_seen, struct error *err);
void coverage_free(struct coverage *coverage);

/* Notes that a record of that time came from the sensor at 'poi'.  False at
 * COVERAGE_SENSORS_MAX. */
bool coverage_see(struct coverage *coverage, const char *sensor, const char *poi,
		  const struct record *record, int64_t lane_time);

/* Adds a coverage record; 1, 0 if it makes no sense, -1 if the store fails. */
int coverage_add(struct coverage *coverage, struct lane *lane, const char *poi,
		 const struct record *record, struct error *err);

/* Writes the sensors' rows; 'touched' gains all whose coverage may have changed. */
int coverage_flush(struct coverage *coverage, struct touched *touched,
		   struct error *err);

/*
 * Coverage of a window; 'participant' NULL: the unknown one, over all sensors.
 * 'is_closed': the watermark has passed its end.  -1 if the store fails.
 */
int coverage_of(struct coverage *coverage, const struct participant *participant,
		int64_t window_start, int64_t window_end, bool is_closed,
		uint32_t *millionths, struct error *err);

/*
 * The same of a whole closed window, whoever was there only for a part of it:
 * that somebody was silent can be said only of what was watched throughout.
 */
int coverage_of_whole(struct coverage *coverage, const struct participant *participant,
		      int64_t window_start, int64_t window_end, uint32_t *millionths,
		      struct error *err);
/* The first record of any sensor; INT64_MAX if there is none. */
int64_t coverage_begin(const struct coverage *coverage);

#endif
