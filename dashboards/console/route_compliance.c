/* SPDX-License-Identifier: Apache-2.0 */
/* route_compliance: regions, requirements, and how the ones meet the others. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "dashboards/console/compliance.h"
#include "dashboards/console/present.h"
#include "dashboards/console/routes.h"

static bool
add_region(void *ctx, const struct region_row *row)
{
	json_array_append_new(ctx, json_pack("{s:s, s:o, s:i}", "id", row->id, "title",
					     present_title(row->title), "participants",
					     row->participants));
	return true;
}

static bool
add_requirement(void *ctx, const struct requirement_row *row)
{
	json_array_append_new(ctx, present_requirement(row));
	return true;
}

static void
answer_items(struct exchange *exchange, int read, json_t *items,
	     const struct error *err)
{
	if (read == -1)
		answer_failure(exchange, err);
	else
		answer_json(exchange, 200, json_pack("{s:O}", "items", items));
	json_decref(items);
}

void
route_regions(struct exchange *exchange)
{
	struct console_reader *reader = exchange->console->reader;
	json_t *items = json_array();
	struct error err;

	answer_items(exchange,
		     reader == NULL ? -1
				    : console_each_region(reader, &exchange->scope,
							  add_region, items, &err),
		     items, &err);
}

void
route_requirements(struct exchange *exchange)
{
	struct console_reader *reader = exchange->console->reader;
	json_t *items = json_array();
	struct error err;

	answer_items(exchange,
		     reader == NULL
			     ? -1
			     : console_each_requirement(reader, &exchange->scope, NULL,
							add_requirement, items, &err),
		     items, &err);
}

/* The region asked for, or the first the scope sees. */
struct choice {
	const char *wanted;
	char id[COMPLIANCE_ID_SIZE]; /* "": there is none */
	json_t *json;
};

static bool
choose(void *ctx, const struct region_row *row)
{
	struct choice *choice = ctx;

	if (choice->wanted != NULL && strcmp(choice->wanted, row->id) != 0)
		return true;
	snprintf(choice->id, sizeof(choice->id), "%s", row->id);
	choice->json = json_pack("{s:s, s:o}", "id", row->id, "title",
				 present_title(row->title));
	return false;
}

static bool
set_ruleset(void *ctx, const struct ruleset_row *row)
{
	json_object_set_new(ctx, "ruleset", present_ruleset(row));
	return true;
}

static bool
keep_newest(void *ctx, const struct sensor_item *row)
{
	int64_t *newest = ctx;

	*newest = row->last > *newest ? row->last : *newest;
	return true;
}

static bool
read_period(struct exchange *exchange, struct compliance_period *period)
{
	if (compliance_period_read(http_request_parameter(exchange->http, "period"),
				   exchange->console->zone, exchange->now, period))
		return true;
	answer_invalid(exchange, "period");
	return false;
}

static json_t *
read_compliance(struct exchange *exchange, const struct choice *choice,
		const struct compliance_period *period, struct error *err)
{
	struct console_reader *reader = exchange->console->reader;
	int64_t newest = 0;
	json_t *json =
		compliance_json(reader, &exchange->scope, choice->id, period, err);

	if (json == NULL)
		return NULL;
	json_object_set(json, "region", choice->json);
	json_object_set_new(json, "ruleset", json_null());
	if (console_find_ruleset(reader, &exchange->scope, set_ruleset, json, err) !=
		    -1 &&
	    console_each_sensor(reader, &exchange->scope, keep_newest, &newest, err) !=
		    -1) {
		json_object_set_new(json, "as_of", present_time(newest));
		return json;
	}
	json_decref(json);
	return NULL;
}

void
route_compliance(struct exchange *exchange)
{
	struct console_reader *reader = exchange->console->reader;
	const char *wanted = http_request_parameter(exchange->http, "region");
	struct choice choice = { .wanted = wanted != NULL && wanted[0] != '\0' ? wanted
									       : NULL };
	struct compliance_period period;
	struct error err;

	if (!read_period(exchange, &period))
		return;
	if (reader == NULL || console_each_region(reader, &exchange->scope, choose,
						  &choice, &err) == -1) {
		answer_failure(exchange, &err);
	} else if (choice.json == NULL) {
		answer_not_found(exchange);
	} else {
		json_t *json = read_compliance(exchange, &choice, &period, &err);
		if (json == NULL)
			answer_failure(exchange, &err);
		else
			answer_json(exchange, 200, json);
	}
	json_decref(choice.json);
}

static bool
add_alert(void *ctx, const struct alert_item *item)
{
	json_array_append_new(ctx, json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:I}",
					     "id", item->id, "severity", item->severity,
					     "state", item->state, "title",
					     present_title(item->title), "first",
					     present_time(item->first), "last",
					     present_time(item->last), "count",
					     (json_int_t)item->count));
	return true;
}

static void
add_term(struct alert_filter *filter, enum alert_key key, const char *value)
{
	struct alert_term *term = &filter->term[filter->term_count++];

	term->key = key;
	term->values = 1;
	snprintf(term->value, sizeof(term->value), "%s", value);
}

/* The newest alerts of that requirement in which the participant takes part. */
static json_t *
alerts_of(struct exchange *exchange, const struct compliance_period *period,
	  struct error *err)
{
	struct alert_filter *filter = calloc(1, sizeof(*filter));
	struct alert_cursor start = { 0 };
	json_t *list = json_array();

	if (filter == NULL)
		log_fatal("console", "no memory for a filter");
	filter->tab = ALERT_TAB_ALL;
	filter->from = period->span.from.usec;
	filter->to = period->span.to.usec;
	add_term(filter, ALERT_KEY_RULE, exchange->argument[0]);
	add_term(filter, ALERT_KEY_EITHER, exchange->argument[1]);
	int done =
		console_each_alert(exchange->console->reader, &exchange->scope, filter,
				   ALERT_SORT_LAST, &start, 50, add_alert, list, err);
	free(filter);
	if (done != -1)
		return list;
	json_decref(list);
	return NULL;
}

struct judged {
	json_t *json;
	uint32_t min_coverage;
};

static bool
set_judged(void *ctx, const struct requirement_row *row)
{
	struct judged *judged = ctx;

	judged->json = present_requirement(row);
	judged->min_coverage = row->min_coverage;
	return false;
}

/* 1 with the answer in '*json', 0 if one of the two is not there for this scope. */
static int
read_cell(struct exchange *exchange, const struct compliance_period *period,
	  const struct compliance_people *people, const struct judged *judged,
	  json_t **json, struct error *err)
{
	if (judged->json == NULL || people->count == 0)
		return 0;
	json_t *windows = compliance_windows(
		exchange->console->reader, &exchange->scope, exchange->argument[0],
		judged->min_coverage, &people->at[0], period, err);
	json_t *alerts = windows == NULL ? NULL : alerts_of(exchange, period, err);
	if (alerts == NULL) {
		json_decref(windows);
		return -1;
	}
	*json = json_pack("{s:O, s:O, s:o, s:o, s:o}", "requirement", judged->json,
			  "participant", people->at[0].json, "period",
			  compliance_period_json(period), "windows", windows, "alerts",
			  alerts);
	return 1;
}

void
route_compliance_cell(struct exchange *exchange)
{
	struct console_reader *reader = exchange->console->reader;
	struct compliance_people people = { 0 };
	struct compliance_period period;
	struct judged judged = { 0 };
	json_t *json = NULL;
	struct error err;
	int found = -1;

	if (!read_period(exchange, &period))
		return;
	if (reader != NULL &&
	    console_each_requirement(reader, &exchange->scope, exchange->argument[0],
				     set_judged, &judged, &err) != -1 &&
	    compliance_people_read(reader, &exchange->scope, NULL,
				   exchange->argument[1], &period, &people, &err) != -1)
		found = read_cell(exchange, &period, &people, &judged, &json, &err);
	if (found == 1)
		answer_json(exchange, 200, json);
	else if (found == 0)
		answer_not_found(exchange);
	else
		answer_failure(exchange, &err);
	json_decref(judged.json);
	compliance_people_release(&people);
}
