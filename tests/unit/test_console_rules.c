/* SPDX-License-Identifier: Apache-2.0 */
/* test_console_rules: roles, actions and limits: small tables that others rely on. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "dashboards/console/limit.h"
#include "dashboards/console/role.h"
#include "dashboards/console/workflow.h"
#include "store/console_db.h"

static const int64_t second = 1000000;

static void
the_store_and_the_console_know_the_same_roles(void **state)
{
	(void)state;
	int count = 0;

	for (const char *const *name = console_db_roles; *name != NULL; name++, count++)
		assert_non_null(role_find(*name));
	assert_null(role_at(count));
	assert_null(role_find("king"));
}

static void
only_a_region_viewer_is_regional(void **state)
{
	(void)state;
	for (int n = 0; role_at(n) != NULL; n++)
		assert_int_equal(role_at(n)->is_regional,
				 strcmp(role_at(n)->name, "region_viewer") == 0);
}

static void
the_admin_reads_nothing_of_the_networks(void **state)
{
	(void)state;
	const struct role *admin = role_find("admin");

	for (enum permission p = PERMISSION_OVERVIEW_READ; p <= PERMISSION_STREAM_READ;
	     p++)
		assert_false(role_may(admin, p));
	assert_true(role_may(admin, PERMISSION_AUDIT_READ));
	assert_false(role_may(NULL, PERMISSION_PUBLIC));
}

static void
every_action_needs_a_permission_and_ends_in_a_state(void **state)
{
	(void)state;
	int count = 0;

	for (; action_at(count) != NULL; count++) {
		const struct action *action = action_at(count);
		assert_true(action->permission == PERMISSION_ALERTS_WORK ||
			    action->permission == PERMISSION_ALERTS_NOTE);
		assert_ptr_equal(action_find(action->name), action);
		assert_false(action_starts_from(action, "odd"));
		if (action->to != NULL && strcmp(action->to, "closed") != 0)
			assert_true(
				action_starts_from(action_find("close"), action->to));
	}
	assert_int_equal(count, 7);
	assert_true(workflow_is_reason("duplicate"));
	assert_false(workflow_is_reason(""));
}

static struct limiter *
limiter(void)
{
	struct limiter *limiter = calloc(1, sizeof(*limiter));

	limiter->tries = 3;
	limiter->wait_first = 10 * second;
	limiter->wait_most = 40 * second;
	return limiter;
}

static void
after_the_tries_each_wait_doubles_up_to_the_most(void **state)
{
	(void)state;
	struct limiter *limits = limiter();
	int64_t now = 1000 * second, wait = 0;
	static const int waits[] = { 10, 20, 40, 40 };

	for (int i = 0; i < 3; i++)
		assert_true(limit_try(limits, "ana", now, &wait));
	for (int i = 0; i < 4; i++) {
		assert_false(limit_try(limits, "ana", now, &wait));
		assert_int_equal(wait, waits[i] * second);
		now += wait - 1;
		assert_false(limit_try(limits, "ana", now, &wait));
		assert_int_equal(wait, 1);
		now++;
		assert_true(limit_try(limits, "ana", now, &wait));
	}
	assert_true(limit_try(limits, "ben", now, &wait));
	free(limits);
}

static void
quiet_and_success_give_the_tries_back(void **state)
{
	(void)state;
	struct limiter *limits = limiter();
	int64_t now = 1000 * second, wait = 0;

	for (int i = 0; i < 3; i++)
		assert_true(limit_try(limits, "ana", now, &wait));
	limit_forget(limits, "ana");
	for (int i = 0; i < 3; i++)
		assert_true(limit_try(limits, "ana", now, &wait));
	assert_false(limit_try(limits, "ana", now, &wait));
	now += 601 * second;
	for (int i = 0; i < 3; i++)
		assert_true(limit_try(limits, "ana", now, &wait));
	free(limits);
}

static void
at_the_cap_the_one_who_tried_longest_ago_makes_room(void **state)
{
	(void)state;
	struct limiter *limits = limiter();
	int64_t wait = 0;
	char name[16];

	for (int i = 0; i < 3; i++)
		assert_true(limit_try(limits, "first", second, &wait));
	for (int i = 0; i < 3; i++)
		assert_true(limit_try(limits, "second", 2 * second, &wait));
	for (int i = 0; i < LIMIT_KEYS_MAX - 1; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		assert_true(limit_try(limits, name, 3 * second, &wait));
	}
	assert_false(limit_try(limits, "second", 3 * second, &wait));
	assert_true(limit_try(limits, "first", 3 * second, &wait));
	free(limits);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_store_and_the_console_know_the_same_roles),
		cmocka_unit_test(only_a_region_viewer_is_regional),
		cmocka_unit_test(the_admin_reads_nothing_of_the_networks),
		cmocka_unit_test(every_action_needs_a_permission_and_ends_in_a_state),
		cmocka_unit_test(after_the_tries_each_wait_doubles_up_to_the_most),
		cmocka_unit_test(quiet_and_success_give_the_tries_back),
		cmocka_unit_test(at_the_cap_the_one_who_tried_longest_ago_makes_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
