/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sealing: seals the ledger's closed days, and finds what was changed since.
 *
 * What is hashed of a row is each column's type letter (I, N, T, B, 0), its
 * size in bytes, ':' and its text, then a line end; rows by poi, sensor, flow
 * and part.  A seal names its columns, so that columns added later do not
 * break it.  Reads only; the correlator may go on writing.
 */
#ifndef CORRELATOR_SEAL_SEALING_H
#define CORRELATOR_SEAL_SEALING_H

#include "correlator/seal/seal.h"
#include "store/store.h"

struct sealing {
	struct store *store;
	const char *folder;
	int zone;    /* seconds east of UTC, in which days are named */
	int64_t now; /* a day is sealed if closed by the store's time and by this */
};

/* Writes the seals that are due; their number in '*made'. */
int sealing_seal(const struct sealing *sealing, struct seals *seals,
		 const struct signing_key *key, size_t *made, struct error *err);

/* Deletes the rows of sealed days that ended before 'before', and seals that; needs a
 * writer's store. */
int sealing_drop(const struct sealing *sealing, struct seals *seals,
		 const struct signing_key *key, int64_t before, uint64_t *dropped,
		 struct error *err);

/* 'day' names a day ("2026-11-03") or a seal's file; one call a finding. */
typedef void seal_finding(void *ctx, const char *day, const char *what);

struct seal_check {
	const struct public_key *key;
	const struct seals *delivered; /* NULL: there is no copy to compare with */
	seal_finding *on_finding;
	void *ctx;
	size_t findings;
	uint64_t days, rows;       /* that hold */
	size_t retained, unsealed; /* seals of retention; days closed and not sealed */
};

/* 0 when done, whatever was found; -1 if the store cannot be read. */
int sealing_verify(const struct sealing *sealing, const struct seals *seals,
		   struct seal_check *check, struct error *err);

#endif
