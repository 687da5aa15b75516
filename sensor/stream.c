/* SPDX-License-Identifier: Apache-2.0 */
/* stream: the bytes of a TCP connection's two sides, each in order. */
#include "sensor/stream.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	CHUNK_SIZE = 2048, /* a full Ethernet frame fits one */
	CHUNK_DATA = CHUNK_SIZE - 12,
	FARTHEST = 1 << 30 /* RFC 7323, section 2.3: the largest window */
};

struct chunk {
	uint32_t next;  /* chunk + 1, 0: none */
	uint32_t start; /* sequence number of data[0] */
	uint32_t size;
	uint8_t data[CHUNK_DATA];
};

_Static_assert(sizeof(struct chunk) == CHUNK_SIZE, "the pool is counted in chunks");

struct stream_pool {
	struct chunk *chunks;
	uint32_t count, fresh, unused, used;
	uint32_t side_most;
};

struct stream_pool *
stream_pool_new(uint64_t most, uint32_t side_most)
{
	struct stream_pool *pool = calloc(1, sizeof(*pool));
	uint64_t count = most / CHUNK_SIZE;

	if (pool == NULL)
		return NULL;
	pool->count = count > UINT32_MAX - 1 ? UINT32_MAX - 1 : (uint32_t)count;
	pool->side_most = side_most;
	pool->chunks = calloc(pool->count > 0 ? pool->count : 1, sizeof(*pool->chunks));
	if (pool->chunks == NULL) {
		free(pool);
		return NULL;
	}
	return pool;
}

void
stream_pool_free(struct stream_pool *pool)
{
	if (pool == NULL)
		return;
	free(pool->chunks);
	free(pool);
}

size_t
stream_pool_memory(const struct stream_pool *pool)
{
	return sizeof(*pool) + (size_t)pool->count * CHUNK_SIZE;
}

size_t
stream_pool_held(const struct stream_pool *pool)
{
	return (size_t)pool->used * CHUNK_SIZE;
}

/* Bytes from 'from' to 'to'; negative if 'to' comes first.  Right for less than 2^31
 * (RFC 9293, 3.4). */
static int32_t
distance(uint32_t from, uint32_t to)
{
	return (int32_t)(to - from);
}

/* Chunk + 1, or 0 if the side or the pool has no more. */
static uint32_t
take_chunk(struct stream_pool *pool, struct stream_side *side)
{
	uint32_t at = 0;

	if (side->held_bytes + CHUNK_SIZE > pool->side_most)
		return 0;
	if (pool->unused != 0) {
		at = pool->unused;
		pool->unused = pool->chunks[at - 1].next;
	} else if (pool->fresh < pool->count) {
		at = ++pool->fresh;
	}
	if (at != 0) {
		side->held_bytes += CHUNK_SIZE;
		pool->used++;
	}
	return at;
}

static void
drop_first(struct stream_pool *pool, struct stream_side *side)
{
	uint32_t at = side->held;

	side->held = pool->chunks[at - 1].next;
	pool->chunks[at - 1].next = pool->unused;
	pool->unused = at;
	side->held_bytes -= CHUNK_SIZE;
	pool->used--;
}

void
stream_release(struct stream_pool *pool, struct stream *stream)
{
	for (int i = 0; i < 2; i++)
		while (stream->side[i].held != 0)
			drop_first(pool, &stream->side[i]);
}

void
stream_starts(struct stream *stream, int side, uint32_t sequence)
{
	struct stream_side *s = &stream->side[side];

	if (s->is_known)
		return;
	s->next = s->acked = sequence;
	s->is_known = true;
}

/* What follows is for one segment or acknowledgement of one side. */
struct work {
	struct stream_pool *pool;
	struct stream_side *side;
	int number;
	const struct stream_sink *sink;
};

static bool
hand_out(const struct work *work, struct bytes data)
{
	work->side->next += (uint32_t)data.left;
	return data.left == 0 || work->sink->data(work->sink->ctx, work->number, data);
}

static bool
give_up(const struct work *work, uint32_t missing)
{
	work->side->next += missing;
	return missing == 0 || work->sink->gap(work->sink->ctx, work->number, missing);
}

/* Hands out the held chunks that have become due. */
static bool
drain(const struct work *work)
{
	struct stream_side *side = work->side;

	while (side->held != 0) {
		struct chunk *chunk = &work->pool->chunks[side->held - 1];
		int32_t past = distance(chunk->start, side->next);
		if (past < 0)
			break;
		struct bytes data = bytes_over(chunk->data, chunk->size);
		bytes_take(&data,
			   (uint32_t)past < chunk->size ? (size_t)past : chunk->size);
		bool goes_on = hand_out(work, data);
		drop_first(work->pool, side);
		if (!goes_on)
			return false;
	}
	return true;
}

/* Gives up the hole before the first held chunk. */
static bool
skip_hole(const struct work *work)
{
	uint32_t start = work->pool->chunks[work->side->held - 1].start;

	return give_up(work, start - work->side->next) && drain(work);
}

/* Puts a piece that overlaps nothing behind chunk 'before' (0: first).  False if there
 * is no room. */
static bool
hold_piece(const struct work *work, uint32_t *before, uint32_t start,
	   const uint8_t *data, size_t size)
{
	struct chunk *chunks = work->pool->chunks;

	while (size > 0) {
		uint32_t at = take_chunk(work->pool, work->side);
		if (at == 0)
			return false;
		struct chunk *chunk = &chunks[at - 1];
		chunk->start = start;
		chunk->size = (uint32_t)(size < CHUNK_DATA ? size : CHUNK_DATA);
		memcpy(chunk->data, data, chunk->size);
		uint32_t *link =
			*before ? &chunks[*before - 1].next : &work->side->held;
		chunk->next = *link;
		*link = at;
		*before = at;
		start += chunk->size;
		data += chunk->size;
		size -= chunk->size;
	}
	return true;
}

/* Holds what of the segment is not held yet.  False if there is no room for all of it.
 */
static bool
hold(const struct work *work, uint32_t start, struct bytes data)
{
	struct chunk *chunks = work->pool->chunks;
	uint32_t before = 0, at = work->side->held;

	while (at != 0 && data.left > 0) {
		int32_t ahead = distance(start, chunks[at - 1].start);
		if (ahead >= (int32_t)data.left)
			break;
		if (ahead > 0) { /* a piece before this chunk */
			if (!hold_piece(work, &before, start,
					bytes_take(&data, (size_t)ahead),
					(size_t)ahead))
				return false;
			start += (uint32_t)ahead;
		}
		int32_t covered =
			distance(start, chunks[at - 1].start + chunks[at - 1].size);
		if (covered > 0) {
			size_t take = (size_t)covered < data.left ? (size_t)covered
								  : data.left;
			bytes_take(&data, take);
			start += (uint32_t)take;
		}
		before = at;
		at = chunks[at - 1].next;
	}
	return hold_piece(work, &before, start, data.at, data.left);
}

/* Bytes that are due.  Where something is held already, that was first and stays. */
static bool
take_due(const struct work *work, struct bytes data)
{
	struct stream_side *side = work->side;

	while (data.left > 0) {
		size_t fresh = data.left;
		if (side->held != 0) {
			uint32_t ahead =
				work->pool->chunks[side->held - 1].start - side->next;
			fresh = ahead < fresh ? ahead : fresh;
		}
		uint32_t before = side->next;
		if (!hand_out(work, bytes_window(&data, fresh)) || !drain(work))
			return false;
		size_t known = (size_t)(side->next - before) - fresh;
		bytes_take(&data, known < data.left ? known : data.left);
	}
	return true;
}

/* A segment that comes too early.  Holes are given up until it is held or due. */
static bool
take_early(const struct work *work, uint32_t start, struct bytes data)
{
	while (!hold(work, start, data)) {
		if (work->side->held == 0) {
			int32_t ahead = distance(work->side->next, start);
			return give_up(work, (uint32_t)ahead) && hand_out(work, data);
		}
		if (!skip_hole(work))
			return false;
		int32_t late = distance(start, work->side->next);
		if (late >= 0) {
			bytes_take(&data,
				   (size_t)late < data.left ? (size_t)late : data.left);
			return take_due(work, data);
		}
	}
	return true;
}

/* The snap length has cut what lies before 'end': nobody will see it. */
static bool
skip_hidden(const struct work *work, uint32_t end)
{
	struct stream_side *side = work->side;

	while (distance(side->next, end) > 0) {
		int32_t missing = distance(side->next, end);
		if (side->held != 0) {
			int32_t ahead = distance(
				side->next, work->pool->chunks[side->held - 1].start);
			missing = ahead < missing ? ahead : missing;
		}
		if (!give_up(work, (uint32_t)missing) || !drain(work))
			return false;
	}
	return true;
}

/* Whether what both have has another value. */
static bool
is_other(uint32_t a_start, struct bytes a, uint32_t b_start, struct bytes b)
{
	int32_t ahead = distance(a_start, b_start);

	bytes_take(ahead > 0 ? &a : &b, (size_t)(ahead > 0 ? ahead : -(int64_t)ahead));
	size_t both = a.left < b.left ? a.left : b.left; /* 0 if they do not meet */
	return both > 0 && memcmp(a.at, b.at, both) != 0;
}

static bool
is_other_than_held(const struct work *work, uint32_t start, struct bytes data)
{
	for (uint32_t at = work->side->held; at != 0;) {
		const struct chunk *chunk = &work->pool->chunks[at - 1];
		struct bytes held = bytes_over(chunk->data, chunk->size);
		if (distance(start + (uint32_t)data.left, chunk->start) >= 0)
			return false;
		if (is_other(start, data, chunk->start, held))
			return true;
		at = chunk->next;
	}
	return false;
}

static void
compare(const struct work *work, uint32_t start, struct bytes data)
{
	struct stream_side *side = work->side;
	struct bytes shown = bytes_over(side->shown, side->shown_size);
	int32_t late = distance(start, side->next);

	if (work->sink->differs == NULL || (late == 1 && data.left <= 1))
		return;
	if ((late > 0 && is_other(start, data, side->shown_start, shown)) ||
	    is_other_than_held(work, start, data))
		work->sink->differs(work->sink->ctx, work->number);
	if (late < 0 || (size_t)late >= data.left)
		return;
	bytes_take(&data, (size_t)late);
	side->shown_start = start + (uint32_t)late;
	side->shown_size =
		(uint8_t)(data.left < STREAM_SHOWN ? data.left : STREAM_SHOWN);
	memcpy(side->shown, data.at, side->shown_size);
}

/* A segment's bytes; 'hidden' more were on the wire and not captured. */
static bool
take_data(const struct work *work, uint32_t start, struct bytes data, uint32_t hidden)
{
	uint32_t end = start + (uint32_t)data.left + hidden;
	int32_t late = distance(start, work->side->next);

	if (late > FARTHEST || late < -FARTHEST)
		return true;
	if (data.left > 0)
		compare(work, start, data);
	if (late < 0)
		return take_early(work, start, data);
	bytes_take(&data, (size_t)late < data.left ? (size_t)late : data.left);
	return take_due(work, data) && (hidden == 0 || skip_hidden(work, end));
}

/* 'work' is of the side that is acknowledged: bytes behind a hole have arrived, so the
 * hole has. */
static bool
take_acknowledgement(const struct work *work, uint32_t acked)
{
	struct stream_side *side = work->side;

	if (!side->is_known) {
		side->next = side->acked = acked;
		side->is_known = true;
		return true;
	}
	int32_t ahead = distance(side->acked, acked);
	if (ahead <= 0 || ahead > FARTHEST)
		return true;
	side->acked = acked;
	while (side->held != 0 &&
	       distance(work->pool->chunks[side->held - 1].start, acked) > 0)
		if (!skip_hole(work))
			return false;
	return true;
}

bool
stream_segment(struct stream_pool *pool, struct stream *stream, int number,
	       const struct headers *headers, const struct stream_sink *sink)
{
	struct work mine = { pool, &stream->side[number], number, sink };
	struct work other = { pool, &stream->side[!number], !number, sink };
	uint8_t flags = headers->tcp_flags;
	uint32_t start = headers->tcp_sequence + (flags & TCP_SYN ? 1 : 0);

	stream_starts(stream, number, start);
	if (headers->payload_size > 0 && !(flags & TCP_RST) &&
	    !take_data(&mine, start, headers->payload,
		       headers->payload_size - (uint32_t)headers->payload.left))
		return false;
	return (flags & (TCP_ACK | TCP_RST)) != TCP_ACK ||
	       take_acknowledgement(&other, headers->tcp_acknowledged);
}

bool
stream_finish(struct stream_pool *pool, struct stream *stream,
	      const struct stream_sink *sink)
{
	for (int i = 0; i < 2; i++) {
		struct work work = { pool, &stream->side[i], i, sink };
		while (work.side->held != 0)
			if (!skip_hole(&work))
				return false;
		int32_t unseen = distance(work.side->next, work.side->acked);
		/* a FIN takes a number and has no byte: one alone says nothing */
		if (work.side->is_known && unseen > 1 &&
		    !give_up(&work, (uint32_t)unseen))
			return false;
	}
	return true;
}
