/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine: records in, effects out: verdicts, alerts, ledger, coverage, summaries.
 *
 * The correlator's stages in order, on one screen; sekisho-correlator and
 * 'sekisho replay' call it.  Effects are gathered in memory and written with
 * the position in one transaction by engine_commit.  Asks no clock: lane time
 * comes with the records.
 */
#ifndef CORRELATOR_ENGINE_H
#define CORRELATOR_ENGINE_H

#include "common/error.h"
#include "common/instant.h"
#include "correlator/policy/policy.h"

struct store; /* store/store.h */
struct engine;

enum engine_mode {
	ENGINE_LIVE,
	ENGINE_REPLAY /* sensors of the inventory that are not in the input do not count
		       */
};

/*
 * Borrows all three until engine_free.  Writes inventory and requirements into
 * the store's tables, in a transaction of its own.
 */
struct engine *engine_new(const struct inventory *inventory,
			  const struct policy *policy, struct store *store,
			  enum engine_mode mode, struct error *err);
void engine_free(struct engine *engine);

/*
 * Applies the lines of one opened frame; records the position has already are
 * passed over.  Bad lines are counted, never fatal.  -1 only if the store fails,
 * after which the engine and what it has not committed are to be given up.
 */
int engine_apply(struct engine *engine, const char *sensor, const char *epoch,
		 uint32_t lane, uint64_t first_seq, uint16_t count, const char *raw,
		 size_t size, struct error *err);
/* The correlator's own clock, several times a second; without it lanes' times are
 * believed.  1 if an engine_commit is due, because windows close by it; 0; -1 if the
 * store fails. */
int engine_tick(struct engine *engine, struct instant now, struct error *err);
/* Sessions of which something is unknown wait for lines of logs (correlator/settle.h);
 * without it nobody waits. */
void engine_await_evidence(struct engine *engine);
struct chains;
/* Certificates are judged by these anchors, which are borrowed; without them nothing is
 * said of trust. */
void engine_trust(struct engine *engine, const struct chains *chains);
/* Begins the transaction of the next commit, for what others write with it. */
int engine_begin(struct engine *engine, struct error *err);
/* Of a replay: no record will come any more, so nothing is waited for.  An engine_commit
 * is due after it. */
int engine_end(struct engine *engine, struct error *err);
/* One transaction: raw records first, then effects and position.  After it the frames
 * may be acknowledged. */
int engine_commit(struct engine *engine, struct error *err);

/* Up to where the lane is applied; asked right after engine_commit, it is committed. */
uint64_t engine_position(const struct engine *engine, const char *sensor,
			 const char *epoch, uint32_t lane);

/* A frame that could not be opened, for table counter. */
void engine_refuse_frame(struct engine *engine);
/* A frame or greeting of another sensor or POI than its certificate's; and a connection
 * without a good certificate. */
void engine_refuse_foreign(struct engine *engine);
void engine_refuse_stranger(struct engine *engine);

/* Since engine_new. */
struct engine_counters {
	uint64_t records, duplicates, refused, alerts, alert_updates, findings;
};
struct engine_counters engine_counters(const struct engine *engine);

#endif
