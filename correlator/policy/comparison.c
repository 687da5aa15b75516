/* SPDX-License-Identifier: Apache-2.0 */
/* comparison: one field of a record against what a rule asks; the closed list of
 * operators. */
#include "correlator/policy/comparison.h"

#include <stdio.h>

#include "correlator/policy/operand.h"
#include "correlator/policy/outcome.h"
#include "correlator/policy/window.h"
#include "correlator/policy/wording.h"

typedef enum outcome holds(const struct asked *asked, const union value *value,
			   int zone);

static holds is_one_of, is_none_of, is_subset, is_in_range, is_late_enough, is_there,
	is_gone, is_within, is_matched;

enum {
	OF_TEXT = 1 << TYPE_TEXT,
	OF_NUMBER = 1 << TYPE_NUMBER,
	OF_TEXTS = 1 << TYPE_TEXTS | 1 << TYPE_TEXT_COLUMN,
	OF_LIST = OF_TEXTS | 1 << TYPE_NUMBERS | 1 << TYPE_NUMBER_COLUMN,
	OF_ADDRESS = 1 << TYPE_ADDRESS,
	OF_BOOL = 1 << TYPE_BOOL,
	OF_TIME = 1 << TYPE_TIME,
	OF_EVENT = 1 << TYPE_EVENT,
	OF_ANY = OF_TEXT | OF_NUMBER | OF_LIST | OF_ADDRESS | OF_BOOL | OF_TIME
};

/* To add an operator: its function below, its row here, its case in
 * tests/unit/test_comparison.c. */
/* clang-format off */
static const struct comparison {
	const char *name; /* as written in YAML */
	int takes;        /* field types */
	operand_read *read;
	holds *holds;
	enum outcome on_null; /* looked, and not there */
	const char *words;    /* before the operand, for a reader */
} comparisons[] = {
	{ "eq",          OF_EVENT | OF_TEXT | OF_NUMBER | OF_BOOL | OF_ADDRESS, operand_read_one, is_one_of, OUTCOME_BAD, "" },
	{ "in",          OF_EVENT | OF_TEXT | OF_NUMBER | OF_ADDRESS | OF_LIST, operand_read_list, is_one_of, OUTCOME_BAD, "one of " },
	{ "not_in",      OF_EVENT | OF_TEXT | OF_NUMBER | OF_ADDRESS | OF_LIST, operand_read_list, is_none_of, OUTCOME_GOOD, "none of " },
	{ "subset_of",   OF_LIST,    operand_read_list,     is_subset,      OUTCOME_GOOD, "only " },
	{ "min",         OF_NUMBER,  operand_read_number,   is_in_range,    OUTCOME_BAD,  ">= " },
	{ "max",         OF_NUMBER,  operand_read_number,   is_in_range,    OUTCOME_BAD,  "<= " },
	{ "between",     OF_NUMBER,  operand_read_range,    is_in_range,    OUTCOME_BAD,  "" },
	{ "min_version", OF_TEXT,    operand_read_order,    is_late_enough, OUTCOME_BAD,  ">= " },
	{ "cidr",        OF_ADDRESS, operand_read_prefixes, is_one_of,      OUTCOME_BAD,  "in " },
	{ "present",     OF_ANY,     operand_read_true,     is_there,       OUTCOME_BAD,  "present" },
	{ "absent",      OF_ANY,     operand_read_true,     is_gone,        OUTCOME_GOOD, "absent" },
	{ "within",      OF_TIME,    operand_read_windows,  is_within,      OUTCOME_BAD,  "within " },
	{ "matches",     OF_TEXT | OF_TEXTS, operand_read_pattern,  is_matched,     OUTCOME_BAD,  "matches " },
};
/* clang-format on */

static bool
has_text(const struct asked *asked, struct text text)
{
	return operand_has_text(&asked->operand, text);
}

static bool
has_address(const struct asked *asked, const struct address *address)
{
	for (size_t i = 0; i < asked->operand.count; i++)
		if (prefix_contains(&asked->operand.prefix[i], address))
			return true;
	return false;
}

/* How many of the field's values are among the operand's; a scalar is a list of one. */
static size_t
count_among(const struct asked *asked, const union value *value)
{
	size_t among = 0;

	switch (record_fields[asked->field].type) {
	case TYPE_EVENT:
		return has_text(asked,
				text_of(record_event_name((enum event)value->number)));
	case TYPE_TEXT:
		return has_text(asked, value->text);
	case TYPE_NUMBER:
		return operand_has_number(&asked->operand, value->number);
	case TYPE_BOOL:
		return value->flag == asked->operand.flag;
	case TYPE_ADDRESS:
		return has_address(asked, &value->address);
	case TYPE_TEXTS:
	case TYPE_TEXT_COLUMN:
		for (uint32_t i = 0; i < value->texts.count; i++)
			among += value->texts.at[i].at != NULL &&
				 has_text(asked, value->texts.at[i]);
		return among;
	case TYPE_NUMBERS:
	case TYPE_NUMBER_COLUMN:
		for (uint32_t i = 0; i < value->numbers.count; i++)
			among += operand_has_number(&asked->operand,
						    value->numbers.at[i]);
		return among;
	default:
		return 0;
	}
}

static enum outcome
is_one_of(const struct asked *asked, const union value *value, int zone)
{
	(void)zone;
	return outcome_of(count_among(asked, value) > 0);
}

static enum outcome
is_none_of(const struct asked *asked, const union value *value, int zone)
{
	(void)zone;
	return outcome_of(count_among(asked, value) == 0);
}

/* Of a column only the cells that are there. */
static size_t
count_all(const struct asked *asked, const union value *value)
{
	size_t all = 0;

	switch (record_fields[asked->field].type) {
	case TYPE_TEXT_COLUMN:
		for (uint32_t i = 0; i < value->texts.count; i++)
			all += value->texts.at[i].at != NULL;
		return all;
	case TYPE_NUMBER_COLUMN:
		for (uint32_t i = 0; i < value->numbers.count; i++)
			all += value->numbers.at[i] != COLUMN_NONE;
		return all;
	case TYPE_TEXTS:
		return value->texts.count;
	default:
		return value->numbers.count;
	}
}

static enum outcome
is_subset(const struct asked *asked, const union value *value, int zone)
{
	(void)zone;
	return outcome_of(count_among(asked, value) == count_all(asked, value));
}

static enum outcome
is_in_range(const struct asked *asked, const union value *value, int zone)
{
	(void)zone;
	return outcome_of(value->number >= asked->operand.low &&
			  value->number <= asked->operand.high);
}

/* A version the field table does not know has no place in its order: nobody can say. */
static enum outcome
is_late_enough(const struct asked *asked, const union value *value, int zone)
{
	int place = operand_order(asked->field, value->text);

	(void)zone;
	if (place < 0)
		return OUTCOME_UNKNOWN;
	return outcome_of((uint64_t)place >= asked->operand.low);
}

static enum outcome
is_there(const struct asked *asked, const union value *value, int zone)
{
	(void)asked;
	(void)value;
	(void)zone;
	return OUTCOME_GOOD;
}

static enum outcome
is_gone(const struct asked *asked, const union value *value, int zone)
{
	return outcome_not(is_there(asked, value, zone));
}

static enum outcome
is_within(const struct asked *asked, const union value *value, int zone)
{
	for (size_t i = 0; i < asked->operand.count; i++)
		if (window_has(&asked->operand.window[i], value->time, zone))
			return OUTCOME_GOOD;
	return OUTCOME_BAD;
}

/* Of a list, some text is matched. */
static enum outcome
is_matched(const struct asked *asked, const union value *value, int zone)
{
	enum outcome some = OUTCOME_BAD;

	(void)zone;
	if (record_fields[asked->field].type == TYPE_TEXT)
		return pattern_match(asked->operand.pattern, value->text);
	for (uint32_t i = 0; i < value->texts.count; i++)
		if (value->texts.at[i].at != NULL)
			some = outcome_any(some, pattern_match(asked->operand.pattern,
							       value->texts.at[i]));
	return some;
}

enum outcome
comparison_holds(const struct asked *asked, const struct record *record, int zone)
{
	if (record_is_null(record, asked->field))
		return asked->comparison->on_null;
	return asked->comparison->holds(asked, &record->value[asked->field], zone);
}

static int
read_field(const struct yaml_node *map, enum field_id *field, struct error *err)
{
	const char *paths[FIELD_COUNT + 1] = { NULL };
	const char *path;

	if (read_text(map, "field", &path, err) == -1)
		return -1;
	*field = record_field_find(text_of(path));
	if (*field != FIELD_COUNT)
		return 0;
	for (size_t i = 0; i < FIELD_COUNT; i++)
		paths[i] = record_fields[i].path;
	const char *nearest = yaml_nearest(path, paths);
	if (nearest != NULL)
		return yaml_complain(err, yaml_find(map, "field"),
				     "\"%s\" is no field; did you mean \"%s\"?", path,
				     nearest);
	return yaml_complain(err, yaml_find(map, "field"),
			     "\"%s\" is no field; expected a path of docs/RECORDS.md",
			     path);
}

/* The operator's key and row; the map has "field" and one operator, nothing else. */
static int
read_operator(const struct yaml_node *map, const struct comparison **row,
	      struct error *err)
{
	const char *known[READ_COUNT(comparisons) + 2] = { "field" };

	*row = NULL;
	for (size_t i = 0; i < READ_COUNT(comparisons); i++)
		known[i + 1] = comparisons[i].name;
	if (yaml_only(map, known, err) == -1)
		return -1;
	for (size_t i = 0; i < READ_COUNT(comparisons); i++)
		if (yaml_find(map, comparisons[i].name) != NULL)
			*row = &comparisons[i];
	if (*row == NULL || map->count != 2)
		return yaml_complain(err, map,
				     "a comparison needs one operator; expected "
				     "{field: ..., OPERATOR: ...}");
	return 0;
}

/* The event types are a closed list, unlike texts. */
static int
check_events(const struct asked *asked, const struct yaml_node *node, struct error *err)
{
	for (size_t i = 0; i < asked->operand.count; i++)
		if (record_event_find(asked->operand.text[i]) == EVENT_COUNT)
			return yaml_complain(err, node,
					     "\"%.*s\" is no event type; expected one "
					     "of docs/RECORDS.md",
					     (int)asked->operand.text[i].size,
					     asked->operand.text[i].at);
	return 0;
}

int
comparison_read(struct model *model, const struct yaml_node *map, struct asked *asked,
		struct error *err)
{
	const struct comparison *row;

	*asked = (struct asked){ 0 };
	if (read_operator(map, &row, err) == -1 ||
	    read_field(map, &asked->field, err) == -1)
		return -1;
	const struct field *field = &record_fields[asked->field];
	const struct yaml_node *node = yaml_find(map, row->name);
	bool is_ordered = row->read != operand_read_order || field->order != NULL;
	if (!(row->takes >> field->type & 1) || !is_ordered)
		return yaml_complain(
			err, node, "\"%s\" does not suit %s; expected another operator",
			row->name, field->path);
	asked->comparison = row;
	if (row->read(model, node, asked, err) == -1)
		return -1;
	if (field->type == TYPE_EVENT && check_events(asked, node, err) == -1)
		return -1;
	if (strcmp(row->name, "min") == 0)
		asked->operand.high = UINT64_MAX;
	if (strcmp(row->name, "max") == 0)
		asked->operand.low = 0;
	bool is_set = node->kind == YAML_TEXT && node->text[0] == '$' &&
		      asked->operand.pattern == NULL && asked->operand.count > 0;
	asked->required = wording_required(&model->arena, row->words, node,
					   is_set ? model_set(model, node, err) : NULL);
	return 0;
}

/*
 * Of a list only what decides is worth an analyst's look: what is among the
 * forbidden, what is not among the only ones, what a pattern caught.
 */
static bool
is_worth_telling(const struct asked *asked, bool is_among)
{
	if (asked->comparison->holds == is_subset)
		return !is_among;
	return is_among;
}

static void
observe_texts(const struct asked *asked, const union value *value, struct wording *out)
{
	const struct operand *operand = &asked->operand;

	for (uint32_t i = 0; i < value->texts.count; i++) {
		struct text text = value->texts.at[i];
		if (text.at == NULL)
			continue;
		bool is_among =
			operand->pattern != NULL
				? pattern_match(operand->pattern, text) == OUTCOME_GOOD
				: has_text(asked, text);
		if (is_worth_telling(asked, is_among))
			wording_item(out, text);
	}
}

static void
observe_numbers(const struct asked *asked, const union value *value,
		struct wording *out)
{
	char digits[24];

	for (uint32_t i = 0; i < value->numbers.count; i++) {
		uint64_t number = value->numbers.at[i];
		if (number == COLUMN_NONE ||
		    !is_worth_telling(asked,
				      operand_has_number(&asked->operand, number)))
			continue;
		snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);
		wording_item(out, text_of(digits));
	}
}

/* A list of which some decided; all of it where none did, as when none was of the
 * allowed. */
void
comparison_observed(const struct asked *asked, const struct record *record, int zone,
		    char *out, size_t room)
{
	const union value *value = &record->value[asked->field];
	struct wording wording = wording_into(out, room);
	enum field_type type = record_fields[asked->field].type;

	if (record_is_null(record, asked->field))
		wording_item(&wording, text_of("(none)"));
	else if (type == TYPE_TEXTS || type == TYPE_TEXT_COLUMN)
		observe_texts(asked, value, &wording);
	else if (type == TYPE_NUMBERS || type == TYPE_NUMBER_COLUMN)
		observe_numbers(asked, value, &wording);
	if (wording.used == 0)
		wording_value(&wording, asked->field, value, zone);
}
