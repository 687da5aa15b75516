/* SPDX-License-Identifier: Apache-2.0 */
/* sensors: state and coverage of the sensors a scope may see. */
#include "dashboards/console/sensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "common/log.h"
#include "dashboards/console/present.h"

static const int64_t silent_after = 30 * INSTANT_SECOND;
enum { LOSING_BELOW = 999000 };

static bool
add_sensor(void *ctx, const struct sensor_item *row)
{
	struct sensor_states *states = ctx;

	if (states->count == SENSORS_MAX) {
		states->left_out++;
		return true;
	}
	struct sensor_state *state = &states->at[states->count++];
	snprintf(state->sensor, sizeof(state->sensor), "%s", row->sensor);
	snprintf(state->poi, sizeof(state->poi), "%s", row->poi);
	state->first = row->first;
	state->last = row->last;
	state->last_record = row->last_record;
	state->records = row->records;
	state->is_silent = states->now - row->last > silent_after;
	state->participants = present_column(row->participants, json_array());
	return true;
}

static struct sensor_state *
find(struct sensor_states *states, const char *sensor, const char *poi)
{
	for (int i = 0; i < states->count; i++)
		if (strcmp(states->at[i].sensor, sensor) == 0 &&
		    strcmp(states->at[i].poi, poi) == 0)
			return &states->at[i];
	return NULL;
}

static bool
add_hour(void *ctx, const struct coverage_hour *row)
{
	struct sensor_states *states = ctx;
	struct sensor_state *state = find(states, row->sensor, row->poi);
	int64_t at = (row->hour - states->begin) / INSTANT_HOUR;

	if (state == NULL || at < 0 || at >= SENSOR_HOURS)
		return true;
	int64_t all = row->packets + row->lost;
	double share = all > 0 ? (double)row->packets / (double)all : 1;
	state->hour[at] = (struct sensor_hour){
		.observed = row->observed,
		.packets = row->packets,
		.lost = row->lost,
		.watched = (int64_t)((double)row->observed * share),
	};
	state->packets += row->packets;
	state->lost += row->lost;
	state->lost_stream += row->lost_stream;
	state->lost_flow += row->lost_flow;
	state->lost_records += row->lost_records;
	return true;
}

static int64_t
millionths(int64_t part, int64_t whole)
{
	if (whole <= 0)
		return 0;
	return part >= whole ? 1000000 : (int64_t)((double)part / (double)whole * 1e6);
}

static void
sum_up(const struct sensor_states *states, struct sensor_state *state)
{
	int64_t begin = state->first > states->begin ? state->first : states->begin;
	int64_t passed = states->now - begin, observed = 0, watched = 0;

	for (int i = 0; i < SENSOR_HOURS; i++) {
		observed += state->hour[i].observed;
		watched += state->hour[i].watched;
	}
	state->coverage = millionths(watched, passed);
	state->observed = millionths(observed, passed);
	state->is_losing = state->coverage < LOSING_BELOW;
}

int
sensor_states_read(struct console_reader *reader, const struct scope *scope,
		   int64_t now, struct sensor_states *states, struct error *err)
{
	*states = (struct sensor_states){ .now = now };
	states->begin =
		now / INSTANT_HOUR * INSTANT_HOUR - (SENSOR_HOURS - 1) * INSTANT_HOUR;
	states->at = calloc(SENSORS_MAX, sizeof(*states->at));
	if (states->at == NULL)
		log_fatal("console", "no memory for sensors");
	if (console_each_sensor(reader, scope, add_sensor, states, err) == -1 ||
	    console_each_coverage(reader, scope, states->begin, now + 1, add_hour,
				  states, err) == -1)
		return -1;
	for (int i = 0; i < states->count; i++)
		sum_up(states, &states->at[i]);
	return 0;
}

void
sensor_states_release(struct sensor_states *states)
{
	for (int i = 0; i < states->count; i++)
		json_decref(states->at[i].participants);
	free(states->at);
}

static json_t *
hours_json(const struct sensor_states *states, const struct sensor_state *state)
{
	json_t *list = json_array();

	for (int i = 0; i < SENSOR_HOURS; i++) {
		int64_t hour = states->begin + i * INSTANT_HOUR;
		int64_t begin = state->first > hour ? state->first : hour;
		int64_t end = states->now < hour + INSTANT_HOUR ? states->now
								: hour + INSTANT_HOUR;
		const struct sensor_hour *row = &state->hour[i];
		json_array_append_new(
			list,
			json_pack("{s:o, s:o, s:I, s:I}", "hour", present_time(hour),
				  "coverage",
				  present_share(millionths(row->watched, end - begin)),
				  "packets", (json_int_t)row->packets, "lost",
				  (json_int_t)row->lost));
	}
	return list;
}

static json_t *
state_json(const struct sensor_states *states, const struct sensor_state *state,
	   bool in_full)
{
	json_t *json = json_pack(
		"{s:s, s:s, s:s, s:o, s:f, s:o}", "sensor", state->sensor, "poi",
		state->poi, "state", state->is_silent ? "silent" : "reporting",
		"last_record", present_time(state->last_record), "lag_seconds",
		(double)((states->now - state->last) / 1000) / 1e3, "coverage_24h",
		present_share(state->coverage));

	if (!in_full)
		return json;
	json_t *more = json_pack(
		"{s:o, s:o, s:I, s:o, s:I, s:{s:I, s:I, s:I, s:I}, s:o, s:O}", "first",
		present_time(state->first), "last", present_time(state->last),
		"records", (json_int_t)state->records, "observed_24h",
		present_share(state->observed), "packets_24h",
		(json_int_t)state->packets, "lost", "packets", (json_int_t)state->lost,
		"stream", (json_int_t)state->lost_stream, "flow",
		(json_int_t)state->lost_flow, "records",
		(json_int_t)state->lost_records, "hours", hours_json(states, state),
		"participants", state->participants);
	json_object_update(json, more);
	json_decref(more);
	return json;
}

json_t *
sensors_json(const struct sensor_states *states, bool in_full)
{
	json_t *items = json_array();

	for (int i = 0; i < states->count; i++)
		json_array_append_new(items,
				      state_json(states, &states->at[i], in_full));
	return json_pack("{s:o, s:o, s:i}", "now", present_time(states->now), "items",
			 items, "left_out", states->left_out);
}
