/* SPDX-License-Identifier: Apache-2.0 */
/* http_anomaly: what breaks HTTP/1, or is read in two ways by two readers, told once a
 * side and flow. */
#include "sensor/dissect/http_state.h"

/*
 * Suricata's names in capital letters; ours where it has none.  What makes two
 * readers see two borders between messages (request smuggling) is RFC 9112
 * section 11.2's.
 */
/* clang-format off */
static const char *const names[HTTP_ANOMALY_COUNT][2] = {
	[HTTP_ANOMALY_START_LINE] = { "REQUEST_LINE_INVALID", "RESPONSE_INVALID_STATUS" },
	[HTTP_ANOMALY_PROTOCOL] = { "http.request_protocol", "RESPONSE_INVALID_PROTOCOL" },
	[HTTP_ANOMALY_NO_COLON] = { "REQUEST_FIELD_MISSING_COLON", "RESPONSE_FIELD_MISSING_COLON" },
	[HTTP_ANOMALY_FIELD_NAME] = { "REQUEST_HEADER_INVALID", "RESPONSE_HEADER_INVALID" },
	[HTTP_ANOMALY_SPACE_BEFORE_COLON] = { "http.request_space_before_colon", "http.response_space_before_colon" },
	[HTTP_ANOMALY_FOLDING] = { "INVALID_REQUEST_FIELD_FOLDING", "INVALID_RESPONSE_FIELD_FOLDING" },
	[HTTP_ANOMALY_BARE_LF] = { "http.request_bare_lf", "http.response_bare_lf" },
	[HTTP_ANOMALY_LINE_TOO_LONG] = { "REQUEST_FIELD_TOO_LONG", "RESPONSE_FIELD_TOO_LONG" },
	[HTTP_ANOMALY_TOO_MANY_FIELDS] = { "http.request_too_many_fields", "http.response_too_many_fields" },
	[HTTP_ANOMALY_LENGTH_INVALID] = { "INVALID_CONTENT_LENGTH_FIELD_IN_REQUEST", "INVALID_CONTENT_LENGTH_FIELD_IN_RESPONSE" },
	[HTTP_ANOMALY_LENGTH_TWICE] = { "DUPLICATE_CONTENT_LENGTH_FIELD_IN_REQUEST", "DUPLICATE_CONTENT_LENGTH_FIELD_IN_RESPONSE" },
	[HTTP_ANOMALY_LENGTHS_DIFFER] = { "http.request_lengths_differ", "http.response_lengths_differ" },
	[HTTP_ANOMALY_CODING] = { "INVALID_TRANSFER_ENCODING_VALUE_IN_REQUEST", "INVALID_TRANSFER_ENCODING_VALUE_IN_RESPONSE" },
	[HTTP_ANOMALY_LENGTH_AND_CHUNKED] = { "http.request_length_and_chunked", "http.response_length_and_chunked" },
	[HTTP_ANOMALY_CHUNKED_OLD] = { "http.request_chunked_old_proto", "RESPONSE_CHUNKED_OLD_PROTO" },
	[HTTP_ANOMALY_CHUNK_SIZE] = { "INVALID_REQUEST_CHUNK_LEN", "INVALID_RESPONSE_CHUNK_LEN" },
	[HTTP_ANOMALY_NO_HOST] = { "MISSING_HOST_HEADER", "MISSING_HOST_HEADER" },
	[HTTP_ANOMALY_HOST_TWICE] = { "HOST_HEADER_AMBIGUOUS", "HOST_HEADER_AMBIGUOUS" },
	[HTTP_ANOMALY_UNASKED] = { "UNABLE_TO_MATCH_RESPONSE_TO_REQUEST", "UNABLE_TO_MATCH_RESPONSE_TO_REQUEST" },
};
/* clang-format on */

void
http_anomaly(struct http_call *call, enum http_anomaly anomaly)
{
	struct http *http = call->http;
	struct http_side *side = &http->side[call->side];
	struct telling *telling = &http->lane->lane.telling;
	uint64_t bit = UINT64_C(1) << anomaly;

	if (side->told & bit)
		return;
	side->told |= bit;
	telling_begin(telling, EVENT_ANOMALY);
	telling_name(telling, FIELD_ANOMALY_TYPE, "applayer");
	telling_name(telling, FIELD_ANOMALY_EVENT,
		     names[anomaly][call->side != http->client]);
	telling_name(telling, FIELD_ANOMALY_LAYER, "http");
	telling_name(telling, FIELD_ANOMALY_APP, "http");
	call->out->emit(call->out->ctx, call->at, &telling->record);
}

void
http_violate(struct http_call *call, enum http_anomaly anomaly)
{
	call->http->violation = names[anomaly][call->side != call->http->client];
}
