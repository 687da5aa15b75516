/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seal: what was in the ledger on a day, hashed, chained and signed; one small file
 * each.
 *
 * A file has two lines: a JSON object, and the Ed25519 signature of that line
 * (hexadecimal).  Each names the SHA-256 of the line before it, so that none can be
 * taken out or put elsewhere.  A day without rows is sealed too (a run of them
 * in one seal).  Rows that retention deletes leave a seal that says so.
 */
#ifndef CORRELATOR_SEAL_SEAL_H
#define CORRELATOR_SEAL_SEAL_H

#include "common/arena.h"
#include "common/digest.h"
#include "correlator/seal/signature.h"

enum { SEAL_COLUMNS_MAX = 64, SEAL_NAME_SIZE = 64 };

struct seal {
	char name[SEAL_NAME_SIZE]; /* of its file */
	uint64_t number;           /* from 1 */
	bool is_retention;         /* rows before 'end' were deleted, being too old */
	int64_t begin, end;        /* microseconds */
	uint64_t rows;
	struct digest digest;   /* of the rows, seal_rows_* in sealing.c */
	struct digest previous; /* of the body of the seal before; zeros of the first */
	size_t column_count;
	const char *column[SEAL_COLUMNS_MAX]; /* that are hashed, in this order */
	const char *body, *signature;         /* as in the file */
};

struct seals {
	struct arena arena;
	struct seal *seal;
	size_t count;
};

/* All seals in the folder by name; none if there is no such folder.  Not yet checked.
 */
int seals_load(struct seals *seals, const char *folder, struct error *err);
void seals_release(struct seals *seals);
struct digest seal_digest(const struct seal *seal);

/* Signs and writes it; fills name, body and signature. 'zone' in seconds names the day.
 */
int seal_write(struct seals *seals, struct seal *seal, const char *folder, int zone,
	       const struct signing_key *key, struct error *err);
/* Copies the seals that 'to' does not have; their number in '*copied'. */
int seals_deliver(const struct seals *seals, const char *to, size_t *copied,
		  struct error *err);

#endif
