/* SPDX-License-Identifier: Apache-2.0 */
/* console_workflow: state of alerts as people see it, with who changed what, when and
 * why. */
#include <stdio.h>

#include "store/console_internal.h"

struct present {
	char state[32];
	int version;
};

static int
read_present(struct console_db *db, const char *alert, struct present *present,
	     struct error *err)
{
	sqlite3_stmt *statement = database_query(
		db->file, err, "SELECT state, version FROM workflow WHERE alert = ?1",
		"t", alert);
	int found = statement != NULL ? database_step(db->file, statement, err) : -1;

	*present = (struct present){ .state = "new" };
	if (found == 1) {
		snprintf(present->state, sizeof(present->state), "%s",
			 column_text(statement, 0));
		present->version = sqlite3_column_int(statement, 1);
		sqlite3_reset(statement);
	}
	return found == -1 ? -1 : 0;
}

static int
add_history(struct console_db *db, const struct workflow_change *change,
	    const char *from, struct error *err)
{
	return database_run(db->file, err,
			    "INSERT INTO workflow_history (alert, time, user, "
			    "from_state, to_state, reason, "
			    "note, assignee, operation) VALUES (?1, ?2, ?3, ?4, ?5, "
			    "?6, ?7, ?8, ?9)",
			    "tittttttt", change->alert, change->time, change->user,
			    from, change->state, change->reason, change->note,
			    change->assignee, change->operation);
}

int
console_db_change(struct console_db *db, const struct workflow_change *change,
		  int *version, struct error *err)
{
	struct present present;

	if (read_present(db, change->alert, &present, err) == -1)
		return -1;
	*version = present.version;
	if (change->version != -1 && change->version != present.version)
		return 0;
	if (add_history(db, change, present.state, err) == -1)
		return -1;
	if (change->is_note)
		return 1;
	*version = present.version + 1;
	return database_run(
		       db->file, err,
		       "INSERT INTO workflow (alert, state, reason, assignee, changed, "
		       "version) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (alert) "
		       "DO "
		       "UPDATE SET state = ?2, reason = ?3, assignee = ?4, changed = "
		       "?5, "
		       "version = ?6",
		       "ttttid", change->alert, change->state, change->reason,
		       change->assignee, change->time, *version) == -1
		       ? -1
		       : 1;
}

/* Of the history row h: nothing came after it but notes. */
#define UNTOUCHED                                                                   \
	"NOT EXISTS (SELECT 1 FROM workflow_history l WHERE l.alert = h.alert AND " \
	"l.id > h.id "                                                              \
	"AND NOT (l.from_state = l.to_state AND l.assignee = h.assignee))"

/* Counts of an operation: all its alerts, and those nobody changed since. */
static int
count_operation(struct console_db *db, const struct undo *undo, int *all,
		int *untouched, struct error *err)
{
	sqlite3_stmt *statement =
		database_query(db->file, err,
			       "SELECT count(*), coalesce(sum(" UNTOUCHED
			       "), 0) FROM workflow_history h WHERE h.operation = ?1 "
			       "AND h.user = ?2 AND h.time > ?3",
			       "tti", undo->operation, undo->user, undo->since);

	if (statement == NULL || database_step(db->file, statement, err) != 1)
		return -1;
	*all = sqlite3_column_int(statement, 0);
	*untouched = sqlite3_column_int(statement, 1);
	sqlite3_reset(statement);
	return 0;
}

/*
 * What held before: the state is in the row, reason and assignee in the row before it
 * that was no mere note.  History first, because the update needs it as it was.
 */
static const char sql_undo_history[] =
	"INSERT INTO workflow_history (alert, time, user, from_state, to_state, "
	"reason, note, "
	"assignee, operation) "
	"SELECT h.alert, ?4, h.user, h.to_state, h.from_state, "
	"coalesce((SELECT p.reason FROM workflow_history p WHERE p.alert = h.alert AND "
	"p.id < h.id "
	"ORDER BY p.id DESC LIMIT 1), ''), '', "
	"coalesce((SELECT p.assignee FROM workflow_history p WHERE p.alert = h.alert "
	"AND p.id < h.id ORDER BY p.id DESC LIMIT 1), ''), ?5 "
	"FROM workflow_history h WHERE h.operation = ?1 AND h.user = ?2 AND h.time > "
	"?3 "
	"AND " UNTOUCHED;
static const char sql_undo_state[] =
	"UPDATE workflow SET state = h.to_state, reason = h.reason, assignee = "
	"h.assignee, "
	"changed = h.time, version = version + 1 FROM workflow_history h "
	"WHERE h.alert = workflow.alert AND h.operation = ?1";
static const char sql_undo_once[] =
	"UPDATE workflow_history SET operation = '' WHERE operation = ?1";

int
console_db_undo(struct console_db *db, const struct undo *undo, int *undone,
		int *skipped, struct error *err)
{
	int all = 0;

	if (count_operation(db, undo, &all, undone, err) == -1)
		return -1;
	*skipped = all - *undone;
	if (all == 0)
		return 0;
	if (database_run(db->file, err, sql_undo_history, "ttiit", undo->operation,
			 undo->user, undo->since, undo->now,
			 undo->undo_operation) == -1 ||
	    database_run(db->file, err, sql_undo_state, "t", undo->undo_operation) ==
		    -1 ||
	    database_run(db->file, err, sql_undo_once, "t", undo->operation) == -1)
		return -1;
	return 1;
}

int
console_db_last_change(struct console_db *db, int64_t *id, struct error *err)
{
	sqlite3_stmt *statement = database_query(
		db->file, err, "SELECT coalesce(max(id), 0) FROM workflow_history", "");

	if (statement == NULL || database_step(db->file, statement, err) != 1)
		return -1;
	*id = sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	return 0;
}
