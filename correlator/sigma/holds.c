/* SPDX-License-Identifier: Apache-2.0 */
/* holds: does a detection's tree hold for the record in view. */
#include "correlator/sigma/holds.h"

#include <stdio.h>
#include <string.h>

#include "correlator/policy/outcome.h"

/* One value of a record against one of the rule. */
typedef bool test(struct view *view, const struct item *item, const struct want *want,
		  const struct seen *seen);

static bool
test_text(struct view *view, const struct item *item, const struct want *want,
	  const struct seen *seen)
{
	(void)view;
	return glob_match(&want->glob, item->is_cased ? seen->raw : seen->folded);
}

static bool
test_pattern(struct view *view, const struct item *item, const struct want *want,
	     const struct seen *seen)
{
	enum outcome outcome = pattern_match(want->pattern, seen->raw);

	(void)item;
	view->gave_up += outcome == OUTCOME_ERROR;
	return outcome == OUTCOME_GOOD;
}

static bool
test_prefix(struct view *view, const struct item *item, const struct want *want,
	    const struct seen *seen)
{
	struct address address;

	(void)view;
	(void)item;
	if (seen->address != NULL)
		return prefix_contains(&want->prefix, seen->address);
	return address_from_text(seen->raw, &address) &&
	       prefix_contains(&want->prefix, &address);
}

static bool
test_number(struct view *view, const struct item *item, const struct want *want,
	    const struct seen *seen)
{
	long double number = (long double)seen->number;

	(void)view;
	(void)item;
	if (!seen->is_number)
		return false;
	if (want->kind == WANT_LESS)
		return number < want->number;
	if (want->kind == WANT_LESS_EQUAL)
		return number <= want->number;
	return want->kind == WANT_MORE ? number > want->number : number >= want->number;
}

/* 'other' is in 'text', at the end or begin that is not open. */
static bool
has_part(const struct want *want, struct text text, struct text other)
{
	if (other.size > text.size ||
	    (other.size < text.size && !want->is_open_before && !want->is_open_behind))
		return false;
	if (other.size == 0)
		return true;
	if (want->is_open_before && want->is_open_behind)
		return memmem(text.at, text.size, other.at, other.size) != NULL;
	return memcmp(want->is_open_before ? text.at + text.size - other.size : text.at,
		      other.at, other.size) == 0;
}

static bool
test_field(struct view *view, const struct item *item, const struct want *want,
	   const struct seen *seen)
{
	const struct values *others = view_values(view, want->field);

	for (size_t i = 0; i < others->count; i++)
		if (item->is_cased ? has_part(want, seen->raw, others->at[i].raw)
				   : has_part(want, seen->folded, others->at[i].folded))
			return true;
	return false;
}

static test *const tests[] = {
	[WANT_TEXT] = test_text,         [WANT_PATTERN] = test_pattern,
	[WANT_PREFIX] = test_prefix,     [WANT_LESS] = test_number,
	[WANT_LESS_EQUAL] = test_number, [WANT_MORE] = test_number,
	[WANT_MORE_EQUAL] = test_number, [WANT_FIELD] = test_field,
};

/* The value that passes, or NULL. */
static const struct seen *
find(struct view *view, const struct item *item, const struct want *want,
     const struct values *values)
{
	for (size_t i = 0; i < values->count; i++)
		if (tests[want->kind](view, item, want, &values->at[i]))
			return &values->at[i];
	return NULL;
}

/* Keywords: any string of the record. */
static const struct seen *
find_anywhere(struct view *view, const struct item *item, const struct want *want)
{
	for (unsigned field = 0; field < FIELD_COUNT; field++) {
		const struct values *values;
		if (!record_has(view->record, (enum field_id)field))
			continue;
		values = view_values(view, field);
		for (size_t i = 0; i < values->count; i++)
			if (values->at[i].is_string &&
			    tests[want->kind](view, item, want, &values->at[i]))
				return &values->at[i];
	}
	return NULL;
}

struct found {
	bool holds;
	const struct seen *seen; /* the value, if one made it hold */
};

static struct found
look(struct view *view, const struct item *item, const struct want *want)
{
	struct values constant;
	const struct values *values = &constant;

	if (item->field == FIELD_KEYWORDS) {
		const struct seen *seen = find_anywhere(view, item, want);
		return (struct found){ seen != NULL, seen };
	}
	if (item->field == FIELD_CONSTANT)
		constant = view_constant(view, item->constant);
	else
		values = view_values(view, item->field);
	if (want->kind == WANT_NULL)
		return (struct found){ !values->is_present, NULL };
	if (want->kind == WANT_EXISTS)
		return (struct found){
			(values->is_present || values->is_null) == want->flag, NULL
		};
	const struct seen *seen = find(view, item, want, values);
	return (struct found){ seen != NULL, seen };
}

static struct found
look_group(struct view *view, const struct item *item, const struct group *group)
{
	for (size_t i = 0; i < group->count; i++) {
		struct found found = look(view, item, &group->want[i]);
		if (found.holds)
			return found;
	}
	return (struct found){ false, NULL };
}

/* Without "neq"; '*which' is the group that decided. */
static struct found
look_item(struct view *view, const struct item *item, const struct group **which)
{
	struct found found = { false, NULL };

	for (size_t i = 0; i < item->count; i++) {
		*which = &item->group[i];
		found = look_group(view, item, &item->group[i]);
		if (found.holds != item->is_all)
			break;
	}
	return found;
}

/* Why the record could not hold the field, or an empty text. */
static struct text
hidden(const struct view *view, unsigned field)
{
	if (field >= FIELD_COUNT || record_has(view->record, (enum field_id)field) ||
	    record_is_null(view->record, (enum field_id)field))
		return (struct text){ NULL, 0 };
	return record_unobservable(view->record, (enum field_id)field);
}

static enum outcome
item_holds(struct view *view, const struct item *item, bool skips)
{
	const struct group *which;

	if (skips && hidden(view, item->field).size > 0)
		return OUTCOME_UNKNOWN;
	if (skips && item->group[0].want[0].kind == WANT_FIELD)
		for (size_t i = 0; i < item->count; i++)
			if (item->group[i].want[0].kind == WANT_FIELD &&
			    hidden(view, item->group[i].want[0].field).size > 0)
				return OUTCOME_UNKNOWN;
	return outcome_of(look_item(view, item, &which).holds != item->is_not);
}

static enum outcome
tree_holds(struct view *view, const struct tree *tree, bool skips)
{
	if (tree->kind == TREE_ITEM)
		return item_holds(view, tree->item, skips);
	if (tree->kind == TREE_NOT)
		return outcome_not(tree_holds(view, tree->part[0], skips));
	bool is_all = tree->kind == TREE_ALL;
	enum outcome whole = outcome_of(is_all);
	for (size_t i = 0; i < tree->count; i++) {
		enum outcome part = tree_holds(view, tree->part[i], skips);
		if (part == outcome_of(!is_all))
			return part;
		whole = is_all ? outcome_all(whole, part) : outcome_any(whole, part);
	}
	return whole;
}

enum outcome
holds(struct view *view, const struct detection *detection)
{
	return tree_holds(view, detection->tree, detection->skips);
}

static void
put(char *out, size_t room, struct text text)
{
	struct text kept = text_from_bytes(text.at != NULL ? text.at : "", text.size,
					   out, room - 1, NULL);

	out[kept.size] = '\0';
}

/* "contains 'anydesk'", behind "not " if that is what was asked. */
static void
put_required(const struct item *item, const struct group *group, bool is_not, char *out,
	     size_t room)
{
	char words[512];
	int size =
		snprintf(words, sizeof(words), "%s%s%s%.300s%s", is_not ? "not " : "",
			 item->words, item->words[0] != '\0' ? " " : "", group->written,
			 item->count > 1 ? ", ..." : "");

	put(out, room,
	    (struct text){ words, (uint32_t)(size < (int)sizeof(words)
						     ? size
						     : (int)sizeof(words) - 1) });
}

static void
list_item(struct view *view, const struct item *item, bool is_wanted,
	  struct finding *finding)
{
	const struct group *which = &item->group[0];
	struct found found = look_item(view, item, &which);
	struct text why = hidden(view, item->field);

	if (finding->condition_count == CONDITIONS_MAX)
		return;
	struct condition *condition = &finding->condition[finding->condition_count++];
	put(condition->what, sizeof(condition->what),
	    text_of(item->field < FIELDS_ALL ? path_of_field(item->field)
		    : item->name[0] != '\0'  ? item->name
					     : "keywords"));
	put_required(item, which, !is_wanted, condition->required,
		     sizeof(condition->required));
	condition->outcome = why.size > 0 ? OUTCOME_UNKNOWN : OUTCOME_GOOD;
	put(condition->reason, sizeof(condition->reason), why);
	if (found.seen == NULL && item->field < FIELDS_ALL &&
	    view_values(view, item->field)->count > 0)
		found.seen = &view_values(view, item->field)->at[0];
	put(condition->observed, sizeof(condition->observed),
	    found.seen != NULL ? found.seen->raw : (struct text){ NULL, 0 });
}

/* Only branches that hold, or under "not" do not: these are why. */
static void
list(struct view *view, const struct tree *tree, const struct detection *detection,
     bool is_wanted, struct finding *finding)
{
	if (tree->kind == TREE_ITEM) {
		list_item(view, tree->item, is_wanted, finding);
		return;
	}
	for (size_t i = 0; i < tree->count; i++) {
		bool below = tree->kind == TREE_NOT ? !is_wanted : is_wanted;
		if (tree_holds(view, tree->part[i], detection->skips) ==
		    outcome_of(below))
			list(view, tree->part[i], detection, below, finding);
	}
}

void
holds_list(struct view *view, const struct detection *detection,
	   struct finding *finding)
{
	list(view, detection->tree, detection, true, finding);
}
