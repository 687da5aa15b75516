/* SPDX-License-Identifier: Apache-2.0 */
/* compliance: periods, and who was watched when. */
#include "dashboards/console/compliance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "common/log.h"
#include "dashboards/console/present.h"

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
	int64_t all = row->packets + row->lost;
	double share = all > 0 ? (double)row->packets / (double)all : 1;

	for (int i = 0; i < watches->count; i++) {
		struct watch *watch = &watches->at[i];
		if (strcmp(watch->sensor, row->sensor) == 0 &&
		    strcmp(watch->poi, row->poi) == 0)
			watch->watched[day] += (int64_t)((double)row->observed * share);
	}
	return true;
}

/* Millionths of the day's time that has passed since the sensor began; before that,
 * nobody looked. */
static uint32_t
share_of_day(const struct watch *watch, const struct compliance_period *period, int day)
{
	int64_t from = period->span.from.usec + day * INSTANT_DAY;
	int64_t to = from + INSTANT_DAY;

	from = watch->first > from ? watch->first : from;
	to = period->now < to ? period->now : to;
	if (from >= to || watch->watched[day] <= 0)
		return 0;
	double share = (double)watch->watched[day] / (double)(to - from);
	return share >= 1 ? 1000000 : (uint32_t)(share * 1e6);
}

static bool
is_seen_by(const struct compliance_participant *participant, const struct watch *watch)
{
	for (int i = 0; i < participant->sensors; i++)
		if (strcmp(participant->sensor[i], watch->sensor) == 0)
			return true;
	return false;
}

/* The least over all that can see it; 0 if nothing can. */
static void
cover(struct compliance_participant *participant, const struct watches *watches)
{
	const struct compliance_period *period = watches->period;
	uint64_t sum = 0;

	for (int day = 0; day < period->elapsed; day++) {
		uint32_t least = UINT32_MAX;
		for (int i = 0; i < watches->count; i++) {
			if (!is_seen_by(participant, &watches->at[i]))
				continue;
			uint32_t share = share_of_day(&watches->at[i], period, day);
			least = share < least ? share : least;
		}
		participant->day[day] = least == UINT32_MAX ? 0 : least;
		sum += participant->day[day];
	}
	if (period->elapsed > 0)
		participant->coverage = (uint32_t)(sum / (uint64_t)period->elapsed);
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
