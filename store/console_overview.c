/* SPDX-License-Identifier: Apache-2.0 */
/* console_overview: the sums behind the overview's tiles, charts and schematic. */
#include "store/console_internal.h"

#define OWN_ROW "(?1 OR client_partition = ?2 OR server_partition = ?2)"

static bool
call_open_alerts(any_sink *sink, void *ctx, sqlite3_stmt *s)
{
	return ((open_alerts_sink *)sink)(
		ctx, &(struct open_alerts_row){
			     .severity = column_text(s, 0),
			     .state = column_text(s, 1),
			     .disposition = column_text(s, 2),
			     .alerts = sqlite3_column_int64(s, 3),
			     .under_hour = sqlite3_column_int64(s, 4),
			     .under_day = sqlite3_column_int64(s, 5),
			     .under_week = sqlite3_column_int64(s, 6),
			     .oldest = sqlite3_column_int64(s, 7),
		     });
}

int
console_each_open_alerts(struct console_reader *reader, const struct scope *scope,
			 int64_t now, open_alerts_sink *sink, void *ctx,
			 struct error *err)
{
	return console_each(
		reader,
		database_query(
			reader->file, err,
			"SELECT severity, coalesce(w.state, 'new'), disposition, "
			"count(*), "
			"sum(first > ?3 - 3600000000), sum(first > ?3 - 86400000000), "
			"sum(first > ?3 - 604800000000), min(first) "
			"FROM alert a LEFT JOIN console.workflow w ON "
			"w.alert = a.id "
			"WHERE " OWN_ROW " AND coalesce(w.state, 'new') <> 'closed' "
			"GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
			"dti", (int)scope->is_all, scope_partition(scope), now),
		call_open_alerts, (any_sink *)sink, ctx, err);
}

static bool
call_verdict_count(any_sink *sink, void *ctx, sqlite3_stmt *statement)
{
	return ((verdict_count_sink *)sink)(
		ctx, &(struct verdict_count){
			     .verdict = column_text(statement, 0),
			     .count = sqlite3_column_int64(statement, 1),
			     .provisional = sqlite3_column_int64(statement, 2),
		     });
}

int
console_each_verdict_count(struct console_reader *reader, const struct scope *scope,
			   int64_t from, int64_t to, verdict_count_sink *sink,
			   void *ctx, struct error *err)
{
	return console_each(
		reader,
		database_query(
			reader->file, err,
			"SELECT verdict, count(*), sum(provisional) FROM verdict "
			"WHERE (?1 OR partition = ?2) AND window_end > ?3 "
			"AND window_start < ?4 AND window_start >= ?3 - 2764800000000 "
			"GROUP BY verdict ORDER BY verdict",
			"dtii", (int)scope->is_all, scope_partition(scope), from, to),
		call_verdict_count, (any_sink *)sink, ctx, err);
}

static bool
call_traffic(any_sink *sink, void *ctx, sqlite3_stmt *statement)
{
	return ((traffic_sink *)sink)(
		ctx, &(struct traffic_row){
			     .hour = sqlite3_column_int64(statement, 0),
			     .event = column_text(statement, 1),
			     .records = sqlite3_column_int64(statement, 2),
			     .bytes = sqlite3_column_int64(statement, 3),
		     });
}

int
console_each_traffic(struct console_reader *reader, const struct scope *scope,
		     int64_t from, int64_t to, traffic_sink *sink, void *ctx,
		     struct error *err)
{
	return console_each(
		reader,
		database_query(
			reader->file, err,
			"SELECT hour, event, sum(records), sum(bytes) FROM summary "
			"WHERE " OWN_ROW " AND hour >= ?3 AND hour < ?4 "
			"GROUP BY hour, event ORDER BY hour, event",
			"dtii", (int)scope->is_all, scope_partition(scope), from, to),
		call_traffic, (any_sink *)sink, ctx, err);
}

static bool
call_alert_hour(any_sink *sink, void *ctx, sqlite3_stmt *statement)
{
	return ((alert_hour_sink *)sink)(
		ctx, &(struct alert_hour){
			     .hour = sqlite3_column_int64(statement, 0),
			     .severity = column_text(statement, 1),
			     .alerts = sqlite3_column_int64(statement, 2),
		     });
}

int
console_each_alert_hour(struct console_reader *reader, const struct scope *scope,
			int64_t from, int64_t to, alert_hour_sink *sink, void *ctx,
			struct error *err)
{
	/* last >= first, so the index by last leaves out all that is older. */
	return console_each(
		reader,
		database_query(
			reader->file, err,
			"SELECT first / 3600000000 * 3600000000, severity, count(*) "
			"FROM alert WHERE " OWN_ROW " AND last >= ?3 AND first >= ?3 "
			"AND first < ?4 GROUP BY 1, 2 ORDER BY 1, 2",
			"dtii", (int)scope->is_all, scope_partition(scope), from, to),
		call_alert_hour, (any_sink *)sink, ctx, err);
}

static bool
call_node(any_sink *sink, void *ctx, sqlite3_stmt *s)
{
	struct node_row row = {
		.region = column_text(s, 0),
		.service = column_text(s, 1),
		.service_kind = column_text(s, 2),
		.title = { column_text(s, 3), column_text(s, 4) },
		.records = sqlite3_column_int64(s, 5),
		.bytes = sqlite3_column_int64(s, 6),
		.last_hour = sqlite3_column_int64(s, 7),
	};

	for (int i = 0; i < 5; i++)
		row.alerts[i] = sqlite3_column_int64(s, 8 + i);
	return ((node_sink *)sink)(ctx, &row);
}

/* Each row counts for both of its regions, once if they are the same. */
#define BY_REGION(table, columns, condition)                                       \
	"SELECT client_partition AS region, service, " columns " FROM " table      \
	" WHERE " condition " AND (?1 OR client_partition = ?2) UNION ALL SELECT " \
	"server_partition, service, " columns " FROM " table " WHERE " condition   \
	" AND (?1 OR server_partition = ?2) AND server_partition <> client_partition"

static const char sql_nodes[] = "WITH part AS (" BY_REGION(
	"summary",
	"records, bytes, iif(hour >= ?4, records, 0) AS recent, 0 AS critical, "
	"0 AS high, 0 AS medium, 0 AS low, 0 AS info",
	"hour >= ?3") " UNION ALL " BY_REGION("alert a LEFT JOIN "
					      "console.workflow w ON w.alert = "
					      "a.id",
					      "0, 0, 0, severity = 'critical', "
					      "severity = 'high', severity = "
					      "'medium', "
					      "severity = 'low', severity = "
					      "'info'",
					      "coalesce(w.state, 'new') <> "
					      "'closed' AND disposition = "
					      "'open'") ") SELECT r.id, "
							"part.service, "
							"coalesce(v.kind, ''), "
							"coalesce(v.title_ja, "
							"''), "
							"coalesce(v.title_en, "
							"''), sum(records), "
							"sum(bytes), "
							"sum(recent), "
							"sum(critical), "
							"sum(high), "
							"sum(medium), "
							"sum(low), sum(info) "
							"FROM part JOIN region "
							"r ON r.id = "
							"part.region "
							"LEFT JOIN service v "
							"ON v.id = "
							"part.service GROUP BY "
							"r.id, part.service "
							"ORDER BY r.id, "
							"part.service";

int
console_each_node(struct console_reader *reader, const struct scope *scope,
		  int64_t from, int64_t hour, node_sink *sink, void *ctx,
		  struct error *err)
{
	return console_each(reader,
			    database_query(reader->file, err, sql_nodes, "dtii",
					   (int)scope->is_all, scope_partition(scope),
					   from, hour),
			    call_node, (any_sink *)sink, ctx, err);
}
