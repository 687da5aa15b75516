/* SPDX-License-Identifier: Apache-2.0 */
/* rdp_report: the rdp record: who asked, what was offered and chosen, what the client
 * is. */
#include <stdio.h>
#include <string.h>

#include "sensor/dissect/rdp_state.h"
#include "sensor/dissect/utf16.h"

enum { RESTRICTED_ADMIN = 1, REMOTE_GUARD = 2, HYBRID = 2, HYBRID_EX = 8 };

struct name {
	uint32_t value;
	const char *name;
};

static const struct name protocols[] = {
	{ 1, "ssl" },     { HYBRID, "hybrid" },
	{ 4, "rdstls" },  { HYBRID_EX, "hybrid_ex" },
	{ 16, "rdsaad" }, { 0, NULL },
};

static const struct name failures[] = {
	{ 1, "SSL_REQUIRED_BY_SERVER" },
	{ 2, "SSL_NOT_ALLOWED_BY_SERVER" },
	{ 3, "SSL_CERT_NOT_ON_SERVER" },
	{ 4, "INCONSISTENT_FLAGS" },
	{ 5, "HYBRID_REQUIRED_BY_SERVER" },
	{ 6, "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER" },
	{ 7, "ENTRA_AUTH_REQUIRED_BY_SERVER" },
	{ 0, NULL },
};

static const struct name methods[] = {
	{ 1, "40bit" }, { 2, "128bit" }, { 8, "56bit" }, { 16, "fips" }, { 0, NULL },
};

static const struct name versions[] = {
	{ 0x80001, "v4" },     { 0x80004, "v5" },     { 0x80005, "v10.0" },
	{ 0x80006, "v10.1" },  { 0x80007, "v10.2" },  { 0x80008, "v10.3" },
	{ 0x80009, "v10.4" },  { 0x8000a, "v10.5" },  { 0x8000b, "v10.6" },
	{ 0x8000c, "v10.7" },  { 0x8000d, "v10.8" },  { 0x8000e, "v10.9" },
	{ 0x8000f, "v10.10" }, { 0x80010, "v10.11" }, { 0x80011, "v10.12" },
	{ 0, NULL },
};

/* The name, or the number in hexadecimal. */
static void
tell_name(struct telling *telling, enum field_id field, const struct name *names,
	  uint32_t value)
{
	char number[16];

	for (; names->name; names++)
		if (names->value == value) {
			telling_name(telling, field, names->name);
			return;
		}
	snprintf(number, sizeof(number), "0x%x", (unsigned)value);
	record_set_text(&telling->record, field,
			scratch_copy(&telling->scratch, text_of(number)));
}

static void
tell_requested(struct telling *telling, uint32_t asked)
{
	enum { MOST = sizeof(protocols) / sizeof(protocols[0]) };
	struct text *items = telling_items(telling, MOST);
	uint32_t count = 0;

	for (const struct name *p = protocols; items && p->name; p++)
		if (asked & p->value)
			items[count++] = text_of(p->name);
	if (items)
		record_set_texts(&telling->record, FIELD_SRDP_REQUESTED, items, count);
}

static void
tell_request(struct telling *telling, const struct rdp_request *request)
{
	struct record *record = &telling->record;

	if (request->has_cookie)
		telling_text(telling, FIELD_RDP_COOKIE,
			     bytes_over(request->cookie, request->cookie_size),
			     RDP_COOKIE_MAX);
	else
		record_set_null(record, FIELD_RDP_COOKIE);
	tell_requested(telling, request->protocols);
	record_set_flag(record, FIELD_SRDP_RESTRICTED,
			request->flags & RESTRICTED_ADMIN);
	record_set_flag(record, FIELD_SRDP_GUARD, request->flags & REMOTE_GUARD);
	record_set_flag(record, FIELD_SRDP_ROUTING, request->has_token);
}

static void
tell_answer(struct telling *telling, const struct rdp_answer *answer)
{
	struct record *record = &telling->record;
	uint32_t code = answer->code;

	telling_name(telling, FIELD_SRDP_OUTCOME,
		     answer->is_failure ? "refused" : "accepted");
	if (answer->is_failure) {
		record_set_null(record, FIELD_SRDP_SELECTED);
		tell_name(telling, FIELD_SRDP_FAILURE, failures, code);
		return;
	}
	if (code == 0)
		telling_name(telling, FIELD_SRDP_SELECTED, "rdp");
	else
		tell_name(telling, FIELD_SRDP_SELECTED, protocols, code);
	record_set_flag(record, FIELD_SRDP_NLA, code == HYBRID || code == HYBRID_EX);
	record_set_null(record, FIELD_SRDP_FAILURE);
}

static void
tell_no_answer(struct rdp *rdp, const struct dissect_out *out)
{
	struct telling *telling = &rdp->lane->lane.telling;
	int server = rdp->client == 1 ? 0 : 1;

	if (!out->is_seen(out->ctx, server))
		telling_hide(telling, "rdp.answer", "asymmetric");
	else if (rdp->is_lost[server])
		telling_hide(telling, "rdp.answer", "loss");
	else if (out->is_cut)
		telling_hide(telling, "rdp.answer", "truncated");
	else
		telling_name(telling, FIELD_SRDP_OUTCOME, "unanswered");
}

static void
tell_channels(struct telling *telling, const struct rdp_client *client)
{
	struct text *items = telling_items(telling, RDP_CHANNELS_MAX);

	for (uint32_t i = 0; items && i < client->channel_count; i++)
		items[i] = scratch_text(
			&telling->scratch, client->channel[i],
			strnlen((const char *)client->channel[i], RDP_CHANNEL_SIZE),
			RDP_CHANNEL_SIZE * 4);
	if (items)
		record_set_texts(&telling->record, FIELD_RDP_CHANNELS, items,
				 client->channel_count);
}

/* What stands within TLS is hidden; without it, it may not have come yet. */
static void
tell_client(struct rdp *rdp)
{
	struct telling *telling = &rdp->lane->lane.telling;
	const struct rdp_client *client = &rdp->told;
	bool is_encrypted = rdp->answer.is_seen && rdp->answer.code != 0;

	if (client->has_channels)
		tell_channels(telling, client);
	if (!client->has_core) {
		telling_hide(telling, "rdp.client",
			     is_encrypted ? "encrypted" : "truncated");
		return;
	}
	tell_name(telling, FIELD_RDP_VERSION, versions, client->version);
	telling_utf16(telling, FIELD_RDP_CLIENT_NAME,
		      bytes_over(client->name, RDP_NAME_SIZE), 2 * RDP_NAME_SIZE);
	record_set_number(&telling->record, FIELD_RDP_WIDTH, client->width);
	record_set_number(&telling->record, FIELD_RDP_HEIGHT, client->height);
	record_set_number(&telling->record, FIELD_SRDP_BUILD, client->build);
	record_set_number(&telling->record, FIELD_SRDP_KEYBOARD, client->keyboard);
}

static void
tell_security(struct rdp *rdp)
{
	struct telling *telling = &rdp->lane->lane.telling;

	if (rdp->method == 0)
		telling_name(telling, FIELD_SRDP_METHOD, "none");
	else
		tell_name(telling, FIELD_SRDP_METHOD, methods, rdp->method);
	record_set_number(&telling->record, FIELD_SRDP_LEVEL, rdp->level);
}

void
rdp_report(struct rdp *rdp, struct instant at, const struct dissect_out *out)
{
	static const char *const stages[] = { NULL, "initial_request",
					      "initial_response", "connect_request",
					      "connect_response" };
	struct telling *telling = &rdp->lane->lane.telling;

	if (rdp->is_told || rdp->stage == RDP_NOTHING)
		return;
	rdp->is_told = true;
	telling_begin(telling, EVENT_RDP);
	telling_name(telling, FIELD_RDP_EVENT, stages[rdp->stage]);
	if (rdp->request.is_seen)
		tell_request(telling, &rdp->request);
	else
		telling_hide(telling, "rdp.request", "asymmetric");
	if (rdp->answer.is_seen)
		tell_answer(telling, &rdp->answer);
	else
		tell_no_answer(rdp, out);
	tell_client(rdp);
	if (rdp->has_security)
		tell_security(rdp);
	telling_emit(telling, out, at, true);
}
