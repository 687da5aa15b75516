/* SPDX-License-Identifier: Apache-2.0 */
/* modifier: what stands behind a field's name; a table, applied from left to right. */
#include "correlator/sigma/modifier.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int apply(struct making *making, const struct modifier *modifier,
		  struct group *group);
static apply open_ends, flag, to_pattern, to_prefix, to_exists, to_comparison,
	to_base64, to_offsets, to_utf16, to_dashes, to_field, expand;

enum { FOR_KEYWORDS = 1, FIRST = 2, ALONE = 4, BEHIND_RE = 8, LACKING = 16 };
enum { FLAG_ALL, FLAG_CASED, FLAG_NOT, FLAG_I, FLAG_M, FLAG_S };
enum { BEFORE = 1, BEHIND = 2 };

/* 'number': what the function makes of it; ALONE lets only all, neq and cased stand
 * beside it. */
static const struct modifier {
	const char *name;
	apply *apply;
	int number;
	unsigned rules;
} modifiers[] = {
	{ "contains", open_ends, BEFORE | BEHIND, FOR_KEYWORDS },
	{ "startswith", open_ends, BEHIND, 0 },
	{ "endswith", open_ends, BEFORE, 0 },
	{ "all", flag, FLAG_ALL, FOR_KEYWORDS },
	{ "cased", flag, FLAG_CASED, FOR_KEYWORDS },
	{ "neq", flag, FLAG_NOT, 0 },
	{ "re", to_pattern, 0, FOR_KEYWORDS | FIRST },
	{ "i", flag, FLAG_I, FOR_KEYWORDS | BEHIND_RE },
	{ "m", flag, FLAG_M, FOR_KEYWORDS | BEHIND_RE },
	{ "s", flag, FLAG_S, FOR_KEYWORDS | BEHIND_RE },
	{ "ignorecase", flag, FLAG_I, FOR_KEYWORDS | BEHIND_RE },
	{ "multiline", flag, FLAG_M, FOR_KEYWORDS | BEHIND_RE },
	{ "dotall", flag, FLAG_S, FOR_KEYWORDS | BEHIND_RE },
	{ "cidr", to_prefix, 0, ALONE },
	{ "exists", to_exists, 0, ALONE },
	{ "lt", to_comparison, WANT_LESS, ALONE },
	{ "lte", to_comparison, WANT_LESS_EQUAL, ALONE },
	{ "gt", to_comparison, WANT_MORE, ALONE },
	{ "gte", to_comparison, WANT_MORE_EQUAL, ALONE },
	{ "base64", to_base64, 0, FOR_KEYWORDS },
	{ "base64offset", to_offsets, 0, FOR_KEYWORDS },
	{ "utf16le", to_utf16, GLOB_LITTLE, FOR_KEYWORDS },
	{ "wide", to_utf16, GLOB_LITTLE, FOR_KEYWORDS },
	{ "utf16be", to_utf16, GLOB_BIG, FOR_KEYWORDS },
	{ "utf16", to_utf16, GLOB_MARKED, FOR_KEYWORDS },
	{ "windash", to_dashes, 0, FOR_KEYWORDS },
	{ "fieldref", to_field, 0, 0 },
	{ "expand", expand, 0, FOR_KEYWORDS },
	{ "minute", expand, 0, LACKING },
	{ "hour", expand, 0, LACKING },
	{ "day", expand, 0, LACKING },
	{ "week", expand, 0, LACKING },
	{ "month", expand, 0, LACKING },
	{ "year", expand, 0, LACKING },
};

int
modifier_add(struct making *making, const char *name, const struct yaml_node *key)
{
	const char *names[READ_COUNT(modifiers) + 1] = { NULL };

	for (size_t i = 0; i < READ_COUNT(modifiers); i++) {
		names[i] = modifiers[i].name;
		if (strcmp(name, names[i]) != 0)
			continue;
		if (modifiers[i].rules & LACKING)
			return reading_refuse(making->reading, DETECTION_NO_MODIFIER,
					      "%s", name);
		if (making->modifier_count == MODIFIERS_MAX)
			return yaml_complain(making->reading->err, key,
					     "more than %d modifiers; expected fewer",
					     MODIFIERS_MAX);
		making->modifier[making->modifier_count++] = &modifiers[i];
		return 0;
	}
	const char *meant = yaml_nearest(name, names);
	return yaml_complain(making->reading->err, key,
			     "\"%s\" is no modifier; expected %s", name,
			     meant != NULL ? meant : "one of docs/SIGMA.md");
}

static bool
is_flag(const struct modifier *modifier)
{
	return modifier->apply == flag && !(modifier->rules & BEHIND_RE);
}

/* What 'at' may not be beside or behind, in words, or NULL. */
static const char *
misplaced(const struct making *making, size_t at)
{
	const struct modifier *one = making->modifier[at];

	if (making->item->field == FIELD_KEYWORDS && !(one->rules & FOR_KEYWORDS))
		return "is not for keywords; expected a field before it";
	if ((one->rules & FIRST) && at > 0)
		return "is not the first; expected it right behind the field";
	if ((one->rules & BEHIND_RE) &&
	    (at == 0 || making->modifier[0]->apply != to_pattern))
		return "is not behind \"re\"; expected |re|i";
	for (size_t i = 0; i < making->modifier_count; i++) {
		const struct modifier *other = making->modifier[i];
		bool is_exists = one->apply == to_exists;
		if (i != at && (one->rules & ALONE) && (is_exists || !is_flag(other)))
			return "does not go with others; expected it alone";
		if (i < at && one == other)
			return "stands twice; expected it once";
	}
	return NULL;
}

int
modifier_check(struct making *making, const struct yaml_node *key, size_t values)
{
	for (size_t i = 0; i < making->modifier_count; i++) {
		const struct modifier *one = making->modifier[i];
		const char *why = misplaced(making, i);
		if (why != NULL)
			return yaml_complain(making->reading->err, key, "\"%s\" %s",
					     one->name, why);
		if (one->apply == flag && one->number == FLAG_ALL && values < 2)
			return yaml_complain(making->reading->err, key,
					     "\"all\" with one value; expected a list "
					     "of at least two");
		if (is_flag(one)) {
			making->item->is_all |= one->number == FLAG_ALL;
			making->item->is_cased |= one->number == FLAG_CASED;
			making->item->is_not |= one->number == FLAG_NOT;
		} else if (one->apply == flag) {
			making->pattern_flags |= 1U << one->number;
		}
	}
	return 0;
}

int
modifier_apply(struct making *making, size_t index, struct group *group)
{
	const struct modifier *modifier = making->modifier[index];

	if (modifier->apply == flag)
		return 0;
	if (group->want[0].kind == WANT_NULL)
		return yaml_complain(making->reading->err, making->node,
				     "\"%s\" of null; expected a text or number",
				     modifier->name);
	return modifier->apply(making, modifier, group);
}

static struct want *
want_of(struct group *group, size_t index)
{
	return (struct want *)&group
		->want[index]; /* the arena's, and still being made */
}

static int
wrong(const struct making *making, const struct modifier *modifier,
      const char *expected)
{
	return yaml_complain(making->reading->err, making->node,
			     "\"%s\" of \"%s\"; expected %s", modifier->name,
			     making->node->text, expected);
}

/* What is no text any more cannot be changed as one. */
static int
only_text(const struct making *making, const struct modifier *modifier,
	  const struct group *group)
{
	for (size_t i = 0; i < group->count; i++)
		if (group->want[i].kind != WANT_TEXT)
			return wrong(making, modifier, "a text");
	return 0;
}

static int
only_plain(const struct making *making, const struct modifier *modifier,
	   const struct group *group)
{
	if (only_text(making, modifier, group) == -1)
		return -1;
	for (size_t i = 0; i < group->count; i++)
		if (glob_has_wildcards(group->want[i].glob) ||
		    group->want[i].glob.size == 0)
			return wrong(making, modifier,
				     "a text without wildcards, and not empty");
	return 0;
}

static int
flag(struct making *making, const struct modifier *modifier, struct group *group)
{
	(void)making;
	(void)modifier;
	(void)group;
	return 0; /* modifier_check has taken it */
}

static int
open_ends(struct making *making, const struct modifier *modifier, struct group *group)
{
	struct arena *arena = &making->reading->sigma->arena;

	for (size_t i = 0; i < group->count; i++) {
		struct want *want = want_of(group, i);
		want->is_open_before |= (modifier->number & BEFORE) != 0;
		want->is_open_behind |= (modifier->number & BEHIND) != 0;
		/* a pattern is searched anywhere as it is */
		if (want->kind == WANT_TEXT)
			want->glob = glob_around(arena, want->glob,
						 modifier->number & BEFORE,
						 modifier->number & BEHIND);
	}
	return 0;
}

static int
to_pattern(struct making *making, const struct modifier *modifier, struct group *group)
{
	struct want *want = want_of(group, 0);

	(void)modifier;
	want->kind = WANT_PATTERN;
	want->source = making->node->text;
	return 0;
}

int
modifier_compile(struct making *making, struct want *want)
{
	struct sigma *sigma = making->reading->sigma;
	unsigned flags = making->pattern_flags;
	struct error why;
	char *text;

	if (asprintf(&text, "%s%s%s%s", flags & 1U << FLAG_I ? "(?i)" : "",
		     flags & 1U << FLAG_M ? "(?m)" : "",
		     flags & 1U << FLAG_S ? "(?s)" : "", want->source) < 0)
		return error_set(making->reading->err, "no memory for a pattern");
	want->pattern = pattern_new_long(text, &why);
	free(text);
	if (want->pattern == NULL)
		return yaml_complain(making->reading->err, making->node,
				     "%s; expected a pattern of PCRE", why.text);
	if (sigma->pattern_count == sigma->pattern_room) {
		sigma->pattern_room = 2 * sigma->pattern_room + 64;
		sigma->pattern = reallocarray(sigma->pattern, sigma->pattern_room,
					      sizeof(struct pattern *));
		assert(sigma->pattern != NULL);
	}
	sigma->pattern[sigma->pattern_count++] = want->pattern;
	return 0;
}

static int
to_prefix(struct making *making, const struct modifier *modifier, struct group *group)
{
	struct want *want = want_of(group, 0);

	want->kind = WANT_PREFIX;
	if (!prefix_from_text(text_of(making->node->text), &want->prefix))
		return wrong(
			making, modifier,
			"a network such as 192.0.2.0/24, no bits set past its length");
	return 0;
}

static int
to_exists(struct making *making, const struct modifier *modifier, struct group *group)
{
	struct want *want = want_of(group, 0);

	want->kind = WANT_EXISTS;
	want->flag = making->node->flag;
	return making->node->kind == YAML_BOOL
		       ? 0
		       : wrong(making, modifier, "true or false");
}

static int
to_comparison(struct making *making, const struct modifier *modifier,
	      struct group *group)
{
	const struct yaml_node *node = making->node;
	struct want *want = want_of(group, 0);

	want->kind = (enum want_kind)modifier->number;
	want->number = node->kind == YAML_INTEGER ? (long double)node->integer
						  : (long double)node->fraction;
	return node->kind == YAML_INTEGER || node->kind == YAML_FRACTION
		       ? 0
		       : wrong(making, modifier, "a number");
}

static int
to_base64(struct making *making, const struct modifier *modifier, struct group *group)
{
	if (only_plain(making, modifier, group) == -1)
		return -1;
	for (size_t i = 0; i < group->count; i++)
		want_of(group, i)->glob = glob_base64(&making->reading->sigma->arena,
						      group->want[i].glob);
	return 0;
}

static int
to_offsets(struct making *making, const struct modifier *modifier, struct group *group)
{
	struct arena *arena = &making->reading->sigma->arena;

	if (only_plain(making, modifier, group) == -1)
		return -1;
	struct want *want = arena_take(arena, 3 * group->count * sizeof(*want));
	for (size_t i = 0; i < 3 * group->count; i++) {
		want[i] = group->want[i / 3];
		want[i].glob = glob_base64_at(arena, want[i].glob, (unsigned)(i % 3));
		if (want[i].glob.size == 0)
			return wrong(making, modifier, "a text of at least two bytes");
	}
	group->want = want;
	group->count *= 3;
	return 0;
}

static int
to_utf16(struct making *making, const struct modifier *modifier, struct group *group)
{
	if (only_plain(making, modifier, group) == -1)
		return -1;
	for (size_t i = 0; i < group->count; i++) {
		if (group->want[i].glob.is_raw)
			return wrong(making, modifier, "UTF-16 only once");
		want_of(group, i)->glob =
			glob_utf16(&making->reading->sigma->arena, group->want[i].glob,
				   (enum glob_order)modifier->number);
	}
	return 0;
}

static int
to_dashes(struct making *making, const struct modifier *modifier, struct group *group)
{
	struct arena *arena = &making->reading->sigma->arena;
	static struct glob variants[GLOB_VARIANTS_MAX];

	if (only_text(making, modifier, group) == -1)
		return -1;
	if (group->count != 1 || group->want[0].glob.is_raw)
		return wrong(making, modifier,
			     "it before modifiers that multiply or encode");
	size_t count = glob_windash(arena, group->want[0].glob, variants);
	if (count == 0)
		return wrong(making, modifier, "at most four dashes");
	struct want *want = arena_take(arena, count * sizeof(*want));
	for (size_t i = 0; i < count; i++) {
		want[i] = group->want[0];
		want[i].glob = variants[i];
	}
	group->want = want;
	group->count = count;
	return 0;
}

static int
to_field(struct making *making, const struct modifier *modifier, struct group *group)
{
	struct want *want = want_of(group, 0);
	struct item other = { .field = FIELDS_ALL };
	const struct yaml_node *values = NULL;

	if (group->count != 1 || want->kind != WANT_TEXT ||
	    making->node->kind != YAML_TEXT)
		return wrong(making, modifier, "a field's name");
	if (mapping_field(making->reading, making->node->text, making->node, &other,
			  &values) == -1)
		return -1;
	if (other.field == FIELD_CONSTANT || values != NULL)
		return reading_refuse(making->reading, DETECTION_NO_FIELD,
				      "%s: mapped to values, not to a field",
				      making->node->text);
	want->kind = WANT_FIELD;
	want->field = other.field;
	return 0;
}

/* %name% stands for what only the installation knows, and we have nothing to put there.
 */
static int
expand(struct making *making, const struct modifier *modifier, struct group *group)
{
	const char *open = strchr(making->node->text, '%');

	(void)modifier;
	(void)group;
	for (; open != NULL; open = strchr(open + 1, '%')) {
		size_t size = 1;
		while (isalnum((unsigned char)open[size]) || open[size] == '_')
			size++;
		if (size > 1 && open[size] == '%')
			return reading_refuse(
				making->reading, DETECTION_NO_MODIFIER,
				"expand: nothing is known to put for %.*s",
				(int)size + 1, open);
	}
	return 0;
}
