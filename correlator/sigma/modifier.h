/* SPDX-License-Identifier: Apache-2.0 */
/* modifier: what stands behind a field's name; for correlator/sigma/item.c. */
#ifndef CORRELATOR_SIGMA_MODIFIER_H
#define CORRELATOR_SIGMA_MODIFIER_H

#include "correlator/sigma/detection.h"

enum { MODIFIERS_MAX = 16 };

struct modifier;

/* One item on its way. */
struct making {
	struct reading *reading;
	struct item *item;
	const struct yaml_node *values; /* of a mapping, or NULL */
	const struct yaml_node *node;   /* the value at hand */
	size_t modifier_count;
	const struct modifier *modifier[MODIFIERS_MAX];
	unsigned pattern_flags;
};

/* The next modifier by its name.  -1: there is none, or we lack it. */
int modifier_add(struct making *making, const char *name, const struct yaml_node *key);
/* -1 if they do not go together, or not with so many values. */
int modifier_check(struct making *making, const struct yaml_node *key, size_t values);
/* The one at 'index' on all that the value has become. */
int modifier_apply(struct making *making, size_t index, struct group *group);
/* The regular expression of the want, once all flags are known. */
int modifier_compile(struct making *making, struct want *want);

#endif
