/* SPDX-License-Identifier: Apache-2.0 */
/* test_trial: two rule sets on the same records, and where their verdicts differ. */
#include "tests/unit/test.h"

#include "correlator/trial.h"

static const struct requirement now = { .id = "R",
					.window = 100,
					.min_coverage = 950000,
					.max_unknown = 50000,
					.min_samples = 1 };
static const struct requirement then = { .id = "R-NEW",
					 .window = 100,
					 .min_coverage = 950000,
					 .max_unknown = 50000,
					 .min_samples = 1 };
static const struct participant first = { .id = "first", .index = 0 },
				second = { .id = "second", .index = 1 };

static int
all_watched(void *ctx, const struct participant *participant, int64_t from, int64_t to,
	    uint32_t *millionths, struct error *err)
{
	(void)ctx;
	(void)participant;
	(void)from;
	(void)to;
	(void)err;
	*millionths = 1000000;
	return 0;
}

struct seen {
	size_t count;
	struct trial_change change[8];
};

static void
see(void *ctx, const struct trial_change *change)
{
	struct seen *seen = ctx;

	assert_true(seen->count < 8);
	seen->change[seen->count++] = *change;
}

static void
add(struct trial *trial, enum trial_side side, const struct participant *who,
    int64_t window, enum outcome outcome, const char *record)
{
	struct finding finding = { .requirement = side == TRIAL_NOW ? &now : &then,
				   .subject = who,
				   .outcome = outcome };

	trial_add(trial, side, "R", &finding, window, record);
}

static void
only_differences_of_closed_windows_are_told(void **state)
{
	struct trial *trial = trial_new(100);
	struct seen seen = { 0 };
	struct error err;

	(void)state;
	add(trial, TRIAL_NOW, &second, 0, OUTCOME_GOOD, "a");
	add(trial, TRIAL_THEN, &second, 0, OUTCOME_BAD, "a");
	add(trial, TRIAL_NOW, &first, 0, OUTCOME_GOOD, "b");
	add(trial, TRIAL_THEN, &first, 0, OUTCOME_GOOD, "b");
	add(trial, TRIAL_THEN, &first, 100, OUTCOME_UNKNOWN,
	    "c");                                            /* only the new side */
	add(trial, TRIAL_THEN, NULL, 200, OUTCOME_BAD, "d"); /* still open */
	assert_int_equal(
		trial_each_change(trial, 200, all_watched, NULL, see, &seen, &err), 0);
	assert_int_equal(seen.count, 2);
	assert_ptr_equal(seen.change[0].row->participant, &first);
	assert_int_equal(seen.change[0].verdict[TRIAL_THEN], VERDICT_UNOBSERVABLE);
	assert_ptr_equal(seen.change[1].row->participant, &second);
	assert_int_equal(seen.change[1].verdict[TRIAL_NOW], VERDICT_SATISFIED);
	assert_int_equal(seen.change[1].verdict[TRIAL_THEN], VERDICT_VIOLATED);
	assert_string_equal(seen.change[1].row->example[0], "a");
	trial_forget(trial, 200);
	seen.count = 0;
	assert_int_equal(
		trial_each_change(trial, 300, all_watched, NULL, see, &seen, &err), 0);
	assert_int_equal(seen.count, 1); /* the open one was kept */
	trial_free(trial);
}

static void
past_the_cap_samples_are_counted_and_left_out(void **state)
{
	struct trial *trial = trial_new(3);
	struct seen seen = { 0 };
	struct error err;

	(void)state;
	for (int64_t window = 0; window < 500; window += 100)
		add(trial, TRIAL_THEN, &first, window, OUTCOME_BAD, "x");
	add(trial, TRIAL_THEN, &first, 0, OUTCOME_BAD, "y"); /* has its row */
	assert_int_equal(trial_left_out(trial), 2);
	assert_int_equal(
		trial_each_change(trial, 1000, all_watched, NULL, see, &seen, &err), 0);
	assert_int_equal(seen.count, 3);
	assert_int_equal(seen.change[0].row->samples[TRIAL_THEN].bad, 2);
	trial_free(trial);
}

static void
many_rows_keep_their_place(void **state)
{
	struct trial *trial = trial_new(100000);

	(void)state;
	for (int turn = 0; turn < 2; turn++)
		for (int64_t window = 0; window < 500000; window += 100)
			add(trial, turn == 0 ? TRIAL_NOW : TRIAL_THEN, &first, window,
			    OUTCOME_GOOD, "x");
	struct seen seen = { 0 };
	struct error err;
	assert_int_equal(trial_each_change(trial, INT64_MAX, all_watched, NULL, see,
					   &seen, &err),
			 0);
	assert_int_equal(seen.count, 0); /* both sides of each row met */
	assert_int_equal(trial_left_out(trial), 0);
	trial_free(trial);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_differences_of_closed_windows_are_told),
		cmocka_unit_test(past_the_cap_samples_are_counted_and_left_out),
		cmocka_unit_test(many_rows_keep_their_place),
	};

	return cmocka_run_group_tests_name("trial", tests, NULL, NULL);
}
