/* SPDX-License-Identifier: Apache-2.0 */
/* console_alert: one alert: its cited records, what is like it, what people did with
 * it. */
#include "store/console_internal.h"

/*
 * A record for eyes that may see only one of its parties: members that name
 * neither address nor certificate, by name; what is not named here is not shown.
 */
#define MASKED_LINE                                                             \
	"iif(NOT json_valid(e.line), '', json_object("                          \
	"'timestamp', json_extract(e.line, '$.timestamp'), "                    \
	"'event_type', json_extract(e.line, '$.event_type'), "                  \
	"'proto', json_extract(e.line, '$.proto'), "                            \
	"'app_proto', json_extract(e.line, '$.app_proto'), "                    \
	"'tls', json_object('version', json_extract(e.line, '$.tls.version'), " \
	"'cipher_suite', json_extract(e.line, '$.tls.cipher_suite'), "          \
	"'group', json_extract(e.line, '$.tls.group')), "                       \
	"'sekisho', json_object('poi', json_extract(e.line, '$.sekisho.poi'), " \
	"'sensor', json_extract(e.line, '$.sekisho.sensor'), "                  \
	"'unobservable', json_extract(e.line, '$.sekisho.unobservable'))))"

static bool
call_evidence(any_sink *sink, void *ctx, sqlite3_stmt *statement)
{
	return ((evidence_sink *)sink)(
		ctx, &(struct evidence_row){
			     .record = column_text(statement, 0),
			     .time = sqlite3_column_int64(statement, 1),
			     .line = column_text(statement, 2),
			     .is_masked = sqlite3_column_int(statement, 3) != 0,
		     });
}

int
console_each_alert_evidence(struct console_reader *reader, const struct scope *scope,
			    const char *alert, evidence_sink *sink, void *ctx,
			    struct error *err)
{
	struct sql sql = { 0 };

	sql_visible_alerts(&sql, scope);
	sql_add(&sql,
		"SELECT j.value, coalesce(e.time, 0), "
		"coalesce(iif(v.own_client AND v.own_server, e.line, " MASKED_LINE
		"), ''), "
		"NOT (v.own_client AND v.own_server) "
		"FROM visible v, json_each(v.evidence) j "
		"LEFT JOIN alert_evidence e ON e.record = j.value WHERE v.id = ?%d "
		"ORDER BY j.key",
		sql_text(&sql, alert));
	return sql_each(reader, &sql, call_evidence, (any_sink *)sink, ctx, err);
}

int
console_each_verdict_evidence(struct console_reader *reader, const struct scope *scope,
			      const char *requirement, const char *participant,
			      int64_t window_start, evidence_sink *sink, void *ctx,
			      struct error *err)
{
	return console_each(
		reader,
		database_query(
			reader->file, err,
			"SELECT j.value, coalesce(e.time, 0), "
			"coalesce(iif(?1, e.line, " MASKED_LINE "), ''), NOT ?1 "
			"FROM verdict v, json_each(v.evidence) j "
			"LEFT JOIN alert_evidence e ON e.record = j.value "
			"WHERE (?1 OR v.partition = ?2) AND v.requirement = ?3 "
			"AND v.participant = ?4 AND v.window_start = ?5 ORDER BY j.key",
			"dttti", (int)scope->is_all, scope_partition(scope),
			requirement, participant, window_start),
		call_evidence, (any_sink *)sink, ctx, err);
}

static bool
call_similar(any_sink *sink, void *ctx, sqlite3_stmt *s)
{
	return ((similar_sink *)sink)(
		ctx, &(struct similar_row){
			     .why = column_text(s, 0),
			     .id = column_text(s, 1),
			     .rule = column_text(s, 2),
			     .severity = column_text(s, 3),
			     .state = column_text(s, 4),
			     .reason = column_text(s, 5),
			     .title = { column_text(s, 6), column_text(s, 7) },
			     .first = sqlite3_column_int64(s, 8),
			     .last = sqlite3_column_int64(s, 9),
			     .count = sqlite3_column_int64(s, 10),
		     });
}

static bool
keep_similar_counts(any_sink *sink, void *ctx, sqlite3_stmt *statement)
{
	(void)sink;
	*(struct similar_counts *)ctx = (struct similar_counts){
		.rule = sqlite3_column_int(statement, 0),
		.client = sqlite3_column_int(statement, 1),
		.pair = sqlite3_column_int(statement, 2),
	};
	return true;
}

/* Alerts of the same rule, with what they share of the alert: 1 pair, 2 client, 3 rule.
 */
static void
add_near(struct sql *sql, const char *alert)
{
	sql_add(sql,
		", near AS (SELECT v.*, CASE WHEN v.client = m.client AND v.server = "
		"m.server "
		"THEN 1 WHEN v.client = m.client THEN 2 ELSE 3 END AS nearness FROM "
		"visible v, "
		"(SELECT id, rule, client, server FROM visible WHERE id = ?%d) m "
		"WHERE v.rule = m.rule AND v.id <> m.id) ",
		sql_text(sql, alert));
}

int
console_each_similar(struct console_reader *reader, const struct scope *scope,
		     const char *alert, struct similar_counts *counts,
		     similar_sink *sink, void *ctx, struct error *err)
{
	struct sql sum = { 0 }, rows = { 0 };

	sql_visible_alerts(&sum, scope);
	add_near(&sum, alert);
	sql_add(&sum, "SELECT count(*), coalesce(sum(nearness < 3), 0), "
		      "coalesce(sum(nearness = 1), 0) FROM near");
	sql_visible_alerts(&rows, scope);
	add_near(&rows, alert);
	sql_add(&rows, "SELECT CASE nearness WHEN 1 THEN 'pair' WHEN 2 THEN 'client' "
		       "ELSE 'rule' END, id, "
		       "rule, severity, state, reason, title_ja, title_en, first, "
		       "last, count FROM near "
		       "ORDER BY nearness, last DESC, id DESC LIMIT 20");
	if (sql_each(reader, &sum, keep_similar_counts, NULL, counts, err) == -1)
		return -1;
	return sql_each(reader, &rows, call_similar, (any_sink *)sink, ctx, err);
}

static bool
call_history(any_sink *sink, void *ctx, sqlite3_stmt *s)
{
	return ((history_sink *)sink)(ctx, &(struct history_row){
						   .id = sqlite3_column_int64(s, 0),
						   .time = sqlite3_column_int64(s, 1),
						   .alert = column_text(s, 2),
						   .user = column_text(s, 3),
						   .from = column_text(s, 4),
						   .to = column_text(s, 5),
						   .reason = column_text(s, 6),
						   .note = column_text(s, 7),
						   .assignee = column_text(s, 8),
						   .operation = column_text(s, 9),
						   .state = column_text(s, 10),
						   .version = sqlite3_column_int(s, 11),
					   });
}

int
console_each_history(struct console_reader *reader, const struct scope *scope,
		     const char *alert, int64_t after, int limit, history_sink *sink,
		     void *ctx, struct error *err)
{
	return console_each(
		reader,
		database_query(
			reader->file, err,
			"SELECT h.id, h.time, h.alert, h.user, h.from_state, "
			"h.to_state, h.reason, "
			"h.note, h.assignee, h.operation, coalesce(w.state, 'new'), "
			"coalesce(w.version, 0) FROM console.workflow_history h "
			"JOIN alert a ON a.id = h.alert "
			"LEFT JOIN console.workflow w ON w.alert = h.alert "
			"WHERE (?1 OR a.client_partition = ?2 OR a.server_partition = "
			"?2) "
			"AND (?3 IS NULL OR h.alert = ?3) AND h.id > ?4 ORDER BY h.id "
			"LIMIT ?5",
			"dttid", (int)scope->is_all, scope_partition(scope), alert,
			after, limit),
		call_history, (any_sink *)sink, ctx, err);
}
