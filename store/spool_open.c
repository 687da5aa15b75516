/* SPDX-License-Identifier: Apache-2.0 */
/* spool_open: the spool's file: made, locked, checked, closed. */
#include "store/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#include "schema.h"
#include "store/spool_private.h"

enum { SCHEMA_VERSION = 1 };

/* Two writers would hand out the same seqs.  Freed by the kernel however we end. */
static int
lock_file(struct spool *spool, struct error *err)
{
	char path[sizeof(spool->path) + 8];

	snprintf(path, sizeof(path), "%s.lock", spool->path);
	spool->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (spool->lock == -1)
		return error_errno(err, "spool %s: cannot open its lock", spool->path);
	if (flock(spool->lock, LOCK_EX | LOCK_NB) == -1)
		return error_set(err, "spool %s is in use by another sensor",
				 spool->path);
	return 0;
}

static int
execute(struct spool *spool, const char *sql, struct error *err)
{
	if (sqlite3_exec(spool->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return spool_failed(spool, err);
	return 0;
}

static int
set_limits(struct spool *spool, uint64_t size_max, struct error *err)
{
	char sql[64];
	int64_t pages = (int64_t)(size_max / SPOOL_PAGE);

	spool->soft_pages = pages - pages / 8;
	snprintf(sql, sizeof(sql), "PRAGMA max_page_count = %lld", (long long)pages);
	return execute(spool, sql, err);
}

static int
read_meta(struct spool *spool, const char *key, char *value, size_t room,
	  struct error *err)
{
	sqlite3_stmt *ask = NULL;
	int result = -1;

	if (sqlite3_prepare_v2(spool->db, "SELECT value FROM meta WHERE key = ?", -1,
			       &ask, NULL) != SQLITE_OK) {
		spool_failed(spool, err);
		goto out;
	}
	sqlite3_bind_text(ask, 1, key, -1, SQLITE_STATIC);
	if (sqlite3_step(ask) != SQLITE_ROW) {
		error_set(err, "spool %s has no %s; it is no spool or is damaged",
			  spool->path, key);
		goto out;
	}
	snprintf(value, room, "%s", (const char *)sqlite3_column_text(ask, 0));
	result = 0;
out:
	sqlite3_finalize(ask);
	return result;
}

static int
make(struct spool *spool, const char *sensor, struct error *err)
{
	uint64_t random;
	char *meta;

	if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return error_errno(err, "spool %s: no random epoch", spool->path);
	meta = sqlite3_mprintf(
		"INSERT INTO meta VALUES ('epoch', '%016llx'), ('sensor', %Q);"
		"PRAGMA user_version = %d; COMMIT",
		(unsigned long long)random, sensor, SCHEMA_VERSION);
	int result = meta == NULL ? error_set(err, "no memory") : 0;
	if (result == 0)
		result = execute(spool, "BEGIN IMMEDIATE", err);
	if (result == 0)
		result = execute(spool, schema_spool_001, err);
	if (result == 0)
		result = execute(spool, meta, err);
	sqlite3_free(meta);
	return result;
}

static int
file_version(struct spool *spool, struct error *err)
{
	sqlite3_stmt *ask = NULL;
	int version = -1;

	if (sqlite3_prepare_v2(spool->db, "PRAGMA user_version", -1, &ask, NULL) !=
		    SQLITE_OK ||
	    sqlite3_step(ask) != SQLITE_ROW)
		spool_failed(spool, err);
	else
		version = sqlite3_column_int(ask, 0);
	sqlite3_finalize(ask);
	return version;
}

static int
open_file(struct spool *spool, struct error *err)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;

	if (sqlite3_open_v2(spool->path, &spool->db, flags, NULL) != SQLITE_OK)
		return spool_failed(spool, err);
	sqlite3_busy_timeout(spool->db, 2000); /* somebody looks into it */
	/* auto_vacuum counts only before the first table */
	return execute(
		spool,
		"PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL;"
		"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		"PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 4194304",
		err);
}

static int
check_file(struct spool *spool, const struct spool_config *config, struct error *err)
{
	char sensor[128];
	int version = file_version(spool, err);

	if (version == -1)
		return -1;
	if (version == 0 && make(spool, config->sensor, err) == -1)
		return -1;
	if (version > SCHEMA_VERSION)
		return error_set(err,
				 "spool %s is of version %d; this program knows %d",
				 spool->path, version, SCHEMA_VERSION);
	if (read_meta(spool, "epoch", spool->epoch, sizeof(spool->epoch), err) == -1 ||
	    read_meta(spool, "sensor", sensor, sizeof(sensor), err) == -1)
		return -1;
	if (strcmp(sensor, config->sensor) != 0)
		return error_set(err,
				 "spool %s belongs to sensor \"%s\", not to \"%s\"",
				 spool->path, sensor, config->sensor);
	return 0;
}

static int
find_lanes(struct spool *spool, uint32_t wanted, struct error *err)
{
	int64_t found = 0;

	if (spool_ask(spool, spool_bind(spool, QUERY_LANES, NULL, 0), &found, err) ==
	    -1)
		return -1;
	if (found < 0 || found > SPOOL_LANES_MAX)
		return error_set(err, "spool %s has %lld lanes; at most %d are allowed",
				 spool->path, (long long)found, SPOOL_LANES_MAX);
	spool->lanes = (uint32_t)found > wanted ? (uint32_t)found : wanted;
	return spool_lanes_read(spool, err);
}

struct spool *
spool_open(const struct spool_config *config, struct error *err)
{
	struct spool *spool = calloc(1, sizeof(*spool));

	if (spool == NULL || (spool->lock = -1) == 0 ||
	    (spool->codec = frame_codec_new()) == NULL ||
	    (spool->row = malloc(FRAME_SIZE_MAX)) == NULL ||
	    (spool->thinned = malloc(FRAME_RAW_MAX)) == NULL) {
		error_set(err, "no memory for the spool");
		goto failed;
	}
	if ((size_t)snprintf(spool->path, sizeof(spool->path), "%s", config->path) >=
	    sizeof(spool->path)) {
		error_set(err, "spool %s: the path is too long", config->path);
		goto failed;
	}
	if (config->size_max < SPOOL_SIZE_MIN) {
		error_set(err,
			  "a spool of %llu bytes is too small; expected at least %llu",
			  (unsigned long long)config->size_max,
			  (unsigned long long)SPOOL_SIZE_MIN);
		goto failed;
	}
	spool->grace = config->grace;
	if (lock_file(spool, err) == -1 || open_file(spool, err) == -1 ||
	    check_file(spool, config, err) == -1 || spool_prepare(spool, err) == -1 ||
	    set_limits(spool, config->size_max, err) == -1 ||
	    find_lanes(spool, config->lanes, err) == -1)
		goto failed;
	return spool;
failed:
	spool_close(spool);
	return NULL;
}

void
spool_close(struct spool *spool)
{
	if (spool == NULL)
		return;
	for (int i = 0; i < QUERY_COUNT; i++)
		sqlite3_finalize(spool->query[i]);
	sqlite3_close(spool->db); /* rolls back what is open */
	if (spool->lock > 0)
		close(spool->lock);
	frame_codec_free(spool->codec);
	free(spool->row);
	free(spool->thinned);
	free(spool);
}
