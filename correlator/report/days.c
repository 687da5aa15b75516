/* SPDX-License-Identifier: Apache-2.0 */
/* days: each requirement and institution, day by day: rows where there are some, else
 * by coverage. */
#include "correlator/report/days.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/reads.h"
#include "store/report_reads.h"
#include "store/watched.h"

#define DAY  INSTANT_DAY
#define HOUR INSTANT_HOUR

enum { ENOUGH = 950000 }; /* millionths; what is below counts as not watched */

/* One sensor at one POI over the period. */
struct watch {
	const char *sensor, *poi;
	int64_t first, last;
	int64_t watched[REPORT_DAYS_MAX]; /* per day: microseconds, loss taken off */
	int64_t *hour;                    /* per hour of the period, the same */
};

struct sight { /* a participant seen by a watch */
	size_t participant, watch;
};

struct days {
	struct report *report;
	size_t watch_count, sight_count, hour_count;
	struct watch *watch;
	struct sight *sight;
	bool *has_row; /* [requirement][participant][day] */
	bool is_full;  /* more sights than there is memory for */
};

/* They come by id. */
static size_t
find_participant(const struct report *report, const char *id)
{
	size_t low = 0, high = report->participant_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(report->participant[middle].id, id);
		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return report->participant_count;
}

static size_t
find_requirement(const struct report *report, const char *id)
{
	for (size_t i = 0; i < report->requirement_count; i++)
		if (strcmp(report->requirement[i].id, id) == 0)
			return i;
	return report->requirement_count;
}

static size_t
find_watch(const struct days *days, const char *sensor, const char *poi)
{
	for (size_t i = 0; i < days->watch_count; i++)
		if (strcmp(days->watch[i].sensor, sensor) == 0 &&
		    strcmp(days->watch[i].poi, poi) == 0)
			return i;
	return days->watch_count;
}

static size_t
add_watch(struct days *days, const struct sight_row *row)
{
	size_t index = find_watch(days, row->sensor, row->poi);

	if (index < days->watch_count)
		return index;
	struct watch *larger =
		realloc(days->watch, (days->watch_count + 1) * sizeof(*larger));
	if (larger == NULL) {
		days->is_full = true;
		return 0;
	}
	days->watch = larger;
	days->watch[days->watch_count] = (struct watch){
		.sensor = arena_text(&days->report->arena, row->sensor,
				     strlen(row->sensor)),
		.poi = arena_text(&days->report->arena, row->poi, strlen(row->poi)),
		.first = row->first,
		.last = row->last,
		.hour = arena_take(&days->report->arena,
				   days->hour_count * sizeof(int64_t)),
	};
	return days->watch_count++;
}

static bool
on_sight(void *ctx, const struct sight_row *row)
{
	struct days *days = ctx;
	size_t participant = find_participant(days->report, row->participant);

	if (participant == days->report->participant_count)
		return true;
	struct sight *larger =
		realloc(days->sight, (days->sight_count + 1) * sizeof(*larger));
	if (larger == NULL) {
		days->is_full = true;
		return false;
	}
	days->sight = larger;
	days->sight[days->sight_count++] =
		(struct sight){ participant, add_watch(days, row) };
	return true;
}

static bool
on_coverage(void *ctx, const struct coverage_row *row)
{
	struct days *days = ctx;
	size_t index = find_watch(days, row->sensor, row->poi);

	if (index == days->watch_count)
		return true;
	int64_t watched = watched_time(row->observed, row->packets, row->lost);
	int64_t since = row->hour - days->report->request.from;
	days->watch[index].watched[since / DAY] += watched;
	days->watch[index].hour[since / HOUR] = watched;
	return true;
}

static int64_t
day_start(const struct report *report, unsigned day)
{
	return report->request.from + (int64_t)day * DAY;
}

/* Least share of days [first, behind) over the sensors that can see the participant;
 * none: 0. */
static uint32_t
days_coverage(const struct days *days, size_t participant, unsigned first,
	      unsigned behind)
{
	struct watched_least least = { 0 };
	const struct report *report = days->report;

	for (size_t i = 0; i < days->sight_count; i++) {
		const struct watch *watch = &days->watch[days->sight[i].watch];
		int64_t watched = 0;
		if (days->sight[i].participant != participant)
			continue;
		for (unsigned day = first; day < behind; day++)
			watched += watch->watched[day];
		watched_add(&least, watch->first, watched,
			    watched_possible(watch->first, day_start(report, first),
					     day_start(report, behind), report->as_of));
	}
	return least.share;
}

static enum verdict
verdict_from_name(const char *name)
{
	for (int verdict = 0; verdict < VERDICT_KINDS; verdict++)
		if (strcmp(verdict_name((enum verdict)verdict), name) == 0)
			return (enum verdict)verdict;
	return VERDICT_ERROR;
}

static bool *
row_mark(const struct days *days, size_t requirement, size_t participant, unsigned day)
{
	return &days->has_row[(requirement * days->report->participant_count +
			       participant) *
				      REPORT_DAYS_MAX +
			      day];
}

static bool
on_verdict(void *ctx, const struct verdict_row *row)
{
	struct days *days = ctx;
	struct report *report = days->report;
	size_t requirement = find_requirement(report, row->key.requirement);
	size_t participant = find_participant(report, row->key.participant);
	int64_t since = row->key.window_start - report->request.from;

	if (requirement == report->requirement_count ||
	    participant == report->participant_count || since < 0 ||
	    since / DAY >= report->days)
		return true;
	struct report_cell *cell =
		&report->cell[requirement * report->participant_count + participant];
	enum verdict verdict = verdict_from_name(row->verdict);
	report->is_seen = true;
	*row_mark(days, requirement, participant, (unsigned)(since / DAY)) = true;
	cell->days[verdict]++;
	cell->good += row->good;
	cell->bad += row->bad;
	cell->unknown += row->unknown;
	cell->provisional += row->is_provisional;
	if (verdict == VERDICT_UNOBSERVABLE &&
	    row->coverage >= report->requirement[requirement].min_coverage) {
		cell->hidden++;
		snprintf(cell->reason, sizeof(cell->reason), "%s", row->reason);
	}
	if (verdict == VERDICT_VIOLATED && strcmp(row->disposition, "accepted") == 0) {
		cell->accepted++;
		snprintf(cell->exception, sizeof(cell->exception), "%s",
			 row->exception);
	}
	snprintf(report->ruleset, sizeof(report->ruleset), "%s", row->ruleset);
	return true;
}

/* A day without a row: nothing was in scope, which is known only where somebody
 * watched. */
static void
derive_day(const struct days *days, size_t p, unsigned day)
{
	struct report *report = days->report;
	uint32_t coverage = days_coverage(days, p, day, day + 1);

	report->is_seen |= coverage > 0;
	report->participant[p].unwatched += coverage < ENOUGH;
	for (size_t r = 0; r < report->requirement_count; r++) {
		if (*row_mark(days, r, p, day))
			continue;
		bool is_enough = coverage >= report->requirement[r].min_coverage;
		report->cell[r * report->participant_count + p]
			.days[is_enough ? VERDICT_NOT_APPLICABLE
					: VERDICT_UNOBSERVABLE]++;
	}
}

static void
derive(const struct days *days)
{
	for (size_t p = 0; p < days->report->participant_count; p++)
		for (unsigned day = 0; day < days->report->days; day++)
			derive_day(days, p, day);
}

static void
add_gap(struct report *report, size_t *room, const struct report_gap *gap)
{
	if (report->gap_count == *room) {
		size_t larger = *room == 0 ? 16 : *room * 2;
		struct report_gap *list =
			arena_take(&report->arena, larger * sizeof(*list));
		if (report->gap_count > 0)
			memcpy(list, report->gap, report->gap_count * sizeof(*list));
		report->gap = list;
		*room = larger;
	}
	report->gap[report->gap_count++] = *gap;
}

/* Hours in a row that were watched for less than 95 % become one gap. */
static void
find_gaps(const struct days *days, const struct watch *watch, size_t *room)
{
	struct report *report = days->report;
	struct report_gap open = { 0 };
	int64_t watched = 0, possible = 0;

	for (size_t hour = 0; hour <= days->hour_count; hour++) {
		int64_t from = report->request.from + (int64_t)hour * HOUR;
		int64_t could = hour < days->hour_count
					? watched_possible(watch->first, from,
							   from + HOUR, report->as_of)
					: 0;
		bool is_gap =
			could > 0 && watched_share(watch->hour[hour], could) < ENOUGH;
		if (is_gap) {
			if (possible == 0)
				open = (struct report_gap){ watch->sensor, watch->poi,
							    from, 0, 0 };
			watched += watch->hour[hour];
			possible += could;
			open.to = from + HOUR;
		} else if (possible > 0) {
			open.coverage = watched_share(watched, possible);
			add_gap(report, room, &open);
			watched = possible = 0;
		}
	}
}

/* Where the sensor that has come furthest is, so that one that fell silent shows as a
 * gap; and how many days of the period that is. */
static void
settle_as_of(struct days *days)
{
	struct report *report = days->report;

	for (size_t i = 0; i < days->watch_count; i++)
		if (days->watch[i].last > report->as_of)
			report->as_of = days->watch[i].last;
	int64_t end =
		report->as_of < report->request.to ? report->as_of : report->request.to;
	int64_t passed = end - report->request.from;
	report->days = passed <= 0 ? 0 : (unsigned)((passed + DAY - 1) / DAY);
}

static int
read_all(struct days *days, struct store *store, const struct scope *scope,
	 struct error *err)
{
	struct report *report = days->report;
	const struct verdict_filter filter = { .from = report->request.from,
					       .to = report->request.to };
	size_t room = 0;

	if (store_each_sight(store, scope, on_sight, days, err) == -1)
		return -1;
	if (days->is_full)
		return error_set(err, "no memory for the sensors of a report");
	settle_as_of(days);
	if (store_each_coverage(store, scope, report->request.from, report->request.to,
				on_coverage, days, err) == -1 ||
	    store_each_verdict(store, scope, &filter, on_verdict, days, err) == -1)
		return -1;
	derive(days);
	for (size_t i = 0; i < report->participant_count; i++)
		report->participant[i].coverage =
			days_coverage(days, i, 0, report->days);
	for (size_t i = 0; i < days->watch_count; i++)
		find_gaps(days, &days->watch[i], &room);
	return 0;
}

int
days_gather(struct report *report, struct store *store, const struct scope *scope,
	    struct error *err)
{
	int64_t length = report->request.to - report->request.from;
	struct days days = { .report = report,
			     .hour_count = (size_t)((length + HOUR - 1) / HOUR) };

	if (length / DAY >= REPORT_DAYS_MAX)
		return error_set(err,
				 "a period of over %d days; expected a shorter one",
				 REPORT_DAYS_MAX);
	days.has_row = calloc(report->participant_count * report->requirement_count + 1,
			      REPORT_DAYS_MAX * sizeof(bool));
	int result = days.has_row == NULL
			     ? error_set(err, "no memory for a report's days")
			     : read_all(&days, store, scope, err);
	free(days.has_row);
	free(days.watch);
	free(days.sight);
	return result;
}
