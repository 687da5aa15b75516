/* SPDX-License-Identifier: Apache-2.0 */
/* coverage: how much of a participant's window was watched, in millionths (decisions.md
 * 24, 25). */
#include "correlator/coverage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "store/effects.h"
#include "store/reads.h"

struct watcher {
	char sensor[LANE_NAME_SIZE], poi[LANE_NAME_SIZE];
	struct instant valid_from,
		valid_to; /* of the inventory; open if it is not there */
	bool is_listed;   /* in the inventory */
	bool is_seen;
	int64_t first, last, last_record; /* if it is seen */
	uint64_t records;                 /* since the last flush */
	bool is_changed;
	int64_t covered;  /* as verdicts know it; see lanes_covered */
	int64_t asked[2]; /* the stretch of 'share' */
	uint32_t share;   /* millionths */
	bool is_asked;
};

struct coverage {
	const struct inventory *inventory;
	const struct lanes *lanes;
	struct store *store;
	bool is_only_seen;
	struct touched touched;
	size_t count;
	struct watcher *recent; /* of the last record */
	struct watcher watcher[COVERAGE_SENSORS_MAX];
};

static const struct scope everybody = { .is_all = true };

static struct watcher *
find(struct coverage *coverage, const char *sensor, const char *poi)
{
	struct watcher *recent = coverage->recent;

	if (recent != NULL && strcmp(recent->sensor, sensor) == 0 &&
	    strcmp(recent->poi, poi) == 0)
		return recent;
	for (size_t i = 0; i < coverage->count; i++) {
		struct watcher *watcher = &coverage->watcher[i];
		if (strcmp(watcher->sensor, sensor) == 0 &&
		    strcmp(watcher->poi, poi) == 0)
			return coverage->recent = watcher;
	}
	return NULL;
}

static struct watcher *
take(struct coverage *coverage, const char *sensor, const char *poi)
{
	struct watcher *watcher = find(coverage, sensor, poi);

	if (watcher != NULL)
		return watcher;
	if (coverage->count == COVERAGE_SENSORS_MAX ||
	    strlen(sensor) >= LANE_NAME_SIZE || strlen(poi) >= LANE_NAME_SIZE)
		return NULL;
	watcher = &coverage->watcher[coverage->count++];
	*watcher = (struct watcher){ .valid_from = { INT64_MIN },
				     .valid_to = { INT64_MAX },
				     .covered = INT64_MIN };
	snprintf(watcher->sensor, LANE_NAME_SIZE, "%s", sensor);
	snprintf(watcher->poi, LANE_NAME_SIZE, "%s", poi);
	return watcher;
}

static bool
take_row(void *ctx, const struct sensor_row *row)
{
	struct coverage *coverage = ctx;
	struct watcher *watcher = take(coverage, row->sensor, row->poi);

	if (watcher == NULL)
		return false;
	watcher->is_seen = true;
	watcher->first = row->first;
	watcher->last = row->last;
	watcher->last_record = row->last_record;
	watcher->covered = lanes_covered(coverage->lanes, row->sensor);
	return true;
}

static void
take_inventory(struct coverage *coverage)
{
	for (size_t i = 0; i < inventory_sensor_count(coverage->inventory); i++) {
		const struct sensor_entry *entry =
			inventory_sensor(coverage->inventory, i);
		struct watcher *watcher = take(coverage, entry->id, entry->poi);
		if (watcher == NULL)
			log_fatal("engine", "the inventory has more than %d sensors",
				  COVERAGE_SENSORS_MAX);
		watcher->is_listed = true;
		watcher->valid_from = entry->valid_from;
		watcher->valid_to = entry->valid_to;
	}
}

struct coverage *
coverage_new(const struct inventory *inventory, const struct lanes *lanes,
	     struct store *store, bool is_only_seen, struct error *err)
{
	struct coverage *coverage = calloc(1, sizeof(*coverage));

	if (coverage == NULL)
		log_fatal("engine", "no memory for coverage");
	coverage->inventory = inventory;
	coverage->lanes = lanes;
	coverage->store = store;
	coverage->is_only_seen = is_only_seen;
	take_inventory(coverage);
	if (store_each_sensor(store, &everybody, take_row, coverage, err) >= 0)
		return coverage;
	coverage_free(coverage);
	return NULL;
}

void
coverage_free(struct coverage *coverage)
{
	free(coverage);
}

bool
coverage_see(struct coverage *coverage, const char *sensor, const char *poi,
	     const struct record *record, int64_t lane_time)
{
	int64_t at = record->value[FIELD_TIMESTAMP].time.usec;
	struct watcher *watcher = take(coverage, sensor, poi);

	if (watcher == NULL)
		return false;
	if (!watcher->is_seen || at < watcher->first) {
		touched_add(&coverage->touched, at,
			    watcher->is_seen ? watcher->first : INT64_MAX);
		watcher->first = at;
	}
	if (lane_time > watcher->last)
		watcher->last = lane_time;
	if (record_event(record) != EVENT_TICK && at > watcher->last_record)
		watcher->last_record = at;
	watcher->records++;
	watcher->is_seen = watcher->is_changed = true;
	return true;
}

static uint64_t
number(const struct record *record, enum field_id field)
{
	return record_has(record, field) ? record->value[field].number : 0;
}

/* Far below what the store's integers hold, however many are summed. */
static bool
are_counts_possible(const struct record *record)
{
	static const enum field_id counts[] = {
		FIELD_COVERAGE_PACKETS,        FIELD_COVERAGE_LOST_KERNEL,
		FIELD_COVERAGE_LOST_INTERFACE, FIELD_COVERAGE_LOST_STREAM,
		FIELD_COVERAGE_LOST_FLOW,      FIELD_COVERAGE_LOST_OUTPUT,
		FIELD_COVERAGE_LOST_SPOOL,     FIELD_COVERAGE_LOST_WORKER,
	};

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		if (number(record, counts[i]) >= UINT64_C(1) << 48)
			return false;
	return true;
}

static bool
makes_sense(const struct record *record)
{
	if (!record_has(record, FIELD_COVERAGE_START) ||
	    !record_has(record, FIELD_COVERAGE_END))
		return false;
	int64_t length = instant_between(record->value[FIELD_COVERAGE_START].time,
					 record->value[FIELD_COVERAGE_END].time);
	return record->value[FIELD_COVERAGE_START].time.usec > 0 && length >= 0 &&
	       length <= COVERAGE_INTERVAL_MAX &&
	       number(record, FIELD_COVERAGE_OBSERVED) <= (uint64_t)length &&
	       are_counts_possible(record);
}

/* The packets and losses belong to the hour in which the interval begins. */
static void
row_from_record(struct coverage_row *row, const struct record *record)
{
	row->packets = number(record, FIELD_COVERAGE_PACKETS);
	row->lost = number(record, FIELD_COVERAGE_LOST_KERNEL) +
		    number(record, FIELD_COVERAGE_LOST_INTERFACE) +
		    number(record, FIELD_COVERAGE_LOST_WORKER);
	row->lost_stream = number(record, FIELD_COVERAGE_LOST_STREAM);
	row->lost_flow = number(record, FIELD_COVERAGE_LOST_FLOW);
	row->lost_records = number(record, FIELD_COVERAGE_LOST_OUTPUT) +
			    number(record, FIELD_COVERAGE_LOST_SPOOL);
}

/* A spool that let records go speaks of them, and not of time that was watched. */
static bool
speaks_of_time(const struct record *record)
{
	return !record_has(record, FIELD_COVERAGE_REASON) ||
	       !text_is(record->value[FIELD_COVERAGE_REASON].text, "spool_full");
}

int
coverage_add(struct coverage *coverage, struct lane *lane, const char *poi,
	     const struct record *record, struct error *err)
{
	if (!makes_sense(record) || find(coverage, lane->sensor, poi) == NULL)
		return 0;
	int64_t start = record->value[FIELD_COVERAGE_START].time.usec;
	int64_t end = record->value[FIELD_COVERAGE_END].time.usec;
	int64_t observed = (int64_t)number(record, FIELD_COVERAGE_OBSERVED);
	struct coverage_row row = { .sensor = lane->sensor,
				    .poi = poi,
				    .lane = lane->number };
	bool is_time = speaks_of_time(record);

	row_from_record(&row, record);
	for (int64_t at = start; at <= end; at = row.hour + INSTANT_HOUR) {
		row.hour = at - at % INSTANT_HOUR;
		int64_t part = row.hour + INSTANT_HOUR < end
				       ? row.hour + INSTANT_HOUR - at
				       : end - at;
		if (part == 0 && at > start)
			break;
		row.spoken = is_time ? part : 0;
		/* milliseconds keep the product of two intervals within 64 bits */
		row.observed = !is_time || end == start ? 0
			       : observed == end - start
				       ? part
				       : observed / 1000 * (part / 1000) /
						 ((end - start + 999) / 1000) * 1000;
		if (store_add_coverage(coverage->store, &row, err) == -1 ||
		    store_settle_coverage(coverage->store, lane->sensor, poi, row.hour,
					  err) == -1)
			return -1;
		row = (struct coverage_row){ .sensor = lane->sensor,
					     .poi = poi,
					     .lane = lane->number,
					     .hour = row.hour };
	}
	if (is_time && end > lane->covered)
		lane->covered = end;
	touched_add(&coverage->touched, start - start % INSTANT_HOUR, end);
	return 1;
}

int
coverage_flush(struct coverage *coverage, struct touched *touched, struct error *err)
{
	for (size_t i = 0; i < coverage->count; i++) {
		struct watcher *watcher = &coverage->watcher[i];
		watcher->is_asked = false;
		if (!watcher->is_changed)
			continue;
		struct sensor_row row = { .sensor = watcher->sensor,
					  .poi = watcher->poi,
					  .first = watcher->first,
					  .last = watcher->last,
					  .last_record = watcher->last_record,
					  .records = watcher->records };
		if (store_add_sensor(coverage->store, &row, err) == -1)
			return -1;
		int64_t covered = lanes_covered(coverage->lanes, watcher->sensor);
		touched_between(&coverage->touched, watcher->covered, covered);
		watcher->covered = covered;
		watcher->records = 0;
		watcher->is_changed = false;
	}
	touched_join(touched, &coverage->touched);
	coverage->touched.count = 0;
	return 0;
}

static bool
sees(const struct coverage *coverage, const struct watcher *watcher,
     const struct participant *participant)
{
	struct sensor_entry entry = { watcher->sensor, watcher->poi,
				      watcher->valid_from, watcher->valid_to };

	return participant == NULL ||
	       inventory_sensor_sees(coverage->inventory, &entry, participant);
}

static int64_t
greatest(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* What the sums of the hours from 'start' on say of [start, end). */
static uint32_t
share_of(const struct coverage_row *sum, int64_t start, int64_t end)
{
	uint64_t watched = (uint64_t)sum->observed / 1000,
		 whole = (uint64_t)(end - start) / 1000;
	uint64_t offered = sum->packets + sum->lost, lost = sum->lost;
	uint64_t share = whole == 0 || watched >= whole
				 ? COVERAGE_FULL
				 : watched * COVERAGE_FULL / whole;

	while (offered >=
	       UINT64_C(1) << 43) { /* so that the product stays within 64 bits */
		offered /= 2;
		lost /= 2;
	}
	lost = offered == 0 ? 0 : lost * COVERAGE_FULL / offered;
	return (uint32_t)(share * (COVERAGE_FULL - lost) / COVERAGE_FULL);
}

/* Where a window is clipped to. */
enum clip { CLIP_NOTHING, CLIP_THERE, CLIP_NOW };

static void
clip(const struct watcher *watcher, enum clip how, int64_t *start, int64_t *end)
{
	if (how == CLIP_NOTHING)
		return;
	*start = greatest(*start, watcher->valid_from.usec != INT64_MIN
					  ? watcher->valid_from.usec
				  : watcher->is_seen ? watcher->first
						     : INT64_MIN);
	*end = least(*end, watcher->valid_to.usec);
	if (how == CLIP_NOW && watcher->is_seen)
		*end = least(*end, watcher->covered);
}

/* -1 failed, 0 the sensor has no part in the window, 1 with '*millionths'. */
static int
watched_by(struct coverage *coverage, struct watcher *watcher, int64_t start,
	   int64_t end, enum clip how, uint32_t *millionths, struct error *err)
{
	struct coverage_row sum;

	clip(watcher, how, &start, &end);
	if (end <= start)
		return 0;
	*millionths = 0;
	if (!watcher->is_seen)
		return 1;
	if (!watcher->is_asked || watcher->asked[0] != start ||
	    watcher->asked[1] != end) {
		if (store_sum_coverage(coverage->store, &everybody, watcher->sensor,
				       watcher->poi, start - start % INSTANT_HOUR, end,
				       &sum, err) == -1)
			return -1;
		watcher->share = share_of(&sum, start, end);
		watcher->asked[0] = start;
		watcher->asked[1] = end;
		watcher->is_asked = true;
	}
	*millionths = watcher->share;
	return 1;
}

/* The least over the sensors that see the participant. */
static int
least_share(struct coverage *coverage, const struct participant *participant,
	    int64_t start, int64_t end, enum clip how, uint32_t *millionths,
	    struct error *err)
{
	bool is_anybody = false;

	*millionths = COVERAGE_FULL;
	for (size_t i = 0; i < coverage->count; i++) {
		struct watcher *watcher = &coverage->watcher[i];
		uint32_t share;
		if (!watcher->is_seen &&
		    (coverage->is_only_seen || participant == NULL))
			continue;
		if (!sees(coverage, watcher, participant))
			continue;
		int has = watched_by(coverage, watcher, start, end, how, &share, err);
		if (has == -1)
			return -1;
		if (has == 1) {
			is_anybody = true;
			*millionths = share < *millionths ? share : *millionths;
		}
	}
	if (!is_anybody)
		*millionths = 0;
	return 0;
}

int
coverage_of(struct coverage *coverage, const struct participant *participant,
	    int64_t window_start, int64_t window_end, bool is_closed,
	    uint32_t *millionths, struct error *err)
{
	int64_t start = participant != NULL
				? greatest(window_start, participant->valid_from.usec)
				: window_start;
	int64_t end = participant != NULL
			      ? least(window_end, participant->valid_to.usec)
			      : window_end;

	return least_share(coverage, participant, start, end,
			   is_closed ? CLIP_THERE : CLIP_NOW, millionths, err);
}

int
coverage_of_whole(struct coverage *coverage, const struct participant *participant,
		  int64_t window_start, int64_t window_end, uint32_t *millionths,
		  struct error *err)
{
	return least_share(coverage, participant, window_start, window_end, CLIP_NOTHING,
			   millionths, err);
}

int64_t
coverage_begin(const struct coverage *coverage)
{
	int64_t begin = INT64_MAX;

	for (size_t i = 0; i < coverage->count; i++)
		if (coverage->watcher[i].is_seen)
			begin = least(begin, coverage->watcher[i].first);
	return begin;
}
