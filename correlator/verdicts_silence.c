/* SPDX-License-Identifier: Apache-2.0 */
/* verdicts_silence: the row of a participant of whom something had to be seen. */
#include "correlator/verdicts.h"
#include "store/effects.h"
#include "store/reads.h"

static const struct scope everybody = { .is_all = true };

/* A row without samples, which is there already or is made. */
static int
add_empty_row(const struct judging *judging, const struct verdict_key *key,
	      const struct requirement *requirement,
	      const struct participant *participant, const char *disposition,
	      const char *exception, struct error *err)
{
	struct verdict_row row = {
		.key = *key,
		.window_end = key->window_start + requirement->window,
		.partition = participant->partition,
		.disposition = disposition,
		.exception = exception,
		.evidence_class = "observed",
		.ruleset = policy_sha256(judging->policy),
	};

	return store_add_verdict(judging->store, &row, err);
}

static bool
take_samples(void *ctx, const struct verdict_row *row)
{
	struct samples *samples = ctx;

	*samples = (struct samples){ row->good, row->bad, row->unknown, row->failed };
	return true;
}

int
verdicts_judge_silence(const struct judging *judging,
		       const struct requirement *requirement,
		       const struct participant *participant, int64_t window_start,
		       bool is_there, struct silence *silence, struct error *err)
{
	struct verdict_key key = { requirement->id, participant->id, window_start };
	struct samples samples = { 0 };
	uint32_t coverage = 0;

	*silence = (struct silence){ 0 };
	if (is_there &&
	    coverage_of_whole(judging->coverage, participant, window_start,
			      window_start + requirement->window, &coverage, err) == -1)
		return -1;
	int found = store_find_verdict(judging->store, &everybody, &key, take_samples,
				       &samples, err);
	if (found == 0 && coverage < requirement->min_coverage)
		return 0; /* no row reads as unobservable then */
	if (found == -1 ||
	    (found == 0 &&
	     add_empty_row(judging, &key, requirement, participant, "", "", err) == -1))
		return -1;
	silence->seen = samples.good;
	silence->is_violated = is_there && verdict_of(requirement, &samples,
						      coverage) == VERDICT_VIOLATED;
	return verdicts_judge_one(judging, &key, err);
}

int
verdicts_dispose(const struct judging *judging, const struct requirement *requirement,
		 const struct participant *participant, int64_t window_start,
		 const char *exception, struct error *err)
{
	struct verdict_key key = { requirement->id, participant->id, window_start };

	return add_empty_row(judging, &key, requirement, participant,
			     exception != NULL ? "accepted" : "open",
			     exception != NULL ? exception : "", err);
}
