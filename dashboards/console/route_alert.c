/* SPDX-License-Identifier: Apache-2.0 */
/* route_alert: one alert with all that explains it. */
#include <string.h>

#include "dashboards/console/alert_detail.h"
#include "dashboards/console/present.h"
#include "dashboards/console/routes.h"
#include "dashboards/console/workflow.h"

struct detail {
	json_t *json;   /* NULL: not found */
	json_t *hidden; /* list of what was not visible */
	int missing;
	char rule[EXCHANGE_ARGUMENT_SIZE], client[EXCHANGE_ARGUMENT_SIZE],
		server[EXCHANGE_ARGUMENT_SIZE];
	char state[32];
};

/* Once, though condition and record both say so. */
static void
add_hidden(struct detail *detail, const char *what, const char *reason,
	   const char *record)
{
	json_t *hidden = json_pack("{s:s, s:s, s:s}", "what", what, "reason", reason,
				   "record", record);
	size_t i;
	const json_t *other;

	json_array_foreach(detail->hidden, i, other)
	{
		if (json_equal(other, hidden)) {
			json_decref(hidden);
			return;
		}
	}
	json_array_append_new(detail->hidden, hidden);
}

/* What the conditions themselves say could not be seen. */
static void
add_hidden_conditions(struct detail *detail, const json_t *conditions)
{
	size_t i;
	const json_t *condition;

	json_array_foreach(conditions, i, condition)
	{
		const char *reason =
			json_string_value(json_object_get(condition, "unobservable"));
		const char *what =
			json_string_value(json_object_get(condition, "what"));
		const char *record =
			json_string_value(json_object_get(condition, "record"));
		if (reason == NULL || reason[0] == '\0' || what == NULL)
			continue;
		add_hidden(detail, what, reason, record != NULL ? record : "");
	}
}

static void
add_hidden_members(struct detail *detail, const char *record, const json_t *line)
{
	const json_t *sekisho = json_object_get(line, "sekisho");
	json_t *hidden = json_object_get(sekisho, "unobservable"), *reason;
	const char *what;

	json_object_foreach(hidden, what, reason)
	{
		if (json_is_string(reason))
			add_hidden(detail, what, json_string_value(reason), record);
	}
}

static void
keep(char *out, const char *text)
{
	size_t size = strnlen(text, EXCHANGE_ARGUMENT_SIZE - 1);

	memcpy(out, text, size);
	out[size] = '\0';
}

static bool
begin_detail(void *ctx, const struct alert_item *item)
{
	struct detail *detail = ctx;
	json_t *conditions = present_column(item->conditions, json_array());

	detail->json = present_alert(item);
	keep(detail->rule, item->rule);
	keep(detail->client, item->client.id);
	keep(detail->server, item->server.id);
	memcpy(detail->state, item->state,
	       strnlen(item->state, sizeof(detail->state) - 1));
	add_hidden_conditions(detail, conditions);
	json_object_set_new(detail->json, "sentence", present_title(item->sentence));
	json_object_set_new(detail->json, "conditions", conditions);
	json_object_set_new(detail->json, "community_id",
			    json_string(item->community_id));
	json_object_set_new(detail->json, "vlan", json_string(item->vlan));
	json_object_set_new(detail->json, "ruleset", json_string(item->ruleset));
	return true;
}

static bool
add_evidence(void *ctx, const struct evidence_row *row)
{
	struct detail *detail = ctx;
	json_t *evidence = present_evidence(row);
	const json_t *line = json_object_get(evidence, "line");

	if (json_is_null(line))
		detail->missing++;
	add_hidden_members(detail, row->record, line);
	json_array_append_new(json_object_get(detail->json, "evidence"), evidence);
	return true;
}

static bool
set_requirement(void *ctx, const struct requirement_row *row)
{
	json_object_set_new(ctx, "requirement", present_requirement(row));
	return false;
}

static bool
set_client(void *ctx, const struct participant_row *row)
{
	json_object_set_new(json_object_get(ctx, "parties"), "client",
			    present_participant(row));
	return false;
}

static bool
set_server(void *ctx, const struct participant_row *row)
{
	json_object_set_new(json_object_get(ctx, "parties"), "server",
			    present_participant(row));
	return false;
}

static bool
add_history(void *ctx, const struct history_row *row)
{
	json_array_append_new(
		ctx, json_pack("{s:I, s:o, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "id",
			       (json_int_t)row->id, "time", present_time(row->time),
			       "user", row->user, "from", row->from, "to", row->to,
			       "reason", row->reason, "note", row->note, "assignee",
			       row->assignee, "operation", row->operation));
	return true;
}

static bool
add_similar(void *ctx, const struct similar_row *row)
{
	json_array_append_new(
		ctx,
		json_pack("{s:s, s:s, s:s, s:o, s:s, s:s, s:s, s:o, s:o, s:I}", "id",
			  row->id, "why", row->why, "rule", row->rule, "title",
			  present_title(row->title), "severity", row->severity, "state",
			  row->state, "reason", row->reason, "first",
			  present_time(row->first), "last", present_time(row->last),
			  "count", (json_int_t)row->count));
	return true;
}

static json_t *
actions_for(const struct role *role, const char *state)
{
	json_t *list = json_array();

	for (int n = 0; action_at(n) != NULL; n++)
		if (role_may(role, action_at(n)->permission) &&
		    action_starts_from(action_at(n), state))
			json_array_append_new(list, json_string(action_at(n)->name));
	return list;
}

/* The parts that are read one after another; -1 with a reason. */
static int
read_parts(struct exchange *exchange, struct detail *detail, struct error *err)
{
	struct console_reader *reader = exchange->console->reader;
	const struct scope *scope = &exchange->scope;
	const char *id = exchange->argument[0];
	json_t *json = detail->json, *history = json_array(), *similar = json_array();
	struct similar_counts counts = { 0 };
	struct similar_key key = { id, detail->rule, detail->client, detail->server };

	json_object_set_new(json, "evidence", json_array());
	json_object_set_new(json, "requirement", json_null());
	json_object_set_new(json, "parties",
			    json_pack("{s:n, s:n}", "client", "server"));
	json_object_set_new(json, "history", history);
	json_object_set_new(json, "similar", similar);
	if (console_each_alert_evidence(reader, scope, id, add_evidence, detail, err) ==
		    -1 ||
	    console_each_requirement(reader, scope, detail->rule, set_requirement, json,
				     err) == -1 ||
	    console_each_participant(reader, scope, detail->client, NULL, set_client,
				     json, err) == -1 ||
	    console_each_participant(reader, scope, detail->server, NULL, set_server,
				     json, err) == -1 ||
	    console_each_history(reader, scope, id, 0, 1000, add_history, history,
				 err) == -1 ||
	    console_each_similar(reader, scope, &key, &counts, add_similar, similar,
				 err) == -1)
		return -1;
	json_object_set_new(json, "similar_counts",
			    json_pack("{s:i, s:i, s:i}", "rule", counts.rule, "client",
				      counts.client, "pair", counts.pair));
	return 0;
}

static int
read_detail(struct exchange *exchange, struct detail *detail, struct error *err)
{
	if (exchange->console->reader == NULL)
		return -1;
	if (alert_find(exchange->console->reader, &exchange->scope,
		       exchange->argument[0], begin_detail, detail, err) == -1)
		return -1;
	if (detail->json == NULL)
		return 0;
	return read_parts(exchange, detail, err) == -1 ? -1 : 1;
}

void
route_alert(struct exchange *exchange)
{
	struct detail detail = { .hidden = json_array() };
	struct error err;
	int found = read_detail(exchange, &detail, &err);

	if (found == 1) {
		json_object_set(detail.json, "not_visible", detail.hidden);
		json_object_set_new(detail.json, "evidence_missing",
				    json_integer(detail.missing));
		json_object_set_new(detail.json, "actions",
				    actions_for(exchange->session.role, detail.state));
		alert_etag(exchange->http, (int)json_integer_value(json_object_get(
						   detail.json, "version")));
		answer_json(exchange, 200, json_incref(detail.json));
	} else if (found == 0) {
		answer_not_found(exchange);
	} else {
		answer_failure(exchange, &err);
	}
	json_decref(detail.json);
	json_decref(detail.hidden);
}
