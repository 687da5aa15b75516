/* SPDX-License-Identifier: Apache-2.0 */
/* rules_action: what the actions of 'sekisho rules' share. */
#ifndef TOOL_RULES_ACTION_H
#define TOOL_RULES_ACTION_H

#include <stdint.h>

#include "common/settings.h"
#include "correlator/policy/policy.h"

struct rules_config {
	const char *inventory, *junit, *rules, *store, *participant, *capture;
	int64_t since; /* microseconds */
	struct words logs;
	int language;  /* enum report_language, resolved */
};

/* What an action is given: borrowed. */
struct rules_job {
	const struct rules_config *config;
	const struct inventory *inventory;
	const struct policy *policy; /* of the folder the action names */
	const char *word;            /* what stands behind the action, or "" */
};

/* Each returns an exit code. */
typedef int rules_action(const struct rules_job *job);
/* What the set would change of the verdicts on stored records. */
rules_action rules_try;
/* What a candidate's trial traffic says of all it must meet. */
rules_action rules_candidate;
/* Which requirements can be observed, and by what. */
rules_action rules_coverage;

#endif
