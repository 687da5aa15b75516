/* SPDX-License-Identifier: Apache-2.0 */
/* set: what a struct policy is inside: a model met with an inventory. */
#ifndef CORRELATOR_POLICY_SET_H
#define CORRELATOR_POLICY_SET_H

#include "correlator/policy/reach.h"

struct policy {
	struct model *model;
	const struct inventory *inventory; /* borrowed */
	struct arena arena;                /* of reach */
	struct reach reach;
	struct sigma *detections; /* borrowed by a compiled one, freed by policy_free */
	char sha256[65]; /* of rules and inventory */
};

/* One rule file in memory. */
struct rule_text {
	const char *name, *text;
	size_t size;
};

/* The model of some rule files, read and linted, without tests run.  NULL with the
 * complaint. */
struct model *policy_read_model(const struct rule_text *texts, size_t count,
				struct error *err);
/* The same from disk, as policy_load finds them. */
struct model *policy_find_model(const char *path, struct error *err);
void policy_free_model(struct model *model);
/* Fills '*policy', which borrows both.  -1 if the model names what the inventory lacks.
 */
int policy_compile(struct policy *policy, struct model *model,
		   const struct inventory *inventory, struct error *err);
void policy_release(struct policy *policy);

#endif
