/* SPDX-License-Identifier: Apache-2.0 */
/* ike_report: the ike records: how an SA began, and all that was seen of it. */
#include <stdio.h>
#include <stdlib.h>

#include "sensor/dissect/ike_state.h"

enum {
	VENDOR_SIZE = 32, /* bytes told of a vendor id */
	NAME_SIZE = 48
};

struct ike_report {
	struct telling telling;
	struct ike_message request; /* read again from what was kept */
	struct text payloads[IKE_PAYLOADS_MAX];
	struct text offered[IKE_TRANSFORMS][IKE_OFFERS_MAX];
	struct text additional[IKE_OFFERS_MAX];
	struct text notifies[IKE_NOTIFIES_MAX];
	struct text vendor_ids[2 * IKE_VENDORS_MAX], own_ids[IKE_VENDORS_MAX];
	struct text vendors[2 * IKE_VENDORS_MAX];
	uint32_t vendor_id_count, vendor_count;
};

struct ike_report *
ike_report_new(void)
{
	return calloc(1, sizeof(struct ike_report));
}

void
ike_report_free(struct ike_report *report)
{
	free(report);
}

static struct text
hexadecimal(struct ike_report *report, const uint8_t *at, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	size_t told = size < VENDOR_SIZE ? size : VENDOR_SIZE;
	char *out = scratch_take(&report->telling.scratch, told * 2);

	report->telling.scratch.is_cut |= told < size;
	for (size_t i = 0; out != NULL && i < told; i++) {
		out[2 * i] = digits[at[i] >> 4];
		out[2 * i + 1] = digits[at[i] & 15];
	}
	return (struct text){ out, (uint32_t)(out ? told * 2 : 0) };
}

static struct text
spi(struct ike_report *report, uint64_t value)
{
	uint8_t octets[8];

	for (int i = 0; i < 8; i++)
		octets[i] = (uint8_t)(value >> (56 - 8 * i));
	return hexadecimal(report, octets, sizeof(octets));
}

/* A literal, or prefix and number for what has no name. */
static struct text
name_or_number(struct ike_report *report, const char *name, const char *prefix,
	       uint32_t number)
{
	char text[NAME_SIZE];

	if (name)
		return text_of(name);
	snprintf(text, sizeof(text), "%s%u", prefix, (unsigned)number);
	return scratch_copy(&report->telling.scratch, text_of(text));
}

static struct text
choice_text(struct ike_report *report, enum ike_transform kind,
	    struct ike_choice choice)
{
	const char *name = ike_transform_name(kind, choice.id);
	const char *prefix = ike_transform_prefix(kind);
	char text[NAME_SIZE];

	if (name && choice.key_length == 0)
		return text_of(name);
	int size = name ? snprintf(text, sizeof(text), "%s", name)
			: snprintf(text, sizeof(text), "%s%s%u", prefix,
				   choice.id & IKE_ONLY_V1 ? "V1_" : "",
				   (unsigned)(choice.id & 0xffff));
	if (choice.key_length)
		snprintf(text + size, sizeof(text) - (size_t)size, "_%u",
			 (unsigned)choice.key_length);
	return scratch_copy(&report->telling.scratch, text_of(text));
}

static struct ike_report *
begin(struct ike_call *call, const struct ike_sa *sa, const char *kind)
{
	struct ike_report *report = call->ike->lane->report;
	struct record *record = &report->telling.record;

	telling_begin(&report->telling, EVENT_IKE);
	report->vendor_id_count = report->vendor_count = 0;
	record_set_number(record, FIELD_IKE_MAJOR, sa->major);
	record_set_number(record, FIELD_IKE_MINOR, sa->minor);
	record_set_text(record, FIELD_IKE_INIT_SPI, spi(report, sa->init_spi));
	record_set_text(record, FIELD_IKE_RESP_SPI, spi(report, sa->resp_spi));
	record_set_text(record, FIELD_SIKE_KIND, text_of(kind));
	record_set_flag(record, FIELD_SIKE_ENCAPSULATED, call->ike->is_marked);
	record_set_number(record, FIELD_SIKE_REPEATS, sa->repeats);
	record_set_number(record, FIELD_SIKE_COOKIES, sa->cookies);
	record_set_number(record, FIELD_SIKE_INVALID_KE, sa->invalid_ke);
	return report;
}

static void
set_payloads(struct ike_report *report, const struct ike_message *message)
{
	for (uint32_t i = 0; i < message->payload_count; i++)
		report->payloads[i] = name_or_number(
			report, ike_payload_name(message->major, message->payloads[i]),
			"", message->payloads[i]);
	record_set_texts(&report->telling.record, FIELD_IKE_PAYLOAD, report->payloads,
			 message->payload_count);
}

static struct text
notify_text(struct ike_report *report, uint8_t major, uint16_t type)
{
	return name_or_number(report, ike_notify_name(major, type), "NOTIFY_", type);
}

static void
set_v1(struct ike_report *report, const struct ike_message *message)
{
	struct record *record = &report->telling.record;

	if (message->has_sa)
		record_set_number(record, FIELD_IKE_V1_DOI, message->doi);
	record_set_flag(record, FIELD_IKE_V1_ENCRYPTED, message->is_encrypted);
	for (uint32_t i = 0; i < message->vendor_count; i++)
		report->own_ids[i] = hexadecimal(report, message->vendors[i].at,
						 message->vendors[i].left);
	record_set_texts(record, FIELD_IKE_V1_VENDORS, report->own_ids,
			 message->vendor_count);
}

static void
set_v2(struct ike_report *report, const struct ike_message *message)
{
	record_set_number(&report->telling.record, FIELD_IKE_V2_ERRORS,
			  message->errors);
	for (uint32_t i = 0; i < message->notify_count; i++)
		report->notifies[i] =
			notify_text(report, message->major, message->notifies[i]);
	record_set_texts(&report->telling.record, FIELD_IKE_V2_NOTIFY, report->notifies,
			 message->notify_count);
}

/* What EVE tells of one message. */
static void
set_message(struct ike_report *report, const struct ike_message *message,
	    bool is_answer)
{
	struct record *record = &report->telling.record;
	const char *name = ike_exchange_name(message->major, message->exchange);

	record_set_number(record, FIELD_IKE_EXCHANGE, message->exchange);
	if (name)
		record_set_text(record, FIELD_IKE_EXCHANGE_NAME, text_of(name));
	record_set_number(record, FIELD_IKE_MESSAGE_ID, message->id);
	record_set_text(record, FIELD_IKE_ROLE,
			text_of(is_answer ? "responder" : "initiator"));
	set_payloads(report, message);
	if (message->major == 1)
		set_v1(report, message);
	else
		set_v2(report, message);
}

static void
add_vendors(struct ike_report *report, const struct ike_message *message)
{
	for (uint32_t i = 0; i < message->vendor_count; i++) {
		struct text id = hexadecimal(report, message->vendors[i].at,
					     message->vendors[i].left);
		const char *name = ike_vendor_name(message->vendors[i]);
		uint32_t at = 0;
		while (at < report->vendor_id_count &&
		       !text_equal(report->vendor_ids[at], id))
			at++;
		if (at < report->vendor_id_count)
			continue;
		report->vendor_ids[report->vendor_id_count++] = id;
		if (name)
			report->vendors[report->vendor_count++] = text_of(name);
	}
}

static const enum field_id offered_fields[IKE_TRANSFORMS] = {
	[IKE_ENCR] = FIELD_SIKE_ENCR,   [IKE_PRF] = FIELD_SIKE_PRF,
	[IKE_INTEG] = FIELD_SIKE_INTEG, [IKE_GROUP] = FIELD_SIKE_GROUP,
	[IKE_AUTH] = FIELD_SIKE_AUTH,   [IKE_ADDITIONAL] = FIELD_SIKE_ADDITIONAL,
};

static void
set_offered(struct ike_report *report, const struct ike_message *request)
{
	for (int i = 0; i < IKE_TRANSFORMS; i++) {
		enum ike_transform kind = (enum ike_transform)i;
		const struct ike_offer *offer = &request->offer[kind];
		for (uint32_t n = 0; n < offer->count; n++)
			report->offered[kind][n] =
				choice_text(report, kind, offer->at[n]);
		if (offer->count > 0)
			record_set_texts(&report->telling.record, offered_fields[kind],
					 report->offered[kind], offer->count);
		else if (!request->is_cut)
			record_set_null(&report->telling.record, offered_fields[kind]);
	}
	record_set_number(&report->telling.record, FIELD_SIKE_PROPOSALS,
			  request->proposals);
}

/* IKEv2 has its authentication encrypted, IKEv1 has no further exchanges. */
static void
set_chosen(struct ike_report *report, const struct ike_message *answer)
{
	static const struct {
		enum ike_transform kind;
		enum field_id field;
	} rows[] = {
		{ IKE_ENCR, FIELD_IKE_CHOSEN_ENCR },
		{ IKE_PRF, FIELD_IKE_CHOSEN_PRF },
		{ IKE_INTEG, FIELD_IKE_CHOSEN_INTEG },
		{ IKE_GROUP, FIELD_IKE_CHOSEN_GROUP },
		{ IKE_AUTH, FIELD_IKE_CHOSEN_AUTH },
	};
	struct record *record = &report->telling.record;
	const struct ike_offer *more = &answer->offer[IKE_ADDITIONAL];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct ike_offer *offer = &answer->offer[rows[i].kind];
		if (offer->count > 0)
			record_set_text(
				record, rows[i].field,
				choice_text(report, rows[i].kind, offer->at[0]));
		else if (rows[i].kind != IKE_AUTH || answer->major == 1)
			record_set_null(record, rows[i].field);
	}
	for (uint32_t i = 0; i < more->count; i++)
		report->additional[i] =
			choice_text(report, IKE_ADDITIONAL, more->at[i]);
	record_set_texts(record, FIELD_IKE_CHOSEN_ADDITIONAL, report->additional,
			 more->count);
	if (answer->major == 2)
		telling_hide(&report->telling, "ike.chosen.auth", "encrypted");
	const struct ike_offer *cipher = &answer->offer[IKE_ENCR];
	if (cipher->count > 0 && cipher->at[0].key_length > 0)
		record_set_number(record, FIELD_SIKE_KEY_LENGTH,
				  cipher->at[0].key_length);
	else
		record_set_null(record, FIELD_SIKE_KEY_LENGTH);
	if (answer->life > 0)
		record_set_number(record, FIELD_SIKE_LIFE, answer->life);
}

/* The request as it was kept; false if none was seen. */
static bool
set_request(struct ike_call *call, struct ike_report *report, const struct ike_sa *sa)
{
	struct ike_message *request = &report->request;

	if (!sa->has_request) {
		telling_hide(&report->telling, "ike.request",
			     call->out->is_seen(call->out->ctx, sa->initiator)
				     ? "truncated"
				     : "asymmetric");
		return false;
	}
	/* it was read before: what breaks it now is that it was cut */
	ike_message_read(bytes_over(sa->request.at, sa->request.size),
			 sa->is_request_cut, request);
	if (sa->is_request_cut)
		telling_hide(&report->telling, "ike.request", "truncated");
	report->telling.scratch.is_cut |= request->is_cut;
	set_offered(report, request);
	add_vendors(report, request);
	record_set_flag(&report->telling.record, FIELD_SIKE_AGGRESSIVE,
			request->major == 1 && request->exchange == IKE_V1_AGGRESSIVE);
	return true;
}

static void
set_answer(struct ike_report *report, const struct ike_message *answer,
	   bool has_request)
{
	struct record *record = &report->telling.record;
	bool is_unread = answer->is_cut && !answer->has_sa;

	record_set_text(record, FIELD_SIKE_OUTCOME,
			text_of(answer->has_sa || is_unread ? "answered" : "refused"));
	if (is_unread)
		telling_hide(&report->telling, "ike.answer", "truncated");
	else
		set_chosen(report, answer);
	report->telling.scratch.is_cut |= answer->is_cut;
	add_vendors(report, answer);
	record_set_flag(record, FIELD_SIKE_AGGRESSIVE,
			answer->major == 1 && answer->exchange == IKE_V1_AGGRESSIVE);
	if (has_request && !answer->is_cut)
		record_set_flag(record, FIELD_SIKE_NAT_T,
				answer->knows_nat && report->request.knows_nat);
}

/* Nothing was chosen, unless the other side takes another way and it cannot be known.
 */
static void
set_silence(struct ike_call *call, struct ike_report *report, const struct ike_sa *sa)
{
	static const enum field_id chosen[] = { FIELD_IKE_CHOSEN_ENCR,
						FIELD_IKE_CHOSEN_PRF,
						FIELD_IKE_CHOSEN_INTEG,
						FIELD_IKE_CHOSEN_GROUP };

	record_set_text(&report->telling.record, FIELD_SIKE_OUTCOME,
			text_of("unanswered"));
	if (call->ike->violation) { /* perhaps the answer is what was broken */
		telling_hide(&report->telling, "ike.answer", "not_decoded");
		return;
	}
	if (!call->out->is_seen(call->out->ctx, !sa->initiator)) {
		telling_hide(&report->telling, "ike.answer", "asymmetric");
		return;
	}
	for (size_t i = 0; i < sizeof(chosen) / sizeof(chosen[0]); i++)
		record_set_null(&report->telling.record, chosen[i]);
}

void
ike_report_init(struct ike_call *call, const struct ike_sa *sa,
		const struct ike_message *answer, bool is_final)
{
	struct ike_report *report = begin(call, sa, "init");
	struct record *record = &report->telling.record;
	bool has_request = set_request(call, report, sa);

	if (answer) {
		set_message(report, answer, true);
		set_answer(report, answer, has_request);
	} else {
		set_message(report, &report->request, false);
		set_silence(call, report, sa);
	}
	record_set_texts(record, FIELD_SIKE_VENDOR_IDS, report->vendor_ids,
			 report->vendor_id_count);
	record_set_texts(record, FIELD_SIKE_VENDORS, report->vendors,
			 report->vendor_count);
	telling_emit(&report->telling, call->out, call->at, is_final);
}

void
ike_report_end(struct ike_call *call, const struct ike_sa *sa)
{
	static const enum field_id counts[IKE_KINDS] = {
		[IKE_KIND_INIT] = FIELD_SIKE_MESSAGES_INIT,
		[IKE_KIND_AUTH] = FIELD_SIKE_MESSAGES_AUTH,
		[IKE_KIND_CHILD] = FIELD_SIKE_MESSAGES_CHILD,
		[IKE_KIND_INFORMATIONAL] = FIELD_SIKE_MESSAGES_INFORMATIONAL,
		[IKE_KIND_OTHER] = FIELD_SIKE_MESSAGES_OTHER,
	};
	struct ike_report *report = begin(call, sa, "end");
	struct record *record = &report->telling.record;

	for (int i = 0; i < IKE_KINDS; i++)
		record_set_number(record, counts[i], sa->messages[i]);
	record_set_number(record, FIELD_SIKE_ESP, call->ike->esp);
	for (uint32_t i = 0; i < sa->error_count; i++)
		report->notifies[i] = notify_text(report, sa->major, sa->errors[i]);
	record_set_texts(record, FIELD_SIKE_ERRORS, report->notifies, sa->error_count);
	if (!sa->is_told) {
		telling_hide(&report->telling, "ike.request",
			     sa->is_rekey ? "encrypted" : "truncated");
		telling_hide(&report->telling, "ike.answer",
			     sa->is_rekey ? "encrypted" : "truncated");
	}
	if (sa->messages[IKE_KIND_AUTH] + sa->messages[IKE_KIND_CHILD] > 0)
		telling_hide(&report->telling, "ike.child", "encrypted");
	telling_emit(&report->telling, call->out, call->at, true);
}
