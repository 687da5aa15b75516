/* SPDX-License-Identifier: Apache-2.0 */
/* test_stream: whatever order segments come in, the bytes come out in theirs. */
#include "tests/unit/test.h"

#include <stdio.h>

#include "sensor/stream.h"

struct seen {
	char text[2][4096]; /* gaps as <size> */
	size_t size[2];
	uint64_t missing[2];
	int differences;
	int stop_after; /* pieces, 0: never */
};

static bool
goes_on(struct seen *seen)
{
	return seen->stop_after == 0 || --seen->stop_after > 0;
}

static bool
on_data(void *ctx, int side, struct bytes data)
{
	struct seen *seen = ctx;

	assert_true(data.left > 0);
	assert_true(seen->size[side] + data.left < sizeof(seen->text[0]));
	memcpy(seen->text[side] + seen->size[side], data.at, data.left);
	seen->size[side] += data.left;
	return goes_on(seen);
}

static bool
on_gap(void *ctx, int side, uint64_t missing)
{
	struct seen *seen = ctx;

	seen->size[side] += (size_t)sprintf(seen->text[side] + seen->size[side], "<%u>",
					    (unsigned)missing);
	seen->missing[side] += missing;
	return goes_on(seen);
}

static void
on_difference(void *ctx, int side)
{
	assert_in_range(side, 0, 1);
	((struct seen *)ctx)->differences++;
}

struct fixture {
	struct stream_pool *pool;
	struct stream stream;
	struct seen seen;
	struct stream_sink sink;
};

static struct fixture
start(uint64_t most, uint32_t side_most)
{
	return (struct fixture){ .pool = stream_pool_new(most, side_most) };
}

static bool
segment(struct fixture *f, int side, uint32_t sequence, const char *data, uint8_t flags,
	uint32_t acknowledged)
{
	struct headers headers = {
		.tcp_sequence = sequence,
		.tcp_acknowledged = acknowledged,
		.tcp_flags = flags,
		.payload_size = (uint32_t)strlen(data),
		.payload = bytes_over(data, strlen(data)),
	};

	f->sink = (struct stream_sink){ &f->seen, on_data, on_gap, on_difference };
	return stream_segment(f->pool, &f->stream, side, &headers, &f->sink);
}

static bool
put(struct fixture *f, uint32_t sequence, const char *data)
{
	return segment(f, 0, sequence, data, 0, 0);
}

static bool
acknowledge(struct fixture *f, uint32_t acknowledged)
{
	return segment(f, 1, 5000, "", TCP_ACK, acknowledged);
}

static void
check(struct fixture *f, const char *expected)
{
	f->seen.text[0][f->seen.size[0]] = '\0';
	assert_string_equal(f->seen.text[0], expected);
}

static void
end(struct fixture *f)
{
	stream_release(f->pool, &f->stream);
	assert_int_equal(stream_pool_held(f->pool), 0);
	stream_pool_free(f->pool);
}

static void
bytes_in_order_pass_through(void **state)
{
	struct fixture f = start(1 << 16, 1 << 14);
	(void)state;

	stream_starts(&f.stream, 0, 101);
	put(&f, 101, "abc");
	put(&f, 104, "def");
	check(&f, "abcdef");
	assert_int_equal(stream_pool_held(f.pool), 0);
	end(&f);
}

static void
early_bytes_wait_for_what_is_missing(void **state)
{
	struct fixture f = start(1 << 16, 1 << 14);
	(void)state;

	stream_starts(&f.stream, 0, 0);
	put(&f, 6, "ghi");
	put(&f, 3, "def");
	check(&f, "");
	assert_true(stream_pool_held(f.pool) > 0);
	put(&f, 0, "abc");
	check(&f, "abcdefghi");
	end(&f);
}

static void
what_comes_twice_counts_the_first_time(void **state)
{
	struct fixture f = start(1 << 16, 1 << 14);
	(void)state;

	stream_starts(&f.stream, 0, 0);
	put(&f, 0, "abc");
	put(&f, 0, "XYZ");   /* sent again */
	put(&f, 1, "XYdef"); /* overlaps what was handed out */
	put(&f, 9, "jk");    /* held */
	put(&f, 8, "iJKl");  /* overlaps what is held, on both sides */
	put(&f, 6, "ghIJ");  /* closes the hole and overlaps */
	check(&f, "abcdefghijkl");
	assert_int_equal(f.seen.differences, 4); /* each of the four in capitals */
	end(&f);
}

static void
the_same_bytes_once_more_are_no_difference(void **state)
{
	struct fixture f = start(1 << 16, 1 << 14);
	(void)state;

	stream_starts(&f.stream, 0, 0);
	put(&f, 0, "abc");
	put(&f, 0, "abc");
	put(&f, 1, "bcdef"); /* sent again in another cut */
	put(&f, 9, "jk");
	put(&f, 8, "ijkl");
	put(&f, 6, "ghij");
	put(&f, 6, "ghij");
	check(&f, "abcdefghijkl");
	assert_int_equal(f.seen.differences, 0);
	put(&f, 3, "x"); /* of an older segment nobody knows the bytes any more */
	assert_int_equal(f.seen.differences, 0);
	end(&f);
}

static void
a_keep_alive_is_no_byte_of_the_stream(void **state)
{
	struct fixture f = start(1 << 16, 1 << 14);
	(void)state;

	stream_starts(&f.stream, 0, UINT32_MAX - 1);
	put(&f, UINT32_MAX - 1, "abc");
	put(&f, 0, "?"); /* RFC 9293, 3.8.4: the byte before the next, of any value */
	segment(&f, 0, 0, "", TCP_ACK, 0);
	put(&f, 1, "def");
	check(&f, "abcdef");
	assert_int_equal(f.seen.differences, 0);
	end(&f);
}

static void
sequence_numbers_wrap(void **state)
{
	struct fixture f = start(1 << 16, 1 << 14);
	(void)state;

	stream_starts(&f.stream, 0, UINT32_MAX - 1);
	put(&f, 1, "def");
	put(&f, UINT32_MAX - 1, "abc");
	check(&f, "abcdef");
	end(&f);
}

static void
an_acknowledgement_proves_that_a_hole_has_passed(void **state)
{
	struct fixture f = start(1 << 16, 1 << 14);
	(void)state;

	stream_starts(&f.stream, 0, 0);
	put(&f, 0, "abc");
	put(&f, 6, "ghi");
	acknowledge(&f, 3);
	check(&f, "abc");
	acknowledge(&f, 9);
	check(&f, "abc<3>ghi");
	put(&f, 3, "def"); /* too late */
	check(&f, "abc<3>ghi");
	end(&f);
}

static void
a_side_that_holds_too_much_gives_its_hole_up(void **state)
{
	struct fixture f = start(1 << 16, 2 * 2048);
	(void)state;

	stream_starts(&f.stream, 0, 0);
	put(&f, 10, "a");
	put(&f, 20, "b");
	check(&f, "");
	put(&f, 30, "c"); /* the third chunk */
	check(&f, "<10>a");
	assert_true(stream_finish(f.pool, &f.stream, &f.sink));
	check(&f, "<10>a<9>b<9>c");
	end(&f);
}

static void
an_empty_pool_gives_holes_up(void **state)
{
	struct fixture f = start(0, 1 << 14);
	(void)state;

	stream_starts(&f.stream, 0, 0);
	put(&f, 5, "fgh");
	put(&f, 8, "i");
	check(&f, "<5>fghi");
	end(&f);
}

static void
a_snapped_segment_is_a_gap(void **state)
{
	struct fixture f = start(1 << 16, 1 << 14);
	struct headers headers = { .tcp_sequence = 0,
				   .payload_size = 10,
				   .payload = bytes_over("abc", 3) };
	(void)state;

	f.sink = (struct stream_sink){ &f.seen, on_data, on_gap, on_difference };
	assert_true(stream_segment(f.pool, &f.stream, 0, &headers, &f.sink));
	put(&f, 10, "k");
	check(&f, "abc<7>k");
	end(&f);
}

static void
a_stream_picked_up_in_the_middle_starts_there(void **state)
{
	struct fixture f = start(1 << 16, 1 << 14);
	(void)state;

	put(&f, 4000000000u, "abc");
	put(&f, 4000000003u, "def");
	put(&f, 7, "far away: no window reaches here");
	check(&f, "abcdef");
	end(&f);
}

static void
bytes_acknowledged_and_never_seen_are_a_gap_at_the_end(void **state)
{
	struct fixture f = start(1 << 16, 1 << 14);
	(void)state;

	stream_starts(&f.stream, 0, 0);
	acknowledge(&f, 0);
	acknowledge(&f, 100);
	check(&f, "");
	assert_true(stream_finish(f.pool, &f.stream, &f.sink));
	check(&f, "<100>");
	end(&f);
}

static void
nothing_more_comes_after_no(void **state)
{
	struct fixture f = start(1 << 16, 1 << 14);
	(void)state;

	f.seen.stop_after = 1;
	stream_starts(&f.stream, 0, 0);
	put(&f, 3, "def");
	assert_false(put(&f, 0, "abc"));
	check(&f, "abc");
	end(&f);
}

/* Fisher-Yates with a fixed generator: 500 orders of twenty overlapping segments. */
static void
any_order_gives_the_same_bytes(void **state)
{
	char whole[101] = "";
	uint32_t random = 1;
	(void)state;

	for (int i = 0; i < 100; i++)
		whole[i] = (char)('A' + i % 50);
	for (int round = 0; round < 500; round++) {
		struct fixture f = start(1 << 20, 1 << 18);
		int order[20];
		for (int i = 0; i < 20; i++)
			order[i] = i;
		for (int i = 19; i > 0; i--) {
			random = random * 1664525 + 1013904223;
			int j = (int)(random >> 16) % (i + 1);
			int kept = order[i];
			order[i] = order[j];
			order[j] = kept;
		}
		stream_starts(&f.stream, 0, UINT32_MAX - 40);
		for (int i = 0; i < 20; i++) {
			int from = order[i] * 5, to = from + 5 + (round + i) % 7;
			char piece[16] = "";
			to = to > 100 ? 100 : to;
			memcpy(piece, whole + from, (size_t)(to - from));
			put(&f, UINT32_MAX - 40 + (uint32_t)from, piece);
		}
		check(&f, whole);
		end(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_in_order_pass_through),
		cmocka_unit_test(early_bytes_wait_for_what_is_missing),
		cmocka_unit_test(what_comes_twice_counts_the_first_time),
		cmocka_unit_test(the_same_bytes_once_more_are_no_difference),
		cmocka_unit_test(a_keep_alive_is_no_byte_of_the_stream),
		cmocka_unit_test(sequence_numbers_wrap),
		cmocka_unit_test(an_acknowledgement_proves_that_a_hole_has_passed),
		cmocka_unit_test(a_side_that_holds_too_much_gives_its_hole_up),
		cmocka_unit_test(an_empty_pool_gives_holes_up),
		cmocka_unit_test(a_snapped_segment_is_a_gap),
		cmocka_unit_test(a_stream_picked_up_in_the_middle_starts_there),
		cmocka_unit_test(
			bytes_acknowledged_and_never_seen_are_a_gap_at_the_end),
		cmocka_unit_test(nothing_more_comes_after_no),
		cmocka_unit_test(any_order_gives_the_same_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
