/* SPDX-License-Identifier: Apache-2.0 */
/* test_store: one transaction of effects, raw records before it, reads that stay in
 * their scope. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/effects.h"
#include "store/reads.h"
#include "store/store.h"
#include "tool/place.h"

static const struct scope everybody = { .is_all = true };
static const struct scope region_a = { .partition = "region-a" };
static const struct scope nobody = { .partition = NULL };

/* 2026-11-24T00:00:00Z */
#define NOON INT64_C(1795478400000000)

struct fixture {
	char directory[PLACE_SIZE];
	struct store *store;
	struct error err;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	if (place_make_temporary(f->directory, &f->err) == -1)
		return -1;
	f->store = store_open(f->directory, STORE_TEMPORARY, &f->err);
	return f->store != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	store_close(f->store);
	place_remove_temporary(f->directory);
	free(f);
	return 0;
}

static void
reopen(struct fixture *f)
{
	store_close(f->store);
	f->store = store_open(f->directory, STORE_TEMPORARY, &f->err);
	assert_non_null(f->store);
}

static void
add_record(struct fixture *f, uint64_t seq, int64_t time, const char *line)
{
	struct record_row row = { .sensor = "s",
				  .epoch = "e",
				  .lane = 0,
				  .seq = seq,
				  .time = { time },
				  .event = "flow",
				  .line = line,
				  .size = strlen(line) };

	assert_int_equal(store_begin(f->store, &f->err), 0);
	assert_int_equal(store_add_record(f->store, &row, &f->err), 0);
}

static void
put_position(struct fixture *f, uint64_t low, const char *gaps)
{
	struct position_row row = {
		.sensor = "s", .epoch = "e", .low = low, .gaps = gaps
	};

	assert_int_equal(store_begin(f->store, &f->err), 0);
	assert_int_equal(store_put_position(f->store, &row, &f->err), 0);
}

static bool
see_row(void *ctx, const struct record_row *row)
{
	snprintf(ctx, 64, "%.*s", (int)row->size, row->line);
	return true;
}

static bool
is_there(struct fixture *f, uint64_t seq, int64_t time)
{
	char id[64], line[64];

	snprintf(id, sizeof(id), "s/e/0/%lu", seq);
	int found = store_find_record(f->store, &everybody, id,
				      (struct instant){ time }, see_row, line, &f->err);
	assert_int_not_equal(found, -1);
	return found == 1;
}

static void
what_is_rolled_back_is_gone_with_its_raw_records(void **state)
{
	struct fixture *f = *state;

	add_record(f, 1, NOON, "{}");
	assert_int_equal(store_add_counter(f->store, "records", 1, &f->err), 0);
	store_rollback(f->store);
	assert_false(is_there(f, 1, NOON));
	add_record(f, 2, NOON, "{}");
	put_position(f, 2, "[]");
	assert_int_equal(store_commit(f->store, &f->err), 0);
	reopen(f);
	assert_true(is_there(f, 2, NOON));
	assert_false(is_there(f, 1, NOON));
}

/* Raw rows are committed first: after a crash between the two there are too many. */
static void
raw_rows_past_the_position_go_when_the_store_is_opened(void **state)
{
	struct fixture *f = *state;

	for (uint64_t seq = 1; seq <= 9; seq++)
		add_record(f, seq, NOON + (int64_t)(seq % 2) * INSTANT_DAY, "{}");
	put_position(f, 3, "[[5,6],[8,8]]");
	assert_int_equal(store_commit(f->store, &f->err), 0);
	reopen(f);
	for (uint64_t seq = 1; seq <= 9; seq++) {
		bool is_covered = seq <= 3 || seq == 5 || seq == 6 || seq == 8;
		assert_int_equal(
			is_there(f, seq, NOON + (int64_t)(seq % 2) * INSTANT_DAY),
			is_covered);
	}
}

static void
raw_rows_of_a_lane_without_position_go_too(void **state)
{
	struct fixture *f = *state;

	add_record(f, 1, NOON, "{}");
	assert_int_equal(store_commit(f->store, &f->err), 0);
	reopen(f);
	assert_false(is_there(f, 1, NOON));
}

/* More days in one transaction than files are held open. */
static void
many_days_in_one_batch_are_all_kept(void **state)
{
	struct fixture *f = *state;

	for (uint64_t seq = 1; seq <= 30; seq++)
		add_record(f, seq, NOON + (int64_t)seq * INSTANT_DAY, "{}");
	put_position(f, 30, "[]");
	assert_int_equal(store_commit(f->store, &f->err), 0);
	reopen(f);
	for (uint64_t seq = 1; seq <= 30; seq++)
		assert_true(is_there(f, seq, NOON + (int64_t)seq * INSTANT_DAY));
	size_t removed;
	assert_int_equal(store_retain(f->directory, 10, &removed, &f->err), 0);
	assert_int_equal(removed, 20);
	assert_true(is_there(f, 21, NOON + 21 * INSTANT_DAY));
}

static void
a_second_writer_is_refused_and_a_reader_is_not(void **state)
{
	struct fixture *f = *state;
	struct error err;

	assert_null(store_open(f->directory, STORE_WRITE, &err));
	assert_non_null(strstr(err.text, "another writer"));
	struct store *reader = store_open(f->directory, STORE_READ, &err);
	assert_non_null(reader);
	store_close(reader);
}

static void
a_store_of_another_version_is_refused_in_words(void **state)
{
	struct fixture *f = *state;
	char command[PLACE_SIZE + 100];
	struct error err;

	store_close(f->store);
	f->store = NULL;
	snprintf(command, sizeof(command),
		 "sqlite3 %s/correlator.db 'PRAGMA user_version=99'", f->directory);
	assert_int_equal(system(command), 0);
	assert_null(store_open(f->directory, STORE_WRITE, &err));
	assert_non_null(strstr(err.text, "version 99"));
	assert_null(store_open(f->directory, STORE_READ, &err));
	assert_non_null(strstr(err.text, "version 99"));
}

static void
add_verdict(struct fixture *f, const char *participant, const char *partition,
	    uint64_t bad, const char *disposition, const char *exception)
{
	struct verdict_row row = { .key = { "R-1", participant, NOON },
				   .window_end = NOON + INSTANT_DAY,
				   .partition = partition,
				   .disposition = disposition,
				   .exception = exception,
				   .good = 1,
				   .bad = bad,
				   .evidence_class = "observed",
				   .ruleset = "x" };

	assert_int_equal(store_begin(f->store, &f->err), 0);
	assert_int_equal(store_add_verdict(f->store, &row, &f->err), 0);
}

struct seen {
	int count;
	struct verdict_row last;
	char disposition[16], exception[16];
};

static bool
see_verdict(void *ctx, const struct verdict_row *row)
{
	struct seen *seen = ctx;

	seen->count++;
	seen->last = *row;
	snprintf(seen->disposition, sizeof(seen->disposition), "%s", row->disposition);
	snprintf(seen->exception, sizeof(seen->exception), "%s", row->exception);
	return true;
}

static void
samples_add_up_and_an_open_breach_wins_in_any_order(void **state)
{
	struct fixture *f = *state;
	struct verdict_filter all = { .from = INT64_MIN, .to = INT64_MAX };
	static const char *const order[2][2] = { { "open", "accepted" },
						 { "accepted", "open" } };

	for (int i = 0; i < 2; i++) {
		struct seen seen = { 0 };
		for (int j = 0; j < 2; j++)
			add_verdict(f, "hosp", "region-a", 1, order[i][j],
				    order[i][j][0] == 'a' ? "X-1" : "");
		assert_int_equal(store_each_verdict(f->store, &everybody, &all,
						    see_verdict, &seen, &f->err),
				 1);
		assert_int_equal(seen.last.good, 2);
		assert_int_equal(seen.last.bad, 2);
		assert_string_equal(seen.disposition, "open");
		assert_string_equal(seen.exception, "X-1");
		store_rollback(f->store);
	}
}

static void
a_scope_sees_its_own_partition_and_nothing_else(void **state)
{
	struct fixture *f = *state;
	struct verdict_filter all = { .from = INT64_MIN, .to = INT64_MAX };
	struct verdict_key other = { "R-1", "clinic-b", NOON };
	struct seen seen = { 0 };
	char id[] = "s/e/0/1", line[64];
	int64_t time;

	add_record(f, 1, NOON, "{}");
	add_verdict(f, "hosp-a", "region-a", 1, "open", "");
	add_verdict(f, "clinic-b", "region-b", 1, "open", "");
	assert_int_equal(store_cite(f->store, id, NOON, &f->err), 0);
	assert_int_equal(store_each_verdict(f->store, &everybody, &all, see_verdict,
					    &seen, &f->err),
			 2);
	assert_int_equal(store_each_verdict(f->store, &region_a, &all, see_verdict,
					    &seen, &f->err),
			 1);
	assert_int_equal(store_each_verdict(f->store, &nobody, &all, see_verdict, &seen,
					    &f->err),
			 0);
	assert_int_equal(store_find_verdict(f->store, &region_a, &other, see_verdict,
					    &seen, &f->err),
			 0);
	assert_int_equal(store_find_record(f->store, &region_a, id,
					   (struct instant){ NOON }, see_row, line,
					   &f->err),
			 0);
	assert_int_equal(store_cited_time(f->store, &region_a, id, &time, &f->err), 0);
	assert_int_equal(store_cited_time(f->store, &everybody, id, &time, &f->err), 1);
}

static void
a_cited_record_lives_as_long_as_a_list_names_it(void **state)
{
	struct fixture *f = *state;
	char line[64] = "";

	add_record(f, 1, NOON, "{\"a\":1}");
	assert_int_equal(store_cite(f->store, "s/e/0/1", NOON, &f->err), 0);
	assert_int_equal(store_cite(f->store, "s/e/0/1", NOON, &f->err), 0);
	assert_int_equal(store_uncite(f->store, "s/e/0/1", &f->err), 0);
	assert_int_equal(store_find_cited(f->store, &everybody, "s/e/0/1", see_row,
					  line, &f->err),
			 1);
	assert_string_equal(line, "{\"a\":1}");
	assert_int_equal(store_uncite(f->store, "s/e/0/1", &f->err), 0);
	assert_int_equal(store_find_cited(f->store, &everybody, "s/e/0/1", see_row,
					  line, &f->err),
			 0);
}

static void
coverage_is_the_mean_over_lanes_that_watch(void **state)
{
	struct fixture *f = *state;
	struct coverage_row sum, row = { .sensor = "s", .poi = "p", .hour = NOON };

	assert_int_equal(store_begin(f->store, &f->err), 0);
	for (uint32_t lane = 0; lane < 3; lane++) {
		row.lane = lane;
		row.spoken = lane < 2 ? INSTANT_HOUR
				      : 0; /* lane 2 only speaks of lost records */
		row.observed = lane == 0 ? INSTANT_HOUR : 0;
		row.lost_records = 5;
		assert_int_equal(store_add_coverage(f->store, &row, &f->err), 0);
	}
	assert_int_equal(store_settle_coverage(f->store, "s", "p", NOON, &f->err), 0);
	assert_int_equal(store_sum_coverage(f->store, &everybody, "s", "p", NOON,
					    NOON + INSTANT_HOUR, &sum, &f->err),
			 0);
	assert_int_equal(sum.observed, INSTANT_HOUR / 2);
	assert_int_equal(sum.lost_records, 15);
}

struct session {
	const char *record, *verdict, *violated, *tls_version;
	int64_t start, end;
	uint64_t bytes;
};

static void
add_session(struct fixture *f, const struct session *s)
{
	struct ledger_row row = { .poi = "p",
				  .sensor = "s",
				  .flow_id = 7,
				  .record = s->record,
				  .start = s->start,
				  .end = s->end,
				  .day = s->start,
				  .client = "c",
				  .client_partition = "region-a",
				  .client_ip = "1",
				  .server = "b",
				  .server_partition = "base",
				  .server_ip = "2",
				  .server_port = 443,
				  .service = "portal",
				  .service_kind = "mpi",
				  .bytes_to_server = s->bytes,
				  .bytes_to_client = 0,
				  .app_proto = "tls",
				  .tls_version = s->tls_version,
				  .sni = "",
				  .client_certificate = "",
				  .verdict = s->verdict,
				  .violated = s->violated,
				  .is_final = s->bytes > 0 };

	assert_int_equal(store_begin(f->store, &f->err), 0);
	assert_int_equal(store_add_ledger(f->store, &row, &f->err), 0);
}

/* Any order of a session's records makes the same row; told by the sqlite3 shell. */
static void
a_session_is_one_row_whatever_the_order_of_its_records(void **state)
{
	static const struct session records[] = {
		{ "r/1", "violated", "[\"B\"]", "TLS 1.2", 100, 100, 0 },
		{ "r/2", "satisfied", "[]", "", 90, 400, 10 },
		{ "r/3", "violated", "[\"A\"]", "", 90, 900, 25 },
	};
	static const int order[][3] = { { 0, 1, 2 }, { 2, 1, 0 }, { 1, 0, 2 } };
	struct fixture *f = *state;
	char command[PLACE_SIZE + 200], line[512];

	snprintf(
		command, sizeof(command),
		"sqlite3 %s/correlator.db 'SELECT record,start,end,day,bytes_to_server,"
		"tls_version,verdict,violated,is_final FROM ledger; DELETE FROM "
		"ledger'",
		f->directory);
	for (size_t i = 0; i < 3; i++) {
		for (size_t j = 0; j < 3; j++)
			add_session(f, &records[order[i][j]]);
		assert_int_equal(store_commit(f->store, &f->err), 0);
		FILE *shell = popen(command, "r");
		assert_non_null(fgets(line, sizeof(line), shell));
		assert_int_equal(pclose(shell), 0);
		assert_string_equal(
			line, "r/3|90|900|90|25|TLS 1.2|violated|[\"A\",\"B\"]|1\n");
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(what_is_rolled_back_is_gone_with_its_raw_records),
		TEST(raw_rows_past_the_position_go_when_the_store_is_opened),
		TEST(raw_rows_of_a_lane_without_position_go_too),
		TEST(many_days_in_one_batch_are_all_kept),
		TEST(a_second_writer_is_refused_and_a_reader_is_not),
		TEST(a_store_of_another_version_is_refused_in_words),
		TEST(samples_add_up_and_an_open_breach_wins_in_any_order),
		TEST(a_scope_sees_its_own_partition_and_nothing_else),
		TEST(a_cited_record_lives_as_long_as_a_list_names_it),
		TEST(coverage_is_the_mean_over_lanes_that_watch),
		TEST(a_session_is_one_row_whatever_the_order_of_its_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
