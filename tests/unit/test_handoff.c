/* SPDX-License-Identifier: Apache-2.0 */
/* test_handoff: packets cross a ring as they were; what no reader writes is refused. */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "sensor/handoff.h"

static struct ring *
make(void)
{
	struct error err;
	struct ring *ring = ring_new(1, &err);

	assert_non_null(ring);
	return ring;
}

static void
packets_marks_and_the_end_cross_in_order(void **state)
{
	(void)state;
	struct ring *ring = make();
	struct ring_cursor cursor = ring_start(ring);
	struct handoff in = { .order = 9,
			      .packet = { .seen = { 1700000000000001 },
					  .frame = bytes_over("frame", 5),
					  .wire_size = 1500,
					  .link_type = 276,
					  .number = 77 } };
	struct handoff out;

	assert_int_equal(handoff_take(ring, &cursor, &out), HANDOFF_NONE);
	assert_true(handoff_give(ring, HANDOFF_PACKET, &in));
	in.order = 10;
	assert_true(handoff_give(ring, HANDOFF_TIME, &in));
	in.order = 11;
	assert_true(handoff_give(ring, HANDOFF_END, &in));
	assert_int_equal(handoff_take(ring, &cursor, &out), HANDOFF_PACKET);
	assert_int_equal(out.order, 9);
	assert_int_equal(out.packet.seen.usec, 1700000000000001);
	assert_int_equal(out.packet.frame.left, 5);
	assert_memory_equal(out.packet.frame.at, "frame", 5);
	assert_int_equal(out.packet.wire_size, 1500);
	assert_int_equal(out.packet.link_type, 276);
	assert_int_equal(out.packet.number, 77);
	assert_int_equal(handoff_take(ring, &cursor, &out), HANDOFF_TIME);
	assert_int_equal(out.order, 10);
	assert_int_equal(out.packet.frame.left, 0);
	assert_int_equal(handoff_take(ring, &cursor, &out), HANDOFF_END);
	assert_int_equal(handoff_take(ring, &cursor, &out), HANDOFF_NONE);
	ring_free(ring);
}

static void
a_frame_past_an_entry_is_snapped(void **state)
{
	(void)state;
	struct ring *ring = make();
	struct ring_cursor cursor = ring_start(ring);
	uint8_t *frame = calloc(1, 262144);
	struct handoff in = { .packet = { .frame = bytes_over(frame, 262144),
					  .wire_size = 262144 } };
	struct handoff out;

	assert_true(handoff_size(&in.packet) <= RING_ENTRY_MAX);
	assert_true(handoff_give(ring, HANDOFF_PACKET, &in));
	assert_int_equal(handoff_take(ring, &cursor, &out), HANDOFF_PACKET);
	assert_int_equal(out.packet.frame.left, HANDOFF_FRAME_MAX);
	assert_int_equal(out.packet.wire_size, 262144);
	free(frame);
	ring_free(ring);
}

static void
a_full_ring_refuses(void **state)
{
	(void)state;
	struct ring *ring = make();
	static uint8_t frame[60000];
	struct handoff in = { .packet = { .frame = bytes_over(frame, sizeof(frame)) } };
	int count = 0;

	while (handoff_give(ring, HANDOFF_PACKET, &in))
		count++;
	assert_in_range(count, 7, 9); /* of 512 KiB */
	ring_free(ring);
}

static void
what_no_reader_writes_is_damage(void **state)
{
	(void)state;
	static const uint8_t zeros[64];
	const struct {
		uint32_t tag;
		size_t size;
	} bad[] = { { HANDOFF_PACKET, 0 },
		    { HANDOFF_PACKET, 31 },
		    { HANDOFF_NONE, 64 },
		    { HANDOFF_DAMAGED, 64 },
		    { 1000, 64 } };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ring *ring = make();
		struct ring_cursor cursor = ring_start(ring);
		struct handoff out;
		assert_true(ring_write(ring, bad[i].tag, zeros, bad[i].size));
		assert_int_equal(handoff_take(ring, &cursor, &out), HANDOFF_DAMAGED);
		ring_free(ring);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_marks_and_the_end_cross_in_order),
		cmocka_unit_test(a_frame_past_an_entry_is_snapped),
		cmocka_unit_test(a_full_ring_refuses),
		cmocka_unit_test(what_no_reader_writes_is_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
