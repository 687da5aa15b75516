/* SPDX-License-Identifier: Apache-2.0 */
/* test_coverage: intervals are aligned, the first and last are cut, and silence is not
 * watching. */
#include "tests/unit/test.h"

#include "sensor/coverage.h"

struct seen {
	struct coverage_span span[64];
	bool is_last[64];
	int count;
};

static void
on_span(void *ctx, const struct coverage_span *span, bool is_last)
{
	struct seen *seen = ctx;

	assert_true(seen->count < 64);
	seen->is_last[seen->count] = is_last;
	seen->span[seen->count++] = *span;
}

static struct instant
at_msec(int64_t msec)
{
	return (struct instant){ msec * 1000 };
}

static void
check(const struct seen *seen, int i, int64_t start_msec, int64_t end_usec,
      int64_t observed)
{
	assert_true(i < seen->count);
	assert_int_equal(seen->span[i].start.usec, start_msec * 1000);
	assert_int_equal(seen->span[i].end.usec, end_usec);
	assert_int_equal(seen->span[i].observed, observed);
}

static void
intervals_are_aligned_and_the_ends_are_cut(void **state)
{
	struct coverage coverage = coverage_start(10 * INSTANT_SECOND);
	struct seen seen = { .count = 0 };
	(void)state;

	coverage_reach(&coverage, at_msec(103500), on_span, &seen);
	coverage.span.counts.packets++;
	for (int64_t msec = 104000; msec <= 125000; msec += 500) {
		coverage_reach(&coverage, at_msec(msec), on_span, &seen);
		coverage.span.counts.packets++;
	}
	coverage_finish(&coverage, on_span, &seen);
	assert_int_equal(seen.count, 3);
	check(&seen, 0, 103500, 110000000, 6500000);
	check(&seen, 1, 110000, 120000000, 10000000);
	check(&seen, 2, 120000, 125000001, 5000001);
	assert_int_equal(seen.span[0].counts.packets, 13);
	assert_int_equal(seen.span[1].counts.packets, 20);
	assert_int_equal(seen.span[2].counts.packets, 11);
	assert_false(seen.is_last[1]);
	assert_true(seen.is_last[2]);
}

static void
a_pause_within_limits_was_watched(void **state)
{
	struct coverage coverage = coverage_start(10 * INSTANT_SECOND);
	struct seen seen = { .count = 0 };
	(void)state;

	coverage_reach(&coverage, at_msec(100000), on_span, &seen);
	coverage_reach(&coverage, at_msec(160000), on_span,
		       &seen); /* sixty seconds: just so */
	assert_int_equal(seen.count, 6);
	for (int i = 0; i < 6; i++)
		assert_int_equal(seen.span[i].observed, 10000000);
}

static void
a_long_silence_was_not_watched(void **state)
{
	struct coverage coverage = coverage_start(10 * INSTANT_SECOND);
	struct seen seen = { .count = 0 };
	(void)state;

	coverage_reach(&coverage, at_msec(100000), on_span, &seen);
	coverage_reach(&coverage, at_msec(103000), on_span, &seen);
	coverage_reach(&coverage, at_msec(163001), on_span, &seen);
	coverage_reach(&coverage, at_msec(171000), on_span, &seen);
	assert_int_equal(seen.count, 2);
	check(&seen, 0, 100000, 103000001, 3000001);
	check(&seen, 1, 163001, 170000000, 6999000);
}

static void
one_packet_is_evidence_for_its_microsecond(void **state)
{
	struct coverage coverage = coverage_start(10 * INSTANT_SECOND);
	struct seen seen = { .count = 0 };
	(void)state;

	coverage_finish(&coverage, on_span, &seen);
	assert_int_equal(seen.count, 0);
	coverage_reach(&coverage, at_msec(109999), on_span, &seen);
	coverage_finish(&coverage, on_span, &seen);
	assert_int_equal(seen.count, 1);
	check(&seen, 0, 109999, 109999001, 1);
}

static void
time_before_1970_is_aligned_too(void **state)
{
	struct coverage coverage = coverage_start(10 * INSTANT_SECOND);
	struct seen seen = { .count = 0 };
	(void)state;

	coverage_reach(&coverage, at_msec(-3000), on_span, &seen);
	coverage_reach(&coverage, at_msec(1000), on_span, &seen);
	check(&seen, 0, -3000, 0, 3000000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intervals_are_aligned_and_the_ends_are_cut),
		cmocka_unit_test(a_pause_within_limits_was_watched),
		cmocka_unit_test(a_long_silence_was_not_watched),
		cmocka_unit_test(one_packet_is_evidence_for_its_microsecond),
		cmocka_unit_test(time_before_1970_is_aligned_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
