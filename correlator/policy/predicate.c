/* SPDX-License-Identifier: Apache-2.0 */
/* predicate: what a requirement asks of a record, as a tree of comparisons. */
#include "correlator/policy/predicate.h"

#include <stdio.h>
#include <string.h>

#include "correlator/policy/model.h"
#include "correlator/policy/outcome.h"
#include "correlator/policy/wording.h"

static const struct {
	const char *key;
	enum predicate_kind kind;
} groups[] = { { "all", PREDICATE_ALL },
	       { "any", PREDICATE_ANY },
	       { "not", PREDICATE_NOT } };

static const struct predicate *
read_list(struct model *model, const struct yaml_node *list, enum predicate_kind kind,
	  unsigned depth, size_t *count, struct error *err)
{
	if (list->kind != YAML_LIST || list->count == 0) {
		yaml_complain(err, list,
			      "that is no list of comparisons; expected at least one");
		return NULL;
	}
	struct predicate *group = arena_take(&model->arena, sizeof(*group));
	const struct predicate **part =
		arena_take(&model->arena, list->count * sizeof(*part));
	for (size_t i = 0; i < list->count; i++) {
		part[i] = predicate_read(model, list->item[i], depth, count, err);
		if (part[i] == NULL)
			return NULL;
	}
	*group = (struct predicate){ .kind = kind, .count = list->count, .part = part };
	return group;
}

const struct predicate *
predicate_read_all(struct model *model, const struct yaml_node *list, unsigned depth,
		   size_t *count, struct error *err)
{
	return read_list(model, list, PREDICATE_ALL, depth, count, err);
}

static const struct predicate *
read_not(struct model *model, const struct yaml_node *node, unsigned depth,
	 size_t *count, struct error *err)
{
	struct predicate *group = arena_take(&model->arena, sizeof(*group));
	const struct predicate **part = arena_take(&model->arena, sizeof(*part));

	*part = predicate_read(model, node, depth, count, err);
	*group = (struct predicate){ .kind = PREDICATE_NOT, .count = 1, .part = part };
	return *part == NULL ? NULL : group;
}

static const struct predicate *
read_comparison(struct model *model, const struct yaml_node *node, size_t *count,
		struct error *err)
{
	struct predicate *leaf = arena_take(&model->arena, sizeof(*leaf));

	leaf->kind = PREDICATE_COMPARE;
	if (comparison_read(model, node, &leaf->asked, err) == -1)
		return NULL;
	++*count;
	return leaf;
}

const struct predicate *
predicate_read(struct model *model, const struct yaml_node *node, unsigned depth,
	       size_t *count, struct error *err)
{
	static const char *const none[] = { "all", "any", "not", "field", NULL };

	if (node->kind != YAML_MAP) {
		yaml_complain(err, node,
			      "that is no comparison; expected {field: ..., "
			      "OPERATOR: ...}, or all, any or not");
		return NULL;
	}
	if (yaml_find(node, "field") != NULL)
		return read_comparison(model, node, count, err);
	if (node->count != 1 || yaml_only(node, none, err) == -1) {
		if (node->count != 1)
			yaml_complain(err, node,
				      "that is no comparison; expected \"field\" and "
				      "an operator, or one of all, any, not");
		return NULL;
	}
	if (depth >= PREDICATE_DEPTH_MAX) {
		yaml_complain(err, node,
			      "all, any and not are nested too deep; expected at most "
			      "%d levels",
			      PREDICATE_DEPTH_MAX);
		return NULL;
	}
	for (size_t i = 0; i < READ_COUNT(groups); i++)
		if (strcmp(node->key[0]->text, groups[i].key) == 0 &&
		    groups[i].kind != PREDICATE_NOT)
			return read_list(model, node->item[0], groups[i].kind,
					 depth + 1, count, err);
	return read_not(model, node->item[0], depth + 1, count, err);
}

/* Why a missing field is missing. */
static struct text
reason_of(const struct record *record, enum field_id field)
{
	struct text reason = record_unobservable(record, field);

	return reason.size > 0 ? reason : text_of("not_looked");
}

static enum outcome
compare(const struct asked *asked, const struct record *record, int zone,
	struct text *reason)
{
	if (!record_has(record, asked->field) &&
	    !record_is_null(record, asked->field)) {
		*reason = reason_of(record, asked->field);
		return OUTCOME_UNKNOWN;
	}
	enum outcome outcome = comparison_holds(asked, record, zone);
	if (outcome == OUTCOME_UNKNOWN)
		*reason = text_of("not_decoded");
	return outcome;
}

/*
 * No short cut before an error can no longer come: an error anywhere is an
 * error of the whole, whatever the order.
 */
static enum outcome
evaluate(const struct predicate *predicate, const struct record *record, int zone,
	 struct text *reason)
{
	struct text why, first = { NULL, 0 };

	if (predicate->kind == PREDICATE_COMPARE)
		return compare(&predicate->asked, record, zone, reason);
	if (predicate->kind == PREDICATE_NOT)
		return outcome_not(evaluate(predicate->part[0], record, zone, reason));
	bool is_all = predicate->kind == PREDICATE_ALL;
	enum outcome whole = is_all ? OUTCOME_GOOD : OUTCOME_BAD;
	for (size_t i = 0; i < predicate->count; i++) {
		enum outcome part = evaluate(predicate->part[i], record, zone, &why);
		if (part == OUTCOME_UNKNOWN && first.at == NULL)
			first = why;
		whole = is_all ? outcome_all(whole, part) : outcome_any(whole, part);
	}
	*reason = first;
	return whole;
}

enum outcome
predicate_eval(const struct predicate *predicate, const struct record *record, int zone,
	       struct text *reason)
{
	struct text why = { NULL, 0 };
	enum outcome outcome = evaluate(predicate, record, zone, &why);

	if (reason != NULL && outcome == OUTCOME_UNKNOWN)
		*reason = why;
	return outcome;
}

static void
list_one(const struct asked *asked, const struct record *record, int zone,
	 bool is_wanted, struct finding *finding)
{
	struct condition *condition = &finding->condition[finding->condition_count++];
	struct text reason = { "", 0 };
	enum outcome outcome = compare(asked, record, zone, &reason);

	snprintf(condition->what, sizeof(condition->what), "%s",
		 record_fields[asked->field].path);
	struct wording required =
		wording_into(condition->required, sizeof(condition->required));
	wording_add(&required, text_of(is_wanted ? "" : "not "));
	wording_add(&required, text_of(asked->required));
	condition->outcome = is_wanted ? outcome : outcome_not(outcome);
	condition->observed[0] = '\0';
	if (outcome != OUTCOME_UNKNOWN || reason.at == NULL ||
	    record_has(record, asked->field))
		comparison_observed(asked, record, zone, condition->observed,
				    sizeof(condition->observed));
	snprintf(condition->reason, sizeof(condition->reason), "%.*s",
		 outcome == OUTCOME_UNKNOWN ? (int)reason.size : 0, reason.at);
}

void
predicate_list(const struct predicate *predicate, const struct record *record, int zone,
	       bool is_wanted, struct finding *finding)
{
	if (predicate->kind == PREDICATE_COMPARE) {
		if (finding->condition_count < CONDITIONS_MAX)
			list_one(&predicate->asked, record, zone, is_wanted, finding);
		return;
	}
	if (predicate->kind == PREDICATE_NOT)
		is_wanted = !is_wanted;
	for (size_t i = 0; i < predicate->count; i++)
		predicate_list(predicate->part[i], record, zone, is_wanted, finding);
}
