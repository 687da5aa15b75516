/* SPDX-License-Identifier: Apache-2.0 */
/* search: maps, lists and keywords of a detection as trees. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "correlator/sigma/detection.h"

enum { DEPTH_MAX = 16, VALUES_MAX = 16384, REASON_SIZE = 256 };

int
reading_refuse(struct reading *reading, enum detection_state state, const char *fmt,
	       ...)
{
	char reason[REASON_SIZE];
	va_list arguments;

	va_start(arguments, fmt);
	vsnprintf(reason, sizeof(reason), fmt, arguments);
	va_end(arguments);
	struct text kept = text_from_bytes(reason, strlen(reason), reason,
					   sizeof(reason) - 1, NULL);
	reading->detection->row.state = state;
	reading->detection->row.reason =
		arena_text(&reading->sigma->arena, kept.at, kept.size);
	return -1;
}

const struct tree *
tree_of(struct reading *reading, enum tree_kind kind, const struct tree *const *part,
	size_t count)
{
	struct arena *arena = &reading->sigma->arena;

	if (count == 1 && kind != TREE_NOT)
		return part[0];
	struct tree *tree = arena_take(arena, sizeof(*tree));
	const struct tree **kept = arena_take(arena, count * sizeof(*kept));
	memcpy(kept, part, count * sizeof(*kept));
	*tree = (struct tree){ .kind = kind, .count = count, .part = kept };
	return tree;
}

static const struct tree *
read_item(struct reading *reading, const struct yaml_node *key,
	  const struct yaml_node *value)
{
	struct tree *tree = arena_take(&reading->sigma->arena, sizeof(*tree));

	tree->kind = TREE_ITEM;
	tree->item = item_read(reading, key, value);
	return tree->item != NULL ? tree : NULL;
}

static const struct tree *
read_map(struct reading *reading, const struct yaml_node *node)
{
	const struct tree **part =
		arena_take(&reading->sigma->arena, node->count * sizeof(*part));

	for (size_t i = 0; i < node->count; i++)
		if ((part[i] = read_item(reading, node->key[i], node->item[i])) == NULL)
			return NULL;
	return tree_of(reading, TREE_ALL, part, node->count);
}

static const struct tree *
read_list(struct reading *reading, const struct yaml_node *node)
{
	const struct tree **part =
		arena_take(&reading->sigma->arena, node->count * sizeof(*part));
	size_t scalars = 0;

	for (size_t i = 0; i < node->count; i++)
		scalars += node->item[i]->kind != YAML_LIST &&
			   node->item[i]->kind != YAML_MAP;
	if (scalars == node->count)
		return read_item(reading, NULL, node);
	if (scalars > 0) {
		yaml_complain(
			reading->err, node,
			"maps and keywords in one list; expected only one of them");
		return NULL;
	}
	for (size_t i = 0; i < node->count; i++)
		if ((part[i] = search_read(reading, node->item[i])) == NULL)
			return NULL;
	return tree_of(reading, TREE_ANY, part, node->count);
}

const struct tree *
search_read(struct reading *reading, const struct yaml_node *node)
{
	const struct tree *tree = NULL;

	if (++reading->depth > DEPTH_MAX)
		yaml_complain(reading->err, node,
			      "nested too deep; expected at most %d levels", DEPTH_MAX);
	else if ((node->kind == YAML_MAP || node->kind == YAML_LIST) &&
		 node->count == 0)
		yaml_complain(reading->err, node,
			      "an empty search; expected fields or keywords");
	else if (node->kind == YAML_MAP)
		tree = read_map(reading, node);
	else if (node->kind == YAML_LIST && node->count > VALUES_MAX)
		yaml_complain(reading->err, node, "%zu items; expected at most %d",
			      node->count, VALUES_MAX);
	else if (node->kind == YAML_LIST)
		tree = read_list(reading, node);
	else
		tree = read_item(reading, NULL, node);
	reading->depth--;
	return tree;
}
