/* SPDX-License-Identifier: Apache-2.0 */
/* telling: the record a dissector fills, with room for its texts and lists. */
#include "sensor/dissect/telling.h"

#include <stdlib.h>

void
telling_begin(struct telling *telling, enum event event)
{
	record_begin(&telling->record, event);
	telling->reason_count = telling->item_count = telling->number_count = 0;
	telling->scratch =
		(struct scratch){ .at = telling->text, .room = sizeof(telling->text) };
}

void
telling_hide(struct telling *telling, const char *what, const char *why)
{
	if (telling->reason_count + 2 > TELLING_REASONS) {
		telling->scratch.is_cut = true;
		return;
	}
	telling->reasons[telling->reason_count++] = text_of(what);
	telling->reasons[telling->reason_count++] = text_of(why);
}

void
telling_text(struct telling *telling, enum field_id field, struct bytes value,
	     uint32_t most)
{
	if (value.left == 0)
		record_set_null(&telling->record, field);
	else
		record_set_text(
			&telling->record, field,
			scratch_text(&telling->scratch, value.at, value.left, most));
}

void
telling_name(struct telling *telling, enum field_id field, const char *name)
{
	record_set_text(&telling->record, field, text_of(name));
}

struct text *
telling_items(struct telling *telling, uint32_t most)
{
	struct text *items = telling->items + telling->item_count;

	if (most > TELLING_ITEMS - telling->item_count) {
		telling->scratch.is_cut = true;
		return NULL;
	}
	telling->item_count += most;
	return items;
}

uint64_t *
telling_numbers(struct telling *telling, uint32_t most)
{
	uint64_t *numbers = telling->numbers + telling->number_count;

	if (most > TELLING_NUMBERS - telling->number_count) {
		telling->scratch.is_cut = true;
		return NULL;
	}
	telling->number_count += most;
	return numbers;
}

void
telling_emit(struct telling *telling, const struct dissect_out *out, struct instant at,
	     bool is_final)
{
	struct record *record = &telling->record;

	record_set_flag(record, FIELD_SEKISHO_IS_FINAL, is_final);
	if (telling->scratch.is_cut)
		record_set_flag(record, FIELD_SEKISHO_TRUNCATED, true);
	if (telling->reason_count > 0)
		record_set_texts(record, FIELD_SEKISHO_UNOBSERVABLE, telling->reasons,
				 telling->reason_count);
	out->emit(out->ctx, at, record);
}

void *
dissect_lane_new(void)
{
	struct dissect_lane *lane = calloc(1, sizeof(*lane));

	if (lane)
		lane->budget.most = DISSECT_HELD_MAX;
	return lane;
}

void
dissect_lane_free(void *lane)
{
	free(lane);
}

struct dissect_counters
dissect_lane_counters(const void *lane)
{
	return ((const struct dissect_lane *)lane)->counters;
}
