/* SPDX-License-Identifier: Apache-2.0 */
/*
 * holds: does a detection's tree hold for the record in view.
 *
 * Two values: what compares a field that is not there is false, so its "not"
 * is true.  A detection that says "sekisho.unknown: skip" has a third one, for
 * fields of which the record itself says that they could not be seen.
 */
#ifndef CORRELATOR_SIGMA_HOLDS_H
#define CORRELATOR_SIGMA_HOLDS_H

#include "correlator/sigma/view.h"

/* OUTCOME_UNKNOWN only if the detection skips. */
enum outcome holds(struct view *view, const struct detection *detection);
/* Appends to 'finding' what made it hold, and what could not be seen. */
void holds_list(struct view *view, const struct detection *detection,
		struct finding *finding);

#endif
