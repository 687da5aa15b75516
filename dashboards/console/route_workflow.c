/* SPDX-License-Identifier: Apache-2.0 */
/* route_workflow: what people do with one alert, or with exactly the set they saw. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/digest.h"
#include "common/instant.h"
#include "common/log.h"
#include "dashboards/console/alert_detail.h"
#include "dashboards/console/alert_request.h"
#include "dashboards/console/present.h"
#include "dashboards/console/routes.h"
#include "dashboards/console/workflow.h"

enum { NOTE_SIZE_MAX = 16000, BULK_MAX = 10000 };

static const int64_t undo_for = 10 * INSTANT_MINUTE;

/* What a person asks for; texts borrow the body. */
struct wish {
	const struct action *action;
	const char *reason, *note, *assignee;
};

/* An alert as it is before. */
struct before {
	char id[65], state[32], reason[32], assignee[USER_NAME_MAX + 1];
	int version;
	int64_t last_change;
};

static bool
keep_before(void *ctx, const struct alert_item *item)
{
	struct before *before = ctx;

	snprintf(before->id, sizeof(before->id), "%s", item->id);
	snprintf(before->state, sizeof(before->state), "%s", item->state);
	snprintf(before->reason, sizeof(before->reason), "%s", item->reason);
	snprintf(before->assignee, sizeof(before->assignee), "%s", item->assignee);
	before->version = item->version;
	return true;
}

/* The member that is wrong, or NULL. */
static const char *
wrong_member(const struct wish *wish)
{
	const struct action *action = wish->action;

	if (wish->note == NULL || (action->needs_note && wish->note[0] == '\0'))
		return "note";
	if (wish->assignee == NULL ||
	    (action->needs_assignee && wish->assignee[0] == '\0'))
		return "assignee";
	if (wish->reason == NULL ||
	    (action->needs_reason ? !workflow_is_reason(wish->reason)
				  : wish->reason[0] != '\0'))
		return "reason";
	if (strcmp(wish->reason, "other") == 0 && wish->note[0] == '\0')
		return "note";
	return NULL;
}

/* False, and answered, unless the body has what the action needs. */
static bool
read_wish(struct exchange *exchange, const char *name, struct wish *wish)
{
	wish->action = action_find(name);
	if (wish->action == NULL) {
		answer_not_found(exchange);
		return false;
	}
	if (!role_may(exchange->session.role, wish->action->permission)) {
		answer_problem(exchange, 403, "forbidden",
			       json_pack("{s:s}", "permission",
					 permission_name(wish->action->permission)));
		return false;
	}
	wish->reason = exchange_text(exchange, "reason", 31);
	wish->note = exchange_text(exchange, "note", NOTE_SIZE_MAX);
	wish->assignee = exchange_text(exchange, "assignee", USER_NAME_MAX);
	const char *wrong = wrong_member(wish);
	if (wrong != NULL)
		answer_problem(exchange, 400, "invalid_body",
			       json_pack("{s:s}", "name", wrong));
	return wrong == NULL;
}

static struct workflow_change
change_of(const struct exchange *exchange, const struct wish *wish,
	  const struct before *before, const char *operation)
{
	const struct action *action = wish->action;
	bool takes = action->takes_it && before->assignee[0] == '\0';

	return (struct workflow_change){
		.alert = before->id,
		.user = exchange->session.user,
		.state = action->to != NULL ? action->to : before->state,
		.reason = action->to != NULL ? wish->reason : before->reason,
		.assignee = action->needs_assignee ? wish->assignee
			    : takes                ? exchange->session.user
						   : before->assignee,
		.note = wish->note,
		.operation = operation,
		.time = exchange->now,
		.version = before->version,
		.is_note = action->needs_note,
	};
}

static void
answer_transition(struct exchange *exchange, const struct before *before,
		  const struct wish *wish)
{
	answer_problem(exchange, 409, "transition_refused",
		       json_pack("{s:s, s:s}", "from", before->state, "action",
				 wish->action->name));
}

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
						exchange->argument[0], keep_before,
						before, &err);

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
		answer_transition(exchange, before, wish);
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
	    !read_wish(exchange, exchange->argument[1], &wish) ||
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

struct selection {
	struct alert_filter filter;
	int64_t as_of_change, expected;
	char *ids;            /* owned; JSON list, or NULL: by query */
	struct before *found; /* BULK_MAX of them */
	int count;
	bool has_changed; /* somebody did something since */
};

static bool
keep_selected(void *ctx, const struct alert_item *item)
{
	struct selection *selection = ctx;

	if (selection->count == BULK_MAX)
		return false;
	keep_before(&selection->found[selection->count++], item);
	return true;
}

static bool
note_change(void *ctx, const char *id, int64_t last_change)
{
	struct selection *selection = ctx;

	(void)id;
	if (last_change > selection->as_of_change)
		selection->has_changed = true;
	return true;
}

/* What is wrong with "selection", or NULL. */
static const char *
read_selection(const struct exchange *exchange, struct selection *selection)
{
	const json_t *json = json_object_get(exchange->body, "selection");
	const json_t *ids = json_object_get(json, "ids");
	const char *tab = json_string_value(json_object_get(json, "tab"));

	if (!json_is_object(json))
		return "selection";
	if (!json_is_integer(json_object_get(json, "expected")) ||
	    !json_is_integer(json_object_get(json, "as_of_seq")) ||
	    !json_is_integer(json_object_get(json, "as_of_change")))
		return "selection.expected";
	selection->expected = json_integer_value(json_object_get(json, "expected"));
	selection->as_of_change =
		json_integer_value(json_object_get(json, "as_of_change"));
	if (selection->expected < 1 || selection->expected > BULK_MAX)
		return "selection.expected";
	if (json_is_array(ids)) {
		selection->filter.tab = ALERT_TAB_ALL;
		selection->filter.ids = selection->ids = json_dumps(ids, JSON_COMPACT);
		return NULL;
	}
	/* 0 would mean any: a queue seen empty selects nothing. */
	int64_t seq = json_integer_value(json_object_get(json, "as_of_seq"));
	selection->filter.as_of_seq = seq > 0 ? seq : -1;
	if (!alert_request_tab(tab, ALERT_TAB_INBOX, &selection->filter.tab))
		return "selection.tab";
	if (!alert_request_time(json_string_value(json_object_get(json, "from")),
				&selection->filter.from) ||
	    !alert_request_time(json_string_value(json_object_get(json, "to")),
				&selection->filter.to))
		return "selection.from";
	return NULL;
}

static int
find_selected(struct exchange *exchange, struct selection *selection, struct error *err)
{
	struct console_reader *reader = exchange->console->reader;
	struct alert_cursor start = { 0 };

	if (reader == NULL)
		return -1;
	if (console_each_alert(reader, &exchange->scope, &selection->filter,
			       ALERT_SORT_LAST, &start, BULK_MAX + 1, keep_selected,
			       selection, err) == -1)
		return -1;
	return console_each_alert_id(reader, &exchange->scope, &selection->filter,
				     note_change, selection, err);
}

/* False, and answered, unless the set is what the person saw and all of it may be
 * changed so. */
static bool
holds(struct exchange *exchange, struct selection *selection, const struct wish *wish)
{
	struct error err;

	if (find_selected(exchange, selection, &err) == -1) {
		answer_failure(exchange, &err);
		return false;
	}
	if (selection->count != selection->expected || selection->has_changed) {
		answer_problem(exchange, 409, "selection_changed",
			       json_pack("{s:I, s:i}", "expected",
					 (json_int_t)selection->expected, "found",
					 selection->count));
		return false;
	}
	for (int i = 0; i < selection->count; i++)
		if (!action_starts_from(wish->action, selection->found[i].state)) {
			answer_transition(exchange, &selection->found[i], wish);
			return false;
		}
	return true;
}

static int
change_all(struct exchange *exchange, const struct selection *selection,
	   const struct wish *wish, const char *operation, struct error *err)
{
	struct console_db *db = exchange->console->db;
	int version;

	for (int i = 0; i < selection->count; i++) {
		struct workflow_change change =
			change_of(exchange, wish, &selection->found[i], operation);
		int done = console_db_change(db, &change, &version, err);
		if (done == 0)
			return error_set(err, "alert %s changed within a transaction",
					 change.alert);
		if (done == -1)
			return -1;
	}
	return 0;
}

static int
apply_all(struct exchange *exchange, const struct selection *selection,
	  const struct wish *wish, const char *operation, struct error *err)
{
	struct console_db *db = exchange->console->db;
	char action[64], detail[64];

	snprintf(action, sizeof(action), "alerts.%s", wish->action->name);
	snprintf(detail, sizeof(detail), "%d %s", selection->count, wish->reason);
	if (console_db_begin(db, err) == -1)
		return -1;
	if (change_all(exchange, selection, wish, operation, err) == -1 ||
	    exchange_audit(exchange, NULL, action, operation, detail, "ok", err) ==
		    -1 ||
	    console_db_commit(db, err) == -1) {
		console_db_rollback(db);
		return -1;
	}
	return 0;
}

static void
new_operation(char operation[33])
{
	uint8_t random[16];

	randombytes_buf(random, sizeof(random));
	digest_to_hex(random, sizeof(random), operation);
}

static json_t *
last_change(struct exchange *exchange)
{
	int64_t change = 0;
	struct error err;

	if (console_db_last_change(exchange->console->db, &change, &err) == -1)
		log_error("console", "%s", err.text);
	return json_integer(change);
}

static void
change_selection(struct exchange *exchange, struct selection *selection,
		 const struct wish *wish)
{
	char operation[33];
	struct error err;

	if (!holds(exchange, selection, wish))
		return;
	new_operation(operation);
	if (apply_all(exchange, selection, wish, operation, &err) == -1) {
		answer_failure(exchange, &err);
		return;
	}
	answer_json(exchange, 200,
		    json_pack("{s:s, s:i, s:o, s:o}", "operation", operation, "changed",
			      selection->count, "undo_until",
			      present_time(exchange->now + undo_for), "as_of_change",
			      last_change(exchange)));
}

void
route_bulk(struct exchange *exchange)
{
	static const char *const members[] = { "action",   "reason",    "note",
					       "assignee", "selection", NULL };
	const char *name = exchange_text(exchange, "action", 31);
	struct selection *selection;
	struct wish wish;

	if (!exchange_has_only(exchange, members) ||
	    !read_wish(exchange, name != NULL ? name : "", &wish))
		return;
	selection = calloc(1, sizeof(*selection));
	if (selection == NULL ||
	    (selection->found = calloc(BULK_MAX, sizeof(*selection->found))) == NULL)
		log_fatal("console", "no memory for a selection");
	const char *wrong = read_selection(exchange, selection);
	const json_t *json = json_object_get(exchange->body, "selection");
	if (wrong != NULL)
		answer_problem(exchange, 400, "invalid_body",
			       json_pack("{s:s}", "name", wrong));
	else if (alert_request_query(exchange,
				     json_string_value(json_object_get(json, "q")),
				     &selection->filter))
		change_selection(exchange, selection, &wish);
	free(selection->ids);
	free(selection->found);
	free(selection);
}

void
route_undo(struct exchange *exchange)
{
	struct console_db *db = exchange->console->db;
	char operation[33], detail[64];
	struct error err;
	int undone = 0, skipped = 0;

	new_operation(operation);
	struct undo undo = { .operation = exchange->argument[0],
			     .user = exchange->session.user,
			     .undo_operation = operation,
			     .since = exchange->now - undo_for,
			     .now = exchange->now };
	if (console_db_begin(db, &err) == -1) {
		answer_failure(exchange, &err);
		return;
	}
	int done = console_db_undo(db, &undo, &undone, &skipped, &err);
	snprintf(detail, sizeof(detail), "%d undone, %d skipped", undone, skipped);
	if (done == 1 &&
	    (exchange_audit(exchange, NULL, "alerts.undo", exchange->argument[0],
			    detail, "ok", &err) == -1 ||
	     console_db_commit(db, &err) == -1))
		done = -1;
	if (done != 1)
		console_db_rollback(db);
	if (done == -1)
		answer_failure(exchange, &err);
	else if (done == 0)
		answer_problem(exchange, 409, "undo_refused", NULL);
	else
		answer_json(exchange, 200,
			    json_pack("{s:i, s:i, s:o}", "undone", undone, "skipped",
				      skipped, "as_of_change", last_change(exchange)));
}
