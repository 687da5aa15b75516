/* SPDX-License-Identifier: Apache-2.0 */
/* hear: one record's way through the engine: kept, timed, judged, entered in ledger and
 * sums. */
#include <stdio.h>
#include <stdlib.h>

#include "correlator/hearing.h"
#include "correlator/sigma/sigma.h"
#include "store/effects.h"
#include "store/reads.h"

/* 2100-01-01: no capture of ours is later, and a day file is opened for each day. */
#define TIME_MOST (INT64_C(4102444800) * INSTANT_SECOND)

static const struct scope everybody = { .is_all = true };

/* Tallies that are full go to their rows; these are judged with the commit. */
int
hear_flush_tallies(struct engine *engine, struct error *err)
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

int
hear_sample(struct hearing *hearing, const struct finding *finding)
{
	struct engine *engine = hearing->engine;
	int64_t window =
		verdict_window(engine->policy, finding->requirement, hearing->begin);

	if (!tallies_add(engine->tallies, finding, window, hearing->time.usec,
			 hearing->id)) {
		if (hear_flush_tallies(engine, hearing->err) == -1)
			return -1;
		tallies_add(engine->tallies, finding, window, hearing->time.usec,
			    hearing->id);
	}
	if (hearing->by != NULL && attest_changed(hearing, finding))
		tallies_settle(engine->tallies, finding, window, hearing->by,
			       hearing->is_declared);
	if (finding->outcome != OUTCOME_BAD ||
	    requirement_is_advice(finding->requirement))
		return 0;
	return episodes_hit(engine->episodes, finding, &hearing->parties,
			    hearing->record, hearing->err);
}

static void
on_finding(void *ctx, const struct finding *finding)
{
	struct hearing *hearing = ctx;
	struct engine *engine = hearing->engine;

	if (hearing->result == -1)
		return;
	engine->findings++;
	hearing->has_unknown |= finding->outcome == OUTCOME_UNKNOWN;
	if (engine->drafts != NULL)
		drafts_note(engine->drafts, finding, hearing->begin, hearing->id);
	session_verdict_add(&hearing->verdict, finding);
	hearing->result = hear_sample(hearing, finding);
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
	if (engine->drafts != NULL)
		drafts_judge(engine->drafts, hearing->record, &hearing->parties,
			     hearing->begin, hearing->id);
	return hearing->result;
}

/* A detection that matched: an alert's hit, and no sample of a verdict. */
static void
on_detection(void *ctx, const struct finding *finding)
{
	struct hearing *hearing = ctx;

	if (hearing->result == -1)
		return;
	hearing->engine->findings++;
	hearing->result =
		episodes_hit(hearing->engine->episodes, finding, &hearing->parties,
			     hearing->record, hearing->err);
}

/* What correlations need of a record that matched. */
static void
on_event(void *ctx, const struct correlation_event *event)
{
	struct hearing *hearing = ctx;

	if (hearing->result == -1)
		return;
	hearing->result = correlations_add(
		hearing->engine->correlations, hearing->poi, hearing->lane,
		hearing->record->value[FIELD_SEKISHO_SEQ].number, hearing->time, event,
		hearing->err);
}

static int
detect(struct hearing *hearing)
{
	const struct policy *policy = hearing->engine->policy;
	const struct parties *parties =
		policy_knows_parties(policy) ? &hearing->parties : NULL;

	if (policy_detections(policy) != NULL)
		sigma_hear(policy_detections(policy), hearing->record, parties,
			   on_detection,
			   hearing->engine->correlations != NULL ? on_event : NULL,
			   hearing);
	return hearing->result;
}

/* Records of conversations: who, what of it is allowed, what of it is kept. */
static int
hear_session(struct hearing *hearing)
{
	struct engine *engine = hearing->engine;
	const struct record *record = hearing->record;

	if (record_has(record, FIELD_EVIDENCE_CLASS))
		return attest_line(hearing);
	if (engine->vouch != NULL &&
	    vouch_add(engine->vouch, hearing->record, hearing->err) == -1)
		return -1;
	hearing->parties = policy_parties(engine->policy, record);
	if (!hearing->parties.is_known)
		engine->counts.value[ENGINE_COUNT_ROLES]++;
	if (attest_session(hearing) == -1 || judge(hearing) == -1 ||
	    detect(hearing) == -1 || attest_await(hearing) == -1)
		return -1;
	if ((record_event(record) == EVENT_FLOW || record_event(record) == EVENT_TLS) &&
	    ledger_add(engine->ledger, hearing->lane->sensor, hearing->poi, hearing->id,
		       record, &hearing->parties, &hearing->verdict,
		       hearing->err) == -1)
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
	if (added != 1)
		return added;
	hearing->parties = policy_parties(engine->policy, hearing->record);
	return hearing->parties.client.participant != NULL ? judge(hearing) : 0;
}

/* Nobody to judge it by: no one server, no session.  A detection may look for it. */
static int
hear_flow_summary(struct hearing *hearing)
{
	hearing->parties = policy_parties(hearing->engine->policy, hearing->record);
	return detect(hearing);
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
	[EVENT_FLOW_SUMMARY] = hear_flow_summary,
};

static void
move_time(struct hearing *hearing)
{
	struct engine *engine = hearing->engine;

	if (record_event(hearing->record) == EVENT_TICK) {
		engine->counts.value[ENGINE_COUNT_TICKS_AHEAD] +=
			lanes_is_ahead(engine->lanes, hearing->time);
		lane_tick(hearing->lane, hearing->time);
	} else if (!lane_record(hearing->lane, hearing->time))
		engine->counts.value[ENGINE_COUNT_AHEAD]++;
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

/* What was added to the record lives until all have heard it. */
static int
hear_and_release(struct hearing *hearing)
{
	int result = hear_session(hearing);

	free(hearing->before);
	free(hearing->added);
	return result;
}

int
hear_line(struct engine *engine, struct lane *lane, uint64_t seq, const char *line,
	  size_t size, struct error *err)
{
	struct record record;
	struct error why;

	if (size == 0) { /* its spool let it go; its seq stays, docs/PROTOCOL.md */
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
	struct hearing hearing = { .engine = engine,
				   .lane = lane,
				   .record = &record,
				   .line = line,
				   .size = size,
				   .err = err };
	set_place(&record, lane, seq);
	begin_hearing(&hearing, seq);
	engine->counts.value[ENGINE_COUNT_RECORDS]++;
	if (keep_line(&hearing, seq, line, size) == -1)
		return -1;
	if (lane_is_log(lane->sensor)) /* logs tell no time and watch nothing */
		return hear[record_event(&record)] != NULL ? 0
							   : hear_and_release(&hearing);
	move_time(&hearing);
	if (!coverage_see(engine->coverage, lane->sensor, hearing.poi, &record,
			  lane->time)) {
		engine->counts.value[ENGINE_COUNT_SENSORS]++;
		return 0;
	}
	if (engine->correlations != NULL &&
	    correlations_time(engine->correlations, hearing.poi, lane, lane->time, err) ==
		    -1)
		return -1;
	int (*heard)(struct hearing *) = hear[record_event(&record)];
	return heard != NULL ? heard(&hearing) : hear_and_release(&hearing);
}
