/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream: the bytes of a TCP connection's two sides, each in order.
 *
 * Segments go in, bytes and gaps come out.  What comes too early is held in
 * chunks of a pool all flows share; what is there twice is taken the first
 * time (RFC 9293, section 3.10.7.4 leaves the choice; the first is what a
 * receiver has already handed on).  Where the second has other bytes, the sink
 * is told: compared are bytes that are held, and the first STREAM_SHOWN of the
 * segment that was handed out last.  A keep-alive's byte (RFC 9293, 3.8.4) is
 * none of the stream and compared with nothing.  A hole is given up when the other side
 * has acknowledged bytes behind it, when a side holds more than its share, or
 * when the pool is empty.  Sequence numbers wrap; what lies a gigabyte off
 * belongs to no window and is ignored.
 */
#ifndef SENSOR_STREAM_H
#define SENSOR_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/bytes.h"
#include "sensor/decode.h"

struct stream_pool;

/* All memory is taken here: 'most' bytes, of which one side of a stream holds up to
 * 'side_most'. */
struct stream_pool *stream_pool_new(uint64_t most, uint32_t side_most);
void stream_pool_free(struct stream_pool *pool);
size_t stream_pool_memory(const struct stream_pool *pool);
/* Bytes of chunks in use. */
size_t stream_pool_held(const struct stream_pool *pool);

enum { STREAM_SHOWN = 32 };

struct stream_side {
	uint32_t next;  /* sequence number that is due */
	uint32_t acked; /* what the other side has acknowledged; not before 'next' was
			   known */
	uint32_t held;  /* first chunk + 1, by sequence number; 0: none */
	uint32_t held_bytes;
	bool is_known; /* 'next' holds */
	uint8_t shown_size;
	uint8_t shown[STREAM_SHOWN]; /* the begin of the last segment handed out */
	uint32_t shown_start;        /* sequence number of shown[0] */
};

/* All zero is a stream of which nothing is known. */
struct stream {
	struct stream_side side[2];
};

/* Each returns false when nothing more is wanted: the stream stops at once. */
struct stream_sink {
	void *ctx;
	bool (*data)(void *ctx, int side, struct bytes data);
	bool (*gap)(void *ctx, int side, uint64_t missing);
	/* a segment has other bytes than came first; may be NULL */
	void (*differs)(void *ctx, int side);
};

/* A SYN of 'side' was seen; its first byte will have this number. */
void stream_starts(struct stream *stream, int side, uint32_t sequence);

/* A segment of 'side'.  False if the sink wants nothing more. */
bool stream_segment(struct stream_pool *pool, struct stream *stream, int side,
		    const struct headers *headers, const struct stream_sink *sink);

/* The connection is over: hands out what is held, with its gaps, and what was
 * acknowledged unseen. */
bool stream_finish(struct stream_pool *pool, struct stream *stream,
		   const struct stream_sink *sink);

/* Gives back what is held. */
void stream_release(struct stream_pool *pool, struct stream *stream);

#endif
