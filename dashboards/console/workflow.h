/* SPDX-License-Identifier: Apache-2.0 */
/*
 * workflow: what people may do with an alert, and what becomes of it: one table.
 *
 * new -> acknowledged -> investigating -> escalated -> closed(reason); any ->
 * closed; closed -> acknowledged again.  The history keeps who, when and why.
 */
#ifndef DASHBOARDS_CONSOLE_WORKFLOW_H
#define DASHBOARDS_CONSOLE_WORKFLOW_H

#include <stdbool.h>

#include "dashboards/console/role.h"

struct action {
	const char *name;
	enum permission permission;
	const char *const *from; /* states it starts from, NULL at the end */
	const char *to;          /* NULL: stays as it is */
	bool takes_it;           /* assigns it to who did it, if to nobody */
	bool needs_reason, needs_assignee, needs_note;
};

/* NULL if there is none of that name. */
const struct action *action_find(const char *name);
/* The n-th, or NULL behind the last. */
const struct action *action_at(int n);
bool action_starts_from(const struct action *action, const char *state);
bool workflow_is_reason(const char *reason);

#endif
