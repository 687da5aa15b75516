/* SPDX-License-Identifier: Apache-2.0 */
/* test_engine_interleaved: several sensors and lanes, cut, interleaved, repeated and
 * restarted at random, end in the same tables. */
#include "tests/unit/engine_fixture.h"

/* Sessions are 20 s apart in each lane, so 400 are two hours and some. */
enum { LANES = 4, FRAMES = 80, RECORDS = 5, ROUNDS = 6 };

static const struct {
	const char *sensor;
	uint32_t number;
} lanes[LANES] = { { "sensor-east", 0 },
		   { "sensor-east", 1 },
		   { "sensor-west", 0 },
		   { "sensor-west", 1 } };

static uint64_t
next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

/* Some records are hours late, some sessions break the rules, some time is not watched.
 */
static size_t
make_frame(char *lines, int lane, int frame)
{
	size_t size = 0;

	for (int i = 0; i < RECORDS; i++) {
		int64_t n = frame * RECORDS + i;
		int64_t at = MIDNIGHT + n * 20 * INSTANT_SECOND + lane;
		uint64_t flow = (uint64_t)(n * LANES + lane + 1);
		if (i == RECORDS - 1)
			size += coverage_line(
				lines + size, at, at + 100 * INSTANT_SECOND,
				frame % 9 == 0 ? 0 : 100 * INSTANT_SECOND, frame % 7);
		else if (i % 2 == 0)
			size += tls_line(lines + size,
					 n % 21 == 0 ? at - 3 * INSTANT_HOUR : at, flow,
					 n % 6 == 0 ? "TLSv1" : "TLS 1.3");
		else
			size += flow_line(lines + size, at, at - INSTANT_MINUTE, flow,
					  n % 3 == 0);
	}
	return size;
}

/* Alerts tell which hit came first, so they are compared only where lanes keep turns.
 */
static char *
dump(struct fixture *f, bool with_alerts)
{
	char command[PLACE_SIZE + 400];
	char *text = calloc(1, 8 << 20);

	snprintf(command, sizeof(command),
		 "cd %s && for t in position verdict unknown_reason ledger coverage "
		 "coverage_lane summary sensor judged_flow ruleset %s; do sqlite3 "
		 "correlator.db \"select * from $t\" || exit 1; done; for f in "
		 "records-*.db; do sqlite3 $f \"select * from record\" || exit 1; done",
		 f->directory, with_alerts ? "alert alert_group alert_evidence" : "");
	FILE *shell = popen(command, "r");
	assert_non_null(shell);
	assert_true(fread(text, 1, (8 << 20) - 1, shell) > 1000);
	assert_int_equal(pclose(shell), 0);
	return text;
}

static void
feed(struct fixture *f, int lane, int frame)
{
	static char lines[RECORDS * LINE_SIZE];
	size_t size = make_frame(lines, lane, frame);

	assert_int_equal(engine_apply(f->engine, lanes[lane].sensor, "aa",
				      lanes[lane].number, (uint64_t)frame * RECORDS + 1,
				      RECORDS, lines, size, &f->err),
			 0);
}

/* Each lane in its own order; which lane is next is chance, or each in turn. */
static int
next_lane(const int fed[LANES], bool in_turn, uint64_t *random)
{
	int lane = (int)(next_random(random) % LANES);

	if (in_turn) {
		lane = 0;
		for (int i = 1; i < LANES; i++)
			if (fed[i] < fed[lane])
				lane = i;
	}
	while (fed[lane] == FRAMES)
		lane = (lane + 1) % LANES;
	return lane;
}

static bool
are_left(const int fed[LANES])
{
	for (int i = 0; i < LANES; i++)
		if (fed[i] < FRAMES)
			return true;
	return false;
}

/* What was not committed is gone, as when the process dies, and is sent again. */
static void
restart_at_position(struct fixture *f, int fed[LANES])
{
	restart(f);
	for (int i = 0; i < LANES; i++)
		fed[i] = (int)(engine_position(f->engine, lanes[i].sensor, "aa",
					       lanes[i].number) /
			       RECORDS);
}

static char *
run(uint64_t random, bool in_turn, bool is_plain)
{
	struct fixture *f = open_fixture();
	int fed[LANES] = { 0 };

	while (are_left(fed)) {
		int lane = next_lane(fed, in_turn, &random);
		feed(f, lane, fed[lane]++);
		uint64_t chance = next_random(&random) % 100;
		if (is_plain)
			continue;
		if (chance < 5) /* a spool that did not hear of the commit */
			feed(f, lane, fed[lane] - 1);
		if (chance < 20)
			commit(f);
		if (chance < 4 || chance >= 96)
			restart_at_position(f, fed);
	}
	commit(f);
	char *text = dump(f, in_turn);
	close_fixture(f);
	return text;
}

static void
compare(bool in_turn)
{
	char *want = run(1, in_turn, true);

	for (uint64_t round = 0; round < ROUNDS; round++) {
		char *got = run(round * 7919 + 17, in_turn, false);
		assert_string_equal(want, got);
		free(got);
	}
	free(want);
}

static void
batches_repeats_and_restarts_do_not_show(void **state)
{
	(void)state;
	compare(true);
}

static void
the_turns_of_lanes_do_not_show_in_verdicts_ledger_and_sums(void **state)
{
	(void)state;
	compare(false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(batches_repeats_and_restarts_do_not_show),
		cmocka_unit_test(
			the_turns_of_lanes_do_not_show_in_verdicts_ledger_and_sums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
