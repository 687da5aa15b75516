/* SPDX-License-Identifier: Apache-2.0 */
/* http_body: who reads a message's content: SOAP, FHIR, or nobody. */
#include "sensor/dissect/http_body.h"

#include <stdlib.h>

#include "sensor/dissect/fhir.h"
#include "sensor/dissect/http_report.h"
#include "sensor/dissect/ihe.h"
#include "sensor/dissect/soap_multipart.h"

enum kind { NOBODY, OF_SOAP, OF_FHIR_JSON, OF_FHIR_XML };

struct http_body {
	enum kind kind;
	bool is_multipart, is_over;
	bool holds_document; /* one of HTTP_XML_MAX */
	struct soap_multipart multipart;
	union {
		struct soap soap;
		struct fhir_content fhir;
	};
};

static bool
has_fhir_path(const struct http_exchange *exchange)
{
	struct fhir_path path;
	struct bytes query;

	fhir_path_read(http_report_path(exchange, &query), &path);
	return path.is_found;
}

/* Content is looked into only if its type may be one we read. */
static enum kind
kind_of(const struct http_exchange *exchange, const struct http_message *message,
	bool *is_multipart)
{
	struct bytes rest = http_texts_get(&message->texts, HTTP_TEXT_TYPE);
	struct bytes whole = rest, type = http_trim(http_until(&rest, ';'));
	const char *format = fhir_format(type);

	*is_multipart = http_is(type, "multipart/related");
	if (format != NULL)
		return format[0] == 'j' ? OF_FHIR_JSON : OF_FHIR_XML;
	if (http_is(type, "application/json"))
		return has_fhir_path(exchange) ? OF_FHIR_JSON : NOBODY;
	if (*is_multipart)
		whole = http_parameter(whole, "type");
	else
		whole = type;
	return http_is(whole, "application/soap+xml") || http_is(whole, "text/xml") ||
			       http_is(whole, "application/xop+xml") ||
			       http_is(whole, "application/xml")
		       ? OF_SOAP
		       : NOBODY;
}

static bool
begin_reader(struct http_lane *lane, struct http_body *body)
{
	if (body->kind == OF_SOAP)
		return soap_begin(&body->soap, &lane->lane.budget);
	return fhir_content_begin(&body->fhir, &lane->lane.budget,
				  body->kind == OF_FHIR_XML);
}

/* A body that reads nothing yet, or NULL. */
static struct http_body *
new_body(struct http_lane *lane, enum kind kind, bool is_multipart)
{
	bool is_xml = kind == OF_SOAP || kind == OF_FHIR_XML;
	struct http_body *body = NULL;

	if (lane->lane.budget.held + sizeof(*body) <= lane->lane.budget.most &&
	    !(is_xml && lane->documents == HTTP_XML_MAX))
		body = calloc(1, sizeof(*body));
	if (body == NULL)
		return NULL;
	lane->lane.budget.held += sizeof(*body);
	body->kind = kind;
	body->is_multipart = is_multipart;
	body->holds_document = is_xml;
	lane->documents += is_xml;
	return body;
}

static void
note_unread(struct http_message *message, enum kind kind, const char *why)
{
	message->is_soap_unread = kind == OF_SOAP;
	message->is_fhir_unread = kind != OF_SOAP;
	message->unread = why;
}

void
http_body_begin(struct http_call *call, const struct http_exchange *exchange,
		struct http_message *message)
{
	struct http_lane *lane = call->http->lane;
	struct bytes type = http_texts_get(&message->texts, HTTP_TEXT_TYPE);
	struct bytes encoding = http_texts_get(&message->texts, HTTP_TEXT_ENCODING);
	bool is_multipart = false;
	enum kind kind = kind_of(exchange, message, &is_multipart);

	if (kind == NOBODY)
		return;
	if (encoding.left > 0 && !http_is(encoding, "identity")) {
		note_unread(message, kind, "not_decoded");
		return;
	}
	struct http_body *body = new_body(lane, kind, is_multipart);
	if (body == NULL) {
		lane->lane.counters.no_memory++;
		note_unread(message, kind, "truncated");
		return;
	}
	if (!begin_reader(lane, body) ||
	    (is_multipart && !soap_multipart_begin(&body->multipart, type))) {
		http_body_free(lane, body);
		note_unread(message, kind, "not_decoded");
		return;
	}
	message->body = body;
}

static void
take_root(void *ctx, struct bytes part)
{
	soap_feed(ctx, part);
}

void
http_body_feed(struct http_lane *lane, struct http_body *body, struct bytes data)
{
	(void)lane;
	if (body->kind != OF_SOAP)
		fhir_content_feed(&body->fhir, data);
	else if (body->is_multipart)
		soap_multipart_feed(&body->multipart, data, take_root, &body->soap);
	else
		soap_feed(&body->soap, data);
}

static void
let_document_go(struct http_lane *lane, struct http_body *body)
{
	lane->documents -= body->holds_document;
	body->holds_document = false;
}

void
http_body_end(struct http_lane *lane, struct http_body *body, const char *why)
{
	if (body->is_over)
		return;
	body->is_over = true;
	if (body->kind == OF_SOAP)
		soap_end(&body->soap, why);
	else
		fhir_content_end(&body->fhir, why);
	let_document_go(lane, body);
}

void
http_body_free(struct http_lane *lane, struct http_body *body)
{
	if (body->kind == OF_SOAP)
		soap_release(&body->soap);
	else
		fhir_content_release(&body->fhir);
	let_document_go(lane, body);
	lane->lane.budget.held -= sizeof(*body);
	free(body);
}

/* The envelope in a content, or NULL. */
static const struct soap *
envelope_of(const struct http_message *message)
{
	const struct http_body *body = message->body;

	return body != NULL && body->kind == OF_SOAP && body->soap.version != 0
		       ? &body->soap
		       : NULL;
}

static const struct fhir_content *
resource_of(const struct http_message *message)
{
	const struct http_body *body = message->body;

	return body != NULL && body->kind != OF_SOAP ? &body->fhir : NULL;
}

const char *
http_body_soap(const struct http_exchange *exchange)
{
	const struct soap *soap = envelope_of(&exchange->request);

	if (soap == NULL)
		soap = envelope_of(&exchange->response);
	if (soap == NULL)
		return NULL;
	return soap->version == 11 ? "1.1" : "1.2";
}

void
http_body_report(struct http_call *call, const struct http_exchange *exchange)
{
	const struct soap *request = envelope_of(&exchange->request);
	const struct soap *response = envelope_of(&exchange->response);

	if (request == NULL && response == NULL) {
		fhir_report(call, exchange, resource_of(&exchange->request),
			    resource_of(&exchange->response));
		return;
	}
	bool is_mtom = (request != NULL && exchange->request.body->is_multipart) ||
		       (response != NULL && exchange->response.body->is_multipart);
	ihe_report(call, exchange, request, response, is_mtom);
}
