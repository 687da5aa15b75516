/* SPDX-License-Identifier: Apache-2.0 */
/* route_bulk: what people do with exactly the set of alerts they saw, and its undoing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/digest.h"
#include "common/instant.h"
#include "common/log.h"
#include "dashboards/console/alert_request.h"
#include "dashboards/console/change.h"
#include "dashboards/console/present.h"
#include "dashboards/console/routes.h"

enum { BULK_MAX = 10000 };

static const int64_t undo_for = 10 * INSTANT_MINUTE;

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
	change_keep_before(&selection->found[selection->count++], item);
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
	int rows = console_each_alert(reader, &exchange->scope, &selection->filter,
				      ALERT_SORT_LAST, &start, BULK_MAX + 1,
				      keep_selected, selection, err);
	if (rows == -1)
		return -1;
	if (rows > BULK_MAX) /* more than was seen: 'expected' is at most BULK_MAX */
		selection->has_changed = true;
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
			change_answer_transition(exchange, &selection->found[i], wish);
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
	    !change_read_wish(exchange, name != NULL ? name : "", &wish))
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
