/* SPDX-License-Identifier: Apache-2.0 */
/* test_instant: what common/instant promises. */
#include "common/instant.h"

#include <time.h>

#include "tests/unit/test.h"

static bool
reads(const char *text, int64_t usec)
{
	struct instant at = { -1 };

	return instant_from_text(text, strlen(text), &at) && at.usec == usec;
}

static void
known_instants_are_written_as_eve_has_them(void **state)
{
	static const struct {
		int64_t usec;
		const char *text;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00.000000+0000" },
		{ -1, "1969-12-31T23:59:59.999999+0000" },
		{ 1464332171304062, "2016-05-27T06:56:11.304062+0000" },
		{ 951782400000000, "2000-02-29T00:00:00.000000+0000" },
		{ 4107542400000000, "2100-03-01T00:00:00.000000+0000" },
		{ -2208988800000000, "1900-01-01T00:00:00.000000+0000" },
		{ -62167219200000000, "0000-01-01T00:00:00.000000+0000" },
		{ 253402300799999999, "9999-12-31T23:59:59.999999+0000" },
		{ INT64_MIN, "0000-01-01T00:00:00.000000+0000" },
		{ INT64_MAX, "9999-12-31T23:59:59.999999+0000" },
	};
	char text[INSTANT_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t size = instant_to_text((struct instant){ cases[i].usec }, text);

		assert_string_equal(text, cases[i].text);
		assert_int_equal(size, strlen(text));
	}
}

static void
every_day_of_eight_centuries_agrees_with_the_c_library(void **state)
{
	char ours[INSTANT_TEXT_SIZE], theirs[INSTANT_TEXT_SIZE];

	(void)state;
	for (int64_t day = -146097; day < 146097; day++) {
		time_t second = day * 86400 + 86399;
		struct instant at = { second * INSTANT_SECOND }, again;
		struct tm parts;

		gmtime_r(&second, &parts);
		strftime(theirs, sizeof(theirs), "%Y-%m-%dT%H:%M:%S.000000+0000",
			 &parts);
		size_t size = instant_to_text(at, ours);
		assert_string_equal(ours, theirs);
		assert_true(instant_from_text(ours, size, &again));
		assert_int_equal(again.usec, at.usec);
	}
}

static void
rfc_3339_and_offsets_are_read(void **state)
{
	(void)state;
	assert_true(reads("2016-05-27T06:56:11.304062+0000", 1464332171304062));
	assert_true(reads("2016-05-27T15:56:11.304062+09:00", 1464332171304062));
	assert_true(reads("2016-05-27T15:56:11.304062+0900", 1464332171304062));
	assert_true(reads("2016-05-27T01:26:11.304062-05:30", 1464332171304062));
	assert_true(reads("2016-05-27t06:56:11.304062999z", 1464332171304062));
	assert_true(reads("2016-05-27T06:56:11.3Z", 1464332171300000));
	assert_true(reads("2016-05-27T06:56:11Z", 1464332171000000));
	assert_true(reads("1990-12-31T23:59:60Z", 662688000000000)); /* RFC 3339 5.8 */
}

static void
what_is_no_instant_is_refused_and_touches_nothing(void **state)
{
	static const char *const wrong[] = {
		"",
		"Z",
		"2016-05-27",
		"2016-05-27T06:56:11",
		"2016-05-27 06:56:11Z",
		"2016-13-27T06:56:11Z",
		"2016-00-27T06:56:11Z",
		"2015-02-29T00:00:00Z",
		"1900-02-29T00:00:00Z",
		"2016-04-31T00:00:00Z",
		"2016-05-00T00:00:00Z",
		"2016-05-27T24:00:00Z",
		"2016-05-27T00:60:00Z",
		"2016-05-27T00:00:61Z",
		"2016-05-27T06:56:11.Z",
		"2016-05-27T06:56:11.1234567890Z",
		"2016-05-27T06:56:11+24:00",
		"2016-05-27T06:56:11+09:60",
		"2016-05-27T06:56:11+9",
		"2016-05-27T06:56:11Zx",
		"+016-05-27T06:56:11Z",
		"2016-05-27T06:56:1aZ",
		"2016-05-27T06:56:11,5Z",
	};
	struct instant at = { 42 };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (instant_from_text(wrong[i], strlen(wrong[i]), &at))
			fail_msg("read: %s", wrong[i]);
	assert_int_equal(at.usec, 42);
}

static void
every_prefix_is_refused(void **state)
{
	const char *text = "2016-05-27T06:56:11.304062+09:00";
	struct instant at;

	(void)state;
	for (size_t size = 0; size < strlen(text); size++)
		assert_false(instant_from_text(text, size, &at));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_instants_are_written_as_eve_has_them),
		cmocka_unit_test(
			every_day_of_eight_centuries_agrees_with_the_c_library),
		cmocka_unit_test(rfc_3339_and_offsets_are_read),
		cmocka_unit_test(what_is_no_instant_is_refused_and_touches_nothing),
		cmocka_unit_test(every_prefix_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
