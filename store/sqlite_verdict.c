/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite_verdict: verdicts, why samples were unknown, and the records that are cited.
 */
#include <stdio.h>
#include <string.h>

#include "store/effects.h"
#include "store/reads.h"
#include "store/sqlite.h"

/* A row is born unobservable: whoever adds samples judges them before the commit. */
int
store_add_verdict(struct store *store, const struct verdict_row *row, struct error *err)
{
	return database_run(
		store->main, err,
		"INSERT INTO verdict VALUES"
		" (?1,?2,?3,?4,?5,'unobservable',1,?6,?7,?8,?9,?10,?11,0,'','[]',?12,?"
		"13,1)"
		" ON CONFLICT DO UPDATE SET"
		" disposition = max(disposition, excluded.disposition),"
		" exception = CASE WHEN exception = '' OR (excluded.exception <> '' AND"
		"  excluded.exception < exception) THEN excluded.exception ELSE "
		"exception END,"
		" good = good + excluded.good, bad = bad + excluded.bad,"
		" unknown = unknown + excluded.unknown, failed = failed + "
		"excluded.failed,"
		" evidence_class = CASE WHEN evidence_class = 'observed' OR"
		"  (excluded.evidence_class <> 'observed' AND"
		"  excluded.evidence_class < evidence_class)"
		"  THEN excluded.evidence_class ELSE evidence_class END",
		"ttiitttuuuutt", row->key.requirement, row->key.participant,
		row->key.window_start, row->window_end, row->partition,
		row->disposition, row->exception, row->good, row->bad, row->unknown,
		row->failed, row->evidence_class, row->ruleset);
}

int
store_judge_verdict(struct store *store, const struct verdict_row *row,
		    struct error *err)
{
	return database_run(
		store->main, err,
		"UPDATE verdict SET verdict = ?4, provisional = ?5, coverage = ?6,"
		" reason = ?7, ruleset = ?8"
		" WHERE requirement = ?1 AND participant = ?2 AND window_start = ?3"
		" AND (verdict, provisional, coverage, reason, ruleset)"
		"  <> (?4, ?5, ?6, ?7, ?8)",
		"ttitditt", row->key.requirement, row->key.participant,
		row->key.window_start, row->verdict, (int)row->is_provisional,
		(int64_t)row->coverage, row->reason, row->ruleset);
}

int
store_put_evidence(struct store *store, const struct verdict_key *key,
		   const char *evidence, struct error *err)
{
	return database_run(
		store->main, err,
		"UPDATE verdict SET evidence = ?4"
		" WHERE requirement = ?1 AND participant = ?2 AND window_start = ?3",
		"ttit", key->requirement, key->participant, key->window_start,
		evidence);
}

int
store_add_unknown_reason(struct store *store, const struct verdict_key *key,
			 const char *reason, uint64_t count, struct error *err)
{
	return database_run(store->main, err,
			    "INSERT INTO unknown_reason VALUES (?1,?2,?3,?4,?5)"
			    " ON CONFLICT DO UPDATE SET count = count + excluded.count",
			    "ttitu", key->requirement, key->participant,
			    key->window_start, reason, count);
}

/* All columns of table verdict, in its order. */
static void
verdict_from_row(sqlite3_stmt *found, struct verdict_row *row)
{
	*row = (struct verdict_row){
		.key = { column_text(found, 0), column_text(found, 1),
			 sqlite3_column_int64(found, 2) },
		.window_end = sqlite3_column_int64(found, 3),
		.partition = column_text(found, 4),
		.verdict = column_text(found, 5),
		.is_provisional = sqlite3_column_int(found, 6) != 0,
		.disposition = column_text(found, 7),
		.exception = column_text(found, 8),
		.good = (uint64_t)sqlite3_column_int64(found, 9),
		.bad = (uint64_t)sqlite3_column_int64(found, 10),
		.unknown = (uint64_t)sqlite3_column_int64(found, 11),
		.failed = (uint64_t)sqlite3_column_int64(found, 12),
		.coverage = (uint32_t)sqlite3_column_int64(found, 13),
		.reason = column_text(found, 14),
		.evidence = column_text(found, 15),
		.evidence_class = column_text(found, 16),
		.ruleset = column_text(found, 17),
		.revision = sqlite3_column_int(found, 18),
	};
}

static int
each_verdict(struct store *store, sqlite3_stmt *found, verdict_sink *sink, void *ctx,
	     struct error *err)
{
	int rows = 0, more = -1;
	struct verdict_row row;

	while (found != NULL && (more = database_step(store->main, found, err)) == 1) {
		verdict_from_row(found, &row);
		rows++;
		if (!sink(ctx, &row)) {
			sqlite3_reset(found);
			return rows;
		}
	}
	return more == -1 ? -1 : rows;
}

/* No window is longer than 400 days, which bounds the walk along the index. */
int
store_each_verdict(struct store *store, const struct scope *scope,
		   const struct verdict_filter *filter, verdict_sink *sink, void *ctx,
		   struct error *err)
{
	const int64_t longest = 400 * INSTANT_DAY;
	int64_t least =
		filter->from < INT64_MIN + longest ? INT64_MIN : filter->from - longest;

	return each_verdict(
		store,
		database_query(store->main, err,
			       "SELECT * FROM verdict WHERE (?1 OR partition = ?2)"
			       " AND (?3 IS NULL OR requirement = ?3)"
			       " AND (?4 IS NULL OR participant = ?4)"
			       " AND window_start >= ?7 AND window_start < ?6 AND "
			       "window_end > ?5"
			       " ORDER BY window_start, requirement, participant",
			       "dtttiii", (int)scope->is_all, scope_partition(scope),
			       filter->requirement, filter->participant, filter->from,
			       filter->to, least),
		sink, ctx, err);
}

int
store_find_verdict(struct store *store, const struct scope *scope,
		   const struct verdict_key *key, verdict_sink *sink, void *ctx,
		   struct error *err)
{
	return each_verdict(
		store,
		database_query(store->main, err,
			       "SELECT * FROM verdict WHERE (?1 OR partition = ?2)"
			       " AND requirement = ?3 AND participant = ?4 AND "
			       "window_start = ?5",
			       "dttti", (int)scope->is_all, scope_partition(scope),
			       key->requirement, key->participant, key->window_start),
		sink, ctx, err);
}

int
store_find_unknown_reason(struct store *store, const struct scope *scope,
			  const struct verdict_key *key, char *reason, size_t room,
			  struct error *err)
{
	sqlite3_stmt *found = database_query(
		store->main, err,
		"SELECT reason FROM unknown_reason"
		" WHERE requirement = ?3 AND participant = ?4 AND window_start = ?5"
		" AND (?1 OR EXISTS (SELECT 1 FROM verdict v WHERE v.requirement = ?3"
		"  AND v.participant = ?4 AND v.window_start = ?5 AND v.partition = "
		"?2))"
		" ORDER BY count DESC, reason LIMIT 1",
		"dttti", (int)scope->is_all, scope_partition(scope), key->requirement,
		key->participant, key->window_start);
	int more = found != NULL ? database_step(store->main, found, err) : -1;

	reason[0] = '\0';
	if (more != 1)
		return more;
	snprintf(reason, room, "%s", column_text(found, 0));
	sqlite3_reset(found);
	return 0;
}

int
store_cited_time(struct store *store, const struct scope *scope, const char *id,
		 int64_t *time, struct error *err)
{
	sqlite3_stmt *found = database_query(
		store->main, err,
		"SELECT time FROM alert_evidence WHERE ?1 AND record = ?2", "dt",
		(int)scope->is_all, id);
	int more = found != NULL ? database_step(store->main, found, err) : -1;

	if (more != 1)
		return more;
	*time = sqlite3_column_int64(found, 0);
	sqlite3_reset(found);
	return 1;
}

int
store_find_cited(struct store *store, const struct scope *scope, const char *id,
		 record_sink_row *sink, void *ctx, struct error *err)
{
	sqlite3_stmt *found = database_query(
		store->main, err,
		"SELECT time, line FROM alert_evidence WHERE ?1 AND record = ?2", "dt",
		(int)scope->is_all, id);
	int more = found != NULL ? database_step(store->main, found, err) : -1;

	if (more != 1)
		return more;
	struct record_row row = { .time = { sqlite3_column_int64(found, 0) },
				  .line = column_text(found, 1),
				  .size = (size_t)sqlite3_column_bytes(found, 1) };
	sink(ctx, &row);
	sqlite3_reset(found);
	return 1;
}

struct citation {
	struct store *store;
	const char *id;
	struct error *err;
	int result;
};

static bool
copy_line(void *ctx, const struct record_row *row)
{
	struct citation *citation = ctx;

	citation->result =
		database_run(citation->store->main, citation->err,
			     "INSERT INTO alert_evidence VALUES (?1,?2,?3,1)", "tib",
			     citation->id, row->time.usec, row->line, row->size);
	return false;
}

int
store_cite(struct store *store, const char *id, int64_t time, struct error *err)
{
	static const struct scope all = { .is_all = true };
	struct citation citation = { store, id, err, 0 };

	if (database_run(store->main, err,
			 "UPDATE alert_evidence SET uses = uses + 1 WHERE record = ?1",
			 "t", id) == -1)
		return -1;
	if (sqlite3_changes(store->main->handle) > 0)
		return 0;
	int found = store_find_record(store, &all, id, (struct instant){ time },
				      copy_line, &citation, err);
	if (found != 0)
		return found == -1 ? -1 : citation.result;
	return database_run(store->main, err,
			    "INSERT INTO alert_evidence VALUES (?1,?2,'',1)", "ti", id,
			    time);
}

int
store_put_cited(struct store *store, const char *id, int64_t time, const char *line,
		size_t size, struct error *err)
{
	return database_run(store->main, err,
			    "INSERT OR IGNORE INTO alert_evidence VALUES (?1,?2,?3,0)",
			    "tib", id, time, line, size);
}

int
store_uncite(struct store *store, const char *id, struct error *err)
{
	if (database_run(store->main, err,
			 "UPDATE alert_evidence SET uses = uses - 1 WHERE record = ?1",
			 "t", id) == -1)
		return -1;
	return database_run(store->main, err,
			    "DELETE FROM alert_evidence WHERE record = ?1 AND uses = 0",
			    "t", id);
}
