/* SPDX-License-Identifier: Apache-2.0 */
/* test_engine: what is applied decides the store's content, not how it was cut, ordered
 * or repeated. */
#include "tests/unit/engine_fixture.h"

enum { MINUTES = 600 };

/* One made day: a session a minute, every ninth with an old version, coverage each
 * minute. */
static size_t
minute_lines(char *lines, int minute)
{
	int64_t at = MIDNIGHT + minute * INSTANT_MINUTE;
	size_t size = tls_line(lines, at + 1000, (uint64_t)minute + 1,
			       minute % 9 == 0 ? "TLSv1" : "TLS 1.3");

	size += flow_line(lines + size, at + 2000, at, (uint64_t)minute + 1, true);
	size += coverage_line(lines + size, at, at + INSTANT_MINUTE,
			      minute % 50 == 0 ? 0 : INSTANT_MINUTE, minute % 7);
	return size;
}

/* Tables as text, by the sqlite3 shell. */
static char *
dump(struct fixture *f)
{
	char command[PLACE_SIZE + 300];
	size_t room = 64 << 20;
	char *text = calloc(1, room);

	snprintf(command, sizeof(command),
		 "for t in position verdict unknown_reason alert alert_group "
		 "alert_evidence ledger "
		 "coverage summary sensor; do sqlite3 %s/correlator.db \"select * from "
		 "$t\"; done",
		 f->directory);
	FILE *shell = popen(command, "r");
	assert_non_null(shell);
	assert_true(fread(text, 1, room - 1, shell) > 1000);
	assert_int_equal(pclose(shell), 0);
	return text;
}

static char *
run_day(int minutes_a_commit, int minutes_a_restart, bool repeats)
{
	struct fixture *f = open_fixture();
	static char lines[4 * LINE_SIZE];

	for (int minute = 0; minute < MINUTES; minute++) {
		size_t size = minute_lines(lines, minute);
		for (int turn = 0; turn < (repeats ? 2 : 1); turn++)
			assert_int_equal(engine_apply(f->engine, "sensor-east", "aa", 0,
						      (uint64_t)minute * 3 + 1, 3,
						      lines, size, &f->err),
					 0);
		if (minute % minutes_a_commit == 0)
			commit(f);
		if (minutes_a_restart > 0 && minute % minutes_a_restart == 0) {
			commit(f);
			restart(f);
		}
	}
	commit(f);
	char *text = dump(f);
	close_fixture(f);
	return text;
}

static void
batches_restarts_and_repeats_do_not_show(void **state)
{
	char *want = run_day(MINUTES, 0, false);
	char *each = run_day(1, 0, false);
	char *restarted = run_day(7, 61, true);

	(void)state;
	assert_string_equal(want, each);
	assert_string_equal(want, restarted);
	free(want);
	free(each);
	free(restarted);
}

/* Windows of years, so that tallies, summaries, ledger rows and episodes are over their
 * caps within one batch. */
static char *
run_years(int sessions_a_commit)
{
	struct fixture *f = open_fixture();
	char line[LINE_SIZE];

	for (int i = 0; i < 2500; i++) {
		apply(f, (uint64_t)i + 1, line,
		      tls_line(line, MIDNIGHT + i * INSTANT_DAY / 2 + 1000,
			       (uint64_t)i + 1, i % 2 == 0 ? "TLSv1" : "TLS 1.3"));
		if (i % sessions_a_commit == 0)
			commit(f);
	}
	commit(f);
	char *text = dump(f);
	close_fixture(f);
	return text;
}

static void
a_batch_over_the_caps_of_memory_ends_the_same(void **state)
{
	char *small = run_years(50);
	char *large = run_years(2500);

	(void)state;
	assert_string_equal(small, large);
	free(small);
	free(large);
}

/* The same frames in another order, as after a broker's failover; alerts tell who came
 * first. */
static void
frames_out_of_order_end_in_the_same_verdicts(void **state)
{
	static char lines[4 * LINE_SIZE];
	char *text[2];

	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		struct fixture *f = open_fixture();
		char command[PLACE_SIZE + 300];
		for (int i = 0; i < MINUTES; i++) {
			int minute = turn == 0 ? i : i ^ 5;
			if (minute >= MINUTES)
				continue;
			size_t size = minute_lines(lines, minute);
			assert_int_equal(engine_apply(f->engine, "sensor-east", "aa", 0,
						      (uint64_t)minute * 3 + 1, 3,
						      lines, size, &f->err),
					 0);
			if (i % 11 == 0)
				commit(f);
		}
		commit(f);
		text[turn] = calloc(1, 64 << 20);
		snprintf(command, sizeof(command),
			 "for t in position verdict unknown_reason ledger coverage "
			 "summary sensor; do "
			 "sqlite3 %s/correlator.db \"select * from $t\"; done",
			 f->directory);
		FILE *shell = popen(command, "r");
		assert_true(fread(text[turn], 1, (64 << 20) - 1, shell) > 1000);
		pclose(shell);
		close_fixture(f);
	}
	assert_string_equal(text[0], text[1]);
	free(text[0]);
	free(text[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(batches_restarts_and_repeats_do_not_show),
		cmocka_unit_test(a_batch_over_the_caps_of_memory_ends_the_same),
		cmocka_unit_test(frames_out_of_order_end_in_the_same_verdicts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
