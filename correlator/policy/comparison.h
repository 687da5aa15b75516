/* SPDX-License-Identifier: Apache-2.0 */
/*
 * comparison: one field of a record against what a rule asks; the closed list of
 * operators.
 *
 * JSON null means "looked, and not there": each operator says what that is
 * worth.  A missing field is the caller's business: it is unknown.
 */
#ifndef CORRELATOR_POLICY_COMPARISON_H
#define CORRELATOR_POLICY_COMPARISON_H

#include "common/record.h"
#include "common/yaml.h"
#include "correlator/policy/pattern.h"

struct model;
struct comparison;

/* Some days of the week from one minute of the day to another; past midnight if 'to' <=
 * 'from'. */
struct window {
	uint8_t days; /* bit 0: Sunday */
	uint16_t from, to;
};

/* What a rule gives after the operator; which members hold depends on it. */
struct operand {
	size_t count;
	const struct text *text; /* sorted by bytes */
	const uint64_t *number;  /* sorted */
	const struct prefix *prefix;
	const struct window *window;
	const struct pattern *pattern; /* owned by the model */
	uint64_t low, high;
	bool flag;
};

struct asked {
	enum field_id field;
	const struct comparison *comparison;
	struct operand operand;
	const char *required; /* in words, such as ">= TLS 1.2" */
};

/* NULL with the complaint, which knows the fields' and operators' nearest words, in
 * '*err'. */
int comparison_read(struct model *model, const struct yaml_node *map,
		    struct asked *asked, struct error *err);
/* The record has the field, or null.  'zone': seconds east of UTC. */
enum outcome comparison_holds(const struct asked *asked, const struct record *record,
			      int zone);
/* What was observed, as text; of a list only what breaks the comparison, if it does. */
void comparison_observed(const struct asked *asked, const struct record *record,
			 int zone, char *out, size_t room);

#endif
