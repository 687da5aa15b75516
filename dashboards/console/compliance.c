/* SPDX-License-Identifier: Apache-2.0 */
/* compliance: periods, and who was watched when. */
#include "dashboards/console/compliance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "common/log.h"
#include "dashboards/console/present.h"
#include "store/watched.h"

static const char *const names[COMPLIANCE_VERDICTS] = {
	[COMPLIANCE_NONE] = "",
	[COMPLIANCE_NOT_APPLICABLE] = "not_applicable",
	[COMPLIANCE_SATISFIED] = "satisfied",
	[COMPLIANCE_UNOBSERVABLE] = "unobservable",
	[COMPLIANCE_ERROR] = "error",
	[COMPLIANCE_VIOLATED] = "violated",
};

const char *
compliance_name(enum compliance_verdict verdict)
{
	return names[verdict];
}

enum compliance_verdict
compliance_of(const char *name)
{
	for (int i = COMPLIANCE_NOT_APPLICABLE; i < COMPLIANCE_VERDICTS; i++)
		if (strcmp(names[i], name) == 0)
			return (enum compliance_verdict)i;
	return COMPLIANCE_ERROR;
}

bool
compliance_period_read(const char *text, struct zone zone, int64_t now,
		       struct compliance_period *period)
{
	struct error err;

	*period = (struct compliance_period){ .now = now };
	if (text == NULL || text[0] == '\0')
		period->span =
			calendar_window((struct instant){ now }, CALENDAR_MONTH, zone);
	else if (calendar_period(text, zone, &period->span, &err) == -1)
		return false;
	int64_t size = instant_between(period->span.from, period->span.to);
	struct span day = calendar_window(period->span.from, CALENDAR_DAY, zone);
	if (size <= 0 || size % INSTANT_DAY != 0 ||
	    size / INSTANT_DAY > COMPLIANCE_DAYS_MAX ||
	    day.from.usec != period->span.from.usec)
		return false;
	period->days = (int)(size / INSTANT_DAY);
	int64_t passed = (now - period->span.from.usec + INSTANT_DAY - 1) / INSTANT_DAY;
	period->elapsed = passed < 0              ? 0
			  : passed > period->days ? period->days
						  : (int)passed;
	return true;
}

json_t *
compliance_period_json(const struct compliance_period *period)
{
	return json_pack("{s:o, s:o, s:i, s:i}", "from",
			 present_time(period->span.from.usec), "to",
			 present_time(period->span.to.usec), "days", period->days,
			 "elapsed", period->elapsed);
}

/* Time watched by one sensor at one POI. */
struct watch {
	char sensor[COMPLIANCE_ID_SIZE], poi[COMPLIANCE_ID_SIZE];
	int64_t first; /* when the sensor began */
	int64_t watched[COMPLIANCE_DAYS_MAX];
};

enum { WATCHES_MAX = 512 };

struct watches {
	const struct compliance_period *period;
	struct watch *at; /* owned */
	int count;
};

static bool
add_watch(void *ctx, const struct sensor_item *row)
{
	struct watches *watches = ctx;

	if (watches->count == WATCHES_MAX)
		return false;
	struct watch *watch = &watches->at[watches->count++];
	snprintf(watch->sensor, sizeof(watch->sensor), "%s", row->sensor);
	snprintf(watch->poi, sizeof(watch->poi), "%s", row->poi);
	watch->first = row->first;
	return true;
}

static bool
add_watched(void *ctx, const struct coverage_hour *row)
{
	struct watches *watches = ctx;
	int64_t day = (row->hour - watches->period->span.from.usec) / INSTANT_DAY;
	int64_t watched = watched_time(row->observed, (uint64_t)row->packets,
				       (uint64_t)row->lost);

	for (int i = 0; i < watches->count; i++) {
		struct watch *watch = &watches->at[i];
		if (strcmp(watch->sensor, row->sensor) == 0 &&
		    strcmp(watch->poi, row->poi) == 0)
			watch->watched[day] += watched;
	}
	return true;
}

/* Takes in what the sensor watched of days [first, behind); never heard of, it counts
 * as 0. */
static void
cover_by(struct watched_least *least, const struct watches *watches, const char *sensor,
	 int first, int behind)
{
	const struct compliance_period *period = watches->period;
	int64_t from = period->span.from.usec + first * INSTANT_DAY;
	int64_t to = period->span.from.usec + behind * INSTANT_DAY;
	bool is_heard = false;

	for (int i = 0; i < watches->count; i++) {
		const struct watch *watch = &watches->at[i];
		int64_t watched = 0;
		if (strcmp(watch->sensor, sensor) != 0)
			continue;
		is_heard = true;
		for (int day = first; day < behind; day++)
			watched += watch->watched[day];
		watched_add(least, watch->first, watched,
			    watched_possible(watch->first, from, to, period->now));
	}
	if (!is_heard)
		watched_add(least, 0, 0, 0);
}

static uint32_t
cover_days(const struct compliance_participant *participant,
	   const struct watches *watches, int first, int behind)
{
	struct watched_least least = { 0 };

	for (int i = 0; i < participant->sensors; i++)
		cover_by(&least, watches, participant->sensor[i], first, behind);
	return least.share;
}

static void
cover(struct compliance_participant *participant, const struct watches *watches)
{
	int elapsed = watches->period->elapsed;

	for (int day = 0; day < elapsed; day++)
		participant->day[day] = cover_days(participant, watches, day, day + 1);
	participant->coverage = cover_days(participant, watches, 0, elapsed);
}

static bool
add_participant(void *ctx, const struct participant_row *row)
{
	struct compliance_people *people = ctx;
	json_t *sensors, *name;
	size_t i;

	if (row->is_masked)
		return true;
	if (people->count == COMPLIANCE_PARTICIPANTS_MAX) {
		people->left_out++;
		return true;
	}
	struct compliance_participant *participant = &people->at[people->count++];
	snprintf(participant->id, sizeof(participant->id), "%s", row->id);
	participant->json = present_participant(row);
	sensors = present_column(row->sensors, json_array());
	json_array_foreach(sensors, i, name)
	{
		if (participant->sensors < COMPLIANCE_SENSORS_MAX)
			snprintf(participant->sensor[participant->sensors++],
				 COMPLIANCE_ID_SIZE, "%s", json_string_value(name));
	}
	json_object_set_new(participant->json, "sensors", sensors);
	return true;
}

static int
read_watches(struct console_reader *reader, const struct scope *scope,
	     struct watches *watches, struct error *err)
{
	const struct span *span = &watches->period->span;

	if (console_each_sensor(reader, scope, add_watch, watches, err) == -1)
		return -1;
	return console_each_coverage(reader, scope, span->from.usec, span->to.usec,
				     add_watched, watches, err);
}

int
compliance_people_read(struct console_reader *reader, const struct scope *scope,
		       const char *region, const char *id,
		       const struct compliance_period *period,
		       struct compliance_people *people, struct error *err)
{
	struct watches watches = { .period = period };

	*people = (struct compliance_people){ 0 };
	people->at = calloc(COMPLIANCE_PARTICIPANTS_MAX, sizeof(*people->at));
	watches.at = calloc(WATCHES_MAX, sizeof(*watches.at));
	if (people->at == NULL || watches.at == NULL)
		log_fatal("console", "no memory for compliance");
	int done = console_each_participant(reader, scope, id, region, add_participant,
					    people, err);
	if (done != -1)
		done = read_watches(reader, scope, &watches, err);
	for (int i = 0; done != -1 && i < people->count; i++) {
		cover(&people->at[i], &watches);
		json_object_set_new(people->at[i].json, "coverage",
				    present_share(people->at[i].coverage));
	}
	free(watches.at);
	return done == -1 ? -1 : 0;
}

void
compliance_people_release(struct compliance_people *people)
{
	for (int i = 0; i < people->count; i++)
		json_decref(people->at[i].json);
	free(people->at);
}
