/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store: one directory that holds all the correlator knows.
 *
 * correlator.db: effects and the position, one transaction.  records-YYYYMMDD.db:
 * raw records by UTC day, committed before the effects; rows the position does
 * not cover are deleted when a writer opens the store, so after a kill -9 both
 * agree again.  Nothing here names the engine that keeps it (SQLite now).
 * One writer; any number of readers, whose queries end after 2 s, but for those
 * of reports and of the ledger's seals.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

enum store_access {
	STORE_READ,     /* console, status: nothing is created or changed */
	STORE_REPORT,   /* as STORE_READ, but a query may take its time */
	STORE_WRITE,    /* correlator: durable when store_commit returns */
	STORE_TEMPORARY /* replay without --store: as STORE_WRITE, but not flushed to
			   disk */
};

struct store;

/*
 * Opens 'directory', which must exist.  A writer creates what is missing and
 * refuses a store that another writer holds, or of a newer version; a reader
 * refuses one of another version.  NULL on failure.
 */
struct store *store_open(const char *directory, enum store_access access,
			 struct error *err);
/* Takes NULL.  What was not committed is gone. */
void store_close(struct store *store);

/* Brings all files of 'directory' to this program's version; '*from' and '*to' are
 * correlator.db's. */
int store_migrate(const char *directory, int *from, int *to, struct error *err);

/*
 * Deletes the day files over 'days' days older than the newest; works beside a
 * correlator, which only writes to newer ones.  '*removed': how many went.
 */
int store_retain(const char *directory, int64_t days, size_t *removed,
		 struct error *err);

/* Opens the transaction of effects if none is open. */
int store_begin(struct store *store, struct error *err);
/* Raw records first, then effects and position.  Nothing to do if no transaction is
 * open. */
int store_commit(struct store *store, struct error *err);
/* Forgets what was not committed, raw records too. */
void store_rollback(struct store *store);

#endif
