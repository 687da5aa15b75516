/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite_correlation: what correlations remember: per POI the whole and a journal
 * behind it. */
#include "store/effects.h"
#include "store/reads.h"
#include "store/sqlite.h"

int
store_add_correlation(struct store *store, const char *poi, const void *state,
		      size_t size, struct error *err)
{
	return database_run(store->main, err,
			    "INSERT INTO correlation SELECT ?1,"
			    " 1 + COALESCE(MAX(number), 0), CAST(?2 AS BLOB)"
			    " FROM correlation WHERE poi = ?1",
			    "tb", poi, (const char *)state, size);
}

int
store_put_correlation(struct store *store, const char *poi, const void *state,
		      size_t size, struct error *err)
{
	if (database_run(store->main, err, "DELETE FROM correlation WHERE poi = ?1",
			 "t", poi) == -1)
		return -1;
	return database_run(store->main, err,
			    "INSERT INTO correlation VALUES (?1, 0, CAST(?2 AS BLOB))",
			    "tb", poi, (const char *)state, size);
}

int
store_each_correlation(struct store *store, const struct scope *scope,
		       correlation_state_sink *sink, void *ctx, struct error *err)
{
	sqlite3_stmt *found =
		database_query(store->main, err,
			       "SELECT poi, number = 0, state FROM correlation"
			       " WHERE ?1 ORDER BY poi, number",
			       "d", (int)scope->is_all);
	int more, count = 0;

	if (found == NULL)
		return -1;
	while ((more = database_step(store->main, found, err)) == 1) {
		count++;
		if (!sink(ctx, column_text(found, 0), sqlite3_column_int(found, 1) != 0,
			  sqlite3_column_blob(found, 2),
			  (size_t)sqlite3_column_bytes(found, 2))) {
			sqlite3_reset(found);
			return count;
		}
	}
	return more == -1 ? -1 : count;
}
