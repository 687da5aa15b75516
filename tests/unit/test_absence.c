/* SPDX-License-Identifier: Apache-2.0 */
/* test_absence: who was silent, and that nobody is accused of what was not watched. */
#include "tests/unit/engine_fixture.h"

#include "correlator/absence.h"
#include "correlator/engine_parts.h"
#include "store/effects.h"

static const struct scope everybody = { .is_all = true };

struct wanted {
	int count;
	struct verdict_row row;
	char verdict[24], reason[24];
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

static struct wanted
find(struct fixture *f, int64_t day)
{
	struct wanted wanted = { 0 };
	struct verdict_filter filter = { "CR-AUD-03", "region-a-network", day,
					 day + INSTANT_DAY };

	assert_int_not_equal(store_each_verdict(f->store, &everybody, &filter,
						take_wanted, &wanted, &f->err),
			     -1);
	return wanted;
}

static bool
count_alert(void *ctx, const struct alert_row *row)
{
	int *count = ctx;

	if (strcmp(row->rule, "CR-AUD-03") == 0) {
		assert_string_equal(row->client, "region-a-network");
		assert_string_equal(row->service, "audit");
		assert_non_null(strstr(row->sentence_ja, "監査証跡"));
		(*count)++;
	}
	return true;
}

static int
alerts(struct fixture *f)
{
	int count = 0;

	assert_int_not_equal(
		store_each_alert(f->store, &everybody, 0, count_alert, &count, &f->err),
		-1);
	return count;
}

/* The day's coverage and 20 min of the next, which makes it due. */
static uint64_t
watch_day(struct fixture *f, uint64_t seq, int64_t day, int64_t watched)
{
	char line[LINE_SIZE];

	apply(f, seq, line, coverage_line(line, day, day + INSTANT_DAY, watched, 0));
	commit(f);
	apply(f, seq + 1, line,
	      coverage_line(line, day + INSTANT_DAY,
			    day + INSTANT_DAY + 20 * INSTANT_MINUTE,
			    20 * INSTANT_MINUTE, 0));
	commit(f);
	return seq + 2;
}

/* A record at the begin of the day, so that the sensor was there. */
static uint64_t
begin_day(struct fixture *f, int64_t day)
{
	char line[LINE_SIZE];

	apply(f, 1, line, tls_line(line, day, 1, "TLS 1.3"));
	commit(f);
	return 2;
}

static void
a_silent_day_that_was_watched_is_violated_and_told_once(void **state)
{
	struct fixture *f = open_fixture();
	char line[LINE_SIZE];

	(void)state;
	uint64_t seq = begin_day(f, MIDNIGHT);
	assert_int_equal(find(f, MIDNIGHT).count, 0);
	seq = watch_day(f, seq, MIDNIGHT, INSTANT_DAY);
	struct wanted wanted = find(f, MIDNIGHT);
	assert_int_equal(wanted.count, 1);
	assert_string_equal(wanted.verdict, "violated");
	assert_false(wanted.row.is_provisional);
	assert_int_equal(alerts(f), 1);
	restart(f);
	/* its coverage changes once more: looked at again, not told again */
	apply(f, seq, line,
	      coverage_line(line, MIDNIGHT + INSTANT_HOUR, MIDNIGHT + INSTANT_HOUR + 1,
			    0, 0));
	commit(f);
	assert_string_equal(find(f, MIDNIGHT).verdict, "violated");
	assert_int_equal(alerts(f), 1);
	close_fixture(f);
}

static void
a_day_that_was_not_watched_accuses_nobody(void **state)
{
	struct fixture *f = open_fixture();

	(void)state;
	watch_day(f, begin_day(f, MIDNIGHT), MIDNIGHT, INSTANT_DAY / 2);
	assert_int_equal(find(f, MIDNIGHT).count, 0);
	assert_int_equal(alerts(f), 0);
	close_fixture(f);
}

/* The sensor stands there since the evening only: of the day nobody can speak. */
static void
a_sensor_that_came_late_accuses_nobody(void **state)
{
	struct fixture *f = open_fixture();
	char line[LINE_SIZE];
	int64_t evening = MIDNIGHT + 23 * INSTANT_HOUR;

	(void)state;
	apply(f, 1, line, tls_line(line, evening, 1, "TLS 1.3"));
	apply(f, 2, line,
	      coverage_line(line, evening, MIDNIGHT + INSTANT_DAY, INSTANT_HOUR, 0));
	commit(f);
	apply(f, 3, line,
	      coverage_line(line, MIDNIGHT + INSTANT_DAY, MIDNIGHT + 25 * INSTANT_HOUR,
			    INSTANT_HOUR, 0));
	commit(f);
	assert_int_equal(find(f, MIDNIGHT).count, 0);
	assert_int_equal(alerts(f), 0);
	close_fixture(f);
}

static size_t
audit_line(char *line, int64_t time)
{
	char text[INSTANT_TEXT_SIZE];

	instant_to_text((struct instant){ time }, text);
	return (size_t)snprintf(
		line, LINE_SIZE,
		"{\"timestamp\":\"%s\",\"flow_id\":77,\"event_type\":\"flow\",\"src_"
		"ip\":"
		"\"10.11.0.2\",\"src_port\":5000,\"dest_ip\":\"10.10.0.15\",\"dest_"
		"port\":"
		"6514,\"proto\":\"TCP\",\"flow\":{\"start\":\"%s\",\"state\":"
		"\"closed\"},"
		"\"sekisho\":{\"v\":1,\"poi\":\"poi-east\",\"client\":{\"ip\":\"10.11."
		"0.2\","
		"\"port\":5000},\"server\":{\"ip\":\"10.10.0.15\",\"port\":6514},"
		"\"direction_confidence\":\"syn\",\"is_final\":true}}\n",
		text, text);
}

static void
one_record_is_enough_and_late_ones_count(void **state)
{
	struct fixture *f = open_fixture();
	char line[LINE_SIZE];

	(void)state;
	uint64_t seq = watch_day(f, begin_day(f, MIDNIGHT), MIDNIGHT, INSTANT_DAY);
	assert_string_equal(find(f, MIDNIGHT).verdict, "violated");
	apply(f, seq, line, audit_line(line, MIDNIGHT + INSTANT_HOUR));
	commit(f);
	assert_string_equal(find(f, MIDNIGHT).verdict, "satisfied");
	close_fixture(f);
}

static void
an_open_window_is_never_violated(void **state)
{
	struct fixture *f = open_fixture();
	char line[LINE_SIZE];

	(void)state;
	uint64_t seq = begin_day(f, MIDNIGHT);
	size_t size = audit_line(line, MIDNIGHT + INSTANT_HOUR);
	apply(f, seq, line, size);
	commit(f);
	struct wanted wanted = find(f, MIDNIGHT);
	assert_true(wanted.row.is_provisional);
	assert_int_equal(alerts(f), 0);
	close_fixture(f);
}

/* Steps of one participant, with a restart after each, come to the same as one sweep.
 */
static void
a_sweep_goes_on_where_it_was(void **state)
{
	struct fixture *f = open_fixture();
	size_t steps = 0;
	int more = 1;

	(void)state;
	watch_day(f, begin_day(f, MIDNIGHT), MIDNIGHT, INSTANT_DAY);
	assert_int_equal(alerts(f), 1);
	assert_int_equal(store_begin(f->store, &f->err), 0);
	assert_int_equal(store_put_absence(f->store, "CR-AUD-03", MIDNIGHT, 0, &f->err),
			 0);
	assert_int_equal(store_commit(f->store, &f->err), 0);
	for (; more == 1; steps++) {
		restart(f);
		struct judging judging = judging_of(f->engine);
		assert_int_equal(store_begin(f->store, &f->err), 0);
		more = absence_sweep(&judging, f->engine->episodes, 1, &f->err);
		assert_int_not_equal(more, -1);
		assert_int_equal(store_commit(f->store, &f->err), 0);
	}
	assert_int_equal(steps, inventory_participant_count(f->inventory));
	assert_int_equal(alerts(f), 1);
	assert_string_equal(find(f, MIDNIGHT).verdict, "violated");
	close_fixture(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_silent_day_that_was_watched_is_violated_and_told_once),
		cmocka_unit_test(a_day_that_was_not_watched_accuses_nobody),
		cmocka_unit_test(a_sensor_that_came_late_accuses_nobody),
		cmocka_unit_test(one_record_is_enough_and_late_ones_count),
		cmocka_unit_test(a_sweep_goes_on_where_it_was),
		cmocka_unit_test(an_open_window_is_never_violated),
	};

	return cmocka_run_group_tests_name("absence", tests, NULL, NULL);
}
