/* SPDX-License-Identifier: Apache-2.0 */
/* route_workflow: what people do with one alert. */
#include <stdio.h>

#include "dashboards/console/alert_detail.h"
#include "dashboards/console/change.h"
#include "dashboards/console/present.h"
#include "dashboards/console/routes.h"

/* -1 if the header is there and no version of ours, -2 if it is not there. */
static int
if_match(const struct exchange *exchange)
{
	const char *text = http_request_header(exchange->http, "If-Match");
	int version = -1, used = 0;

	if (text == NULL)
		return -2;
	if (sscanf(text, "\"%9d\"%n", &version, &used) != 1 || used == 0 ||
	    text[used] != '\0')
		return -1;
	return version;
}

static bool
set_json(void *ctx, const struct alert_item *item)
{
	*(json_t **)ctx = present_alert(item);
	return true;
}

static void
answer_alert(struct exchange *exchange, int version)
{
	json_t *json = NULL;
	struct error err;

	if (alert_find(exchange->console->reader, &exchange->scope,
		       exchange->argument[0], set_json, &json, &err) != 1) {
		answer_failure(exchange, &err);
		return;
	}
	alert_etag(exchange->http, version);
	answer_json(exchange, 200, json);
}

/* The change and its audit row. 1 done, 0 if somebody was faster, -1 with a reason. */
static int
apply(struct exchange *exchange, const struct wish *wish, const struct before *before,
      int *version, struct error *err)
{
	struct console_db *db = exchange->console->db;
	struct workflow_change change = change_of(exchange, wish, before, "");
	char action[64];

	snprintf(action, sizeof(action), "alert.%s", wish->action->name);
	if (console_db_begin(db, err) == -1)
		return -1;
	int done = console_db_change(db, &change, version, err);
	if (done == 1 && (exchange_audit(exchange, NULL, action, before->id,
					 wish->reason, "ok", err) == -1 ||
			  console_db_commit(db, err) == -1))
		done = -1;
	if (done != 1)
		console_db_rollback(db);
	return done;
}

/* False, and answered, unless the alert is there, as the person saw it, and may be
 * changed so. */
static bool
may_change(struct exchange *exchange, const struct wish *wish, struct before *before)
{
	struct console_reader *reader = exchange->console->reader;
	struct error err;
	int found = reader == NULL ? -1
				   : alert_find(reader, &exchange->scope,
						exchange->argument[0],
						change_keep_before, before, &err);

	if (found == -1) {
		answer_failure(exchange, &err);
		return false;
	}
	if (found == 0) {
		answer_not_found(exchange);
		return false;
	}
	int wanted = if_match(exchange);
	if (wanted == -2 && !wish->action->needs_note) {
		answer_problem(exchange, 428, "precondition_required", NULL);
		return false;
	}
	if (wanted != -2 && wanted != before->version) {
		answer_problem(exchange, 412, "version_conflict",
			       json_pack("{s:i}", "version", before->version));
		return false;
	}
	if (!action_starts_from(wish->action, before->state)) {
		change_answer_transition(exchange, before, wish);
		return false;
	}
	return true;
}

void
route_alert_action(struct exchange *exchange)
{
	static const char *const members[] = { "reason", "note", "assignee", NULL };
	struct before before = { 0 };
	struct wish wish;
	struct error err;
	int version;

	if (!exchange_has_only(exchange, members) ||
	    !change_read_wish(exchange, exchange->argument[1], &wish) ||
	    !may_change(exchange, &wish, &before))
		return;
	int done = apply(exchange, &wish, &before, &version, &err);
	if (done == -1)
		answer_failure(exchange, &err);
	else if (done == 0)
		answer_problem(exchange, 412, "version_conflict",
			       json_pack("{s:i}", "version", version));
	else
		answer_alert(exchange, version);
}
