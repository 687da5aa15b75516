/* SPDX-License-Identifier: Apache-2.0 */
/*
 * view: a record as Sigma sees it: every field a list of texts, folded once.
 *
 * Scratch of one record at a time, filled as rules ask.
 */
#ifndef CORRELATOR_SIGMA_VIEW_H
#define CORRELATOR_SIGMA_VIEW_H

#include "correlator/sigma/detection.h"

/* One value: a text as it is and folded; numbers as decimals, addresses in full. */
struct seen {
	struct text raw, folded;
	bool is_string; /* in JSON: keywords look at these */
	bool is_number;
	uint64_t number;
	const struct address *address; /* or NULL */
};

struct values {
	uint64_t round; /* of view_begin in which it was filled */
	bool is_present, is_null;
	size_t count;
	const struct seen *at;
};

struct view {
	struct arena arena;
	uint64_t round;
	uint64_t gave_up, missing_groups;
	struct digester *digester; /* owned by the set */
	const struct record *record;
	const struct parties *parties; /* or NULL */
	struct values values[FIELDS_ALL];
};

void view_begin(struct view *view, const struct record *record,
		const struct parties *parties);
/* Lives until the next view_begin. */
const struct values *view_values(struct view *view, unsigned field);
/* A single value that is no field's. */
struct values view_constant(struct view *view, const char *text);

#endif
