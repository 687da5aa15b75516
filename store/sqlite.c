/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite: what the files of this folder share about SQLite; for store/ only. */
#include "store/sqlite.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { STEPS_BETWEEN_LOOKS = 20000, BUSY_MSEC = 2000 };

static int
fail(struct database *database, struct error *err)
{
	if (sqlite3_errcode(database->handle) == SQLITE_INTERRUPT)
		return error_set(err, "query took longer than %d ms",
				 DATABASE_LIMIT_MSEC);
	return error_set(err, "%s: %s", sqlite3_db_filename(database->handle, "main"),
			 sqlite3_errmsg(database->handle));
}

/* The one clock below main.c: it ends a reader's query and enters no result. */
static int64_t
monotonic_msec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int
is_overdue(void *ctx)
{
	const struct database *database = ctx;

	return monotonic_msec() > database->deadline;
}

static int
set_up(struct database *database, enum database_access access, struct error *err)
{
	sqlite3_busy_timeout(database->handle, BUSY_MSEC);
	if (access == DATABASE_READ) {
		database->is_limited = true;
		database->deadline = INT64_MAX;
		sqlite3_progress_handler(database->handle, STEPS_BETWEEN_LOOKS,
					 is_overdue, database);
		return database_execute(database, "PRAGMA query_only=1", err);
	}
	if (access == DATABASE_APPEND &&
	    database_execute(database, "PRAGMA page_size=16384", err) == -1)
		return -1;
	return database_execute(
		database,
		access == DATABASE_UNSAFE
			? "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; "
			  "PRAGMA cache_size=-16384"
			: "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
			  "PRAGMA cache_size=-16384",
		err);
}

void
database_keep_wal(struct database *database)
{
	int keep = 1;

	sqlite3_file_control(database->handle, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
}

struct database *
database_open(const char *path, enum database_access access, struct error *err)
{
	struct database *database = calloc(1, sizeof(*database));

	if (database == NULL) {
		error_set(err, "no memory to open %s", path);
		return NULL;
	}
	int flags = access == DATABASE_READ
			    ? SQLITE_OPEN_READONLY
			    : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	int code = sqlite3_open_v2(path, &database->handle, flags | SQLITE_OPEN_NOMUTEX,
				   NULL);
	if (code != SQLITE_OK) {
		error_set(err, "cannot open %s: %s", path, sqlite3_errstr(code));
		database_close(database);
		return NULL;
	}
	if (set_up(database, access, err) == -1) {
		database_close(database);
		return NULL;
	}
	return database;
}

void
database_close(struct database *database)
{
	if (database == NULL)
		return;
	for (size_t i = 0; i < DATABASE_STATEMENTS_MAX; i++)
		sqlite3_finalize(database->cache[i].statement);
	sqlite3_close(database->handle);
	free(database);
}

int
database_execute(struct database *database, const char *sql, struct error *err)
{
	if (sqlite3_exec(database->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		return fail(database, err);
	return 0;
}

static sqlite3_stmt *
prepared(struct database *database, const char *sql, struct error *err)
{
	size_t at = ((uintptr_t)sql >> 3) % DATABASE_STATEMENTS_MAX, tried = 0;

	while (database->cache[at].sql != NULL && database->cache[at].sql != sql) {
		at = (at + 1) % DATABASE_STATEMENTS_MAX;
		assert(++tried < DATABASE_STATEMENTS_MAX);
	}
	if (database->cache[at].sql == NULL) {
		if (sqlite3_prepare_v3(
			    database->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
			    &database->cache[at].statement, NULL) != SQLITE_OK) {
			fail(database, err);
			return NULL;
		}
		database->cache[at].sql = sql;
	}
	return database->cache[at].statement;
}

/* Texts are bound as they are: the caller keeps them until the statement is reset. */
static void
bind_all(sqlite3_stmt *statement, const char *types, va_list values)
{
	for (int i = 0; types[i] != '\0'; i++) {
		if (types[i] == 't') {
			const char *text = va_arg(values, const char *);
			sqlite3_bind_text(statement, i + 1, text, -1, SQLITE_STATIC);
		} else if (types[i] == 'b') {
			const char *text = va_arg(values, const char *);
			size_t size = va_arg(values, size_t);
			sqlite3_bind_text64(statement, i + 1, text, size, SQLITE_STATIC,
					    SQLITE_UTF8);
		} else if (types[i] == 'd') {
			sqlite3_bind_int(statement, i + 1, va_arg(values, int));
		} else {
			assert(types[i] == 'i' ||
			       types[i] == 'u'); /* same size, same bits */
			sqlite3_bind_int64(statement, i + 1, va_arg(values, int64_t));
		}
	}
}

static sqlite3_stmt *
query(struct database *database, struct error *err, const char *sql, const char *types,
      va_list values)
{
	sqlite3_stmt *statement = prepared(database, sql, err);

	if (statement == NULL)
		return NULL;
	assert(!sqlite3_stmt_busy(statement));
	sqlite3_clear_bindings(statement);
	bind_all(statement, types, values);
	if (database->is_limited)
		database->deadline = monotonic_msec() + DATABASE_LIMIT_MSEC;
	return statement;
}

sqlite3_stmt *
database_query(struct database *database, struct error *err, const char *sql,
	       const char *types, ...)
{
	va_list values;

	va_start(values, types);
	sqlite3_stmt *statement = query(database, err, sql, types, values);
	va_end(values);
	return statement;
}

int
database_step(struct database *database, sqlite3_stmt *statement, struct error *err)
{
	int code = sqlite3_step(statement);
	int result = code == SQLITE_ROW    ? 1
		     : code == SQLITE_DONE ? 0
					   : fail(database, err);

	if (result != 1)
		sqlite3_reset(statement);
	return result;
}

int
database_run(struct database *database, struct error *err, const char *sql,
	     const char *types, ...)
{
	va_list values;
	int more = -1;

	va_start(values, types);
	sqlite3_stmt *statement = query(database, err, sql, types, values);
	va_end(values);
	if (statement != NULL)
		while ((more = database_step(database, statement, err)) == 1)
			;
	return more;
}

const char *
column_text(sqlite3_stmt *statement, int column)
{
	const unsigned char *text = sqlite3_column_text(statement, column);

	return text != NULL ? (const char *)text : "";
}

int
database_version(struct database *database, struct error *err)
{
	sqlite3_stmt *statement =
		database_query(database, err, "PRAGMA user_version", "");
	int version = -1;

	if (statement != NULL && database_step(database, statement, err) == 1) {
		version = sqlite3_column_int(statement, 0);
		sqlite3_reset(statement);
	}
	return version;
}

int
database_expect(struct database *database, int version, struct error *err)
{
	int found = database_version(database, err);

	if (found == -1 || found == version)
		return found == -1 ? -1 : 0;
	return error_set(
		err,
		"%s is of version %d; expected %d, which 'sekisho store migrate' makes",
		sqlite3_db_filename(database->handle, "main"), found, version);
}

static int
migrate_once(struct database *database, const char *migration, int version,
	     struct error *err)
{
	char done[64];

	snprintf(done, sizeof(done), "PRAGMA user_version=%d; COMMIT", version);
	if (database_execute(database, "BEGIN IMMEDIATE", err) == 0 &&
	    database_execute(database, migration, err) == 0 &&
	    database_execute(database, done, err) == 0)
		return 0;
	sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}

int
database_migrate(struct database *database, const char *const *migrations, int count,
		 struct error *err)
{
	int version = database_version(database, err);

	if (version == -1)
		return -1;
	if (version > count)
		return error_set(
			err, "%s is of version %d; this program knows up to %d",
			sqlite3_db_filename(database->handle, "main"), version, count);
	for (; version < count; version++)
		if (migrate_once(database, migrations[version], version + 1, err) == -1)
			return -1;
	return 0;
}
