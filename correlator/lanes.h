/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lanes: how far each lane of each sensor has come: position and time.
 *
 * Lane time is monotone.  A record more than 5 min ahead of its lane's tick
 * moves no time (decisions.md 9).  The watermark is the least lane time; who is
 * a day behind the others of its kind holds it back no longer, which is a
 * function of the positions alone, so batches and restarts do not show in it.
 * The correlator's own clock, which comes as data too (lanes_tick), enters in
 * two ways: a lane that is over 5 min ahead of it counts as standing where it
 * stands, so no sensor's clock moves the time of the others; and when nobody
 * has delivered anything for a day of it, time goes on by it, so that the last
 * windows close when all sensors are dead.
 */
#ifndef CORRELATOR_LANES_H
#define CORRELATOR_LANES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "common/error.h"
#include "common/instant.h"
#include "correlator/position.h"
#include "store/store.h"

enum { LANE_NAME_SIZE = 65, LANES_MAX = 4096, LANES_SENSOR_MAX = 256 };

/* Lanes of logs: no sensor may be called so, they move no time and watch nothing. */
#define LANE_LOG_PREFIX "log."
#define LANE_LOG_EPOCH  "log"

#define LANE_AHEAD_MAX  (5 * INSTANT_MINUTE)
#define LANE_BEHIND_MAX INSTANT_DAY

struct lane {
	char sensor[LANE_NAME_SIZE], epoch[LANE_NAME_SIZE];
	uint32_t number;
	struct position position;
	int64_t time;    /* 0: nothing yet */
	int64_t tick;    /* 0: the lane has no ticks */
	int64_t covered; /* greatest end of a watched interval; 0: none */
	bool is_changed; /* since lanes_write */
};

/* Names of sensors and epochs: not empty, short, nothing that ids or JSON would escape.
 */
bool lane_name_is_valid(const char *name);

static inline bool
lane_is_log(const char *sensor)
{
	return strncmp(sensor, LANE_LOG_PREFIX, sizeof(LANE_LOG_PREFIX) - 1) == 0;
}

struct lanes;

/* Reads the positions of the store, which is borrowed. */
struct lanes *lanes_new(struct store *store, struct error *err);
void lanes_free(struct lanes *lanes);

/*
 * The lane, of which something has come; added if it is new.  '*found' is NULL if
 * LANES_MAX are there, or LANES_SENSOR_MAX of this sensor and epoch, or a name is
 * empty, too long or holds / \ " or controls.  A sensor's oldest lane of another epoch,
 * a spool that is no more, makes room for a new one: it leaves memory, its position
 * stays in the store, and holds if that spool comes back.  -1 if the store fails.
 */
int lanes_take(struct lanes *lanes, const char *sensor, const char *epoch,
	       uint32_t number, struct lane **found, struct error *err);
/* NULL if there is none. */
const struct lane *lanes_find(const struct lanes *lanes, const char *sensor,
			      const char *epoch, uint32_t number);

/* The correlator's own clock; without it, as in a replay, lanes are believed. */
void lanes_tick(struct lanes *lanes, struct instant now);
/* True if the time is over 5 min ahead of that clock. */
bool lanes_is_ahead(const struct lanes *lanes, struct instant at);

void lane_tick(struct lane *lane, struct instant at);
/* False if the time is too far ahead of the lane's tick to move anything. */
bool lane_record(struct lane *lane, struct instant at);

/* Least time over the lanes that count; INT64_MIN if there are none. */
int64_t lanes_watermark(const struct lanes *lanes);
/* Until when the sensor has watched: least 'covered' over its lanes that watch;
 * INT64_MIN if none does. */
int64_t lanes_covered(const struct lanes *lanes, const char *sensor);

int lanes_write(struct lanes *lanes, struct error *err);

#endif
