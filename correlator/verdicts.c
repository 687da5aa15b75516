/* SPDX-License-Identifier: Apache-2.0 */
/* verdicts: from tallies to rows of table verdict, judged with the coverage of now. */
#include "correlator/verdicts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "store/effects.h"
#include "store/reads.h"

static const struct scope everybody = { .is_all = true };

int64_t
verdict_window(const struct policy *policy, const struct requirement *requirement,
	       int64_t time)
{
	int64_t zone = policy_zone(policy) * INSTANT_SECOND;
	int64_t past = (time + zone) % requirement->window;

	return time - (past < 0 ? past + requirement->window : past);
}

static struct verdict_key
key_of(const struct tally *tally)
{
	return (struct verdict_key){ .requirement = tally->requirement->id,
				     .participant = tally->participant != NULL
							    ? tally->participant->id
							    : "unknown",
				     .window_start = tally->window_start };
}

/* The evidence a row has, with the times of its records, and of which outcome it is. */
struct present {
	struct evidence evidence;
	enum outcome outcome;
	struct samples samples;
};

/* What the evidence of such samples is of: the gravest there is. */
static enum outcome
outcome_cited(const struct samples *samples)
{
	return samples->failed > 0    ? OUTCOME_ERROR
	       : samples->bad > 0     ? OUTCOME_BAD
	       : samples->unknown > 0 ? OUTCOME_UNKNOWN
				      : OUTCOME_GOOD;
}

static bool
take_present(void *ctx, const struct verdict_row *row)
{
	struct present *present = ctx;

	evidence_from_text(&present->evidence, row->evidence);
	present->samples = (struct samples){ row->good, row->bad, row->unknown,
					     row->failed };
	present->outcome = outcome_cited(&present->samples);
	return true;
}

static int
read_times(struct store *store, struct evidence *evidence, struct error *err)
{
	for (size_t i = 0; i < evidence->count; i++)
		if (store_cited_time(store, &everybody, evidence->cited[i].id,
				     &evidence->cited[i].time, err) == -1)
			return -1;
	return 0;
}

/* Cites what is new in 'after' and lets go what is gone from 'before'. */
static int
cite_changes(struct store *store, const struct evidence *before,
	     const struct evidence *after, struct error *err)
{
	for (size_t i = 0; i < after->count; i++)
		if (!evidence_has(before, after->cited[i].id) &&
		    store_cite(store, after->cited[i].id, after->cited[i].time, err) ==
			    -1)
			return -1;
	for (size_t i = 0; i < before->count; i++)
		if (!evidence_has(after, before->cited[i].id) &&
		    store_uncite(store, before->cited[i].id, err) == -1)
			return -1;
	return 0;
}

/* 0 if the list is full and all that is new comes after its last, which is the usual
 * case. */
static int
adds_something(struct store *store, const struct tally *tally,
	       const struct evidence *present, struct error *err)
{
	int64_t last;

	if (present->count < EVIDENCE_MAX)
		return 1;
	int found = store_cited_time(store, &everybody,
				     present->cited[EVIDENCE_MAX - 1].id, &last, err);
	return found == -1 ? -1 : found == 0 || tally->evidence.cited[0].time <= last;
}

/* No sample is left of those the row's evidence is of: a log settled them all. */
static bool
has_let_go(const struct tally *tally, const struct present *present)
{
	struct samples after = { present->samples.good + tally->samples.good,
				 present->samples.bad + tally->samples.bad,
				 present->samples.unknown + tally->samples.unknown,
				 present->samples.failed + tally->samples.failed };

	return tally_rank(outcome_cited(&after)) < tally_rank(present->outcome);
}

/* 'present' is the row's before the tally; most tallies only repeat what 16 records
 * show. */
static int
merge_evidence(struct store *store, const struct tally *tally, struct present *present,
	       struct error *err)
{
	char text[EVIDENCE_TEXT_SIZE];
	struct verdict_key key = key_of(tally);
	struct evidence merged = { 0 };
	int ahead = tally_rank(tally->cited_outcome) - tally_rank(present->outcome);

	if (has_let_go(tally, present))
		ahead = 1; /* what it cited was settled: only what is new counts */
	if (tally->evidence.count == 0 || (present->evidence.count > 0 && ahead < 0))
		return 0;
	int adds =
		ahead > 0 ? 1 : adds_something(store, tally, &present->evidence, err);
	if (adds != 1)
		return adds;
	if (ahead == 0 && read_times(store, &present->evidence, err) == -1)
		return -1;
	if (ahead == 0)
		merged = present->evidence;
	for (size_t i = 0; i < tally->evidence.count; i++)
		evidence_add(&merged, tally->evidence.cited[i].time,
			     tally->evidence.cited[i].id);
	if (cite_changes(store, &present->evidence, &merged, err) == -1)
		return -1;
	evidence_to_text(&merged, text);
	return store_put_evidence(store, &key, text, err);
}

static int
add_reasons(struct store *store, const struct tally *tally, struct error *err)
{
	struct verdict_key key = key_of(tally);

	for (size_t i = 0; i < TALLY_REASONS; i++)
		if (tally->reason[i] != 0 &&
		    store_add_unknown_reason(store, &key, tally_reasons[i],
					     tally->reason[i], err) == -1)
			return -1;
	return 0;
}

static int
add_tally(const struct judging *judging, const struct tally *tally, struct error *err)
{
	struct present present = { .outcome = OUTCOME_GOOD };
	char class[64] = "observed";
	if (tally->settled_by != NULL)
		snprintf(class, sizeof(class), "%s:%s",
			 tally->is_declared ? "declared" : "attested",
			 tally->settled_by);
	struct verdict_row row = {
		.key = key_of(tally),
		.window_end = tally->window_start + tally->requirement->window,
		.partition = tally->participant != NULL ? tally->participant->partition
							: "external",
		.disposition = tally->has_open          ? "open"
			       : tally->exception != NULL ? "accepted"
							: "",
		.exception = tally->exception != NULL ? tally->exception : "",
		.good = tally->samples.good,
		.bad = tally->samples.bad,
		.unknown = tally->samples.unknown,
		.failed = tally->samples.failed,
		.evidence_class = class,
		.ruleset = policy_sha256(judging->policy),
	};

	if (store_find_verdict(judging->store, &everybody, &row.key, take_present,
			       &present, err) == -1 ||
	    store_add_verdict(judging->store, &row, err) == -1 ||
	    add_reasons(judging->store, tally, err) == -1)
		return -1;
	return merge_evidence(judging->store, tally, &present, err);
}

int
verdicts_add(const struct judging *judging, const struct tallies *tallies,
	     struct error *err)
{
	for (size_t i = 0; i < tallies_count(tallies); i++)
		if (add_tally(judging, tallies_at(tallies, i), err) == -1)
			return -1;
	return 0;
}

/* What of a row decides its verdict. */
struct sample_row {
	const struct requirement *requirement;
	const struct participant *participant;
	bool is_gone; /* of a participant or requirement that is there no more: it stays
			 as it is */
	char participant_id[128];
	int64_t window_start, window_end;
	struct samples samples;
};

struct sample_rows {
	const struct judging *judging;
	struct sample_row *row;
	size_t count, room;
};

static const struct requirement *
find_requirement(const struct policy *policy, const char *id)
{
	for (size_t i = 0; i < policy_requirement_count(policy); i++)
		if (strcmp(policy_requirement(policy, i)->id, id) == 0)
			return policy_requirement(policy, i);
	return NULL;
}

static bool
take_sample_row(void *ctx, const struct verdict_row *row)
{
	struct sample_rows *rows = ctx;

	if (rows->count == rows->room) {
		rows->room = rows->room == 0 ? 256 : rows->room * 2;
		rows->row = realloc(rows->row, rows->room * sizeof(rows->row[0]));
		if (rows->row == NULL)
			log_fatal("engine", "no memory to judge %zu verdicts",
				  rows->room);
	}
	struct sample_row *taken = &rows->row[rows->count++];
	*taken = (struct sample_row){
		.requirement =
			find_requirement(rows->judging->policy, row->key.requirement),
		.participant = inventory_find_participant(rows->judging->inventory,
							  row->key.participant),
		.window_start = row->key.window_start,
		.window_end = row->window_end,
		.samples = { row->good, row->bad, row->unknown, row->failed },
	};
	int length = snprintf(taken->participant_id, sizeof(taken->participant_id),
			      "%s", row->key.participant);
	taken->is_gone = taken->requirement == NULL ||
			 (size_t)length >= sizeof(taken->participant_id) ||
			 (taken->participant == NULL &&
			  strcmp(row->key.participant, "unknown") != 0);
	return true;
}

/* Why a verdict is unobservable: what hid most samples, or that too little was watched.
 */
static int
find_reason(const struct judging *judging, const struct sample_row *row,
	    const struct verdict_key *key, char *reason, size_t room, struct error *err)
{
	uint64_t all = row->samples.good + row->samples.bad + row->samples.unknown;
	bool is_hidden = row->samples.unknown > 0 &&
			 (row->samples.unknown * UINT64_C(1000000) >
				  (uint64_t)row->requirement->max_unknown * all ||
			  row->samples.good < row->requirement->min_samples);

	if (is_hidden)
		return store_find_unknown_reason(judging->store, &everybody, key,
						 reason, room, err);
	snprintf(reason, room, "coverage");
	return 0;
}

static bool
lacks_presence(const struct sample_row *row)
{
	return row->requirement->kind == REQUIREMENT_PRESENCE &&
	       row->samples.good < row->requirement->min_count;
}

static bool
is_window_closed(const struct judging *judging, const struct sample_row *row)
{
	bool is_presence =
		!row->is_gone && row->requirement->kind == REQUIREMENT_PRESENCE;

	return row->window_end + (is_presence ? VERDICT_LATENESS : 0) <=
	       judging->watermark;
}

/* Nobody is silent who was not there all the time. */
static int
coverage_of_row(const struct judging *judging, const struct sample_row *row,
		bool is_closed, uint32_t *coverage, struct error *err)
{
	const struct participant *who = row->participant;

	if (!is_closed || !lacks_presence(row))
		return coverage_of(judging->coverage, who, row->window_start,
				   row->window_end, is_closed, coverage, err);
	*coverage = 0;
	if (who == NULL || who->valid_from.usec > row->window_start ||
	    who->valid_to.usec < row->window_end)
		return 0;
	return coverage_of_whole(judging->coverage, who, row->window_start,
				 row->window_end, coverage, err);
}

static int
judge(const struct judging *judging, const struct sample_row *row, struct error *err)
{
	char reason[32] = "";
	uint32_t coverage;
	bool is_closed = is_window_closed(judging, row);

	if (row->is_gone)
		return 0;
	if (coverage_of_row(judging, row, is_closed, &coverage, err) == -1)
		return -1;
	bool is_open = !is_closed && lacks_presence(row);
	enum verdict verdict =
		verdict_of(row->requirement, &row->samples, is_open ? 0 : coverage);
	struct verdict_row judged = {
		.key = { row->requirement->id, row->participant_id, row->window_start },
		.verdict = verdict_name(verdict),
		.is_provisional = !is_closed,
		.coverage = coverage,
		.reason = reason,
		.ruleset = policy_sha256(judging->policy),
	};
	if (is_open)
		snprintf(reason, sizeof(reason), "window_open");
	else if (verdict == VERDICT_UNOBSERVABLE &&
		 find_reason(judging, row, &judged.key, reason, sizeof(reason), err) ==
			 -1)
		return -1;
	return store_judge_verdict(judging->store, &judged, err);
}

static int
judge_rows(struct sample_rows *rows, struct error *err)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < rows->count; i++)
		result = judge(rows->judging, &rows->row[i], err);
	rows->count = 0;
	return result;
}

int
verdicts_judge_tallies(const struct judging *judging, const struct tallies *tallies,
		       struct error *err)
{
	struct sample_rows rows = { .judging = judging };
	int result = 0;

	for (size_t i = 0; result != -1 && i < tallies_count(tallies); i++) {
		struct verdict_key key = key_of(tallies_at(tallies, i));
		result = store_find_verdict(judging->store, &everybody, &key,
					    take_sample_row, &rows, err);
		if (result != -1)
			result = judge_rows(&rows, err);
	}
	free(rows.row);
	return result == -1 ? -1 : 0;
}

int
verdicts_judge_one(const struct judging *judging, const struct verdict_key *key,
		   struct error *err)
{
	struct sample_rows rows = { .judging = judging };
	int result = store_find_verdict(judging->store, &everybody, key, take_sample_row,
					&rows, err);

	if (result != -1)
		result = judge_rows(&rows, err);
	free(rows.row);
	return result == -1 ? -1 : 0;
}

int
verdicts_judge_touched(const struct judging *judging, const struct touched *touched,
		       struct error *err)
{
	struct sample_rows rows = { .judging = judging };
	int result = 0;

	for (size_t i = 0; result != -1 && i < touched->count; i++) {
		struct verdict_filter filter = { .from = touched->stretch[i].from,
						 .to = touched->stretch[i].to };
		result = store_each_verdict(judging->store, &everybody, &filter,
					    take_sample_row, &rows, err);
		if (result != -1)
			result = judge_rows(&rows, err);
	}
	free(rows.row);
	return result == -1 ? -1 : 0;
}
