/* SPDX-License-Identifier: Apache-2.0 */
/* view: a record as Sigma sees it: every field a list of texts, folded once. */
#include "correlator/sigma/view.h"

#include <stdio.h>
#include <string.h>

#include "correlator/sigma/fold.h"

void
view_begin(struct view *view, const struct record *record,
	   const struct parties *parties)
{
	arena_reset(&view->arena);
	view->round++;
	view->record = record;
	view->parties = parties;
}

static void
fold(struct view *view, struct seen *seen)
{
	char *folded = arena_take(&view->arena, FOLD_ROOM(seen->raw.size));

	seen->folded = (struct text){ folded, (uint32_t)fold_text(seen->raw, folded) };
}

static struct seen *
begin(struct view *view, struct values *values, size_t count)
{
	struct seen *seen = arena_take(&view->arena, count * sizeof(*seen));

	values->is_present = true;
	values->count = count;
	values->at = seen;
	return seen;
}

static void
put_text(struct view *view, struct seen *seen, struct text text)
{
	seen->raw = text;
	seen->is_string = true;
	fold(view, seen);
}

/* Keeps a copy of a text that was made for it. */
static void
put_made(struct view *view, struct seen *seen, const char *made)
{
	put_text(view, seen, text_of(arena_text(&view->arena, made, strlen(made))));
}

static void
put_number(struct view *view, struct seen *seen, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	put_made(view, seen, text);
	seen->is_string = false;
	seen->is_number = true;
	seen->number = number;
}

static void
put_flag(struct view *view, struct seen *seen, bool value)
{
	put_text(view, seen, text_of(value ? "true" : "false"));
	seen->is_string = false;
}

typedef void fill(struct view *view, const union value *value, struct values *values);

static void
fill_event(struct view *view, const union value *value, struct values *values)
{
	put_text(view, begin(view, values, 1),
		 text_of(record_event_name((enum event)value->number)));
}

static void
fill_time(struct view *view, const union value *value, struct values *values)
{
	char text[INSTANT_TEXT_SIZE];

	instant_to_text(value->time, text);
	put_made(view, begin(view, values, 1), text);
}

static void
fill_address(struct view *view, const union value *value, struct values *values)
{
	struct seen *seen = begin(view, values, 1);
	char text[ADDRESS_TEXT_SIZE];

	address_to_text(&value->address, text);
	put_made(view, seen, text);
	seen->address = &value->address;
}

static void
fill_number(struct view *view, const union value *value, struct values *values)
{
	put_number(view, begin(view, values, 1), value->number);
}

static void
fill_bool(struct view *view, const union value *value, struct values *values)
{
	put_flag(view, begin(view, values, 1), value->flag);
}

static void
fill_text(struct view *view, const union value *value, struct values *values)
{
	put_text(view, begin(view, values, 1), value->text);
}

static void
fill_texts(struct view *view, const union value *value, struct values *values)
{
	struct seen *seen = begin(view, values, value->texts.count);

	for (uint32_t i = 0; i < value->texts.count; i++)
		put_text(view, &seen[i], value->texts.at[i]);
}

static void
fill_numbers(struct view *view, const union value *value, struct values *values)
{
	struct seen *seen = begin(view, values, value->numbers.count);

	for (uint32_t i = 0; i < value->numbers.count; i++)
		put_number(view, &seen[i], value->numbers.at[i]);
}

/* Of pairs of key and reason the reasons. */
static void
fill_reasons(struct view *view, const union value *value, struct values *values)
{
	struct seen *seen = begin(view, values, value->texts.count / 2);

	for (uint32_t i = 0; i < value->texts.count / 2; i++)
		put_text(view, &seen[i], value->texts.at[2 * i + 1]);
}

/* Of a column the cells that are there, as a list. */
static void
fill_text_column(struct view *view, const union value *value, struct values *values)
{
	struct seen *seen = begin(view, values, value->texts.count);

	values->count = 0;
	for (uint32_t i = 0; i < value->texts.count; i++)
		if (value->texts.at[i].at != NULL)
			put_text(view, &seen[values->count++], value->texts.at[i]);
}

static void
fill_number_column(struct view *view, const union value *value, struct values *values)
{
	struct seen *seen = begin(view, values, value->numbers.count);

	values->count = 0;
	for (uint32_t i = 0; i < value->numbers.count; i++)
		if (value->numbers.at[i] != COLUMN_NONE)
			put_number(view, &seen[values->count++], value->numbers.at[i]);
}

static fill *const fills[] = {
	[TYPE_EVENT] = fill_event,
	[TYPE_TIME] = fill_time,
	[TYPE_ADDRESS] = fill_address,
	[TYPE_NUMBER] = fill_number,
	[TYPE_BOOL] = fill_bool,
	[TYPE_TEXT] = fill_text,
	[TYPE_TEXTS] = fill_texts,
	[TYPE_NUMBERS] = fill_numbers,
	[TYPE_REASONS] = fill_reasons,
	[TYPE_TEXT_COLUMN] = fill_text_column,
	[TYPE_NUMBER_COLUMN] = fill_number_column,
};

/* What is said of a party nobody knows is that it is not registered. */
static void
fill_party(struct view *view, const struct party *party, unsigned what,
	   struct values *values)
{
	const struct participant *participant = party->participant;
	const char *text = NULL;

	if (what == VIRTUAL_CLIENT_REGISTERED) {
		put_flag(view, begin(view, values, 1), participant != NULL);
		return;
	}
	if (participant != NULL)
		text = what == VIRTUAL_CLIENT_PARTICIPANT ? participant->id
		       : what == VIRTUAL_CLIENT_PARTITION ? participant->partition
							  : participant->kind;
	values->is_null = text == NULL;
	if (text != NULL)
		put_text(view, begin(view, values, 1), text_of(text));
}

static void
fill_service(struct view *view, unsigned field, struct values *values)
{
	const struct service *service = view->parties->server.service;

	values->is_null = service == NULL;
	if (service != NULL)
		put_text(view, begin(view, values, 1),
			 text_of(field == VIRTUAL_SERVER_SERVICE ? service->id
								 : service->kind));
}

static void
fill_same(struct view *view, unsigned field, struct values *values)
{
	const struct participant *client = view->parties->client.participant;
	const struct participant *server = view->parties->server.participant;

	if (client != NULL && server != NULL)
		put_flag(view, begin(view, values, 1),
			 field == VIRTUAL_SAME_PARTICIPANT
				 ? client == server
				 : strcmp(client->partition, server->partition) == 0);
}

/* Where nobody can say who is client and who is server, all of these are missing. */
static void
fill_virtual(struct view *view, unsigned field, struct values *values)
{
	if (view->parties == NULL || !view->parties->is_known)
		return;
	if (field <= VIRTUAL_CLIENT_REGISTERED)
		fill_party(view, &view->parties->client, field, values);
	else if (field <= VIRTUAL_SERVER_REGISTERED)
		fill_party(view, &view->parties->server,
			   field - VIRTUAL_SERVER_PARTICIPANT +
				   VIRTUAL_CLIENT_PARTICIPANT,
			   values);
	else if (field <= VIRTUAL_SERVER_SERVICE_KIND)
		fill_service(view, field, values);
	else
		fill_same(view, field, values);
}

const struct values *
view_values(struct view *view, unsigned field)
{
	struct values *values = &view->values[field];

	if (values->round == view->round)
		return values;
	*values = (struct values){ .round = view->round };
	if (field >= FIELD_COUNT) {
		fill_virtual(view, field, values);
		return values;
	}
	enum field_id id = (enum field_id)field;
	values->is_null = record_is_null(view->record, id);
	if (record_has(view->record, id))
		fills[record_fields[id].type](view, &view->record->value[id], values);
	return values;
}

struct values
view_constant(struct view *view, const char *text)
{
	struct values values = { .round = view->round };

	put_text(view, begin(view, &values, 1), text_of(text));
	return values;
}
