/* SPDX-License-Identifier: Apache-2.0 */
/* test_flow_table: flows are found by key, fall due in order of time, and never exceed
 * their number. */
#include "tests/unit/test.h"

#include "sensor/flow_table.h"

static struct flow_key
key_of(uint32_t number)
{
	struct flow_key key = { .protocol = PROTOCOL_UDP };

	memcpy(key.end[0].byte, &number, sizeof(number));
	return key;
}

static struct flow *
add(struct flow_table *table, uint32_t number, struct instant due)
{
	struct flow_key key = key_of(number);
	struct flow *flow = flow_table_add(table, &key, flow_table_hash(table, &key));

	if (flow != NULL)
		flow_table_schedule(table, flow, due);
	return flow;
}

static struct flow *
find(struct flow_table *table, uint32_t number)
{
	struct flow_key key = key_of(number);

	return flow_table_find(table, &key, flow_table_hash(table, &key));
}

static void
what_is_added_is_found_and_what_is_removed_is_not(void **state)
{
	enum { FLOWS = 5000 };
	struct flow_table *table = flow_table_new(FLOWS);
	(void)state;

	for (uint32_t i = 0; i < FLOWS; i++)
		assert_non_null(add(table, i, (struct instant){ INSTANT_SECOND }));
	assert_null(add(table, FLOWS, (struct instant){ 0 }));
	assert_int_equal(flow_table_count(table), FLOWS);
	for (uint32_t i = 0; i < FLOWS; i += 3)
		flow_table_remove(table, find(table, i));
	for (uint32_t i = 0; i < FLOWS; i++) {
		struct flow *flow = find(table, i);
		struct flow_key key = key_of(i);
		assert_int_equal(flow == NULL, i % 3 == 0);
		if (flow != NULL)
			assert_memory_equal(&flow->key, &key, sizeof(key));
	}
	for (uint32_t i = 0; i < FLOWS; i += 3) /* given back slots serve again */
		assert_non_null(add(table, i, (struct instant){ INSTANT_SECOND }));
	assert_int_equal(flow_table_count(table), flow_table_most(table));
	flow_table_free(table);
}

static void
flows_fall_due_in_order_of_time(void **state)
{
	struct flow_table *table = flow_table_new(100);
	struct instant now = { 1000 * INSTANT_SECOND };
	uint32_t random = 7;
	(void)state;

	assert_null(flow_table_due(table, now));
	for (uint32_t i = 0; i < 100; i++) {
		random = random * 1664525 + 1013904223;
		struct flow *flow =
			add(table, i,
			    instant_after(now, (random >> 8) % 500 * INSTANT_SECOND));
		flow->touched = now;
		flow->interim =
			instant_after(now, (random >> 8) % 500 * INSTANT_SECOND);
	}
	struct instant last = { 0 };
	int count = 0;
	for (int second = 0; second < 502; second++) {
		struct instant at = instant_after(now, second * INSTANT_SECOND);
		struct flow *flow;
		while ((flow = flow_table_due(table, at)) != NULL) {
			assert_true(instant_between(flow->interim, at) >= 0);
			assert_true(instant_between(flow->interim, at) <=
				    INSTANT_SECOND + FLOW_TABLE_STEP);
			assert_true(instant_between(last, flow->interim) >
				    -FLOW_TABLE_STEP);
			last = flow->interim;
			flow_table_remove(table, flow);
			count++;
		}
	}
	assert_int_equal(count, 100);
	assert_null(flow_table_first(table));
	flow_table_free(table);
}

static void
a_jump_of_years_finds_all_that_is_due(void **state)
{
	struct flow_table *table = flow_table_new(10);
	struct instant now = { 1000 * INSTANT_SECOND };
	(void)state;

	assert_null(flow_table_due(table, now));
	for (uint32_t i = 0; i < 10; i++)
		add(table, i, instant_after(now, i * 60 * INSTANT_SECOND));
	struct instant later = instant_after(now, 3650 * INSTANT_DAY);
	for (uint32_t i = 0; i < 10; i++) {
		struct flow *flow = flow_table_due(table, later);
		struct flow_key key = key_of(i);
		assert_non_null(flow);
		assert_memory_equal(&flow->key, &key, sizeof(key));
		flow_table_remove(table, flow);
	}
	assert_null(flow_table_due(table, later));
	flow_table_free(table);
}

static void
a_flow_scheduled_again_moves(void **state)
{
	struct flow_table *table = flow_table_new(10);
	struct instant now = { 1000 * INSTANT_SECOND };
	(void)state;

	assert_null(flow_table_due(table, now));
	struct flow *a = add(table, 1, instant_after(now, INSTANT_SECOND));
	struct flow *b = add(table, 2, instant_after(now, 2 * INSTANT_SECOND));
	assert_ptr_equal(flow_table_first(table), a);
	flow_table_schedule(table, a, instant_after(now, 9 * INSTANT_SECOND));
	assert_ptr_equal(flow_table_first(table), b);
	flow_table_schedule(table, a, now);
	assert_ptr_equal(flow_table_first(table), a);
	/* farther than the wheel reaches: at its end, to be looked at again */
	flow_table_schedule(table, a, instant_after(now, INSTANT_DAY));
	assert_ptr_equal(flow_table_first(table), b);
	flow_table_remove(table, b);
	assert_ptr_equal(flow_table_due(table, instant_after(now, INSTANT_DAY)), a);
	flow_table_free(table);
}

static void
what_fits_into_bytes_takes_no_more_and_little_less(void **state)
{
	(void)state;
	for (uint64_t bytes = 1 << 20; bytes < 64 << 20; bytes = bytes * 9 / 7) {
		uint32_t most = flow_table_fits(bytes);
		struct flow_table *table = flow_table_new(most);
		struct flow_table *more = flow_table_new(most + 1);
		assert_true(flow_table_memory(table) <= bytes);
		assert_true(flow_table_memory(more) > bytes);
		flow_table_free(table);
		flow_table_free(more);
	}
	assert_int_equal(flow_table_fits(1), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits_into_bytes_takes_no_more_and_little_less),
		cmocka_unit_test(what_is_added_is_found_and_what_is_removed_is_not),
		cmocka_unit_test(flows_fall_due_in_order_of_time),
		cmocka_unit_test(a_jump_of_years_finds_all_that_is_due),
		cmocka_unit_test(a_flow_scheduled_again_moves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
