/* SPDX-License-Identifier: Apache-2.0 */
/* wording: values and operands as short texts for people; what does not fit ends in
 * "...". */
#include "correlator/policy/wording.h"

#include <stdio.h>
#include <stdlib.h>

static const char ellipsis[] = "...";
enum { ELLIPSIS = sizeof(ellipsis) - 1, REQUIRED_SIZE = 160 };

struct wording
wording_into(char *out, size_t room)
{
	assert(room > ELLIPSIS);
	out[0] = '\0';
	return (struct wording){ .out = out, .room = room };
}

/* The most bytes of 'text', at most 'limit', that end with a whole character. */
static size_t
whole_characters(struct text text, size_t limit)
{
	size_t size = text.size < limit ? text.size : limit;

	while (size > 0 && size < text.size &&
	       ((unsigned char)text.at[size] & 0xc0) == 0x80)
		size--;
	return size;
}

void
wording_add(struct wording *wording, struct text text)
{
	size_t left = wording->room - wording->used - 1;

	if (wording->is_full || text.size == 0)
		return;
	size_t size = text.size;
	if (size > left - ELLIPSIS || left < ELLIPSIS) {
		size = whole_characters(text, left < ELLIPSIS ? 0 : left - ELLIPSIS);
		wording->is_full = true;
	}
	memcpy(wording->out + wording->used, text.at, size);
	wording->used += size;
	if (wording->is_full && left >= ELLIPSIS) {
		memcpy(wording->out + wording->used, ellipsis, ELLIPSIS);
		wording->used += ELLIPSIS;
	}
	wording->out[wording->used] = '\0';
}

void
wording_item(struct wording *wording, struct text text)
{
	if (wording->used > 0)
		wording_add(wording, text_of(", "));
	wording_add(wording, text);
}

static void
add_time(struct wording *wording, struct instant at, int zone)
{
	char text[INSTANT_TEXT_SIZE], offset[16];
	int minutes = zone / 60;

	/* EVE's form is UTC; shifted by the zone its first 19 characters are local. */
	instant_to_text(instant_after(at, zone * INSTANT_SECOND), text);
	text[19] = '\0';
	snprintf(offset, sizeof(offset), "%c%02d:%02d", minutes < 0 ? '-' : '+',
		 abs(minutes) / 60, abs(minutes) % 60);
	wording_add(wording, text_of(text));
	wording_add(wording, text_of(offset));
}

static void
add_number(struct wording *wording, uint64_t number)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);
	wording_item(wording, text_of(digits));
}

void
wording_value(struct wording *wording, enum field_id field, const union value *value,
	      int zone)
{
	char text[ADDRESS_TEXT_SIZE];

	switch (record_fields[field].type) {
	case TYPE_EVENT:
		wording_add(wording,
			    text_of(record_event_name((enum event)value->number)));
		break;
	case TYPE_TIME:
		add_time(wording, value->time, zone);
		break;
	case TYPE_ADDRESS:
		address_to_text(&value->address, text);
		wording_add(wording, text_of(text));
		break;
	case TYPE_NUMBER:
		add_number(wording, value->number);
		break;
	case TYPE_BOOL:
		wording_add(wording, text_of(value->flag ? "true" : "false"));
		break;
	case TYPE_TEXT:
		wording_add(wording, value->text);
		break;
	case TYPE_TEXTS:
	case TYPE_REASONS:
	case TYPE_TEXT_COLUMN:
		for (uint32_t i = 0; i < value->texts.count; i++)
			if (value->texts.at[i].at != NULL)
				wording_item(wording, value->texts.at[i]);
		break;
	case TYPE_NUMBERS:
	case TYPE_NUMBER_COLUMN:
		for (uint32_t i = 0; i < value->numbers.count; i++)
			if (value->numbers.at[i] != COLUMN_NONE)
				add_number(wording, value->numbers.at[i]);
		break;
	}
}

static void
add_node(struct wording *wording, const struct yaml_node *node)
{
	if (node->kind == YAML_LIST || node->kind == YAML_MAP)
		for (size_t i = 0; i < node->count; i++) {
			if (i > 0)
				wording_add(wording, text_of(", "));
			if (node->kind == YAML_MAP) {
				wording_add(wording, text_of(node->key[i]->text));
				wording_add(wording, text_of(" "));
			}
			add_node(wording, node->item[i]);
		}
	else
		wording_add(wording, text_of(node->text));
}

const char *
wording_required(struct arena *arena, const char *words,
		 const struct yaml_node *operand, const struct yaml_node *set)
{
	char text[REQUIRED_SIZE];
	struct wording wording = wording_into(text, sizeof(text));

	wording_add(&wording, text_of(words));
	if (operand->kind != YAML_BOOL || words[0] == '\0')
		add_node(&wording, operand);
	if (set != NULL) {
		wording_add(&wording, text_of(": "));
		add_node(&wording, set);
	}
	return arena_text(arena, text, wording.used);
}
