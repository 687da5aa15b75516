/* SPDX-License-Identifier: Apache-2.0 */
/* test_verdict: the order of decisions.md 24, case by case. */
#include "tests/unit/test.h"

#include "correlator/policy/verdict.h"

static const struct requirement asked = {
	.id = "R",
	.min_coverage = 950000,
	.max_unknown = 50000,
	.min_samples = 2,
};

static const struct {
	struct samples samples; /* good, bad, unknown, failed */
	uint32_t coverage;
	enum verdict verdict;
} table[] = {
	{ { 5, 5, 5, 1 }, 1000000, VERDICT_ERROR }, /* before violated */
	{ { 0, 0, 0, 1 }, 0, VERDICT_ERROR },
	{ { 5, 1, 5, 0 }, 0, VERDICT_VIOLATED }, /* whatever was not seen */
	{ { 0, 0, 0, 0 }, 1000000, VERDICT_NOT_APPLICABLE },
	{ { 0, 0, 0, 0 }, 950000, VERDICT_NOT_APPLICABLE },
	{ { 0, 0, 0, 0 },
	  949999,
	  VERDICT_UNOBSERVABLE }, /* nobody can say nothing happened */
	{ { 9, 0, 0, 0 }, 949999, VERDICT_UNOBSERVABLE },
	{ { 0, 0, 9, 0 }, 1000000, VERDICT_UNOBSERVABLE },
	{ { 1, 0, 0, 0 }, 1000000, VERDICT_UNOBSERVABLE }, /* fewer than min_samples */
	{ { 2, 0, 0, 0 }, 1000000, VERDICT_SATISFIED },
	{ { 95, 0, 5, 0 }, 1000000, VERDICT_SATISFIED }, /* exactly at the limit */
	{ { 94, 0, 6, 0 }, 1000000, VERDICT_UNOBSERVABLE },
	{ { UINT64_MAX / 2, 0, UINT64_MAX / 2, 0 }, 1000000, VERDICT_UNOBSERVABLE },
};

static void
the_order_is_error_violated_scope_unseen_satisfied(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_int_equal(
			verdict_of(&asked, &table[i].samples, table[i].coverage),
			table[i].verdict);
}

static const struct requirement presence = {
	.id = "P",
	.kind = REQUIREMENT_PRESENCE,
	.min_coverage = 950000,
	.max_unknown = 500000,
	.min_count = 2,
};

static void
silence_breaks_presence_only_where_somebody_watched(void **state)
{
	static const struct {
		struct samples samples;
		uint32_t coverage;
		enum verdict verdict;
	} rows[] = {
		{ { 0, 0, 0, 1 }, 1000000, VERDICT_ERROR },
		{ { 0, 0, 0, 0 }, 950000, VERDICT_VIOLATED },
		{ { 0, 0, 0, 0 }, 949999, VERDICT_UNOBSERVABLE },
		{ { 1, 0, 0, 0 }, 1000000, VERDICT_VIOLATED },
		{ { 1, 0, 1, 0 },
		  1000000,
		  VERDICT_UNOBSERVABLE }, /* it may be enough */
		{ { 2, 0, 0, 0 }, 1000000, VERDICT_SATISFIED },
		{ { 2, 0, 0, 0 }, 949999, VERDICT_UNOBSERVABLE },
		{ { 2, 0, 3, 0 }, 1000000, VERDICT_UNOBSERVABLE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
			verdict_of(&presence, &rows[i].samples, rows[i].coverage),
			rows[i].verdict);
}

static void
each_verdict_has_its_word(void **state)
{
	(void)state;
	assert_string_equal(verdict_name(VERDICT_SATISFIED), "satisfied");
	assert_string_equal(verdict_name(VERDICT_VIOLATED), "violated");
	assert_string_equal(verdict_name(VERDICT_UNOBSERVABLE), "unobservable");
	assert_string_equal(verdict_name(VERDICT_NOT_APPLICABLE), "not_applicable");
	assert_string_equal(verdict_name(VERDICT_ERROR), "error");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_order_is_error_violated_scope_unseen_satisfied),
		cmocka_unit_test(silence_breaks_presence_only_where_somebody_watched),
		cmocka_unit_test(each_verdict_has_its_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
