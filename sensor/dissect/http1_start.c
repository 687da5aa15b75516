/* SPDX-License-Identifier: Apache-2.0 */
/* http1_start: how a message of HTTP/1 begins: by what it is known, and its first
 * line. */
#include <string.h>

#include "sensor/dissect/http_state.h"

enum { LINE_TO_RECOGNISE = 64 };

/* Methods a flow may begin with (RFC 9110, 5789, 4918, 3253, 5323); later ones may be
 * any token. */
static const char *const methods[] = { "GET ",      "POST ",      "HEAD ",   "PUT ",
				       "DELETE ",   "OPTIONS ",   "TRACE ",  "PATCH ",
				       "PROPFIND ", "PROPPATCH ", "MKCOL ",  "COPY ",
				       "MOVE ",     "LOCK ",      "UNLOCK ", "REPORT ",
				       "SEARCH ",   NULL };

static enum recognition
recognise_response(struct bytes first)
{
	static const char version[] = "HTTP/1.";
	size_t size = sizeof(version) - 1;

	if (memcmp(first.at, version, first.left < size ? first.left : size) != 0)
		return RECOGNISED_NO;
	for (size_t i = size; i < first.left && i < size + 5; i++)
		if (i == size + 1 ? first.at[i] != ' '
				  : first.at[i] < '0' || first.at[i] > '9')
			return RECOGNISED_NO;
	return first.left < size + 5 ? RECOGNISED_MAYBE : RECOGNISED_YES;
}

/* A target, and the version if the line is there so far. */
static enum recognition
recognise_target(struct bytes rest, size_t line)
{
	const uint8_t *end = memchr(rest.at, '\n', rest.left);
	size_t size = end ? (size_t)(end - rest.at) : rest.left;

	if (size > 0 && rest.at[0] != '/' && rest.at[0] != '*' && rest.at[0] != 'h')
		return RECOGNISED_NO;
	for (size_t i = 0; i < size; i++)
		if (rest.at[i] < ' ' && (rest.at[i] != '\r' || i + 1 < size))
			return RECOGNISED_NO;
	if (end)
		return memmem(rest.at, size, " HTTP/1.", 8) ? RECOGNISED_YES
							    : RECOGNISED_NO;
	return line < LINE_TO_RECOGNISE ? RECOGNISED_MAYBE : RECOGNISED_YES;
}

enum recognition
http1_recognise(struct bytes first)
{
	if (first.left == 0)
		return RECOGNISED_MAYBE;
	for (size_t i = 0; methods[i] != NULL; i++) {
		size_t size = strlen(methods[i]);
		if (memcmp(first.at, methods[i],
			   first.left < size ? first.left : size) != 0)
			continue;
		if (first.left <= size)
			return RECOGNISED_MAYBE;
		return recognise_target(bytes_over(first.at + size, first.left - size),
					first.left);
	}
	return recognise_response(first);
}

/* RFC 9110 section 5.6.2 */
bool
http1_is_token(struct bytes name)
{
	static const char marks[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < name.left; i++) {
		uint8_t c = name.at[i];
		bool is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
		if (!is_letter && (c < '0' || c > '9') &&
		    (c == '\0' || strchr(marks, c) == NULL))
			return false;
	}
	return name.left > 0;
}

static bool
read_version(struct http_call *call, struct bytes text, uint8_t *version)
{
	if (text.left != 8 || memcmp(text.at, "HTTP/1.", 7) != 0 || text.at[7] < '0' ||
	    text.at[7] > '9')
		return false;
	*version = (uint8_t)(0x10 | (text.at[7] - '0'));
	if (*version > 0x11)
		http_anomaly(call, HTTP_ANOMALY_PROTOCOL);
	return true;
}

/* A response to a request that was seen, or to none. */
static struct http_exchange *
exchange_to_answer(struct http_call *call, bool is_interim)
{
	struct http *http = call->http;
	struct http_exchange *exchange = NULL;

	if (http->skipped == 0)
		exchange = http_exchange_unanswered(http);
	if (exchange != NULL || is_interim)
		return exchange;
	if (http->skipped > 0)
		http->skipped--;
	else if (http->number > 0 && !http->side[0].was_lost && !http->side[1].was_lost)
		http_anomaly(call, HTTP_ANOMALY_UNASKED);
	exchange = http_exchange_new(call);
	if (exchange != NULL)
		exchange->is_unasked = true;
	return exchange;
}

static void
begin_fields(struct http_call *call, struct http_exchange *exchange, uint8_t version)
{
	struct http_side *side = http_side_of(call);

	side->exchange = exchange;
	side->phase = HTTP_FIELDS;
	side->fields = 0;
	if (exchange == NULL)
		return;
	http_message_begin(call, http_message_of(call));
	http_message_of(call)->version = version;
}

void
http1_status_line(struct http_call *call, struct bytes line)
{
	struct bytes version = http_until(&line, ' ');
	struct bytes status = http_until(&line, ' ');
	uint8_t number = 0;

	if (!read_version(call, version, &number) || status.left != 3 ||
	    status.at[0] < '1' || status.at[0] > '9' || status.at[1] < '0' ||
	    status.at[1] > '9' || status.at[2] < '0' || status.at[2] > '9') {
		http_violate(call, HTTP_ANOMALY_START_LINE);
		return;
	}
	uint16_t code = (uint16_t)((status.at[0] - '0') * 100 +
				   (status.at[1] - '0') * 10 + status.at[2] - '0');
	bool is_interim = code < 200 && code != 101;
	begin_fields(call, exchange_to_answer(call, is_interim), number);
	http_side_of(call)->is_interim = is_interim;
	if (http_message_of(call) != NULL)
		http_message_of(call)->status = code;
}

void
http1_request_line(struct http_call *call, struct bytes line)
{
	struct bytes method = http_until(&line, ' ');
	const uint8_t *last = line.left ? memrchr(line.at, ' ', line.left) : NULL;
	struct bytes target =
		bytes_window(&line, last ? (size_t)(last - line.at) : line.left);
	uint8_t number = 0x11;

	if (last != NULL)
		bytes_take(&line, 1);
	bool is_cut =
		http_side_of(call)->line.is_cut; /* the version is behind the cut */
	if (!http1_is_token(method) || target.left == 0 ||
	    (!is_cut && !read_version(call, line, &number))) {
		http_violate(call, HTTP_ANOMALY_START_LINE);
		return;
	}
	/* an answer nobody can see is not waited for */
	if (!call->out->is_seen(call->out->ctx, !call->side))
		http_exchanges_end(call, "asymmetric");
	begin_fields(call, http_exchange_new(call), number);
	struct http_message *message = http_message_of(call);
	if (message == NULL)
		return;
	http_texts_set(&message->texts, http_budget(call->http), HTTP_TEXT_METHOD,
		       method, 32);
	http_texts_set(&message->texts, http_budget(call->http), HTTP_TEXT_TARGET,
		       target, 2048);
}
