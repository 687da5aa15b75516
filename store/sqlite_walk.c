/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite_walk: walks through all raw records of a stretch of time. */
#include "store/reads.h"
#include "store/sqlite.h"

struct walk {
	struct store *store;
	int64_t from, to;
	record_sink_row *sink;
	void *ctx;
	int rows;
	bool is_over;
};

static struct record_row
row_from(sqlite3_stmt *found)
{
	return (struct record_row){
		.sensor = column_text(found, 0),
		.epoch = column_text(found, 1),
		.lane = (uint32_t)sqlite3_column_int64(found, 2),
		.seq = (uint64_t)sqlite3_column_int64(found, 3),
		.time = { sqlite3_column_int64(found, 4) },
		.event = column_text(found, 5),
		.flow_id = (uint64_t)sqlite3_column_int64(found, 6),
		.line = column_text(found, 7),
		.size = (size_t)sqlite3_column_bytes(found, 7),
	};
}

static int
walk_day(void *ctx, int64_t day, struct error *err)
{
	struct walk *walk = ctx;
	int more = -1;

	if (walk->is_over || (day + 1) * INSTANT_DAY <= walk->from ||
	    day * INSTANT_DAY >= walk->to)
		return 0;
	struct database *database = store_day(walk->store, day, err);
	if (database == NULL)
		return err->text[0] == '\0' ? 0 : -1;
	sqlite3_stmt *found = database_query(
		database, err,
		"SELECT sensor, epoch, lane, seq, time, event, flow_id, line FROM "
		"record"
		" WHERE time >= ?1 AND time < ?2 ORDER BY sensor, epoch, lane, seq",
		"ii", walk->from, walk->to);
	while (found != NULL && (more = database_step(database, found, err)) == 1) {
		struct record_row row = row_from(found);
		walk->rows++;
		if (!walk->sink(walk->ctx, &row)) {
			walk->is_over = true;
			sqlite3_reset(found);
			return 0;
		}
	}
	return more;
}

int
store_each_record(struct store *store, const struct scope *scope, int64_t from,
		  int64_t to, record_sink_row *sink, void *ctx, struct error *err)
{
	struct walk walk = { store, from, to, sink, ctx, 0, false };

	if (!scope->is_all)
		return 0;
	return store_days_each(store->directory, walk_day, &walk, err) == -1
		       ? -1
		       : walk.rows;
}
