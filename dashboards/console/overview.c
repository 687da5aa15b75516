/* SPDX-License-Identifier: Apache-2.0 */
/* overview: the numbers of the first page. */
#include "dashboards/console/overview.h"

#include <string.h>

#include "common/instant.h"
#include "dashboards/console/overview_series.h"
#include "dashboards/console/present.h"
#include "dashboards/console/sensors.h"

static const char *const severities[] = { "critical", "high", "medium", "low", "info" };
static const char *const verdicts[] = { "satisfied", "violated", "unobservable",
					"not_applicable", "error" };

static json_t *
zeros(const char *const *names, int count)
{
	json_t *json = json_object();

	for (int i = 0; i < count; i++)
		json_object_set_new(json, names[i], json_integer(0));
	return json;
}

static void
add(json_t *counts, const char *name, int64_t more)
{
	json_t *count = json_object_get(counts, name);

	if (count != NULL)
		json_integer_set(count, json_integer_value(count) + more);
}

struct alert_sums {
	json_t *open, *age, *states;
	int64_t accepted, oldest_new;
};

static bool
add_open(void *ctx, const struct open_alerts_row *row)
{
	struct alert_sums *sums = ctx;

	if (strcmp(row->disposition, "open") != 0) {
		sums->accepted += row->alerts;
		return true;
	}
	add(sums->open, row->severity, row->alerts);
	add(sums->states, row->state, row->alerts);
	add(sums->age, "under_1h", row->under_hour);
	add(sums->age, "under_24h", row->under_day - row->under_hour);
	add(sums->age, "under_7d", row->under_week - row->under_day);
	add(sums->age, "older", row->alerts - row->under_week);
	if (strcmp(row->state, "new") == 0 &&
	    (sums->oldest_new == 0 || row->oldest < sums->oldest_new))
		sums->oldest_new = row->oldest;
	return true;
}

static json_t *
alerts_json(struct console_reader *reader, const struct scope *scope, int64_t now,
	    struct error *err)
{
	static const char *const ages[] = { "under_1h", "under_24h", "under_7d",
					    "older" };
	static const char *const states[] = { "new", "acknowledged", "investigating",
					      "escalated" };
	struct alert_sums sums = { zeros(severities, 5), zeros(ages, 4),
				   zeros(states, 4), 0, 0 };
	int count = console_each_open_alerts(reader, scope, now, add_open, &sums, err);
	json_t *json = json_pack("{s:o, s:o, s:o, s:o, s:I}", "open", sums.open, "age",
				 sums.age, "states", sums.states, "oldest_new",
				 present_time(sums.oldest_new), "accepted",
				 (json_int_t)sums.accepted);

	if (count != -1)
		return json;
	json_decref(json);
	return NULL;
}

static bool
add_verdict(void *ctx, const struct verdict_count *row)
{
	add(ctx, row->verdict, row->count);
	add(ctx, "provisional", row->provisional);
	return true;
}

static json_t *
verdicts_json(struct console_reader *reader, const struct scope *scope,
	      struct zone zone, struct span day, struct error *err)
{
	json_t *json = zeros(verdicts, 5);
	char text[CALENDAR_TEXT_SIZE];

	date_to_text(calendar_date(day.from, zone), text);
	json_object_set_new(json, "day", json_string(text));
	json_object_set_new(json, "provisional", json_integer(0));
	if (console_each_verdict_count(reader, scope, day.from.usec, day.to.usec,
				       add_verdict, json, err) != -1)
		return json;
	json_decref(json);
	return NULL;
}

static bool
add_reason(void *ctx, const struct reason_row *row)
{
	json_array_append_new(ctx, json_pack("{s:s, s:I}", "reason", row->reason,
					     "count", (json_int_t)row->count));
	return true;
}

static json_t *
reasons_json(struct console_reader *reader, const struct scope *scope, struct span day,
	     struct error *err)
{
	struct window_filter filter = { .from = day.from.usec, .to = day.to.usec };
	json_t *list = json_array();

	if (console_each_reason(reader, scope, &filter, add_reason, list, err) != -1)
		return list;
	json_decref(list);
	return NULL;
}

/* Strip and tiles of the sensors; the newest record of any goes into '*last' and lane
 * time too. */
static void
add_sensors(json_t *json, const struct sensor_states *states)
{
	int silent = 0, losing = 0;
	int64_t record = 0, last = 0;
	json_t *coverage = json_array();

	for (int i = 0; i < states->count; i++) {
		const struct sensor_state *state = &states->at[i];
		silent += state->is_silent;
		losing += state->is_losing;
		record = state->last_record > record ? state->last_record : record;
		last = state->last > last ? state->last : last;
		json_array_append_new(
			coverage,
			json_pack("{s:s, s:s, s:s, s:o, s:o}", "sensor", state->sensor,
				  "poi", state->poi, "state",
				  state->is_silent ? "silent" : "reporting", "coverage",
				  present_share(state->coverage), "last_record",
				  present_time(state->last_record)));
	}
	json_object_set_new(json, "coverage", coverage);
	json_object_set_new(json, "sensors",
			    json_pack("{s:i, s:i, s:i, s:i}", "total", states->count,
				      "reporting", states->count - silent, "silent",
				      silent, "losing", losing));
	json_object_set_new(json, "last_record", present_time(record));
	json_object_set_new(
		json, "lag_seconds",
		last == 0 ? json_null()
			  : json_real((double)((states->now - last) / 1000) / 1e3));
}

struct regions {
	json_t *list;
	const struct sensor_states *states;
	json_t *coverage; /* region to the least coverage of its sensors, millionths */
};

static bool
add_participant(void *ctx, const struct participant_row *row)
{
	struct regions *regions = ctx;
	json_t *sensors = present_column(row->sensors, json_array()), *name;
	size_t i;

	json_array_foreach(sensors, i, name)
	{
		for (int n = 0; n < regions->states->count; n++) {
			const struct sensor_state *state = &regions->states->at[n];
			const json_t *least =
				json_object_get(regions->coverage, row->partition);
			if (strcmp(state->sensor, json_string_value(name)) == 0 &&
			    (least == NULL ||
			     json_integer_value(least) > state->coverage))
				json_object_set_new(regions->coverage, row->partition,
						    json_integer(state->coverage));
		}
	}
	json_decref(sensors);
	return true;
}

static bool
add_region(void *ctx, const struct region_row *row)
{
	struct regions *regions = ctx;
	const json_t *least = json_object_get(regions->coverage, row->id);

	json_array_append_new(
		regions->list,
		json_pack("{s:s, s:o, s:o}", "id", row->id, "title",
			  present_title(row->title), "coverage",
			  least == NULL ? json_null()
					: present_share(json_integer_value(least))));
	return true;
}

static json_t *
regions_json(struct console_reader *reader, const struct scope *scope,
	     const struct sensor_states *states, struct error *err)
{
	struct regions regions = { json_array(), states, json_object() };
	int done = console_each_participant(reader, scope, NULL, NULL, add_participant,
					    &regions, err);

	if (done != -1)
		done = console_each_region(reader, scope, add_region, &regions, err);
	json_decref(regions.coverage);
	if (done != -1)
		return regions.list;
	json_decref(regions.list);
	return NULL;
}

static bool
set_ruleset(void *ctx, const struct ruleset_row *row)
{
	json_object_set_new(ctx, "ruleset", present_ruleset(row));
	return true;
}

static int
add_sensor_parts(json_t *json, struct console_reader *reader, const struct scope *scope,
		 int64_t now, struct error *err)
{
	struct sensor_states states;
	json_t *regions = NULL;
	int done = sensor_states_read(reader, scope, now, &states, err);

	if (done == 0) {
		add_sensors(json, &states);
		regions = regions_json(reader, scope, &states, err);
		done = regions == NULL ? -1 : 0;
	}
	sensor_states_release(&states);
	return done == -1 ? -1 : json_object_set_new(json, "regions", regions);
}

/* Takes over 'part'; -1 if it is NULL. */
static int
set(json_t *json, const char *name, json_t *part)
{
	return part == NULL ? -1 : json_object_set_new(json, name, part);
}

json_t *
overview_json(struct console_reader *reader, const struct scope *scope,
	      struct zone zone, int hours, int64_t now, struct error *err)
{
	struct span day = calendar_window((struct instant){ now }, CALENDAR_DAY, zone);
	struct console_head head;
	json_t *json = json_pack("{s:o, s:n}", "now", present_time(now), "ruleset");

	if (console_read_head(reader, scope, &head, err) == -1 ||
	    console_find_ruleset(reader, scope, set_ruleset, json, err) == -1 ||
	    set(json, "alerts", alerts_json(reader, scope, now, err)) == -1 ||
	    set(json, "verdicts", verdicts_json(reader, scope, zone, day, err)) == -1 ||
	    set(json, "unobservable", reasons_json(reader, scope, day, err)) == -1 ||
	    add_sensor_parts(json, reader, scope, now, err) == -1 ||
	    set(json, "nodes", overview_nodes(reader, scope, hours, now, err)) == -1 ||
	    set(json, "series", overview_series(reader, scope, hours, now, err)) ==
		    -1) {
		json_decref(json);
		return NULL;
	}
	json_object_set_new(json, "as_of_seq", json_integer(head.seq));
	return json;
}
