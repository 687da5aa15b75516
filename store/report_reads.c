/* SPDX-License-Identifier: Apache-2.0 */
/* report_reads: what reports read: the registered, their verdicts, the ledger in sums.
 */
#include "store/report_reads.h"

#include <stdio.h>

#include "store/sqlite.h"

/* Hands each row to 'take' until it says false; the number of rows, or -1. */
static int
each_row(struct store *store, sqlite3_stmt *statement,
	 bool (*take)(void *, sqlite3_stmt *), void *ctx, struct error *err)
{
	int rows = 0, step;

	if (statement == NULL)
		return -1;
	while ((step = database_step(store->main, statement, err)) == 1) {
		rows++;
		if (!take(ctx, statement)) {
			sqlite3_reset(statement);
			return rows;
		}
	}
	return step == -1 ? -1 : rows;
}

struct pass { /* a typed sink behind each_row's untyped one */
	participant_sink *participant;
	requirement_sink *requirement;
	sight_sink *sight;
	coverage_sink_row *coverage;
	access_sink *access;
	report_alert_sink *alert;
	void *ctx;
};

static bool
take_participant(void *ctx, sqlite3_stmt *s)
{
	struct pass *pass = ctx;
	struct participant_row row = {
		.id = column_text(s, 0),
		.kind = column_text(s, 1),
		.partition = column_text(s, 2),
		.title_ja = column_text(s, 3),
		.title_en = column_text(s, 4),
		.kana = column_text(s, 5),
		.code = column_text(s, 6),
		.contact = column_text(s, 7),
	};
	return pass->participant(pass->ctx, &row);
}

int
store_each_participant(struct store *store, const struct scope *scope,
		       participant_sink *sink, void *ctx, struct error *err)
{
	struct pass pass = { .participant = sink, .ctx = ctx };

	return each_row(
		store,
		database_query(
			store->main, err,
			"SELECT id, kind, partition, title_ja, title_en, kana, code, "
			"contact"
			" FROM participant WHERE ?1 OR partition = ?2 ORDER BY id",
			"dt", (int)scope->is_all, scope_partition(scope)),
		take_participant, &pass, err);
}

static bool
take_requirement(void *ctx, sqlite3_stmt *s)
{
	struct pass *pass = ctx;
	struct requirement_row row = {
		.id = column_text(s, 0),
		.ordinal = (size_t)sqlite3_column_int64(s, 1),
		.kind = column_text(s, 2),
		.status = column_text(s, 3),
		.severity = column_text(s, 4),
		.title_ja = column_text(s, 5),
		.title_en = column_text(s, 6),
		.document = column_text(s, 7),
		.document_en = column_text(s, 8),
		.clause = column_text(s, 9),
		.rationale_ja = column_text(s, 10),
		.rationale_en = column_text(s, 11),
		.remedy_ja = column_text(s, 12),
		.remedy_en = column_text(s, 13),
		.min_coverage = (uint32_t)sqlite3_column_int64(s, 14),
		.settled_by_ja = column_text(s, 15),
		.settled_by_en = column_text(s, 16),
	};
	return pass->requirement(pass->ctx, &row);
}

int
store_each_requirement(struct store *store, const struct scope *scope,
		       requirement_sink *sink, void *ctx, struct error *err)
{
	struct pass pass = { .requirement = sink, .ctx = ctx };

	return each_row(
		store,
		database_query(
			store->main, err,
			"SELECT id, ordinal, kind, status, severity, title_ja, "
			"title_en, document,"
			" document_en, clause, rationale_ja, rationale_en, remedy_ja, "
			"remedy_en,"
			" min_coverage, settled_by_ja, settled_by_en FROM requirement"
			" WHERE status = 'active' AND (?1 OR ?2 IS NOT NULL) ORDER BY "
			"ordinal",
			"dt", (int)scope->is_all, scope_partition(scope)),
		take_requirement, &pass, err);
}

static bool
take_sight(void *ctx, sqlite3_stmt *s)
{
	struct pass *pass = ctx;
	struct sight_row row = {
		.participant = column_text(s, 0),
		.sensor = column_text(s, 1),
		.poi = column_text(s, 2),
		.first = sqlite3_column_int64(s, 3),
		.last = sqlite3_column_int64(s, 4),
	};
	return pass->sight(pass->ctx, &row);
}

int
store_each_sight(struct store *store, const struct scope *scope, sight_sink *sink,
		 void *ctx, struct error *err)
{
	struct pass pass = { .sight = sink, .ctx = ctx };

	return each_row(store,
			database_query(store->main, err,
				       "SELECT x.participant, x.sensor, ifnull(s.poi, "
				       "''), ifnull(s.first, 0),"
				       " ifnull(s.last, 0) FROM participant_sensor x"
				       " JOIN participant p ON p.id = x.participant"
				       " LEFT JOIN sensor s ON s.sensor = x.sensor"
				       " WHERE ?1 OR p.partition = ?2"
				       " ORDER BY x.participant, x.sensor, s.poi",
				       "dt", (int)scope->is_all,
				       scope_partition(scope)),
			take_sight, &pass, err);
}

static bool
take_coverage(void *ctx, sqlite3_stmt *s)
{
	struct pass *pass = ctx;
	struct coverage_row row = {
		.sensor = column_text(s, 0),
		.poi = column_text(s, 1),
		.hour = sqlite3_column_int64(s, 2),
		.observed = sqlite3_column_int64(s, 3),
		.packets = (uint64_t)sqlite3_column_int64(s, 4),
		.lost = (uint64_t)sqlite3_column_int64(s, 5),
		.lost_stream = (uint64_t)sqlite3_column_int64(s, 6),
		.lost_flow = (uint64_t)sqlite3_column_int64(s, 7),
		.lost_records = (uint64_t)sqlite3_column_int64(s, 8),
	};
	return pass->coverage(pass->ctx, &row);
}

int
store_each_coverage(struct store *store, const struct scope *scope, int64_t from,
		    int64_t to, coverage_sink_row *sink, void *ctx, struct error *err)
{
	struct pass pass = { .coverage = sink, .ctx = ctx };

	return each_row(
		store,
		database_query(
			store->main, err,
			"SELECT sensor, poi, hour, observed, packets, lost, "
			"lost_stream, lost_flow,"
			" lost_records FROM coverage WHERE hour >= ?3 AND hour < ?4"
			" AND (?1 OR sensor IN (SELECT x.sensor FROM "
			"participant_sensor x"
			" JOIN participant p ON p.id = x.participant WHERE p.partition "
			"= ?2))"
			" ORDER BY sensor, poi, hour",
			"dtii", (int)scope->is_all, scope_partition(scope), from, to),
		take_coverage, &pass, err);
}

static bool
take_access(void *ctx, sqlite3_stmt *s)
{
	struct pass *pass = ctx;
	struct access_row row = {
		.client = column_text(s, 0),
		.client_title_ja = column_text(s, 1),
		.client_title_en = column_text(s, 2),
		.client_partition = column_text(s, 3),
		.server = column_text(s, 4),
		.server_title_ja = column_text(s, 5),
		.server_title_en = column_text(s, 6),
		.server_partition = column_text(s, 7),
		.service = column_text(s, 8),
		.service_title_ja = column_text(s, 9),
		.service_title_en = column_text(s, 10),
		.service_kind = column_text(s, 11),
		.sessions = (uint64_t)sqlite3_column_int64(s, 12),
		.violated = (uint64_t)sqlite3_column_int64(s, 13),
		.unobservable = (uint64_t)sqlite3_column_int64(s, 14),
		.bytes_to_server = (uint64_t)sqlite3_column_int64(s, 15),
		.bytes_to_client = (uint64_t)sqlite3_column_int64(s, 16),
		.first = sqlite3_column_int64(s, 17),
		.last = sqlite3_column_int64(s, 18),
	};
	return pass->access(pass->ctx, &row);
}

int
store_each_access(struct store *store, const struct scope *scope, int64_t from,
		  int64_t to, access_sink *sink, void *ctx, struct error *err)
{
	struct pass pass = { .access = sink, .ctx = ctx };

	return each_row(
		store,
		database_query(
			store->main, err,
			"SELECT l.client, ifnull(c.title_ja, ''), ifnull(c.title_en, "
			"''),"
			" l.client_partition, l.server, ifnull(p.title_ja, ''),"
			" ifnull(p.title_en, ''), l.server_partition, l.service,"
			" ifnull(s.title_ja, ''), ifnull(s.title_en, ''), "
			"l.service_kind, sum(NOT l.amends),"
			" sum(l.verdict = 'violated'), sum(l.verdict = 'unobservable'),"
			" sum(l.bytes_to_server), sum(l.bytes_to_client), min(l.start),"
			" max(l.start) FROM ledger l"
			" LEFT JOIN participant c ON c.id = l.client"
			" LEFT JOIN participant p ON p.id = l.server"
			" LEFT JOIN service s ON s.id = l.service"
			" WHERE l.start >= ?3 AND l.start < ?4 AND l.day >= ?3 - "
			"86400000000"
			" AND (?1 OR l.client_partition = ?2 OR l.server_partition = "
			"?2)"
			" GROUP BY l.client, l.client_partition, l.server, "
			"l.server_partition, l.service"
			" ORDER BY l.client, l.service, l.server",
			"dtii", (int)scope->is_all, scope_partition(scope), from, to),
		take_access, &pass, err);
}

static bool
take_alert(void *ctx, sqlite3_stmt *s)
{
	struct pass *pass = ctx;
	struct report_alert_row row = {
		.id = column_text(s, 0),
		.rule = column_text(s, 1),
		.severity = column_text(s, 2),
		.title_ja = column_text(s, 3),
		.title_en = column_text(s, 4),
		.disposition = column_text(s, 5),
		.client = column_text(s, 6),
		.client_title_ja = column_text(s, 7),
		.client_title_en = column_text(s, 8),
		.server = column_text(s, 9),
		.server_title_ja = column_text(s, 10),
		.server_title_en = column_text(s, 11),
		.first = sqlite3_column_int64(s, 12),
		.last = sqlite3_column_int64(s, 13),
		.count = (uint64_t)sqlite3_column_int64(s, 14),
	};
	return pass->alert(pass->ctx, &row);
}

int
store_each_alert_of(struct store *store, const struct scope *scope, int64_t from,
		    int64_t to, report_alert_sink *sink, void *ctx, struct error *err)
{
	struct pass pass = { .alert = sink, .ctx = ctx };

	return each_row(
		store,
		database_query(
			store->main, err,
			"SELECT a.id, a.rule, a.severity, a.title_ja, a.title_en,"
			" a.disposition, a.client, ifnull(c.title_ja, ''),"
			" ifnull(c.title_en, ''), a.server, ifnull(s.title_ja, ''),"
			" ifnull(s.title_en, ''), a.first, a.last, a.count FROM alert a"
			" LEFT JOIN participant c ON c.id = a.client"
			" LEFT JOIN participant s ON s.id = a.server"
			" WHERE a.first < ?4 AND a.last >= ?3 AND (?1 OR"
			" a.client_partition = ?2 OR a.server_partition = ?2)"
			" ORDER BY a.last DESC, a.id",
			"dtii", (int)scope->is_all, scope_partition(scope), from, to),
		take_alert, &pass, err);
}

int
store_find_region(struct store *store, const struct scope *scope, const char *id,
		  char *ja, char *en, size_t room, struct error *err)
{
	sqlite3_stmt *s =
		database_query(store->main, err,
			       "SELECT title_ja, title_en FROM region"
			       " WHERE id = ?3 AND (?1 OR id = ?2)",
			       "dtt", (int)scope->is_all, scope_partition(scope), id);
	if (s == NULL)
		return -1;
	int found = database_step(store->main, s, err);
	if (found == 1) {
		snprintf(ja, room, "%s", column_text(s, 0));
		snprintf(en, room, "%s", column_text(s, 1));
		sqlite3_reset(s);
	}
	return found;
}

int
store_each_access_record(struct store *store, const struct scope *scope,
			 const struct access_row *of, int64_t from, int64_t to,
			 access_record_sink *sink, void *ctx, struct error *err)
{
	sqlite3_stmt *s = database_query(
		store->main, err,
		"SELECT start, bytes_to_server, bytes_to_client, verdict, record"
		" FROM ledger WHERE start >= ?3 AND start < ?4"
		" AND day >= ?3 - 86400000000 AND client = ?5 AND server = ?6"
		" AND service = ?7 AND (?1 OR client_partition = ?2"
		" OR server_partition = ?2) ORDER BY start, flow_id, part",
		"dtiittt", (int)scope->is_all, scope_partition(scope), from, to,
		of->client, of->server, of->service);
	int rows = 0, more = -1;

	while (s != NULL && (more = database_step(store->main, s, err)) == 1) {
		rows++;
		if (!sink(ctx, sqlite3_column_int64(s, 0),
			  (uint64_t)sqlite3_column_int64(s, 1),
			  (uint64_t)sqlite3_column_int64(s, 2), column_text(s, 3),
			  column_text(s, 4))) {
			sqlite3_reset(s);
			return rows;
		}
	}
	return more == -1 ? -1 : rows;
}

int
store_each_region(struct store *store, const struct scope *scope, region_sink *sink,
		  void *ctx, struct error *err)
{
	sqlite3_stmt *s =
		database_query(store->main, err,
			       "SELECT id FROM region WHERE ?1 OR id = ?2 ORDER BY id",
			       "dt", (int)scope->is_all, scope_partition(scope));
	int rows = 0, more = -1;

	while (s != NULL && (more = database_step(store->main, s, err)) == 1) {
		rows++;
		if (!sink(ctx, column_text(s, 0))) {
			sqlite3_reset(s);
			return rows;
		}
	}
	return more == -1 ? -1 : rows;
}
