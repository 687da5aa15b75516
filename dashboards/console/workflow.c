/* SPDX-License-Identifier: Apache-2.0 */
/* workflow: what people may do with an alert, and what becomes of it: one table. */
#include "dashboards/console/workflow.h"

#include <stddef.h>
#include <string.h>

static const char *const just_new[] = { "new", NULL };
static const char *const open_states[] = { "new", "acknowledged", "investigating",
					   "escalated", NULL };
static const char *const not_investigating[] = { "new", "acknowledged", "escalated",
						 NULL };
static const char *const not_escalated[] = { "new", "acknowledged", "investigating",
					     NULL };
static const char *const just_closed[] = { "closed", NULL };
static const char *const all_states[] = { "new",       "acknowledged", "investigating",
					  "escalated", "closed",       NULL };

/* clang-format off */
static const struct action actions[] = {
	{ "ack",         PERMISSION_ALERTS_WORK, just_new,          "acknowledged",  .takes_it = true },
	{ "assign",      PERMISSION_ALERTS_WORK, open_states,       NULL,            .needs_assignee = true },
	{ "investigate", PERMISSION_ALERTS_WORK, not_investigating, "investigating", .takes_it = true },
	{ "escalate",    PERMISSION_ALERTS_WORK, not_escalated,     "escalated",     .takes_it = true },
	{ "close",       PERMISSION_ALERTS_WORK, open_states,       "closed",        .needs_reason = true },
	{ "reopen",      PERMISSION_ALERTS_WORK, just_closed,       "acknowledged",  .takes_it = true },
	{ "note",        PERMISSION_ALERTS_NOTE, all_states,        NULL,            .needs_note = true },
};
/* clang-format on */

const struct action *
action_at(int n)
{
	return n >= 0 && (size_t)n < sizeof(actions) / sizeof(actions[0]) ? &actions[n]
									  : NULL;
}

const struct action *
action_find(const char *name)
{
	for (int n = 0; action_at(n) != NULL; n++)
		if (strcmp(actions[n].name, name) == 0)
			return &actions[n];
	return NULL;
}

bool
action_starts_from(const struct action *action, const char *state)
{
	for (const char *const *from = action->from; *from != NULL; from++)
		if (strcmp(*from, state) == 0)
			return true;
	return false;
}

bool
workflow_is_reason(const char *reason)
{
	static const char *const reasons[] = {
		"true_positive",       "benign_expected", "false_positive_rule",
		"false_positive_data", "duplicate",       "other"
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (strcmp(reasons[i], reason) == 0)
			return true;
	return false;
}
