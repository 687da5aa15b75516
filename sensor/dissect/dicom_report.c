/* SPDX-License-Identifier: Apache-2.0 */
/* dicom_report: the dicom records: an association as it was asked and answered, and its
 * end. */
#include <stdlib.h>
#include <string.h>

#include "sensor/dissect/dicom_state.h"

enum {
	LIST_MAX = 128, /* UIDs told of one list; the rest is left out */
	NAME_SIZE = 64  /* bytes of a title or version name, escapes included */
};

struct list {
	struct text at[LIST_MAX];
	uint32_t count;
};

struct dicom_report {
	struct telling telling;
	struct list abstract, names, transfer, accepted, chosen;
	struct dicom_associate request, answer;
};

struct dicom_report *
dicom_report_new(void)
{
	return calloc(1, sizeof(struct dicom_report));
}

void
dicom_report_free(struct dicom_report *report)
{
	free(report);
}

/* Why something of 'side' was not seen. */
static const char *
reason(const struct dicom_call *call, int side)
{
	if (call->dicom->violation)
		return "not_decoded";
	if (!call->out->is_seen(call->out->ctx, side))
		return "asymmetric";
	return call->dicom->side[side].is_lost ? "loss" : "truncated";
}

/* Titles and names are padded by blanks, UIDs now and then by NUL. */
static struct bytes
trim(struct bytes text)
{
	while (text.left > 0 && (text.at[0] == ' '))
		bytes_u8(&text);
	while (text.left > 0 &&
	       (text.at[text.left - 1] == ' ' || text.at[text.left - 1] == '\0'))
		text.left--;
	return text;
}

static void
set(struct dicom_report *report, enum field_id field, struct bytes value)
{
	telling_text(&report->telling, field, trim(value), NAME_SIZE);
}

static bool
is_uid(struct bytes uid)
{
	for (size_t i = 0; i < uid.left; i++)
		if (uid.at[i] != '.' && (uid.at[i] < '0' || uid.at[i] > '9'))
			return false;
	return uid.left > 0 && uid.left <= DICOM_UID_SIZE;
}

/* Adds a UID that is not there yet.  What is none is left out, and the record says that
 * it is cut. */
static bool
add(struct dicom_report *report, struct list *list, struct bytes value)
{
	struct bytes uid = trim(value);
	struct text text = { (const char *)uid.at, (uint32_t)uid.left };

	if (!is_uid(uid)) {
		report->telling.scratch.is_cut = true;
		return false;
	}
	for (uint32_t i = 0; i < list->count; i++)
		if (text_equal(list->at[i], text))
			return false;
	report->telling.scratch.is_cut |= list->count == LIST_MAX;
	if (list->count == LIST_MAX)
		return false;
	list->at[list->count++] = scratch_copy(&report->telling.scratch, text);
	return true;
}

static void
add_abstract(struct dicom_report *report, struct bytes uid)
{
	if (!add(report, &report->abstract, uid))
		return;
	const char *name = dicom_sop_name(trim(uid));
	report->names.at[report->names.count++] =
		name ? text_of(name) : report->abstract.at[report->abstract.count - 1];
}

static void
set_list(struct dicom_report *report, enum field_id field, const struct list *list)
{
	record_set_texts(&report->telling.record, field, list->at, list->count);
}

static void
set_ends(struct dicom_call *call, struct dicom_report *report)
{
	const struct dicom *dicom = call->dicom;

	if (!dicom->has_titles)
		return;
	set(report, FIELD_DICOM_CALLING_AE, bytes_over(dicom->calling, DICOM_AE_SIZE));
	set(report, FIELD_DICOM_CALLED_AE, bytes_over(dicom->called, DICOM_AE_SIZE));
}

static void
set_max(struct dicom_report *report, enum field_id field,
	const struct dicom_associate *from)
{
	if (from->has_max_length)
		record_set_number(&report->telling.record, field, from->max_length);
	else
		record_set_null(&report->telling.record, field);
}

static void
set_request(struct dicom_call *call, struct dicom_report *report)
{
	struct dicom *dicom = call->dicom;
	struct dicom_associate *request = &report->request;
	struct bytes body = bytes_over(dicom->request.at, dicom->request.size), uid;

	if (!dicom->has_request ||
	    dicom_associate_read(body, dicom->is_request_cut, request) != NULL) {
		request->count = 0;
		telling_hide(&report->telling, "dicom.request",
			     dicom->has_request ? "truncated"
						: reason(call, dicom->client));
		return;
	}
	for (uint32_t i = 0; i < request->count; i++) {
		struct bytes items = request->context[i].items;
		add_abstract(report, request->context[i].abstract);
		while (dicom_transfer_syntax(&items, &uid))
			add(report, &report->transfer, uid);
	}
	set_list(report, FIELD_DICOM_ABSTRACT, &report->abstract);
	set_list(report, FIELD_DICOM_ABSTRACT_NAMES, &report->names);
	set_list(report, FIELD_DICOM_TRANSFER, &report->transfer);
	record_set_number(&report->telling.record, FIELD_DICOM_CONTEXTS,
			  request->count);
	report->telling.scratch.is_cut |= request->is_cut || dicom->is_request_cut;
	set(report, FIELD_DICOM_APPLICATION, request->application);
	if (dicom->is_request_cut) {
		telling_hide(&report->telling, "dicom.client",
			     "truncated"); /* it stands at the end */
		return;
	}
	set(report, FIELD_DICOM_CLIENT_UID, request->uid);
	set(report, FIELD_DICOM_CLIENT_VERSION, request->version);
	set_max(report, FIELD_DICOM_CLIENT_MAX, request);
	if (request->identity == 0)
		record_set_null(&report->telling.record, FIELD_DICOM_USER_IDENTITY);
	else
		record_set_text(&report->telling.record, FIELD_DICOM_USER_IDENTITY,
				text_of(dicom_identity_name(request->identity)));
}

static void
add_accepted(struct dicom_report *report, const struct dicom_context *context)
{
	struct bytes items = context->items, uid;

	for (uint32_t i = 0; i < report->request.count; i++)
		if (report->request.context[i].id == context->id)
			add(report, &report->accepted,
			    report->request.context[i].abstract);
	while (dicom_transfer_syntax(&items, &uid))
		add(report, &report->chosen, uid);
}

static void
set_answer(struct dicom_call *call, struct dicom_report *report)
{
	struct dicom *dicom = call->dicom;
	struct dicom_associate *answer = &report->answer;
	struct bytes body = bytes_over(dicom->answer.at, dicom->answer.size);
	uint32_t accepted = 0;

	if (!dicom->has_answer ||
	    dicom_associate_read(body, dicom->is_answer_cut, answer) != NULL) {
		telling_hide(&report->telling, "dicom.answer",
			     dicom->has_answer ? "truncated"
					       : reason(call, !dicom->client));
		return;
	}
	for (uint32_t i = 0; i < answer->count; i++) {
		if (answer->context[i].result != 0)
			continue;
		accepted++;
		add_accepted(report, &answer->context[i]);
	}
	record_set_number(&report->telling.record, FIELD_DICOM_ACCEPTED, accepted);
	if (dicom->has_request)
		set_list(report, FIELD_DICOM_ACCEPTED_ABSTRACT, &report->accepted);
	set_list(report, FIELD_DICOM_ACCEPTED_TRANSFER, &report->chosen);
	report->telling.scratch.is_cut |= answer->is_cut || dicom->is_answer_cut;
	if (dicom->is_answer_cut) {
		telling_hide(&report->telling, "dicom.server", "truncated");
		return;
	}
	set(report, FIELD_DICOM_SERVER_UID, answer->uid);
	set(report, FIELD_DICOM_SERVER_VERSION, answer->version);
	set_max(report, FIELD_DICOM_SERVER_MAX, answer);
}

static void
set_reject(const struct dicom *dicom, struct record *record)
{
	enum { RESULT, SOURCE, REASON, PERMANENT = 1 };

	if (dicom->reject[RESULT] == 0)
		return;
	record_set_text(record, FIELD_DICOM_REJECT_RESULT,
			text_of(dicom->reject[RESULT] == PERMANENT ? "permanent"
								   : "transient"));
	record_set_text(record, FIELD_DICOM_REJECT_SOURCE,
			text_of(dicom_reject_source(dicom->reject[SOURCE])));
	record_set_text(record, FIELD_DICOM_REJECT_REASON,
			text_of(dicom_reject_reason(dicom->reject[SOURCE],
						    dicom->reject[REASON])));
}

static void
set_abort(const struct dicom *dicom, struct record *record)
{
	enum { SOURCE, REASON };
	bool is_user = dicom->abort[SOURCE] == 0;

	record_set_text(record, FIELD_DICOM_ABORT_SOURCE,
			text_of(is_user ? "user" : "provider"));
	record_set_text(record, FIELD_DICOM_ABORT_REASON,
			text_of(is_user ? "not_specified"
					: dicom_abort_reason(dicom->abort[REASON])));
}

static struct dicom_report *
begin(const struct dicom_call *call, const char *kind, const char *outcome)
{
	struct dicom_report *report = call->dicom->lane->report;

	telling_begin(&report->telling, EVENT_DICOM);
	report->abstract.count = report->names.count = report->transfer.count = 0;
	report->accepted.count = report->chosen.count = 0;
	record_set_text(&report->telling.record, FIELD_DICOM_KIND, text_of(kind));
	if (outcome)
		record_set_text(&report->telling.record, FIELD_DICOM_OUTCOME,
				text_of(outcome));
	else
		telling_hide(&report->telling, "dicom.outcome",
			     call->dicom->side[0].is_lost ||
					     call->dicom->side[1].is_lost
				     ? "loss"
				     : reason(call, !call->dicom->client));
	if (outcome && strcmp(outcome, "aborted") == 0)
		set_abort(call->dicom, &report->telling.record);
	return report;
}

void
dicom_report_association(struct dicom_call *call, const char *outcome)
{
	struct dicom *dicom = call->dicom;
	struct dicom_report *report = begin(call, "association", outcome);

	dicom->is_told = true;
	set_ends(call, report);
	set_request(call, report);
	if (dicom->is_accepted || outcome == NULL)
		set_answer(call, report);
	set_reject(dicom, &report->telling.record);
	telling_emit(&report->telling, call->out, call->at, !dicom->is_accepted);
	kept_release(&dicom->lane->budget, &dicom->request);
	kept_release(&dicom->lane->budget, &dicom->answer);
}

static void
set_counts(struct dicom_report *report, const uint64_t *counts, enum field_id first,
	   uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		record_set_number(&report->telling.record, (enum field_id)(first + i),
				  counts[i]);
}

static void
set_texts(struct dicom_report *report, struct list *list, enum field_id field,
	  const struct dicom_text *texts, uint32_t count)
{
	list->count = 0;
	for (uint32_t i = 0; i < count; i++)
		list->at[list->count++] =
			scratch_text(&report->telling.scratch, texts[i].at,
				     texts[i].size, 2 * NAME_SIZE);
	set_list(report, field, list);
}

static void
set_requests(struct dicom_call *call, struct dicom_report *report)
{
	struct dicom *dicom = call->dicom;
	bool is_cut =
		dicom->is_waiting_cut || dicom->is_command_lost || call->out->is_cut;
	const char *why = NULL;

	set_counts(report, dicom->requests, FIELD_DICOM_STORES, DICOM_SERVICES);
	set_texts(report, &report->abstract, FIELD_DICOM_SOP_CLASSES, dicom->sops,
		  dicom->sop_count);
	set_texts(report, &report->names, FIELD_DICOM_DESTINATIONS, dicom->destinations,
		  dicom->destination_count);
	for (int side = 0; side < SIDES && why == NULL; side++)
		if (dicom->violation || dicom->side[side].is_lost ||
		    !call->out->is_seen(call->out->ctx, side))
			why = reason(call, side);
	if (why == NULL && is_cut)
		why = "truncated";
	if (why)
		telling_hide(&report->telling, "dicom.requests.unanswered", why);
	else
		record_set_number(&report->telling.record, FIELD_DICOM_OUTSTANDING,
				  dicom->side[0].waiting_count +
					  dicom->side[1].waiting_count);
}

static void
set_responses(struct dicom *dicom, struct dicom_report *report)
{
	static const char digits[] = "0123456789ABCDEF";
	struct list *list = &report->transfer;

	set_counts(report, dicom->responses, FIELD_DICOM_SUCCESS, DICOM_CLASSES);
	for (uint32_t i = 0; i < dicom->failure_count; i++) {
		char text[4];
		for (int j = 0; j < 4; j++)
			text[j] = digits[dicom->failures[i] >> (12 - 4 * j) & 15];
		list->at[list->count++] = scratch_copy(&report->telling.scratch,
						       (struct text){ text, 4 });
	}
	set_list(report, FIELD_DICOM_FAILURES, list);
}

/* Requests and images go both ways (C-GET); what a side that was not seen sent is not 0
 * but unknown. */
static void
set_traffic(struct dicom_call *call, struct dicom_report *report)
{
	struct dicom *dicom = call->dicom;
	int client = dicom->client;
	bool has_client = call->out->is_seen(call->out->ctx, client);
	bool has_server = call->out->is_seen(call->out->ctx, !client);

	if (has_client) {
		set_requests(call, report);
		record_set_number(&report->telling.record, FIELD_DICOM_DATA_TOSERVER,
				  dicom->side[client].data_bytes);
	} else {
		telling_hide(&report->telling, "dicom.requests", "asymmetric");
		telling_hide(&report->telling, "dicom.data.bytes_toserver",
			     "asymmetric");
	}
	if (has_server) {
		set_responses(dicom, report);
		record_set_number(&report->telling.record, FIELD_DICOM_DATA_TOCLIENT,
				  dicom->side[!client].data_bytes);
	} else {
		telling_hide(&report->telling, "dicom.responses", "asymmetric");
		telling_hide(&report->telling, "dicom.data.bytes_toclient",
			     "asymmetric");
	}
}

void
dicom_report_end(struct dicom_call *call, const char *outcome)
{
	struct dicom *dicom = call->dicom;
	struct dicom_report *report = begin(call, "end", outcome);

	set_ends(call, report);
	if (!dicom->has_titles)
		telling_hide(&report->telling, "dicom.request",
			     reason(call, dicom->client));
	set_traffic(call, report);
	report->telling.scratch.is_cut |= dicom->is_list_cut || dicom->is_command_lost;
	telling_emit(&report->telling, call->out, call->at, true);
}
