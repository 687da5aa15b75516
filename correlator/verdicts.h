/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verdicts: from tallies to rows of table verdict, judged with the coverage of now.
 *
 * A row's content is a function of its samples, the coverage of its window and
 * the watermark; who changes one of these says so by a tally or a touched
 * stretch, and the row is judged again before the commit.
 */
#ifndef CORRELATOR_VERDICTS_H
#define CORRELATOR_VERDICTS_H

#include "common/error.h"
#include "correlator/coverage.h"
#include "correlator/policy/policy.h"
#include "correlator/tally.h"
#include "correlator/touched.h"
#include "store/rows.h"
#include "store/store.h"

/* Borrowed. */
struct judging {
	const struct inventory *inventory;
	const struct policy *policy;
	struct coverage *coverage;
	struct store *store;
	int64_t watermark;
};

/* A silence is judged so long after the end of its window, when what was watched of it
 * is known. */
#define VERDICT_LATENESS (10 * INSTANT_MINUTE)

/* Begin of the window that holds 'time', aligned to the policy's zone. */
int64_t verdict_window(const struct policy *policy,
		       const struct requirement *requirement, int64_t time);

/* Adds the tallies' samples, reasons and evidence to their rows; judges nothing. */
int verdicts_add(const struct judging *judging, const struct tallies *tallies,
		 struct error *err);
/* Judges the row of the key, if it is there. */
int verdicts_judge_one(const struct judging *judging, const struct verdict_key *key,
		       struct error *err);
/* Judges the rows of the tallies. */
int verdicts_judge_tallies(const struct judging *judging, const struct tallies *tallies,
			   struct error *err);
/*
 * Judges the row of one participant of whom something had to be seen, which is
 * made if nothing was, unless too little was watched to say so.
 */
struct silence {
	bool is_violated;
	uint64_t seen;
};
int verdicts_judge_silence(const struct judging *judging,
			   const struct requirement *requirement,
			   const struct participant *participant, int64_t window_start,
			   bool is_there, struct silence *silence, struct error *err);
/* Sets the disposition of a violated silence: accepted by 'exception', or open. */
int verdicts_dispose(const struct judging *judging,
		     const struct requirement *requirement,
		     const struct participant *participant, int64_t window_start,
		     const char *exception, struct error *err);
/* Judges all rows whose window overlaps one of the stretches. */
int verdicts_judge_touched(const struct judging *judging, const struct touched *touched,
			   struct error *err);

#endif
