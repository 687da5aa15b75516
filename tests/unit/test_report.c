/* SPDX-License-Identifier: Apache-2.0 */
/* test_report: what a region's report says of a small store whose truth is known. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/calendar.h"
#include "correlator/report/report.h"
#include "store/effects.h"

#define JST_DAY(day) \
	((calendar_begin((struct date){ 2026, 11, (day) }, ZONE_TOKYO)).usec)

static struct error err;

static void
must(int result)
{
	if (result != 0)
		fail_msg("%s", err.text);
}

static void
add_inventory(struct store *store)
{
	const struct participant_row rows[] = {
		{ "clinic-a", "clinic", "region-a", "あおば診療所", "Aoba Clinic", "",
		  "", "" },
		{ "hospital-a", "hospital", "region-a", "あおば<病院>",
		  "Aoba & Hospital", "", "", "" },
		{ "hospital-b", "hospital", "region-b", "みどり病院", "Midori Hospital",
		  "", "", "" },
	};
	const struct requirement_row need = {
		.id = "CR-TLS-01",
		.kind = "session",
		.status = "active",
		.severity = "high",
		.title_ja = "TLS 1.2以上",
		.title_en = "TLS 1.2 or later",
		.document = "指針",
		.document_en = "Guideline",
		.clause = "13",
		.rationale_ja = "",
		.rationale_en = "",
		.remedy_ja = "設定を直す",
		.remedy_en = "Mend the settings",
		.min_coverage = 950000,
		.settled_by_ja = "終端装置のログ",
		.settled_by_en = "terminator's log",
	};

	must(store_add_region(store, "region-a", "あおば", "Aoba", &err));
	must(store_add_region(store, "region-b", "みどり", "Midori", &err));
	for (size_t i = 0; i < 3; i++)
		must(store_add_participant(store, &rows[i], &err));
	must(store_add_participant_sensor(store, "clinic-a", "east", &err));
	must(store_add_participant_sensor(store, "hospital-a", "east", &err));
	must(store_add_requirement(store, &need, &err));
	must(store_add_service(store,
			       &(struct service_row){ "portal", "patient_portal",
						      "base", "ポータル", "Portal" },
			       &err));
}

static void
add_verdict(struct store *store, const char *participant, int day, const char *verdict)
{
	struct verdict_row row = {
		.key = { "CR-TLS-01", participant, JST_DAY(day) },
		.window_end = JST_DAY(day + 1),
		.partition = participant[strlen(participant) - 1] == 'a' ? "region-a"
									 : "region-b",
		.verdict = verdict,
		.disposition = strcmp(verdict, "violated") == 0 ? "open" : "",
		.exception = "",
		.good = 5,
		.bad = strcmp(verdict, "violated") == 0 ? 2 : 0,
		.coverage = 1000000,
		.reason = "",
		.evidence = "[]",
		.evidence_class = "observed",
		.ruleset = "abc",
		.revision = 1,
	};
	must(store_add_verdict(store, &row, &err));
	must(store_judge_verdict(store, &row, &err));
}

/* Three whole days of November 2026, of which the sensor watched all but six hours of
 * the second. */
static void
add_watch(struct store *store)
{
	struct sensor_row sensor = { "east",     "poi-east", JST_DAY(1),
				     JST_DAY(4), JST_DAY(4), 100 };

	must(store_add_sensor(store, &sensor, &err));
	for (int64_t hour = JST_DAY(1); hour < JST_DAY(4); hour += INSTANT_HOUR) {
		bool is_gap =
			hour >= JST_DAY(2) && hour < JST_DAY(2) + 6 * INSTANT_HOUR;
		struct coverage_row row = { .sensor = "east",
					    .poi = "poi-east",
					    .hour = hour,
					    .observed = is_gap ? 0 : INSTANT_HOUR,
					    .packets = 10 };
		must(store_add_coverage(store, &row, &err));
		must(store_settle_coverage(store, "east", "poi-east", hour, &err));
	}
}

static void
add_access(struct store *store, const char *client, const char *partition,
	   uint64_t flow, int64_t start, const char *verdict)
{
	struct ledger_row row = {
		.poi = "poi-east",
		.sensor = "east",
		.flow_id = flow,
		.record = "r",
		.start = start,
		.end = start + 1,
		.day = JST_DAY(3),
		.client = client,
		.client_partition = partition,
		.client_ip = "10.0.0.1",
		.server = "base",
		.server_partition = "base",
		.server_ip = "10.10.0.13",
		.server_port = 443,
		.service = "portal",
		.service_kind = "patient_portal",
		.bytes_to_server = 10,
		.bytes_to_client = 20,
		.app_proto = "tls",
		.tls_version = "TLS 1.3",
		.sni = "",
		.client_certificate = "",
		.verdict = verdict,
		.violated = "[]",
		.is_final = true,
	};
	must(store_add_ledger(store, &row, &err));
}

static char folder[] = "/tmp/sekisho-test-report.XXXXXX";

static int
make_store(void **state)
{
	assert_non_null(mkdtemp(folder));
	struct store *store = store_open(folder, STORE_TEMPORARY, &err);
	if (store == NULL)
		fail_msg("%s", err.text);
	must(store_begin(store, &err));
	add_inventory(store);
	add_watch(store);
	add_verdict(store, "clinic-a", 1, "satisfied");
	add_verdict(store, "clinic-a", 3, "violated");
	add_verdict(store, "hospital-b", 3, "violated");
	add_access(store, "clinic-a", "region-a", 1, JST_DAY(3) + 1, "violated");
	add_access(store, "clinic-a", "region-a", 2, JST_DAY(3) + 2, "satisfied");
	add_access(store, "hospital-b", "region-b", 3, JST_DAY(3) + 3, "satisfied");
	must(store_commit(store, &err));
	*state = store;
	return 0;
}

static int
remove_store(void **state)
{
	char command[128];

	store_close(*state);
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

static struct report *
gather(void **state, const char *region, int from, int to)
{
	struct report_request request = { .region = region,
					  .period = "2026-11",
					  .from = JST_DAY(from),
					  .to = JST_DAY(to),
					  .zone = 9 * 3600,
					  .language = REPORT_JA };

	return report_gather(*state, &request, &err);
}

static const struct report_cell *
cell_of(const struct report *report, const char *participant)
{
	for (size_t p = 0; p < report->participant_count; p++)
		if (strcmp(report->participant[p].id, participant) == 0)
			return report_cell_of(report, 0, p);
	fail_msg("no %s", participant);
	return NULL;
}

static void
days_without_a_row_go_by_coverage(void **state)
{
	struct report *report = gather(state, "region-a", 1, 4);

	assert_non_null(report);
	assert_int_equal(report->days, 3);
	const struct report_cell *clinic = cell_of(report, "clinic-a");
	assert_int_equal(clinic->days[VERDICT_SATISFIED], 1);
	assert_int_equal(clinic->days[VERDICT_VIOLATED], 1);
	assert_int_equal(clinic->days[VERDICT_UNOBSERVABLE],
			 1); /* the day with the gap */
	const struct report_cell *hospital = cell_of(report, "hospital-a");
	assert_int_equal(hospital->days[VERDICT_NOT_APPLICABLE], 2);
	assert_int_equal(hospital->days[VERDICT_UNOBSERVABLE], 1);
	assert_int_equal(hospital->hidden, 0);
	assert_int_equal(report->participant[1].unwatched, 1);
	assert_int_equal(report->participant[0].coverage, 1000000ull * 66 / 72);
	report_free(report);
}

static void
hours_that_were_not_watched_are_one_gap(void **state)
{
	struct report *report = gather(state, "region-a", 1, 4);

	assert_int_equal(report->gap_count, 1);
	assert_int_equal(report->gap[0].from, JST_DAY(2));
	assert_int_equal(report->gap[0].to, JST_DAY(2) + 6 * INSTANT_HOUR);
	report_free(report);
}

static void
another_region_is_nowhere_in_it(void **state)
{
	struct report *report = gather(state, "region-a", 1, 4);
	char *text;
	size_t size;

	assert_int_equal(report->access_count, 1);
	assert_int_equal(report->access[0].sessions, 2);
	assert_int_equal(report->access[0].violated, 1);
	for (int format = 0; format < 2; format++) {
		FILE *out = open_memstream(&text, &size);
		(format == 0 ? report_write_text : report_write_html)(report, out);
		fclose(out);
		assert_null(strstr(text, "hospital-b"));
		assert_null(strstr(text, "みどり"));
		assert_null(strstr(text, "10.0.0.1"));
		assert_non_null(strstr(text, "不適合"));
		free(text);
	}
	report_free(report);
}

static void
what_is_not_ours_is_escaped(void **state)
{
	struct report *report = gather(state, "region-a", 1, 4);
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	report_write_html(report, out);
	fclose(out);
	assert_null(strstr(text, "あおば<病院>"));
	assert_non_null(strstr(text, "あおば&lt;病院&gt;"));
	free(text);
	report_free(report);
}

static void
a_month_without_a_violation_is_a_report_too(void **state)
{
	struct report *report = gather(state, "region-a", 1, 2);
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	report_write_text(report, out);
	fclose(out);
	assert_int_equal(report->violated_pairs, 0);
	assert_non_null(strstr(text, "この期間に不適合はありませんでした"));
	free(text);
	report_free(report);
}

static void
a_period_nobody_watched_is_not_called_free_of_violations(void **state)
{
	static const enum report_language languages[] = { REPORT_JA, REPORT_EN };

	for (size_t i = 0; i < 2; i++) {
		struct report *report = gather(state, "region-a", 400, 430);
		char *text = NULL;
		size_t size;
		report->request.language = languages[i];
		FILE *out = open_memstream(&text, &size);
		report_write_text(report, out);
		report_write_html(report, out);
		fclose(out);
		assert_null(strstr(text, "この期間に不適合はありませんでした"));
		assert_null(strstr(text, "No requirement was violated"));
		assert_non_null(strstr(text, i == 0 ? "観測データはありません"
						    : "Nothing was observed"));
		free(text);
		report_free(report);
	}
}

static void
an_unknown_region_is_refused(void **state)
{
	assert_null(gather(state, "region-z", 1, 4));
	assert_non_null(strstr(err.text, "no region region-z"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_without_a_row_go_by_coverage),
		cmocka_unit_test(hours_that_were_not_watched_are_one_gap),
		cmocka_unit_test(another_region_is_nowhere_in_it),
		cmocka_unit_test(what_is_not_ours_is_escaped),
		cmocka_unit_test(a_month_without_a_violation_is_a_report_too),
		cmocka_unit_test(
			a_period_nobody_watched_is_not_called_free_of_violations),
		cmocka_unit_test(an_unknown_region_is_refused),
	};
	return cmocka_run_group_tests(tests, make_store, remove_store);
}
