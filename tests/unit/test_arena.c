/* SPDX-License-Identifier: Apache-2.0 */
/* test_arena: what is handed out is zeroed, aligned, apart from the rest, and gone
 * after a reset. */
#include "tests/unit/test.h"

#include "common/arena.h"

static void
memory_is_zeroed_aligned_and_apart(void **state)
{
	(void)state;
	struct arena arena = { 0 };
	char *before = NULL;
	size_t before_size = 0;

	for (size_t size = 0; size < 5000; size += 37) {
		char *taken = arena_take(&arena, size);
		assert_int_equal((uintptr_t)taken % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(taken[i], 0);
		memset(taken, 0xff, size);
		if (before != NULL)
			for (size_t i = 0; i < before_size; i++)
				assert_int_equal((unsigned char)before[i], 0xff);
		before = taken;
		before_size = size;
	}
	arena_release(&arena);
	assert_null(arena.newest);
}

static void
more_than_a_block_is_taken_too(void **state)
{
	(void)state;
	struct arena arena = { 0 };
	char *large = arena_take(&arena, 1 << 20);

	memset(large, 1, 1 << 20);
	assert_string_equal(arena_text(&arena, "abcd", 2), "ab");
	assert_string_equal(arena_text(&arena, NULL, 0), "");
	arena_release(&arena);
}

static void
a_reset_arena_begins_anew(void **state)
{
	(void)state;
	struct arena arena = { 0 };

	arena_reset(&arena);
	for (int round = 0; round < 100; round++) {
		for (int i = 0; i < 50; i++)
			memset(arena_take(&arena, 4000), 0xff, 4000);
		assert_true(arena.bytes >= 200000);
		arena_reset(&arena);
		assert_int_equal(arena.bytes, 0);
	}
	const char *clean = arena_take(&arena, 4000);
	for (size_t i = 0; i < 4000; i++)
		assert_int_equal(clean[i], 0);
	arena_release(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
		cmocka_unit_test(more_than_a_block_is_taken_too),
		cmocka_unit_test(a_reset_arena_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
