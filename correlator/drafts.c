/* SPDX-License-Identifier: Apache-2.0 */
/* drafts: requirements that are not in force run beside those that are, and only say
 * what they would change. */
#include "correlator/drafts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "correlator/trial.h"
#include "correlator/verdicts.h"

struct drafts {
	const struct policy *policy;
	struct trial *trial;
	int64_t told; /* watermark of the last telling */
	const struct requirement *
		*replaced_by; /* by index of the active one, or NULL */
};

/* One record being judged. */
struct hearing {
	struct drafts *drafts;
	int64_t begin;
	const char *record_id;
};

/* The changes of one draft, summed. */
struct sum {
	const char *id;
	const struct participant *last;
	uint64_t verdicts, participants, violated;
	char names[160], example[EVIDENCE_ID_SIZE];
};

struct drafts *
drafts_new(const struct policy *policy)
{
	size_t count = policy_requirement_count(policy);

	if (!policy_has_drafts(policy))
		return NULL;
	struct drafts *drafts = calloc(1, sizeof(*drafts));
	const struct requirement **replaced_by = calloc(count, sizeof(*replaced_by));
	if (drafts == NULL || replaced_by == NULL)
		log_fatal("drafts", "no memory for drafts");
	for (size_t i = 0; i < count; i++) {
		const struct requirement *draft = policy_requirement(policy, i);
		for (size_t other = 0; other < count; other++)
			if (requirement_is_draft(draft) &&
			    strcmp(policy_requirement(policy, other)->id,
				   draft->replaces) == 0)
				replaced_by[other] = draft;
	}
	*drafts = (struct drafts){ .policy = policy,
				   .trial = trial_new(DRAFTS_ROWS_MAX),
				   .told = INT64_MIN,
				   .replaced_by = replaced_by };
	return drafts;
}

void
drafts_free(struct drafts *drafts)
{
	if (drafts == NULL)
		return;
	trial_free(drafts->trial);
	free(drafts->replaced_by);
	free(drafts);
}

void
drafts_note(struct drafts *drafts, const struct finding *finding, int64_t begin,
	    const char *record_id)
{
	const struct requirement *draft =
		drafts->replaced_by[finding->requirement->index];

	if (draft != NULL)
		trial_add(drafts->trial, TRIAL_NOW, draft->id, finding,
			  verdict_window(drafts->policy, draft, begin), record_id);
}

static void
on_finding(void *ctx, const struct finding *finding)
{
	struct hearing *hearing = ctx;
	struct drafts *drafts = hearing->drafts;

	trial_add(drafts->trial, TRIAL_THEN, finding->requirement->id, finding,
		  verdict_window(drafts->policy, finding->requirement, hearing->begin),
		  hearing->record_id);
}

void
drafts_judge(struct drafts *drafts, const struct record *record,
	     const struct parties *parties, int64_t begin, const char *record_id)
{
	struct hearing hearing = { drafts, begin, record_id };

	policy_judge_drafts(drafts->policy, record, parties, on_finding, &hearing);
}

static void
tell(const struct sum *sum)
{
	if (sum->id != NULL)
		log_info(
			"draft",
			"%s would change %lu verdicts of %lu participants (%s), %lu of "
			"them to violated%s%s",
			sum->id, sum->verdicts, sum->participants, sum->names,
			sum->violated,
			sum->example[0] != '\0' ? ", such as record " : "",
			sum->example);
}

static void
name_participant(struct sum *sum, const struct participant *participant)
{
	size_t used = strlen(sum->names);
	const char *id = participant != NULL ? participant->id : "unknown";

	sum->participants++;
	if (sum->participants > 3 || used + strlen(id) + 3 > sizeof(sum->names))
		return;
	snprintf(sum->names + used, sizeof(sum->names) - used, "%s%s",
		 used > 0 ? ", " : "", id);
}

/* Changes come by requirement and participant. */
static void
on_change(void *ctx, const struct trial_change *change)
{
	struct sum *sum = ctx;
	const struct trial_row *row = change->row;
	bool is_next = sum->id == NULL || strcmp(sum->id, row->id) != 0;

	if (is_next) {
		tell(sum);
		*sum = (struct sum){ .id = row->id };
	}
	if (is_next || sum->last != row->participant)
		name_participant(sum, row->participant);
	sum->last = row->participant;
	sum->verdicts++;
	sum->violated += change->verdict[TRIAL_THEN] == VERDICT_VIOLATED;
	if (sum->example[0] == '\0' && row->example_count > 0)
		snprintf(sum->example, sizeof(sum->example), "%s", row->example[0]);
}

static int
coverage_closed(void *ctx, const struct participant *participant, int64_t window_start,
		int64_t window_end, uint32_t *millionths, struct error *err)
{
	return coverage_of(ctx, participant, window_start, window_end, true, millionths,
			   err);
}

int
drafts_tell(struct drafts *drafts, struct coverage *coverage, int64_t watermark,
	    struct error *err)
{
	struct sum sum = { 0 };
	int64_t until =
		watermark == INT64_MIN ? INT64_MIN : watermark - VERDICT_LATENESS;

	/* windows end at midnight somewhere: full minutes are often enough */
	if (until == INT64_MIN ||
	    until / INSTANT_MINUTE == drafts->told / INSTANT_MINUTE)
		return 0;
	drafts->told = until;
	if (trial_each_change(drafts->trial, until, coverage_closed, coverage,
			      on_change, &sum, err) == -1)
		return -1;
	tell(&sum);
	trial_forget(drafts->trial, until);
	return 0;
}
