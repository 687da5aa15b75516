/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger: a flow or tls record of a registered service as a row of the access ledger.
 *
 * All records of one session make one row.  Those of a batch are merged in
 * memory and written by key; the store merges them with the row it has.
 */
#ifndef CORRELATOR_LEDGER_H
#define CORRELATOR_LEDGER_H

#include <stdbool.h>

#include "common/error.h"
#include "common/record.h"
#include "correlator/evidence.h"
#include "correlator/policy/policy.h"
#include "store/store.h"

enum {
	LEDGER_VIOLATED_MAX = 32,
	LEDGER_NAME_SIZE = 256,
	LEDGER_SUBJECT_SIZE = 1024,
	LEDGER_HELD_MAX = 2048 /* rows in memory; more are written before the commit */
};

/* What the findings of one record say together. */
struct session_verdict {
	bool is_bad, is_unknown, is_good;
	size_t violated_count;
	const char *violated[LEDGER_VIOLATED_MAX]; /* requirement ids, rising; what does
						      not fit is left out */
};

void session_verdict_add(struct session_verdict *verdict,
			 const struct finding *finding);

struct ledger;

/* Borrows both until ledger_free. */
struct ledger *ledger_new(const struct policy *policy, struct store *store);
void ledger_free(struct ledger *ledger);

/*
 * Adds the record to the ledger if it is of a session to a registered service
 * whose client and server are known; 1 if so, 0 if not, -1 if the store fails.
 * Borrows what 'parties' and 'verdict' name until the next flush.
 */
int ledger_add(struct ledger *ledger, const char *sensor, const char *poi,
	       const char *record_id, const struct record *record,
	       const struct parties *parties, const struct session_verdict *verdict,
	       struct error *err);
/* Writes what is held. */
int ledger_flush(struct ledger *ledger, struct error *err);

#endif
