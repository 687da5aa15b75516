/* SPDX-License-Identifier: Apache-2.0 */
/* lanes: how far each lane of each sensor has come: position and time. */
#include "correlator/lanes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "store/effects.h"
#include "store/reads.h"

struct lanes {
	struct store *store;
	struct lane *lane[LANES_MAX]; /* by sensor, epoch, number */
	size_t count;
	bool has_retired; /* some stand in the store only */
	int64_t now;   /* of the correlator's own clock; 0: it has none */
	int64_t heard; /* by that clock, when a sensor delivered last */
};

static int
compare(const struct lane *lane, const char *sensor, const char *epoch, uint32_t number)
{
	int order = strcmp(lane->sensor, sensor);

	if (order == 0)
		order = strcmp(lane->epoch, epoch);
	return order != 0 ? order : (lane->number > number) - (lane->number < number);
}

/* Index of the lane, or of where it would stand. */
static size_t
search(const struct lanes *lanes, const char *sensor, const char *epoch,
       uint32_t number)
{
	size_t low = 0, high = lanes->count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (compare(lanes->lane[middle], sensor, epoch, number) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
stands_at(const struct lanes *lanes, size_t at, const char *sensor, const char *epoch,
	  uint32_t number)
{
	return at < lanes->count &&
	       compare(lanes->lane[at], sensor, epoch, number) == 0;
}

const struct lane *
lanes_find(const struct lanes *lanes, const char *sensor, const char *epoch,
	   uint32_t number)
{
	size_t at = search(lanes, sensor, epoch, number);

	return stands_at(lanes, at, sensor, epoch, number) ? lanes->lane[at] : NULL;
}

bool
lane_name_is_valid(const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < length; i++)
		if ((unsigned char)name[i] < ' ' || strchr("/\\\"", name[i]) != NULL)
			return false;
	return length > 0 && length < LANE_NAME_SIZE;
}

/* [first, end) of the lanes that share the sensor of lane[first]. */
static size_t
end_of_sensor(const struct lanes *lanes, size_t first)
{
	size_t end = first + 1;

	while (end < lanes->count &&
	       strcmp(lanes->lane[end]->sensor, lanes->lane[first]->sensor) == 0)
		end++;
	return end;
}

static bool
is_sensor(const struct lanes *lanes, size_t at, const char *sensor)
{
	return at < lanes->count && strcmp(lanes->lane[at]->sensor, sensor) == 0;
}

/* Of a sensor at its cap, the oldest lane of another epoch that the store has as it is;
 * lanes->count if there is none. */
static size_t
find_dead(const struct lanes *lanes, size_t first, const char *epoch)
{
	size_t end = end_of_sensor(lanes, first), oldest = lanes->count;

	for (size_t i = first; i < end; i++) {
		const struct lane *lane = lanes->lane[i];
		if (!lane->is_changed && strcmp(lane->epoch, epoch) != 0 &&
		    (oldest == lanes->count || lane->time < lanes->lane[oldest]->time))
			oldest = i;
	}
	return oldest;
}

/* False if the sensor is at its cap and no epoch of it is dead. */
static bool
make_room(struct lanes *lanes, const char *sensor, const char *epoch)
{
	size_t first = search(lanes, sensor, "", 0);

	if (is_sensor(lanes, first, sensor) &&
	    end_of_sensor(lanes, first) - first >= LANES_SENSOR_MAX) {
		size_t dead = find_dead(lanes, first, epoch);
		if (dead == lanes->count)
			return false;
		free(lanes->lane[dead]);
		memmove(&lanes->lane[dead], &lanes->lane[dead + 1],
			(--lanes->count - dead) * sizeof(lanes->lane[0]));
		lanes->has_retired = true;
	}
	return lanes->count < LANES_MAX;
}

static struct lane *
add(struct lanes *lanes, const char *sensor, const char *epoch, uint32_t number)
{
	if (!lane_name_is_valid(sensor) || !lane_name_is_valid(epoch) ||
	    !make_room(lanes, sensor, epoch))
		return NULL;
	size_t at = search(lanes, sensor, epoch, number);
	struct lane *lane = calloc(1, sizeof(*lane));
	if (lane == NULL)
		log_fatal("engine", "no memory for lanes");
	snprintf(lane->sensor, LANE_NAME_SIZE, "%s", sensor);
	snprintf(lane->epoch, LANE_NAME_SIZE, "%s", epoch);
	lane->number = number;
	memmove(&lanes->lane[at + 1], &lanes->lane[at],
		(lanes->count++ - at) * sizeof(lanes->lane[0]));
	lanes->lane[at] = lane;
	return lane;
}

static bool
fill(struct lane *lane, const struct position_row *row)
{
	lane->time = row->time;
	lane->tick = row->tick;
	lane->covered = row->covered;
	return position_from_text(&lane->position, row->low, row->gaps);
}

struct loading {
	struct lanes *lanes;
	struct lane *wanted; /* NULL: every row is taken */
	bool is_bad;
};

/* A row of a dead epoch that finds no room stays in the store. */
static bool
take_position(void *ctx, const struct position_row *row)
{
	struct loading *loading = ctx;
	struct lane *lane = loading->wanted;

	if (lane == NULL)
		lane = add(loading->lanes, row->sensor, row->epoch, row->lane);
	else if (compare(lane, row->sensor, row->epoch, row->lane) != 0)
		return true;
	if (lane == NULL)
		loading->lanes->has_retired = true;
	else
		loading->is_bad = !fill(lane, row);
	return !loading->is_bad && loading->wanted == NULL;
}

static int
read_positions(struct lanes *lanes, struct lane *wanted, struct error *err)
{
	static const struct scope all = { .is_all = true };
	struct loading loading = { .lanes = lanes, .wanted = wanted };

	if (store_each_position(lanes->store, &all, take_position, &loading, err) == -1)
		return -1;
	return loading.is_bad
		       ? error_set(err, "the store's table position cannot be read")
		       : 0;
}

int
lanes_take(struct lanes *lanes, const char *sensor, const char *epoch, uint32_t number,
	   struct lane **found, struct error *err)
{
	size_t at = search(lanes, sensor, epoch, number);

	lanes->heard = lanes->now;
	if (stands_at(lanes, at, sensor, epoch, number)) {
		*found = lanes->lane[at];
		return 0;
	}
	*found = add(lanes, sensor, epoch, number);
	return *found != NULL && lanes->has_retired ? read_positions(lanes, *found, err)
						    : 0;
}

void
lanes_tick(struct lanes *lanes, struct instant now)
{
	if (lanes->heard == 0)
		lanes->heard = now.usec;
	lanes->now = now.usec;
}

bool
lanes_is_ahead(const struct lanes *lanes, struct instant at)
{
	return lanes->now != 0 && at.usec > lanes->now + LANE_AHEAD_MAX;
}

/* Where the lane stands; one whose clock is far ahead stands where we do. */
static int64_t
time_of(const struct lanes *lanes, const struct lane *lane)
{
	return lanes_is_ahead(lanes, (struct instant){ lane->time }) ? lanes->now
								     : lane->time;
}

void
lane_tick(struct lane *lane, struct instant at)
{
	if (at.usec > lane->tick)
		lane->tick = at.usec;
	if (at.usec > lane->time)
		lane->time = at.usec;
}

bool
lane_record(struct lane *lane, struct instant at)
{
	if (lane->tick != 0 && at.usec > lane->tick + LANE_AHEAD_MAX)
		return false;
	if (at.usec > lane->time)
		lane->time = at.usec;
	return true;
}

struct lanes *
lanes_new(struct store *store, struct error *err)
{
	struct lanes *lanes = calloc(1, sizeof(*lanes));

	if (lanes == NULL)
		log_fatal("engine", "no memory for lanes");
	lanes->store = store;
	if (read_positions(lanes, NULL, err) == 0)
		return lanes;
	lanes_free(lanes);
	return NULL;
}

void
lanes_free(struct lanes *lanes)
{
	if (lanes == NULL)
		return;
	for (size_t i = 0; i < lanes->count; i++)
		free(lanes->lane[i]);
	free(lanes);
}

/* The lane that has come furthest; its epoch is the sensor's spool of now. */
static const struct lane *
furthest(const struct lanes *lanes, size_t first, size_t end)
{
	const struct lane *best = lanes->lane[first];

	for (size_t i = first + 1; i < end; i++)
		if (time_of(lanes, lanes->lane[i]) > time_of(lanes, best))
			best = lanes->lane[i];
	return best;
}

static bool
counts(const struct lanes *lanes, const struct lane *lane, const struct lane *best)
{
	return strcmp(lane->epoch, best->epoch) == 0 && lane->time > 0 &&
	       time_of(lanes, lane) > time_of(lanes, best) - LANE_BEHIND_MAX;
}

/* Least time of the sensor's lanes; INT64_MIN if none has any. */
static int64_t
sensor_time(const struct lanes *lanes, size_t first, size_t end)
{
	const struct lane *best = furthest(lanes, first, end);
	int64_t least = best->time > 0 ? time_of(lanes, best) : INT64_MIN;

	for (size_t i = first; i < end; i++)
		if (counts(lanes, lanes->lane[i], best) &&
		    time_of(lanes, lanes->lane[i]) < least)
			least = time_of(lanes, lanes->lane[i]);
	return least;
}

int64_t
lanes_watermark(const struct lanes *lanes)
{
	int64_t greatest = INT64_MIN, least = INT64_MIN;

	for (size_t i = 0; i < lanes->count; i = end_of_sensor(lanes, i)) {
		int64_t time = sensor_time(lanes, i, end_of_sensor(lanes, i));
		if (time > greatest)
			greatest = time;
	}
	for (size_t i = 0; i < lanes->count; i = end_of_sensor(lanes, i)) {
		int64_t time = sensor_time(lanes, i, end_of_sensor(lanes, i));
		if (time != INT64_MIN && time > greatest - LANE_BEHIND_MAX &&
		    (least == INT64_MIN || time < least))
			least = time;
	}
	/* every sensor is dead: time goes on without them */
	if (lanes->count > 0 && lanes->now - lanes->heard > LANE_BEHIND_MAX &&
	    lanes->now > least)
		least = lanes->now;
	return least;
}

int64_t
lanes_covered(const struct lanes *lanes, const char *sensor)
{
	size_t first = search(lanes, sensor, "", 0);
	int64_t least = INT64_MIN;

	if (first == lanes->count || strcmp(lanes->lane[first]->sensor, sensor) != 0)
		return INT64_MIN;
	size_t end = end_of_sensor(lanes, first);
	const struct lane *best = furthest(lanes, first, end);
	for (size_t i = first; i < end; i++) {
		const struct lane *lane = lanes->lane[i];
		if (counts(lanes, lane, best) && lane->covered > 0 &&
		    (least == INT64_MIN || lane->covered < least))
			least = lane->covered;
	}
	return least;
}

int
lanes_write(struct lanes *lanes, struct error *err)
{
	static char gaps[POSITION_TEXT_SIZE]; /* one writer a process */

	for (size_t i = 0; i < lanes->count; i++) {
		struct lane *lane = lanes->lane[i];
		if (!lane->is_changed)
			continue;
		position_to_text(&lane->position, gaps);
		struct position_row row = { .sensor = lane->sensor,
					    .epoch = lane->epoch,
					    .lane = lane->number,
					    .low = lane->position.low,
					    .gaps = gaps,
					    .time = lane->time,
					    .tick = lane->tick,
					    .covered = lane->covered };
		if (store_put_position(lanes->store, &row, err) == -1)
			return -1;
		lane->is_changed = false;
	}
	return 0;
}
