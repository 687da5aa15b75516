/* SPDX-License-Identifier: Apache-2.0 */
/* test_seal: whatever is changed in a sealed ledger is found, with its day. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/calendar.h"
#include "correlator/seal/sealing.h"
#include "store/effects.h"
#include "store/ledger.h"

#define JST_DAY(day) \
	((calendar_begin((struct date){ 2026, 11, (day) }, ZONE_TOKYO)).usec)

static struct error err;

struct fixture {
	char directory[64];
	struct store *store;
	struct signing_key key;
};

static void
must(int result)
{
	if (result != 0)
		fail_msg("%s", err.text);
}

static void
run(const char *format, ...)
{
	char command[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	if (system(command) != 0)
		fail_msg("%s", command);
}

static void
add_row(struct store *store, uint64_t flow, int64_t start, uint64_t bytes)
{
	struct ledger_row row = {
		.poi = "poi-east",
		.sensor = "east",
		.flow_id = flow,
		.record = "east/aa/0/1",
		.start = start,
		.end = start + 5,
		.day = start - start % INSTANT_DAY + 15 * INSTANT_HOUR,
		.client = "clinic-a",
		.client_partition = "region-a",
		.client_ip = "10.0.0.1",
		.server = "base",
		.server_partition = "base",
		.server_ip = "10.9.0.1",
		.server_port = 443,
		.service = "portal",
		.service_kind = "patient_portal",
		.bytes_to_server = bytes,
		.bytes_to_client = 7,
		.app_proto = "tls",
		.tls_version = "TLS 1.3",
		.sni = "portal.example",
		.client_certificate = "unobservable:encrypted",
		.verdict = "satisfied",
		.violated = "[]",
		.is_final = true,
	};

	if (row.day > start)
		row.day -= INSTANT_DAY;
	must(store_add_ledger(store, &row, &err));
}

/* The store's time. */
static void
pass(struct store *store, int64_t time)
{
	must(store_begin(store, &err));
	must(store_put_position(
		store,
		&(struct position_row){ "east", "aa", 0, 1, "[]", time, time, time },
		&err));
	must(store_commit(store, &err));
}

/* Rows on the 1st, 2nd and 5th of November; time is the 10th. */
static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char path[128];

	snprintf(f->directory, sizeof(f->directory), "/tmp/seal.XXXXXX");
	assert_non_null(mkdtemp(f->directory));
	f->store = store_open(f->directory, STORE_WRITE, &err);
	assert_non_null(f->store);
	must(store_begin(f->store, &err));
	add_row(f->store, 1, JST_DAY(1) + 60, 100);
	add_row(f->store, 2, JST_DAY(1) + 70, 200);
	add_row(f->store, 3, JST_DAY(2) + 80, 300);
	add_row(f->store, 4, JST_DAY(5) + 90, 400);
	must(store_commit(f->store, &err));
	pass(f->store, JST_DAY(10));
	snprintf(path, sizeof(path), "%s/key", f->directory);
	must(signing_key_make(path, &err));
	must(signing_key_load(path, &f->key, &err));
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	store_close(f->store);
	run("rm -rf %s", f->directory);
	free(f);
	return 0;
}

static struct sealing
sealing_of(struct fixture *f, struct store *store)
{
	static char folder[128];

	snprintf(folder, sizeof(folder), "%s/seals", f->directory);
	return (struct sealing){ store, folder, ZONE_TOKYO.offset, INT64_MAX };
}

static size_t
seal(struct fixture *f)
{
	struct sealing sealing = sealing_of(f, f->store);
	struct seals seals;
	size_t made;

	must(seals_load(&seals, sealing.folder, &err));
	must(sealing_seal(&sealing, &seals, &f->key, &made, &err));
	seals_release(&seals);
	return made;
}

struct heard {
	char text[4096];
};

static void
hear(void *ctx, const char *day, const char *what)
{
	struct heard *heard = ctx;
	size_t used = strlen(heard->text);

	snprintf(heard->text + used, sizeof(heard->text) - used, "%s: %s\n", day, what);
}

/* Of the store in 'directory' and the seals in 'folder', what verify says. */
static struct heard
verify(struct fixture *f, const char *directory, const char *folder)
{
	struct store *store = store_open(directory, STORE_REPORT, &err);
	struct sealing sealing = { store, folder, ZONE_TOKYO.offset, INT64_MAX };
	struct heard heard = { "" };
	struct seal_check check = { .key = &f->key.public,
				    .on_finding = hear,
				    .ctx = &heard };
	struct seals seals;

	assert_non_null(store);
	if (seals_load(&seals, folder, &err) == -1)
		hear(&heard, "", err.text);
	else
		must(sealing_verify(&sealing, &seals, &check, &err));
	seals_release(&seals);
	store_close(store);
	return heard;
}

static struct heard
verify_here(struct fixture *f)
{
	char folder[128];

	snprintf(folder, sizeof(folder), "%s/seals", f->directory);
	return verify(f, f->directory, folder);
}

/* A copy in which 'sql' was run; what verify says of it. */
static struct heard
after(struct fixture *f, const char *sql)
{
	char copy[96], folder[128];

	snprintf(copy, sizeof(copy), "%s.copy", f->directory);
	snprintf(folder, sizeof(folder), "%s/seals", f->directory);
	run("rm -rf %s; mkdir %s; cp %s/*.db* %s/", copy, copy, f->directory, copy);
	run("sqlite3 %s/correlator.db \"%s\"", copy, sql);
	struct heard heard = verify(f, copy, folder);
	run("rm -rf %s", copy);
	return heard;
}

static void
closed_days_are_sealed_once_and_empty_ones_too(void **state)
{
	struct fixture *f = *state;

	/* the 1st, the 2nd, two empty days in one, the 5th, and the 6th and 7th */
	assert_int_equal(seal(f), 5);
	assert_int_equal(seal(f), 0);
	assert_string_equal(verify_here(f).text, "");
	pass(f->store, JST_DAY(11) - 1);
	assert_int_equal(seal(f), 0);
	pass(f->store, JST_DAY(11));
	assert_int_equal(seal(f), 1);
	assert_string_equal(verify_here(f).text, "");
}

static void
a_change_of_any_column_is_found_with_its_day(void **state)
{
	struct fixture *f = *state;
	char command[256], column[64], sql[512];
	size_t columns = 0;

	seal(f);
	snprintf(command, sizeof(command),
		 "sqlite3 %s/correlator.db \"SELECT name FROM "
		 "pragma_table_info('ledger')\"",
		 f->directory);
	FILE *shell = popen(command, "r");
	assert_non_null(shell);
	while (fgets(column, sizeof(column), shell) != NULL) {
		column[strcspn(column, "\n")] = '\0';
		snprintf(sql, sizeof(sql),
			 "UPDATE ledger SET %s = CASE typeof(%s) WHEN 'integer' THEN "
			 "%s + 1000 ELSE %s || ' ' END WHERE flow_id = 3",
			 column, column, column, column);
		struct heard heard = after(f, sql);
		if (strstr(heard.text, "2026-11-02: ") == NULL)
			fail_msg("%s: %s", column, heard.text);
		columns++;
	}
	pclose(shell);
	assert_int_equal(columns, 27);
}

static void
insertion_deletion_and_moving_are_found_with_their_day(void **state)
{
	static const struct {
		const char *sql, *heard;
	} cases[] = {
		{ "DELETE FROM ledger WHERE flow_id = 2", "2026-11-01: 2 rows were" },
		{ "DELETE FROM ledger WHERE flow_id = 3", "2026-11-02: 1 rows were" },
		{ "UPDATE ledger SET flow_id = 9 - flow_id WHERE flow_id IN (1, 2)",
		  "2026-11-01: rows were changed" },
		{ "UPDATE ledger SET day = day + 172800000000 WHERE flow_id = 3",
		  "2026-11-04: 1 rows where none" },
		{ "UPDATE ledger SET day = day - 864000000000 WHERE flow_id = 3",
		  "2026-10-23: 1 rows before" },
		{ "UPDATE ledger SET day = day + 1 WHERE flow_id = 4",
		  "2026-11-05: 1 rows where none" },
	};
	struct fixture *f = *state;

	seal(f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct heard heard = after(f, cases[i].sql);
		if (strstr(heard.text, cases[i].heard) == NULL)
			fail_msg("%s: %s", cases[i].sql, heard.text);
	}
}

static void
seals_cannot_be_taken_out_changed_or_put_elsewhere(void **state)
{
	static const struct {
		const char *command, *heard;
	} cases[] = {
		{ "rm 00000003*", "does not follow" },
		{ "sed -i 's/\"rows\":1/\"rows\":2/' 00000002*",
		  "signature does not hold" },
		{ "mv 00000002* x; mv 00000003* 00000002-y.seal; mv x 00000003-x.seal",
		  "does not follow" },
		{ "printf x > $1", "is no seal" },
	};
	struct fixture *f = *state;
	char copy[96];

	seal(f);
	snprintf(copy, sizeof(copy), "%s/changed", f->directory);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		run("rm -rf %s; cp -r %s/seals %s; chmod u+w %s/*; cd %s && set -- "
		    "00000001*; %s",
		    copy, f->directory, copy, copy, copy, cases[i].command);
		struct heard heard = verify(f, f->directory, copy);
		if (strstr(heard.text, cases[i].heard) == NULL)
			fail_msg("%s: %s", cases[i].command, heard.text);
	}
}

static void
what_was_delivered_shows_what_is_missing_here(void **state)
{
	struct fixture *f = *state;
	struct sealing sealing = sealing_of(f, f->store);
	struct seals here, there;
	struct heard heard = { "" };
	struct seal_check check = { .key = &f->key.public,
				    .on_finding = hear,
				    .ctx = &heard,
				    .delivered = &there };

	seal(f);
	must(seals_load(&there, sealing.folder, &err));
	run("rm -f %s/seals/00000005*", f->directory);
	must(seals_load(&here, sealing.folder, &err));
	must(sealing_verify(&sealing, &here, &check, &err));
	assert_non_null(strstr(heard.text, "00000005-day-2026-11-06.seal: was"));
	assert_int_equal(check.findings, 1);
	seals_release(&here);
	seals_release(&there);
}

static void
a_late_row_enters_the_day_it_comes_and_leaves_its_own_alone(void **state)
{
	struct fixture *f = *state;
	char command[256], line[256] = "";

	seal(f);
	must(store_begin(f->store, &err));
	add_row(f->store, 2, JST_DAY(1) + 70, 250); /* more of a sealed session */
	add_row(f->store, 2, JST_DAY(1) + 70, 260);
	add_row(f->store, 8, JST_DAY(2) + 70, 50); /* one nobody had heard of */
	must(store_commit(f->store, &err));
	assert_string_equal(verify_here(f).text, "");
	snprintf(command, sizeof(command),
		 "sqlite3 %s/correlator.db \"SELECT group_concat(flow_id || ':' || "
		 "amends || ':' || bytes_to_server || ':' || bytes_to_client || ':' || "
		 "((day - %lld) / 86400000000)) FROM ledger WHERE part > 0\"",
		 f->directory, (long long)JST_DAY(1));
	FILE *shell = popen(command, "r");
	assert_non_null(fgets(line, sizeof(line), shell));
	pclose(shell);
	assert_string_equal(line, "2:1:60:0:9,8:0:50:7:9\n");
}

static void
retention_deletes_rows_and_leaves_the_seals_verifiable(void **state)
{
	struct fixture *f = *state;
	struct sealing sealing = sealing_of(f, f->store);
	struct seals seals;
	uint64_t dropped;

	seal(f);
	must(seals_load(&seals, sealing.folder, &err));
	must(sealing_drop(&sealing, &seals, &f->key, JST_DAY(3), &dropped, &err));
	seals_release(&seals);
	assert_int_equal(dropped, 3);
	assert_string_equal(verify_here(f).text, "");
	/* to delete more without a seal is found */
	assert_non_null(strstr(after(f, "DELETE FROM ledger").text, "2026-11-05: "));
	/* and nothing that is not sealed is deleted */
	must(seals_load(&seals, sealing.folder, &err));
	must(sealing_drop(&sealing, &seals, &f->key, INT64_MAX, &dropped, &err));
	assert_int_equal(dropped, 1);
	seals_release(&seals);
	assert_string_equal(verify_here(f).text, "");
}

static void
another_key_verifies_nothing_and_an_open_one_is_refused(void **state)
{
	struct fixture *f = *state;
	struct signing_key other;
	char path[128];

	seal(f);
	snprintf(path, sizeof(path), "%s/other", f->directory);
	must(signing_key_make(path, &err));
	assert_int_equal(signing_key_make(path, &err), -1);
	must(signing_key_load(path, &other, &err));
	f->key = other;
	assert_non_null(
		strstr(verify_here(f).text, "00000001-day-2026-11-01.seal: the"));
	run("chmod 644 %s", path);
	assert_int_equal(signing_key_load(path, &other, &err), -1);
	assert_non_null(strstr(err.text, "0600"));
	run("openssl pkey -in %s -noout && openssl pkey -pubin -in %s.pub -noout", path,
	    path);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(closed_days_are_sealed_once_and_empty_ones_too),
		TEST(a_change_of_any_column_is_found_with_its_day),
		TEST(insertion_deletion_and_moving_are_found_with_their_day),
		TEST(seals_cannot_be_taken_out_changed_or_put_elsewhere),
		TEST(what_was_delivered_shows_what_is_missing_here),
		TEST(a_late_row_enters_the_day_it_comes_and_leaves_its_own_alone),
		TEST(retention_deletes_rows_and_leaves_the_seals_verifiable),
		TEST(another_key_verifies_nothing_and_an_open_one_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
