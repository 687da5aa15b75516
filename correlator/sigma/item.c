/* SPDX-License-Identifier: Apache-2.0 */
/* item: one entry of a search: a field, its modifiers from left to right, its values.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "correlator/sigma/fold.h"
#include "correlator/sigma/detection.h"
#include "correlator/sigma/modifier.h"

enum { KEY_MAX = 256, VALUES_MAX = 16384, WANTS_MAX = 1 << 17, WORDS_MAX = 128 };

/* A number as "all values are strings" wants it: no sign, zeros or exponent it can do
 * without. */
static const char *
canonical(struct arena *arena, const struct yaml_node *node)
{
	char text[64];

	if (node->kind == YAML_INTEGER)
		snprintf(text, sizeof(text), "%lld", (long long)node->integer);
	else if (node->fraction > -9e15 && node->fraction < 9e15 &&
		 node->fraction == (double)(long long)node->fraction)
		snprintf(text, sizeof(text), "%lld", (long long)node->fraction);
	else
		for (int digits = 1; digits <= 17; digits++) {
			snprintf(text, sizeof(text), "%.*g", digits, node->fraction);
			if (strtod(text, NULL) == node->fraction)
				break;
		}
	return arena_text(arena, text, strlen(text));
}

static void
begin_value(struct making *making, const struct yaml_node *node, struct group *group)
{
	struct arena *arena = &making->reading->sigma->arena;
	struct want *want = arena_take(arena, sizeof(*want));

	*group = (struct group){ .count = 1, .want = want, .written = node->text };
	making->node = node;
	if (node->kind == YAML_NULL) {
		want->kind = WANT_NULL;
		group->written = "null";
		return;
	}
	if (node->kind == YAML_INTEGER || node->kind == YAML_FRACTION)
		want->glob = glob_plain(arena, text_of(canonical(arena, node)));
	else if (node->kind == YAML_BOOL)
		want->glob = glob_plain(arena, text_of(node->flag ? "true" : "false"));
	else
		want->glob = glob_read(arena, text_of(node->text));
}

/* Text fields that hold an address hold it in full, however the rule writes it. */
static void
complete_address(struct making *making, struct want *want)
{
	struct arena *arena = &making->reading->sigma->arena;
	char text[ADDRESS_TEXT_SIZE];
	struct address address;
	unsigned field = making->item->field;

	if (field >= FIELD_COUNT || record_fields[field].type != TYPE_ADDRESS ||
	    glob_has_wildcards(want->glob) ||
	    !address_from_text(glob_text(arena, want->glob), &address))
		return;
	size_t size = address_to_text(&address, text);
	want->glob = glob_plain(arena, (struct text){ text, (uint32_t)size });
}

/* Modifiers are done: the want as it is compared. */
static int
finish_want(struct making *making, struct want *want)
{
	struct arena *arena = &making->reading->sigma->arena;
	bool is_keyword = making->item->field == FIELD_KEYWORDS;

	if (want->kind == WANT_PATTERN)
		return modifier_compile(making, want);
	if (want->kind == WANT_NULL && is_keyword)
		return yaml_complain(making->reading->err, making->node,
				     "null is no keyword; expected a text");
	if (want->kind != WANT_TEXT)
		return 0;
	if (want->glob.is_raw)
		return reading_refuse(making->reading, DETECTION_NO_MODIFIER,
				      "%s: UTF-16 that is not put in base64 stands in "
				      "no text of a record",
				      making->item->name);
	complete_address(making, want);
	struct glob folded = glob_fold(arena, want->glob);
	if (!making->item->is_cased)
		want->glob = folded;
	want->is_whole = !glob_has_wildcards(folded) && !is_keyword;
	want->needed = glob_longest(arena, folded);
	if (is_keyword)
		want->glob = glob_around(arena, want->glob, true, true);
	return 0;
}

/* A mapping that has a table of values: only whole values that are in it can be meant.
 */
static int
translate(struct making *making, struct group *group)
{
	struct want *want = (struct want *)group->want;
	struct arena *arena = &making->reading->sigma->arena;

	if (making->values == NULL || want->kind == WANT_NULL)
		return 0;
	if (want->kind == WANT_TEXT && making->modifier_count == 0)
		for (size_t i = 0; i < making->values->count; i++)
			if (strcasecmp(making->values->key[i]->text, group->written) ==
			    0) {
				want->glob = glob_plain(
					arena, text_of(making->values->item[i]->text));
				return 0;
			}
	return reading_refuse(making->reading, DETECTION_NO_FIELD,
			      "%s: no value of ours stands for \"%s\"",
			      making->item->name, group->written);
}

static int
make_group(struct making *making, const struct yaml_node *node, struct group *group)
{
	if (node->kind == YAML_LIST || node->kind == YAML_MAP)
		return yaml_complain(making->reading->err, node,
				     "a %s as a value; expected a scalar",
				     node->kind == YAML_LIST ? "list" : "map");
	if (strlen(node->text) > GLOB_SIZE_MAX)
		return yaml_complain(making->reading->err, node,
				     "the value is too long; expected at most %d bytes",
				     GLOB_SIZE_MAX);
	begin_value(making, node, group);
	if (translate(making, group) == -1)
		return -1;
	for (size_t m = 0; m < making->modifier_count; m++)
		if (modifier_apply(making, m, group) == -1)
			return -1;
	making->reading->wants += group->count;
	if (making->reading->wants > WANTS_MAX)
		return yaml_complain(making->reading->err, node,
				     "too many values in one rule; expected at most %d",
				     WANTS_MAX);
	for (size_t i = 0; i < group->count; i++)
		if (finish_want(making, (struct want *)&group->want[i]) == -1)
			return -1;
	return 0;
}

/* "field|contains|all" in parts; the field may be empty: keywords. */
static int
split_key(struct making *making, const struct yaml_node *key)
{
	struct arena *arena = &making->reading->sigma->arena;
	const char *bar = strchr(key->text, '|');
	size_t size = bar != NULL ? (size_t)(bar - key->text) : strlen(key->text);

	making->item->name = arena_text(arena, key->text, size);
	making->item->words = bar != NULL ? bar + 1 : "";
	if (strlen(key->text) > KEY_MAX || strpbrk(making->item->name, "[]") != NULL)
		return yaml_complain(
			making->reading->err, key,
			"no name of a field; expected a path without brackets");
	while (bar != NULL) {
		const char *end = strchr(bar + 1, '|');
		size = end != NULL ? (size_t)(end - bar - 1) : strlen(bar + 1);
		if (modifier_add(making, arena_text(arena, bar + 1, size), key) == -1)
			return -1;
		bar = end;
	}
	return 0;
}

static int
begin_item(struct making *making, const struct yaml_node *key)
{
	struct item *item = making->item;

	*item = (struct item){ .field = FIELD_KEYWORDS, .name = "", .words = "" };
	if (key != NULL && split_key(making, key) == -1)
		return -1;
	if (item->name[0] != '\0' && mapping_field(making->reading, item->name, key,
						   item, &making->values) == -1)
		return -1;
	return 0;
}

const struct item *
item_read(struct reading *reading, const struct yaml_node *key,
	  const struct yaml_node *value)
{
	struct arena *arena = &reading->sigma->arena;
	struct making making = { .reading = reading,
				 .item = arena_take(arena, sizeof(struct item)) };
	bool is_list = value->kind == YAML_LIST;
	size_t count = is_list ? value->count : 1;
	struct group *group = arena_take(arena, count * sizeof(*group));

	if (begin_item(&making, key) == -1 || modifier_check(&making, key, count) == -1)
		return NULL;
	if (count == 0 || count > VALUES_MAX) {
		yaml_complain(reading->err, value, "%zu values; expected 1 to %d",
			      count, VALUES_MAX);
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		if (make_group(&making, is_list ? value->item[i] : value, &group[i]) ==
		    -1)
			return NULL;
	making.item->count = count;
	making.item->group = group;
	return making.item;
}
