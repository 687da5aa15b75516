/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger: the access ledger as who seals, verifies and prunes it sees it: days, and
 * rows as text.
 *
 * A day's rows merge until the store's time is 48 hours past its end
 * (decisions 27); then they stand, and what still comes is a row of the day it
 * came in, marked 'amends' if the session has an earlier row.
 */
#ifndef STORE_LEDGER_H
#define STORE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "common/instant.h"
#include "store/scope.h"
#include "store/store.h"

/* From the begin of a day until it is closed. */
#define LEDGER_OPEN_USEC (3 * INSTANT_DAY)

enum { LEDGER_COLUMNS_MAX = 64 };

/* All columns of a row in the table's order, as SQLite has them; borrowed until the
 * sink returns. */
struct ledger_text {
	size_t count;
	const char *name[LEDGER_COLUMNS_MAX], *value[LEDGER_COLUMNS_MAX];
	size_t size[LEDGER_COLUMNS_MAX];
	char type[LEDGER_COLUMNS_MAX]; /* I integer, N real, T text, B blob, 0 null */
};

/* False ends the reading. */
typedef bool ledger_day_sink(void *ctx, int64_t day, uint64_t rows);
typedef bool ledger_text_sink(void *ctx, const struct ledger_text *row);

/* Greatest lane time applied, by which days are closed; INT64_MIN of an empty store. */
int store_find_time(struct store *store, int64_t *time, struct error *err);
/* Days that have rows, rising; the number of days, or -1.  Only for a scope of all. */
int store_each_ledger_day(struct store *store, const struct scope *scope,
			  ledger_day_sink *sink, void *ctx, struct error *err);
/* Rows of the day that begins then, by poi, sensor, flow and part; their number, or -1.
 * Only for a scope of all. */
int store_each_ledger_text(struct store *store, const struct scope *scope, int64_t day,
			   ledger_text_sink *sink, void *ctx, struct error *err);
/* Deletes the rows of the day; needs a writer and store_begin. */
int store_drop_ledger_day(struct store *store, int64_t day, struct error *err);

#endif
