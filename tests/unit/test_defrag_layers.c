/* SPDX-License-Identifier: Apache-2.0 */
/* test_defrag_layers: fragments with headers around and within; damage of any kind has
 * an end. */
#include "tests/unit/test.h"

#include "tests/unit/defrag_play.h"

/* What stands behind a fragment header is read when the datagram is whole; another
 * fragment header is no part of a datagram. */
static void
extension_headers_behind_the_cut_are_followed(void **state)
{
	uint8_t data[400];
	struct fixture *f = start_with(&usual);
	struct piece piece = { true, 60, 1, 0, true };
	(void)state;

	memcpy(data, "\x11\0\1\4\0\0\0\0", 8);
	fill(data + 8, 392, PROTOCOL_UDP);
	send(f, &piece, data, 200);
	piece.offset = 200;
	piece.has_more = false;
	send(f, &piece, data + 200, 200);
	expect_whole(f, 0, data + 8, 392, 8);
	memcpy(data, "\x11\0\0\1\0\0\0\2", 8); /* a fragment in a fragment */
	piece = (struct piece){ true, 44, 2, 0, true };
	send(f, &piece, data, 200);
	piece.offset = 200;
	piece.has_more = false;
	send(f, &piece, data + 200, 200);
	assert_int_equal(f->told[1].result, DECODE_IPV6_FRAGMENTS);
	stop(f);
}

static void
an_ah_that_was_cut_is_its_index(void **state)
{
	uint8_t data[400];
	struct fixture *f = start_with(&usual);
	struct piece piece = { false, PROTOCOL_AH, 1, 0, true };
	(void)state;

	memcpy(data, "\x11\4\0\0\0\0\1\2\0\0\0\1aaaabbbbcccc", 24);
	fill(data + 24, 376, PROTOCOL_UDP);
	send(f, &piece, data, 200);
	piece.offset = 200;
	piece.has_more = false;
	send(f, &piece, data + 200, 200);
	expect_whole(f, 0, data + 24, 376, 8);
	assert_int_equal(f->told[0].headers.tunnel.kind, TUNNEL_AH);
	assert_int_equal(f->told[0].headers.tunnel.depth, 1);
	assert_int_equal(f->told[0].headers.tunnel.id, 0x102);
	piece = (struct piece){ false, PROTOCOL_AH, 2, 0, true };
	send(f, &piece, data, 200);
	defrag_finish(f->defrag);
	assert_int_equal(f->told[1].headers.protocol, PROTOCOL_AH);
	assert_int_equal(f->told[1].headers.spi, 0x102);
	stop(f);
}

/* GRE whose own packet is cut, and what is in it too: both are put together, and the
 * frames of both are one datagram's. */
static void
fragments_in_tunnels_and_tunnels_in_fragments(void **state)
{
	static struct frame inner, outer;
	uint8_t data[800];
	struct fixture *f = start_with(&usual);
	(void)state;

	fill(data, sizeof(data), PROTOCOL_UDP);
	for (uint32_t half = 0; half < 2; half++) {
		struct piece piece = { false, PROTOCOL_UDP, 5, half * 400, half == 0 };
		struct piece around = { true, PROTOCOL_GRE, (uint16_t)(half + 1), 0,
					true };
		make(&inner, &piece, data + piece.offset, 400);
		outer.size = 0;
		put(&outer, "\x20\0\x08\0\0\0\0\x2a", 8);
		put(&outer, inner.byte, inner.size);
		uint8_t whole[1000];
		size_t size = outer.size;
		memcpy(whole, outer.byte, size);
		send(f, &around, whole, 200);
		around.offset = 200;
		around.has_more = false;
		send(f, &around, whole + 200, size - 200);
	}
	assert_int_equal(f->count, 1);
	expect_whole(f, 0, data, sizeof(data), 8);
	assert_int_equal(f->told[0].headers.tunnel.kind, TUNNEL_GRE);
	assert_int_equal(f->told[0].headers.tunnel.id, 42);
	assert_int_equal(f->told[0].headers.ip_version, 4);
	assert_int_equal(f->told[0].headers.ip_layers, 2);
	assert_int_equal(f->told[0].headers.more_frames, 3);
	assert_int_equal(f->told[0].wire_size, 4 * 48 + 2 * 428);
	assert_int_equal(defrag_counters(f->defrag).ipv6.reassembled, 2);
	assert_int_equal(defrag_counters(f->defrag).ipv4.reassembled, 1);
	stop(f);
}

/* The same identification in another VLAN, tunnel, direction or protocol is another
 * datagram. */
static void
networks_with_the_same_addresses_stay_apart(void **state)
{
	static struct frame frame;
	uint8_t data[400];
	struct fixture *f = start_with(&usual);
	struct piece first = { false, PROTOCOL_UDP, 5, 0, true };
	struct piece last = { false, PROTOCOL_UDP, 5, 200, false };
	(void)state;

	fill(data, sizeof(data), PROTOCOL_UDP);
	send(f, &first, data, 200);
	make(&frame, &last, data + 200, 200);
	uint8_t byte = frame.byte[15];
	frame.byte[15] = 9; /* another source */
	show(f, frame.byte, frame.size, 0);
	frame.byte[15] = byte;
	frame.byte[9] = PROTOCOL_TCP;
	show(f, frame.byte, frame.size, 0);
	last.id = 6;
	send(f, &last, data + 200, 200);
	assert_int_equal(f->count, 0);
	last.id = 5;
	send(f, &last, data + 200, 200);
	expect_whole(f, 0, data, sizeof(data), 8);
	stop(f);
}

/* A set of pieces, with one frame short or one byte another: nothing is read outside of
 * a frame, and every frame is told of or counted. */
static void
every_prefix_and_every_damage_has_an_end(void **state)
{
	static struct frame frame[4];
	static uint8_t copy[FRAME_MOST];
	uint8_t data[256];
	(void)state;

	for (int is_6 = 0; is_6 < 2; is_6++) {
		fill(data, sizeof(data), PROTOCOL_UDP);
		for (uint32_t i = 0; i < 4; i++) {
			struct piece piece = { is_6, PROTOCOL_UDP, 3, i * 64, i < 3 };
			make(&frame[i], &piece, data + i * 64, 64);
		}
		for (uint32_t broken = 0; broken < 4; broken++)
			for (size_t at = 0; at < 9 * frame[broken].size; at++) {
				struct fixture *f = start_with(&usual);
				size_t place = at / 9, size = frame[broken].size;
				for (uint32_t i = 0; i < 4; i++) {
					size_t cut = frame[i].size;
					memcpy(copy, frame[i].byte, cut);
					if (i == broken && at % 9 == 8)
						cut = place;
					else if (i == broken)
						copy[place] ^= (uint8_t)(1 << at % 9);
					show(f, copy, cut, 0);
				}
				defrag_finish(f->defrag);
				struct defrag_counters c = defrag_counters(f->defrag);
				uint64_t frames = c.untold;
				for (uint32_t i = 0; i < f->count; i++)
					frames += 1u + f->told[i].headers.more_frames;
				assert_true(frames >= 4);
				assert_true(size > 0);
				stop(f);
			}
	}
}

/* What a receiver that keeps the first value of each byte would have. */
static void
random_pieces_give_what_came_first(void **state)
{
	uint32_t seed = 1;
	(void)state;

	for (int round = 0; round < 300; round++) {
		struct fixture *f = start_with(&usual);
		uint8_t want[1024] = { 0 };
		bool is_there[1024] = { 0 };
		uint32_t held = 0;
		fill(want, 8, PROTOCOL_UDP);
		memcpy(want + 4, "\0\0", 2); /* a length of 0: what is there counts */
		while (held < sizeof(want)) {
			uint8_t data[400];
			seed = seed * 1664525 + 1013904223;
			uint32_t start = seed >> 16 & 127, size = 1 + (seed >> 8 & 31);
			if (start + size > 128)
				size = 128 - start;
			memset(data, (int)(seed >> 4), sizeof(data));
			if (start == 0)
				memcpy(data, want, 8);
			for (uint32_t i = start * 8; i < (start + size) * 8; i++) {
				held += !is_there[i];
				if (!is_there[i] && i >= 8)
					want[i] = data[i - start * 8];
				is_there[i] = true;
			}
			struct piece piece = { false, PROTOCOL_UDP, 1, start * 8,
					       start + size < 128 };
			send(f, &piece, data, size * 8);
		}
		expect_whole(f, f->count - 1, want, sizeof(want), 8);
		stop(f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(extension_headers_behind_the_cut_are_followed),
		cmocka_unit_test(an_ah_that_was_cut_is_its_index),
		cmocka_unit_test(fragments_in_tunnels_and_tunnels_in_fragments),
		cmocka_unit_test(networks_with_the_same_addresses_stay_apart),
		cmocka_unit_test(every_prefix_and_every_damage_has_an_end),
		cmocka_unit_test(random_pieces_give_what_came_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
