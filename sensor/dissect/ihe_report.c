/* SPDX-License-Identifier: Apache-2.0 */
/* ihe_report: the ihe record of an exchange of envelopes. */
#include <string.h>

#include "sensor/dissect/ihe.h"

enum { LISTED_MAX = 64, SHORT_MAX = 256 };

/* What is told, and from whom. */
struct ihe {
	struct telling *telling;
	const struct http_exchange *exchange;
	const struct soap *request, *response; /* either may be NULL */
	struct bytes action, response_action;
	const char *action_from;
	const struct ihe_transaction *transaction;
	bool is_answer; /* the HTTP request carries an answer (asynchronous) */
};

static struct bytes
text_of_soap(const struct soap *soap, enum soap_text text)
{
	return soap ? http_texts_get(&soap->texts, text) : bytes_over(NULL, 0);
}

static struct bytes
unquoted(struct bytes value)
{
	value = http_trim(value);
	if (value.left >= 2 && value.at[0] == '"' && value.at[value.left - 1] == '"')
		return bytes_over(value.at + 1, value.left - 2);
	return value;
}

/* The action of one message, from where it stands first. */
static struct bytes
action_of(const struct http_message *message, const struct soap *soap,
	  const char **from)
{
	struct bytes type = http_texts_get(&message->texts, HTTP_TEXT_TYPE);
	struct bytes action =
		unquoted(http_texts_get(&message->texts, HTTP_TEXT_ACTION));

	*from = "soapaction";
	if (action.left > 0)
		return action;
	*from = "content_type";
	action = http_parameter(type, "action");
	if (action.left > 0)
		return action;
	*from = "body";
	return text_of_soap(soap, SOAP_ACTION);
}

static void
find_transaction(struct ihe *ihe)
{
	const char *unused;
	bool is_answer = false;

	ihe->action =
		action_of(&ihe->exchange->request, ihe->request, &ihe->action_from);
	ihe->response_action =
		action_of(&ihe->exchange->response, ihe->response, &unused);
	ihe->transaction = ihe_by_action(ihe->action, &ihe->is_answer);
	ihe->is_answer &= ihe->transaction != NULL;
	if (ihe->transaction == NULL) {
		ihe->transaction =
			ihe_by_message(text_of_soap(ihe->request, SOAP_MESSAGE));
		if (ihe->transaction != NULL && ihe->action.left == 0)
			ihe->action_from = "message";
	}
	if (ihe->transaction == NULL)
		ihe->transaction = ihe_by_action(ihe->response_action, &is_answer);
	ihe->is_answer |= text_of_soap(ihe->request, SOAP_RELATES_TO).left > 0;
}

/* Only what is ours is told: another service's action may be anything. */
static bool
is_ours(const struct ihe *ihe)
{
	return ihe->transaction != NULL || http_begins(ihe->action, "urn:ihe:") ||
	       (ihe->request != NULL && ihe->request->is_health) ||
	       (ihe->response != NULL && ihe->response->is_health);
}

static void
set_if(struct ihe *ihe, enum field_id field, struct bytes value)
{
	if (value.left > 0)
		telling_text(ihe->telling, field, value, SHORT_MAX);
}

static bool
is_asynchronous(const struct ihe *ihe)
{
	struct bytes to = text_of_soap(ihe->request, SOAP_REPLY_TO);

	return ihe->is_answer ||
	       (to.left > 0 && !http_ends(to, "/addressing/anonymous") &&
		!http_ends(to, "/addressing/role/anonymous"));
}

/* An action that is not of IHE's own kind is not told: it may be anything. */
static void
set_action(struct ihe *ihe, enum field_id field, struct bytes action)
{
	if (http_begins(action, "urn:ihe:") || http_begins(action, "urn:hl7-org:v3:"))
		telling_text(ihe->telling, field, action, SHORT_MAX);
	else if (action.left == 0)
		record_set_null(&ihe->telling->record, field);
}

static void
set_transaction(struct ihe *ihe)
{
	struct telling *telling = ihe->telling;
	const struct ihe_transaction *transaction = ihe->transaction;
	const char *kind = ihe->response != NULL ? "exchange" : "request";

	if (transaction != NULL && transaction->id != NULL)
		telling_name(telling, FIELD_IHE_TRANSACTION, transaction->id);
	else
		record_set_null(&telling->record, FIELD_IHE_TRANSACTION);
	if (transaction != NULL)
		telling_name(telling, FIELD_IHE_NAME, transaction->name);
	if (ihe->is_answer || ihe->request == NULL)
		kind = "response";
	telling_name(telling, FIELD_IHE_KIND, kind);
	if (ihe->request == NULL)
		return;
	set_action(ihe, FIELD_IHE_ACTION, ihe->action);
	if (ihe->action.left > 0 || transaction != NULL)
		telling_name(telling, FIELD_IHE_ACTION_FROM, ihe->action_from);
	record_set_flag(&telling->record, FIELD_IHE_ASYNC, is_asynchronous(ihe));
}

static void
set_addressing(struct ihe *ihe)
{
	const struct soap *first = ihe->request ? ihe->request : ihe->response;
	struct bytes relates = text_of_soap(ihe->request, SOAP_RELATES_TO);

	telling_name(ihe->telling, FIELD_IHE_SOAP_VERSION,
		     first->version == 11 ? "1.1" : "1.2");
	set_if(ihe, FIELD_IHE_MESSAGE, text_of_soap(ihe->request, SOAP_MESSAGE));
	set_if(ihe, FIELD_IHE_MESSAGE_ID, text_of_soap(ihe->request, SOAP_MESSAGE_ID));
	if (relates.left == 0)
		relates = text_of_soap(ihe->response, SOAP_RELATES_TO);
	set_if(ihe, FIELD_IHE_RELATES_TO, relates);
	if (ihe->response == NULL)
		return;
	set_action(ihe, FIELD_IHE_RESPONSE_ACTION, ihe->response_action);
	set_if(ihe, FIELD_IHE_RESPONSE_MESSAGE,
	       text_of_soap(ihe->response, SOAP_MESSAGE));
	set_if(ihe, FIELD_IHE_RESPONSE_ID,
	       text_of_soap(ihe->response, SOAP_MESSAGE_ID));
}

static bool
is_listed(const struct text *items, uint32_t count, struct text text)
{
	for (uint32_t i = 0; i < count; i++)
		if (text_equal(items[i], text))
			return true;
	return false;
}

/* The authority of a patient as soap_patient() writes one; others as they are. */
static struct bytes
authority_of(struct bytes patient)
{
	http_until(&patient, '&');
	return http_until(&patient, '&');
}

static struct bytes
itself(struct bytes value)
{
	return value;
}

/* Both messages' list, each text once. */
static void
set_list(struct ihe *ihe, enum field_id field, enum soap_list list,
	 struct bytes (*part)(struct bytes))
{
	const struct soap *from[] = { ihe->request, ihe->response };
	struct text *items = telling_items(ihe->telling, LISTED_MAX);
	uint32_t count = 0;
	struct bytes value;

	for (size_t i = 0; i < 2 && items != NULL; i++) {
		if (from[i] == NULL)
			continue;
		ihe->telling->scratch.is_cut |= from[i]->list[list].is_cut;
		for (size_t at = 0;
		     http_list_next(&from[i]->list[list], &at, &value);) {
			struct bytes told = part(value);
			struct text text = scratch_text(&ihe->telling->scratch, told.at,
							told.left, SHORT_MAX);
			if (text.size == 0 || is_listed(items, count, text))
				continue;
			if (count == LISTED_MAX)
				ihe->telling->scratch.is_cut = true;
			else
				items[count++] = text;
		}
	}
	if (count > 0)
		record_set_texts(&ihe->telling->record, field, items, count);
}

static void
set_what(struct ihe *ihe)
{
	struct bytes id = text_of_soap(ihe->request, SOAP_QUERY_ID);
	const char *query = ihe_query_name(id);

	set_list(ihe, FIELD_IHE_COMMUNITIES, SOAP_COMMUNITIES, itself);
	set_list(ihe, FIELD_IHE_REPOSITORIES, SOAP_REPOSITORIES, itself);
	set_list(ihe, FIELD_IHE_PATIENTS, SOAP_PATIENTS, itself);
	set_list(ihe, FIELD_IHE_AUTHORITIES, SOAP_PATIENTS, authority_of);
	set_list(ihe, FIELD_IHE_DOCUMENTS, SOAP_DOCUMENTS, itself);
	set_if(ihe, FIELD_IHE_SENDER, text_of_soap(ihe->request, SOAP_SENDER));
	set_if(ihe, FIELD_IHE_RECEIVER, text_of_soap(ihe->request, SOAP_RECEIVER));
	if (query != NULL)
		telling_name(ihe->telling, FIELD_IHE_QUERY, query);
	if (http_begins(id, "urn:uuid:"))
		set_if(ihe, FIELD_IHE_QUERY_ID, id);
	set_if(ihe, FIELD_IHE_RETURN_TYPE,
	       text_of_soap(ihe->request, SOAP_RETURN_TYPE));
}

static void
set_count(struct ihe *ihe, enum field_id field, const struct soap *soap,
	  enum soap_count count)
{
	if (soap != NULL && soap->count[count] > 0)
		record_set_number(&ihe->telling->record, field, soap->count[count]);
}

/* What the answer's message has to have, even if it is none; of one that is not whole
 * it is not known. */
static void
set_result(struct ihe *ihe, enum field_id field, const struct soap *answer,
	   enum soap_count count)
{
	if (answer->lost == NULL)
		record_set_number(&ihe->telling->record, field, answer->count[count]);
	else
		telling_hide(ihe->telling, record_fields[field].path, answer->lost);
}

static void
set_counts(struct ihe *ihe, const struct soap *answer)
{
	struct bytes message = text_of_soap(answer, SOAP_MESSAGE);

	if (ihe->request != answer) {
		set_count(ihe, FIELD_IHE_ASKED, ihe->request, SOAP_ASKED);
		set_count(ihe, FIELD_IHE_SENT, ihe->request, SOAP_SENT);
	}
	if (http_is(message, "RetrieveDocumentSetResponse"))
		set_result(ihe, FIELD_IHE_RETURNED, answer, SOAP_RETURNED);
	else if (http_is(message, "AdhocQueryResponse"))
		set_result(ihe, FIELD_IHE_OBJECTS, answer, SOAP_OBJECTS);
	else if (http_begins(message, "PRPA_IN201306") ||
		 http_begins(message, "PRPA_IN201310"))
		set_result(ihe, FIELD_IHE_FOUND, answer, SOAP_FOUND);
}

/* A code alone: what else a peer writes there is not told. */
static struct bytes
code_of(struct bytes value)
{
	const uint8_t *colon = value.left ? memrchr(value.at, ':', value.left) : NULL;

	if (colon != NULL)
		bytes_take(&value, (size_t)(colon - value.at) + 1);
	for (size_t i = 0; i < value.left; i++) {
		uint8_t c = value.at[i];
		if (!((c | 0x20) >= 'a' && (c | 0x20) <= 'z') &&
		    !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-')
			return bytes_over(NULL, 0);
	}
	return value;
}

static void
set_status(struct ihe *ihe, const struct soap *answer)
{
	struct bytes status = code_of(text_of_soap(answer, SOAP_STATUS));
	struct bytes ack = code_of(text_of_soap(answer, SOAP_ACKNOWLEDGEMENT));
	struct record *record = &ihe->telling->record;

	if (answer->has_fault)
		telling_name(ihe->telling, FIELD_IHE_STATUS, "Fault");
	else if (status.left > 0)
		telling_text(ihe->telling, FIELD_IHE_STATUS, status, 32);
	else if (ack.left > 0)
		telling_name(ihe->telling, FIELD_IHE_STATUS,
			     http_is(ack, "AA") || http_is(ack, "CA") ? "Success"
								      : "Failure");
	else if (answer->lost == NULL)
		record_set_null(record, FIELD_IHE_STATUS);
	else
		telling_hide(ihe->telling, "ihe.status", answer->lost);
	set_if(ihe, FIELD_IHE_ACKNOWLEDGEMENT, ack);
	set_if(ihe, FIELD_IHE_QUERY_RESPONSE,
	       code_of(text_of_soap(answer, SOAP_QUERY_RESPONSE)));
	set_if(ihe, FIELD_IHE_FAULT, code_of(text_of_soap(answer, SOAP_FAULT)));
	set_list(ihe, FIELD_IHE_ERRORS, SOAP_ERRORS, code_of);
}

/* clang-format off */
static const struct { enum soap_text text; enum field_id field; } claims[] = {
	{ SAML_ID, FIELD_IHE_XUA_ID },
	{ SAML_ISSUER, FIELD_IHE_XUA_ISSUER },
	{ SAML_METHOD, FIELD_IHE_XUA_METHOD },
	{ SAML_FROM, FIELD_IHE_XUA_FROM },
	{ SAML_UNTIL, FIELD_IHE_XUA_UNTIL },
	{ SAML_SUBJECT, FIELD_IHE_XUA_SUBJECT },
	{ SAML_PROVIDER, FIELD_IHE_XUA_PROVIDER },
	{ SAML_ROLE, FIELD_IHE_XUA_ROLE },
	{ SAML_ROLE_SYSTEM, FIELD_IHE_XUA_ROLE_SYSTEM },
	{ SAML_PURPOSE, FIELD_IHE_XUA_PURPOSE },
	{ SAML_PURPOSE_SYSTEM, FIELD_IHE_XUA_PURPOSE_SYSTEM },
	{ SAML_ORGANIZATION, FIELD_IHE_XUA_ORGANIZATION },
	{ SAML_ORGANIZATION_ID, FIELD_IHE_XUA_ORGANIZATION_ID },
	{ SAML_COMMUNITY, FIELD_IHE_XUA_COMMUNITY },
	{ SAML_PATIENT, FIELD_IHE_XUA_PATIENT },
	{ SAML_CONSENT, FIELD_IHE_XUA_CONSENT },
	{ SAML_POLICY, FIELD_IHE_XUA_POLICY },
	{ SAML_NAME, FIELD_SEKISHO_USER },
};
/* clang-format on */

/* The assertion of the request: each claim is there, or null, or why it cannot be
 * known.
 */
static void
set_claims(struct ihe *ihe)
{
	const struct soap *soap = ihe->request;
	struct record *record = &ihe->telling->record;
	bool is_hidden =
		soap == NULL || soap->is_assertion_encrypted || soap->lost != NULL;

	if (soap == NULL)
		return;
	if (soap->has_assertion || soap->is_assertion_encrypted || !is_hidden)
		record_set_flag(record, FIELD_IHE_XUA_SEEN,
				soap->has_assertion || soap->is_assertion_encrypted);
	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		struct bytes value = text_of_soap(soap, claims[i].text);
		if (value.left > 0)
			telling_text(ihe->telling, claims[i].field, value, SHORT_MAX);
		else if (!is_hidden)
			record_set_null(record, claims[i].field);
	}
	if (is_hidden)
		telling_hide(ihe->telling, "ihe.xua",
			     soap->is_assertion_encrypted ? "encrypted" : soap->lost);
}

void
ihe_report(struct http_call *call, const struct http_exchange *exchange,
	   const struct soap *request, const struct soap *response, bool is_mtom)
{
	struct ihe ihe = { &call->http->lane->lane.telling,
			   exchange,
			   request,
			   response,
			   { 0 },
			   { 0 },
			   NULL,
			   NULL,
			   false };

	find_transaction(&ihe);
	if (!is_ours(&ihe))
		return;
	telling_begin(ihe.telling, EVENT_IHE);
	http_report_common(call, exchange, ihe.telling);
	set_transaction(&ihe);
	set_addressing(&ihe);
	record_set_flag(&ihe.telling->record, FIELD_IHE_MTOM, is_mtom);
	set_what(&ihe);
	const struct soap *answer = ihe.is_answer ? request : response;
	if (answer != NULL) {
		set_counts(&ihe, answer);
		set_status(&ihe, answer);
	} else {
		set_count(&ihe, FIELD_IHE_ASKED, request, SOAP_ASKED);
		set_count(&ihe, FIELD_IHE_SENT, request, SOAP_SENT);
	}
	set_claims(&ihe);
	telling_emit(ihe.telling, call->out, call->at, true);
}
