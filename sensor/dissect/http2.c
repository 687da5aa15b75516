/* SPDX-License-Identifier: Apache-2.0 */
/* http2: cuts a side of HTTP/2 into frames (RFC 9113 section 4). */
#include "sensor/dissect/http2.h"

#include <stdlib.h>
#include <string.h>

#include "sensor/dissect/http2_state.h"

enum { LINE_OF_PREFACE = 16 };

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
enum { PREFACE_SIZE = sizeof(preface) - 1 };

/* The SETTINGS a server begins with: on stream 0, no flags, whole settings of known
 * kinds. */
static enum recognition
recognise_settings(struct bytes first)
{
	static const uint8_t fixed[] = { 0, 0, 0, 4, 0, 0, 0, 0, 0, 0 };
	enum { KINDS_MAX = 9, SETTING = 6 };

	for (size_t i = 0; i < first.left && i < sizeof(fixed); i++)
		if (i != 2 && first.at[i] != fixed[i])
			return RECOGNISED_NO;
	if (first.left > 2 && (first.at[2] == 0 || first.at[2] % SETTING != 0))
		return RECOGNISED_NO;
	if (first.left < 11)
		return RECOGNISED_MAYBE;
	return first.at[10] > 0 && first.at[10] <= KINDS_MAX ? RECOGNISED_YES
							     : RECOGNISED_NO;
}

enum recognition
http2_recognise(struct bytes first)
{
	size_t size = first.left < PREFACE_SIZE ? first.left : PREFACE_SIZE;

	if (size == 0)
		return RECOGNISED_MAYBE;
	if (memcmp(first.at, preface, size) != 0)
		return recognise_settings(first);
	return size == PREFACE_SIZE ? RECOGNISED_YES : RECOGNISED_MAYBE;
}

struct http2 *
http2_new(struct http *http, int client, bool is_line_seen)
{
	struct kept_budget *budget = http_budget(http);
	struct http2 *two = NULL;

	if (budget->held + sizeof(*two) <= budget->most)
		two = calloc(1, sizeof(*two));
	if (two == NULL) {
		http->lane->lane.counters.no_memory++;
		return NULL;
	}
	budget->held += sizeof(*two);
	two->side[client].preface_seen = is_line_seen ? LINE_OF_PREFACE : 0;
	two->side[!client].preface_seen = PREFACE_SIZE;
	for (int side = 0; side < SIDES; side++)
		hpack_begin(&two->side[side].hpack, budget);
	return two;
}

void
http2_free(struct http *http, struct http2 *two)
{
	for (int side = 0; side < SIDES; side++) {
		kept_release(http_budget(http), &two->side[side].block);
		hpack_release(&two->side[side].hpack);
	}
	http_budget(http)->held -= sizeof(*two);
	free(two);
}

static bool
take_preface(struct http_call *call, struct http2_side *side, struct bytes *data)
{
	while (data->left > 0 && side->preface_seen < PREFACE_SIZE)
		if (bytes_u8(data) != (uint8_t)preface[side->preface_seen++]) {
			call->http->violation = "INVALID_CLIENT_MAGIC";
			return false;
		}
	return data->left > 0;
}

/* What of the payload is gathered; of DATA nothing, it is handed on as it comes. */
static uint32_t
payload_wanted(uint8_t type)
{
	switch (type) {
	case HTTP2_HEADERS:
	case HTTP2_PUSH_PROMISE:
	case HTTP2_CONTINUATION:
		return HTTP2_BLOCK_MAX;
	case HTTP2_RST_STREAM:
		return 4;
	default:
		return 0;
	}
}

/* Section 6: which frames stand on a stream, and which on none. */
static bool
is_sound(const struct http2_side *side)
{
	bool is_of_stream = side->type <= HTTP2_RST_STREAM ||
			    side->type == HTTP2_PUSH_PROMISE ||
			    side->type == HTTP2_CONTINUATION;
	bool is_of_none = side->type == HTTP2_SETTINGS || side->type == HTTP2_PING ||
			  side->type == HTTP2_GOAWAY;

	if ((is_of_stream && side->stream == 0) || (is_of_none && side->stream != 0))
		return false;
	return side->block_stream == 0 ||
	       (side->type == HTTP2_CONTINUATION && side->stream == side->block_stream);
}

static void
begin_frame(struct http_call *call, struct http2_side *side)
{
	struct bytes head = bytes_over(side->head, sizeof(side->head));

	side->left = (uint32_t)bytes_u8(&head) << 16;
	side->left |= bytes_u16(&head);
	side->type = bytes_u8(&head);
	side->flags = bytes_u8(&head);
	side->stream = bytes_u32(&head) & 0x7fffffff;
	side->head_size = 0;
	side->is_in_frame = true;
	side->is_pad_known = side->type != HTTP2_DATA || !(side->flags & HTTP2_PADDED);
	side->pad = 0;
	if (!is_sound(side) ||
	    (side->type == HTTP2_CONTINUATION && side->block_stream == 0))
		call->http->violation = "INVALID_FRAME_HEADER";
	else if (side->left > HTTP2_BLOCK_MAX - side->block.size &&
		 payload_wanted(side->type) == HTTP2_BLOCK_MAX) {
		call->http->lane->lane.counters.cut++;
		call->http->violation = "REASSEMBLY_LIMIT_REACHED";
	}
	if (side->type != HTTP2_CONTINUATION)
		side->frame_at = side->block.size = 0;
	else
		side->frame_at = side->block.size;
}

static void
take_head(struct http_call *call, struct http2_side *side, struct bytes *data)
{
	while (data->left > 0 && side->head_size < sizeof(side->head))
		side->head[side->head_size++] = bytes_u8(data);
	if (side->head_size == sizeof(side->head))
		begin_frame(call, side);
}

/* Content, as much of it as is there, without its padding. */
static void
take_content(struct http_call *call, struct http2_side *side, struct bytes *data)
{
	if (!side->is_pad_known && side->left > 0) {
		side->pad = bytes_u8(data);
		side->left--;
		side->is_pad_known = true;
		if (side->pad > side->left)
			call->http->violation = "INVALID_FRAME_DATA";
	}
	if (call->http->violation != NULL)
		return;
	size_t content = side->left - side->pad;
	struct bytes part =
		bytes_window(data, content < data->left ? content : data->left);
	side->left -= (uint32_t)part.left;
	if (part.left > 0)
		http2_content(call, side->stream, part);
	if (side->left > side->pad)
		return;
	size_t pad = side->left < data->left ? side->left : data->left;
	bytes_take(data, pad);
	side->left -= (uint32_t)pad;
	side->pad = side->left;
}

static void
take_payload(struct http_call *call, struct http2_side *side, struct bytes *data)
{
	uint32_t wanted = payload_wanted(side->type);
	struct bytes part =
		bytes_window(data, side->left < data->left ? side->left : data->left);

	side->left -= (uint32_t)part.left;
	if (wanted == 0 || part.left == 0)
		return;
	if (!kept_add(http_budget(call->http), &side->block, part, wanted) &&
	    wanted == HTTP2_BLOCK_MAX) {
		call->http->lane->lane.counters.no_memory++;
		call->http->violation = "REASSEMBLY_LIMIT_REACHED";
	}
}

void
http2_feed(struct http_call *call, struct bytes *data)
{
	struct http *http = call->http;
	struct http2_side *side = &http->two->side[call->side];

	if (!take_preface(call, side, data))
		return;
	while (http->violation == NULL && !http->is_done) {
		if (!side->is_in_frame) {
			if (data->left == 0)
				return;
			take_head(call, side, data);
			continue;
		}
		if (side->left > 0 && data->left == 0)
			return;
		if (side->type == HTTP2_DATA)
			take_content(call, side, data);
		else
			take_payload(call, side, data);
		if (http->violation == NULL && side->left == 0) {
			side->is_in_frame = false;
			http2_frame(call, side);
		}
	}
}

void
http2_gap(struct http_call *call, uint64_t missing)
{
	struct http2_side *side = &call->http->two->side[call->side];

	if (side->is_in_frame && side->type == HTTP2_DATA && side->is_pad_known &&
	    missing < side->left - side->pad) {
		side->left -= (uint32_t)missing;
		http2_content_gap(call, side->stream, missing);
		return;
	}
	http_exchanges_end(call, "loss");
	call->http->is_done = true;
}
