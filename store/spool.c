/* SPDX-License-Identifier: Apache-2.0 */
/* spool: frames on disk until the correlator has committed them, and a grace longer. */
#include "store/spool.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "store/spool_private.h"

/* To add a statement: its name in spool_private.h, its text here; both in the same
 * order. */
/* clang-format off */
static const char *const queries[QUERY_COUNT] = {
	[QUERY_BEGIN] = "BEGIN IMMEDIATE",
	[QUERY_COMMIT] = "COMMIT",
	[QUERY_ROLLBACK] = "ROLLBACK",
	[QUERY_ADD] = "INSERT INTO frame (lane, first_seq, count, class, data) VALUES (?, ?, ?, ?, ?)",
	[QUERY_LANES] = "SELECT max(lane) + 1 FROM lane",
	[QUERY_LANE_READ] = "SELECT next_seq, last_time, committed, lost, untold, untold_first, untold_last"
		" FROM lane WHERE lane = ?",
	[QUERY_LANE_WRITE] = "INSERT OR REPLACE INTO lane (lane, next_seq, last_time, committed, lost, untold,"
		" untold_first, untold_last) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
	[QUERY_NEXT] = "SELECT id, lane, first_seq, count, data FROM frame WHERE id > ? ORDER BY id",
	[QUERY_PAGES] = "PRAGMA page_count",
	[QUERY_FREE] = "PRAGMA freelist_count",
	[QUERY_COMMITTED_OLDEST] = "SELECT id FROM frame WHERE lane = ?1 AND first_seq <= ?2"
		" AND first_seq + count - 1 <= ?2 ORDER BY first_seq LIMIT 1",
	[QUERY_FLOWS_OLDEST] = "SELECT id, lane, first_seq, count, data FROM frame WHERE id >= ? AND class = 1"
		" ORDER BY id LIMIT 1",
	[QUERY_OLDEST] = "SELECT id, lane, first_seq, count, data FROM frame WHERE id > ? ORDER BY id LIMIT 1",
	[QUERY_DELETE] = "DELETE FROM frame WHERE id = ?",
	[QUERY_THIN] = "UPDATE frame SET class = 0, data = ?2 WHERE id = ?1",
	[QUERY_MARK] = "INSERT INTO mark (lane, seq, time) VALUES (?, ?, ?)",
	[QUERY_MARK_DUE] = "SELECT max(seq) FROM mark WHERE lane = ? AND time <= ?",
	[QUERY_MARK_FORGET] = "DELETE FROM mark WHERE lane = ? AND time <= ?",
	[QUERY_MARK_BACK] = "DELETE FROM mark WHERE lane = ? AND seq > ?",
	[QUERY_VACUUM] = "PRAGMA incremental_vacuum(256)",
};
/* clang-format on */

int
spool_failed(struct spool *spool, struct error *err)
{
	return error_set(err, "spool %s: %s", spool->path, sqlite3_errmsg(spool->db));
}

sqlite3_stmt *
spool_bind(struct spool *spool, enum spool_query query, const int64_t *value, int count)
{
	sqlite3_stmt *statement = spool->query[query];

	sqlite3_reset(statement);
	for (int i = 0; i < count; i++)
		sqlite3_bind_int64(statement, i + 1, value[i]);
	return statement;
}

int
spool_run(struct spool *spool, sqlite3_stmt *statement, struct error *err)
{
	int code;

	while ((code = sqlite3_step(statement)) == SQLITE_ROW)
		; /* incremental_vacuum works a page a step */
	if (code != SQLITE_DONE)
		spool_failed(spool, err);
	sqlite3_reset(statement);
	return code == SQLITE_DONE ? 0 : -1;
}

int
spool_ask(struct spool *spool, sqlite3_stmt *statement, int64_t *value,
	  struct error *err)
{
	int result = 0;
	int code = sqlite3_step(statement);

	if (code == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL) {
		*value = sqlite3_column_int64(statement, 0);
		result = 1;
	} else if (code != SQLITE_ROW && code != SQLITE_DONE) {
		result = spool_failed(spool, err);
	}
	sqlite3_reset(statement);
	return result;
}

int
spool_prepare(struct spool *spool, struct error *err)
{
	for (int i = 0; i < QUERY_COUNT; i++)
		if (sqlite3_prepare_v3(spool->db, queries[i], -1,
				       SQLITE_PREPARE_PERSISTENT, &spool->query[i],
				       NULL) != SQLITE_OK)
			return spool_failed(spool, err);
	return 0;
}

int
spool_begin(struct spool *spool, struct error *err)
{
	if (spool->is_open)
		return 0;
	if (spool_run(spool, spool->query[QUERY_BEGIN], err) == -1)
		return -1;
	spool->is_open = true;
	return 0;
}

const char *
spool_epoch(const struct spool *spool)
{
	return spool->epoch;
}

uint32_t
spool_lane_count(const struct spool *spool)
{
	return spool->lanes;
}

const struct spool_lane *
spool_lane(const struct spool *spool, uint32_t lane)
{
	assert(lane < spool->lanes);
	return &spool->lane[lane];
}

int
spool_lanes_read(struct spool *spool, struct error *err)
{
	for (uint32_t i = 0; i < spool->lanes; i++) {
		sqlite3_stmt *row =
			spool_bind(spool, QUERY_LANE_READ, (int64_t[]){ i }, 1);
		struct spool_lane *lane = &spool->lane[i];
		int code = sqlite3_step(row);

		*lane = (struct spool_lane){ .next_seq = 1 };
		if (code == SQLITE_ROW) {
			lane->next_seq = (uint64_t)sqlite3_column_int64(row, 0);
			lane->last.usec = sqlite3_column_int64(row, 1);
			lane->committed = (uint64_t)sqlite3_column_int64(row, 2);
			lane->lost = (uint64_t)sqlite3_column_int64(row, 3);
			lane->untold = (uint64_t)sqlite3_column_int64(row, 4);
			lane->untold_first.usec = sqlite3_column_int64(row, 5);
			lane->untold_last.usec = sqlite3_column_int64(row, 6);
		} else if (code != SQLITE_DONE) {
			return spool_failed(spool, err);
		}
		sqlite3_reset(row);
	}
	spool->is_dirty = false;
	return 0;
}

static int
write_lanes(struct spool *spool, struct error *err)
{
	for (uint32_t i = 0; i < spool->lanes && spool->is_dirty; i++) {
		const struct spool_lane *lane = &spool->lane[i];
		const int64_t value[] = { i,
					  (int64_t)lane->next_seq,
					  lane->last.usec,
					  (int64_t)lane->committed,
					  (int64_t)lane->lost,
					  (int64_t)lane->untold,
					  lane->untold_first.usec,
					  lane->untold_last.usec };
		if (spool_run(spool, spool_bind(spool, QUERY_LANE_WRITE, value, 8),
			      err) == -1)
			return -1;
	}
	spool->is_dirty = false;
	return 0;
}

int
spool_append(struct spool *spool, struct frame_header *header, const char *raw,
	     bool has_flows, struct error *err)
{
	const void *frame;
	size_t size;

	assert(header->lane < spool->lanes);
	struct spool_lane *lane = &spool->lane[header->lane];
	assert(header->first_seq == lane->next_seq);
	if (spool_begin(spool, err) == -1)
		return -1;
	frame_pack(spool->codec, header, raw, &frame, &size);
	const int64_t value[] = { header->lane, (int64_t)header->first_seq,
				  header->count, has_flows };
	sqlite3_stmt *add = spool_bind(spool, QUERY_ADD, value, 4);
	sqlite3_bind_blob64(add, 5, frame, size, SQLITE_TRANSIENT);
	if (spool_run(spool, add, err) == -1)
		return -1;
	lane->next_seq += header->count;
	if (lane->last.usec < header->last.usec)
		lane->last = header->last;
	spool->is_dirty = true;
	return spool_shed(spool, err);
}

void
spool_told(struct spool *spool, uint32_t number, uint64_t count)
{
	struct spool_lane *lane = &spool->lane[number];

	assert(spool->is_open);
	lane->untold -= count < lane->untold ? count : lane->untold;
	/* else the times stay as they are, wider than what is left to tell */
	if (lane->untold == 0)
		lane->untold_first = lane->untold_last = (struct instant){ 0 };
	spool->is_dirty = true;
}

int
spool_commit(struct spool *spool, struct error *err)
{
	if (!spool->is_open)
		return 0;
	if (write_lanes(spool, err) == -1 ||
	    spool_run(spool, spool->query[QUERY_COMMIT], err) == -1) {
		spool_rollback(spool);
		return -1;
	}
	spool->is_open = false;
	return 0;
}

void
spool_rollback(struct spool *spool)
{
	struct error ignored;
	struct spool_lane before[SPOOL_LANES_MAX];

	if (!spool->is_open)
		return;
	/* SQLite may have rolled back by itself: full, or no memory */
	if (!sqlite3_get_autocommit(spool->db))
		spool_run(spool, spool->query[QUERY_ROLLBACK], &ignored);
	spool->is_open = false;
	spool->flows_from = 0;
	memcpy(before, spool->lane, sizeof(before));
	if (spool_lanes_read(spool, &ignored) == -1)
		return;
	for (uint32_t i = 0; i < spool->lanes; i++)
		spool_position(spool, i, before[i].committed);
}

/* A copy, because a statement left open would keep the write-ahead log from being
 * emptied. */
static void
copy_row(struct spool *spool, sqlite3_stmt *from, struct spool_row *row)
{
	size_t size = (size_t)sqlite3_column_bytes(from, 4);

	row->id = sqlite3_column_int64(from, 0);
	row->size = size < FRAME_SIZE_MAX ? size : FRAME_SIZE_MAX;
	if (row->size > 0)
		memcpy(spool->row, sqlite3_column_blob(from, 4), row->size);
	row->frame = spool->row;
}

static bool
is_waiting(const struct spool *spool, const struct spool_row *row)
{
	return row->lane < spool->lanes &&
	       row->last_seq > spool->lane[row->lane].committed;
}

int
spool_next(struct spool *spool, int64_t after, struct spool_row *row, struct error *err)
{
	sqlite3_stmt *next = spool_bind(spool, QUERY_NEXT, &after, 1);
	int code;

	while ((code = sqlite3_step(next)) == SQLITE_ROW) {
		row->lane = (uint32_t)sqlite3_column_int64(next, 1);
		row->first_seq = (uint64_t)sqlite3_column_int64(next, 2);
		row->last_seq =
			row->first_seq + (uint64_t)sqlite3_column_int64(next, 3) - 1;
		if (is_waiting(spool, row)) {
			copy_row(spool, next, row);
			break;
		}
	}
	if (code != SQLITE_DONE && code != SQLITE_ROW)
		spool_failed(spool, err);
	sqlite3_reset(next);
	return code == SQLITE_ROW ? 1 : code == SQLITE_DONE ? 0 : -1;
}

void
spool_sent(struct spool *spool, int64_t id)
{
	spool->sent = id;
}
