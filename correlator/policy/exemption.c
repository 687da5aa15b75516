/* SPDX-License-Identifier: Apache-2.0 */
/* exemption: reads "exceptions": violations that somebody answers for until a day. */
#include <string.h>

#include "correlator/policy/model.h"

enum { DAYS_MAX = 180 };

static int
read_validity(const struct yaml_node *node, struct exemption *exemption,
	      struct error *err)
{
	static const char *const known[] = { "from", "to", NULL };
	const struct yaml_node *valid = yaml_find(node, "valid");

	if (valid == NULL)
		return yaml_complain(
			err, node,
			"\"valid\" is missing; expected {from: ..., to: ...}");
	if (yaml_only(valid, known, err) == -1 ||
	    read_instant(valid, "from", &exemption->from, err) == -1 ||
	    read_instant(valid, "to", &exemption->to, err) == -1)
		return -1;
	int64_t length = instant_between(exemption->from, exemption->to);
	if (length <= 0 || length > DAYS_MAX * INSTANT_DAY)
		return yaml_complain(
			err, valid,
			"the exception holds for %lld days; expected 1 to %d",
			(long long)(length / INSTANT_DAY), DAYS_MAX);
	return 0;
}

/* Who answers for it; nobody does, no exception. */
static int
check_answerable(const struct yaml_node *node, struct error *err)
{
	static const char *const names[] = { "owner", "approved_by", "ticket" };
	struct title reason;
	const char *text;

	for (size_t i = 0; i < READ_COUNT(names); i++)
		if (read_text(node, names[i], &text, err) == -1)
			return -1;
	return read_title(node, "reason", &reason, err);
}

static int
read_subject(const struct yaml_node *node, struct exemption *exemption,
	     struct error *err)
{
	static const char *const known[] = { "participant", NULL };
	const struct yaml_node *subject = yaml_find(node, "subject");

	if (subject == NULL)
		return yaml_complain(
			err, node,
			"\"subject\" is missing; expected {participant: ID}");
	if (yaml_only(subject, known, err) == -1)
		return -1;
	return read_text(subject, "participant", &exemption->participant, err);
}

static int
read_match(struct model *model, const struct yaml_node *node,
	   struct exemption *exemption, struct error *err)
{
	const struct yaml_node *match = yaml_find(node, "match");
	size_t count = 0;

	if (match == NULL)
		return 0;
	exemption->match = predicate_read_all(model, match, 0, &count, err);
	return exemption->match == NULL ? -1 : 0;
}

/* The requirement an exception is of, or NULL with the complaint. */
static struct rule *
find_rule(struct model *model, const struct yaml_node *node, struct error *err)
{
	const char *id;

	if (read_text(node, "requirement", &id, err) == -1)
		return NULL;
	struct rule *rule = model_rule(model, id);
	if (rule == NULL)
		model_no_rule(model, yaml_find(node, "requirement"), id, err);
	return rule;
}

/* Counted first, so that each rule's exemptions stand together. */
static int
count_exemption(struct model *model, const struct yaml_node *node, void *ctx,
		struct error *err)
{
	static const char *const known[] = { "id",          "requirement", "subject",
					     "match",       "reason",      "owner",
					     "approved_by", "ticket",      "valid",
					     NULL };

	(void)ctx;
	if (yaml_only(node, known, err) == -1)
		return -1;
	struct rule *rule = find_rule(model, node, err);
	if (rule == NULL)
		return -1;
	rule->exemption_count++;
	return 0;
}

static int
read_exemption(struct model *model, const struct yaml_node *node, void *ctx,
	       struct error *err)
{
	struct rule *rule = find_rule(model, node, err);

	(void)ctx;
	assert(rule != NULL); /* counted before */
	struct exemption *exemption = &rule->exemption[rule->exemption_count];
	exemption->at = node;
	if (read_text(node, "id", &exemption->id, err) == -1 ||
	    check_answerable(node, err) == -1 ||
	    read_subject(node, exemption, err) == -1 ||
	    read_match(model, node, exemption, err) == -1 ||
	    read_validity(node, exemption, err) == -1)
		return -1;
	rule->exemption_count++;
	return 0;
}

int
model_read_exceptions(struct model *model, struct error *err)
{
	if (model_each(model, "exceptions", count_exemption, NULL, err) == -1)
		return -1;
	for (size_t i = 0; i < model->rule_count; i++) {
		struct rule *rule = &model->rule[i];
		rule->exemption =
			arena_take(&model->arena,
				   rule->exemption_count * sizeof(*rule->exemption));
		rule->exemption_count = 0;
	}
	return model_each(model, "exceptions", read_exemption, NULL, err);
}
