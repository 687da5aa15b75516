/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outcome: Kleene's three-valued logic over outcomes, with error on top.
 *
 * True is OUTCOME_GOOD, false OUTCOME_BAD.  What nobody saw stays unknown
 * unless the rest settles it; a comparison that failed taints all above it.
 */
#ifndef CORRELATOR_POLICY_OUTCOME_H
#define CORRELATOR_POLICY_OUTCOME_H

#include "correlator/policy/policy.h"

static inline enum outcome
outcome_all(enum outcome a, enum outcome b)
{
	if (a == OUTCOME_ERROR || b == OUTCOME_ERROR)
		return OUTCOME_ERROR;
	if (a == OUTCOME_BAD || b == OUTCOME_BAD)
		return OUTCOME_BAD;
	return a == OUTCOME_UNKNOWN ? a : b;
}

static inline enum outcome
outcome_any(enum outcome a, enum outcome b)
{
	if (a == OUTCOME_ERROR || b == OUTCOME_ERROR)
		return OUTCOME_ERROR;
	if (a == OUTCOME_GOOD || b == OUTCOME_GOOD)
		return OUTCOME_GOOD;
	return a == OUTCOME_UNKNOWN ? a : b;
}

static inline enum outcome
outcome_not(enum outcome a)
{
	if (a == OUTCOME_GOOD)
		return OUTCOME_BAD;
	return a == OUTCOME_BAD ? OUTCOME_GOOD : a;
}

static inline enum outcome
outcome_of(bool holds)
{
	return holds ? OUTCOME_GOOD : OUTCOME_BAD;
}

#endif
