/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite_trim: at a writer's start, the raw rows that no committed position covers go.
 */
#include <stdio.h>
#include <string.h>

#include "store/sqlite.h"

enum { PART_SIZE = 128, GAPS_SIZE = 65536 };

struct lane_name {
	char sensor[PART_SIZE], epoch[PART_SIZE];
	int64_t lane;
};

/* The next lane in the file after 'lane', by index and not by reading all rows. */
static int
next_lane(struct database *database, struct lane_name *lane, struct error *err)
{
	sqlite3_stmt *next =
		database_query(database, err,
			       "SELECT sensor, epoch, lane FROM record WHERE (sensor, "
			       "epoch, lane) > (?1, ?2, ?3)"
			       " ORDER BY sensor, epoch, lane LIMIT 1",
			       "tti", lane->sensor, lane->epoch, lane->lane);
	int more = next != NULL ? database_step(database, next, err) : -1;

	if (more != 1)
		return more;
	struct lane_name found = { .lane = sqlite3_column_int64(next, 2) };
	snprintf(found.sensor, PART_SIZE, "%s", column_text(next, 0));
	snprintf(found.epoch, PART_SIZE, "%s", column_text(next, 1));
	*lane = found;
	sqlite3_reset(next);
	return 1;
}

/* Low-water mark and gaps of a lane; 0 and "[]" if it has no position. */
static int
find_position(struct store *store, const struct lane_name *lane, int64_t *low,
	      char *gaps, struct error *err)
{
	sqlite3_stmt *found =
		database_query(store->main, err,
			       "SELECT low, gaps FROM position WHERE sensor = ?1"
			       " AND epoch = ?2 AND lane = ?3",
			       "tti", lane->sensor, lane->epoch, lane->lane);
	int more = found != NULL ? database_step(store->main, found, err) : -1;

	*low = 0;
	snprintf(gaps, GAPS_SIZE, "[]");
	if (more != 1)
		return more;
	*low = sqlite3_column_int64(found, 0);
	snprintf(gaps, GAPS_SIZE, "%s", column_text(found, 1));
	sqlite3_reset(found);
	return 0;
}

static int
trim_day(void *ctx, int64_t day, struct error *err)
{
	static char gaps[GAPS_SIZE]; /* only a writer's start comes here, once */
	struct store *store = ctx;
	struct database *database = store_day(store, day, err);
	struct lane_name lane = { .lane = -1 };
	int64_t low;
	int more;

	if (database == NULL)
		return -1;
	while ((more = next_lane(database, &lane, err)) == 1) {
		if (find_position(store, &lane, &low, gaps, err) == -1 ||
		    database_run(
			    database, err,
			    "DELETE FROM record WHERE sensor = ?1 AND epoch = ?2 AND "
			    "lane = ?3"
			    " AND seq > ?4 AND NOT EXISTS (SELECT 1 FROM json_each(?5)"
			    " WHERE seq BETWEEN value ->> 0 AND value ->> 1)",
			    "ttiit", lane.sensor, lane.epoch, lane.lane, low,
			    gaps) == -1)
			return -1;
	}
	return more;
}

int
store_days_trim(struct store *store, struct error *err)
{
	return store_days_each(store->directory, trim_day, store, err);
}
