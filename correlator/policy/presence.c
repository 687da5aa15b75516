/* SPDX-License-Identifier: Apache-2.0 */
/* presence: of whom something must be seen, and who may be silent. */
#include <string.h>

#include "correlator/policy/set.h"

static const struct rule *
rule_of(const struct policy *policy, const struct requirement *requirement)
{
	return &policy->model->rule[requirement->index];
}

static bool
has_line(const struct policy *policy, const struct selector *who,
	 const struct participant *participant)
{
	const struct line *line = NULL;

	if (who->part[SELECTOR_LINE_KIND].count == 0)
		return true;
	while ((line = inventory_next_line(policy->inventory, participant, line)) !=
	       NULL)
		if (selector_means_line(who, line->kind))
			return true;
	return false;
}

/* How many services the selector means, of 'offerer' only if it is not NULL; the last
 * of them in '*found'. */
static size_t
services_meant(const struct policy *policy, const struct selector *to,
	       const struct participant *offerer, const struct service **found)
{
	size_t count = 0;

	*found = NULL;
	if (selector_means_service(to, NULL))
		return 0;
	for (size_t i = 0; i < inventory_service_count(policy->inventory); i++) {
		const struct service *service = inventory_service(policy->inventory, i);
		if (!selector_means_service(to, service) ||
		    (offerer != NULL && service->participant != offerer))
			continue;
		*found = service;
		count++;
	}
	return count;
}

enum policy_side
policy_must_show(const struct policy *policy, const struct requirement *requirement,
		 const struct participant *participant, const struct service **service)
{
	const struct rule *rule = rule_of(policy, requirement);
	const struct row *row = &policy->model->row[requirement->index];
	bool is_server = rule->subject == SUBJECT_SERVER;
	const struct selector *who = is_server ? &row->to : &row->from;
	const struct service *found = NULL;

	if (requirement->kind != REQUIREMENT_PRESENCE ||
	    !selector_means_participant(who, participant) ||
	    !has_line(policy, who, participant))
		return POLICY_NOBODY;
	if (service == NULL && !is_server)
		return POLICY_CLIENT;
	size_t count = services_meant(policy, &row->to, is_server ? participant : NULL,
				      &found);
	if (is_server && count == 0 && !selector_means_service(&row->to, NULL))
		return POLICY_NOBODY;
	if (service != NULL)
		*service = count == 1 ? found : NULL;
	return is_server ? POLICY_SERVER : POLICY_CLIENT;
}

static bool
can_be_server(const struct policy *policy, const struct selector *to,
	      const struct participant *participant)
{
	const struct service *found;

	return selector_means_participant(to, participant) &&
	       has_line(policy, to, participant) &&
	       (selector_means_service(to, NULL) ||
		services_meant(policy, to, participant, &found) > 0);
}

bool
policy_speaks_of(const struct policy *policy, const struct requirement *requirement,
		 const struct participant *participant)
{
	const struct rule *rule = rule_of(policy, requirement);
	const struct row *row = &policy->model->row[requirement->index];
	bool as_client = selector_means_participant(&row->from, participant) &&
			 has_line(policy, &row->from, participant);

	if (requirement->kind == REQUIREMENT_MANUAL)
		return true;
	if (rule->subject == SUBJECT_CLIENT)
		return as_client;
	return (rule->subject == SUBJECT_KNOWN && as_client) ||
	       can_be_server(policy, &row->to, participant);
}

uint64_t
policy_events(const struct policy *policy, const struct requirement *requirement)
{
	return rule_of(policy, requirement)->events;
}

static void
gather_fields(const struct predicate *predicate, enum field_id *field, size_t *count)
{
	if (predicate == NULL)
		return;
	for (size_t i = 0; predicate->kind != PREDICATE_COMPARE && i < predicate->count;
	     i++)
		gather_fields(predicate->part[i], field, count);
	if (predicate->kind != PREDICATE_COMPARE || *count == POLICY_FIELDS_MAX)
		return;
	for (size_t i = 0; i < *count; i++)
		if (field[i] == predicate->asked.field)
			return;
	field[(*count)++] = predicate->asked.field;
}

size_t
policy_fields(const struct policy *policy, const struct requirement *requirement,
	      enum field_id field[POLICY_FIELDS_MAX])
{
	const struct rule *rule = rule_of(policy, requirement);
	size_t count = 0;

	gather_fields(rule->where, field, &count);
	gather_fields(rule->expect, field, &count);
	return count;
}

const char *
policy_exempts_silence(const struct policy *policy,
		       const struct requirement *requirement,
		       const struct participant *participant, struct instant at)
{
	const struct rule *rule = rule_of(policy, requirement);

	for (size_t i = 0; i < rule->exemption_count; i++) {
		const struct exemption *one = &rule->exemption[i];
		if (one->match == NULL &&
		    strcmp(one->participant, participant->id) == 0 &&
		    !instant_is_before(at, one->from) &&
		    !instant_is_before(one->to, at))
			return one->id;
	}
	return NULL;
}
