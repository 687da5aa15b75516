/* SPDX-License-Identifier: Apache-2.0 */
/*
 * correlations: the correlation rules of a running engine: their alerts, and their
 * state in the store.
 *
 * The state is written with the effects and the position, as a journal (decisions.md
 * 13): a restart plays it back, and nothing is fired twice.
 */
#ifndef CORRELATOR_CORRELATIONS_H
#define CORRELATOR_CORRELATIONS_H

#include "correlator/episodes.h"
#include "correlator/lanes.h"
#include "correlator/sigma/correlating.h"

struct correlations;

/* Borrows all, and reads what the store kept.  NULL without '*err' filled (its text is
 * "") if the policy has no correlations. */
struct correlations *correlations_new(const struct policy *policy, struct store *store,
				      struct episodes *episodes,
				      const struct lanes *lanes, struct error *err);
void correlations_free(struct correlations *correlations);

/* The lane stands at 'time'.  -1 if the store fails, as with all of these. */
int correlations_time(struct correlations *correlations, const char *poi,
		      const struct lane *lane, int64_t time, struct error *err);
int correlations_add(struct correlations *correlations, const char *poi,
		     const struct lane *lane, uint64_t seq, struct instant at,
		     const struct correlation_event *event, struct error *err);
/* No record will come any more. */
int correlations_end(struct correlations *correlations, struct error *err);
/* Writes state and counters. */
int correlations_flush(struct correlations *correlations, struct error *err);

#endif
