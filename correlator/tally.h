/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tally: a batch's samples per (requirement, participant, window), in memory until the
 * commit.
 *
 * All it holds is counts and sets, so batches of any cut add up to the same.
 */
#ifndef CORRELATOR_TALLY_H
#define CORRELATOR_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "correlator/evidence.h"
#include "correlator/policy/policy.h"
#include "correlator/policy/verdict.h"

enum { TALLIES_MAX = 4096, TALLY_REASONS = 9 };

/* Words for why a sample is unknown; the last stands for any other. */
extern const char *const tally_reasons[TALLY_REASONS];

struct tally {
	const struct requirement *requirement;
	const struct participant *participant; /* NULL: the unknown one */
	int64_t window_start;
	struct samples samples;
	bool has_open;         /* a bad sample that no exception accepts */
	const char *exception; /* the least id among those that accept, or NULL */
	uint64_t reason[TALLY_REASONS];
	const char *settled_by; /* least mapping whose logs settled a sample, or NULL */
	bool is_declared;       /* by a register, not a log of the device */
	enum outcome cited_outcome; /* of the records in 'evidence' */
	struct evidence evidence;
};

struct tallies;

struct tallies *tallies_new(void);
void tallies_free(struct tallies *tallies);

/* False, and nothing added, if the tallies are full: flush them. */
bool tallies_add(struct tallies *tallies, const struct finding *finding,
		 int64_t window_start, int64_t time, const char *record_id);
/*
 * Takes back a sample that was counted before: the log of another device has
 * settled it.  Counts are modulo 2^64, so a tally may be below zero.
 */
bool tallies_withdraw(struct tallies *tallies, const struct finding *finding,
		      int64_t window_start);
/* The last sample of 'finding' in the window was settled by such a log. */
void tallies_settle(struct tallies *tallies, const struct finding *finding,
		    int64_t window_start, const char *by, bool is_declared);
/* In order of first sight; the index is below the count. */
size_t tallies_count(const struct tallies *tallies);
const struct tally *tallies_at(const struct tallies *tallies, size_t index);
void tallies_clear(struct tallies *tallies);

/* Which of two outcomes evidence is kept of: error, then bad, unknown, good. */
int tally_rank(enum outcome outcome);

#endif
