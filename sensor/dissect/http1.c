/* SPDX-License-Identifier: Apache-2.0 */
/* http1: cuts a side of HTTP/1 into start lines, fields and contents (RFC 9112). */
#include <string.h>

#include "sensor/dissect/http_state.h"

enum { FIRST_BYTE_OF_TLS = 22, CHUNK_DIGITS_MAX = 15 };

static void
know_client(struct http_call *call, bool is_response)
{
	struct http *http = call->http;

	if (http->client != -1)
		return;
	http->client = is_response ? !call->side : call->side;
	call->out->client_is(call->out->ctx, http->client);
}

/* The next line, if it is whole. */
static bool
take_line(struct http_call *call, struct bytes *data, struct bytes *line)
{
	struct http_side *side = http_side_of(call);
	struct piece piece;

	if (pieces_line(&side->line, http_budget(call->http), data, HTTP_LINE_MAX,
			&piece) != PIECES_ONE)
		return false;
	if (side->phase == HTTP_START && piece.data.left > 0)
		know_client(call, http_begins(piece.data, "HTTP/"));
	if (piece.is_cut) {
		call->http->lane->lane.counters.cut++;
		http_anomaly(call, HTTP_ANOMALY_LINE_TOO_LONG);
	} else if (piece.size == piece.data.left) {
		http_anomaly(call, HTTP_ANOMALY_BARE_LF);
	}
	*line = piece.data;
	return true;
}

/* The client speaks TLS behind its CONNECT: the answer was not seen. */
static bool
is_tunnel_unseen(const struct http_call *call, uint8_t first)
{
	const struct http_exchange *newest = call->http->newest;

	return first == FIRST_BYTE_OF_TLS && http_is_client(call) && newest != NULL &&
	       http_is(http_texts_get(&newest->request.texts, HTTP_TEXT_METHOD),
		       "CONNECT");
}

static void
take_start(struct http_call *call, struct bytes *data)
{
	const struct pieces *pieces = &http_side_of(call)->line;
	struct bytes line;

	if ((pieces->size == 0 || pieces->is_handed_out) &&
	    is_tunnel_unseen(call, data->at[0])) {
		http_open_tunnel(call, call->http->newest, "tunnel");
		return;
	}
	if (!take_line(call, data, &line) || line.left == 0)
		return;
	bool is_response = http_begins(line, "HTTP/");
	if (http_is(line, "PRI * HTTP/2.0"))
		http_turn_to_two(call, NULL);
	else if (is_response == http_is_client(call))
		http_violate(call, HTTP_ANOMALY_START_LINE);
	else if (is_response)
		http1_status_line(call, line);
	else
		http1_request_line(call, line);
}

static void
end_message(struct http_call *call)
{
	struct http_side *side = http_side_of(call);
	struct http_exchange *exchange = side->exchange;

	side->phase = HTTP_START;
	side->exchange = NULL;
	if (exchange != NULL)
		http_message_end(call, exchange, !http_is_client(call));
}

/* RFC 9112 section 6.3 */
static enum http_framing
frame(struct http_call *call, const struct http_message *message, bool has_none)
{
	bool is_response = !http_is_client(call);

	if (has_none)
		return HTTP_NO_CONTENT;
	if (message->has_coding && message->has_length)
		http_anomaly(call, HTTP_ANOMALY_LENGTH_AND_CHUNKED);
	if (message->has_coding && message->version < 0x11)
		http_anomaly(call, HTTP_ANOMALY_CHUNKED_OLD);
	if (message->is_chunked)
		return HTTP_CHUNKED;
	if (message->has_coding && !is_response)
		http_violate(call, HTTP_ANOMALY_CODING);
	if (message->has_coding && is_response)
		return HTTP_UNTIL_CLOSE;
	if (message->has_length)
		return message->length > 0 ? HTTP_LENGTH : HTTP_NO_CONTENT;
	return is_response ? HTTP_UNTIL_CLOSE : HTTP_NO_CONTENT;
}

/* What the answer makes of the connection, or NULL. */
static const char *
upgrade_of(const struct http_exchange *exchange)
{
	struct bytes method =
		http_texts_get(&exchange->request.texts, HTTP_TEXT_METHOD);
	struct bytes to = http_texts_get(&exchange->response.texts, HTTP_TEXT_UPGRADE);
	uint16_t status = exchange->response.status;

	if (http_is(method, "CONNECT") && status >= 200 && status < 300)
		return "tunnel";
	if (status != 101)
		return NULL;
	if (http_is(to, "websocket"))
		return "websocket";
	if (http_begins(to, "TLS/"))
		return "tls";
	return http_is(to, "h2c") ? "h2c" : "other";
}

static void
upgrade(struct http_call *call, struct http_exchange *exchange, const char *to)
{
	exchange->upgrade = to;
	if (strcmp(to, "h2c") == 0) {
		http_turn_to_two(call, exchange);
	} else if (strcmp(to, "tunnel") == 0 || strcmp(to, "tls") == 0) {
		http_open_tunnel(call, exchange, to);
	} else {
		call->http->is_done = true;
		end_message(call);
	}
}

static bool
has_no_content(const struct http_exchange *exchange, bool is_response)
{
	uint16_t status = exchange->response.status;

	if (!is_response)
		return false;
	return status < 200 || status == 204 || status == 304 ||
	       http_is(http_texts_get(&exchange->request.texts, HTTP_TEXT_METHOD),
		       "HEAD");
}

/* An interim response leaves no trace but the one that follows it. */
static void
forget_interim(struct http_call *call)
{
	struct http_side *side = http_side_of(call);

	if (side->exchange != NULL)
		http_message_release(call->http, &side->exchange->response);
	side->exchange = NULL;
	side->phase = HTTP_START;
}

static void
end_head(struct http_call *call)
{
	static const enum http_phase phases[] = {
		[HTTP_NO_CONTENT] = HTTP_START,   [HTTP_LENGTH] = HTTP_CONTENT,
		[HTTP_CHUNKED] = HTTP_CHUNK_SIZE, [HTTP_UNTIL_CLOSE] = HTTP_CLOSE,
		[HTTP_STREAM] = HTTP_LOST,
	};
	struct http_side *side = http_side_of(call);
	struct http_exchange *exchange = side->exchange;
	struct http_message *message = http_message_of(call);

	if (exchange == NULL) { /* no memory: where the content ends is not known */
		side->phase = HTTP_LOST;
		return;
	}
	if (http_is_client(call) && message->version >= 0x11 &&
	    !http_texts_has(&message->texts, HTTP_TEXT_HOST))
		http_anomaly(call, HTTP_ANOMALY_NO_HOST);
	const char *to = http_is_client(call) ? NULL : upgrade_of(exchange);
	message->framing =
		frame(call, message,
		      to != NULL || has_no_content(exchange, !http_is_client(call)));
	http_message_head(call, exchange, !http_is_client(call));
	side->left = message->length;
	side->phase = phases[message->framing];
	if (to != NULL)
		upgrade(call, exchange, to);
	else if (message->framing == HTTP_NO_CONTENT)
		end_message(call);
}

static void
take_field(struct http_call *call, struct bytes *data)
{
	struct http_side *side = http_side_of(call);
	struct bytes line;

	if (!take_line(call, data, &line))
		return;
	if (line.left == 0) {
		if (side->phase == HTTP_TRAILERS)
			end_message(call);
		else if (side->is_interim && !http_is_client(call))
			forget_interim(call);
		else
			end_head(call);
		return;
	}
	if (++side->fields > HTTP_FIELDS_MAX) {
		http_violate(call, HTTP_ANOMALY_TOO_MANY_FIELDS);
		return;
	}
	if (line.at[0] == ' ' || line.at[0] == '\t') {
		http_anomaly(call, HTTP_ANOMALY_FOLDING);
		return;
	}
	if (memchr(line.at, ':', line.left) == NULL) {
		http_anomaly(call, HTTP_ANOMALY_NO_COLON);
		return;
	}
	struct bytes name = http_until(&line, ':'), whole = name;
	name = http_trim(name);
	if (name.left != whole.left)
		http_anomaly(call, HTTP_ANOMALY_SPACE_BEFORE_COLON);
	if (!http1_is_token(name))
		http_anomaly(call, HTTP_ANOMALY_FIELD_NAME);
	else if (http_message_of(call) != NULL && side->phase == HTTP_FIELDS)
		http_field(call, http_message_of(call), !http_is_client(call), name,
			   http_trim(line));
}

static void
take_content(struct http_call *call, struct bytes *data)
{
	struct http_side *side = http_side_of(call);
	struct http_message *message = http_message_of(call);
	bool is_bounded = side->phase != HTTP_CLOSE;
	size_t size = !is_bounded || data->left < side->left ? data->left
							     : (size_t)side->left;
	struct bytes part = bytes_window(data, size);

	if (message != NULL)
		http_message_content(call, message, part);
	if (!is_bounded)
		return;
	side->left -= size;
	if (side->left > 0)
		return;
	if (side->phase == HTTP_CHUNK)
		side->phase = HTTP_CHUNK_END;
	else
		end_message(call);
}

/* RFC 9112 section 7.1; an extension is passed over. */
static void
take_chunk_size(struct http_call *call, struct bytes *data)
{
	struct http_side *side = http_side_of(call);
	struct bytes line;
	uint64_t size = 0;

	if (!take_line(call, data, &line))
		return;
	struct bytes digits = http_trim(http_until(&line, ';'));
	bool is_bad = digits.left == 0 || digits.left > CHUNK_DIGITS_MAX;
	while (!is_bad && digits.left > 0) {
		uint8_t digit = bytes_u8(&digits);
		uint8_t letter = digit | 0x20;
		is_bad = !(digit >= '0' && digit <= '9') &&
			 !(letter >= 'a' && letter <= 'f');
		size = size << 4 | (digit <= '9' ? digit - (uint64_t)'0'
						 : letter - (uint64_t)'a' + 10);
	}
	if (is_bad) {
		http_violate(call, HTTP_ANOMALY_CHUNK_SIZE);
		return;
	}
	side->left = size;
	side->phase = size > 0 ? HTTP_CHUNK : HTTP_TRAILERS;
}

static void
take_chunk_end(struct http_call *call, struct bytes *data)
{
	struct bytes line;

	if (!take_line(call, data, &line))
		return;
	if (line.left > 0)
		http_violate(call, HTTP_ANOMALY_CHUNK_SIZE);
	http_side_of(call)->phase = HTTP_CHUNK_SIZE;
}

/* After a loss a message is found again where a segment begins with one. */
static void
find_again(struct http_call *call, struct bytes *data)
{
	bool is_response = http_begins(*data, "HTTP/1.");

	if (call->http->client != -1 && is_response != http_is_client(call) &&
	    http1_recognise(*data) == RECOGNISED_YES)
		http_side_of(call)->phase = HTTP_START;
	else
		bytes_take(data, data->left);
}

void
http1_feed(struct http_call *call, struct bytes *data)
{
	static void (*const steps[])(struct http_call *, struct bytes *) = {
		[HTTP_START] = take_start,
		[HTTP_FIELDS] = take_field,
		[HTTP_CONTENT] = take_content,
		[HTTP_CLOSE] = take_content,
		[HTTP_CHUNK_SIZE] = take_chunk_size,
		[HTTP_CHUNK] = take_content,
		[HTTP_CHUNK_END] = take_chunk_end,
		[HTTP_TRAILERS] = take_field,
		[HTTP_LOST] = find_again,
	};
	struct http *http = call->http;

	while (data->left > 0 && http->violation == NULL && !http->is_done &&
	       http->two == NULL && http->tunnel == NULL)
		steps[http_side_of(call)->phase](call, data);
}

static void
lose(struct http_call *call)
{
	struct http_side *side = http_side_of(call);
	struct http_exchange *exchange = side->exchange;

	side->phase = HTTP_LOST;
	side->was_lost = true;
	side->exchange = NULL;
	pieces_release(&side->line, http_budget(call->http));
	if (call->http->client == -1)
		return;
	if (!http_is_client(call)) {
		http_exchanges_end(call, "loss");
		call->http->skipped = 0; /* how many of them were lost is not known */
	} else if (exchange != NULL) {
		exchange->request.lost = "loss";
		http_message_end(call, exchange, false);
	}
}

void
http1_gap(struct http_call *call, uint64_t missing)
{
	struct http_side *side = http_side_of(call);
	bool is_content = side->phase == HTTP_CONTENT || side->phase == HTTP_CHUNK;

	if (side->phase != HTTP_CLOSE && !(is_content && missing <= side->left)) {
		lose(call);
		return;
	}
	if (http_message_of(call) != NULL)
		http_message_gap(call, http_message_of(call), missing);
	if (!is_content)
		return;
	side->left -= missing;
	if (side->left == 0 && side->phase == HTTP_CHUNK)
		side->phase = HTTP_CHUNK_END;
	else if (side->left == 0)
		end_message(call);
}

void
http1_finish(struct http_call *call)
{
	if (http_side_of(call)->phase != HTTP_CLOSE || http_message_of(call) == NULL)
		return;
	if (call->out->is_cut)
		http_message_of(call)->lost = "truncated";
	end_message(call);
}
