/* SPDX-License-Identifier: Apache-2.0 */
/* matrix: reads "connections": who may speak with whom; denying wins, the order means
 * nothing. */
#include <string.h>

#include "correlator/policy/model.h"

static const char *const verdicts[] = { "satisfied", "violated", NULL };

const struct matrix *
model_matrix(const struct model *model, const char *id)
{
	for (size_t i = 0; i < model->matrix_count; i++)
		if (strcmp(model->matrix[i].id, id) == 0)
			return &model->matrix[i];
	return NULL;
}

/* "if" or "unless": same_participant or same_partition. */
static int
read_same(const struct yaml_node *node, struct same *same, struct error *err)
{
	static const char *const choices[] = { "same_participant", "same_partition",
					       NULL };
	bool has_if = yaml_find(node, "if") != NULL;
	bool has_unless = yaml_find(node, "unless") != NULL;
	int choice;

	*same = (struct same){ 0 };
	if (!has_if && !has_unless)
		return 0;
	if (has_if && has_unless)
		return yaml_complain(err, node,
				     "\"if\" and \"unless\" together; expected one");
	if (read_choice(node, has_if ? "if" : "unless", choices, -1, &choice, err) ==
	    -1)
		return -1;
	*same = (struct same){ .is_asked = true,
			       .must_be = has_if,
			       .partition = choice == 1 };
	return 0;
}

static int
read_entry(struct model *model, const struct yaml_node *node, struct entry *entry,
	   struct error *err)
{
	static const char *const known[] = { "id", "title",  "from", "to",
					     "if", "unless", NULL };
	struct row *row = &model->row[model->row_count];
	struct title title;

	entry->at = node;
	entry->row = model->row_count++;
	if (yaml_only(node, known, err) == -1 ||
	    read_text(node, "id", &entry->id, err) == -1 ||
	    read_title_if_any(node, "title", &title, err) == -1 ||
	    read_same(node, &entry->same, err) == -1 ||
	    selector_read(&model->arena, yaml_find(node, "from"), SELECTOR_FROM,
			  &row->from, err) == -1)
		return -1;
	return selector_read(&model->arena, yaml_find(node, "to"), SELECTOR_TO,
			     &row->to, err);
}

static int
read_entries(struct model *model, const struct yaml_node *map, const char *key,
	     struct matrix *matrix, struct error *err)
{
	const struct yaml_node *list = yaml_find(map, key);

	if (list == NULL)
		return 0;
	if (list->kind != YAML_LIST)
		return yaml_complain(err, list, "\"%s\" is no list; expected entries",
				     key);
	for (size_t i = 0; i < list->count; i++) {
		struct entry *entry = &matrix->entry[matrix->count++];
		entry->is_deny = strcmp(key, "deny") == 0;
		if (read_entry(model, list->item[i], entry, err) == -1)
			return -1;
	}
	return 0;
}

static int
read_matrix(struct model *model, const struct yaml_node *key,
	    const struct yaml_node *node, struct error *err)
{
	static const char *const known[] = { "default", "allow", "deny", NULL };
	struct matrix *matrix = &model->matrix[model->matrix_count++];
	int choice;

	matrix->id = key->text;
	if (yaml_only(node, known, err) == -1 ||
	    read_choice(node, "default", verdicts, -1, &choice, err) == -1)
		return -1;
	matrix->otherwise = choice == 0 ? OUTCOME_GOOD : OUTCOME_BAD;
	const struct yaml_node *deny = yaml_find(node, "deny"),
			       *allow = yaml_find(node, "allow");
	size_t count =
		(deny != NULL ? deny->count : 0) + (allow != NULL ? allow->count : 0);
	matrix->entry = arena_take(&model->arena, count * sizeof(*matrix->entry));
	if (read_entries(model, node, "deny", matrix, err) == -1)
		return -1;
	return read_entries(model, node, "allow", matrix, err);
}

/* Entries in all matrices; what is no list counts too, and is refused when it is read.
 */
static size_t
count_entries(const struct model *model)
{
	size_t count = 0;

	for (size_t i = 0; i < model->file_count; i++) {
		const struct yaml_node *map =
			yaml_find(model->file[i].root, "connections");
		for (size_t item = 0; map != NULL && item < map->count; item++) {
			const struct yaml_node *allow =
				yaml_find(map->item[item], "allow");
			const struct yaml_node *deny =
				yaml_find(map->item[item], "deny");
			count += allow != NULL ? allow->count : 0;
			count += deny != NULL ? deny->count : 0;
		}
	}
	return count;
}

int
model_read_matrices(struct model *model, struct error *err)
{
	size_t rules = model_count(model, "requirements"),
	       entries = count_entries(model);

	if (rules + entries > ROWS_MAX)
		return yaml_complain(
			err, model->header,
			"%zu requirements and %zu entries of connections are too many; "
			"expected at most %d together",
			rules, entries, ROWS_MAX);
	model->row = arena_take(&model->arena, (rules + entries) * sizeof(*model->row));
	model->matrix = arena_take(&model->arena, model_count(model, "connections") *
							  sizeof(*model->matrix));
	model->row_count = rules; /* a requirement's row has its index */
	for (size_t i = 0; i < model->file_count; i++) {
		const struct yaml_node *map =
			yaml_find(model->file[i].root, "connections");
		for (size_t item = 0; map != NULL && item < map->count; item++)
			if (read_matrix(model, map->key[item], map->item[item], err) ==
			    -1)
				return -1;
	}
	return 0;
}
