/* SPDX-License-Identifier: Apache-2.0 */
/*
 * episodes: keeps alerts in the store as their groups' episodes open and grow.
 *
 * Each hit takes the next seq, in the order in which records are applied, so a
 * row's seq does not show where commits were.  Episodes of the batch are held
 * in memory up to a cap and written by episodes_flush.
 */
#ifndef CORRELATOR_EPISODES_H
#define CORRELATOR_EPISODES_H

#include "common/error.h"
#include "correlator/policy/policy.h"
#include "store/store.h"

enum { EPISODES_HELD_MAX = 1024 };

struct episodes;

struct episodes *episodes_new(struct store *store, const char *ruleset,
			      struct error *err);
void episodes_free(struct episodes *episodes);

/* A finding that broke its requirement.  -1 if the store fails. */
int episodes_hit(struct episodes *episodes, const struct finding *finding,
		 const struct parties *parties, const struct record *record,
		 struct error *err);
/* Writes what grew, and says which alerts are quiet at the watermark that was 'before'
 * and is 'now'. */
int episodes_flush(struct episodes *episodes, int64_t before, int64_t now,
		   struct error *err);

/* Since it was asked last: the earliest begin of an episode that opened, or was found
 * to have begun earlier; INT64_MAX if there is none. */
int64_t episodes_take_changed(struct episodes *episodes);
uint64_t episodes_opened(const struct episodes *episodes);
uint64_t episodes_hits(const struct episodes *episodes);

#endif
