/* SPDX-License-Identifier: Apache-2.0 */
/* console_incidents: incidents for eyes, and which alerts stand in one. */
#include <stdio.h>

#include "store/console_internal.h"
#include "store/incident_sql.h"

static bool
call_incident(any_sink *sink, void *ctx, sqlite3_stmt *statement)
{
	struct incident_row row;

	incident_from_row(statement, &row);
	return ((incident_sink *)sink)(ctx, &row);
}

int
console_each_incident(struct console_reader *reader, const struct scope *scope,
		      int limit, incident_sink *sink, void *ctx, struct error *err)
{
	return console_each(reader,
			    database_query(reader->file, err, INCIDENTS, "dtd",
					   (int)scope->is_all, scope_partition(scope),
					   limit),
			    call_incident, (any_sink *)sink, ctx, err);
}

struct ids {
	char *text;
	size_t room;
};

static bool
keep_ids(any_sink *sink, void *ctx, sqlite3_stmt *statement)
{
	struct ids *ids = ctx;

	(void)sink;
	snprintf(ids->text, ids->room, "%s", column_text(statement, 0));
	return true;
}

int
console_incident_alerts(struct console_reader *reader, const char *incident, char *ids,
			size_t room, struct error *err)
{
	struct ids taken = { ids, room };

	snprintf(ids, room, "[]");
	return console_each(
		reader,
		database_query(reader->file, err,
			       "SELECT json_group_array(alert) FROM (SELECT alert FROM"
			       " incident_alert WHERE incident = ?1 ORDER BY first, alert"
			       " LIMIT 200)",
			       "t", incident),
		keep_ids, NULL, &taken, err);
}
