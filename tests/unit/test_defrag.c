/* SPDX-License-Identifier: Apache-2.0 */
/* test_defrag: fragments become datagrams in any order; overlaps and caps have their
 * stated end. */
#include "tests/unit/test.h"

#include "tests/unit/defrag_play.h"

static void
any_order_gives_the_whole_datagram(void **state)
{
	uint8_t data[4000];
	(void)state;

	for (int is_6 = 0; is_6 < 2; is_6++)
		for (int order = 0; order < 256; order++) {
			int place[4] = { order & 3, order >> 2 & 3, order >> 4 & 3,
					 order >> 6 & 3 };
			if ((1 << place[0] | 1 << place[1] | 1 << place[2] |
			     1 << place[3]) != 15)
				continue;
			struct fixture *f = start_with(&usual);
			struct instant began = f->now;
			fill(data, sizeof(data), PROTOCOL_TCP);
			for (int i = 0; i < 4; i++) {
				struct piece piece = { is_6, PROTOCOL_TCP, 7,
						       (uint32_t)place[i] * 1000,
						       place[i] < 3 };
				assert_int_equal(f->count, 0);
				send(f, &piece, data + piece.offset, 1000);
			}
			expect_whole(f, 0, data, sizeof(data), 20);
			const struct told *told = &f->told[0];
			assert_int_equal(told->headers.more_frames, 3);
			assert_int_equal(told->headers.began.usec, began.usec);
			assert_int_equal(told->wire_size,
					 sizeof(data) + 4 * (is_6 ? 48u : 20u));
			assert_int_equal(told->headers.network.left,
					 sizeof(data) + (is_6 ? 40u : 20u));
			stop(f);
		}
}

static void
the_greatest_datagram_fits_and_more_is_told(void **state)
{
	static uint8_t data[65535];
	(void)state;

	for (int is_6 = 0; is_6 < 2; is_6++) {
		struct fixture *f = start_with(&usual);
		uint32_t whole = is_6 ? 65535 : 65515;
		fill(data, whole, PROTOCOL_TCP);
		for (uint32_t at = 0; at < whole; at += 1480) {
			uint32_t size = whole - at < 1480 ? whole - at : 1480;
			struct piece piece = { is_6, PROTOCOL_TCP, 1, at,
					       at + size < whole };
			send(f, &piece, data + at, size);
		}
		expect_whole(f, 0, data, whole, 20);
		struct piece past = { is_6, PROTOCOL_TCP, 2, 65528, false };
		send(f, &past, data, 8);
		assert_int_equal(f->told[1].result,
				 is_6 ? DECODE_IPV6_LARGE : DECODE_IPV4_LARGE);
		stop(f);
	}
}

static void
of_two_values_of_a_byte_the_first_stays_in_ipv4(void **state)
{
	uint8_t data[600], other[600];
	struct fixture *f = start_with(&usual);
	struct piece first = { false, PROTOCOL_UDP, 9, 0, true };
	struct piece middle = { false, PROTOCOL_UDP, 9, 200, true };
	struct piece last = { false, PROTOCOL_UDP, 9, 400, false };
	(void)state;

	fill(data, sizeof(data), PROTOCOL_UDP);
	memset(other, 0xee, sizeof(other));
	send(f, &middle, data + 200, 200);
	send(f, &middle, data + 200,
	     200); /* the same once more is no overlap to tell */
	assert_int_equal(f->count, 0);
	first.offset = 304;
	send(f, &first, other, 96);
	assert_int_equal(f->count, 1);
	assert_int_equal(f->told[0].result, DECODE_IPV4_OVERLAP);
	assert_string_equal(decode_result_event(DECODE_IPV4_OVERLAP),
			    "decoder.ipv4.frag_overlap");
	send(f, &middle, other, 200); /* told once of each datagram */
	assert_int_equal(f->count, 1);
	send(f, &last, data + 400, 200);
	first.offset = 0;
	memcpy(other, data, 200);
	send(f, &first, other, 296); /* 200 new bytes and 96 that are there */
	expect_whole(f, 1, data, sizeof(data), 8);
	assert_int_equal(f->told[1].headers.more_frames, 5);
	assert_int_equal(defrag_counters(f->defrag).ipv4.overlaps, 1);
	stop(f);
}

static void
an_ipv6_datagram_that_overlaps_is_shown_to_nobody(void **state)
{
	uint8_t data[600];
	struct fixture *f = start_with(&usual);
	struct piece first = { true, PROTOCOL_UDP, 9, 0, true };
	struct piece second = { true, PROTOCOL_UDP, 9, 296, false };
	(void)state;

	fill(data, sizeof(data), PROTOCOL_UDP);
	send(f, &first, data, 304);
	send(f, &first, data, 304); /* RFC 8200: the same piece once more may pass */
	assert_int_equal(f->count, 0);
	send(f, &second, data + 296, 304); /* the same bytes, but another cut */
	assert_int_equal(f->count, 1);
	assert_int_equal(f->told[0].result, DECODE_IPV6_OVERLAP);
	second.offset = 304;
	send(f, &second, data + 304, 296);
	assert_int_equal(f->count, 1);
	f->now = instant_after(f->now, usual.timeout);
	defrag_expire(f->defrag, f->now);
	assert_int_equal(f->count, 2);
	assert_int_equal(f->told[1].result, DECODE_OK); /* the flow counts its frames */
	assert_int_equal(f->told[1].headers.more_frames, 3);
	assert_int_equal(f->told[1].headers.payload_size, 0);
	assert_int_equal(f->told[1].headers.payload.left, 0);
	assert_int_equal(defrag_counters(f->defrag).ipv6.overlaps, 1);
	assert_int_equal(defrag_counters(f->defrag).ipv6.reassembled, 0);
	stop(f);
}

static void
what_does_not_become_whole_goes_on_as_its_first_bytes(void **state)
{
	uint8_t data[600];
	struct fixture *f = start_with(&usual);
	struct piece piece = { false, PROTOCOL_UDP, 1, 0, true };
	(void)state;

	fill(data, sizeof(data), PROTOCOL_UDP);
	send(f, &piece, data, 200);
	piece.offset = 400;
	send(f, &piece, data + 400, 80);
	piece.id = 2; /* of this one no first piece comes */
	send(f, &piece, data + 400, 80);
	f->now = instant_after(f->now, usual.timeout - 10000);
	defrag_expire(f->defrag, f->now);
	assert_int_equal(f->count, 0);
	f->now = instant_after(f->now, 20000);
	defrag_expire(f->defrag, f->now);
	assert_int_equal(f->count, 1);
	assert_int_equal(f->told[0].result, DECODE_OK);
	assert_true(f->told[0].headers.is_fragment);
	assert_int_equal(f->told[0].headers.to_port, 443);
	assert_int_equal(f->told[0].headers.payload.left, 192);
	assert_int_equal(f->told[0].headers.more_frames, 1);
	assert_int_equal(f->told[0].wire_size, 220 + 100);
	assert_int_equal(defrag_counters(f->defrag).ipv4.timeouts, 2);
	assert_int_equal(defrag_counters(f->defrag).untold, 1);
	stop(f);
}

static void
each_cap_is_reached_held_and_counted(void **state)
{
	const struct defrag_config small = { 4, 16 << 10, 30 * INSTANT_SECOND };
	static uint8_t data[65000];
	struct fixture *f = start_with(&small);
	struct piece piece = { false, PROTOCOL_UDP, 0, 0, true };
	(void)state;

	fill(data, sizeof(data), PROTOCOL_UDP);
	for (piece.id = 0; piece.id < 10; piece.id++)
		send(f, &piece, data, 80);
	assert_int_equal(defrag_counters(f->defrag).evicted, 6);
	assert_int_equal(f->count, 6); /* the oldest, as far as they came */
	piece.id = 20;
	send(f, &piece, data,
	     14 << 10); /* all bytes there are: three more go, then 9 */
	assert_int_equal(defrag_counters(f->defrag).evicted, 10);
	assert_true(defrag_counters(f->defrag).memory <= defrag_memory(f->defrag));
	piece.offset = 14 << 10;
	send(f, &piece, data, 4 << 10); /* more than all there are: it is given up */
	assert_int_equal(defrag_counters(f->defrag).full, 1);
	assert_int_equal(defrag_counters(f->defrag).memory, 0);
	stop(f);

	f = start_with(&usual);
	piece.id = 30;
	for (uint32_t i = 0; i <= DEFRAG_CHUNKS; i++) { /* each in a chunk of its own */
		piece.offset = (i + 1) * 16;
		send(f, &piece, data, 8);
	}
	assert_int_equal(defrag_counters(f->defrag).full, 1);
	piece.id = 31;
	piece.offset = 8;
	for (uint32_t i = 0; i <= DEFRAG_FRAMES; i++)
		send(f, &piece, data, 8);
	assert_int_equal(defrag_counters(f->defrag).full, 2);
	assert_int_equal(f->told[f->count - 1].result, DECODE_IPV4_IGNORED);
	stop(f);
}

static void
pieces_that_cannot_be_are_told(void **state)
{
	uint8_t data[600];
	struct fixture *f = start_with(&usual);
	struct piece odd = { true, PROTOCOL_UDP, 1, 0, true };
	struct piece end = { false, PROTOCOL_UDP, 2, 200, false };
	struct piece past = { false, PROTOCOL_UDP, 2, 400, true };
	(void)state;

	fill(data, sizeof(data), PROTOCOL_UDP);
	send(f, &odd, data, 203);
	assert_int_equal(f->told[0].result, DECODE_IPV6_PIECE);
	send(f, &end, data + 200, 40);
	send(f, &past, data + 400, 80); /* behind the end */
	assert_int_equal(f->told[1].result, DECODE_IPV4_IGNORED);
	end.offset = 208;
	send(f, &end, data + 208, 40); /* another end */
	assert_int_equal(f->told[2].result, DECODE_IPV4_IGNORED);
	past.offset = 0;
	fill(data, 240, PROTOCOL_UDP);
	send(f, &past, data, 203); /* IPv4: what is past the last eight is left */
	expect_whole(f, 3, data, 240, 8);
	stop(f);
}

static void
a_piece_the_snap_length_cut_is_refused(void **state)
{
	struct fixture *f = start_with(&usual);
	struct piece piece = { false, PROTOCOL_UDP, 1, 0, true };
	static struct frame frame;
	uint8_t data[200];
	(void)state;

	fill(data, sizeof(data), PROTOCOL_UDP);
	make(&frame, &piece, data, sizeof(data));
	show(f, frame.byte, 100, (uint32_t)frame.size - 100);
	assert_int_equal(defrag_counters(f->defrag).cut, 1);
	assert_int_equal(f->told[0].result, DECODE_OK);
	assert_true(f->told[0].headers.is_fragment);
	stop(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order_gives_the_whole_datagram),
		cmocka_unit_test(the_greatest_datagram_fits_and_more_is_told),
		cmocka_unit_test(of_two_values_of_a_byte_the_first_stays_in_ipv4),
		cmocka_unit_test(an_ipv6_datagram_that_overlaps_is_shown_to_nobody),
		cmocka_unit_test(what_does_not_become_whole_goes_on_as_its_first_bytes),
		cmocka_unit_test(each_cap_is_reached_held_and_counted),
		cmocka_unit_test(pieces_that_cannot_be_are_told),
		cmocka_unit_test(a_piece_the_snap_length_cut_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
