/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite_absence: windows whose silent participants are still to be looked for. */
#include <stdio.h>

#include "store/effects.h"
#include "store/reads.h"
#include "store/sqlite.h"

int
store_put_absence(struct store *store, const char *requirement, int64_t window_start,
		  uint64_t next, struct error *err)
{
	return database_run(store->main, err,
			    "INSERT INTO absence VALUES (?1,?2,?3)"
			    " ON CONFLICT DO UPDATE SET next = excluded.next",
			    "tiu", requirement, window_start, next);
}

int
store_end_absence(struct store *store, const char *requirement, int64_t window_start,
		  struct error *err)
{
	return database_run(store->main, err,
			    "DELETE FROM absence WHERE requirement = ?1 AND"
			    " window_start = ?2",
			    "ti", requirement, window_start);
}

int
store_first_absence(struct store *store, const struct scope *scope,
		    struct absence_row *row, struct error *err)
{
	sqlite3_stmt *found = database_query(
		store->main, err,
		"SELECT requirement, window_start, next FROM absence WHERE ?1"
		" ORDER BY window_start, requirement LIMIT 1",
		"d", (int)scope->is_all);
	int more = found != NULL ? database_step(store->main, found, err) : -1;

	if (more != 1)
		return more;
	snprintf(row->requirement, sizeof(row->requirement), "%s",
		 column_text(found, 0));
	row->window_start = sqlite3_column_int64(found, 1);
	row->next = (uint64_t)sqlite3_column_int64(found, 2);
	sqlite3_reset(found);
	return 1;
}
