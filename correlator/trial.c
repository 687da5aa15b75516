/* SPDX-License-Identifier: Apache-2.0 */
/* trial: two sets of requirements judged on the same records, and where their verdicts
 * differ. */
#include "correlator/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"

struct trial {
	size_t rows_max, count, room;
	struct trial_row *row;
	size_t slots;   /* a power of two, over twice the room */
	uint32_t *slot; /* index + 1 into 'row'; 0 is free */
	uint64_t left_out;
};

static void *
taken(void *memory)
{
	if (memory == NULL)
		log_fatal("trial", "no memory to compare two rule sets");
	return memory;
}

struct trial *
trial_new(size_t rows_max)
{
	struct trial *trial = taken(calloc(1, sizeof(*trial)));

	trial->rows_max = rows_max;
	return trial;
}

void
trial_free(struct trial *trial)
{
	if (trial == NULL)
		return;
	free(trial->row);
	free(trial->slot);
	free(trial);
}

static size_t
slot_of(const struct trial *trial, const char *id,
	const struct participant *participant, int64_t window_start)
{
	uint64_t mixed = UINT64_C(0xCBF29CE484222325); /* FNV-1a; ids are our own */

	for (; *id != '\0'; id++)
		mixed = (mixed ^ (unsigned char)*id) * UINT64_C(0x100000001B3);
	mixed ^= participant != NULL ? participant->index + 1 : 0;
	mixed *= UINT64_C(0x9E3779B97F4A7C15);
	mixed = (mixed ^ (uint64_t)window_start) * UINT64_C(0xBF58476D1CE4E5B9);
	return (size_t)(mixed >> 32) & (trial->slots - 1);
}

static void
put_slot(struct trial *trial, size_t index)
{
	const struct trial_row *row = &trial->row[index];
	size_t at = slot_of(trial, row->id, row->participant, row->window_start);

	while (trial->slot[at] != 0)
		at = (at + 1) & (trial->slots - 1);
	trial->slot[at] = (uint32_t)index + 1;
}

static void
make_slots(struct trial *trial, size_t slots)
{
	free(trial->slot);
	trial->slots = slots;
	trial->slot = taken(calloc(slots, sizeof(*trial->slot)));
	for (size_t i = 0; i < trial->count; i++)
		put_slot(trial, i);
}

static void
grow(struct trial *trial)
{
	trial->room = trial->room == 0 ? 512 : trial->room * 2;
	trial->row = taken(realloc(trial->row, trial->room * sizeof(*trial->row)));
	make_slots(trial, trial->room * 4);
}

static struct trial_row *
take(struct trial *trial, const char *id, const struct participant *participant,
     int64_t window_start)
{
	if (trial->count == trial->room && trial->count < trial->rows_max)
		grow(trial);
	size_t at = slot_of(trial, id, participant, window_start);
	for (; trial->slot[at] != 0; at = (at + 1) & (trial->slots - 1)) {
		struct trial_row *row = &trial->row[trial->slot[at] - 1];
		if (row->participant == participant &&
		    row->window_start == window_start && strcmp(row->id, id) == 0)
			return row;
	}
	if (trial->count == trial->rows_max)
		return NULL;
	trial->row[trial->count] = (struct trial_row){ .id = id,
						       .participant = participant,
						       .window_start = window_start };
	trial->slot[at] = (uint32_t)++trial->count;
	return &trial->row[trial->count - 1];
}

void
trial_add(struct trial *trial, enum trial_side side, const char *id,
	  const struct finding *finding, int64_t window_start, const char *record_id)
{
	struct trial_row *row = take(trial, id, finding->subject, window_start);

	if (row == NULL) {
		trial->left_out++;
		return;
	}
	struct samples *samples = &row->samples[side];
	row->requirement[side] = finding->requirement;
	samples->good += finding->outcome == OUTCOME_GOOD;
	samples->bad += finding->outcome == OUTCOME_BAD;
	samples->unknown += finding->outcome == OUTCOME_UNKNOWN;
	samples->failed += finding->outcome == OUTCOME_ERROR;
	if (side == TRIAL_THEN && finding->outcome == OUTCOME_BAD &&
	    row->example_count < TRIAL_EXAMPLES)
		snprintf(row->example[row->example_count++], EVIDENCE_ID_SIZE, "%s",
			 record_id);
}

uint64_t
trial_left_out(const struct trial *trial)
{
	return trial->left_out;
}

static int
by_requirement(const void *a, const void *b)
{
	const struct trial_row *left = a, *right = b;
	int order = strcmp(left->id, right->id);

	if (order == 0)
		order = strcmp(left->participant != NULL ? left->participant->id : "",
			       right->participant != NULL ? right->participant->id
							  : "");
	if (order != 0)
		return order;
	return (left->window_start > right->window_start) -
	       (left->window_start < right->window_start);
}

static int64_t
end_of(const struct trial_row *row)
{
	const struct requirement *then = row->requirement[TRIAL_THEN];

	return row->window_start +
	       (then != NULL ? then : row->requirement[TRIAL_NOW])->window;
}

/* Where a side says nothing, what the other is content with is no change. */
static bool
differs(const struct trial_change *change)
{
	const struct trial_row *row = change->row;
	enum verdict now = change->verdict[TRIAL_NOW],
		     then = change->verdict[TRIAL_THEN];

	if (row->requirement[TRIAL_NOW] == NULL)
		return then != VERDICT_SATISFIED && then != VERDICT_NOT_APPLICABLE;
	if (row->requirement[TRIAL_THEN] == NULL)
		return now != VERDICT_SATISFIED && now != VERDICT_NOT_APPLICABLE;
	return now != then;
}

int
trial_each_change(struct trial *trial, int64_t until, trial_coverage *coverage,
		  void *coverage_ctx, trial_sink *sink, void *ctx, struct error *err)
{
	if (trial->count > 0) {
		qsort(trial->row, trial->count, sizeof(*trial->row), by_requirement);
		make_slots(trial, trial->slots);
	}
	for (size_t i = 0; i < trial->count; i++) {
		const struct trial_row *row = &trial->row[i];
		struct trial_change change = { .row = row };
		uint32_t share;
		if (end_of(row) > until)
			continue;
		if (coverage(coverage_ctx, row->participant, row->window_start,
			     end_of(row), &share, err) == -1)
			return -1;
		for (size_t side = 0; side < TRIAL_SIDES; side++)
			change.verdict[side] =
				row->requirement[side] != NULL
					? verdict_of(row->requirement[side],
						     &row->samples[side], share)
					: VERDICT_NOT_APPLICABLE;
		if (differs(&change))
			sink(ctx, &change);
	}
	return 0;
}

void
trial_forget(struct trial *trial, int64_t until)
{
	size_t kept = 0;

	for (size_t i = 0; i < trial->count; i++)
		if (end_of(&trial->row[i]) > until)
			trial->row[kept++] = trial->row[i];
	if (kept == trial->count)
		return;
	trial->count = kept;
	make_slots(trial, trial->slots);
}
