/* SPDX-License-Identifier: Apache-2.0 */
/* console_internal: what the console's files of this folder share; for store/ only. */
#ifndef STORE_CONSOLE_INTERNAL_H
#define STORE_CONSOLE_INTERNAL_H

#include "store/console_db.h"
#include "store/console_reads.h"
#include "store/sqlite.h"

enum { CONSOLE_DB_VERSION = 1 };

struct console_db {
	struct database *file;
};

/* Rows the last statement changed, or -1 if 'ran' is. */
int console_db_changed(struct console_db *db, int ran);

struct console_reader {
	struct database
		*file; /* main is correlator.db; console.db is attached as console */
};

/* A sink of any type, and what hands a row of a statement to it. */
typedef void any_sink(void);
typedef bool row_caller(any_sink *sink, void *ctx, sqlite3_stmt *statement);
/* Steps to the end or until a sink says stop; resets.  Rows, or -1; 'statement' may be
 * NULL. */
int console_each(struct console_reader *reader, sqlite3_stmt *statement,
		 row_caller *call, any_sink *sink, void *ctx, struct error *err);

/* A statement put together from pieces, with its parameters from ?1 on. */
enum { SQL_SIZE_MAX = 24576, SQL_PARAMETERS_MAX = 128 };
struct sql {
	char text[SQL_SIZE_MAX];
	size_t used;
	struct {
		const char *text; /* borrowed; NULL: the number */
		int64_t number;
	} parameter[SQL_PARAMETERS_MAX];
	int count;
	bool is_overfull;
};
void sql_add(struct sql *sql, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Both return the number N of ?N. */
int sql_text(struct sql *sql, const char *text);
int sql_number(struct sql *sql, int64_t number);
/* Runs it as console_each does. */
int sql_each(struct console_reader *reader, const struct sql *sql, row_caller *call,
	     any_sink *sink, void *ctx, struct error *err);

/*
 * Begins "WITH visible AS (...)": alerts with workflow and titles as the scope
 * may see them, ?1 and ?2 taken.  What is masked is '' in it, so no filter
 * behind it can tell.
 */
void sql_visible_alerts(struct sql *sql, const struct scope *scope);

#endif
