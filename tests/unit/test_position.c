/* SPDX-License-Identifier: Apache-2.0 */
/* test_position: any order and overlap of frames ends in the same position. */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "correlator/position.h"

static void
frames_in_order_move_the_low_water_mark(void **state)
{
	struct position p = { 0 };

	(void)state;
	assert_int_equal(position_add(&p, 1, 10), 0);
	assert_int_equal(position_add(&p, 11, 11), 0);
	assert_int_equal(p.low, 11);
	assert_int_equal(p.count, 0);
	assert_true(position_has(&p, 11));
	assert_false(position_has(&p, 12));
}

static void
a_frame_ahead_waits_above_a_hole(void **state)
{
	struct position p = { 0 };
	char text[POSITION_TEXT_SIZE];

	(void)state;
	position_add(&p, 1, 10);
	position_add(&p, 21, 30);
	assert_int_equal(p.low, 10);
	assert_false(position_has(&p, 20));
	assert_true(position_has(&p, 21));
	assert_false(position_has(&p, 31));
	position_to_text(&p, text);
	assert_string_equal(text, "[[21,30]]");
	position_add(&p, 5, 20);
	assert_int_equal(p.low, 30);
	assert_int_equal(p.count, 0);
	position_to_text(&p, text);
	assert_string_equal(text, "[]");
}

/* Against a plain array of seen seqs. */
static void
random_frames_agree_with_a_bitmap(void **state)
{
	enum { SEQS = 400 };
	uint64_t rng = 42;

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct position p = { 0 }, again;
		bool seen[SEQS + 1] = { true };
		char text[POSITION_TEXT_SIZE];

		for (int frame = 0; frame < 60; frame++) {
			rng = rng * 6364136223846793005u + 1442695040888963407u;
			uint64_t first = 1 + (rng >> 33) % SEQS;
			uint64_t last = first + (rng >> 50) % 12;
			if (last > SEQS)
				last = SEQS;
			assert_int_equal(position_add(&p, first, last), 0);
			for (uint64_t seq = first; seq <= last; seq++)
				seen[seq] = true;
			for (uint64_t seq = 0; seq <= SEQS; seq++)
				assert_int_equal(position_has(&p, seq), seen[seq]);
		}
		position_to_text(&p, text);
		assert_true(position_from_text(&again, p.low, text));
		assert_int_equal(again.count, p.count);
		assert_memory_equal(again.span, p.span, p.count * sizeof(p.span[0]));
	}
}

static void
at_the_cap_the_lowest_hole_is_given_up_and_counted(void **state)
{
	struct position p = { 0 };

	(void)state;
	for (uint64_t i = 1; i <= POSITION_SPANS_MAX; i++)
		assert_int_equal(position_add(&p, i * 10, i * 10), 0);
	assert_int_equal(p.count, POSITION_SPANS_MAX);
	uint64_t far = (POSITION_SPANS_MAX + 5) * 10;
	assert_int_equal(position_add(&p, far, far), 9);
	assert_int_equal(p.low, 10);
	assert_int_equal(p.count, POSITION_SPANS_MAX);
	assert_true(position_has(&p, 3));
	assert_true(position_has(&p, far));
}

static void
the_full_text_has_room(void **state)
{
	struct position p = { .low = 0 };
	static char text[POSITION_TEXT_SIZE];

	(void)state;
	for (uint64_t i = 0; i < POSITION_SPANS_MAX; i++)
		position_add(&p, UINT64_MAX - 1000 + 2 * i, UINT64_MAX - 1000 + 2 * i);
	position_to_text(&p, text);
	assert_true(position_from_text(&p, 0, text));
	assert_int_equal(p.count, POSITION_SPANS_MAX);
}

static void
damaged_text_is_refused(void **state)
{
	static const char *const bad[] = { "",
					   "[",
					   "[[5,4]]",
					   "[[3,4],[4,6]]",
					   "[[3,4]",
					   "[[3,4]]x",
					   "[[1,4]]",
					   "{}",
					   "[[3,18446744073709551615]]" };
	struct position p;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(position_from_text(&p, 0, bad[i]));
	assert_true(position_from_text(&p, 0, "[[3,4],[6,6]]"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_in_order_move_the_low_water_mark),
		cmocka_unit_test(a_frame_ahead_waits_above_a_hole),
		cmocka_unit_test(random_frames_agree_with_a_bitmap),
		cmocka_unit_test(at_the_cap_the_lowest_hole_is_given_up_and_counted),
		cmocka_unit_test(the_full_text_has_room),
		cmocka_unit_test(damaged_text_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
