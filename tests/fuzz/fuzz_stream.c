/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_stream: whatever segments come, every byte that comes out is the one its place
 * was first sent with.
 *
 * The input is a list of segments: side and flags, two bytes of sequence
 * number, one of acknowledgement, one of size, one of hidden bytes.  The byte
 * at a sequence number is always the same function of it, so order is proved
 * by content.
 */
#include <assert.h>
#include <string.h>

#include "sensor/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define START (UINT32_MAX - 255) /* just before the numbers wrap */

struct seen {
	uint32_t next[2];
};

static uint8_t
byte_at(uint32_t sequence)
{
	return (uint8_t)(sequence * 31 ^ sequence >> 8);
}

static bool
on_data(void *ctx, int side, struct bytes data)
{
	struct seen *seen = ctx;

	assert(data.left > 0);
	for (size_t i = 0; i < data.left; i++)
		assert(data.at[i] == byte_at(seen->next[side] + (uint32_t)i));
	seen->next[side] += (uint32_t)data.left;
	return true;
}

static bool
on_gap(void *ctx, int side, uint64_t missing)
{
	struct seen *seen = ctx;

	assert(missing > 0);
	seen->next[side] += (uint32_t)missing;
	return true;
}

/* Nobody sends another byte here. */
static void
on_difference(void *ctx, int side)
{
	(void)ctx;
	assert(side < 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct stream_pool *pool;
	struct stream stream = { 0 };
	struct seen seen = { { START, START } };
	struct stream_sink sink = { &seen, on_data, on_gap, on_difference };
	struct bytes input = bytes_over(data, size);

	if (pool == NULL)
		pool = stream_pool_new(32 << 10, 12 << 10);
	stream_starts(&stream, 0, START);
	stream_starts(&stream, 1, START);
	while (input.left >= 6) {
		uint8_t how = bytes_u8(&input);
		uint32_t sequence = START + bytes_u16(&input);
		uint32_t acknowledged = START + bytes_u8(&input) * 64u;
		uint8_t length = bytes_u8(&input), hidden = bytes_u8(&input);
		uint8_t payload[256 * 9];
		size_t whole = (size_t)length * (how & 0x80 ? 9 : 1);
		for (size_t i = 0; i < whole; i++)
			payload[i] = byte_at(sequence + (uint32_t)i);
		struct headers headers = {
			.tcp_sequence = sequence,
			.tcp_acknowledged = acknowledged,
			.tcp_flags = how & (TCP_ACK | TCP_RST),
			.payload_size = (uint32_t)whole + (hidden < 128 ? 0 : hidden),
			.payload = bytes_over(payload, whole),
		};
		assert(stream_segment(pool, &stream, how & 1, &headers, &sink));
		assert(stream.side[0].held_bytes <= 12 << 10 &&
		       stream.side[1].held_bytes <= 12 << 10);
	}
	assert(stream_finish(pool, &stream, &sink));
	stream_release(pool, &stream);
	assert(stream_pool_held(pool) == 0);
	return 0;
}
