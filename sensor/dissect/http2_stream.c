/* SPDX-License-Identifier: Apache-2.0 */
/* http2_stream: a stream of HTTP/2 is an exchange (RFC 9113 section 8). */
#include "sensor/dissect/http2.h"
#include "sensor/dissect/http2_state.h"

/* Where the fields of a block go; no message: the tables alone are kept in step. */
struct block {
	struct http_call *call;
	struct http_message *message;
	bool is_response;
	uint32_t fields;
};

static struct http_exchange *
find(const struct http *http, uint32_t stream)
{
	struct http_exchange *exchange = http->oldest;

	while (exchange != NULL && exchange->stream_id != stream)
		exchange = exchange->next;
	return exchange;
}

static struct http_message *
message_of(const struct http_call *call, struct http_exchange *exchange)
{
	return http_is_client(call) ? &exchange->request : &exchange->response;
}

static void
take_field(void *ctx, struct bytes name, struct bytes value)
{
	struct block *block = ctx;

	if (block->message != NULL && block->fields++ < HTTP_FIELDS_MAX)
		http_field(block->call, block->message, block->is_response, name,
			   value);
}

/* Unpacks the block into 'message', which may be NULL; false if it is broken. */
static bool
unpack(struct http_call *call, struct http2_side *side, struct bytes data,
       struct http_message *message, bool is_response)
{
	static const char *const names[] = { [HPACK_BROKEN] = "INVALID_HEADER",
					     [HPACK_OVERFLOW] =
						     "HEADER_INTEGER_OVERFLOW",
					     [HPACK_LIMIT] =
						     "REASSEMBLY_LIMIT_REACHED" };
	struct block block = { call, message, is_response, 0 };
	struct hpack_reader reader = { &block, take_field, http_field_worth };
	enum hpack_result result = hpack_read(&side->hpack, data, &reader);

	if (result != HPACK_OK && call->http->violation == NULL)
		call->http->violation = names[result];
	if (result == HPACK_LIMIT)
		call->http->lane->lane.counters.cut++;
	return call->http->violation == NULL;
}

static void
end_message(struct http_call *call, struct http_exchange *exchange)
{
	struct http_message *message = message_of(call, exchange);

	message->last = call->at;
	if (!message->is_over)
		http_message_end(call, exchange, !http_is_client(call));
}

static struct http_exchange *
exchange_of(struct http_call *call, uint32_t stream)
{
	struct http_exchange *exchange = find(call->http, stream);

	if (exchange != NULL)
		return exchange;
	exchange = http_exchange_new(call);
	if (exchange == NULL)
		return NULL;
	exchange->stream_id = stream;
	exchange->is_unasked = !http_is_client(call);
	return exchange;
}

/* A head, or what comes behind the content (trailers). */
static void
take_block(struct http_call *call, struct http2_side *side, struct bytes data)
{
	bool is_end = side->block_flags & HTTP2_END_STREAM;
	struct http_exchange *exchange = exchange_of(call, side->block_stream);

	if (exchange == NULL || message_of(call, exchange)->has_head) {
		if (unpack(call, side, data, NULL, false) && exchange && is_end)
			end_message(call, exchange);
		return;
	}
	struct http_message *message = message_of(call, exchange);
	http_message_begin(call, message);
	message->version = 0x20;
	message->framing = is_end ? HTTP_NO_CONTENT : HTTP_STREAM;
	if (!unpack(call, side, data, message, !http_is_client(call)))
		return;
	if (!http_is_client(call) && message->status >= 100 && message->status < 200) {
		http_message_release(call->http, message);
		return;
	}
	http_message_head(call, exchange, !http_is_client(call));
	if (is_end)
		end_message(call, exchange);
}

/* A request the server makes itself; its answer will follow (section 8.4). */
static void
take_promise(struct http_call *call, struct http2_side *side, struct bytes data)
{
	uint32_t stream = bytes_u32(&data) & 0x7fffffff;
	struct http_exchange *exchange =
		bytes_ok(&data) && find(call->http, stream) == NULL
			? http_exchange_new(call)
			: NULL;

	if (exchange == NULL) {
		unpack(call, side, data, NULL, false);
		return;
	}
	exchange->stream_id = stream;
	http_message_begin(call, &exchange->request);
	exchange->request.version = 0x20;
	if (!unpack(call, side, data, &exchange->request, false))
		return;
	http_message_head(call, exchange, false);
	http_message_end(call, exchange, false);
}

/* Cuts off padding and priority (section 6.2); false if they do not fit. */
static bool
strip(struct http2_side *side, struct bytes *data)
{
	uint8_t pad = side->flags & HTTP2_PADDED ? bytes_u8(data) : 0;

	if (side->type == HTTP2_HEADERS && side->flags & HTTP2_WITH_PRIORITY)
		bytes_take(data, 5);
	if (!bytes_ok(data) || pad > data->left)
		return false;
	data->left -= pad;
	return true;
}

/* What the frame brought stands at the end of the block, stripped. */
static void
take_fields(struct http_call *call, struct http2_side *side)
{
	struct bytes data = bytes_over(side->block.at, side->block.size);
	uint8_t flags = side->flags;

	bytes_take(&data, side->frame_at);
	if (side->type != HTTP2_CONTINUATION) {
		if (!strip(side, &data)) {
			call->http->violation = "INVALID_FRAME_DATA";
			return;
		}
		if (data.left > 0)
			memmove(side->block.at, data.at, data.left);
		side->block.size = (uint32_t)data.left;
		side->block_flags = flags;
		side->block_type = side->type;
		side->block_stream = side->stream;
	}
	if (!(flags & HTTP2_END_HEADERS))
		return;
	data = bytes_over(side->block.at, side->block.size);
	if (side->block_type == HTTP2_PUSH_PROMISE)
		take_promise(call, side, data);
	else
		take_block(call, side, data);
	side->block_stream = 0;
	kept_release(http_budget(call->http), &side->block);
}

/* RFC 9113 section 7 */
static void
take_reset(struct http_call *call, struct http2_side *side)
{
	static const char *const names[] = { "NO_ERROR",
					     "PROTOCOL_ERROR",
					     "INTERNAL_ERROR",
					     "FLOW_CONTROL_ERROR",
					     "SETTINGS_TIMEOUT",
					     "STREAM_CLOSED",
					     "FRAME_SIZE_ERROR",
					     "REFUSED_STREAM",
					     "CANCEL",
					     "COMPRESSION_ERROR",
					     "CONNECT_ERROR",
					     "ENHANCE_YOUR_CALM",
					     "INADEQUATE_SECURITY",
					     "HTTP_1_1_REQUIRED" };
	struct bytes data = bytes_over(side->block.at, side->block.size);
	struct http_exchange *exchange = find(call->http, side->stream);
	uint32_t code = bytes_u32(&data);

	side->block.size = 0;
	if (!bytes_ok(&data)) {
		call->http->violation = "INVALID_FRAME_LENGTH";
		return;
	}
	if (exchange == NULL)
		return;
	exchange->stream_error =
		code < sizeof(names) / sizeof(names[0]) ? names[code] : "other";
	http_exchange_end(call, exchange);
}

void
http2_frame(struct http_call *call, struct http2_side *side)
{
	struct http_exchange *exchange;

	switch (side->type) {
	case HTTP2_HEADERS:
	case HTTP2_PUSH_PROMISE:
	case HTTP2_CONTINUATION:
		take_fields(call, side);
		break;
	case HTTP2_RST_STREAM:
		take_reset(call, side);
		break;
	case HTTP2_DATA:
		exchange = find(call->http, side->stream);
		if (exchange != NULL && side->flags & HTTP2_END_STREAM)
			end_message(call, exchange);
		break;
	default:
		break;
	}
}

void
http2_content(struct http_call *call, uint32_t stream, struct bytes data)
{
	struct http_exchange *exchange = find(call->http, stream);

	if (exchange != NULL && message_of(call, exchange)->has_head)
		http_message_content(call, message_of(call, exchange), data);
}

void
http2_content_gap(struct http_call *call, uint32_t stream, uint64_t missing)
{
	struct http_exchange *exchange = find(call->http, stream);

	if (exchange != NULL && message_of(call, exchange)->has_head)
		http_message_gap(call, message_of(call, exchange), missing);
}

void
http2_take_first(struct http_call *call, struct http_exchange *exchange)
{
	http_report_alone(call, exchange); /* the exchange that asked for it */
	http_message_release(call->http, &exchange->response);
	exchange->upgrade = NULL;
	exchange->stream_id = 1;
}
