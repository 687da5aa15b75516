/* SPDX-License-Identifier: Apache-2.0 */
/* http_report: the http record of an exchange, and what it shares with ihe and fhir. */
#include "sensor/dissect/http_report.h"

#include <string.h>

#include "sensor/dissect/http_body.h"

enum { NAME_MAX_SIZE = 255, AGENT_MAX = 256, TYPE_MAX = 128 };

static struct bytes
text_in(const struct http_message *message, enum http_text text)
{
	return http_texts_get(&message->texts, text);
}

/* Letters of ASCII become small in place of a copy: 'at' has room for 'most'. */
static struct bytes
lower(struct bytes value, uint8_t *at, size_t most)
{
	size_t size = value.left < most ? value.left : most;

	for (size_t i = 0; i < size; i++) {
		uint8_t c = value.at[i];
		at[i] = c >= 'A' && c <= 'Z' ? c | 0x20 : c;
	}
	return bytes_over(at, size);
}

static void
set_lower(struct telling *telling, enum field_id field, struct bytes value)
{
	uint8_t room[NAME_MAX_SIZE];

	telling_text(telling, field, lower(value, room, sizeof(room)), sizeof(room));
}

/* "host", "host:port", "[v6]:port", without what may stand before an @. */
static void
set_authority(struct telling *telling, struct bytes value)
{
	const uint8_t *at = value.left ? memrchr(value.at, '@', value.left) : NULL;
	uint64_t port = 0;

	if (at != NULL)
		bytes_take(&value, (size_t)(at - value.at) + 1);
	const uint8_t *colon = value.left ? memrchr(value.at, ':', value.left) : NULL;
	if (colon != NULL &&
	    memchr(colon, ']', (size_t)(value.at + value.left - colon)))
		colon = NULL;
	if (colon != NULL) {
		struct bytes digits = value;
		bytes_take(&digits, (size_t)(colon - value.at) + 1);
		value.left = (size_t)(colon - value.at);
		while (digits.left > 0 && port < 65536) {
			uint8_t digit = bytes_u8(&digits);
			port = digit < '0' || digit > '9' ? 65536
							  : port * 10 + digit - '0';
		}
		if (port > 0 && port < 65536)
			record_set_number(&telling->record, FIELD_HTTP_PORT, port);
	}
	set_lower(telling, FIELD_HTTP_HOSTNAME, value);
}

/* "scheme://authority" of an absolute address is cut off; empty if there is none. */
static struct bytes
take_authority(struct bytes *target)
{
	const uint8_t *sep =
		target->left > 3 ? memmem(target->at, target->left, "://", 3) : NULL;

	if (sep == NULL || target->at[0] == '/')
		return bytes_over(NULL, 0);
	bytes_take(target, (size_t)(sep - target->at) + 3);
	size_t size = 0;
	while (size < target->left && strchr("/?#", target->at[size]) == NULL)
		size++;
	return bytes_window(target, size);
}

struct bytes
http_report_path(const struct http_exchange *exchange, struct bytes *query)
{
	struct bytes target = text_in(&exchange->request, HTTP_TEXT_TARGET);

	take_authority(&target);
	struct bytes path = http_until(&target, '?');
	*query = target;
	return path;
}

static uint64_t
depth_of(struct bytes path)
{
	uint64_t depth = 0;

	while (path.left > 0)
		depth += http_until(&path, '/').left > 0;
	return depth;
}

static void
set_target(struct telling *telling, const struct http_exchange *exchange)
{
	struct bytes target = text_in(&exchange->request, HTTP_TEXT_TARGET), query;
	struct bytes authority = target;
	struct bytes path = http_report_path(exchange, &query);

	authority = take_authority(&target);
	record_set_number(&telling->record, FIELD_HTTP_TARGET_SIZE,
			  text_in(&exchange->request, HTTP_TEXT_TARGET).left);
	if (http_is(text_in(&exchange->request, HTTP_TEXT_METHOD), "CONNECT")) {
		set_authority(telling, path);
		return;
	}
	set_authority(telling, http_texts_has(&exchange->request.texts, HTTP_TEXT_HOST)
				       ? text_in(&exchange->request, HTTP_TEXT_HOST)
				       : authority);
	telling_text(telling, FIELD_HTTP_PATH, path, 2048);
	record_set_number(&telling->record, FIELD_HTTP_PATH_DEPTH, depth_of(path));
	record_set_flag(&telling->record, FIELD_HTTP_HAS_QUERY, query.left > 0);
}

/* Only addresses: what else is written there may be anything. */
static void
set_forwarded(struct telling *telling, struct bytes value)
{
	for (size_t i = 0; i < value.left; i++)
		if (strchr("0123456789abcdefABCDEF.:, []", value.at[i]) == NULL)
			return;
	if (value.left > 0)
		telling_text(telling, FIELD_HTTP_XFF, value, NAME_MAX_SIZE);
}

static void
set_if_there(struct telling *telling, enum field_id field,
	     const struct http_message *message, enum http_text text)
{
	if (http_texts_has(&message->texts, text))
		telling_text(telling, field, text_in(message, text), TYPE_MAX);
}

/* "type/subtype" alone: parameters may be anything. */
static void
set_type(struct telling *telling, enum field_id field, struct bytes value)
{
	set_lower(telling, field, http_trim(http_until(&value, ';')));
}

static void
set_request(struct telling *telling, const struct http_exchange *exchange)
{
	static const char *const protocols[] = { "HTTP/1.0", "HTTP/1.1" };
	const struct http_message *request = &exchange->request;
	struct record *record = &telling->record;

	telling_text(telling, FIELD_HTTP_METHOD, text_in(request, HTTP_TEXT_METHOD),
		     32);
	telling_name(telling, FIELD_HTTP_PROTOCOL,
		     request->version == 0x20 ? "HTTP/2"
					      : protocols[request->version > 0x10]);
	set_target(telling, exchange);
	if (!request->has_head)
		return;
	telling_text(telling, FIELD_HTTP_USER_AGENT, text_in(request, HTTP_TEXT_AGENT),
		     AGENT_MAX);
	set_forwarded(telling, text_in(request, HTTP_TEXT_FORWARDED));
	telling_text(telling, FIELD_HTTP_AUTH, text_in(request, HTTP_TEXT_AUTH),
		     TYPE_MAX);
	set_if_there(telling, FIELD_HTTP_PROXY_AUTH, request, HTTP_TEXT_PROXY_AUTH);
	record_set_flag(record, FIELD_HTTP_HAS_COOKIE, request->has_cookie);
	if (request->framing != HTTP_NO_CONTENT &&
	    http_texts_has(&request->texts, HTTP_TEXT_TYPE))
		set_type(telling, FIELD_HTTP_REQUEST_TYPE,
			 text_in(request, HTTP_TEXT_TYPE));
	record_set_number(record, FIELD_HTTP_REQUEST_SIZE, request->size);
}

static void
set_encoding(struct telling *telling, struct bytes value)
{
	static const char *const known[] = { "gzip",     "deflate", "br",      "zstd",
					     "compress", "x-gzip",  "identity" };
	const char *name = "other";

	if (value.left == 0)
		return;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (http_is(value, known[i]))
			name = known[i];
	telling_name(telling, FIELD_HTTP_ENCODING, name);
}

static void
set_response(struct telling *telling, const struct http_exchange *exchange)
{
	static const char *const framings[] = { "none", "length", "chunked", "close",
						"stream" };
	const struct http_message *response = &exchange->response;
	struct bytes location = text_in(response, HTTP_TEXT_LOCATION);

	record_set_number(&telling->record, FIELD_HTTP_STATUS, response->status);
	if (!response->has_head)
		return;
	set_type(telling, FIELD_HTTP_CONTENT_TYPE, text_in(response, HTTP_TEXT_TYPE));
	telling_text(telling, FIELD_HTTP_SERVER, text_in(response, HTTP_TEXT_SERVER),
		     AGENT_MAX);
	set_encoding(telling, text_in(response, HTTP_TEXT_ENCODING));
	set_if_there(telling, FIELD_HTTP_CHALLENGE, response, HTTP_TEXT_CHALLENGE);
	telling_name(telling, FIELD_HTTP_FRAMING, framings[response->framing]);
	record_set_number(&telling->record, FIELD_HTTP_LENGTH, response->size);
	location = take_authority(&location);
	const uint8_t *at =
		location.left ? memrchr(location.at, '@', location.left) : NULL;
	if (at != NULL)
		bytes_take(&location, (size_t)(at - location.at) + 1);
	if (location.left > 0)
		set_lower(telling, FIELD_HTTP_REDIRECT_HOST, location);
}

const char *
http_silence(const struct http_call *call, const struct http_exchange *exchange)
{
	const struct http *http = call->http;

	if (exchange->response.lost != NULL)
		return exchange->response.lost;
	if (http->client != -1 && !call->out->is_seen(call->out->ctx, !http->client))
		return "asymmetric";
	if (http->client != -1 && http->side[!http->client].phase == HTTP_LOST)
		return "loss";
	if (http->violation != NULL)
		return "not_decoded";
	return call->out->is_cut ? "truncated" : NULL;
}

/* Why a response's request is not there: it was before the capture, or is lost. */
static const char *
unasked(const struct http_call *call)
{
	const struct http *http = call->http;

	if (http->client != -1 && !call->out->is_seen(call->out->ctx, http->client))
		return "asymmetric";
	return http->client != -1 && http->side[http->client].was_lost ? "loss"
								       : "truncated";
}

/* What may have been IHE's or FHIR's, and could not be read. */
static void
hide_unread(struct telling *telling, const struct http_message *message)
{
	if (message->is_soap_unread)
		telling_hide(telling, "ihe", message->unread);
	if (message->is_fhir_unread)
		telling_hide(telling, "fhir", message->unread);
}

static void
set_times(struct telling *telling, const struct http_exchange *exchange)
{
	const struct http_message *request = &exchange->request;
	const struct http_message *response = &exchange->response;
	struct instant last = response->is_begun ? response->last : request->last;

	if (!request->is_begun)
		return;
	if (instant_between(request->first, last) >= 0)
		record_set_number(&telling->record, FIELD_HTTP_DURATION,
				  (uint64_t)instant_between(request->first, last));
	if (response->is_begun && request->is_over && request->lost == NULL &&
	    instant_between(request->last, response->first) >= 0)
		record_set_number(
			&telling->record, FIELD_HTTP_LATENCY,
			(uint64_t)instant_between(request->last, response->first));
}

void
http_report_common(const struct http_call *call, const struct http_exchange *exchange,
		   struct telling *telling)
{
	const char *why = http_silence(call, exchange);

	record_set_number(&telling->record, FIELD_HTTP_NUMBER, exchange->number);
	if (exchange->stream_id > 0) {
		telling_name(telling, FIELD_HTTP_VERSION, "2");
		record_set_number(&telling->record, FIELD_HTTP_STREAM_ID,
				  exchange->stream_id);
	}
	if (exchange->stream_error != NULL)
		telling_name(telling, FIELD_HTTP_STREAM_ERROR, exchange->stream_error);
	if (exchange->upgrade != NULL)
		telling_name(telling, FIELD_HTTP_UPGRADE, exchange->upgrade);
	if (exchange->request.is_begun)
		set_request(telling, exchange);
	else
		telling_hide(telling, "http.http_method", unasked(call));
	if (exchange->response.is_begun)
		set_response(telling, exchange);
	else if (why == NULL)
		record_set_null(&telling->record, FIELD_HTTP_STATUS);
	else
		telling_hide(telling, "http.status", why);
	if (exchange->request.lost != NULL)
		telling_hide(telling, "sekisho.http.request_size",
			     exchange->request.lost);
	if (exchange->response.is_begun && !exchange->response.is_over && why != NULL)
		telling_hide(telling, "http.length", why);
	else if (exchange->response.is_begun && exchange->response.lost != NULL)
		telling_hide(telling, "http.length", exchange->response.lost);
	set_times(telling, exchange);
	telling->scratch.is_cut |=
		exchange->request.texts.is_cut || exchange->response.texts.is_cut;
	const char *soap = http_body_soap(exchange);
	if (soap != NULL)
		telling_name(telling, FIELD_HTTP_SOAP, soap);
}

void
http_report_alone(struct http_call *call, const struct http_exchange *exchange)
{
	struct telling *telling = &call->http->lane->lane.telling;

	telling_begin(telling, EVENT_HTTP);
	http_report_common(call, exchange, telling);
	hide_unread(telling, &exchange->request);
	if (exchange->request.unread == NULL ||
	    exchange->response.is_soap_unread != exchange->request.is_soap_unread)
		hide_unread(telling, &exchange->response);
	telling_emit(telling, call->out, call->at, true);
}

void
http_report(struct http_call *call, const struct http_exchange *exchange)
{
	if (!exchange->request.is_begun && !exchange->response.is_begun)
		return;
	http_report_alone(call, exchange);
	http_body_report(call, exchange);
}
