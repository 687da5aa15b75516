/* SPDX-License-Identifier: Apache-2.0 */
/* change: a wish to change an alert, checked, and as a change of the workflow. */
#include "dashboards/console/change.h"

#include <stdio.h>
#include <string.h>

enum { NOTE_SIZE_MAX = 16000 };

bool
change_keep_before(void *ctx, const struct alert_item *item)
{
	struct before *before = ctx;

	snprintf(before->id, sizeof(before->id), "%s", item->id);
	snprintf(before->state, sizeof(before->state), "%s", item->state);
	snprintf(before->reason, sizeof(before->reason), "%s", item->reason);
	snprintf(before->assignee, sizeof(before->assignee), "%s", item->assignee);
	before->version = item->version;
	return true;
}

/* The member that is wrong, or NULL. */
static const char *
wrong_member(const struct wish *wish)
{
	const struct action *action = wish->action;

	if (wish->note == NULL || (action->needs_note && wish->note[0] == '\0'))
		return "note";
	if (wish->assignee == NULL ||
	    (action->needs_assignee && wish->assignee[0] == '\0'))
		return "assignee";
	if (wish->reason == NULL ||
	    (action->needs_reason ? !workflow_is_reason(wish->reason)
				  : wish->reason[0] != '\0'))
		return "reason";
	if (strcmp(wish->reason, "other") == 0 && wish->note[0] == '\0')
		return "note";
	return NULL;
}

bool
change_read_wish(struct exchange *exchange, const char *name, struct wish *wish)
{
	wish->action = action_find(name);
	if (wish->action == NULL) {
		answer_not_found(exchange);
		return false;
	}
	if (!role_may(exchange->session.role, wish->action->permission)) {
		answer_problem(exchange, 403, "forbidden",
			       json_pack("{s:s}", "permission",
					 permission_name(wish->action->permission)));
		return false;
	}
	wish->reason = exchange_text(exchange, "reason", 31);
	wish->note = exchange_text(exchange, "note", NOTE_SIZE_MAX);
	wish->assignee = exchange_text(exchange, "assignee", USER_NAME_MAX);
	const char *wrong = wrong_member(wish);
	if (wrong != NULL)
		answer_problem(exchange, 400, "invalid_body",
			       json_pack("{s:s}", "name", wrong));
	return wrong == NULL;
}

struct workflow_change
change_of(const struct exchange *exchange, const struct wish *wish,
	  const struct before *before, const char *operation)
{
	const struct action *action = wish->action;
	bool takes = action->takes_it && before->assignee[0] == '\0';

	return (struct workflow_change){
		.alert = before->id,
		.user = exchange->session.user,
		.state = action->to != NULL ? action->to : before->state,
		.reason = action->to != NULL ? wish->reason : before->reason,
		.assignee = action->needs_assignee ? wish->assignee
			    : takes                ? exchange->session.user
						   : before->assignee,
		.note = wish->note,
		.operation = operation,
		.time = exchange->now,
		.version = before->version,
		.is_note = action->needs_note,
	};
}

void
change_answer_transition(struct exchange *exchange, const struct before *before,
			 const struct wish *wish)
{
	answer_problem(exchange, 409, "transition_refused",
		       json_pack("{s:s, s:s}", "from", before->state, "action",
				 wish->action->name));
}
