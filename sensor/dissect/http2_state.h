/* SPDX-License-Identifier: Apache-2.0 */
/* http2_state: what the two parts of HTTP/2 share: frames (http2.c) and streams
 * (http2_stream.c). */
#ifndef SENSOR_DISSECT_HTTP2_STATE_H
#define SENSOR_DISSECT_HTTP2_STATE_H

#include "sensor/dissect/hpack.h"
#include "sensor/dissect/http_state.h"

enum {
	HTTP2_BLOCK_MAX =
		64 << 10, /* bytes of a block of fields; more are a violation */
	HTTP2_FRAME_HEAD = 9
};

enum http2_type {
	HTTP2_DATA,
	HTTP2_HEADERS,
	HTTP2_PRIORITY,
	HTTP2_RST_STREAM,
	HTTP2_SETTINGS,
	HTTP2_PUSH_PROMISE,
	HTTP2_PING,
	HTTP2_GOAWAY,
	HTTP2_WINDOW_UPDATE,
	HTTP2_CONTINUATION
};

enum http2_flag {
	HTTP2_END_STREAM = 1,
	HTTP2_END_HEADERS = 4,
	HTTP2_PADDED = 8,
	HTTP2_WITH_PRIORITY = 32
};

struct http2_side {
	uint8_t preface_seen;
	uint8_t head[HTTP2_FRAME_HEAD], head_size;
	/* the frame under way */
	bool is_in_frame, is_pad_known;
	uint8_t type, flags;
	uint32_t stream, left, pad; /* left: of the payload, padding included */
	/* payloads of HEADERS and what continues it */
	struct kept block;
	uint32_t frame_at;               /* where in it the frame's payload begins */
	uint32_t block_stream;           /* 0: no block is open */
	uint8_t block_flags, block_type; /* of the frame that began it */
	struct hpack hpack;
};

struct http2 {
	struct http2_side side[SIDES];
};

/* http2_stream.c */

/* A frame is whole. */
void http2_frame(struct http_call *call, struct http2_side *side);
void http2_content(struct http_call *call, uint32_t stream, struct bytes data);
void http2_content_gap(struct http_call *call, uint32_t stream, uint64_t missing);

#endif
