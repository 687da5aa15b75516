/* SPDX-License-Identifier: Apache-2.0 */
/* test_ring: order, fullness, both ends killed, a writer that lies. */
#include "test.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/ring.h"

static struct ring *
make(void)
{
	struct error err;
	struct ring *ring = ring_new(1, &err);

	assert_non_null(ring);
	return ring;
}

static void
entries_come_in_order_with_tag_and_index(void **state)
{
	(void)state;
	struct ring *ring = make();
	struct ring_cursor cursor = ring_start(ring);
	struct ring_entry entry;

	assert_int_equal(ring_next(ring, &cursor, &entry), RING_EMPTY);
	for (uint64_t i = 0; i < 100000; i++) { /* several times around */
		char text[64];
		size_t size = i % sizeof(text);

		memset(text, (int)('a' + i % 26), sizeof(text));
		assert_true(ring_write(ring, (uint32_t)i, text, size));
		assert_int_equal(ring_next(ring, &cursor, &entry), RING_ENTRY);
		assert_int_equal(entry.index, i);
		assert_int_equal(entry.tag, i);
		assert_int_equal(entry.size, size);
		assert_memory_equal(entry.data, text, size);
		ring_release(ring, cursor);
	}
	assert_int_equal(ring_written(ring), 100000);
	ring_free(ring);
}

static void
a_full_ring_refuses_and_takes_again(void **state)
{
	(void)state;
	struct ring *ring = make();
	struct ring_cursor cursor = ring_start(ring);
	struct ring_entry entry;
	static const char line[1000];
	uint64_t count = 0;

	while (ring_write(ring, 0, line, sizeof(line)))
		count++;
	assert_int_equal(count, ring_size(ring) / 1016);
	assert_int_equal(ring_written(ring), count);
	assert_false(ring_want_room(ring, sizeof(line)));
	assert_int_equal(ring_next(ring, &cursor, &entry), RING_ENTRY);
	struct pollfd room = { ring_room_descriptor(ring), POLLIN, 0 };
	assert_int_equal(poll(&room, 1, 0), 0);
	ring_release(ring, cursor);
	assert_int_equal(poll(&room, 1, 0), 1);
	ring_calm(room.fd);
	assert_int_equal(poll(&room, 1, 0), 0);
	assert_true(ring_want_room(ring, sizeof(line)));
	assert_true(ring_write(ring, 0, line, sizeof(line)));
	assert_false(ring_write(ring, 0, line, sizeof(line)));
	ring_free(ring);
}

static void
the_reader_is_woken_at_the_size_it_wants(void **state)
{
	(void)state;
	struct ring *ring = make();
	struct ring_cursor cursor = ring_start(ring);
	struct pollfd data = { ring_data_descriptor(ring), POLLIN, 0 };

	assert_false(ring_want_data(ring, cursor, 64));
	assert_true(ring_write(ring, 0, "12345678", 8)); /* 24 bytes with its header */
	assert_int_equal(ring_pending(ring, cursor), 24);
	assert_true(ring_write(ring, 0, "12345678", 8));
	assert_int_equal(poll(&data, 1, 0), 0);
	assert_true(ring_write(ring, 0, "12345678", 8));
	assert_int_equal(poll(&data, 1, 0), 1);
	ring_calm(data.fd);
	assert_true(ring_want_data(ring, cursor, 64));
	assert_int_equal(poll(&data, 1, 0), 0);
	ring_free(ring);
}

static void
what_is_not_released_comes_again(void **state)
{
	(void)state;
	struct ring *ring = make();
	struct ring_cursor cursor = ring_start(ring);
	struct ring_entry entry;

	for (uint32_t i = 0; i < 3; i++)
		ring_write(ring, i, "x", 1);
	assert_int_equal(ring_next(ring, &cursor, &entry), RING_ENTRY);
	ring_release(ring, cursor);
	assert_int_equal(ring_next(ring, &cursor, &entry), RING_ENTRY);
	cursor = ring_start(ring); /* a new reader */
	assert_int_equal(ring_next(ring, &cursor, &entry), RING_ENTRY);
	assert_int_equal(entry.index, 1);
	ring_free(ring);
}

static void
a_killed_writer_leaves_whole_entries_and_a_right_count(void **state)
{
	(void)state;
	struct ring *ring = make();
	struct ring_cursor cursor = ring_start(ring);
	uint64_t expected = 0;
	char line[301];

	for (int round = 0; round < 20; round++) {
		pid_t writer = fork();
		if (writer == 0)
			for (uint64_t i = ring_written(ring);; i++) {
				memset(line, (int)('a' + i % 26), sizeof(line));
				while (!ring_write(ring, 7, line, i % sizeof(line)))
					poll(NULL, 0, 1);
			}
		for (int i = 0; i < 500 + 97 * round;) {
			struct ring_entry entry;
			enum ring_result result = ring_next(ring, &cursor, &entry);

			assert_int_not_equal(result, RING_DAMAGED);
			if (result == RING_EMPTY)
				continue;
			assert_int_equal(entry.index, expected);
			assert_int_equal(entry.size, expected % sizeof(line));
			assert_true(entry.size == 0 ||
				    entry.data[entry.size - 1] ==
					    (char)('a' + expected % 26));
			expected++, i++;
			ring_release(ring, cursor);
		}
		kill(writer, SIGKILL);
		waitpid(writer, NULL, 0);
	}
	struct ring_entry entry;
	while (ring_next(ring, &cursor, &entry) == RING_ENTRY)
		assert_int_equal(entry.index, expected++);
	assert_int_equal(ring_written(ring), expected);
	ring_free(ring);
}

/* A writer that was taken over may put anything into the memory it shares. */
static void
a_lying_writer_is_found_out(void **state)
{
	(void)state;
	struct ring *ring = make();
	struct ring_cursor cursor = ring_start(ring);
	struct ring_entry entry;
	uint32_t large = RING_ENTRY_MAX + 1;

	assert_true(ring_write(ring, 0, "12345678", 8));
	assert_int_equal(ring_next(ring, &cursor, &entry), RING_ENTRY);
	uint8_t *memory = (uint8_t *)(uintptr_t)entry.data - 16;
	cursor = ring_start(ring);
	memcpy(memory, &large, sizeof(large));
	assert_int_equal(ring_next(ring, &cursor, &entry), RING_DAMAGED);
	memcpy(memory, (uint32_t[]){ 100 },
	       sizeof(uint32_t)); /* past what is written */
	assert_int_equal(ring_next(ring, &cursor, &entry), RING_DAMAGED);
	cursor.at += 8; /* before its begin */
	assert_int_equal(ring_next(ring, &cursor, &entry), RING_ENTRY);
	cursor.at = 1 << 20; /* a head that went back */
	assert_int_equal(ring_next(ring, &cursor, &entry), RING_DAMAGED);
	ring_reset(ring);
	cursor = ring_start(ring);
	assert_int_equal(ring_next(ring, &cursor, &entry), RING_EMPTY);
	assert_int_equal(ring_written(ring), 0);
	ring_free(ring);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_come_in_order_with_tag_and_index),
		cmocka_unit_test(a_full_ring_refuses_and_takes_again),
		cmocka_unit_test(the_reader_is_woken_at_the_size_it_wants),
		cmocka_unit_test(what_is_not_released_comes_again),
		cmocka_unit_test(
			a_killed_writer_leaves_whole_entries_and_a_right_count),
		cmocka_unit_test(a_lying_writer_is_found_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
