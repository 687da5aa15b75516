/* SPDX-License-Identifier: Apache-2.0 */
/* test_engine: what is applied decides the store's content, not how it was cut, ordered
 * or repeated. */
#include "tests/unit/test.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "correlator/engine.h"
#include "correlator/inventory/inventory.h"
#include "correlator/policy/policy.h"
#include "store/reads.h"
#include "store/store.h"
#include "tool/place.h"

static const struct scope everybody = { .is_all = true };

/* 2026-11-24T00:00:00 in Tokyo */
#define MIDNIGHT INT64_C(1795446000000000)
enum { MINUTES = 600, LINE_SIZE = 1024 };

struct fixture {
	char directory[PLACE_SIZE];
	struct inventory *inventory;
	struct policy *policy;
	struct store *store;
	struct engine *engine;
	struct error err;
};

static struct fixture *
open_fixture(void)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_int_equal(place_make_temporary(f->directory, &f->err), 0);
	f->inventory = inventory_load("rules/inventory-example", &f->err);
	if (f->inventory == NULL)
		fail_msg("%s", f->err.text);
	f->policy = policy_load("rules", f->inventory, &f->err);
	if (f->policy == NULL)
		fail_msg("%s", f->err.text);
	f->store = store_open(f->directory, STORE_TEMPORARY, &f->err);
	assert_non_null(f->store);
	f->engine = engine_new(f->inventory, f->policy, f->store, ENGINE_LIVE, &f->err);
	assert_non_null(f->engine);
	return f;
}

static void
close_fixture(struct fixture *f)
{
	engine_free(f->engine);
	store_close(f->store);
	policy_free(f->policy);
	inventory_free(f->inventory);
	place_remove_temporary(f->directory);
	free(f);
}

static void
restart(struct fixture *f)
{
	engine_free(f->engine);
	store_close(f->store);
	f->store = store_open(f->directory, STORE_TEMPORARY, &f->err);
	assert_non_null(f->store);
	f->engine = engine_new(f->inventory, f->policy, f->store, ENGINE_LIVE, &f->err);
	assert_non_null(f->engine);
}

static int
place_of_record(char *line, const char *event, int64_t time, uint64_t flow_id)
{
	char text[INSTANT_TEXT_SIZE];

	instant_to_text((struct instant){ time }, text);
	return snprintf(line, LINE_SIZE,
			"{\"timestamp\":\"%s\",\"flow_id\":%" PRIu64
			",\"event_type\":\"%s\","
			"\"src_ip\":\"10.11.1.20\",\"src_port\":50000,\"dest_ip\":\"10."
			"10.0.13\","
			"\"dest_port\":443,\"proto\":\"TCP\",\"app_proto\":\"tls\",",
			text, flow_id, event);
}

static const char roles[] = "\"sekisho\":{\"v\":1,\"poi\":\"poi-east\",\"client\":{"
			    "\"ip\":\"10.11.1.20\",\"port\":50000},"
			    "\"server\":{\"ip\":\"10.10.0.13\",\"port\":443},"
			    "\"direction_confidence\":\"syn\"";

static size_t
tls_line(char *line, int64_t time, uint64_t flow_id, const char *version)
{
	int size = place_of_record(line, "tls", time, flow_id);

	return (size_t)size +
	       (size_t)snprintf(
		       line + size, (size_t)(LINE_SIZE - size),
		       "\"tls\":{\"sni\":\"portal.base.example\",\"version\":\"%s\","
		       "\"cipher_suite\":\"TLS_AES_256_GCM_SHA384\"},%s,"
		       "\"tls\":{\"handshake\":\"complete\"}}}\n",
		       version, roles);
}

static size_t
flow_line(char *line, int64_t time, int64_t start, uint64_t flow_id, bool is_final)
{
	char begin[INSTANT_TEXT_SIZE];
	int size = place_of_record(line, "flow", time, flow_id);

	instant_to_text((struct instant){ start }, begin);
	return (size_t)size +
	       (size_t)snprintf(
		       line + size, (size_t)(LINE_SIZE - size),
		       "\"flow\":{\"bytes_toserver\":100,\"bytes_toclient\":200,"
		       "\"start\":\"%s\"},%s,\"is_final\":%s}}\n",
		       begin, roles, is_final ? "true" : "false");
}

static size_t
coverage_line(char *line, int64_t start, int64_t end, int64_t observed, int lost)
{
	char from[INSTANT_TEXT_SIZE], to[INSTANT_TEXT_SIZE];

	instant_to_text((struct instant){ start }, from);
	instant_to_text((struct instant){ end }, to);
	return (size_t)snprintf(
		line, LINE_SIZE,
		"{\"timestamp\":\"%s\",\"event_type\":\"coverage\",\"coverage\":{"
		"\"start\":\"%s\",\"end\":\"%s\",\"observed_usec\":%" PRId64 ","
		"\"packets\":%d,\"lost\":{\"kernel\":%d},\"reason\":\"interval\"},"
		"\"sekisho\":{\"v\":1,\"poi\":\"poi-east\"}}\n",
		to, from, to, observed, 1000 - lost, lost);
}

static void
apply(struct fixture *f, uint64_t seq, const char *line, size_t size)
{
	assert_int_equal(engine_apply(f->engine, "sensor-east", "aa", 0, seq, 1, line,
				      size, &f->err),
			 0);
}

static void
commit(struct fixture *f)
{
	if (engine_commit(f->engine, &f->err) == -1)
		fail_msg("%s", f->err.text);
}

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
	size_t room = 8 << 20;
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

/* Windows of years, so that tallies, summaries and held episodes are all over their
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
		text[turn] = calloc(1, 8 << 20);
		snprintf(command, sizeof(command),
			 "for t in position verdict unknown_reason ledger coverage "
			 "summary sensor; do "
			 "sqlite3 %s/correlator.db \"select * from $t\"; done",
			 f->directory);
		FILE *shell = popen(command, "r");
		assert_true(fread(text[turn], 1, (8 << 20) - 1, shell) > 1000);
		pclose(shell);
		close_fixture(f);
	}
	assert_string_equal(text[0], text[1]);
	free(text[0]);
	free(text[1]);
}

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

/* What a full spool let go keeps its seq (docs/PROTOCOL.md) and is no bad line. */
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(batches_restarts_and_repeats_do_not_show),
		cmocka_unit_test(a_batch_over_the_caps_of_memory_ends_the_same),
		cmocka_unit_test(frames_out_of_order_end_in_the_same_verdicts),
		cmocka_unit_test(a_window_is_provisional_until_lane_time_has_passed_it),
		cmocka_unit_test(
			too_little_watched_is_unobservable_and_never_satisfied),
		cmocka_unit_test(lost_packets_lower_the_coverage),
		cmocka_unit_test(a_breach_is_violated_at_once_and_raises_one_alert),
		cmocka_unit_test(a_long_flow_is_one_sample),
		cmocka_unit_test(damaged_lines_are_counted_and_the_rest_is_applied),
		cmocka_unit_test(empty_lines_keep_their_seqs_and_are_not_refused),
		cmocka_unit_test(places_that_cannot_be_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
