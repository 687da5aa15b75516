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

/* Alerts of the same rule that the scope sees; who takes part is not masked. */
#define OF_RULE                             \
	"WHERE a.rule = ?4 AND a.id <> ?3 " \
	"AND (?1 OR a.client_partition = ?2 OR a.server_partition = ?2) "

int
console_each_similar(struct console_reader *reader, const struct scope *scope,
		     const struct similar_key *key, struct similar_counts *counts,
		     similar_sink *sink, void *ctx, struct error *err)
{
	const char *partition = scope_partition(scope);
	int all = scope->is_all;

	if (console_each(
		    reader,
		    database_query(reader->file, err,
				   "SELECT count(*), coalesce(sum(a.client = ?5), 0), "
				   "coalesce(sum(a.client = ?5 AND a.server = ?6), 0) "
				   "FROM alert a " OF_RULE,
				   "dttttt", all, partition, key->id, key->rule,
				   key->client, key->server),
		    keep_similar_counts, NULL, counts, err) == -1)
		return -1;
	return console_each(
		reader,
		database_query(
			reader->file, err,
			"SELECT CASE WHEN a.client <> ?5 THEN 'rule' WHEN a.server <> "
			"?6 "
			"THEN 'client' ELSE 'pair' END, a.id, a.rule, a.severity, "
			"coalesce(w.state, 'new'), coalesce(w.reason, ''), a.title_ja, "
			"a.title_en, a.first, a.last, a.count FROM alert a "
			"LEFT JOIN console.workflow w ON w.alert = a.id " OF_RULE
			"ORDER BY a.client <> ?5, a.server <> ?6, a.last DESC, a.id "
			"DESC "
			"LIMIT 20",
			"dttttt", all, partition, key->id, key->rule, key->client,
			key->server),
		call_similar, (any_sink *)sink, ctx, err);
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

/* CROSS JOIN keeps the order: few rows of history, then their alerts, never the other
 * way round. */
#define HISTORY                                                                        \
	"SELECT h.id, h.time, h.alert, h.user, h.from_state, h.to_state, h.reason, "   \
	"h.note, "                                                                     \
	"h.assignee, h.operation, coalesce(w.state, 'new'), coalesce(w.version, 0) "   \
	"FROM console.workflow_history h CROSS JOIN alert a ON a.id = h.alert "        \
	"LEFT JOIN console.workflow w ON w.alert = h.alert "                           \
	"WHERE (?1 OR a.client_partition = ?2 OR a.server_partition = ?2) AND h.id > " \
	"?3 "

int
console_each_history(struct console_reader *reader, const struct scope *scope,
		     const char *alert, int64_t after, int limit, history_sink *sink,
		     void *ctx, struct error *err)
{
	sqlite3_stmt *statement =
		alert != NULL
			? database_query(reader->file, err,
					 HISTORY
					 "AND h.alert = ?5 ORDER BY h.id LIMIT ?4",
					 "dtidt", (int)scope->is_all,
					 scope_partition(scope), after, limit, alert)
			: database_query(reader->file, err,
					 HISTORY "ORDER BY h.id LIMIT ?4", "dtid",
					 (int)scope->is_all, scope_partition(scope),
					 after, limit);

	return console_each(reader, statement, call_history, (any_sink *)sink, ctx,
			    err);
}
