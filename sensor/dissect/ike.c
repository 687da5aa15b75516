/* SPDX-License-Identifier: Apache-2.0 */
/* ike: the dissector of IKEv1 and IKEv2: which SA a message is of, and how each SA
 * began. */
#include <stdlib.h>
#include <string.h>

#include "sensor/dissect/ike_state.h"

enum { KEEPALIVE = 0xff };

/* Four zero octets stand before IKE where ESP may come too (RFC 3948 section 2.2). */
static bool
take_marker(struct bytes *data)
{
	return bytes_u32(data) == 0 && bytes_ok(data);
}

static enum recognition
recognise(struct bytes first, int side)
{
	struct bytes behind = first;

	(void)side;
	if (ike_is_message(first) || (take_marker(&behind) && ike_is_message(behind)))
		return RECOGNISED_YES;
	return RECOGNISED_NO;
}

static void *
begin(void *shared)
{
	struct ike *ike = calloc(1, sizeof(*ike));

	if (ike)
		ike->lane = shared;
	return ike;
}

static void
end(void *state)
{
	struct ike *ike = state;

	for (uint32_t i = 0; i < ike->sa_count; i++)
		kept_release(&ike->lane->budget, &ike->sa[i].request);
	free(ike);
}

/* An SA that began and was never answered has one record, any other a last one. */
static void
conclude(struct ike_call *call, struct ike_sa *sa)
{
	if (sa->has_request && !sa->is_told)
		ike_report_init(call, sa, NULL, true);
	else
		ike_report_end(call, sa);
	kept_release(&call->ike->lane->budget, &sa->request);
}

static struct ike_sa *
find_sa(struct ike *ike, const struct ike_message *message)
{
	for (uint32_t i = 0; i < ike->sa_count; i++)
		if (ike->sa[i].init_spi == message->init_spi &&
		    ike->sa[i].major == message->major)
			return &ike->sa[i];
	return NULL;
}

static struct ike_sa *
add_sa(struct ike_call *call, const struct ike_message *message)
{
	struct ike *ike = call->ike;
	bool is_initiator = message->major == 2 ? message->flags & IKE_FLAG_INITIATOR
						: message->resp_spi == 0;

	if (ike->sa_count == IKE_SAS_MAX) {
		ike->lane->counters.dropped++;
		conclude(call, &ike->sa[0]);
		memmove(&ike->sa[0], &ike->sa[1],
			(IKE_SAS_MAX - 1) * sizeof(ike->sa[0]));
		ike->sa_count--;
	}
	struct ike_sa *sa = &ike->sa[ike->sa_count++];
	*sa = (struct ike_sa){
		.init_spi = message->init_spi,
		.major = message->major,
		.minor = message->minor,
		.initiator = (uint8_t)(is_initiator ? call->side : !call->side),
		.is_rekey = ike->sa_count > 1,
	};
	return sa;
}

static enum ike_kind
kind_of(const struct ike_message *message)
{
	static const struct {
		uint8_t exchange;
		enum ike_kind kind;
	} kinds[] = {
		{ IKE_V1_BASE, IKE_KIND_INIT },
		{ IKE_V1_MAIN, IKE_KIND_INIT },
		{ IKE_V1_AGGRESSIVE, IKE_KIND_INIT },
		{ IKE_SA_INIT, IKE_KIND_INIT },
		{ IKE_EXCHANGE_AUTH, IKE_KIND_AUTH },
		{ IKE_V1_QUICK, IKE_KIND_CHILD },
		{ IKE_CREATE_CHILD_SA, IKE_KIND_CHILD },
		{ IKE_V1_INFORMATIONAL, IKE_KIND_INFORMATIONAL },
		{ IKE_INFORMATIONAL, IKE_KIND_INFORMATIONAL },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].exchange == message->exchange)
			return kinds[i].kind;
	return IKE_KIND_OTHER;
}

/* The first message of an SA; sent again, it takes the place of the one before: it may
 * now carry a cookie, or another key share. */
static void
take_request(struct ike_call *call, struct ike_sa *sa, struct bytes data)
{
	struct ike *ike = call->ike;

	sa->repeats += sa->has_request;
	if (sa->is_told)
		return;
	sa->has_request = true;
	sa->initiator = (uint8_t)call->side;
	sa->request.size = 0;
	sa->is_request_cut =
		!kept_add(&ike->lane->budget, &sa->request, data, IKE_REQUEST_MAX) ||
		ike->lane->message.is_snapped;
	ike->lane->counters.cut += sa->is_request_cut;
	if (!ike->is_client_known) {
		ike->is_client_known = true;
		call->out->client_is(call->out->ctx, call->side);
	}
}

static bool
has_notify(const struct ike_message *message, uint16_t type)
{
	for (uint32_t i = 0; i < message->notify_count; i++)
		if (message->notifies[i] == type)
			return true;
	return false;
}

/* A cookie or another group that is asked for is no answer yet: the request comes
 * again (RFC 7296 sections 2.6 and 1.2). */
static void
take_answer(struct ike_call *call, struct ike_sa *sa, const struct ike_message *message)
{
	if (sa->is_told) {
		sa->repeats++;
		return;
	}
	if (!message->has_sa && !message->is_snapped) {
		bool is_cookie = has_notify(message, IKE_COOKIE);
		bool is_group = has_notify(message, IKE_INVALID_KE_PAYLOAD);
		sa->cookies += is_cookie;
		sa->invalid_ke += is_group;
		if (is_cookie || is_group)
			return;
	}
	sa->resp_spi = message->resp_spi;
	sa->is_told = true;
	ike_report_init(call, sa, message, false);
	kept_release(&call->ike->lane->budget, &sa->request);
}

static void
note_errors(struct ike_sa *sa, const struct ike_message *message)
{
	for (uint32_t i = 0; i < message->notify_count; i++) {
		uint8_t at = 0;
		while (at < sa->error_count && sa->errors[at] != message->notifies[i])
			at++;
		if (message->notifies[i] < IKE_FIRST_STATUS && at == sa->error_count &&
		    at < IKE_ERRORS_MAX)
			sa->errors[sa->error_count++] = message->notifies[i];
	}
}

/* IKEv2 marks its answers; in IKEv1 the responder's first has its cookie. */
static void
take_init(struct ike_call *call, struct ike_sa *sa, const struct ike_message *message,
	  struct bytes data)
{
	bool is_answer = message->major == 2 ? message->flags & IKE_FLAG_RESPONSE
					     : message->resp_spi != 0;

	if (!is_answer)
		take_request(call, sa, data);
	else if (message->major == 2 || message->has_sa)
		take_answer(call, sa, message);
}

static void
take_message(struct ike_call *call, struct bytes data)
{
	const struct ike_message *message = &call->ike->lane->message;
	struct ike_sa *sa = find_sa(call->ike, message);
	enum ike_kind kind = kind_of(message);

	if (sa == NULL)
		sa = add_sa(call, message);
	sa->messages[kind]++;
	if (message->resp_spi != 0)
		sa->resp_spi = message->resp_spi;
	note_errors(sa, message);
	if (kind == IKE_KIND_INIT)
		take_init(call, sa, message, data);
	else if (message->major == 1 && message->errors > 0 &&
		 kind == IKE_KIND_INFORMATIONAL && call->side != sa->initiator)
		take_answer(call, sa, message); /* refused */
}

/* True if the datagram is none of IKE's: ESP, or what keeps an address translation. */
static bool
is_beside(struct ike *ike, struct bytes *data)
{
	if (!ike->is_marked)
		return false;
	if (data->left == 1 && data->at[0] == KEEPALIVE)
		return true;
	if (take_marker(data))
		return false;
	ike->esp++;
	return true;
}

static enum dissect_result
feed(void *state, int side, struct bytes data, struct instant at,
     const struct dissect_out *out)
{
	struct ike *ike = state;
	struct ike_call call = { ike, side, at, out };
	bool is_snapped = ike->is_snapped;

	ike->is_snapped = false;
	if (!ike->is_begun) {
		ike->is_begun = true;
		ike->is_marked = !ike_is_message(data);
	}
	if (is_beside(ike, &data))
		return DISSECT_MORE;
	ike->violation = ike_message_read(data, is_snapped, &ike->lane->message);
	if (ike->violation)
		return DISSECT_VIOLATION;
	take_message(&call, data);
	return DISSECT_MORE;
}

static enum dissect_result
gap(void *state, int side, uint64_t missing, struct instant at,
    const struct dissect_out *out)
{
	(void)side, (void)missing, (void)at, (void)out;
	((struct ike *)state)->is_snapped = true;
	return DISSECT_MORE;
}

static void
finish(void *state, struct instant at, const struct dissect_out *out)
{
	struct ike_call call = { state, 0, at, out };

	for (uint32_t i = 0; i < call.ike->sa_count; i++)
		conclude(&call, &call.ike->sa[i]);
}

static const char *
violation(const void *state)
{
	return ((const struct ike *)state)->violation;
}

static void
shared_free(void *shared)
{
	struct ike_lane *lane = shared;

	if (lane)
		ike_report_free(lane->report);
	free(lane);
}

static void *
shared_new(void)
{
	struct ike_lane *lane = calloc(1, sizeof(*lane));

	if (lane == NULL)
		return NULL;
	lane->budget.most = IKE_HELD_MAX;
	lane->report = ike_report_new();
	if (lane->report == NULL) {
		shared_free(lane);
		return NULL;
	}
	return lane;
}

static struct dissect_counters
counters(const void *shared)
{
	return ((const struct ike_lane *)shared)->counters;
}

const struct dissector dissector_ike = {
	.name = "ike",
	.transport = DISSECT_DATAGRAM,
	.recognise = recognise,
	.begin = begin,
	.feed = feed,
	.gap = gap,
	.finish = finish,
	.end = end,
	.violation = violation,
	.shared_new = shared_new,
	.shared_free = shared_free,
	.counters = counters,
};
