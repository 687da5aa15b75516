/* SPDX-License-Identifier: Apache-2.0 */
/* defrag_play: fragments made and shown to a defrag, and what it told; for its tests.
 */
#ifndef TESTS_UNIT_DEFRAG_PLAY_H
#define TESTS_UNIT_DEFRAG_PLAY_H

#include <stdlib.h>

#include "sensor/defrag.h"

enum { TOLD = 4096, FRAME_MOST = 4096, PIECE_MOST = 66000 };

struct told {
	enum decode_result result;
	struct headers headers;
	uint32_t wire_size;
	uint32_t sum; /* of the payload */
};

struct fixture {
	struct defrag *defrag;
	struct told told[TOLD];
	uint32_t count;
	struct instant now;
	uint64_t number;
};

static inline uint32_t
sum_of(struct bytes bytes)
{
	uint32_t sum = (uint32_t)bytes.left;

	for (size_t i = 0; i < bytes.left; i++)
		sum = sum * 31 + bytes.at[i];
	return sum;
}

static inline void
on_datagram(void *ctx, const struct packet *packet, struct headers *headers,
	    enum decode_result result)
{
	struct fixture *f = ctx;

	if (headers->fragment.size > 0 &&
	    defrag_take(f->defrag, packet, headers, f->now))
		return;
	assert_true(f->count < TOLD);
	f->told[f->count++] = (struct told){
		.result = result,
		.headers = *headers,
		.wire_size = packet->wire_size,
		.sum = result == DECODE_OK ? sum_of(headers->payload) : 0,
	};
}

static const struct defrag_config usual = { 64, 1 << 20, 30 * INSTANT_SECOND };

static inline struct fixture *
start_with(const struct defrag_config *config)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->now = instant_after((struct instant){ 0 }, INSTANT_SECOND);
	f->defrag = defrag_new(config, on_datagram, f);
	assert_non_null(f->defrag);
	return f;
}

static inline void
stop(struct fixture *f)
{
	defrag_finish(f->defrag);
	assert_int_equal(defrag_counters(f->defrag).memory, 0);
	defrag_free(f->defrag);
	free(f);
}

/* A frame of raw IP; copied to its own memory, so that a read past its end is seen. */
static inline void
show(struct fixture *f, const uint8_t *data, size_t size, uint32_t hidden)
{
	uint8_t *copy = malloc(size + 1);
	struct headers headers;

	memcpy(copy, data, size);
	struct packet packet = {
		.seen = f->now,
		.frame = bytes_over(copy, size),
		.wire_size = (uint32_t)size + hidden,
		.link_type = LINK_RAW,
		.number = ++f->number,
	};
	enum decode_result result = decode_packet(&packet, &headers);
	on_datagram(f, &packet, &headers, result);
	free(copy);
	f->now = instant_after(f->now, 1000);
}

struct frame {
	uint8_t byte[PIECE_MOST];
	size_t size;
};

static inline void
put(struct frame *frame, const void *data, size_t size)
{
	assert_true(frame->size + size <= sizeof(frame->byte));
	memcpy(frame->byte + frame->size, data, size);
	frame->size += size;
}

struct piece {
	bool is_6;
	uint8_t protocol;
	uint16_t id;
	uint32_t offset;
	bool has_more;
};

/* A fragment that holds 'data'. */
static inline void
make(struct frame *frame, const struct piece *piece, const uint8_t *data, size_t size)
{
	uint32_t place = piece->is_6
				 ? piece->offset | (piece->has_more ? 1 : 0)
				 : piece->offset / 8 | (piece->has_more ? 0x2000 : 0);
	uint32_t total = (uint32_t)size + (piece->is_6 ? 8 : 20);
	uint8_t ipv4[20] = { 0x45,
			     0,
			     (uint8_t)(total >> 8),
			     (uint8_t)total,
			     (uint8_t)(piece->id >> 8),
			     (uint8_t)piece->id,
			     (uint8_t)(place >> 8),
			     (uint8_t)place,
			     64,
			     piece->protocol,
			     0,
			     0,
			     10,
			     0,
			     0,
			     1,
			     10,
			     0,
			     0,
			     2 };
	uint8_t ipv6[48] = { [0] = 0x60,
			     [4] = (uint8_t)(total >> 8),
			     [5] = (uint8_t)total,
			     [6] = 44,
			     [7] = 64,
			     [8] = 0xfd,
			     [23] = 1,
			     [24] = 0xfd,
			     [39] = 2,
			     [40] = piece->protocol,
			     [42] = (uint8_t)(place >> 8),
			     [43] = (uint8_t)place,
			     [46] = (uint8_t)(piece->id >> 8),
			     [47] = (uint8_t)piece->id };

	frame->size = 0;
	put(frame, piece->is_6 ? ipv6 : ipv4,
	    piece->is_6 ? sizeof(ipv6) : sizeof(ipv4));
	put(frame, data, size);
}

static inline void
send(struct fixture *f, const struct piece *piece, const uint8_t *data, size_t size)
{
	static struct frame frame;

	make(&frame, piece, data, size);
	show(f, frame.byte, frame.size, 0);
}

/* A TCP segment or UDP datagram whose bytes tell their place. */
static inline void
fill(uint8_t *out, size_t size, uint8_t protocol)
{
	for (size_t i = 0; i < size; i++)
		out[i] = (uint8_t)(i * 7 ^ i >> 8);
	memcpy(out, "\x30\x39\x01\xbb", 4);
	if (protocol == PROTOCOL_UDP) {
		out[4] = (uint8_t)(size >> 8);
		out[5] = (uint8_t)size;
	} else {
		out[12] = 0x50;
		out[13] = TCP_ACK;
	}
}

static inline void
expect_whole(const struct fixture *f, uint32_t at, const uint8_t *data, size_t size,
	     size_t header)
{
	const struct told *told = &f->told[at];

	assert_true(at < f->count);
	assert_int_equal(told->result, DECODE_OK);
	assert_false(told->headers.is_fragment);
	assert_int_equal(told->headers.from_port, 12345);
	assert_int_equal(told->headers.to_port, 443);
	assert_int_equal(told->headers.payload_size, size - header);
	assert_int_equal(told->sum, sum_of(bytes_over(data + header, size - header)));
}

#endif
