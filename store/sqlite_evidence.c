/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite_evidence: sessions and lines of logs that wait for each other. */
#include "store/evidence.h"
#include "store/sqlite.h"

int
store_add_awaited(struct store *store, const struct evidence_key *key, int64_t time,
		  const char *record, const char *line, size_t size,
		  const char *ruleset, struct error *err)
{
	return database_run(store->main, err,
			    "INSERT OR REPLACE INTO awaited VALUES"
			    " (?1,?2,?3,?4,?5,?6,?8,?7)",
			    "tdtdittb", key->server, (int)key->server_port, key->client,
			    (int)key->client_port, time, record, ruleset, line, size);
}

int
store_end_awaited(struct store *store, const struct evidence_key *key, int64_t time,
		  const char *record, struct error *err)
{
	return database_run(store->main, err,
			    "DELETE FROM awaited WHERE server = ?1 AND server_port = ?2"
			    " AND client = ?3 AND client_port = ?4 AND time = ?5"
			    " AND record = ?6",
			    "tdtdit", key->server, (int)key->server_port, key->client,
			    (int)key->client_port, time, record);
}

int
store_add_attestation(struct store *store, const struct evidence_key *key,
		      int64_t first, int64_t last, const char *record, const char *line,
		      size_t size, struct error *err)
{
	return database_run(store->main, err,
			    "INSERT OR REPLACE INTO attestation VALUES"
			    " (?1,?2,?3,?4,?5,?6,?7,?8)",
			    "tdtdiitb", key->server, (int)key->server_port, key->client,
			    (int)key->client_port, first, last, record, line, size);
}

int
store_forget_evidence(struct store *store, int64_t sessions, int64_t lines,
		      struct error *err)
{
	if (database_run(store->main, err, "DELETE FROM awaited WHERE time < ?1", "i",
			 sessions) == -1)
		return -1;
	return database_run(store->main, err, "DELETE FROM attestation WHERE last < ?1",
			    "i", lines);
}

/* server, server_port, client, client_port, time, record, line of one row at most. */
static int
hand_on(struct store *store, sqlite3_stmt *found, evidence_sink *sink, void *ctx,
	struct error *err)
{
	int more = found != NULL ? database_step(store->main, found, err) : -1;

	if (more != 1)
		return more;
	struct evidence_row row = {
		.key = { .server = column_text(found, 0),
			 .server_port = (uint16_t)sqlite3_column_int(found, 1),
			 .client = column_text(found, 2),
			 .client_port = (uint16_t)sqlite3_column_int(found, 3) },
		.time = sqlite3_column_int64(found, 4),
		.record = column_text(found, 5),
		.line = column_text(found, 6),
		.size = (size_t)sqlite3_column_bytes(found, 6),
	};
	sink(ctx, &row);
	sqlite3_reset(found);
	return 1;
}

int
store_find_awaited(struct store *store, const struct scope *scope,
		   const struct evidence_key *key, int64_t from, int64_t to,
		   const char *ruleset, evidence_sink *sink, void *ctx,
		   struct error *err)
{
	return hand_on(
		store,
		database_query(store->main, err,
			       "SELECT server, server_port, client, client_port, time,"
			       " record, line FROM awaited WHERE ?8 AND server = ?1"
			       " AND (?2 = 0 OR server_port = ?2) AND client = ?3"
			       " AND (?4 = 0 OR client_port = ?4)"
			       " AND time >= ?5 AND time <= ?6 AND ruleset = ?7"
			       " ORDER BY time, record LIMIT 1",
			       "tdtdiitd", key->server, (int)key->server_port,
			       key->client, (int)key->client_port, from, to, ruleset,
			       (int)scope->is_all),
		sink, ctx, err);
}

int
store_find_attestation(struct store *store, const struct scope *scope,
		       const struct evidence_key *key, int64_t time, int64_t skew,
		       evidence_sink *sink, void *ctx, struct error *err)
{
	return hand_on(
		store,
		database_query(store->main, err,
			       "SELECT server, server_port, client, client_port, first,"
			       " record, line FROM attestation WHERE ?7 AND server = ?1"
			       " AND server_port IN (?2, 0) AND client = ?3"
			       " AND client_port IN (?4, 0)"
			       " AND first - ?6 <= ?5 AND last + ?6 >= ?5"
			       " ORDER BY last, record LIMIT 1",
			       "tdtdiid", key->server, (int)key->server_port,
			       key->client, (int)key->client_port, time, skew,
			       (int)scope->is_all),
		sink, ctx, err);
}

int
store_count_evidence(struct store *store, const struct scope *scope, const char *server,
		     uint16_t port, uint64_t *count, struct error *err)
{
	sqlite3_stmt *found = database_query(
		store->main, err,
		"SELECT (SELECT count(*) FROM awaited WHERE server = ?1 AND "
		"server_port ="
		" ?2) + (SELECT count(*) FROM attestation WHERE server = ?1 AND"
		" server_port = ?2) WHERE ?3",
		"tdd", server, (int)port, (int)scope->is_all);
	int more = found != NULL ? database_step(store->main, found, err) : -1;

	*count = 0;
	if (more != 1)
		return more;
	*count = (uint64_t)sqlite3_column_int64(found, 0);
	sqlite3_reset(found);
	return 0;
}

int
store_put_tail(struct store *store, const char *source, const struct tail_row *row,
	       struct error *err)
{
	return database_run(
		store->main, err,
		"INSERT INTO tail VALUES (?1,?2,?3,?4) ON CONFLICT DO UPDATE"
		" SET inode = excluded.inode, offset = excluded.offset,"
		" seq = excluded.seq",
		"tuuu", source, row->inode, row->offset, row->seq);
}

int
store_find_tail(struct store *store, const struct scope *scope, const char *source,
		struct tail_row *row, struct error *err)
{
	sqlite3_stmt *found = database_query(
		store->main, err,
		"SELECT inode, offset, seq FROM tail WHERE ?1 AND source = ?2", "dt",
		(int)scope->is_all, source);
	int more = found != NULL ? database_step(store->main, found, err) : -1;

	*row = (struct tail_row){ 0 };
	if (more != 1)
		return more;
	row->inode = (uint64_t)sqlite3_column_int64(found, 0);
	row->offset = (uint64_t)sqlite3_column_int64(found, 1);
	row->seq = (uint64_t)sqlite3_column_int64(found, 2);
	sqlite3_reset(found);
	return 1;
}

int
store_add_certificate(struct store *store, const char *fingerprint, const char *der,
		      size_t size, struct error *err)
{
	return database_run(store->main, err,
			    "INSERT OR IGNORE INTO certificate VALUES (?1,?2)", "tb",
			    fingerprint, der, size);
}

int
store_find_certificate(struct store *store, const struct scope *scope,
		       const char *fingerprint, certificate_sink *sink, void *ctx,
		       struct error *err)
{
	sqlite3_stmt *found = database_query(
		store->main, err,
		"SELECT der FROM certificate WHERE ?1 AND fingerprint = ?2", "dt",
		(int)scope->is_all, fingerprint);
	int more = found != NULL ? database_step(store->main, found, err) : -1;

	if (more != 1)
		return more;
	sink(ctx, column_text(found, 0), (size_t)sqlite3_column_bytes(found, 0));
	sqlite3_reset(found);
	return 1;
}
