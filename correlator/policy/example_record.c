/* SPDX-License-Identifier: Apache-2.0 */
/* example_record: a record as a test of a rule file writes it. */
#include "correlator/policy/example_record.h"

#include <stdio.h>
#include <string.h>

#include "correlator/policy/read.h"

enum { PATH_MAX_SIZE = 128, NESTING_MAX = 4 };

struct writing {
	struct arena *arena;
	struct record *record;
	struct error *err;
};

typedef int put(struct writing *to, const struct yaml_node *node, enum field_id field);
static put put_event, put_time, put_address, put_number, put_flag, put_text, put_texts,
	put_numbers, put_reasons;

static put *const puts_of_type[] = {
	[TYPE_EVENT] = put_event,
	[TYPE_TIME] = put_time,
	[TYPE_ADDRESS] = put_address,
	[TYPE_NUMBER] = put_number,
	[TYPE_BOOL] = put_flag,
	[TYPE_TEXT] = put_text,
	[TYPE_TEXTS] = put_texts,
	[TYPE_NUMBERS] = put_numbers,
	[TYPE_REASONS] = put_reasons,
	[TYPE_TEXT_COLUMN] = put_texts,
	[TYPE_NUMBER_COLUMN] = put_numbers,
};

/* Words of a test, and the fields each of them sets. */
static const struct {
	const char *word;
	enum field_id field[2];
} shorts[] = {
	{ "type", { FIELD_EVENT_TYPE, FIELD_EVENT_TYPE } },
	{ "client", { FIELD_SRC_IP, FIELD_SEKISHO_CLIENT_IP } },
	{ "server", { FIELD_DEST_IP, FIELD_SEKISHO_SERVER_IP } },
	{ "client_port", { FIELD_SRC_PORT, FIELD_SEKISHO_CLIENT_PORT } },
	{ "port", { FIELD_DEST_PORT, FIELD_SEKISHO_SERVER_PORT } },
	{ "poi", { FIELD_SEKISHO_POI, FIELD_SEKISHO_POI } },
	{ "direction",
	  { FIELD_SEKISHO_DIRECTION_CONFIDENCE, FIELD_SEKISHO_DIRECTION_CONFIDENCE } },
	{ "unobservable", { FIELD_SEKISHO_UNOBSERVABLE, FIELD_SEKISHO_UNOBSERVABLE } },
};

static int
wrong_type(const struct writing *to, const struct yaml_node *node, enum field_id field,
	   const char *expected)
{
	return yaml_complain(to->err, node, "that does not suit %s; expected %s",
			     record_fields[field].path, expected);
}

static bool
is_scalar(const struct yaml_node *node)
{
	return node->kind != YAML_LIST && node->kind != YAML_MAP;
}

static int
put_event(struct writing *to, const struct yaml_node *node, enum field_id field)
{
	enum event event =
		is_scalar(node) ? record_event_find(text_of(node->text)) : EVENT_COUNT;

	if (event == EVENT_COUNT)
		return wrong_type(to, node, field, "an event type");
	to->record->value[FIELD_EVENT_TYPE].number = event;
	return 0;
}

static int
put_time(struct writing *to, const struct yaml_node *node, enum field_id field)
{
	struct instant at;

	if (!is_scalar(node) || !instant_from_text(node->text, strlen(node->text), &at))
		return wrong_type(to, node, field, "a time with an offset");
	record_set_time(to->record, field, at);
	return 0;
}

static int
put_address(struct writing *to, const struct yaml_node *node, enum field_id field)
{
	struct address address;

	if (!is_scalar(node) || !address_from_text(text_of(node->text), &address))
		return wrong_type(to, node, field, "an address");
	record_set_address(to->record, field, &address);
	return 0;
}

static int
put_number(struct writing *to, const struct yaml_node *node, enum field_id field)
{
	if (node->kind != YAML_INTEGER || node->integer < 0)
		return wrong_type(to, node, field, "a whole number from 0");
	record_set_number(to->record, field, (uint64_t)node->integer);
	return 0;
}

static int
put_flag(struct writing *to, const struct yaml_node *node, enum field_id field)
{
	if (node->kind != YAML_BOOL)
		return wrong_type(to, node, field, "true or false");
	record_set_flag(to->record, field, node->flag);
	return 0;
}

static int
put_text(struct writing *to, const struct yaml_node *node, enum field_id field)
{
	if (!is_scalar(node))
		return wrong_type(to, node, field, "a text");
	record_set_text(to->record, field, text_of(node->text));
	return 0;
}

static int
put_texts(struct writing *to, const struct yaml_node *node, enum field_id field)
{
	struct text *text = arena_take(to->arena, node->count * sizeof(*text));

	if (node->kind != YAML_LIST)
		return wrong_type(to, node, field, "a list of texts");
	for (size_t i = 0; i < node->count; i++) {
		if (!is_scalar(node->item[i]))
			return wrong_type(to, node->item[i], field, "a text");
		text[i] = text_of(node->item[i]->text);
	}
	record_set_texts(to->record, field, text, (uint32_t)node->count);
	return 0;
}

static int
put_numbers(struct writing *to, const struct yaml_node *node, enum field_id field)
{
	uint64_t *number = arena_take(to->arena, node->count * sizeof(*number));

	if (node->kind != YAML_LIST)
		return wrong_type(to, node, field, "a list of numbers");
	for (size_t i = 0; i < node->count; i++) {
		if (node->item[i]->kind != YAML_INTEGER || node->item[i]->integer < 0)
			return wrong_type(to, node->item[i], field,
					  "a whole number from 0");
		number[i] = (uint64_t)node->item[i]->integer;
	}
	record_set_numbers(to->record, field, number, (uint32_t)node->count);
	return 0;
}

static int
put_reasons(struct writing *to, const struct yaml_node *node, enum field_id field)
{
	struct text *pair = arena_take(to->arena, 2 * node->count * sizeof(*pair));

	if (node->kind != YAML_MAP)
		return wrong_type(to, node, field, "such as {tls.client: encrypted}");
	for (size_t i = 0; i < node->count; i++) {
		if (!is_scalar(node->item[i]))
			return wrong_type(to, node->item[i], field, "a reason");
		pair[2 * i] = text_of(node->key[i]->text);
		pair[2 * i + 1] = text_of(node->item[i]->text);
	}
	record_set_texts(to->record, field, pair, (uint32_t)(2 * node->count));
	return 0;
}

/* False if the value has more items than a column has rows. */
static bool
fits(const struct yaml_node *node, enum field_id field)
{
	return !field_is_column(field) || node->kind != YAML_LIST ||
	       node->count <= COLUMN_ROWS_MAX;
}

static int
put_value(struct writing *to, const struct yaml_node *node, enum field_id field)
{
	if (node->kind == YAML_NULL) {
		record_set_null(to->record, field);
		return 0;
	}
	if (!fits(node, field))
		return wrong_type(to, node, field, "at most 512 items");
	return puts_of_type[record_fields[field].type](to, node, field);
}

/* 'path' is a field, or a folder of fields whose members 'node' holds. */
static int
put_path(struct writing *to, const char *path, const struct yaml_node *key,
	 const struct yaml_node *node, unsigned depth)
{
	char below[PATH_MAX_SIZE];
	enum field_id field = record_field_find(text_of(path));

	if (field != FIELD_COUNT)
		return put_value(to, node, field);
	if (node->kind != YAML_MAP || depth >= NESTING_MAX)
		return yaml_complain(to->err, key,
				     "\"%s\" is no field; expected a path of "
				     "docs/RECORDS.md, or type, client, server, port",
				     path);
	for (size_t i = 0; i < node->count; i++) {
		int size = snprintf(below, sizeof(below), "%s.%s", path,
				    node->key[i]->text);
		if (size >= (int)sizeof(below))
			return yaml_complain(to->err, node->key[i],
					     "the path is too long; expected a field");
		if (put_path(to, below, node->key[i], node->item[i], depth + 1) == -1)
			return -1;
	}
	return 0;
}

static int
put_member(struct writing *to, const struct yaml_node *key,
	   const struct yaml_node *node)
{
	for (size_t i = 0; i < READ_COUNT(shorts); i++) {
		if (strcmp(key->text, shorts[i].word) != 0)
			continue;
		if (put_value(to, node, shorts[i].field[0]) == -1)
			return -1;
		return put_value(to, node, shorts[i].field[1]);
	}
	return put_path(to, key->text, key, node, 0);
}

int
example_record_read(struct arena *arena, const struct yaml_node *node,
		    struct instant at, const char *poi, struct record *record,
		    struct error *err)
{
	struct writing to = { arena, record, err };

	if (node->kind != YAML_MAP || yaml_find(node, "type") == NULL)
		return yaml_complain(err, node,
				     "that is no record; expected {type: ..., ...}");
	record_begin(record, EVENT_FLOW);
	record_set_time(record, FIELD_TIMESTAMP, at);
	record_set_text(record, FIELD_PROTO, text_of("TCP"));
	record_set_text(record, FIELD_SEKISHO_DIRECTION_CONFIDENCE, text_of("syn"));
	if (poi[0] != '\0')
		record_set_text(record, FIELD_SEKISHO_POI, text_of(poi));
	for (size_t i = 0; i < node->count; i++)
		if (put_member(&to, node->key[i], node->item[i]) == -1)
			return -1;
	return 0;
}
