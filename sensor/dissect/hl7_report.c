/* SPDX-License-Identifier: Apache-2.0 */
/* hl7_report: the hl7 records: a message, an answer, an answer that was not seen, a
 * batch. */
#include <stdlib.h>
#include <string.h>

#include "sensor/dissect/hl7_state.h"
#include "sensor/dissect/scratch.h"

enum {
	FIELD_SIZE = 256,   /* bytes told of a field, escapes included */
	SETS_MAX = 16,      /* character sets told; the rest is left out */
	REASONS_MAX = 8,    /* keys and reasons together */
	TEXT_SIZE = 8 << 10 /* bytes of all texts of a record */
};

struct hl7_report {
	struct record record;
	struct scratch scratch;
	struct text sets[SETS_MAX];
	struct text reasons[REASONS_MAX];
	uint32_t reason_count;
	char text[TEXT_SIZE];
};

struct hl7_report *
hl7_report_new(void)
{
	return calloc(1, sizeof(struct hl7_report));
}

void
hl7_report_free(struct hl7_report *report)
{
	free(report);
}

static struct hl7_report *
begin(const struct hl7_call *call, const char *kind)
{
	struct hl7_report *report = call->hl7->lane->report;

	record_begin(&report->record, EVENT_HL7);
	report->reason_count = 0;
	report->scratch =
		(struct scratch){ .at = report->text, .room = sizeof(report->text) };
	record_set_text(&report->record, FIELD_HL7_KIND, text_of(kind));
	return report;
}

static void
emit(struct hl7_call *call, struct hl7_report *report, bool is_final)
{
	record_set_flag(&report->record, FIELD_SEKISHO_IS_FINAL, is_final);
	if (report->scratch.is_cut)
		record_set_flag(&report->record, FIELD_SEKISHO_TRUNCATED, true);
	if (report->reason_count > 0)
		record_set_texts(&report->record, FIELD_SEKISHO_UNOBSERVABLE,
				 report->reasons, report->reason_count);
	call->out->emit(call->out->ctx, call->at, &report->record);
}

static void
hide(struct hl7_report *report, const char *what, const char *why)
{
	if (report->reason_count + 2 > REASONS_MAX)
		return;
	report->reasons[report->reason_count++] = text_of(what);
	report->reasons[report->reason_count++] = text_of(why);
}

/* An empty field is null: looked, and not there. */
static void
set(struct hl7_report *report, enum field_id field, struct bytes value)
{
	if (value.left == 0)
		record_set_null(&report->record, field);
	else
		record_set_text(&report->record, field,
				scratch_text(&report->scratch, value.at, value.left,
					     FIELD_SIZE));
}

static void
set_type(struct hl7_report *report, const struct hl7_side *side, struct bytes value)
{
	static const enum field_id parts[] = { FIELD_HL7_TYPE, FIELD_HL7_EVENT,
					       FIELD_HL7_STRUCTURE };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		set(report, parts[i], hl7_field(&value, side->delimiters.component));
}

static void
set_sets(struct hl7_report *report, const struct hl7_side *side, struct bytes value)
{
	uint32_t count = 0;

	if (value.left == 0) {
		record_set_null(&report->record, FIELD_HL7_CHARACTER_SETS);
		return;
	}
	while (value.left > 0 && count < SETS_MAX) {
		struct bytes set = hl7_field(&value, side->delimiters.repetition);
		report->sets[count++] =
			scratch_text(&report->scratch, set.at, set.left, FIELD_SIZE);
	}
	report->scratch.is_cut |= value.left > 0;
	record_set_texts(&report->record, FIELD_HL7_CHARACTER_SETS, report->sets,
			 count);
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
set_head(struct hl7_report *report, const struct hl7_head *head, bool is_batch,
	 bool is_cut)
{
	for (size_t i = 0; i < sizeof(head_fields) / sizeof(head_fields[0]); i++) {
		uint32_t number = head_fields[i].number;
		if ((!is_batch || head_fields[i].is_of_batch) &&
		    (!is_cut || number <= head->last))
			set(report, head_fields[i].field, head->field[number]);
	}
	report->scratch.is_cut |= is_cut;
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
set_latency(struct hl7_call *call, struct hl7_report *report,
	    const struct hl7_waiting *message)
{
	int64_t latency = instant_between(message->sent, call->at);

	record_set_number(&report->record, FIELD_HL7_ACK_LATENCY,
			  latency > 0 ? (uint64_t)latency : 0);
	set(report, FIELD_HL7_ACK_MESSAGE,
	    bytes_over(message->message, message->message_size));
}

/* MSA-1 and MSA-2; MSA-3 is free text, and not read. */
static void
set_answer(struct hl7_call *call, struct hl7_report *report)
{
	const struct hl7_side *side = &call->hl7->side[call->side];
	struct bytes answer = bytes_over(side->answer.at, side->answer.size);
	struct hl7_waiting message;

	hl7_field(&answer, side->delimiters.field); /* what stands before the first */
	struct bytes code = hl7_field(&answer, side->delimiters.field);
	struct bytes id = hl7_field(&answer, side->delimiters.field);
	set(report, FIELD_HL7_ACK_CODE, code);
	set(report, FIELD_HL7_ACK_CONTROL_ID, id);
	report->scratch.is_cut |= side->is_answer_cut;
	if (hl7_answered(call, code, id, &message)) {
		set_latency(call, report, &message);
		return;
	}
	const char *why = unknown_message(call);
	if (why) {
		hide(report, "hl7.ack.message", why);
		hide(report, "hl7.ack.latency_usec", why);
		return;
	}
	record_set_null(&report->record, FIELD_HL7_ACK_MESSAGE);
	record_set_null(&report->record, FIELD_HL7_ACK_LATENCY);
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
set_message(struct hl7_call *call, struct hl7_report *report,
	    const struct hl7_head *head, const char *why)
{
	const struct hl7_side *side = &call->hl7->side[call->side];

	set_head(report, head, false, side->is_head_cut);
	if (!side->is_head_cut || head->last >= 9)
		set_type(report, side, head->field[9]);
	if (!side->is_head_cut || head->last >= 18)
		set_sets(report, side, head->field[18]);
	if (why == NULL)
		record_set_number(&report->record, FIELD_HL7_SIZE, side->size);
	else
		hide(report, "hl7.size", why);
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
	struct hl7_report *report = begin(call, is_answer ? "ack" : "message");
	set_message(call, report, &head, why);
	if (side->has_answer)
		set_answer(call, report);
	else if (why)
		hide(report, "hl7.ack", why);
	else if (is_answer)
		record_set_null(&report->record, FIELD_HL7_ACK_CODE);
	emit(call, report, !waits);
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
	struct hl7_report *report = begin(call, batch_kind(side->segment));
	struct record *record = &report->record;
	uint64_t count;

	if (side->segment == HL7_FHS || side->segment == HL7_BHS) {
		struct hl7_head head;
		hl7_head_read(bytes_over(side->head.at, side->head.size), &head);
		set_head(report, &head, true, side->is_cut);
		if (!side->is_cut || head.last >= 11)
			set(report, FIELD_HL7_CONTROL_ID, head.field[11]);
		emit(call, report, false);
		return;
	}
	if (trailer_count(side, &count))
		record_set_number(record, FIELD_HL7_BATCH_COUNT, count);
	else
		record_set_null(record, FIELD_HL7_BATCH_COUNT);
	if (side->gaps > 0)
		hide(report, "hl7.batch.seen", "loss");
	else
		record_set_number(record, FIELD_HL7_BATCH_SEEN,
				  side->segment == HL7_FTS ? side->file_batches
							   : side->batch_messages);
	emit(call, report, true);
}

void
hl7_report_waiting(struct hl7_call *call, const struct hl7_waiting *waiting,
		   const char *why)
{
	struct hl7_report *report = begin(call, "outstanding");
	struct bytes name = bytes_over(waiting->message, waiting->message_size);

	set(report, FIELD_HL7_TYPE, hl7_field(&name, '^'));
	set(report, FIELD_HL7_EVENT, hl7_field(&name, '^'));
	set(report, FIELD_HL7_CONTROL_ID, bytes_over(waiting->id, waiting->id_size));
	if (why)
		hide(report, "hl7.ack", why);
	else
		record_set_null(&report->record, FIELD_HL7_ACK_CODE);
	emit(call, report, true);
}
