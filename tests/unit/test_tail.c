/* SPDX-License-Identifier: Apache-2.0 */
/* test_tail: logs are followed over rotation, cuts and restarts, and each line counts
 * once; sessions and lines find each other in either order. */
#include "tests/unit/engine_fixture.h"

#include <unistd.h>

#include "correlator/logs/tail.h"
#include "correlator/settle.h"

static const struct scope everybody = { .is_all = true };

struct followed {
	struct fixture *f;
	struct log_mappings *mappings;
	struct tails *tails;
	char path[PLACE_SIZE + 16], spec[PLACE_SIZE + 32];
};

static void
follow(struct followed *followed)
{
	const char *specs[] = { followed->spec };

	engine_await_evidence(followed->f->engine);
	followed->tails = tails_new(specs, 1, followed->mappings, followed->f->store,
				    &followed->f->err);
	if (followed->tails == NULL)
		fail_msg("%s", followed->f->err.text);
}

static struct followed
begin(void)
{
	struct followed followed = { .f = open_fixture() };

	followed.mappings = log_mappings_load("rules/evidence", &followed.f->err);
	assert_non_null(followed.mappings);
	snprintf(followed.path, sizeof(followed.path), "%s/access.json",
		 followed.f->directory);
	snprintf(followed.spec, sizeof(followed.spec), "nginx=%s", followed.path);
	follow(&followed);
	return followed;
}

static void
end(struct followed *followed)
{
	char other[PLACE_SIZE + 32];

	snprintf(other, sizeof(other), "%s.1", followed->path);
	unlink(other);
	unlink(followed->path);
	tails_free(followed->tails);
	log_mappings_free(followed->mappings);
	close_fixture(followed->f);
}

/* Killed and started again: what was not committed is gone. */
static void
start_again(struct followed *followed)
{
	tails_free(followed->tails);
	restart(followed->f);
	follow(followed);
}

static void
add(struct followed *followed, const char *mode, const char *text)
{
	FILE *out = fopen(followed->path, mode);

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static const char *
access_line(char *line, int64_t time, int port, const char *verify)
{
	snprintf(
		line, LINE_SIZE,
		"{\"msec\":\"%" PRId64 ".%06" PRId64 "\",\"connection_time\":\"0.1\","
		"\"remote_addr\":\"10.11.1.20\",\"remote_port\":\"%d\",\"server_addr\":"
		"\"10.10.0.13\",\"server_port\":\"443\",\"ssl_protocol\":\"TLSv1.3\","
		"\"ssl_client_verify\":\"%s\",\"ssl_client_s_dn\":\"%s\"}\n",
		time / INSTANT_SECOND, time % INSTANT_SECOND, port, verify,
		strcmp(verify, "NONE") == 0 ? "" : "CN=gw");
	return line;
}

static int
poll_and_commit(struct followed *followed)
{
	int result =
		tails_poll(followed->tails, followed->f->engine, &followed->f->err);

	if (result == -1)
		fail_msg("%s", followed->f->err.text);
	commit(followed->f);
	return result;
}

struct found {
	uint64_t good, bad, unknown;
	char class[32], verdict[24];
};

static bool
take(void *ctx, const struct verdict_row *row)
{
	struct found *found = ctx;

	found->good = row->good;
	found->bad = row->bad;
	found->unknown = row->unknown;
	snprintf(found->class, sizeof(found->class), "%s", row->evidence_class);
	snprintf(found->verdict, sizeof(found->verdict), "%s", row->verdict);
	return true;
}

/* Of CR-TLS-06 (client certificate) and hospital-a. */
static struct found
verdict(struct followed *followed)
{
	struct found found = { 0 };
	struct verdict_filter filter = { "CR-TLS-06", "hospital-a", INT64_MIN,
					 INT64_MAX };

	assert_int_not_equal(store_each_verdict(followed->f->store, &everybody, &filter,
						take, &found, &followed->f->err),
			     -1);
	return found;
}

static uint64_t
records(struct followed *followed)
{
	return tails_counters(followed->tails).records;
}

#define NOON (MIDNIGHT + 12 * INSTANT_HOUR)

static void
a_line_settles_its_session_in_either_order(void **state)
{
	struct followed followed = begin();
	char line[LINE_SIZE], access[LINE_SIZE];

	(void)state;
	apply(followed.f, 1, line, tls_line(line, NOON, 1, "TLS 1.3"));
	commit(followed.f);
	assert_int_equal(verdict(&followed).unknown, 1);
	add(&followed, "w",
	    access_line(access, NOON + INSTANT_SECOND, 50000, "SUCCESS"));
	assert_int_equal(poll_and_commit(&followed), 1);
	struct found found = verdict(&followed);
	assert_int_equal(found.unknown, 0);
	assert_int_equal(found.good, 1);
	assert_string_equal(found.class, "attested:nginx");
	/* now the line comes first; the store is closed between */
	add(&followed, "a", access_line(access, NOON + INSTANT_HOUR, 50000, "NONE"));
	poll_and_commit(&followed);
	start_again(&followed);
	apply(followed.f, 2, line, tls_line(line, NOON + INSTANT_HOUR, 2, "TLS 1.3"));
	commit(followed.f);
	found = verdict(&followed);
	assert_int_equal(found.bad, 1);
	assert_int_equal(found.good, 1);
	assert_int_equal(found.unknown, 0);
	end(&followed);
}

static void
another_port_or_time_is_another_session(void **state)
{
	struct followed followed = begin();
	char line[LINE_SIZE], access[LINE_SIZE];

	(void)state;
	apply(followed.f, 1, line, tls_line(line, NOON, 1, "TLS 1.3"));
	add(&followed, "w", access_line(access, NOON, 50001, "SUCCESS"));
	add(&followed, "a",
	    access_line(access, NOON + SETTLE_SKEW + INSTANT_SECOND, 50000, "SUCCESS"));
	poll_and_commit(&followed);
	assert_int_equal(verdict(&followed).unknown, 1);
	add(&followed, "a", access_line(access, NOON + SETTLE_SKEW, 50000, "SUCCESS"));
	poll_and_commit(&followed);
	assert_int_equal(verdict(&followed).good, 1);
	end(&followed);
}

static void
many_lines_settle_one_session_once(void **state)
{
	struct followed followed = begin();
	char line[LINE_SIZE], access[LINE_SIZE];

	(void)state;
	apply(followed.f, 1, line, tls_line(line, NOON, 1, "TLS 1.3"));
	commit(followed.f);
	for (int i = 0; i < 5; i++)
		add(&followed, "a", access_line(access, NOON, 50000, "SUCCESS"));
	poll_and_commit(&followed);
	assert_int_equal(verdict(&followed).good, 1);
	assert_int_equal(verdict(&followed).unknown, 0);
	end(&followed);
}

static void
a_last_line_waits_for_its_end(void **state)
{
	struct followed followed = begin();
	char access[LINE_SIZE];

	(void)state;
	access_line(access, NOON, 50000, "SUCCESS");
	size_t half = strlen(access) / 2;
	char rest[LINE_SIZE];
	strcpy(rest, access + half);
	access[half] = '\0';
	add(&followed, "w", access);
	assert_int_equal(poll_and_commit(&followed), 0);
	add(&followed, "a", rest);
	assert_int_equal(poll_and_commit(&followed), 1);
	assert_int_equal(records(&followed), 1);
	end(&followed);
}

static void
a_rotated_log_is_read_to_its_end_and_then_its_successor(void **state)
{
	struct followed followed = begin();
	char access[LINE_SIZE], other[PLACE_SIZE + 32];

	(void)state;
	add(&followed, "w", access_line(access, NOON, 1, "SUCCESS"));
	poll_and_commit(&followed);
	add(&followed, "a", access_line(access, NOON, 2, "SUCCESS"));
	snprintf(other, sizeof(other), "%s.1", followed.path);
	assert_int_equal(rename(followed.path, other), 0);
	add(&followed, "w", access_line(access, NOON, 3, "SUCCESS"));
	for (int i = 0; i < 4; i++)
		poll_and_commit(&followed);
	assert_int_equal(records(&followed), 3);
	end(&followed);
}

static void
a_log_that_was_cut_is_read_from_its_start(void **state)
{
	struct followed followed = begin();
	char access[LINE_SIZE];

	(void)state;
	add(&followed, "w", access_line(access, NOON, 1, "SUCCESS"));
	add(&followed, "a", access_line(access, NOON, 2, "SUCCESS"));
	poll_and_commit(&followed);
	add(&followed, "w", access_line(access, NOON, 3, "SUCCESS")); /* truncates */
	for (int i = 0; i < 3; i++)
		poll_and_commit(&followed);
	assert_int_equal(records(&followed), 3);
	end(&followed);
}

/* Killed between the lines and their commit, they are read once more and count once. */
static void
what_was_not_committed_is_read_again(void **state)
{
	struct followed followed = begin();
	char line[LINE_SIZE], access[LINE_SIZE];

	(void)state;
	apply(followed.f, 1, line, tls_line(line, NOON, 1, "TLS 1.3"));
	commit(followed.f);
	add(&followed, "w", access_line(access, NOON, 50000, "SUCCESS"));
	assert_int_equal(
		tails_poll(followed.tails, followed.f->engine, &followed.f->err), 1);
	start_again(&followed); /* without a commit */
	assert_int_equal(verdict(&followed).unknown, 1);
	assert_int_equal(poll_and_commit(&followed), 1);
	assert_int_equal(verdict(&followed).good, 1);
	start_again(&followed);
	assert_int_equal(poll_and_commit(&followed), 0);
	assert_int_equal(verdict(&followed).good, 1);
	end(&followed);
}

static void
lines_that_are_none_are_counted(void **state)
{
	struct followed followed = begin();
	char access[LINE_SIZE];

	(void)state;
	FILE *out = fopen(followed.path, "w");
	assert_non_null(out);
	for (int i = 0; i < 100000; i++)
		fputc('x', out);
	fputs("\nno json\n{\"msec\":1}\n", out);
	fclose(out);
	add(&followed, "a", access_line(access, NOON, 1, "SUCCESS"));
	for (int i = 0; i < 3; i++)
		poll_and_commit(&followed);
	struct tails_counters counters = tails_counters(followed.tails);
	assert_int_equal(counters.too_long, 1);
	assert_int_equal(counters.refused, 1);
	assert_int_equal(counters.others, 1);
	assert_int_equal(counters.records, 1);
	end(&followed);
}

static void
no_log_is_no_trouble_until_it_comes(void **state)
{
	struct followed followed = begin();
	char access[LINE_SIZE];

	(void)state;
	assert_int_equal(poll_and_commit(&followed), 0);
	add(&followed, "w", access_line(access, NOON, 1, "SUCCESS"));
	assert_int_equal(poll_and_commit(&followed), 1);
	const char *specs[] = { "nginx" };
	assert_null(tails_new(specs, 1, followed.mappings, followed.f->store,
			      &followed.f->err));
	assert_non_null(strstr(followed.f->err.text, "expected MAPPING=PATH"));
	end(&followed);
}

static void
only_so_many_wait_for_one_service(void **state)
{
	struct fixture *f = open_fixture();
	struct settle *settle = settle_new(f->store);

	(void)state;
	for (int i = 0; i < SETTLE_WAITING_MAX; i++)
		assert_int_equal(settle_take(settle, "10.10.0.13", 443, &f->err), 1);
	assert_int_equal(settle_take(settle, "10.10.0.13", 443, &f->err), 0);
	assert_int_equal(settle_take(settle, "10.10.0.13", 8443, &f->err), 1);
	settle_give(settle, "10.10.0.13", 443);
	assert_int_equal(settle_take(settle, "10.10.0.13", 443, &f->err), 1);
	settle_free(settle);
	close_fixture(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_settles_its_session_in_either_order),
		cmocka_unit_test(another_port_or_time_is_another_session),
		cmocka_unit_test(many_lines_settle_one_session_once),
		cmocka_unit_test(a_last_line_waits_for_its_end),
		cmocka_unit_test(
			a_rotated_log_is_read_to_its_end_and_then_its_successor),
		cmocka_unit_test(a_log_that_was_cut_is_read_from_its_start),
		cmocka_unit_test(what_was_not_committed_is_read_again),
		cmocka_unit_test(lines_that_are_none_are_counted),
		cmocka_unit_test(no_log_is_no_trouble_until_it_comes),
		cmocka_unit_test(only_so_many_wait_for_one_service),
	};

	return cmocka_run_group_tests_name("tail", tests, NULL, NULL);
}
