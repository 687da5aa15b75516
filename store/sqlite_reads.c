/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite_reads: tables that have no partition, which only a scope of all may see. */
#include "store/reads.h"
#include "store/sqlite.h"

int
store_each_position(struct store *store, const struct scope *scope, position_sink *sink,
		    void *ctx, struct error *err)
{
	sqlite3_stmt *found = database_query(
		store->main, err,
		"SELECT * FROM position WHERE ?1 ORDER BY sensor, epoch, lane", "d",
		(int)scope->is_all);
	int rows = 0, more = -1;

	while (found != NULL && (more = database_step(store->main, found, err)) == 1) {
		struct position_row row = {
			.sensor = column_text(found, 0),
			.epoch = column_text(found, 1),
			.lane = (uint32_t)sqlite3_column_int64(found, 2),
			.low = (uint64_t)sqlite3_column_int64(found, 3),
			.gaps = column_text(found, 4),
			.time = sqlite3_column_int64(found, 5),
			.tick = sqlite3_column_int64(found, 6),
			.covered = sqlite3_column_int64(found, 7)
		};
		rows++;
		if (!sink(ctx, &row)) {
			sqlite3_reset(found);
			return rows;
		}
	}
	return more == -1 ? -1 : rows;
}

int
store_each_sensor(struct store *store, const struct scope *scope, sensor_sink *sink,
		  void *ctx, struct error *err)
{
	sqlite3_stmt *found = database_query(
		store->main, err, "SELECT * FROM sensor WHERE ?1 ORDER BY sensor, poi",
		"d", (int)scope->is_all);
	int rows = 0, more = -1;

	while (found != NULL && (more = database_step(store->main, found, err)) == 1) {
		struct sensor_row row = { .sensor = column_text(found, 0),
					  .poi = column_text(found, 1),
					  .first = sqlite3_column_int64(found, 2),
					  .last = sqlite3_column_int64(found, 3),
					  .last_record = sqlite3_column_int64(found, 4),
					  .records = (uint64_t)sqlite3_column_int64(
						  found, 5) };
		rows++;
		if (!sink(ctx, &row)) {
			sqlite3_reset(found);
			return rows;
		}
	}
	return more == -1 ? -1 : rows;
}

int
store_sum_coverage(struct store *store, const struct scope *scope, const char *sensor,
		   const char *poi, int64_t from, int64_t to, struct coverage_row *sum,
		   struct error *err)
{
	sqlite3_stmt *found = database_query(
		store->main, err,
		"SELECT coalesce(sum(observed), 0), coalesce(sum(packets), 0),"
		" coalesce(sum(lost), 0), coalesce(sum(lost_stream), 0),"
		" coalesce(sum(lost_flow), 0), coalesce(sum(lost_records), 0) FROM "
		"coverage"
		" WHERE ?1 AND sensor = ?2 AND poi = ?3 AND hour >= ?4 AND hour < ?5",
		"dttii", (int)scope->is_all, sensor, poi, from, to);

	if (found == NULL || database_step(store->main, found, err) != 1)
		return -1;
	*sum = (struct coverage_row){
		.sensor = sensor,
		.poi = poi,
		.observed = sqlite3_column_int64(found, 0),
		.packets = (uint64_t)sqlite3_column_int64(found, 1),
		.lost = (uint64_t)sqlite3_column_int64(found, 2),
		.lost_stream = (uint64_t)sqlite3_column_int64(found, 3),
		.lost_flow = (uint64_t)sqlite3_column_int64(found, 4),
		.lost_records = (uint64_t)sqlite3_column_int64(found, 5)
	};
	sqlite3_reset(found);
	return 0;
}

int
store_each_counter(struct store *store, const struct scope *scope, counter_sink *sink,
		   void *ctx, struct error *err)
{
	sqlite3_stmt *found =
		database_query(store->main, err,
			       "SELECT name, value FROM counter WHERE ?1 ORDER BY name",
			       "d", (int)scope->is_all);
	int rows = 0, more = -1;

	while (found != NULL && (more = database_step(store->main, found, err)) == 1) {
		struct counter_row row = { column_text(found, 0),
					   (uint64_t)sqlite3_column_int64(found, 1) };
		rows++;
		if (!sink(ctx, &row)) {
			sqlite3_reset(found);
			return rows;
		}
	}
	return more == -1 ? -1 : rows;
}

int
store_is_judged_flow(struct store *store, const struct scope *scope, const char *poi,
		     const char *sensor, uint64_t flow_id, struct error *err)
{
	sqlite3_stmt *found =
		database_query(store->main, err,
			       "SELECT 1 FROM judged_flow WHERE ?1 AND poi = ?2"
			       " AND sensor = ?3 AND flow_id = ?4",
			       "dttu", (int)scope->is_all, poi, sensor, flow_id);
	int more = found != NULL ? database_step(store->main, found, err) : -1;

	if (more == 1)
		sqlite3_reset(found);
	return more;
}
