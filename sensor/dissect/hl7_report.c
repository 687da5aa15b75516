/* SPDX-License-Identifier: Apache-2.0 */
/* hl7_report: the hl7 records: a message, an answer, an answer that was not seen, a
 * batch. */
#include <string.h>

#include "sensor/dissect/hl7_state.h"

enum {
	FIELD_SIZE = 256, /* bytes told of a field, escapes included */
	SETS_MAX = 16     /* character sets told; the rest is left out */
};

static struct telling *
begin(const struct hl7_call *call, const char *kind)
{
	struct telling *telling = &call->hl7->lane->telling;

	telling_begin(telling, EVENT_HL7);
	telling_name(telling, FIELD_HL7_KIND, kind);
	return telling;
}

static void
set_type(struct telling *telling, const struct hl7_side *side, struct bytes value)
{
	static const enum field_id parts[] = { FIELD_HL7_TYPE, FIELD_HL7_EVENT,
					       FIELD_HL7_STRUCTURE };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		telling_text(telling, parts[i],
			     hl7_field(&value, side->delimiters.component), FIELD_SIZE);
}

static void
set_sets(struct telling *telling, const struct hl7_side *side, struct bytes value)
{
	struct text *sets = telling_items(telling, SETS_MAX);
	uint32_t count = 0;

	if (value.left == 0) {
		record_set_null(&telling->record, FIELD_HL7_CHARACTER_SETS);
		return;
	}
	while (sets != NULL && value.left > 0 && count < SETS_MAX) {
		struct bytes set = hl7_field(&value, side->delimiters.repetition);
		sets[count++] =
			scratch_text(&telling->scratch, set.at, set.left, FIELD_SIZE);
	}
	telling->scratch.is_cut |= value.left > 0;
	record_set_texts(&telling->record, FIELD_HL7_CHARACTER_SETS, sets, count);
}

/* MSH-3 to MSH-18; FHS and BHS have the first five and field 11. */
static const struct {
	uint8_t number;
	bool is_of_batch;
	enum field_id field;
} head_fields[] = {
	{ 3, true, FIELD_HL7_SENDING_APP },
	{ 4, true, FIELD_HL7_SENDING_FACILITY },
	{ 5, true, FIELD_HL7_RECEIVING_APP },
	{ 6, true, FIELD_HL7_RECEIVING_FACILITY },
	{ 7, true, FIELD_HL7_TIME },
	{ 10, false, FIELD_HL7_CONTROL_ID },
	{ 11, false, FIELD_HL7_PROCESSING_ID },
	{ 12, false, FIELD_HL7_VERSION },
	{ 15, false, FIELD_HL7_ACCEPT_ACK },
	{ 16, false, FIELD_HL7_APPLICATION_ACK },
	{ 17, false, FIELD_HL7_COUNTRY },
};

/* What a cut segment does not reach any more is unknown, not null. */
static void
set_head(struct telling *telling, const struct hl7_head *head, bool is_batch,
	 bool is_cut)
{
	for (size_t i = 0; i < sizeof(head_fields) / sizeof(head_fields[0]); i++) {
		uint32_t number = head_fields[i].number;
		if ((!is_batch || head_fields[i].is_of_batch) &&
		    (!is_cut || number <= head->last))
			telling_text(telling, head_fields[i].field, head->field[number],
				     FIELD_SIZE);
	}
	telling->scratch.is_cut |= is_cut;
}

/* Why the message that is answered is not known, or NULL: there was none. */
static const char *
unknown_message(const struct hl7_call *call)
{
	const struct hl7_side *asked = &call->hl7->side[!call->side];

	if (!call->out->is_seen(call->out->ctx, !call->side))
		return "asymmetric";
	if (asked->gaps > 0)
		return "loss";
	return asked->messages == 0 || asked->dropped > 0 ? "truncated" : NULL;
}

static void
set_latency(struct hl7_call *call, struct telling *telling,
	    const struct hl7_waiting *message)
{
	int64_t latency = instant_between(message->sent, call->at);

	record_set_number(&telling->record, FIELD_HL7_ACK_LATENCY,
			  latency > 0 ? (uint64_t)latency : 0);
	telling_text(telling, FIELD_HL7_ACK_MESSAGE,
		     bytes_over(message->message, message->message_size), FIELD_SIZE);
}

/* MSA-1 and MSA-2; MSA-3 is free text, and not read. */
static void
set_answer(struct hl7_call *call, struct telling *telling)
{
	const struct hl7_side *side = &call->hl7->side[call->side];
	struct bytes answer = bytes_over(side->answer.at, side->answer.size);
	struct hl7_waiting message;

	hl7_field(&answer, side->delimiters.field); /* what stands before the first */
	struct bytes code = hl7_field(&answer, side->delimiters.field);
	struct bytes id = hl7_field(&answer, side->delimiters.field);
	telling_text(telling, FIELD_HL7_ACK_CODE, code, FIELD_SIZE);
	telling_text(telling, FIELD_HL7_ACK_CONTROL_ID, id, FIELD_SIZE);
	telling->scratch.is_cut |= side->is_answer_cut;
	if (hl7_answered(call, code, id, &message)) {
		set_latency(call, telling, &message);
		return;
	}
	const char *why = unknown_message(call);
	if (why) {
		telling_hide(telling, "hl7.ack.message", why);
		telling_hide(telling, "hl7.ack.latency_usec", why);
		return;
	}
	record_set_null(&telling->record, FIELD_HL7_ACK_MESSAGE);
	record_set_null(&telling->record, FIELD_HL7_ACK_LATENCY);
}

static bool
is_ack(const struct hl7_side *side, const struct hl7_head *head)
{
	struct bytes name = head->field[9];
	struct bytes type = hl7_field(&name, side->delimiters.component);

	return side->has_answer || (type.left == 3 && memcmp(type.at, "ACK", 3) == 0);
}

static void
tell_client(struct hl7_call *call, int client)
{
	if (call->hl7->is_client_known)
		return;
	call->hl7->is_client_known = true;
	call->out->client_is(call->out->ctx, client);
}

static void
set_message(struct hl7_call *call, struct telling *telling, const struct hl7_head *head,
	    const char *why)
{
	const struct hl7_side *side = &call->hl7->side[call->side];

	set_head(telling, head, false, side->is_head_cut);
	if (!side->is_head_cut || head->last >= 9)
		set_type(telling, side, head->field[9]);
	if (!side->is_head_cut || head->last >= 18)
		set_sets(telling, side, head->field[18]);
	if (why == NULL)
		record_set_number(&telling->record, FIELD_HL7_SIZE, side->size);
	else
		telling_hide(telling, "hl7.size", why);
}

void
hl7_report_message(struct hl7_call *call, const char *why, bool is_over)
{
	const struct hl7_side *side = &call->hl7->side[call->side];
	struct hl7_head head;

	hl7_head_read(bytes_over(side->head.at, side->head.size), &head);
	bool is_answer = is_ack(side, &head);
	tell_client(call, is_answer ? !call->side : call->side);
	/* first, as it may tell of another that waits no more */
	bool waits = !is_answer && !is_over && hl7_wait(call, &head);
	struct telling *telling = begin(call, is_answer ? "ack" : "message");
	set_message(call, telling, &head, why);
	if (side->has_answer)
		set_answer(call, telling);
	else if (why)
		telling_hide(telling, "hl7.ack", why);
	else if (is_answer)
		record_set_null(&telling->record, FIELD_HL7_ACK_CODE);
	telling_emit(telling, call->out, call->at, !waits);
}

static const char *
batch_kind(enum hl7_segment segment)
{
	switch (segment) {
	case HL7_FHS:
		return "file";
	case HL7_BHS:
		return "batch";
	case HL7_FTS:
		return "file_end";
	default:
		return "batch_end";
	}
}

/* The count a trailer begins with; false if that is no number. */
static bool
trailer_count(const struct hl7_side *side, uint64_t *count)
{
	struct bytes rest = bytes_over(side->head.at, side->head.size);
	uint8_t separator = bytes_u8(&rest);
	struct bytes digits = hl7_field(&rest, separator);

	*count = 0;
	for (size_t i = 0; i < digits.left; i++) {
		if (digits.at[i] < '0' || digits.at[i] > '9' || *count > UINT32_MAX)
			return false;
		*count = *count * 10 + digits.at[i] - '0';
	}
	return digits.left > 0;
}

void
hl7_report_batch(struct hl7_call *call)
{
	const struct hl7_side *side = &call->hl7->side[call->side];
	struct telling *telling = begin(call, batch_kind(side->segment));
	struct record *record = &telling->record;
	uint64_t count;

	if (side->segment == HL7_FHS || side->segment == HL7_BHS) {
		struct hl7_head head;
		hl7_head_read(bytes_over(side->head.at, side->head.size), &head);
		set_head(telling, &head, true, side->is_cut);
		if (!side->is_cut || head.last >= 11)
			telling_text(telling, FIELD_HL7_CONTROL_ID, head.field[11],
				     FIELD_SIZE);
		telling_emit(telling, call->out, call->at, false);
		return;
	}
	if (trailer_count(side, &count))
		record_set_number(record, FIELD_HL7_BATCH_COUNT, count);
	else
		record_set_null(record, FIELD_HL7_BATCH_COUNT);
	if (side->gaps > 0)
		telling_hide(telling, "hl7.batch.seen", "loss");
	else
		record_set_number(record, FIELD_HL7_BATCH_SEEN,
				  side->segment == HL7_FTS ? side->file_batches
							   : side->batch_messages);
	telling_emit(telling, call->out, call->at, true);
}

void
hl7_report_waiting(struct hl7_call *call, const struct hl7_waiting *waiting,
		   const char *why)
{
	struct telling *telling = begin(call, "outstanding");
	struct bytes name = bytes_over(waiting->message, waiting->message_size);

	telling_text(telling, FIELD_HL7_TYPE, hl7_field(&name, '^'), FIELD_SIZE);
	telling_text(telling, FIELD_HL7_EVENT, hl7_field(&name, '^'), FIELD_SIZE);
	telling_text(telling, FIELD_HL7_CONTROL_ID,
		     bytes_over(waiting->id, waiting->id_size), FIELD_SIZE);
	if (why)
		telling_hide(telling, "hl7.ack", why);
	else
		record_set_null(&telling->record, FIELD_HL7_ACK_CODE);
	telling_emit(telling, call->out, call->at, true);
}
