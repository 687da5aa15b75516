/* SPDX-License-Identifier: Apache-2.0 */
/* test_engine_records: what single records do to verdicts, alerts and counters. */
#include "tests/unit/engine_fixture.h"

#include "correlator/coverage.h"
#include "correlator/lanes.h"

static const struct scope everybody = { .is_all = true };

struct wanted {
	const char *requirement, *participant;
	struct verdict_row row;
	char verdict[24], reason[24];
	int count;
};

static bool
take_wanted(void *ctx, const struct verdict_row *row)
{
	struct wanted *wanted = ctx;

	wanted->row = *row;
	wanted->count++;
	snprintf(wanted->verdict, sizeof(wanted->verdict), "%s", row->verdict);
	snprintf(wanted->reason, sizeof(wanted->reason), "%s", row->reason);
	return true;
}

/* The one row of CR-TLS-01 (TLS 1.2 or newer) and hospital-a. */
static struct wanted
tls_verdict(struct fixture *f)
{
	struct wanted wanted = { 0 };
	struct verdict_filter filter = { "CR-TLS-01", "hospital-a", INT64_MIN,
					 INT64_MAX };

	assert_int_not_equal(store_each_verdict(f->store, &everybody, &filter,
						take_wanted, &wanted, &f->err),
			     -1);
	assert_int_equal(wanted.count, 1);
	return wanted;
}

static void
a_window_is_provisional_until_lane_time_has_passed_it(void **state)
{
	struct fixture *f = open_fixture();
	char line[LINE_SIZE];

	(void)state;
	apply(f, 1, line, tls_line(line, MIDNIGHT + 1000, 1, "TLS 1.3"));
	apply(f, 2, line,
	      coverage_line(line, MIDNIGHT, MIDNIGHT + INSTANT_DAY - 1, INSTANT_DAY - 1,
			    0));
	commit(f);
	struct wanted open = tls_verdict(f);
	assert_true(open.row.is_provisional);
	assert_string_equal(open.verdict, "satisfied");
	assert_int_equal(open.row.good, 1);
	apply(f, 3, line,
	      coverage_line(line, MIDNIGHT + INSTANT_DAY - 1, MIDNIGHT + INSTANT_DAY, 1,
			    0));
	commit(f);
	struct wanted closed = tls_verdict(f);
	assert_false(closed.row.is_provisional);
	assert_string_equal(closed.verdict, "satisfied");
	close_fixture(f);
}

static void
too_little_watched_is_unobservable_and_never_satisfied(void **state)
{
	struct fixture *f = open_fixture();
	char line[LINE_SIZE];

	(void)state;
	apply(f, 1, line, tls_line(line, MIDNIGHT + 1000, 1, "TLS 1.3"));
	apply(f, 2, line,
	      coverage_line(line, MIDNIGHT, MIDNIGHT + INSTANT_DAY, INSTANT_DAY / 2,
			    0));
	commit(f);
	struct wanted half = tls_verdict(f);
	assert_string_equal(half.verdict, "unobservable");
	assert_string_equal(half.reason, "coverage");
	assert_true(half.row.coverage >= 499000 && half.row.coverage <= 501000);
	close_fixture(f);
}

static void
lost_packets_lower_the_coverage(void **state)
{
	struct fixture *f = open_fixture();
	char line[LINE_SIZE];

	(void)state;
	apply(f, 1, line, tls_line(line, MIDNIGHT + 1, 1, "TLS 1.3"));
	apply(f, 2, line,
	      coverage_line(line, MIDNIGHT, MIDNIGHT + INSTANT_DAY, INSTANT_DAY, 100));
	commit(f);
	struct wanted lossy = tls_verdict(f);
	assert_int_equal(lossy.row.coverage, 900000);
	assert_string_equal(lossy.verdict, "unobservable");
	close_fixture(f);
}

static void
a_breach_is_violated_at_once_and_raises_one_alert(void **state)
{
	struct fixture *f = open_fixture();
	char line[LINE_SIZE];

	(void)state;
	for (uint64_t seq = 1; seq <= 5; seq++)
		apply(f, seq, line,
		      tls_line(line, MIDNIGHT + (int64_t)seq * INSTANT_MINUTE, seq,
			       "TLSv1"));
	commit(f);
	struct wanted broken = tls_verdict(f);
	assert_string_equal(broken.verdict, "violated");
	assert_int_equal(broken.row.bad, 5);
	struct engine_counters counters = engine_counters(f->engine);
	assert_true(counters.alerts > 0);
	assert_int_equal(counters.alert_updates, 4 * counters.alerts);
	close_fixture(f);
}

/* Interim records repeat what is known: a flow is one sample, judged when it is first
 * told. */
static void
a_long_flow_is_one_sample(void **state)
{
	struct fixture *f = open_fixture();
	char line[LINE_SIZE];
	uint64_t findings[3];

	(void)state;
	for (uint64_t seq = 1; seq <= 3; seq++) {
		apply(f, seq, line,
		      flow_line(line, MIDNIGHT + (int64_t)seq * 5 * INSTANT_MINUTE,
				MIDNIGHT, 9, seq == 3));
		findings[seq - 1] = engine_counters(f->engine).findings;
		commit(f);
		restart(f);
		if (seq > 1)
			assert_int_equal(findings[seq - 1], 0);
	}
	assert_true(findings[0] > 0);
	close_fixture(f);
}

static void
damaged_lines_are_counted_and_the_rest_is_applied(void **state)
{
	struct fixture *f = open_fixture();
	char good[LINE_SIZE], lines[3 * LINE_SIZE];
	size_t size = tls_line(good, MIDNIGHT + 1000, 1, "TLS 1.3");
	uint64_t seq = 1;

	(void)state;
	for (size_t cut = 1; cut < size; cut += 3, seq += 2) {
		int length = snprintf(lines, sizeof(lines), "%.*s\n%s", (int)cut, good,
				      good);
		assert_int_equal(engine_apply(f->engine, "sensor-east", "aa", 0, seq, 2,
					      lines, (size_t)length, &f->err),
				 0);
	}
	commit(f);
	struct engine_counters counters = engine_counters(f->engine);
	assert_true(counters.refused > 0);
	assert_true(counters.records >= seq / 2);
	assert_int_equal(counters.records + counters.refused, seq - 1);
	assert_int_equal(engine_position(f->engine, "sensor-east", "aa", 0), seq - 1);
	close_fixture(f);
}

struct wanted_counter {
	const char *name;
	uint64_t value;
};

static bool
keep_counter(void *ctx, const struct counter_row *row)
{
	struct wanted_counter *wanted = ctx;

	if (strcmp(row->name, wanted->name) == 0)
		wanted->value = row->value;
	return true;
}

/* As an operator sees it, in table counter. */
static uint64_t
counter(struct fixture *f, const char *name)
{
	const struct scope all = { .is_all = true };
	struct wanted_counter wanted = { name, 0 };

	assert_true(store_each_counter(f->store, &all, keep_counter, &wanted,
				       &f->err) >= 0);
	return wanted.value;
}

/* What a full spool let go keeps its seq (docs/PROTOCOL.md), is counted, and is no bad
 * line. */
static void
empty_lines_keep_their_seqs_and_are_not_refused(void **state)
{
	struct fixture *f = open_fixture();
	char line[LINE_SIZE], lines[2 * LINE_SIZE];

	(void)state;
	tls_line(line, MIDNIGHT + 1000, 1, "TLS 1.3");
	int size = snprintf(lines, sizeof(lines), "\n\n%s\n", line);
	assert_int_equal(engine_apply(f->engine, "sensor-east", "aa", 0, 1, 4, lines,
				      (size_t)size, &f->err),
			 0);
	commit(f);
	assert_int_equal(engine_counters(f->engine).records, 1);
	assert_int_equal(engine_counters(f->engine).refused, 0);
	assert_int_equal(engine_position(f->engine, "sensor-east", "aa", 0), 4);
	assert_int_equal(counter(f, "records_let_go"), 3);
	close_fixture(f);
}

static void
lanes_over_the_cap_are_counted_and_the_rest_go_on(void **state)
{
	struct fixture *f = open_fixture();
	char line[LINE_SIZE], name[16];
	size_t size = tls_line(line, MIDNIGHT + 1000, 1, "TLS 1.3");

	(void)state;
	for (uint32_t lane = 0; lane < LANES_SENSOR_MAX + 2; lane++)
		assert_int_equal(engine_apply(f->engine, "sensor-east", "aa", lane, 1,
					      1, line, size, &f->err),
				 0);
	commit(f);
	assert_int_equal(counter(f, "lanes_refused"), 2);
	/* one sensor does not take the others' places */
	for (uint32_t i = LANES_SENSOR_MAX; i < LANES_MAX + 3; i++) {
		snprintf(name, sizeof(name), "s-%u", i / LANES_SENSOR_MAX);
		assert_int_equal(engine_apply(f->engine, name, "aa",
					      i % LANES_SENSOR_MAX, 1, 1, line, size,
					      &f->err),
				 0);
	}
	commit(f);
	assert_int_equal(counter(f, "lanes_refused"), 2 + 3);
	restart(f);
	assert_int_equal(
		engine_position(f->engine, "sensor-east", "aa", LANES_SENSOR_MAX - 1),
		1);
	assert_int_equal(
		engine_position(f->engine, "sensor-east", "aa", LANES_SENSOR_MAX), 0);
	apply(f, 2, line, size);
	commit(f);
	assert_int_equal(engine_position(f->engine, "sensor-east", "aa", 0), 2);
	close_fixture(f);
}

/* A spool made anew again and again; then one from a backup comes back. */
static void
dead_epochs_make_room_and_are_not_forgotten(void **state)
{
	struct fixture *f = open_fixture();
	char line[LINE_SIZE], epoch[8];

	(void)state;
	for (int i = 0; i < LANES_SENSOR_MAX + 40; i++) {
		size_t size = tls_line(line, MIDNIGHT + 1000 + i, (uint64_t)i + 1,
				       "TLS 1.3");
		snprintf(epoch, sizeof(epoch), "%04x", i);
		assert_int_equal(engine_apply(f->engine, "sensor-east", epoch, 0, 1, 1,
					      line, size, &f->err),
				 0);
		commit(f);
	}
	assert_int_equal(counter(f, "lanes_refused"), 0);
	assert_int_equal(counter(f, "records"), LANES_SENSOR_MAX + 40);
	for (int round = 0; round < 2; round++) {
		size_t size = tls_line(line, MIDNIGHT + 1003, 4, "TLS 1.3");
		assert_int_equal(engine_apply(f->engine, "sensor-east", "0003", 0, 1, 1,
					      line, size, &f->err),
				 0);
		commit(f);
		assert_int_equal(counter(f, "records_again"), round + 1);
		assert_int_equal(counter(f, "records"), LANES_SENSOR_MAX + 40);
		assert_int_equal(engine_position(f->engine, "sensor-east", "0003", 0),
				 1);
		restart(f);
	}
	close_fixture(f);
}

static void
sensors_over_the_cap_are_counted_and_the_rest_go_on(void **state)
{
	struct fixture *f = open_fixture();
	char line[LINE_SIZE], name[32];
	size_t size = tls_line(line, MIDNIGHT + 1000, 1, "TLS 1.3");

	(void)state;
	apply(f, 1, line, size);
	for (int i = 0; i < COVERAGE_SENSORS_MAX; i++) {
		snprintf(name, sizeof(name), "stranger-%d", i);
		assert_int_equal(engine_apply(f->engine, name, "aa", 0, 1, 1, line,
					      size, &f->err),
				 0);
	}
	commit(f);
	assert_true(counter(f, "sensors_refused") > 0);
	uint64_t before = counter(f, "sensors_refused");
	restart(f);
	apply(f, 2, line, size);
	commit(f);
	assert_int_equal(counter(f, "sensors_refused"), before);
	close_fixture(f);
}

static void
places_that_cannot_be_are_refused(void **state)
{
	struct fixture *f = open_fixture();
	char line[LINE_SIZE];
	size_t size = tls_line(line, MIDNIGHT + 1000, 1, "TLS 1.3");

	(void)state;
	assert_int_equal(
		engine_apply(f->engine, "a/b", "aa", 0, 1, 1, line, size, &f->err), 0);
	assert_int_equal(
		engine_apply(f->engine, "", "aa", 0, 1, 1, line, size, &f->err), 0);
	assert_int_equal(
		engine_apply(f->engine, "s", "aa", 0, 0, 1, line, size, &f->err), 0);
	assert_int_equal(engine_apply(f->engine, "s", "aa", 0, UINT64_MAX, 1, line,
				      size, &f->err),
			 0);
	commit(f);
	assert_int_equal(engine_counters(f->engine).records, 0);
	apply(f, 1, line, tls_line(line, INT64_C(-5000000), 1, "TLS 1.3"));
	apply(f, 2, line, tls_line(line, INT64_C(5102444800000000), 1, "TLS 1.3"));
	commit(f);
	assert_int_equal(engine_counters(f->engine).records, 0);
	assert_int_equal(engine_counters(f->engine).refused, 2);
	close_fixture(f);
}

static void
put_tick(struct fixture *f, const char *sensor, uint64_t seq, int64_t time)
{
	char line[LINE_SIZE], text[INSTANT_TEXT_SIZE];

	instant_to_text((struct instant){ time }, text);
	int size = snprintf(line, sizeof(line),
			    "{\"timestamp\":\"%s\",\"event_type\":\"tick\"}\n", text);
	assert_int_equal(engine_apply(f->engine, sensor, "aa", 0, seq, 1, line,
				      (size_t)size, &f->err),
			 0);
}

/* The day's verdict of sensor-east while sensor-west's clock is ten days ahead. */
static void
a_clock_far_ahead_closes_no_window_of_others(void **state)
{
	struct fixture *f = open_fixture();
	char line[LINE_SIZE];

	(void)state;
	assert_int_equal(engine_tick(f->engine, (struct instant){ MIDNIGHT }, &f->err),
			 0);
	apply(f, 1, line, tls_line(line, MIDNIGHT + 1000, 1, "TLS 1.3"));
	put_tick(f, "sensor-west", 1, MIDNIGHT + 10 * INSTANT_DAY);
	commit(f);
	assert_int_equal(counter(f, "ticks_ahead"), 1);
	assert_true(tls_verdict(f).row.is_provisional);
	/* nor does it hold them back: it counts as standing where we do */
	engine_tick(f->engine, (struct instant){ MIDNIGHT + INSTANT_DAY + 2000 },
		    &f->err);
	put_tick(f, "sensor-east", 2, MIDNIGHT + INSTANT_DAY + 1000);
	commit(f);
	assert_false(tls_verdict(f).row.is_provisional);
	close_fixture(f);
}

static void
time_goes_on_when_every_sensor_is_dead(void **state)
{
	struct fixture *f = open_fixture();
	char line[LINE_SIZE];

	(void)state;
	engine_tick(f->engine, (struct instant){ MIDNIGHT + 1000 }, &f->err);
	apply(f, 1, line, tls_line(line, MIDNIGHT + 1000, 1, "TLS 1.3"));
	commit(f);
	assert_true(tls_verdict(f).row.is_provisional);
	/* a silence of a few hours may be a cut line: its records may still come */
	assert_int_equal(engine_tick(f->engine,
				     (struct instant){ MIDNIGHT + 20 * INSTANT_HOUR },
				     &f->err),
			 0);
	assert_int_equal(engine_tick(f->engine,
				     (struct instant){ MIDNIGHT + 25 * INSTANT_HOUR },
				     &f->err),
			 1);
	commit(f);
	assert_false(tls_verdict(f).row.is_provisional);
	close_fixture(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_window_is_provisional_until_lane_time_has_passed_it),
		cmocka_unit_test(
			too_little_watched_is_unobservable_and_never_satisfied),
		cmocka_unit_test(lost_packets_lower_the_coverage),
		cmocka_unit_test(a_breach_is_violated_at_once_and_raises_one_alert),
		cmocka_unit_test(a_long_flow_is_one_sample),
		cmocka_unit_test(damaged_lines_are_counted_and_the_rest_is_applied),
		cmocka_unit_test(empty_lines_keep_their_seqs_and_are_not_refused),
		cmocka_unit_test(places_that_cannot_be_are_refused),
		cmocka_unit_test(lanes_over_the_cap_are_counted_and_the_rest_go_on),
		cmocka_unit_test(dead_epochs_make_room_and_are_not_forgotten),
		cmocka_unit_test(a_clock_far_ahead_closes_no_window_of_others),
		cmocka_unit_test(time_goes_on_when_every_sensor_is_dead),
		cmocka_unit_test(sensors_over_the_cap_are_counted_and_the_rest_go_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
