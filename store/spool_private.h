/* SPDX-License-Identifier: Apache-2.0 */
/* spool_private: what store/spool*.c share, and nobody else sees. */
#ifndef STORE_SPOOL_PRIVATE_H
#define STORE_SPOOL_PRIVATE_H

#include <sqlite3.h>

#include "store/spool.h"

enum { FRAME_SIZE_MAX = FRAME_HEADER_SIZE + FRAME_RAW_MAX, SPOOL_PAGE = 4096 };

enum spool_query {
	QUERY_BEGIN,
	QUERY_COMMIT,
	QUERY_ROLLBACK,
	QUERY_ADD,
	QUERY_LANES,
	QUERY_LANE_READ,
	QUERY_LANE_WRITE,
	QUERY_NEXT,
	QUERY_PAGES,
	QUERY_FREE,
	QUERY_COMMITTED_OLDEST,
	QUERY_FLOWS_OLDEST,
	QUERY_OLDEST,
	QUERY_DELETE,
	QUERY_THIN,
	QUERY_MARK,
	QUERY_MARK_DUE,
	QUERY_MARK_FORGET,
	QUERY_MARK_BACK,
	QUERY_VACUUM,
	QUERY_COUNT
};

struct spool {
	sqlite3 *db;
	sqlite3_stmt *query[QUERY_COUNT];
	struct frame_codec *codec;
	uint8_t *row;  /* FRAME_SIZE_MAX: what spool_next hands out */
	char *thinned; /* FRAME_RAW_MAX: a frame's lines while flows are taken out */
	int lock;      /* descriptor of the lock file */
	char epoch[SPOOL_EPOCH_SIZE];
	char path[512];
	int64_t grace;
	int64_t soft_pages;
	uint32_t lanes;
	bool is_open;  /* a transaction is */
	bool is_dirty; /* lanes differ from the file's */
	struct spool_lane lane[SPOOL_LANES_MAX];
	uint64_t marked[SPOOL_LANES_MAX]; /* newest mark's seq */
	int64_t sent;
	int64_t flows_from; /* no frame below this id holds flow summaries */
};

/* Binds up to 'count' integers from parameter 1 on and returns the statement, reset before. */
sqlite3_stmt *spool_bind(struct spool *spool, enum spool_query query, const int64_t *value,
			 int count);
/* Runs a bound statement that has no rows. */
int spool_run(struct spool *spool, sqlite3_stmt *statement, struct error *err);
/* First column of the first row in '*value'.  1, or 0 if there was no row, or -1. */
int spool_ask(struct spool *spool, sqlite3_stmt *statement, int64_t *value, struct error *err);
int spool_failed(struct spool *spool, struct error *err);
int spool_prepare(struct spool *spool, struct error *err);
/* From the file, as last committed. */
int spool_lanes_read(struct spool *spool, struct error *err);
int spool_begin(struct spool *spool, struct error *err);

/* spool_shed: makes the open transaction fit below the soft limit. */
int spool_shed(struct spool *spool, struct error *err);

#endif
