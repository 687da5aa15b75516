/* SPDX-License-Identifier: Apache-2.0 */
/* test_unseen: bytes acknowledged and never seen are counted; what is late, sent again
 * or seen on one side only is not. */
#include "tests/unit/test.h"

#include "sensor/unseen.h"

struct fixture {
	struct unseen unseen;
	bool seen[2];
	uint32_t lost;
};

static void
show(struct fixture *f, int side, uint32_t sequence, uint32_t size, uint8_t flags,
     uint32_t acknowledged)
{
	struct headers headers = { .tcp_sequence = sequence,
				   .tcp_acknowledged = acknowledged,
				   .tcp_flags = flags,
				   .payload_size = size };

	f->lost += unseen_count(&f->unseen, side, &headers, f->seen);
	f->seen[side] = true;
}

static void
send(struct fixture *f, uint32_t sequence, uint32_t size)
{
	show(f, 0, sequence, size, TCP_ACK, 500);
}

static void
acknowledge(struct fixture *f, uint32_t acknowledged)
{
	show(f, 1, 500, 0, TCP_ACK, acknowledged);
}

/* Side 0 has sent nothing below 'first'. */
static struct fixture
open_at(uint32_t first)
{
	struct fixture f = { 0 };

	show(&f, 0, first - 1, 0, TCP_SYN, 0);
	show(&f, 1, 499, 0, TCP_SYN | TCP_ACK, first);
	return f;
}

static void
a_whole_conversation_loses_nothing(void **state)
{
	struct fixture f = open_at(1000);
	(void)state;

	send(&f, 1000, 1460);
	send(&f, 2460, 1460);
	acknowledge(&f, 2460);
	send(&f, 2460, 1460); /* sent again */
	acknowledge(&f, 3920);
	show(&f, 0, 3920, 0, TCP_ACK | TCP_FIN, 500);
	acknowledge(&f, 3921);
	assert_int_equal(f.lost, 0);
}

static void
a_hole_is_lost_when_it_is_acknowledged(void **state)
{
	struct fixture f = open_at(1000);
	(void)state;

	send(&f, 1000, 1000);
	send(&f, 3000, 1000); /* 1000 bytes at 2000 are missing */
	acknowledge(&f, 2000);
	assert_int_equal(f.lost, 0);
	send(&f, 4000, 1000);
	send(&f, 5000, 1000);
	acknowledge(&f, 4000); /* past the hole, not at the end */
	assert_int_equal(f.lost, 1000);
	acknowledge(&f, 6000);
	assert_int_equal(f.lost, 1000);
	send(&f, 9000, 10);
	acknowledge(&f, 9010);
	assert_int_equal(f.lost, 4000);
}

static void
what_comes_late_fills_its_hole(void **state)
{
	struct fixture f = open_at(1000);
	(void)state;

	send(&f, 3000, 1000);
	send(&f, 1000, 1000);
	send(&f, 2000, 1000);
	acknowledge(&f, 4000);
	assert_int_equal(f.lost, 0);
}

static void
bytes_acknowledged_at_the_end_are_lost(void **state)
{
	struct fixture f = open_at(1000);
	(void)state;

	acknowledge(&f, 1001); /* may be a FIN */
	assert_int_equal(f.lost, 0);
	acknowledge(&f, 9000);
	assert_int_equal(f.lost, 7999);
	acknowledge(&f, 9000);
	assert_int_equal(f.lost, 7999);
	assert_int_equal(unseen_segments(7999), 6);
	assert_int_equal(unseen_segments(1), 1);
	assert_int_equal(unseen_segments(0), 0);
}

static void
numbers_wrap(void **state)
{
	struct fixture f = open_at(UINT32_MAX - 99);
	(void)state;

	send(&f, UINT32_MAX - 99, 50);
	send(&f, 100, 100);
	acknowledge(&f, 200);
	assert_int_equal(f.lost, 150);
}

static void
one_sided_captures_and_resets_prove_nothing(void **state)
{
	struct fixture f = { 0 };
	(void)state;

	for (uint32_t i = 0; i < 10; i++)
		acknowledge(&f, 1000 + i * 100000);
	assert_int_equal(f.lost, 0);
	f = open_at(1000);
	show(&f, 0, 500000, 0, TCP_RST | TCP_ACK, 700000);
	show(&f, 1, 0, 0, TCP_ACK, 900);                  /* from before */
	show(&f, 0, UINT32_C(3) << 30, 10, TCP_ACK, 500); /* no window reaches there */
	assert_int_equal(f.lost, 0);
}

static void
a_keep_alive_is_no_hole(void **state)
{
	struct fixture f = open_at(1000);
	(void)state;

	send(&f, 1000, 100);
	acknowledge(&f, 1100);
	for (int i = 0; i < 5; i++) {
		send(&f, 1099, i & 1);
		acknowledge(&f, 1100);
	}
	assert_int_equal(f.lost, 0);
}

/* More than sixteen bits hold is counted at once, never forgotten. */
static void
great_holes_are_counted_in_full(void **state)
{
	struct fixture f = open_at(1000);
	(void)state;

	send(&f, 1000 + (1 << 20), 100);
	send(&f, 1100 + (2 << 20), 100);
	acknowledge(&f, 1200 + (2 << 20));
	assert_int_equal(f.lost, 2 << 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_conversation_loses_nothing),
		cmocka_unit_test(a_hole_is_lost_when_it_is_acknowledged),
		cmocka_unit_test(what_comes_late_fills_its_hole),
		cmocka_unit_test(bytes_acknowledged_at_the_end_are_lost),
		cmocka_unit_test(numbers_wrap),
		cmocka_unit_test(one_sided_captures_and_resets_prove_nothing),
		cmocka_unit_test(a_keep_alive_is_no_hole),
		cmocka_unit_test(great_holes_are_counted_in_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
