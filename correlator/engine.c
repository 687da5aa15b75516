/* SPDX-License-Identifier: Apache-2.0 */
/* engine: records in, effects out: verdicts, alerts, ledger, coverage, summaries. */
#include "correlator/engine.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "correlator/absence.h"
#include "correlator/engine_parts.h"
#include "correlator/incidents.h"
#include "correlator/registry.h"
#include "correlator/sigma/sigma.h"
#include "store/effects.h"

/* Far below what the store's integers hold. */
#define SEQ_MOST    (UINT64_C(1) << 62)
/* Flows judged before their end are remembered so long past their last record. */
#define JUDGED_KEPT (2 * INSTANT_DAY)

void
engine_free(struct engine *engine)
{
	if (engine == NULL)
		return;
	record_reader_free(engine->reader);
	lanes_free(engine->lanes);
	coverage_free(engine->coverage);
	tallies_free(engine->tallies);
	episodes_free(engine->episodes);
	summaries_free(engine->summaries);
	ledger_free(engine->ledger);
	drafts_free(engine->drafts);
	settle_free(engine->settle);
	vouch_free(engine->vouch);
	record_reader_free(engine->second_reader);
	correlations_free(engine->correlations);
	free(engine);
}

struct engine *
engine_new(const struct inventory *inventory, const struct policy *policy,
	   struct store *store, enum engine_mode mode, struct error *err)
{
	struct engine *engine = calloc(1, sizeof(*engine));

	if (engine == NULL)
		log_fatal("engine", "no memory for the engine");
	engine->inventory = inventory;
	engine->policy = policy;
	engine->store = store;
	engine->is_replay = mode == ENGINE_REPLAY;
	engine->reader = record_reader_new();
	engine->second_reader = record_reader_new();
	engine->tallies = tallies_new();
	engine->summaries = summaries_new();
	engine->ledger = ledger_new(policy, store);
	engine->drafts = drafts_new(policy);
	engine->first_judged = INT64_MAX;
	if (registry_write(store, inventory, policy, err) == -1 ||
	    (engine->lanes = lanes_new(store, err)) == NULL ||
	    (engine->coverage = coverage_new(inventory, engine->lanes, store,
					     mode == ENGINE_REPLAY, err)) == NULL ||
	    (engine->episodes = episodes_new(store, policy_sha256(policy), err)) ==
		    NULL) {
		engine_free(engine);
		return NULL;
	}
	engine->correlations =
		correlations_new(policy, store, engine->episodes, engine->lanes, err);
	if (engine->correlations == NULL && err->text[0] != '\0') {
		engine_free(engine);
		return NULL;
	}
	engine->watermark = engine->committed = lanes_watermark(engine->lanes);
	engine->is_sweeping = true; /* the store may hold one half done */
	return engine;
}

void
engine_trust(struct engine *engine, const struct chains *chains)
{
	vouch_free(engine->vouch);
	engine->vouch = vouch_new(chains, engine->store);
}

int
engine_begin(struct engine *engine, struct error *err)
{
	engine->has_changes = true;
	return store_begin(engine->store, err);
}

void
engine_await_evidence(struct engine *engine)
{
	if (engine->settle == NULL)
		engine->settle = settle_new(engine->store);
}

/* Windows that the watermark has passed, or no longer has. */
static void
move_watermark(struct engine *engine)
{
	int64_t now = lanes_watermark(engine->lanes);

	touched_between(&engine->touched, engine->watermark, now);
	engine->watermark = now;
}

static int
flush_verdicts(struct engine *engine, struct error *err)
{
	struct judging judging = judging_of(engine);

	if (verdicts_add(&judging, engine->tallies, err) == -1 ||
	    verdicts_judge_touched(&judging, &engine->touched, err) == -1 ||
	    verdicts_judge_tallies(&judging, engine->tallies, err) == -1)
		return -1;
	tallies_clear(engine->tallies);
	engine->touched.count = 0;
	return 0;
}

/*
 * What follows from how far time has come: asked after each frame, so that it
 * depends on the frames and not on where commits fall.  Live, a sweep for the
 * silent goes on with the next frame; a replay has none after its last.
 */
static int
follow_time(struct engine *engine, struct error *err)
{
	size_t step = engine->is_replay ? SIZE_MAX : ABSENCE_STEP;
	int64_t before = engine->watermark;
	struct touched fresh;

	fresh.count = 0;
	if (coverage_flush(engine->coverage, &fresh, err) == -1)
		return -1;
	touched_join(&engine->touched, &fresh);
	move_watermark(engine);
	struct judging judging = judging_of(engine);
	int noted = absence_note(&judging, &fresh, before, err);
	engine->is_sweeping |= noted == 1;
	if (noted == -1 || !engine->is_sweeping)
		return noted == -1 ? -1 : 0;
	if (flush_verdicts(engine, err) == -1)
		return -1;
	int more = absence_sweep(&judging, engine->episodes, step, err);
	engine->is_sweeping = more == 1;
	return more == -1 ? -1 : 0;
}

int
engine_apply(struct engine *engine, const char *sensor, const char *epoch,
	     uint32_t lane_number, uint64_t first_seq, uint16_t count, const char *raw,
	     size_t size, struct error *err)
{
	const char *end = raw + size;
	struct lane *lane;

	if (lanes_take(engine->lanes, sensor, epoch, lane_number, &lane, err) == -1)
		return -1;
	if (lane == NULL || first_seq == 0 || first_seq > SEQ_MOST || count == 0) {
		engine->counts.value[ENGINE_COUNT_LANES] += count;
		return 0;
	}
	if (store_begin(engine->store, err) == -1)
		return -1;
	engine->has_changes = lane->is_changed = true;
	for (uint64_t seq = first_seq; seq < first_seq + count && raw < end; seq++) {
		const char *stop = memchr(raw, '\n', (size_t)(end - raw));
		size_t length = (size_t)((stop != NULL ? stop : end) - raw);
		if (position_has(&lane->position, seq))
			engine->counts.value[ENGINE_COUNT_DUPLICATES]++;
		else if (hear_line(engine, lane, seq, raw, length, err) == -1)
			return -1;
		raw += length + 1;
	}
	engine->counts.value[ENGINE_COUNT_GIVEN_UP] +=
		position_add(&lane->position, first_seq, first_seq + count - 1);
	return follow_time(engine, err);
}

int
engine_tick(struct engine *engine, struct instant now, struct error *err)
{
	lanes_tick(engine->lanes, now);
	int64_t moved = lanes_watermark(engine->lanes);

	/* records bring a commit with them; with none for a day, once a minute is
	 * enough */
	if (engine->has_changes || moved == INT64_MIN ||
	    (engine->watermark != INT64_MIN &&
	     moved - engine->watermark < INSTANT_MINUTE))
		return 0;
	if (store_begin(engine->store, err) == -1)
		return -1;
	engine->has_changes = true;
	return follow_time(engine, err) == -1 ? -1 : 1;
}

static int
forget_judged_flows(struct engine *engine, int64_t before, struct error *err)
{
	int64_t now = engine->watermark;

	if (now == INT64_MIN ||
	    (before != INT64_MIN && before / INSTANT_DAY == now / INSTANT_DAY))
		return 0;
	return store_forget_judged_flows(engine->store,
					 now - now % INSTANT_DAY - JUDGED_KEPT, err);
}

static int
note_ruleset(struct engine *engine, struct error *err)
{
	int64_t used = engine->first_judged;

	engine->first_judged = INT64_MAX;
	if (used == INT64_MAX)
		return 0;
	return store_add_ruleset(engine->store, policy_sha256(engine->policy),
				 policy_id(engine->policy),
				 policy_version(engine->policy), used, err);
}

/* The correlator's own clock may have moved what the frames did not. */
static int
follow_clock(struct engine *engine, struct error *err)
{
	return lanes_watermark(engine->lanes) == engine->watermark
		       ? 0
		       : follow_time(engine, err);
}

static int
tell_drafts(struct engine *engine, struct error *err)
{
	if (engine->drafts != NULL &&
	    drafts_tell(engine->drafts, engine->coverage, engine->watermark, err) == -1)
		return -1;
	return engine->settle != NULL && !engine->is_replay
		       ? settle_forget(engine->settle, engine->watermark, err)
		       : 0;
}

int
engine_end(struct engine *engine, struct error *err)
{
	if (engine->correlations == NULL)
		return 0;
	if (store_begin(engine->store, err) == -1)
		return -1;
	engine->has_changes = true;
	return correlations_end(engine->correlations, err);
}

static void
count_patterns(struct engine *engine)
{
	const struct sigma *sigma = policy_detections(engine->policy);

	engine->counts.value[ENGINE_COUNT_GAVE_UP] =
		sigma != NULL ? sigma_gave_up(sigma) : 0;
}

int
engine_commit(struct engine *engine, struct error *err)
{
	int64_t before = engine->committed;

	if (!engine->has_changes)
		return 0;
	count_patterns(engine);
	if (follow_clock(engine, err) == -1 || flush_verdicts(engine, err) == -1 ||
	    tell_drafts(engine, err) == -1 ||
	    (engine->correlations != NULL &&
	     correlations_flush(engine->correlations, err) == -1) ||
	    episodes_flush(engine->episodes, before, engine->watermark, err) == -1 ||
	    incidents_gather(engine->store, episodes_take_changed(engine->episodes),
			     err) == -1 ||
	    summaries_flush(engine->summaries, engine->store, err) == -1 ||
	    ledger_flush(engine->ledger, err) == -1 ||
	    forget_judged_flows(engine, before, err) == -1 ||
	    note_ruleset(engine, err) == -1 ||
	    engine_counts_flush(&engine->counts, engine->reader, engine->store, err) ==
		    -1 ||
	    lanes_write(engine->lanes, err) == -1 ||
	    store_commit(engine->store, err) == -1)
		return -1;
	engine->committed = engine->watermark;
	engine->has_changes = false;
	return 0;
}

uint64_t
engine_position(const struct engine *engine, const char *sensor, const char *epoch,
		uint32_t lane)
{
	const struct lane *found = lanes_find(engine->lanes, sensor, epoch, lane);

	return found != NULL ? found->position.low : 0;
}

void
engine_refuse_frame(struct engine *engine)
{
	engine->counts.value[ENGINE_COUNT_FRAMES]++;
}

void
engine_refuse_foreign(struct engine *engine)
{
	engine->counts.value[ENGINE_COUNT_FOREIGN]++;
}

void
engine_refuse_stranger(struct engine *engine)
{
	engine->counts.value[ENGINE_COUNT_STRANGERS]++;
}

struct engine_counters
engine_counters(const struct engine *engine)
{
	const uint64_t *value = engine->counts.value;

	return (struct engine_counters){
		.records = value[ENGINE_COUNT_RECORDS],
		.duplicates = value[ENGINE_COUNT_DUPLICATES],
		.refused = value[ENGINE_COUNT_REFUSED] + value[ENGINE_COUNT_BAD_TIME],
		.alerts = episodes_opened(engine->episodes),
		.alert_updates = episodes_hits(engine->episodes) -
				 episodes_opened(engine->episodes),
		.findings = engine->findings
	};
}
