/* SPDX-License-Identifier: Apache-2.0 */
/* change: a wish to change an alert, checked, and as a change of the workflow. */
#ifndef DASHBOARDS_CONSOLE_CHANGE_H
#define DASHBOARDS_CONSOLE_CHANGE_H

#include "dashboards/console/exchange.h"
#include "dashboards/console/workflow.h"

/* What a person asks for; texts borrow the body. */
struct wish {
	const struct action *action;
	const char *reason, *note, *assignee;
};

/* An alert as it is before. */
struct before {
	char id[65], state[32], reason[32], assignee[USER_NAME_MAX + 1];
	int version;
};

/* alert_item_sink: fills the struct before. */
bool change_keep_before(void *before, const struct alert_item *item);
/* False, and answered, unless the body has what the action needs and the role may do
 * it. */
bool change_read_wish(struct exchange *exchange, const char *name, struct wish *wish);
/* Borrows all it is given. */
struct workflow_change change_of(const struct exchange *exchange,
				 const struct wish *wish, const struct before *before,
				 const char *operation);
void change_answer_transition(struct exchange *exchange, const struct before *before,
			      const struct wish *wish);

#endif
