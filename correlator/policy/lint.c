/* SPDX-License-Identifier: Apache-2.0 */
/* lint: mistakes that only the whole of a rule set shows. */
#include <stdlib.h>
#include <string.h>

#include "correlator/alert/alert.h"
#include "correlator/policy/model.h"

/* An id and where it stands. */
struct named {
	const char *id;
	const struct yaml_node *at;
};

static int
by_id(const void *a, const void *b)
{
	const struct named *left = a, *right = b;
	int order = strcmp(left->id, right->id);

	if (order != 0)
		return order;
	order = strcmp(left->at->file, right->at->file);
	return order != 0 ? order
			  : (left->at->line > right->at->line) -
				    (left->at->line < right->at->line);
}

/* Requirements, entries and exceptions share one space of ids, for "by" and "exception"
 * name them. */
static size_t
gather_ids(const struct model *model, struct named *named)
{
	size_t count = 0;

	for (size_t i = 0; i < model->rule_count; i++) {
		const struct rule *rule = &model->rule[i];
		named[count++] = (struct named){ rule->requirement.id, rule->at };
		for (size_t e = 0; e < rule->exemption_count; e++)
			named[count++] = (struct named){ rule->exemption[e].id,
							 rule->exemption[e].at };
	}
	for (size_t i = 0; i < model->matrix_count; i++)
		for (size_t e = 0; e < model->matrix[i].count; e++)
			named[count++] = (struct named){ model->matrix[i].entry[e].id,
							 model->matrix[i].entry[e].at };
	return count;
}

static int
check_ids_once(const struct model *model, struct error *err)
{
	size_t room = model->row_count + model_count(model, "exceptions");
	struct named *named = calloc(room + 1, sizeof(*named));
	int result = 0;

	assert(named != NULL);
	size_t count = gather_ids(model, named);
	qsort(named, count, sizeof(*named), by_id);
	for (size_t i = 1; i < count && result == 0; i++)
		if (strcmp(named[i - 1].id, named[i].id) == 0)
			result = yaml_complain(
				err, named[i].at,
				"id \"%s\" stands at %s:%u too; expected once",
				named[i].id, named[i - 1].at->file,
				named[i - 1].at->line);
	free(named);
	return result;
}

/* EVE knows rules by 31 bits only: two with the same number could not be told apart
 * there. */
static int
check_signatures(const struct model *model, struct error *err)
{
	for (size_t i = 0; i < model->rule_count; i++) {
		const char *id = model->rule[i].requirement.id;
		uint32_t number = alert_signature_id(id);
		for (size_t other = 0; other < i; other++)
			if (model->signature[other] == number)
				return yaml_complain(err, model->rule[i].at,
						     "ids \"%s\" and \"%s\" have the "
						     "same alert.signature_id %u; "
						     "expected another id",
						     model->rule[other].requirement.id,
						     id, number);
		model->signature[i] = number;
	}
	return 0;
}

static bool
same_covers(const struct same *wide, const struct same *narrow)
{
	if (!wide->is_asked)
		return true;
	return narrow->is_asked && wide->must_be == narrow->must_be &&
	       wide->partition == narrow->partition;
}

/* Whatever 'narrow' matches, 'wide' matches. */
static bool
entry_covers(const struct model *model, const struct entry *wide,
	     const struct entry *narrow)
{
	const struct row *w = &model->row[wide->row], *n = &model->row[narrow->row];

	return same_covers(&wide->same, &narrow->same) &&
	       selector_covers(&w->from, &n->from) && selector_covers(&w->to, &n->to);
}

/* An entry without effect is a misunderstanding waiting to be found: which of two was
 * meant? */
static int
check_entry(const struct model *model, const struct matrix *matrix, size_t index,
	    struct error *err)
{
	const struct entry *entry = &matrix->entry[index];

	for (size_t i = 0; i < matrix->count; i++) {
		const struct entry *other = &matrix->entry[i];
		if (i == index || (entry->is_deny && !other->is_deny) ||
		    !entry_covers(model, other, entry))
			continue;
		bool is_twin = entry_covers(model, entry, other) &&
			       entry->is_deny == other->is_deny;
		if (is_twin && i > index)
			continue; /* named at the second of the two */
		return yaml_complain(
			err, entry->at,
			"entry \"%s\" has no effect, \"%s\" (line %u) %s all it means; "
			"expected one of the two",
			entry->id, other->id, other->at->line,
			other->is_deny ? "denies" : "allows");
	}
	return 0;
}

/* The default already gives what the entry gives. */
static int
check_default(const struct matrix *matrix, struct error *err)
{
	for (size_t i = 0; i < matrix->count; i++)
		if (!matrix->entry[i].is_deny && matrix->otherwise == OUTCOME_GOOD)
			return yaml_complain(
				err, matrix->entry[i].at,
				"entry \"%s\" allows what the default allows; expected "
				"default: violated, or no allow",
				matrix->entry[i].id);
	return 0;
}

/* What a draft is to replace is in force. */
static int
check_drafts(const struct model *model, struct error *err)
{
	for (size_t i = 0; i < model->rule_count; i++) {
		const struct rule *rule = &model->rule[i];
		const char *id = rule->requirement.replaces;
		const struct yaml_node *at = yaml_find(rule->at, "replaces");
		const struct rule *other = id[0] != '\0' ? model_rule(model, id) : NULL;
		if (id[0] == '\0')
			continue;
		if (!requirement_is_draft(&rule->requirement))
			return yaml_complain(err, at,
					     "\"replaces\" goes with a draft; expected "
					     "status: draft");
		if (other == NULL)
			return model_no_rule(model, at, id, err);
		if (!requirement_is_active(&other->requirement))
			return yaml_complain(
				err, at, "\"%s\" is not active; expected one that is",
				id);
	}
	return 0;
}

int
model_lint(const struct model *model, struct error *err)
{
	if (check_ids_once(model, err) == -1 || check_signatures(model, err) == -1 ||
	    check_drafts(model, err) == -1)
		return -1;
	for (size_t i = 0; i < model->matrix_count; i++) {
		if (check_default(&model->matrix[i], err) == -1)
			return -1;
		for (size_t entry = 0; entry < model->matrix[i].count; entry++)
			if (check_entry(model, &model->matrix[i], entry, err) == -1)
				return -1;
	}
	return 0;
}

int
model_check_references(const struct model *model, const struct inventory *inventory,
		       struct error *err)
{
	if (inventory_is_empty(inventory)) /* replay without one: nothing can be said */
		return 0;
	for (size_t i = 0; i < model->row_count; i++)
		if (selector_check(&model->row[i].from, inventory, err) == -1 ||
		    selector_check(&model->row[i].to, inventory, err) == -1)
			return -1;
	for (size_t i = 0; i < model->rule_count; i++)
		for (size_t e = 0; e < model->rule[i].exemption_count; e++) {
			const struct exemption *one = &model->rule[i].exemption[e];
			if (inventory_find_participant(inventory, one->participant) ==
			    NULL)
				return yaml_complain(
					err, one->at,
					"\"%s\" is no participant of the inventory; "
					"expected one that is",
					one->participant);
		}
	return 0;
}
