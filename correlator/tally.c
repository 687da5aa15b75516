/* SPDX-License-Identifier: Apache-2.0 */
/* tally: a batch's samples per (requirement, participant, window), in memory until the
 * commit. */
#include "correlator/tally.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"

enum { SLOTS = 2 * TALLIES_MAX }; /* a power of two */

const char *const tally_reasons[TALLY_REASONS] = {
	"encrypted",   "resumed",    "truncated", "loss", "asymmetric",
	"not_decoded", "not_looked", "direction", "other"
};

struct tallies {
	size_t count;
	uint16_t slot[SLOTS]; /* index + 1 into 'tally'; 0 is free */
	struct tally tally[TALLIES_MAX];
};

struct tallies *
tallies_new(void)
{
	struct tallies *tallies = calloc(1, sizeof(*tallies));

	if (tallies == NULL)
		log_fatal("engine", "no memory for tallies");
	return tallies;
}

void
tallies_free(struct tallies *tallies)
{
	free(tallies);
}

static size_t
slot_of(const struct requirement *requirement, const struct participant *participant,
	int64_t window_start)
{
	uint64_t mixed = (uint64_t)window_start;

	mixed = (mixed ^ requirement->index) * UINT64_C(0x9E3779B97F4A7C15);
	mixed ^= mixed >> 29;
	mixed = (mixed ^ (participant != NULL ? participant->index + 1 : 0)) *
		UINT64_C(0xBF58476D1CE4E5B9);
	return (size_t)(mixed >> 40) % SLOTS;
}

static struct tally *
take(struct tallies *tallies, const struct requirement *requirement,
     const struct participant *participant, int64_t window_start)
{
	size_t at = slot_of(requirement, participant, window_start);

	for (; tallies->slot[at] != 0; at = (at + 1) % SLOTS) {
		struct tally *tally = &tallies->tally[tallies->slot[at] - 1];
		if (tally->requirement == requirement &&
		    tally->participant == participant &&
		    tally->window_start == window_start)
			return tally;
	}
	if (tallies->count == TALLIES_MAX)
		return NULL;
	struct tally *tally = &tallies->tally[tallies->count++];
	tallies->slot[at] = (uint16_t)tallies->count;
	memset(tally, 0, offsetof(struct tally, evidence));
	tally->requirement = requirement;
	tally->participant = participant;
	tally->window_start = window_start;
	tally->evidence.count = 0;
	return tally;
}

int
tally_rank(enum outcome outcome)
{
	static const int rank[] = { [OUTCOME_GOOD] = 0,
				    [OUTCOME_UNKNOWN] = 1,
				    [OUTCOME_BAD] = 2,
				    [OUTCOME_ERROR] = 3 };

	return rank[outcome];
}

static void
count_reason(struct tally *tally, const char *reason)
{
	size_t i = 0;

	while (i < TALLY_REASONS - 1 && strcmp(tally_reasons[i], reason) != 0)
		i++;
	tally->reason[i]++;
}

static void
count_outcome(struct tally *tally, const struct finding *finding)
{
	switch (finding->outcome) {
	case OUTCOME_GOOD:
		tally->samples.good++;
		break;
	case OUTCOME_BAD:
		tally->samples.bad++;
		if (finding->exception == NULL)
			tally->has_open = true;
		else if (tally->exception == NULL ||
			 strcmp(finding->exception, tally->exception) < 0)
			tally->exception = finding->exception;
		break;
	case OUTCOME_UNKNOWN:
		tally->samples.unknown++;
		count_reason(tally, finding->reason);
		break;
	case OUTCOME_ERROR:
		tally->samples.failed++;
		break;
	}
}

bool
tallies_add(struct tallies *tallies, const struct finding *finding,
	    int64_t window_start, int64_t time, const char *record_id)
{
	struct tally *tally =
		take(tallies, finding->requirement, finding->subject, window_start);

	if (tally == NULL)
		return false;
	count_outcome(tally, finding);
	if (tally->evidence.count == 0 ||
	    tally_rank(finding->outcome) > tally_rank(tally->cited_outcome)) {
		tally->evidence.count = 0;
		tally->cited_outcome = finding->outcome;
	}
	if (finding->outcome == tally->cited_outcome)
		evidence_add(&tally->evidence, time, record_id);
	return true;
}

bool
tallies_withdraw(struct tallies *tallies, const struct finding *finding,
		 int64_t window_start)
{
	struct tally *tally =
		take(tallies, finding->requirement, finding->subject, window_start);
	size_t reason = 0;

	if (tally == NULL)
		return false;
	if (finding->outcome == OUTCOME_GOOD)
		tally->samples.good--;
	else if (finding->outcome == OUTCOME_BAD)
		tally->samples.bad--;
	else if (finding->outcome == OUTCOME_ERROR)
		tally->samples.failed--;
	if (finding->outcome != OUTCOME_UNKNOWN)
		return true;
	while (reason < TALLY_REASONS - 1 &&
	       strcmp(tally_reasons[reason], finding->reason) != 0)
		reason++;
	tally->samples.unknown--;
	tally->reason[reason]--;
	return true;
}

void
tallies_settle(struct tallies *tallies, const struct finding *finding,
	       int64_t window_start, const char *by, bool is_declared)
{
	struct tally *tally =
		take(tallies, finding->requirement, finding->subject, window_start);

	if (tally == NULL)
		return;
	if (tally->settled_by == NULL || strcmp(by, tally->settled_by) < 0) {
		tally->settled_by = by;
		tally->is_declared = is_declared;
	}
}

size_t
tallies_count(const struct tallies *tallies)
{
	return tallies->count;
}

const struct tally *
tallies_at(const struct tallies *tallies, size_t index)
{
	return &tallies->tally[index];
}

void
tallies_clear(struct tallies *tallies)
{
	tallies->count = 0;
	memset(tallies->slot, 0, sizeof(tallies->slot));
}
