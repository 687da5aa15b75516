/* SPDX-License-Identifier: Apache-2.0 */
/* operand: what a rule writes after an operator, as values of the field's type. */
#include "correlator/policy/operand.h"

#include "correlator/policy/window.h"

#include <stdlib.h>

static int
compare_texts(const void *a, const void *b)
{
	const struct text *left = a, *right = b;
	uint32_t shared = left->size < right->size ? left->size : right->size;
	int order = shared == 0 ? 0 : memcmp(left->at, right->at, shared);

	return order != 0 ? order
			  : (left->size > right->size) - (left->size < right->size);
}

static int
compare_numbers(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

bool
operand_has_text(const struct operand *operand, struct text text)
{
	return bsearch(&text, operand->text, operand->count, sizeof(text),
		       compare_texts) != NULL;
}

bool
operand_has_number(const struct operand *operand, uint64_t number)
{
	return bsearch(&number, operand->number, operand->count, sizeof(number),
		       compare_numbers) != NULL;
}

int
operand_order(enum field_id field, struct text value)
{
	const char *const *order = record_fields[field].order;

	for (int i = 0; order != NULL && order[i] != NULL; i++)
		if (text_is(value, order[i]))
			return i;
	return -1;
}

/* Follows "$kind.name" to its set. */
static const struct yaml_node *
resolve(const struct model *model, const struct yaml_node *node, struct error *err)
{
	if (node->kind == YAML_TEXT && node->text[0] == '$')
		return model_set(model, node, err);
	return node;
}

static int
no_number(const struct yaml_node *node, struct error *err)
{
	return yaml_complain(
		err, node, "\"%s\" is no number; expected a whole one from 0",
		node->kind == YAML_LIST || node->kind == YAML_MAP ? "that"
								  : node->text);
}

static int
take_number(const struct yaml_node *node, uint64_t *number, struct error *err)
{
	if (node->kind != YAML_INTEGER || node->integer < 0)
		return no_number(node, err);
	*number = (uint64_t)node->integer;
	return 0;
}

static int
take_text(const struct yaml_node *node, struct text *text, struct error *err)
{
	if (node->kind == YAML_LIST || node->kind == YAML_MAP ||
	    node->kind == YAML_NULL)
		return yaml_complain(err, node, "that is no text; expected a text");
	*text = text_of(node->text);
	return 0;
}

static int
take_prefix(const struct yaml_node *node, struct prefix *prefix, struct error *err)
{
	struct text text;

	if (take_text(node, &text, err) == -1)
		return -1;
	if (!prefix_from_text(text, prefix))
		return yaml_complain(
			err, node, "\"%s\" is no prefix; expected such as 192.0.2.0/24",
			node->text);
	return 0;
}

static bool
is_number_field(enum field_id field)
{
	enum field_type type = record_fields[field].type;

	return type == TYPE_NUMBER || type == TYPE_NUMBERS ||
	       type == TYPE_NUMBER_COLUMN;
}

/* Items of 'list' (or 'list' itself, if it is a scalar) as numbers, addresses or texts.
 */
static int
take_items(struct model *model, const struct yaml_node *list, struct asked *asked,
	   struct error *err)
{
	struct operand *operand = &asked->operand;
	size_t count = list->kind == YAML_LIST ? list->count : 1;
	struct text *text = arena_take(&model->arena, count * sizeof(*text));
	uint64_t *number = arena_take(&model->arena, count * sizeof(*number));
	struct prefix *prefix = arena_take(&model->arena, count * sizeof(*prefix));
	bool is_address = record_fields[asked->field].type == TYPE_ADDRESS;

	for (size_t i = 0; i < count; i++) {
		const struct yaml_node *item =
			list->kind == YAML_LIST ? list->item[i] : list;
		int done = is_address ? take_prefix(item, &prefix[i], err)
			   : is_number_field(asked->field)
				   ? take_number(item, &number[i], err)
				   : take_text(item, &text[i], err);
		if (done == -1)
			return -1;
	}
	qsort(text, count, sizeof(*text), compare_texts);
	qsort(number, count, sizeof(*number), compare_numbers);
	*operand = (struct operand){
		.count = count, .text = text, .number = number, .prefix = prefix
	};
	return 0;
}

int
operand_read_one(struct model *model, const struct yaml_node *node, struct asked *asked,
		 struct error *err)
{
	if (node->kind == YAML_LIST || node->kind == YAML_MAP)
		return yaml_complain(
			err, node, "that is no single value; expected one, or \"in\"");
	if (record_fields[asked->field].type != TYPE_BOOL)
		return take_items(model, node, asked, err);
	if (node->kind != YAML_BOOL)
		return yaml_complain(err, node,
				     "\"%s\" is no yes or no; expected true or false",
				     node->text);
	asked->operand.flag = node->flag;
	return 0;
}

int
operand_read_list(struct model *model, const struct yaml_node *node,
		  struct asked *asked, struct error *err)
{
	const struct yaml_node *list = resolve(model, node, err);

	if (list == NULL)
		return -1;
	if (list->kind != YAML_LIST || list->count == 0)
		return yaml_complain(
			err, node,
			"that is no list of values; expected [a, b] or $kind.name");
	return take_items(model, list, asked, err);
}

int
operand_read_prefixes(struct model *model, const struct yaml_node *node,
		      struct asked *asked, struct error *err)
{
	const struct yaml_node *list = resolve(model, node, err);

	if (list == NULL)
		return -1;
	if (list->kind == YAML_MAP || (list->kind == YAML_LIST && list->count == 0))
		return yaml_complain(
			err, node,
			"that is no prefix; expected such as 192.0.2.0/24, or a list");
	return take_items(model, list, asked, err);
}

int
operand_read_number(struct model *model, const struct yaml_node *node,
		    struct asked *asked, struct error *err)
{
	(void)model;
	if (take_number(node, &asked->operand.low, err) == -1)
		return -1;
	asked->operand.high = asked->operand.low;
	return 0;
}

int
operand_read_range(struct model *model, const struct yaml_node *node,
		   struct asked *asked, struct error *err)
{
	(void)model;
	if (node->kind != YAML_LIST || node->count != 2)
		return yaml_complain(err, node,
				     "that is no range; expected [least, greatest]");
	if (take_number(node->item[0], &asked->operand.low, err) == -1 ||
	    take_number(node->item[1], &asked->operand.high, err) == -1)
		return -1;
	if (asked->operand.low > asked->operand.high)
		return yaml_complain(err, node,
				     "the range is empty; expected [least, greatest]");
	return 0;
}

int
operand_read_order(struct model *model, const struct yaml_node *node,
		   struct asked *asked, struct error *err)
{
	struct text text;

	(void)model;
	if (take_text(node, &text, err) == -1)
		return -1;
	int place = operand_order(asked->field, text);
	if (place < 0)
		return read_not_among(node, "version",
				      record_fields[asked->field].order, err);
	asked->operand.low = (uint64_t)place;
	return 0;
}

int
operand_read_true(struct model *model, const struct yaml_node *node,
		  struct asked *asked, struct error *err)
{
	(void)model;
	if (node->kind != YAML_BOOL || !node->flag)
		return yaml_complain(
			err, node,
			"that is not true; expected true, or the other of present "
			"and absent");
	asked->operand.flag = true;
	return 0;
}

int
operand_read_pattern(struct model *model, const struct yaml_node *node,
		     struct asked *asked, struct error *err)
{
	struct text text;
	struct error why;

	if (take_text(node, &text, err) == -1)
		return -1;
	struct pattern *pattern = pattern_new(node->text, &why);
	if (pattern == NULL)
		return yaml_complain(err, node,
				     "%s; expected a regular expression of PCRE2",
				     why.text);
	model_keep_pattern(model, pattern);
	asked->operand.pattern = pattern;
	return 0;
}

int
operand_read_windows(struct model *model, const struct yaml_node *node,
		     struct asked *asked, struct error *err)
{
	const struct yaml_node *set = resolve(model, node, err);

	if (set == NULL)
		return -1;
	size_t count = set->kind == YAML_LIST ? set->count : 1;
	struct window *window = arena_take(&model->arena, count * sizeof(*window));
	for (size_t i = 0; i < count; i++)
		if (window_read(&model->arena,
				set->kind == YAML_LIST ? set->item[i] : set, &window[i],
				err) == -1)
			return -1;
	asked->operand.count = count;
	asked->operand.window = window;
	return 0;
}
