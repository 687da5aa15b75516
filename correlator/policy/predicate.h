/* SPDX-License-Identifier: Apache-2.0 */
/*
 * predicate: what a requirement asks of a record, as a tree of comparisons.
 *
 * A comparison of a field nobody looked at is unknown, and stays so through
 * all, any and not unless the rest settles it.
 */
#ifndef CORRELATOR_POLICY_PREDICATE_H
#define CORRELATOR_POLICY_PREDICATE_H

#include "correlator/policy/comparison.h"

struct model;

enum { PREDICATE_DEPTH_MAX = 4 };

enum predicate_kind { PREDICATE_ALL, PREDICATE_ANY, PREDICATE_NOT, PREDICATE_COMPARE };

struct predicate {
	enum predicate_kind kind;
	size_t count; /* parts; of PREDICATE_NOT one */
	const struct predicate *const *part;
	struct asked asked; /* PREDICATE_COMPARE */
};

/*
 * Reads {field:, OPERATOR: ...} or {all|any: [...]} or {not: {...}}.  Adds the
 * comparisons to '*count'.  NULL with the complaint in '*err'.
 */
const struct predicate *predicate_read(struct model *model,
				       const struct yaml_node *node, unsigned depth,
				       size_t *count, struct error *err);
/* The items of a list, all of which must hold. */
const struct predicate *predicate_read_all(struct model *model,
					   const struct yaml_node *list, unsigned depth,
					   size_t *count, struct error *err);

/* '*reason' (may be NULL) is set to why the first unknown comparison is, if the result
 * is unknown. */
enum outcome predicate_eval(const struct predicate *predicate,
			    const struct record *record, int zone, struct text *reason);

/*
 * Appends a line per comparison, as it stands for this record.  'is_wanted'
 * false: what is listed must not hold, as under forbid.
 */
void predicate_list(const struct predicate *predicate, const struct record *record,
		    int zone, bool is_wanted, struct finding *finding);

#endif
