/* SPDX-License-Identifier: Apache-2.0 */
/* hl7_waiting: the messages of a side that wait for an answer, at most so many. */
#include <stdlib.h>
#include <string.h>

#include "sensor/dissect/hl7_state.h"

enum wish { WISH_NONE, WISH_MAYBE, WISH_ALWAYS };

static bool
is_word(struct bytes field, const char *word)
{
	return field.left == strlen(word) && memcmp(field.at, word, field.left) == 0;
}

/* HL7 2.5 section 2.9.2: with neither MSH-15 nor MSH-16 every message is answered. */
static enum wish
wish_of(const struct hl7_head *head)
{
	struct bytes accept = head->field[15], application = head->field[16];

	if (accept.left + application.left == 0 || is_word(accept, "AL") ||
	    is_word(application, "AL"))
		return WISH_ALWAYS;
	bool is_none = (accept.left == 0 || is_word(accept, "NE")) &&
		       (application.left == 0 || is_word(application, "NE"));
	return is_none ? WISH_NONE : WISH_MAYBE;
}

static void
remove_at(struct hl7_side *side, uint32_t index)
{
	side->waiting_count--;
	memmove(&side->waiting[index], &side->waiting[index + 1],
		(side->waiting_count - index) * sizeof(*side->waiting));
}

/* Why the silence of the other side says nothing, or NULL. */
static const char *
silence(const struct hl7_call *call, const struct hl7_waiting *waiting)
{
	if (!call->out->is_seen(call->out->ctx, !call->side))
		return "asymmetric";
	if (call->hl7->side[!call->side].gaps != waiting->gaps)
		return "loss";
	if (call->hl7->violation)
		return "not_decoded";
	return call->out->is_cut ? "truncated" : NULL;
}

static void
drop_oldest(struct hl7_call *call)
{
	struct hl7_side *side = &call->hl7->side[call->side];

	side->dropped++;
	call->hl7->lane->counters.dropped++;
	if (!side->waiting[0].is_optional)
		hl7_report_waiting(call, &side->waiting[0], "truncated");
	remove_at(side, 0);
}

static bool
has_room(struct hl7_call *call)
{
	struct dissect_lane *lane = call->hl7->lane;
	struct hl7_side *side = &call->hl7->side[call->side];
	size_t size = HL7_WAITING_MAX * sizeof(*side->waiting);

	if (side->waiting == NULL) {
		if (lane->budget.held + size > lane->budget.most ||
		    (side->waiting = malloc(size)) == NULL) {
			lane->counters.no_memory++;
			return false;
		}
		lane->budget.held += size;
	}
	if (side->waiting_count == HL7_WAITING_MAX)
		drop_oldest(call);
	return true;
}

static uint8_t
copy(void *to, size_t room, struct bytes from)
{
	size_t size = from.left < room ? from.left : room;

	if (size > 0)
		memcpy(to, from.at, size);
	return (uint8_t)size;
}

/* Type and event as "ADT^A01", whatever the delimiter was. */
static uint8_t
name_message(const struct hl7_side *side, struct bytes name, char *out, size_t room)
{
	struct bytes type = hl7_field(&name, side->delimiters.component);
	struct bytes event = hl7_field(&name, side->delimiters.component);
	uint8_t size = copy(out, room / 2, type);

	if (event.left == 0)
		return size;
	out[size++] = '^';
	return (uint8_t)(size + copy(out + size, room - size, event));
}

bool
hl7_wait(struct hl7_call *call, const struct hl7_head *head)
{
	struct hl7_side *side = &call->hl7->side[call->side];
	struct bytes id = head->field[10];
	enum wish wish = wish_of(head);

	if (wish == WISH_NONE || id.left == 0 || !has_room(call))
		return false;
	struct hl7_waiting *waiting = &side->waiting[side->waiting_count++];
	waiting->id_size = copy(waiting->id, sizeof(waiting->id), id);
	waiting->message_size = name_message(side, head->field[9], waiting->message,
					     sizeof(waiting->message));
	waiting->is_optional = wish == WISH_MAYBE;
	waiting->gaps = call->hl7->side[!call->side].gaps;
	waiting->sent = call->at;
	return true;
}

bool
hl7_answered(struct hl7_call *call, struct bytes code, struct bytes id,
	     struct hl7_waiting *message)
{
	struct hl7_side *asked = &call->hl7->side[!call->side];
	uint8_t sought[HL7_ID_MAX];
	uint8_t size = copy(sought, sizeof(sought), id);

	for (uint32_t i = 0; i < asked->waiting_count; i++) {
		if (asked->waiting[i].id_size != size ||
		    memcmp(asked->waiting[i].id, sought, size) != 0)
			continue;
		*message = asked->waiting[i];
		/* "Commit accept": the application's answer may follow, here or
		 * elsewhere. */
		if (is_word(code, "CA"))
			asked->waiting[i].is_optional = true;
		else
			remove_at(asked, i);
		return true;
	}
	return false;
}

void
hl7_give_up(struct hl7_call *call)
{
	struct hl7_side *side = &call->hl7->side[call->side];

	for (uint32_t i = 0; i < side->waiting_count; i++)
		if (!side->waiting[i].is_optional)
			hl7_report_waiting(call, &side->waiting[i],
					   silence(call, &side->waiting[i]));
	side->waiting_count = 0;
}

void
hl7_waiting_release(struct hl7 *hl7, int side)
{
	struct hl7_side *from = &hl7->side[side];

	if (from->waiting)
		hl7->lane->budget.held -= HL7_WAITING_MAX * sizeof(*from->waiting);
	free(from->waiting);
	from->waiting = NULL;
}
