/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite_alert: alerts and the open episode of each group. */
#include "store/effects.h"
#include "store/reads.h"
#include "store/sqlite.h"

int
store_put_alert(struct store *store, const struct alert_row *row, struct error *err)
{
	return database_run(
		store->main, err,
		"INSERT OR REPLACE INTO alert VALUES "
		"(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,"
		"?14,?15,?16,?17,?18,?19,?20,?21,?22,?23,?24,?25,?26,?27,?28,?29,?30)",
		"utttttttttttttdtttttttt"
		"tiiuttd",
		row->seq, row->id, row->rule, row->category, row->severity,
		row->title_ja, row->title_en, row->sentence_ja, row->sentence_en,
		row->conditions, row->client, row->server, row->client_ip,
		row->server_ip, (int)row->server_port, row->service,
		row->client_partition, row->server_partition, row->poi, row->vlan,
		row->community_id, row->episode, row->disposition, row->exception,
		row->first, row->last, row->count, row->evidence, row->ruleset,
		(int)row->is_late);
}

int
store_grow_alert(struct store *store, const struct alert_row *row, struct error *err)
{
	return database_run(
		store->main, err,
		"UPDATE alert SET seq = ?2, first = ?3, last = ?4, count = ?5,"
		" evidence = ?6, episode = ?7, late = ?8 WHERE id = ?1",
		"tuiiuttd", row->id, row->seq, row->first, row->last, row->count,
		row->evidence, row->episode, (int)row->is_late);
}

int
store_put_group(struct store *store, const char *rule, const char *key,
		const char *alert, int64_t last, struct error *err)
{
	return database_run(store->main, err,
			    "INSERT OR REPLACE INTO alert_group VALUES (?1,?2,?3,?4)",
			    "ttti", rule, key, alert, last);
}

int
store_settle_episodes(struct store *store, int64_t from, int64_t to, int64_t before,
		      struct error *err)
{
	return database_run(store->main, err,
			    "UPDATE alert SET episode = CASE WHEN last < ?3 THEN 'quiet' ELSE"
			    " 'open' END WHERE last >= ?1 AND last < ?2"
			    " AND episode <> CASE WHEN last < ?3 THEN 'quiet' ELSE 'open' END",
			    "iii", from, to, before);
}

/* All columns of table alert, in its order. */
static void
alert_from_row(sqlite3_stmt *found, struct alert_row *row)
{
	*row = (struct alert_row){
		.seq = (uint64_t)sqlite3_column_int64(found, 0),
		.id = column_text(found, 1),
		.rule = column_text(found, 2),
		.category = column_text(found, 3),
		.severity = column_text(found, 4),
		.title_ja = column_text(found, 5),
		.title_en = column_text(found, 6),
		.sentence_ja = column_text(found, 7),
		.sentence_en = column_text(found, 8),
		.conditions = column_text(found, 9),
		.client = column_text(found, 10),
		.server = column_text(found, 11),
		.client_ip = column_text(found, 12),
		.server_ip = column_text(found, 13),
		.server_port = (uint16_t)sqlite3_column_int(found, 14),
		.service = column_text(found, 15),
		.client_partition = column_text(found, 16),
		.server_partition = column_text(found, 17),
		.poi = column_text(found, 18),
		.vlan = column_text(found, 19),
		.community_id = column_text(found, 20),
		.episode = column_text(found, 21),
		.disposition = column_text(found, 22),
		.exception = column_text(found, 23),
		.first = sqlite3_column_int64(found, 24),
		.last = sqlite3_column_int64(found, 25),
		.count = (uint64_t)sqlite3_column_int64(found, 26),
		.evidence = column_text(found, 27),
		.ruleset = column_text(found, 28),
		.is_late = sqlite3_column_int(found, 29) != 0,
	};
}

static int
each_alert(struct store *store, sqlite3_stmt *found, alert_sink *sink, void *ctx,
	   struct error *err)
{
	int rows = 0, more = -1;
	struct alert_row row;

	while (found != NULL && (more = database_step(store->main, found, err)) == 1) {
		alert_from_row(found, &row);
		rows++;
		if (!sink(ctx, &row)) {
			sqlite3_reset(found);
			return rows;
		}
	}
	return more == -1 ? -1 : rows;
}

int
store_each_alert(struct store *store, const struct scope *scope, uint64_t after,
		 alert_sink *sink, void *ctx, struct error *err)
{
	return each_alert(
		store,
		database_query(store->main, err,
			       "SELECT * FROM alert WHERE seq > ?3 AND (?1 OR"
			       " client_partition = ?2 OR server_partition = ?2)"
			       " ORDER BY seq",
			       "dtu", (int)scope->is_all, scope_partition(scope),
			       after),
		sink, ctx, err);
}

int
store_find_group(struct store *store, const struct scope *scope, const char *rule,
		 const char *key, alert_sink *sink, void *ctx, struct error *err)
{
	return each_alert(
		store,
		database_query(
			store->main, err,
			"SELECT a.* FROM alert_group g JOIN alert a ON a.id = g.alert"
			" WHERE g.rule = ?3 AND g.key = ?4 AND (?1 OR"
			" a.client_partition = ?2 OR a.server_partition = ?2)",
			"dttt", (int)scope->is_all, scope_partition(scope), rule, key),
		sink, ctx, err);
}

int
store_last_alert_seq(struct store *store, const struct scope *scope, uint64_t *seq,
		     struct error *err)
{
	sqlite3_stmt *found =
		database_query(store->main, err,
			       "SELECT coalesce(max(seq), 0) FROM alert WHERE ?1 OR"
			       " client_partition = ?2 OR server_partition = ?2",
			       "dt", (int)scope->is_all, scope_partition(scope));
	int more = found != NULL ? database_step(store->main, found, err) : -1;

	if (more != 1)
		return -1;
	*seq = (uint64_t)sqlite3_column_int64(found, 0);
	sqlite3_reset(found);
	return 0;
}
