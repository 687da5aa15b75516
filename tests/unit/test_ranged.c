/* SPDX-License-Identifier: Apache-2.0 */
/* test_ranged: pieces in every order make the same whole; caps refuse and change
 * nothing. */
#include "sensor/dissect/ranged.h"

#include <string.h>

#include "tests/unit/test.h"

static const char whole[] = "the quick brown fox jumps over";
enum { SIZE = sizeof(whole) - 1, MOST = 64 };

static bool
add(struct kept_budget *budget, struct ranged *ranged, size_t from, size_t to)
{
	return ranged_add(budget, ranged, from, bytes_over(whole + from, to - from),
			  MOST);
}

static void
pieces_in_any_order_make_the_whole(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed < 500; seed++) {
		struct kept_budget budget = { .most = 1 << 20 };
		struct ranged ranged = { 0 };
		uint32_t random = seed * 2654435761u;
		size_t covered = 0;
		bool has[SIZE] = { false };

		while (covered < SIZE) {
			random = random * 1664525 + 1013904223;
			size_t from = (random >> 16) % SIZE;
			size_t to = from + 1 + (random >> 8) % (SIZE - from);
			assert_true(add(&budget, &ranged, from, to));
			for (size_t i = from; i < to; i++) {
				covered += !has[i];
				has[i] = true;
			}
			size_t first = 0;
			while (first < SIZE && has[first])
				first++;
			struct bytes prefix = ranged_prefix(&ranged);
			assert_int_equal(prefix.left, first);
			assert_memory_equal(prefix.at ? (const void *)prefix.at : whole,
					    whole, first);
		}
		assert_int_equal(ranged.count, 1);
		ranged_release(&budget, &ranged);
		assert_int_equal(budget.held, 0);
	}
}

static void
caps_refuse_and_change_nothing(void **state)
{
	static const uint8_t byte[1] = { 'x' };
	struct kept_budget budget = { .most = 1 << 20 };
	struct ranged ranged = { 0 };

	(void)state;
	for (uint32_t i = 0; i < RANGED_MAX; i++)
		assert_true(ranged_add(&budget, &ranged, 2 * i + 1, bytes_over(byte, 1),
				       1000));
	assert_false(ranged_add(&budget, &ranged, 999, bytes_over(byte, 1), 1000));
	assert_true(ranged_add(&budget, &ranged, 2, bytes_over(byte, 1), 1000));
	assert_int_equal(ranged.count, RANGED_MAX - 1);
	assert_int_equal(ranged_prefix(&ranged).left, 0);
	assert_false(ranged_add(&budget, &ranged, 1000, bytes_over(byte, 1), 1000));
	assert_false(
		ranged_add(&budget, &ranged, UINT64_MAX, bytes_over(byte, 1), 1000));
	ranged_release(&budget, &ranged);
	budget.most = 0;
	assert_false(ranged_add(&budget, &ranged, 0, bytes_over(byte, 1), 1000));
	assert_int_equal(ranged.count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_in_any_order_make_the_whole),
		cmocka_unit_test(caps_refuse_and_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
