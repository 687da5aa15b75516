/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_defrag: whatever fragments come, a datagram that comes out whole has in each
 * place the byte that was sent for it, and all frames are told of or counted.
 *
 * The input is a list of pieces of five bytes: how (bit 0 IPv6, 1 more follow,
 * 2 another value, 3 time passes), identification, two of place and size in
 * units of eight, one of size beyond.  What follows four bytes of 0xff is a
 * frame of raw IP as it is.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/defrag.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PROTOCOL_PLAIN = 253, FRAME_MOST = 4096 };

struct run {
	struct defrag *defrag;
	struct instant now;
	uint64_t frames, told;
	bool is_free; /* frames of any form were shown */
};

static uint8_t
byte_at(size_t place)
{
	return (uint8_t)(place * 31 ^ place >> 8);
}

static void
check_whole(const struct run *run, const struct headers *headers)
{
	struct bytes payload = headers->payload;

	assert(payload.left <= headers->payload_size);
	for (size_t i = 0; i < payload.left && !run->is_free; i++)
		assert(payload.at[i] == byte_at(i) ||
		       payload.at[i] == 255 - byte_at(i));
}

static void
on_datagram(void *ctx, const struct packet *packet, struct headers *headers,
	    enum decode_result result)
{
	struct run *run = ctx;

	if (headers->fragment.size > 0 &&
	    defrag_take(run->defrag, packet, headers, run->now))
		return;
	run->told += 1u + headers->more_frames;
	if (result == DECODE_OK && headers->protocol == PROTOCOL_PLAIN)
		check_whole(run, headers);
}

static void
show(struct run *run, const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + 1); /* so that a read past it is seen */
	struct headers headers;

	assert(copy != NULL);
	memcpy(copy, data, size);
	struct packet packet = {
		.seen = run->now,
		.frame = bytes_over(copy, size),
		.wire_size = (uint32_t)size,
		.link_type = LINK_RAW,
	};
	run->frames++;
	enum decode_result result = decode_packet(&packet, &headers);
	on_datagram(run, &packet, &headers, result);
	free(copy);
}

static void
show_piece(struct run *run, uint8_t how, uint8_t id, uint16_t where, uint8_t beyond)
{
	uint8_t frame[FRAME_MOST] = { 0 };
	bool is_6 = how & 1, has_more = how & 2;
	size_t start = (size_t)(where >> 4) * 8;
	size_t size = (size_t)(where & 15) * 64 + beyond;
	size_t header = is_6 ? 48 : 20, total = size + (is_6 ? 8 : 20);
	size_t place = is_6 ? start | has_more : start / 8 | (has_more ? 0x2000 : 0);
	uint8_t *at = frame + (is_6 ? 4 : 2);

	frame[0] = is_6 ? 0x60 : 0x45;
	at[0] = (uint8_t)(total >> 8);
	at[1] = (uint8_t)total;
	frame[6] = is_6 ? 44 : (uint8_t)(place >> 8);
	frame[7] = is_6 ? 0 : (uint8_t)place;
	frame[is_6 ? 40 : 9] = PROTOCOL_PLAIN;
	frame[is_6 ? 47 : 5] = id;
	if (is_6) {
		frame[42] = (uint8_t)(place >> 8);
		frame[43] = (uint8_t)place;
	}
	for (size_t i = 0; i < size; i++)
		frame[header + i] = how & 4 ? (uint8_t)(255 - byte_at(start + i))
					    : byte_at(start + i);
	show(run, frame, header + size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct defrag_config config = { 8, 64 << 10, 30 * INSTANT_SECOND };
	struct run run = { 0 };
	struct bytes input = bytes_over(data, size);

	run.defrag = defrag_new(&config, on_datagram, &run);
	assert(run.defrag != NULL);
	while (input.left >= 5) {
		if (memcmp(input.at, "\xff\xff\xff\xff", 4) == 0) {
			bytes_take(&input, 4);
			size_t rest = input.left < 255 ? input.left : 255;
			run.is_free = true;
			show(&run, bytes_take(&input, rest), rest);
			continue;
		}
		uint8_t how = bytes_u8(&input), id = bytes_u8(&input);
		uint16_t where = bytes_u16(&input);
		show_piece(&run, how, id, where, bytes_u8(&input));
		if (how & 8)
			run.now = instant_after(run.now, 11 * INSTANT_SECOND);
		defrag_expire(run.defrag, run.now);
		assert(defrag_counters(run.defrag).memory <= defrag_memory(run.defrag));
	}
	defrag_finish(run.defrag);
	struct defrag_counters counters = defrag_counters(run.defrag);
	assert(counters.memory == 0);
	assert(run.told + counters.untold >= run.frames);
	defrag_free(run.defrag);
	return 0;
}
