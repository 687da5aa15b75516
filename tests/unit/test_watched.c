/* SPDX-License-Identifier: Apache-2.0 */
/* test_watched: coverage of a stretch is clipped to where the sensor was, and is the
 * least over sensors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/instant.h"
#include "store/watched.h"

#define DAY INSTANT_DAY

static void
loss_is_taken_off(void **state)
{
	(void)state;
	assert_int_equal(watched_time(DAY, 0, 0), DAY);
	assert_int_equal(watched_time(DAY, 75, 25), DAY / 4 * 3);
	assert_int_equal(watched_time(DAY, 0, 25), 0);
	assert_int_equal(watched_time(DAY, UINT64_C(1) << 48, 0), DAY);
}

static void
a_stretch_is_clipped_to_the_first_record_and_to_as_of(void **state)
{
	(void)state;
	/* a month asked for, of which five days were there */
	assert_int_equal(watched_possible(20 * DAY, 1 * DAY, 31 * DAY, 25 * DAY),
			 5 * DAY);
	assert_int_equal(watched_possible(1, 10 * DAY, 11 * DAY, 40 * DAY), DAY);
	assert_int_equal(watched_possible(20 * DAY, 1 * DAY, 2 * DAY, 25 * DAY), 0);
	assert_int_equal(watched_possible(1, 30 * DAY, 31 * DAY, 25 * DAY), 0);
	assert_int_equal(watched_possible(0, 1 * DAY, 2 * DAY, 25 * DAY), 0);
}

static void
a_share_is_of_what_was_possible(void **state)
{
	(void)state;
	assert_int_equal(watched_share(5 * DAY, 5 * DAY), WATCHED_FULL);
	assert_int_equal(watched_share(6 * DAY, 5 * DAY), WATCHED_FULL);
	assert_int_equal(watched_share(DAY, 4 * DAY), 250000);
	assert_int_equal(watched_share(0, 4 * DAY), 0);
	assert_int_equal(watched_share(DAY, 0), 0);
}

static void
the_least_counts(void **state)
{
	struct watched_least least = { 0 };

	(void)state;
	assert_int_equal(least.share, 0);
	watched_add(&least, 1, 3 * DAY, 4 * DAY);
	assert_int_equal(least.share, 750000);
	watched_add(&least, 1, DAY, 4 * DAY);
	assert_int_equal(least.share, 250000);
	watched_add(&least, 1, 4 * DAY, 4 * DAY);
	assert_int_equal(least.share, 250000);
}

static void
a_sensor_that_came_later_has_no_part_and_one_never_heard_of_is_zero(void **state)
{
	struct watched_least least = { 0 };

	(void)state;
	watched_add(&least, 9 * DAY, 0, 0);
	assert_false(least.is_any);
	watched_add(&least, 1, DAY, DAY);
	watched_add(&least, 9 * DAY, 0, 0);
	assert_int_equal(least.share, WATCHED_FULL);
	watched_add(&least, 0, 0, 0);
	assert_int_equal(least.share, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loss_is_taken_off),
		cmocka_unit_test(a_stretch_is_clipped_to_the_first_record_and_to_as_of),
		cmocka_unit_test(a_share_is_of_what_was_possible),
		cmocka_unit_test(the_least_counts),
		cmocka_unit_test(
			a_sensor_that_came_later_has_no_part_and_one_never_heard_of_is_zero),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
