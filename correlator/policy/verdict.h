/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verdict: from samples and coverage to one of five words (decisions.md 24).
 *
 * Order: error; violated; nothing in scope -> not_applicable if coverage
 * suffices, else unobservable; unknown share or coverage beyond its limit ->
 * unobservable; satisfied.  Presence: too few in scope -> violated if coverage
 * suffices, else unobservable.
 */
#ifndef CORRELATOR_POLICY_VERDICT_H
#define CORRELATOR_POLICY_VERDICT_H

#include <stdint.h>

#include "correlator/policy/policy.h"

enum verdict {
	VERDICT_SATISFIED,
	VERDICT_VIOLATED,
	VERDICT_UNOBSERVABLE,
	VERDICT_NOT_APPLICABLE,
	VERDICT_ERROR
};

struct samples {
	uint64_t good, bad, unknown, failed;
};

/* 'coverage' in millionths. */
enum verdict verdict_of(const struct requirement *requirement,
			const struct samples *samples, uint32_t coverage);
const char *verdict_name(enum verdict verdict);

#endif
