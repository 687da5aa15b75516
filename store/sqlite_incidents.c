/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite_incidents: which alerts stand together, and what such a group amounts to. */
#include <stdio.h>

#include "store/incident_sql.h"
#include "store/sqlite.h"

int
store_forget_incidents(struct store *store, int64_t from, struct error *err)
{
	return database_run(store->main, err,
			    "DELETE FROM incident_alert WHERE first >= ?1", "i", from);
}

int
store_each_opening(struct store *store, const struct scope *scope, int64_t from,
		   opening_sink *sink, void *ctx, struct error *err)
{
	sqlite3_stmt *found = database_query(
		store->main, err,
		"SELECT id, first FROM alert WHERE first >= ?3 AND disposition = 'open'"
		" AND severity <> 'info' AND (?1 OR client_partition = ?2 OR"
		" server_partition = ?2) ORDER BY first, id",
		"dti", (int)scope->is_all, scope_partition(scope), from);
	int rows = 0, more = -1;

	while (found != NULL && (more = database_step(store->main, found, err)) == 1) {
		rows++;
		if (!sink(ctx, column_text(found, 0), sqlite3_column_int64(found, 1))) {
			sqlite3_reset(found);
			return rows;
		}
	}
	return more == -1 ? -1 : rows;
}

int
store_find_incident(struct store *store, const struct scope *scope, const char *alert,
		    char incident[INCIDENT_ID_SIZE], struct error *err)
{
	sqlite3_stmt
		*found =
			database_query(
				store->main, err,
				"SELECT i.incident FROM alert a CROSS JOIN "
				"incident_alert i"
				" ON i.first BETWEEN a.first - ?4 AND a.first"
				" CROSS JOIN alert b ON b.id = i.alert"
				" LEFT JOIN requirement r ON r.id = a.rule"
				" WHERE a.id = ?3 AND ?1 AND (?2 IS NULL OR 1) AND ("
				" (" ACTOR("a") " <> '' AND (" ACTOR("b") " = " ACTOR("a") "  OR (" TARGET(
					"b") " = " ACTOR("a") " AND b.server_partition "
							      "<> 'base')))"
							      " OR (b.rule = a.rule "
							      "AND " TARGET(
								      "a") " <> ''"
									   "  "
									   "AND"
									   " " TARGET("b") " = " TARGET(
										   "a") " AND a.first - b.first <= ?5"
											"  AND (a.category = 'detection' OR r.kind = 'presence')))"
											" ORDER BY i.first, i.alert LIMIT 1",
				"dttii", (int)scope->is_all, scope_partition(scope),
				alert, (int64_t)INCIDENT_GAP, (int64_t)INCIDENT_WAVE);
	int more = found != NULL ? database_step(store->main, found, err) : -1;

	if (more != 1)
		return more;
	snprintf(incident, INCIDENT_ID_SIZE, "%s", column_text(found, 0));
	sqlite3_reset(found);
	return 1;
}

int
store_put_incident(struct store *store, const char *alert, const char *incident,
		   int64_t first, struct error *err)
{
	return database_run(
		store->main, err,
		"INSERT OR REPLACE INTO incident_alert (alert, incident, first)"
		" VALUES (?1,?2,?3)",
		"tti", alert, incident, first);
}

void
incident_from_row(sqlite3_stmt *found, struct incident_row *row)
{
	static const char *const words[] = { "info", "low", "medium", "high", "critical" };

	*row = (struct incident_row){
			.id = column_text(found, 0),
			.first = sqlite3_column_int64(found, 1),
			.last = sqlite3_column_int64(found, 2),
			.alerts = (uint64_t)sqlite3_column_int64(found, 3),
			.open = (uint64_t)sqlite3_column_int64(found, 4),
			.rules = (uint64_t)sqlite3_column_int64(found, 5),
			.participants = (uint64_t)sqlite3_column_int64(found, 6),
			.pois = (uint64_t)sqlite3_column_int64(found, 7),
			.severity = words[sqlite3_column_int(found, 8) % 5],
			.actor = column_text(found, 9),
			.title_ja = column_text(found, 10),
			.title_en = column_text(found, 11),
		};
}

int
store_each_incident(struct store *store, const struct scope *scope, size_t limit,
		    incident_sink *sink, void *ctx, struct error *err)
{
	sqlite3_stmt *found = database_query(
		store->main, err,
		INCIDENTS,
		"dtu", (int)scope->is_all, scope_partition(scope), (uint64_t)limit);
	int rows = 0, more = -1;

	while (found != NULL && (more = database_step(store->main, found, err)) == 1) {
		struct incident_row row;
		incident_from_row(found, &row);
		rows++;
		if (!sink(ctx, &row)) {
			sqlite3_reset(found);
			return rows;
		}
	}
	return more == -1 ? -1 : rows;
}
