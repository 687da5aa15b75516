/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sqlite: what the files of this folder share about SQLite; for store/ only.
 *
 * A database keeps its prepared statements by the address of their SQL, which
 * therefore is a literal.  A statement is one: a sink must not ask the
 * question that is calling it.
 */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "common/error.h"
#include "store/scope.h"
#include "store/store.h"

enum {
	DATABASE_STATEMENTS_MAX =
		256,               /* literals in this folder are far fewer; asserted */
	DATABASE_LIMIT_MSEC = 2000 /* a reader's query */
};

struct database {
	sqlite3 *handle;
	bool is_limited;  /* a reader's */
	int64_t deadline; /* of the query that runs, milliseconds of the monotonic clock
			   */
	struct {
		const char *sql;
		sqlite3_stmt *statement;
	} cache[DATABASE_STATEMENTS_MAX];
};

enum database_access {
	DATABASE_READ,
	DATABASE_WRITE,
	DATABASE_APPEND,
	DATABASE_UNSAFE
};

/* DATABASE_WRITE creates the file, in WAL mode, and flushes each commit;
 * DATABASE_APPEND has large pages too, for rows that come at the end;
 * DATABASE_UNSAFE does not flush. */
struct database *database_open(const char *path, enum database_access access,
			       struct error *err);
void database_close(struct database *database);
/* -wal and -shm stay when the writer closes: a reader without the right to write needs
 * them. */
void database_keep_wal(struct database *database);

/* What PRAGMA user_version says, or -1. */
int database_version(struct database *database, struct error *err);
/* Runs the migrations (one SQL text each) that the file has not seen; refuses a newer
 * file. */
int database_migrate(struct database *database, const char *const *migrations,
		     int count, struct error *err);
/* -1 unless the file is at exactly that version. */
int database_expect(struct database *database, int version, struct error *err);

/* One or more statements without parameters. */
int database_execute(struct database *database, const char *sql, struct error *err);
/*
 * The statement of the literal 'sql', bound from ?1 on as 'types' says: t const
 * char * (NULL is SQL's NULL), b const char * and size_t (text of that size),
 * i int64_t, u uint64_t, d int.  NULL on failure.
 */
sqlite3_stmt *database_query(struct database *database, struct error *err,
			     const char *sql, const char *types, ...);
/* 1 with a row, 0 at the end (the statement is reset), -1 on failure (reset too). */
int database_step(struct database *database, sqlite3_stmt *statement,
		  struct error *err);
/* database_query and database_step to the end. */
int database_run(struct database *database, struct error *err, const char *sql,
		 const char *types, ...);

/* Never NULL; borrowed until the next step. */
const char *column_text(sqlite3_stmt *statement, int column);

/* What stands for the scope in SQL: (?1 OR partition = ?2) with is_all and this; NULL
 * equals nothing. */
static inline const char *
scope_partition(const struct scope *scope)
{
	return scope->partition != NULL && scope->partition[0] != '\0'
		       ? scope->partition
		       : NULL;
}

enum { DAY_FILES_OPEN_MAX = 8 };

struct day_file {
	int64_t day; /* days since 1970 UTC */
	struct database *database;
	bool has_rows; /* a transaction is open */
	uint64_t used; /* the least was used longest ago */
};

struct store {
	char directory[1024];
	enum store_access access;
	int lock;              /* descriptor, or -1 */
	struct database *main; /* correlator.db */
	bool is_open;          /* a transaction of effects */
	int64_t closed;        /* ledger days that begin here or before are closed */
	struct day_file day[DAY_FILES_OPEN_MAX];
	size_t day_count;
	uint64_t uses;
};

static inline bool
store_is_reader(const struct store *store)
{
	return store->access == STORE_READ || store->access == STORE_REPORT;
}

/* Which days of the ledger are closed for the transaction that begins. */
int store_close_days(struct store *store, struct error *err);

/* The file of that day; NULL with an empty '*err' if a reader asks for a day that has
 * none. */
struct database *store_day(struct store *store, int64_t day, struct error *err);
int store_day_note_rows(struct store *store, int64_t day, struct error *err);
int store_days_commit(struct store *store, struct error *err);
void store_days_rollback(struct store *store);
void store_days_close(struct store *store);
/* Deletes the raw rows that the positions do not cover. */
int store_days_trim(struct store *store, struct error *err);
/* Calls 'each' per day file there is, in order of day. */
int store_days_each(const char *directory,
		    int (*each)(void *ctx, int64_t day, struct error *err), void *ctx,
		    struct error *err);
int store_day_migrate(struct database *database, struct error *err);

#endif
