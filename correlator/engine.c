/* SPDX-License-Identifier: Apache-2.0 */
/* engine: records in, effects out: verdicts, alerts, ledger, coverage, summaries. */
#include "correlator/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/record_read.h"
#include "correlator/coverage.h"
#include "correlator/engine_counts.h"
#include "correlator/episodes.h"
#include "correlator/lanes.h"
#include "correlator/ledger.h"
#include "correlator/registry.h"
#include "correlator/summaries.h"
#include "correlator/tally.h"
#include "correlator/verdicts.h"
#include "store/effects.h"
#include "store/reads.h"

/* 2100-01-01: no capture of ours is later, and a day file is opened for each day. */
#define TIME_MOST   (INT64_C(4102444800) * INSTANT_SECOND)
/* Far below what the store's integers hold. */
#define SEQ_MOST    (UINT64_C(1) << 62)
/* Flows judged before their end are remembered so long past their last record. */
#define JUDGED_KEPT (2 * INSTANT_DAY)

struct engine {
	const struct inventory *inventory;
	const struct policy *policy;
	struct store *store;
	struct record_reader *reader;
	struct lanes *lanes;
	struct coverage *coverage;
	struct tallies *tallies;
	struct episodes *episodes;
	struct summaries *summaries;
	struct touched touched;
	struct engine_counts counts;
	uint64_t findings;
	int64_t watermark;    /* as verdicts and alerts know it */
	int64_t first_judged; /* least time of a record judged since the last commit */
	bool has_changes;
};

static const struct scope everybody = { .is_all = true };

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
	engine->reader = record_reader_new();
	engine->tallies = tallies_new();
	engine->summaries = summaries_new();
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
	engine->watermark = lanes_watermark(engine->lanes);
	return engine;
}

static struct judging
judging_of(const struct engine *engine)
{
	return (struct judging){ .inventory = engine->inventory,
				 .policy = engine->policy,
				 .coverage = engine->coverage,
				 .store = engine->store,
				 .watermark = engine->watermark };
}

/* One record on its way through the stages. */
struct hearing {
	struct engine *engine;
	struct lane *lane;
	const struct record *record;
	struct parties parties;
	char id[EVIDENCE_ID_SIZE];
	char poi[LANE_NAME_SIZE];
	struct instant time;
	int64_t begin; /* of the session; its window is that of its start */
	struct session_verdict verdict;
	struct error *err;
	int result; /* -1 once the store failed */
};

/* Tallies that are full go to their rows; these are judged with the commit. */
static int
flush_tallies(struct engine *engine, struct error *err)
{
	struct judging judging = judging_of(engine);

	if (verdicts_add(&judging, engine->tallies, err) == -1)
		return -1;
	for (size_t i = 0; i < tallies_count(engine->tallies); i++) {
		const struct tally *tally = tallies_at(engine->tallies, i);
		touched_add(&engine->touched, tally->window_start,
			    tally->window_start + tally->requirement->window);
	}
	tallies_clear(engine->tallies);
	return 0;
}

static void
on_finding(void *ctx, const struct finding *finding)
{
	struct hearing *hearing = ctx;
	struct engine *engine = hearing->engine;
	int64_t window =
		verdict_window(engine->policy, finding->requirement, hearing->begin);

	if (hearing->result == -1)
		return;
	engine->findings++;
	session_verdict_add(&hearing->verdict, finding);
	if (!tallies_add(engine->tallies, finding, window, hearing->time.usec,
			 hearing->id)) {
		hearing->result = flush_tallies(engine, hearing->err);
		if (hearing->result == -1)
			return;
		tallies_add(engine->tallies, finding, window, hearing->time.usec,
			    hearing->id);
	}
	if (finding->outcome == OUTCOME_BAD &&
	    !requirement_is_advice(finding->requirement))
		hearing->result =
			episodes_hit(engine->episodes, finding, &hearing->parties,
				     hearing->record, hearing->err);
}

/*
 * A flow is one sample, however many records it has: judged by its first, as a
 * connection that breaks the rules must not wait for its end.
 */
static int
was_judged(struct hearing *hearing)
{
	const struct record *record = hearing->record;
	struct store *store = hearing->engine->store;

	if (record_event(record) != EVENT_FLOW || !record_has(record, FIELD_FLOW_ID))
		return 0;
	uint64_t flow_id = record->value[FIELD_FLOW_ID].number;
	int judged = store_is_judged_flow(store, &everybody, hearing->poi,
					  hearing->lane->sensor, flow_id, hearing->err);
	bool goes_on = record_has(record, FIELD_SEKISHO_IS_FINAL) &&
		       !record->value[FIELD_SEKISHO_IS_FINAL].flag;
	if (judged != -1 && goes_on &&
	    store_add_judged_flow(store, hearing->poi, hearing->lane->sensor, flow_id,
				  hearing->time.usec, hearing->err) == -1)
		return -1;
	return judged;
}

static int
judge(struct hearing *hearing)
{
	struct engine *engine = hearing->engine;
	int judged = was_judged(hearing);

	if (judged != 0)
		return judged == -1 ? -1 : 0;
	if (hearing->time.usec < engine->first_judged)
		engine->first_judged = hearing->time.usec;
	policy_judge(engine->policy, hearing->record, &hearing->parties, on_finding,
		     hearing);
	return hearing->result;
}

/* Records of conversations: who, what of it is allowed, what of it is kept. */
static int
hear_session(struct hearing *hearing)
{
	struct engine *engine = hearing->engine;
	const struct record *record = hearing->record;

	hearing->parties = policy_parties(engine->policy, record);
	if (!hearing->parties.is_known)
		engine->counts.value[ENGINE_COUNT_ROLES]++;
	if (judge(hearing) == -1)
		return -1;
	if ((record_event(record) == EVENT_FLOW || record_event(record) == EVENT_TLS) &&
	    ledger_add(engine->store, engine->policy, hearing->lane->sensor,
		       hearing->poi, hearing->id, record, &hearing->parties,
		       &hearing->verdict, hearing->err) == -1)
		return -1;
	if (summaries_add(engine->summaries, hearing->poi, record, &hearing->parties))
		return 0;
	if (summaries_flush(engine->summaries, engine->store, hearing->err) == -1)
		return -1;
	summaries_add(engine->summaries, hearing->poi, record, &hearing->parties);
	return 0;
}

static int
hear_coverage(struct hearing *hearing)
{
	struct engine *engine = hearing->engine;
	int added = coverage_add(engine->coverage, hearing->lane, hearing->poi,
				 hearing->record, hearing->err);

	if (added == 0)
		engine->counts.value[ENGINE_COUNT_COVERAGE]++;
	return added == -1 ? -1 : 0;
}

static int
hear_nothing(struct hearing *hearing)
{
	(void)hearing;
	return 0;
}

/* What each event of ours has to say; the rest are conversations. */
static int (*const hear[EVENT_COUNT])(struct hearing *hearing) = {
	[EVENT_TICK] = hear_nothing,
	[EVENT_STATS] = hear_nothing,
	[EVENT_ALERT] = hear_nothing,
	[EVENT_COVERAGE] = hear_coverage,
};

static void
move_time(struct hearing *hearing)
{
	if (record_event(hearing->record) == EVENT_TICK)
		lane_tick(hearing->lane, hearing->time);
	else if (!lane_record(hearing->lane, hearing->time))
		hearing->engine->counts.value[ENGINE_COUNT_AHEAD]++;
}

static int
keep_line(const struct hearing *hearing, uint64_t seq, const char *line, size_t size)
{
	const struct record *record = hearing->record;

	/* five a second and lane, and the position has their time */
	if (record_event(record) == EVENT_TICK)
		return 0;
	struct record_row row = {
		.sensor = hearing->lane->sensor,
		.epoch = hearing->lane->epoch,
		.lane = hearing->lane->number,
		.seq = seq,
		.time = hearing->time,
		.event = record_event_name(record_event(record)),
		.flow_id = record_has(record, FIELD_FLOW_ID)
				   ? record->value[FIELD_FLOW_ID].number
				   : 0,
		.line = line,
		.size = size,
	};
	return store_add_record(hearing->engine->store, &row, hearing->err);
}

/* What the frame says of the record's place counts, not what the line says. */
static void
set_place(struct record *record, const struct lane *lane, uint64_t seq)
{
	record_set_text(record, FIELD_SEKISHO_SENSOR, text_of(lane->sensor));
	record_set_text(record, FIELD_SEKISHO_EPOCH, text_of(lane->epoch));
	record_set_number(record, FIELD_SEKISHO_LANE, lane->number);
	record_set_number(record, FIELD_SEKISHO_SEQ, seq);
}

static void
begin_hearing(struct hearing *hearing, uint64_t seq)
{
	const struct record *record = hearing->record;
	const struct lane *lane = hearing->lane;

	hearing->time = record->value[FIELD_TIMESTAMP].time;
	hearing->begin = record_has(record, FIELD_FLOW_START)
				 ? record->value[FIELD_FLOW_START].time.usec
				 : hearing->time.usec;
	snprintf(hearing->id, sizeof(hearing->id), "%s/%s/%u/%lu", lane->sensor,
		 lane->epoch, lane->number, seq);
	struct text poi = { "", 0 };
	if (record_has(record, FIELD_SEKISHO_POI))
		poi = text_from_bytes(record->value[FIELD_SEKISHO_POI].text.at,
				      record->value[FIELD_SEKISHO_POI].text.size,
				      hearing->poi, sizeof(hearing->poi) - 1, NULL);
	hearing->poi[poi.size] = '\0';
}

/* The whole way of one line: read, kept, timed, judged. */
static int
apply_line(struct engine *engine, struct lane *lane, uint64_t seq, const char *line,
	   size_t size, struct error *err)
{
	struct record record;
	struct error why;

	if (size == 0) /* its spool let it go, and told so as coverage */
		return 0;
	if (size == 0) { /* its seq stays, docs/PROTOCOL.md */
		engine->counts.value[ENGINE_COUNT_LET_GO]++;
		return 0;
	}
	if (!record_read(engine->reader, line, size, &record, &why)) {
		engine->counts.value[ENGINE_COUNT_REFUSED]++;
		return 0;
	}
	int64_t time = record.value[FIELD_TIMESTAMP].time.usec;
	if (time <= 0 || time >= TIME_MOST) {
		engine->counts.value[ENGINE_COUNT_BAD_TIME]++;
		return 0;
	}
	struct hearing hearing = {
		.engine = engine, .lane = lane, .record = &record, .err = err
	};
	set_place(&record, lane, seq);
	begin_hearing(&hearing, seq);
	engine->counts.value[ENGINE_COUNT_RECORDS]++;
	if (keep_line(&hearing, seq, line, size) == -1)
		return -1;
	move_time(&hearing);
	if (!coverage_see(engine->coverage, lane->sensor, hearing.poi, &record,
			  lane->time)) {
		engine->counts.value[ENGINE_COUNT_SENSORS]++;
		return 0;
	}
	int (*heard)(struct hearing *) = hear[record_event(&record)];
	return heard != NULL ? heard(&hearing) : hear_session(&hearing);
}

int
engine_apply(struct engine *engine, const char *sensor, const char *epoch,
	     uint32_t lane_number, uint64_t first_seq, uint16_t count, const char *raw,
	     size_t size, struct error *err)
{
	const char *end = raw + size;
	struct lane *lane = lanes_take(engine->lanes, sensor, epoch, lane_number);

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
		else if (apply_line(engine, lane, seq, raw, length, err) == -1)
			return -1;
		raw += length + 1;
	}
	engine->counts.value[ENGINE_COUNT_GIVEN_UP] +=
		position_add(&lane->position, first_seq, first_seq + count - 1);
	return 0;
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

int
engine_commit(struct engine *engine, struct error *err)
{
	int64_t before = engine->watermark;

	if (!engine->has_changes)
		return 0;
	move_watermark(engine);
	if (coverage_flush(engine->coverage, &engine->touched, err) == -1 ||
	    flush_verdicts(engine, err) == -1 ||
	    episodes_flush(engine->episodes, before, engine->watermark, err) == -1 ||
	    summaries_flush(engine->summaries, engine->store, err) == -1 ||
	    forget_judged_flows(engine, before, err) == -1 ||
	    note_ruleset(engine, err) == -1 ||
	    engine_counts_flush(&engine->counts, engine->reader, engine->store, err) ==
		    -1 ||
	    lanes_write(engine->lanes, engine->store, err) == -1 ||
	    store_commit(engine->store, err) == -1)
		return -1;
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
