/* SPDX-License-Identifier: Apache-2.0 */
/* test_calendar: days, weeks and months begin where the zone says, also at the edges.
 */
#include "tests/unit/test.h"

#include "common/calendar.h"

static struct instant
instant(const char *text)
{
	struct instant at;

	if (!instant_from_text(text, strlen(text), &at))
		fail_msg("no instant: %s", text);
	return at;
}

static void
days_and_dates_are_each_others_inverse(void **state)
{
	(void)state;
	int64_t days = date_to_days((struct date){ 1, 1, 1 });
	int64_t last = date_to_days((struct date){ 9999, 12, 31 });

	assert_int_equal(date_to_days((struct date){ 1970, 1, 1 }), 0);
	assert_int_equal(date_to_days((struct date){ 2000, 2, 29 }), 11016);
	assert_int_equal(date_to_days((struct date){ 2026, 11, 24 }), 20781);
	for (; days <= last; days++) {
		struct date date = date_from_days(days);
		if (!date_is_valid(date) || date_to_days(date) != days)
			fail_msg("day %lld became %d-%d-%d", (long long)days, date.year,
				 date.month, date.day);
	}
}

static void
weekdays_count_from_monday(void **state)
{
	(void)state;

	assert_int_equal(date_weekday((struct date){ 2026, 11, 24 }),
			 1); /* a Tuesday */
	assert_int_equal(date_weekday((struct date){ 1970, 1, 4 }), 6);
	assert_int_equal(date_weekday((struct date){ 1969, 12, 29 }), 0);
}

static void
only_real_dates_are_read(void **state)
{
	(void)state;
	static const char *const bad[] = { "",           "2026-11",     "2026-13-01",
					   "2026-02-29", "2026-00-10",  "2026-1-001",
					   "2026-11-31", "0000-01-01",  "2026/11/03",
					   "2026-11-0x", "2026-11-03 ", "1900-02-29" };
	struct date date = { 7, 7, 7 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (date_from_text(bad[i], &date) || date.year != 7)
			fail_msg("taken: %s", bad[i]);
	assert_true(date_from_text("2024-02-29", &date));
	assert_int_equal(date.day, 29);
}

/* clang-format off */
static const struct {
	const char *at, *zone;
	enum calendar_unit unit;
	const char *from, *to;
} windows[] = {
	/* a day of Japan ends at 15:00 UTC */
	{ "2026-11-03T14:59:59.999999Z", "Asia/Tokyo", CALENDAR_DAY,   "2026-11-03T00:00:00+09:00", "2026-11-04T00:00:00+09:00" },
	{ "2026-11-03T15:00:00Z",        "Asia/Tokyo", CALENDAR_DAY,   "2026-11-04T00:00:00+09:00", "2026-11-05T00:00:00+09:00" },
	{ "2026-11-03T15:00:00Z",        "UTC",        CALENDAR_DAY,   "2026-11-03T00:00:00Z",      "2026-11-04T00:00:00Z" },
	{ "2026-10-31T14:59:59.999999Z", "Asia/Tokyo", CALENDAR_MONTH, "2026-10-01T00:00:00+09:00", "2026-11-01T00:00:00+09:00" },
	{ "2026-10-31T15:00:00Z",        "Asia/Tokyo", CALENDAR_MONTH, "2026-11-01T00:00:00+09:00", "2026-12-01T00:00:00+09:00" },
	{ "2026-12-31T15:00:00Z",        "Asia/Tokyo", CALENDAR_MONTH, "2027-01-01T00:00:00+09:00", "2027-02-01T00:00:00+09:00" },
	{ "2028-02-29T00:00:00+09:00",   "+09:00",     CALENDAR_MONTH, "2028-02-01T00:00:00+09:00", "2028-03-01T00:00:00+09:00" },
	{ "2026-11-29T23:59:59+09:00",   "Asia/Tokyo", CALENDAR_WEEK,  "2026-11-23T00:00:00+09:00", "2026-11-30T00:00:00+09:00" },
	{ "2026-11-30T00:00:00+09:00",   "Asia/Tokyo", CALENDAR_WEEK,  "2026-11-30T00:00:00+09:00", "2026-12-07T00:00:00+09:00" },
	{ "1969-12-31T23:00:00Z",        "UTC",        CALENDAR_DAY,   "1969-12-31T00:00:00Z",      "1970-01-01T00:00:00Z" },
	{ "1970-01-01T00:00:00Z",        "-03:30",     CALENDAR_DAY,   "1969-12-31T03:30:00Z",      "1970-01-01T03:30:00Z" },
};

static const struct {
	const char *text;
	const char *from, *to; /* or NULL and what the message holds */
} periods[] = {
	{ "2026-11",                "2026-11-01T00:00:00+09:00", "2026-12-01T00:00:00+09:00" },
	{ "2026-12",                "2026-12-01T00:00:00+09:00", "2027-01-01T00:00:00+09:00" },
	{ "2026-11-03",             "2026-11-03T00:00:00+09:00", "2026-11-04T00:00:00+09:00" },
	{ "2026-11-01..2026-11-04", "2026-11-01T00:00:00+09:00", "2026-11-04T00:00:00+09:00" },
	{ "2026-10..2026-11",       "2026-10-01T00:00:00+09:00", "2026-11-01T00:00:00+09:00" },
	{ "2026-11-03T01:00:00Z..2026-11-03T02:00:00+00:00", "2026-11-03T01:00:00Z", "2026-11-03T02:00:00Z" },
	{ "2026-13", NULL, "no period" }, { "", NULL, "no period" }, { "november", NULL, "no period" },
	{ "..", NULL, "no date" }, { "2026-11..", NULL, "no date" }, { "2026-11..x", NULL, "no date" },
	{ "2026-11-04..2026-11-04", NULL, "ends before it begins" },
	{ "2026-11..2026-10", NULL, "ends before it begins" },
};
/* clang-format on */

static void
windows_begin_and_end_with_the_zone(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
		struct error err;
		struct zone zone;
		assert_int_equal(zone_from_text(windows[i].zone, &zone, &err), 0);
		struct span span =
			calendar_window(instant(windows[i].at), windows[i].unit, zone);
		if (span.from.usec != instant(windows[i].from).usec ||
		    span.to.usec != instant(windows[i].to).usec)
			fail_msg("window of %s in %s", windows[i].at, windows[i].zone);
	}
}

static void
windows_of_days_tile_time(void **state)
{
	(void)state;
	struct instant at = instant("2026-11-03T12:00:00+09:00");

	for (int64_t days = 1; days < 40; days++) {
		struct span span = calendar_days_window(at, days, ZONE_TOKYO);
		struct span next = calendar_days_window(span.to, days, ZONE_TOKYO);
		assert_true(span.from.usec <= at.usec && at.usec < span.to.usec);
		assert_int_equal(span.to.usec - span.from.usec, days * INSTANT_DAY);
		assert_int_equal(next.from.usec, span.to.usec);
	}
}

static void
periods_are_half_open(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++) {
		struct error err = { "" };
		struct span span;
		int result = calendar_period(periods[i].text, ZONE_TOKYO, &span, &err);
		if (periods[i].from == NULL) {
			if (result == 0 || strstr(err.text, periods[i].to) == NULL)
				fail_msg("%s: \"%s\"", periods[i].text, err.text);
		} else if (result == -1 ||
			   span.from.usec != instant(periods[i].from).usec ||
			   span.to.usec != instant(periods[i].to).usec) {
			fail_msg("%s: %s", periods[i].text, err.text);
		}
	}
}

static void
zones_with_summer_time_are_refused_in_words(void **state)
{
	(void)state;
	static const char *const bad[] = { "Europe/Berlin", "",       "+9:00",
					   "+09:60",        "+15:00", "09:00",
					   "asia/tokyo",    "+0900" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct error err;
		struct zone zone;
		if (zone_from_text(bad[i], &zone, &err) != -1)
			fail_msg("taken: %s", bad[i]);
		assert_non_null(strstr(err.text, "Asia/Tokyo"));
	}
}

static void
times_and_japanese_years_are_written(void **state)
{
	(void)state;
	char text[CALENDAR_TEXT_SIZE];

	assert_int_equal(
		calendar_to_text(instant("2026-11-03T15:04:05Z"), ZONE_TOKYO, text),
		19);
	assert_string_equal(text, "2026-11-04 00:04:05");
	date_to_japanese((struct date){ 2026, 11, 3 }, text);
	assert_string_equal(text, "令和8年11月3日");
	date_to_japanese((struct date){ 2019, 5, 1 }, text);
	assert_string_equal(text, "令和元年5月1日");
	date_to_japanese((struct date){ 2019, 4, 30 }, text);
	assert_string_equal(text, "2019年4月30日");
	date_to_japanese((struct date){ 1, 1, 1 }, text);
	assert_string_equal(text, "1年1月1日");
}

static void
open_ends_stay_inside_the_years(void **state)
{
	(void)state;
	char text[CALENDAR_TEXT_SIZE];

	calendar_to_text((struct instant){ INT64_MAX }, ZONE_TOKYO, text);
	assert_string_equal(text, "9999-12-30 09:00:00");
	calendar_to_text((struct instant){ INT64_MIN }, ZONE_TOKYO, text);
	assert_string_equal(text, "0001-01-02 09:00:00");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_and_dates_are_each_others_inverse),
		cmocka_unit_test(weekdays_count_from_monday),
		cmocka_unit_test(only_real_dates_are_read),
		cmocka_unit_test(windows_begin_and_end_with_the_zone),
		cmocka_unit_test(windows_of_days_tile_time),
		cmocka_unit_test(periods_are_half_open),
		cmocka_unit_test(zones_with_summer_time_are_refused_in_words),
		cmocka_unit_test(open_ends_stay_inside_the_years),
		cmocka_unit_test(times_and_japanese_years_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
