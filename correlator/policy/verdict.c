/* SPDX-License-Identifier: Apache-2.0 */
/* verdict: from samples and coverage to one of five words (decisions.md 24). */
#include "correlator/policy/verdict.h"

enum { WHOLE = 1000000 };

/* The share of what could not be seen among what is not bad is over the limit. */
static bool
too_much_unknown(const struct requirement *requirement, const struct samples *samples)
{
	double seen = (double)samples->good + (double)samples->unknown;

	return (double)samples->unknown * WHOLE > seen * requirement->max_unknown;
}

/* Who must be seen and was not, though somebody looked, breaks the requirement. */
static enum verdict
verdict_of_presence(const struct requirement *requirement,
		    const struct samples *samples, bool is_covered)
{
	if (samples->failed > 0)
		return VERDICT_ERROR;
	if (samples->good + samples->unknown < requirement->min_count)
		return is_covered ? VERDICT_VIOLATED : VERDICT_UNOBSERVABLE;
	if (!is_covered || samples->good < requirement->min_count ||
	    too_much_unknown(requirement, samples))
		return VERDICT_UNOBSERVABLE;
	return VERDICT_SATISFIED;
}

enum verdict
verdict_of(const struct requirement *requirement, const struct samples *samples,
	   uint32_t coverage)
{
	bool is_covered = coverage >= requirement->min_coverage;

	if (requirement->kind == REQUIREMENT_PRESENCE)
		return verdict_of_presence(requirement, samples, is_covered);
	if (samples->failed > 0)
		return VERDICT_ERROR;
	if (samples->bad > 0)
		return VERDICT_VIOLATED;
	if (samples->good == 0 && samples->unknown == 0)
		return is_covered ? VERDICT_NOT_APPLICABLE : VERDICT_UNOBSERVABLE;
	if (!is_covered || samples->good < requirement->min_samples ||
	    too_much_unknown(requirement, samples))
		return VERDICT_UNOBSERVABLE;
	return VERDICT_SATISFIED;
}

const char *
verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
		[VERDICT_SATISFIED] = "satisfied",
		[VERDICT_VIOLATED] = "violated",
		[VERDICT_UNOBSERVABLE] = "unobservable",
		[VERDICT_NOT_APPLICABLE] = "not_applicable",
		[VERDICT_ERROR] = "error",
	};

	return names[verdict];
}
