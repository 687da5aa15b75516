/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite_notices: what outputs may tell of an alert's transitions. */
#include "store/notices.h"

#include "store/sqlite.h"

/* Whose rows: as everywhere, either party's. */
#define VISIBLE "(?1 OR a.client_partition = ?2 OR a.server_partition = ?2)"

int
store_put_transition(struct store *store, const struct transition_row *row,
		     struct error *err)
{
	return database_run(
		store->main, err,
		"INSERT INTO alert_transition (seq, alert, number, time, count)"
		" VALUES (?1,?2,?3,?4,?5) ON CONFLICT DO NOTHING",
		"utdiu", row->seq, row->alert, (int)row->number, row->time, row->count);
}

static void
party_from_row(sqlite3_stmt *found, int column, struct notice_party *party)
{
	party->id = column_text(found, column);
	party->ip = column_text(found, column + 1);
	party->title_ja = column_text(found, column + 2);
	party->title_en = column_text(found, column + 3);
	party->contact = column_text(found, column + 4);
}

static void
notice_from_row(sqlite3_stmt *found, struct notice_row *row)
{
	*row = (struct notice_row){
		.seq = (uint64_t)sqlite3_column_int64(found, 0),
		.number = (uint32_t)sqlite3_column_int(found, 1),
		.time = sqlite3_column_int64(found, 2),
		.count = (uint64_t)sqlite3_column_int64(found, 3),
		.alert = column_text(found, 4),
		.rule = column_text(found, 5),
		.category = column_text(found, 6),
		.severity = column_text(found, 7),
		.title_ja = column_text(found, 8),
		.title_en = column_text(found, 9),
		.server_port = (uint16_t)sqlite3_column_int(found, 20),
		.service = column_text(found, 21),
		.service_ja = column_text(found, 22),
		.service_en = column_text(found, 23),
		.poi = column_text(found, 24),
		.vlan = column_text(found, 25),
		.community_id = column_text(found, 26),
		.episode = column_text(found, 27),
		.ruleset = column_text(found, 28),
		.clause = column_text(found, 29),
		.document_ja = column_text(found, 30),
		.document_en = column_text(found, 31),
		.remedy_ja = column_text(found, 32),
		.remedy_en = column_text(found, 33),
		.first = sqlite3_column_int64(found, 34),
		.last = sqlite3_column_int64(found, 35),
		.record = column_text(found, 36),
		.line = column_text(found, 37),
	};
	party_from_row(found, 10, &row->client);
	party_from_row(found, 15, &row->server);
}

int
store_each_notice(struct store *store, const struct scope *scope, uint64_t after,
		  size_t limit, notice_sink *sink, void *ctx, struct error *err)
{
	sqlite3_stmt *found = database_query(
		store->main, err,
		"SELECT t.seq, t.number, t.time, t.count, a.id, a.rule, a.category,"
		" a.severity, a.title_ja, a.title_en,"
		" a.client, a.client_ip, c.title_ja, c.title_en, c.contact,"
		" a.server, a.server_ip, s.title_ja, s.title_en, s.contact,"
		" a.server_port, a.service, v.title_ja, v.title_en, a.poi, a.vlan,"
		" a.community_id, a.episode, a.ruleset, r.clause, r.document,"
		" r.document_en, r.remedy_ja, r.remedy_en, a.first, a.last,"
		" json_extract(a.evidence, '$[0]'), e.line"
		" FROM alert_transition t CROSS JOIN alert a ON a.id = t.alert"
		" LEFT JOIN participant c ON c.id = a.client"
		" LEFT JOIN participant s ON s.id = a.server"
		" LEFT JOIN service v ON v.id = a.service"
		" LEFT JOIN requirement r ON r.id = a.rule"
		" LEFT JOIN alert_evidence e ON e.record = json_extract(a.evidence, "
		"'$[0]')"
		" WHERE t.seq > ?3 AND a.disposition = 'open' AND " VISIBLE
		" ORDER BY t.seq LIMIT ?4",
		"dtuu", (int)scope->is_all, scope_partition(scope), after,
		(uint64_t)limit);
	int rows = 0, more = -1;
	struct notice_row row;

	while (found != NULL && (more = database_step(store->main, found, err)) == 1) {
		notice_from_row(found, &row);
		rows++;
		if (!sink(ctx, &row)) {
			sqlite3_reset(found);
			return rows;
		}
	}
	return more == -1 ? -1 : rows;
}

static int
one_number(struct store *store, sqlite3_stmt *found, uint64_t *number,
	   struct error *err)
{
	if (found == NULL || database_step(store->main, found, err) != 1)
		return -1;
	*number = (uint64_t)sqlite3_column_int64(found, 0);
	sqlite3_reset(found);
	return 0;
}

int
store_count_notices(struct store *store, const struct scope *scope, uint64_t after,
		    uint64_t *count, struct error *err)
{
	return one_number(
		store,
		database_query(
			store->main, err,
			"SELECT count(*) FROM alert_transition t JOIN alert a ON"
			" a.id = t.alert WHERE t.seq > ?3 AND a.disposition = 'open'"
			" AND " VISIBLE,
			"dtu", (int)scope->is_all, scope_partition(scope), after),
		count, err);
}

int
store_last_transition(struct store *store, const struct scope *scope, uint64_t *seq,
		      struct error *err)
{
	return one_number(store,
			  database_query(store->main, err,
					 "SELECT coalesce(max(seq), 0) FROM"
					 " alert_transition WHERE ?1",
					 "d", (int)scope->is_all),
			  seq, err);
}
