/* SPDX-License-Identifier: Apache-2.0 */
/* route_incident: what belongs together, and the alerts of one incident. */
#include <stdlib.h>
#include <string.h>

#include "dashboards/console/alert_request.h"
#include "dashboards/console/present.h"
#include "dashboards/console/routes.h"

enum { INCIDENTS_MAX = 50, MEMBERS_MAX = 200, IDS_SIZE = MEMBERS_MAX * 68 + 3 };

static bool
add_incident(void *ctx, const struct incident_row *row)
{
	json_array_append_new(
		ctx,
		json_pack("{s:s, s:s, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:s, s:o}", "id",
			  row->id, "severity", row->severity, "first",
			  present_time(row->first), "last", present_time(row->last), "alerts",
			  (json_int_t)row->alerts, "open", (json_int_t)row->open, "rules",
			  (json_int_t)row->rules, "participants",
			  (json_int_t)row->participants, "pois", (json_int_t)row->pois,
			  "actor", row->actor, "title",
			  present_title((struct title){ row->title_ja, row->title_en })));
	return true;
}

void
route_incidents(struct exchange *exchange)
{
	struct console_reader *reader = exchange->console->reader;
	json_t *list = json_array();
	struct error err;

	if (reader == NULL || console_each_incident(reader, &exchange->scope, INCIDENTS_MAX,
						    add_incident, list, &err) == -1) {
		json_decref(list);
		answer_failure(exchange, &err);
		return;
	}
	answer_json(exchange, 200, json_pack("{s:o}", "incidents", list));
}

static bool
add_alert(void *ctx, const struct alert_item *item)
{
	json_array_append_new(ctx, present_alert(item));
	return true;
}

/* Its alerts as the scope sees them: masked, and only those it has a part in. */
static int
read_alerts(struct exchange *exchange, const char *ids, json_t *list, struct error *err)
{
	struct alert_cursor start = { 0 };
	struct alert_filter *filter = calloc(1, sizeof(*filter));

	if (filter == NULL)
		return error_set(err, "no memory to find alerts");
	filter->tab = ALERT_TAB_ALL;
	filter->ids = ids;
	int found = console_each_alert(exchange->console->reader, &exchange->scope, filter,
				       ALERT_SORT_LAST, &start, MEMBERS_MAX, add_alert,
				       list, err);
	free(filter);
	return found;
}

void
route_incident(struct exchange *exchange)
{
	struct console_reader *reader = exchange->console->reader;
	const char *id = exchange->argument[0];
	char *ids = malloc(IDS_SIZE);
	json_t *list = json_array();
	struct error err;
	int found = -1;

	if (ids == NULL)
		error_set(&err, "no memory to find alerts");
	else if (reader != NULL &&
		 console_incident_alerts(reader, id, ids, IDS_SIZE, &err) != -1)
		found = read_alerts(exchange, ids, list, &err);
	free(ids);
	if (found == -1)
		answer_failure(exchange, &err);
	else if (found == 0)
		answer_problem(exchange, 404, "not_found", NULL);
	else
		answer_json(exchange, 200,
			    json_pack("{s:s, s:O}", "id", id, "alerts", list));
	json_decref(list);
}
