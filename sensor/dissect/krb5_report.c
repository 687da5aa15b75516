/* SPDX-License-Identifier: Apache-2.0 */
/* krb5_report: the krb5 record: a request and its answer. */
#include <stdio.h>
#include <string.h>

#include "sensor/dissect/krb5_state.h"

enum { PREAUTH_REQUIRED = 25 };

struct name {
	int32_t value;
	bool is_weak;
	const char *name;
};

/* IANA, Kerberos encryption type numbers; weak as RFC 6649 and RFC 8429 have it. */
static const struct name etypes[] = {
	{ 1, true, "des-cbc-crc" },
	{ 2, true, "des-cbc-md4" },
	{ 3, true, "des-cbc-md5" },
	{ 5, true, "des3-cbc-md5" },
	{ 7, true, "des3-cbc-sha1" },
	{ 16, true, "des3-cbc-sha1-kd" },
	{ 17, false, "aes128-cts-hmac-sha1-96" },
	{ 18, false, "aes256-cts-hmac-sha1-96" },
	{ 19, false, "aes128-cts-hmac-sha256-128" },
	{ 20, false, "aes256-cts-hmac-sha384-192" },
	{ 23, true, "rc4-hmac" },
	{ 24, true, "rc4-hmac-exp" },
	{ 25, false, "camellia128-cts-cmac" },
	{ 26, false, "camellia256-cts-cmac" },
	{ -128, true, "rc4-hmac-old" },
	{ -133, true, "rc4-hmac-old-exp" },
	{ -135, true, "rc4-md4" },
};

/* RFC 4120 section 7.5.9 */
static const struct name errors[] = {
	{ 0, false, "KDC_ERR_NONE" },
	{ 1, false, "KDC_ERR_NAME_EXP" },
	{ 3, false, "KDC_ERR_BAD_PVNO" },
	{ 6, false, "KDC_ERR_C_PRINCIPAL_UNKNOWN" },
	{ 7, false, "KDC_ERR_S_PRINCIPAL_UNKNOWN" },
	{ 8, false, "KDC_ERR_PRINCIPAL_NOT_UNIQUE" },
	{ 9, false, "KDC_ERR_NULL_KEY" },
	{ 12, false, "KDC_ERR_POLICY" },
	{ 13, false, "KDC_ERR_BADOPTION" },
	{ 14, false, "KDC_ERR_ETYPE_NOSUPP" },
	{ 18, false, "KDC_ERR_CLIENT_REVOKED" },
	{ 23, false, "KDC_ERR_KEY_EXPIRED" },
	{ 24, false, "KDC_ERR_PREAUTH_FAILED" },
	{ PREAUTH_REQUIRED, false, "KDC_ERR_PREAUTH_REQUIRED" },
	{ 31, false, "KRB_AP_ERR_BAD_INTEGRITY" },
	{ 32, false, "KRB_AP_ERR_TKT_EXPIRED" },
	{ 34, false, "KRB_AP_ERR_REPEAT" },
	{ 37, false, "KRB_AP_ERR_SKEW" },
	{ 41, false, "KRB_AP_ERR_MODIFIED" },
	{ 52, false, "KRB_ERR_RESPONSE_TOO_BIG" },
	{ 60, false, "KRB_ERR_GENERIC" },
	{ 68, false, "KDC_ERR_WRONG_REALM" },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct name *
find(const struct name *names, size_t count, int32_t value)
{
	for (size_t i = 0; i < count; i++)
		if (names[i].value == value)
			return &names[i];
	return NULL;
}

/* The name, or the number. */
static struct text
text_for(struct telling *telling, const struct name *found, int32_t value)
{
	char number[16];

	if (found)
		return text_of(found->name);
	snprintf(number, sizeof(number), "%d", (int)value);
	return scratch_copy(&telling->scratch, text_of(number));
}

static const char *
type_name(uint8_t type)
{
	static const char *const names[] = {
		[KRB5_AS_REQ] = "KRB_AS_REQ",       [KRB5_AS_REP] = "KRB_AS_REP",
		[KRB5_TGS_REQ] = "KRB_TGS_REQ",     [KRB5_TGS_REP] = "KRB_TGS_REP",
		[KRB5_ERROR_MESSAGE] = "KRB_ERROR",
	};

	return names[type];
}

static void
tell_name(struct telling *telling, enum field_id field, const struct krb5_name *first,
	  const struct krb5_name *second)
{
	const struct krb5_name *name = first && first->size > 0 ? first : second;

	if (name->size > 0)
		telling_text(telling, field, bytes_over(name->at, name->size),
			     KRB5_NAME_MAX * 4);
}

static void
tell_request(struct telling *telling, const struct krb5_message *request)
{
	struct text *items = telling_items(telling, KRB5_ETYPES_MAX);

	for (int i = 0; items && i < request->etype_count; i++)
		items[i] = text_for(telling,
				    find(etypes, COUNT(etypes), request->etype[i]),
				    request->etype[i]);
	if (items)
		record_set_texts(&telling->record, FIELD_SKRB5_OFFERED, items,
				 request->etype_count);
	if (request->type == KRB5_AS_REQ)
		record_set_flag(&telling->record, FIELD_SKRB5_PREAUTH,
				request->is_preauthenticated);
}

static void
tell_etype(struct telling *telling, enum field_id name, enum field_id weak,
	   int32_t etype)
{
	const struct name *found = find(etypes, COUNT(etypes), etype);

	record_set_text(&telling->record, name, text_for(telling, found, etype));
	if (found)
		record_set_flag(&telling->record, weak, found->is_weak);
}

static const char *
tell_answer(struct telling *telling, const struct krb5_message *answer)
{
	int32_t error = (int32_t)answer->error;

	if (answer->has_encryption)
		tell_etype(telling, FIELD_KRB5_ENCRYPTION, FIELD_KRB5_WEAK,
			   answer->encryption);
	if (answer->has_ticket)
		tell_etype(telling, FIELD_KRB5_TICKET, FIELD_KRB5_TICKET_WEAK,
			   answer->ticket);
	if (answer->type != KRB5_ERROR_MESSAGE)
		return "success";
	record_set_text(&telling->record, FIELD_KRB5_ERROR,
			text_for(telling, find(errors, COUNT(errors), error), error));
	return answer->error == PREAUTH_REQUIRED ? "preauth_required" : "failure";
}

static void
tell_no_answer(struct krb5 *krb5, const struct dissect_out *out)
{
	struct telling *telling = &krb5->lane->telling;
	int server = !krb5->client;

	if (!out->is_seen(out->ctx, server))
		telling_hide(telling, "krb5.answer", "asymmetric");
	else if (krb5->is_lost[server])
		telling_hide(telling, "krb5.answer", "loss");
	else if (out->is_cut)
		telling_hide(telling, "krb5.answer", "truncated");
	else
		telling_name(telling, FIELD_SKRB5_OUTCOME, "unanswered");
}

void
krb5_report(struct krb5 *krb5, const struct krb5_message *answer, struct instant at,
	    const struct dissect_out *out)
{
	struct telling *telling = &krb5->lane->telling;
	const struct krb5_message *request = &krb5->request;
	bool has_request = request->type != 0;
	const struct krb5_message *told = answer ? answer : request;
	const struct krb5_message *other = has_request ? request : told;

	telling_begin(telling, EVENT_KRB5);
	telling_name(telling, FIELD_KRB5_MSG_TYPE, type_name(told->type));
	if (answer && answer->type == KRB5_ERROR_MESSAGE && has_request)
		telling_name(telling, FIELD_KRB5_FAILED, type_name(request->type));
	tell_name(telling, FIELD_KRB5_CNAME, &told->client, &other->client);
	tell_name(telling, FIELD_KRB5_REALM, &told->realm, &other->realm);
	const struct krb5_name *service =
		told->service.size > 0 ? &told->service : &other->service;
	if (service->parts > 1)
		tell_name(telling, FIELD_KRB5_SNAME, service, service);
	if (has_request)
		tell_request(telling, request);
	else
		telling_hide(telling, "krb5.request", "truncated");
	if (answer)
		telling_name(telling, FIELD_SKRB5_OUTCOME,
			     tell_answer(telling, answer));
	else
		tell_no_answer(krb5, out);
	telling_emit(telling, out, at, true);
}
