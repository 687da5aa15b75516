/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trial: two sets of requirements judged on the same records, and where their
 * verdicts differ.
 *
 * One row per requirement, participant and window, with the samples of both
 * sides and up to TRIAL_EXAMPLES records that are bad on the new side only.
 * Nothing of it is kept: whoever asks holds it in memory up to a cap, past
 * which rows are counted and left out.
 */
#ifndef CORRELATOR_TRIAL_H
#define CORRELATOR_TRIAL_H

#include "common/error.h"
#include "correlator/evidence.h"
#include "correlator/policy/policy.h"
#include "correlator/policy/verdict.h"

enum trial_side { TRIAL_NOW, TRIAL_THEN, TRIAL_SIDES };
enum { TRIAL_EXAMPLES = 3 };

struct trial_row {
	const char *id; /* of the requirement that is, or would be, in force */
	const struct requirement *requirement[TRIAL_SIDES]; /* NULL: said nothing */
	const struct participant *participant;              /* NULL: the unknown one */
	int64_t window_start;
	struct samples samples[TRIAL_SIDES];
	size_t example_count;
	char example[TRIAL_EXAMPLES][EVIDENCE_ID_SIZE];
};

struct trial;

struct trial *trial_new(size_t rows_max);
void trial_free(struct trial *trial);

/* 'id' and what the finding points to must outlive the trial. */
void trial_add(struct trial *trial, enum trial_side side, const char *id,
	       const struct finding *finding, int64_t window_start,
	       const char *record_id);
/* Samples that found no room. */
uint64_t trial_left_out(const struct trial *trial);

/* Verdicts of both sides; -1 (not_applicable and the like) where a side has nothing. */
struct trial_change {
	const struct trial_row *row;
	enum verdict verdict[TRIAL_SIDES];
};
/* Coverage of a participant's window, in millionths; -1 with '*err'. */
typedef int trial_coverage(void *ctx, const struct participant *participant,
			   int64_t window_start, int64_t window_end,
			   uint32_t *millionths, struct error *err);
typedef void trial_sink(void *ctx, const struct trial_change *change);
/*
 * Calls the sink for each row whose window ends by 'until' and whose verdicts
 * differ, by requirement, participant and window.  -1 if a coverage fails.
 */
int trial_each_change(struct trial *trial, int64_t until, trial_coverage *coverage,
		      void *coverage_ctx, trial_sink *sink, void *ctx,
		      struct error *err);
/* Forgets rows whose window ends by 'until'. */
void trial_forget(struct trial *trial, int64_t until);

#endif
