/* SPDX-License-Identifier: Apache-2.0 */
/* test_record_read: our reader against our writer, against Jansson, and against damage.
 */
#include "common/record_read.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/record_write.h"
#include "tests/unit/json_oracle.h"
#include "tests/unit/random_record.h"
#include "tests/unit/test.h"

static struct record_reader *reader;
static struct record record;
static struct random_record random_one;
static char line[RECORD_SIZE_MAX];
static struct error err;

static int
setup(void **state)
{
	(void)state;
	reader = record_reader_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	record_reader_free(reader);
	return 0;
}

static bool
equal_lists(const struct texts *a, const struct texts *b)
{
	if (a->count != b->count)
		return false;
	for (uint32_t i = 0; i < a->count; i++)
		if (!text_equal(a->at[i], b->at[i]) ||
		    (a->at[i].at == NULL) != (b->at[i].at == NULL))
			return false;
	return true;
}

static bool
equal_values(enum field_type type, const union value *a, const union value *b)
{
	switch (type) {
	case TYPE_EVENT:
	case TYPE_NUMBER:
		return a->number == b->number;
	case TYPE_TIME:
		return a->time.usec == b->time.usec;
	case TYPE_ADDRESS:
		return address_compare(&a->address, &b->address) == 0;
	case TYPE_BOOL:
		return a->flag == b->flag;
	case TYPE_TEXT:
		return text_equal(a->text, b->text);
	case TYPE_TEXTS:
	case TYPE_REASONS:
	case TYPE_TEXT_COLUMN:
		return equal_lists(&a->texts, &b->texts);
	case TYPE_NUMBERS:
	case TYPE_NUMBER_COLUMN:
		return a->numbers.count == b->numbers.count &&
		       (a->numbers.count == 0 ||
			memcmp(a->numbers.at, b->numbers.at,
			       a->numbers.count * sizeof(uint64_t)) == 0);
	}
	return false;
}

static void
assert_equal_records(const struct record *written, const struct record *read)
{
	for (int i = 0; i < FIELD_COUNT; i++) {
		enum field_id field = (enum field_id)i;
		bool is_open = record_fields[i].privacy == PRIVACY_OPEN;

		assert_int_equal(record_is_null(read, field),
				 is_open && record_is_null(written, field));
		assert_int_equal(record_has(read, field),
				 is_open && record_has(written, field));
		if (record_has(read, field) &&
		    !equal_values(record_fields[i].type, &written->value[i],
				  &read->value[i]))
			fail_msg("%s differs", record_fields[i].path);
	}
}

static void
random_records_come_back_equal_and_as_jansson_reads_them(void **state)
{
	(void)state;
	random_one.state = 20261124;
	for (int i = 0; i < 3000; i++) {
		random_record_make(&random_one);
		size_t size = record_write(&random_one.record, NULL, line);
		json_t *json = json_loadb(line, size, JSON_REJECT_DUPLICATES, NULL);

		assert_non_null(json);
		assert_same(&random_one.record, json, true);
		json_decref(json);
		if (!record_read(reader, line, size, &record, &err))
			fail_msg("%s: %.*s", err.text, (int)size, line);
		assert_equal_records(&random_one.record, &record);
	}
	struct record_reader_counters counters = record_reader_counters(reader);
	assert_int_equal(counters.records, 3000);
	assert_int_equal(counters.refused + counters.unknown_members +
				 counters.bad_members + counters.foreign,
			 0);
}

/* Jansson's own way to write it: blanks, other order, escapes beyond ASCII. */
static void
foreign_spelling_of_the_same_record_reads_the_same(void **state)
{
	static const size_t flags[] = { JSON_INDENT(1), JSON_SORT_KEYS,
					JSON_ENSURE_ASCII,
					JSON_ESCAPE_SLASH | JSON_COMPACT };

	(void)state;
	random_one.state = 7;
	for (size_t i = 0; i < 800; i++) {
		random_record_make(&random_one);
		size_t size = record_write(&random_one.record, NULL, line);
		json_t *json = json_loadb(line, size, 0, NULL);
		char *other = json_dumps(json, flags[i % 4]);

		assert_true(record_read(reader, other, strlen(other), &record, &err));
		assert_same(&record, json, false);
		for (int k = 0; k < FIELD_COUNT; k++)
			if (record_fields[k].privacy == PRIVACY_OPEN)
				assert_int_equal(record_has(&record, (enum field_id)k),
						 record_has(&random_one.record,
							    (enum field_id)k));
		free(other);
		json_decref(json);
	}
	struct record_reader_counters counters = record_reader_counters(reader);
	assert_true(counters.foreign > 400);
	assert_int_equal(counters.bad_members, 0);
}

/*
 * Jansson has limits ours has not, knows nothing of what a record needs, and
 * swallows a NUL behind a number (it takes it for the end of its buffer).
 */
static bool
may_differ(const char *text, size_t size, bool is_ours, const json_error_t *theirs)
{
	if (is_ours)
		return strstr(theirs->text, "too big") ||
		       strstr(theirs->text, "overflow") ||
		       strstr(theirs->text, "\\u0000");
	return strstr(err.text, "no timestamp") || strstr(err.text, "no event_type") ||
	       memchr(text, '\0', size) != NULL;
}

/* Reads a copy on a heap block of its own size, with both. */
static void
read_with_both(const char *text, size_t size)
{
	json_error_t theirs;
	char *copy = malloc(size + (size == 0));

	memcpy(copy, text, size);
	bool is_ours = record_read(reader, copy, size, &record, &err);
	json_t *json = json_loadb(copy, size, JSON_REJECT_DUPLICATES, &theirs);
	if (is_ours && json != NULL)
		assert_same(&record, json, false);
	else if (is_ours != (json_is_object(json)) &&
		 !may_differ(text, size, is_ours, &theirs))
		fail_msg("ours %d (%s), Jansson's %s: %.*s", is_ours, err.text,
			 theirs.text, (int)size, text);
	json_decref(json);
	free(copy);
}

static void
each_damage_is_refused_or_read_as_jansson_reads_it(void **state)
{
	static const char damage[] = {
		'\0', '\x1f', ' ', '"', '\\', ',', ':',    '{',
		'}',  '[',    ']', '0', '9',  'e', '\x80', '\xe7'
	};

	(void)state;
	random_one.state = 99;
	for (int i = 0; i < 6; i++) {
		random_record_make(&random_one);
		size_t size = record_write(&random_one.record, NULL, line);

		for (size_t at = 0; at < size; at++) {
			char was = line[at];

			line[at] = damage[random_below(&random_one, sizeof(damage))];
			read_with_both(line, size);
			line[at] = (char)(was ^ 1 << random_below(&random_one, 8));
			read_with_both(line, size);
			line[at] = was;
		}
	}
}

static void
every_prefix_is_refused(void **state)
{
	(void)state;
	random_one.state = 5;
	random_record_make(&random_one);
	size_t size = record_write(&random_one.record, NULL, line);
	for (size_t cut = 0; cut < size; cut++) {
		char *copy = malloc(cut + (cut == 0));

		memcpy(copy, line, cut);
		assert_false(record_read(reader, copy, cut, &record, &err));
		free(copy);
	}
	assert_int_equal(record_reader_counters(reader).refused, size);
}

#define GOOD "\"timestamp\":\"2026-11-24T06:30:00.000000+0000\",\"event_type\":\"tls\""

static bool
reads(const char *text)
{
	return record_read(reader, text, strlen(text), &record, &err);
}

static void
each_reason_to_refuse_is_said(void **state)
{
	static const struct {
		const char *line, *reason;
	} cases[] = {
		{ "", "no JSON object" },
		{ "[]", "no JSON object" },
		{ "{}", "no timestamp" },
		{ "{\"timestamp\":null,\"event_type\":\"tls\"}", "no timestamp" },
		{ "{\"timestamp\":\"noon\",\"event_type\":\"tls\"}", "no timestamp" },
		{ "{\"timestamp\":\"2026-11-24T06:30:00Z\"}", "no event_type" },
		{ "{\"timestamp\":\"2026-11-24T06:30:00Z\",\"event_type\":\"x\"}",
		  "no event_type" },
		{ "{" GOOD "} x", "byte 67: something follows" },
		{ "{" GOOD ",}", "no string" },
		{ "{" GOOD ",\"a\"}", "no colon" },
		{ "{" GOOD ",\"a\":}", "no value" },
		{ "{" GOOD ",\"a\":[1 2]}", "no comma or end" },
		{ "{" GOOD ",\"a\":[1}", "no comma or end" },
		{ "{" GOOD ",\"a\":\"x}", "does not end" },
		{ "{" GOOD ",\"a\":\"\\x\"}", "bad escape" },
		{ "{" GOOD ",\"a\":\"\\ud800\"}", "bad escape" },
		{ "{" GOOD ",\"a\":\"\\udc00\"}", "bad escape" },
		{ "{" GOOD ",\"a\":\"\n\"}", "control character" },
		{ "{" GOOD ",\"a\":\"\xff\"}", "not UTF-8" },
		{ "{" GOOD ",\"a\":01}", "begins with 0" },
		{ "{" GOOD ",\"a\":1.}", "digit is missing" },
		{ "{" GOOD ",\"a\":1e}", "digit is missing" },
		{ "{" GOOD ",\"a\":nul}", "no value" },
		{ "{" GOOD ",\"host\":\"a\",\"host\":\"b\"}", "twice" },
		{ "{" GOOD ",\"host\":null,\"host\":\"b\"}", "twice" },
		{ "{" GOOD ",\"tls\":{},\"tls\":{}}", "twice" },
		{ "{" GOOD ",\"dns\":{\"answers\":null,\"answers\":[]}}", "twice" },
		{ "{" GOOD ",\"dns\":{\"answers\":[{\"ttl\":1,\"ttl\":2}]}}", "twice" },
		{ "{" GOOD ",\"dns\":{\"answers\":[{\"ttl\":1}{}]}}",
		  "no comma or end" },
		{ "{" GOOD ",\"dns\":{\"answers\":[{\"ttl\" 1}]}}", "no colon" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_false(reads(cases[i].line));
		if (strstr(err.text, cases[i].reason) == NULL)
			fail_msg("%s: %s", cases[i].line, err.text);
	}
	assert_int_equal(record_reader_counters(reader).refused,
			 sizeof(cases) / sizeof(cases[0]));
}

static void
unknown_and_bad_members_are_skipped_and_counted(void **state)
{
	(void)state;
	assert_true(reads("{" GOOD ",\"new\":{\"a\":[1,{\"b\":null}],\"c\":-1.5e-3},"
			  "\"host\":\"h\",\"tls\":{\"new\":[],\"sni\":\"s\"}}"));
	assert_true(text_is(record.value[FIELD_HOST].text, "h"));
	assert_true(text_is(record.value[FIELD_TLS_SNI].text, "s"));
	assert_int_equal(record_reader_counters(reader).unknown_members, 2);
	assert_true(reads(
		"{" GOOD ",\"flow_id\":-1,\"host\":1,\"in_iface\":\"a\\u0000b\","
		"\"vlan\":[1,\"2\"],\"src_ip\":\"1.2.3\",\"src_port\":1.0,"
		"\"dest_port\":18446744073709551616,\"flow\":1,"
		"\"tls\":{\"session_resumed\":\"no\",\"subjectaltname\":[\"a\",null]},"
		"\"sekisho\":{\"v\":18446744073709551615,"
		"\"unobservable\":{\"a\":1}}}"));
	assert_int_equal(record_reader_counters(reader).bad_members, 11);
	for (int i = 0; i < FIELD_COUNT; i++)
		assert_int_equal(record_has(&record, (enum field_id)i),
				 i == FIELD_TIMESTAMP || i == FIELD_EVENT_TYPE ||
					 i == FIELD_SEKISHO_V);
	assert_true(record.value[FIELD_SEKISHO_V].number == UINT64_MAX);
}

#define ROWS(rows) "{" GOOD ",\"dns\":{\"answers\":" rows ",\"id\":7}}"

/* What became of dns.answers: 's' seen, 'n' null, '-' missing, of rrname and ttl. */
static const char *
reads_rows(const char *text)
{
	static char outcome[3];
	static const enum field_id fields[] = { FIELD_DNS_AN_RRNAME, FIELD_DNS_AN_TTL };

	if (!reads(text))
		fail_msg("%s: %s", text, err.text);
	assert_int_equal(record.value[FIELD_DNS_ID].number, 7);
	for (size_t i = 0; i < 2; i++)
		outcome[i] = record_has(&record, fields[i])       ? 's'
			     : record_is_null(&record, fields[i]) ? 'n'
								  : '-';
	return outcome;
}

static void
an_array_of_objects_becomes_columns_or_nothing(void **state)
{
	const struct texts *names = &record.value[FIELD_DNS_AN_RRNAME].texts;
	const struct numbers *ttls = &record.value[FIELD_DNS_AN_TTL].numbers;

	(void)state;
	assert_string_equal(
		reads_rows(ROWS("[{\"rrname\":\"a\",\"ttl\":5},{\"new\":[1]},"
				"{\"ttl\":6,\"rrname\":\"\"},{\"rrname\":null}]")),
		"ss");
	assert_int_equal(names->count, 4);
	assert_int_equal(ttls->count, 4);
	assert_true(text_is(names->at[0], "a") && names->at[1].at == NULL &&
		    names->at[2].at != NULL && names->at[3].at == NULL);
	assert_true(ttls->at[0] == 5 && ttls->at[1] == COLUMN_NONE &&
		    ttls->at[2] == 6 && ttls->at[3] == COLUMN_NONE);
	assert_string_equal(reads_rows(ROWS("[{\"rrname\":\"a\"}]")), "sn");
	assert_string_equal(reads_rows(ROWS("[{},{}]")), "nn");
	assert_string_equal(reads_rows(ROWS("[]")), "nn");
	assert_string_equal(reads_rows(ROWS("null")), "nn");
	assert_int_equal(record_reader_counters(reader).bad_members, 0);
	assert_int_equal(record_reader_counters(reader).unknown_members, 1);
	assert_string_equal(reads_rows(ROWS("[{\"rrname\":\"a\"},1]")), "--");
	assert_string_equal(reads_rows(ROWS("[{\"rrname\":\"a\",\"ttl\":-1}]")), "--");
	assert_string_equal(reads_rows(ROWS("[{\"ttl\":18446744073709551615}]")), "--");
	assert_string_equal(reads_rows(ROWS("{\"rrname\":\"a\"}")), "--");
	assert_int_equal(record_reader_counters(reader).bad_members, 4);
}

static void
an_array_has_at_most_so_many_objects(void **state)
{
	(void)state;
	for (int more = 0; more < 2; more++) {
		size_t used =
			(size_t)snprintf(line, sizeof(line),
					 "{" GOOD ",\"dns\":{\"id\":7,\"answers\":[");

		for (int i = 0; i < COLUMN_ROWS_MAX + more; i++, used += 10)
			memcpy(line + used, "{\"ttl\":1},", 10);
		memcpy(line + used - 1, "]}}", 4);
		assert_string_equal(reads_rows(line), more ? "--" : "ns");
	}
	assert_int_equal(record_reader_counters(reader).bad_members, 1);
}

/* A list of 'depth' lists as an unknown member. */
static bool
reads_nested(size_t depth)
{
	int size = snprintf(line, sizeof(line), "{" GOOD ",\"a\":");

	memset(line + size, '[', depth);
	memset(line + size + depth, ']', depth);
	line[(size_t)size + 2 * depth] = '}';
	return record_read(reader, line, (size_t)size + 2 * depth + 1, &record, &err);
}

static void
limits_of_depth_and_size_hold_exactly(void **state)
{
	(void)state;
	assert_true(reads_nested(64));
	assert_false(reads_nested(65));
	assert_non_null(strstr(err.text, "too deep"));
	assert_false(reads_nested(30000));

	char *large = malloc(RECORD_SIZE_MAX + 1);
	memset(large, ' ', RECORD_SIZE_MAX + 1);
	memcpy(large, "{" GOOD "}", strlen("{" GOOD "}"));
	assert_true(record_read(reader, large, RECORD_SIZE_MAX, &record, &err));
	assert_false(record_read(reader, large, RECORD_SIZE_MAX + 1, &record, &err));
	assert_non_null(strstr(err.text, "65537 bytes"));
	free(large);
}

/* The arena is as large as the fullest line; a sanitizer sees if it is not. */
static void
the_fullest_lists_fit(void **state)
{
	static const struct {
		const char *begin, *item;
		enum field_id field;
	} cases[] = {
		{ "{" GOOD ",\"vlan\":[", "1,", FIELD_VLAN },
		{ "{" GOOD ",\"tls\":{\"subjectaltname\":[", "\"\",",
		  FIELD_TLS_SUBJECTALTNAME },
		{ "{" GOOD ",\"tls\":{\"subjectaltname\":[", "\"\\n\",",
		  FIELD_TLS_SUBJECTALTNAME },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t used = strlen(cases[i].begin), step = strlen(cases[i].item);

		memcpy(line, cases[i].begin, used);
		for (; used + step + 4 < sizeof(line); used += step)
			memcpy(line + used, cases[i].item, step);
		memcpy(line + used - 1, i == 0 ? "]}" : "]}}", 3);
		assert_true(record_read(reader, line, used + (i == 0 ? 1 : 2), &record,
					&err));
		assert_true(record_has(&record, cases[i].field));
	}
}

static void
a_line_end_is_no_deviation_but_a_blank_is(void **state)
{
	(void)state;
	assert_true(reads("{" GOOD "}\r\n"));
	assert_int_equal(record_reader_counters(reader).foreign, 0);
	assert_true(reads("{ " GOOD "}"));
	assert_true(reads(
		"{\"event_type\":\"tls\",\"timestamp\":\"2026-11-24T06:30:00Z\"}"));
	assert_true(reads("{" GOOD ",\"h\\u006fst\":\"x\"}"));
	assert_true(text_is(record.value[FIELD_HOST].text, "x"));
	assert_int_equal(record_reader_counters(reader).foreign, 3);
}

static void
days_are_remembered_without_mixing_them_up(void **state)
{
	static const struct {
		const char *text;
		int64_t usec;
	} cases[] = {
		{ "2016-05-27T06:56:11.304062+0000", 1464332171304062 },
		{ "2016-05-27T06:56:12.304062+0000", 1464332172304062 },
		{ "2016-05-28T06:56:12.304062+0000", 1464418572304062 },
		{ "2016-05-27T01:00:00.000000+0900", 1464278400000000 },
		{ "2016-05-27T06:56:11.304062+0000", 1464332171304062 },
		{ "1969-12-31T23:59:59.999999+0000", -1 },
		{ "1969-12-31T00:00:00.000000+0000", -86400000000 },
		{ "1990-12-31T23:59:60.000000+0000", 662688000000000 },
		{ "1990-12-31T00:00:00.000000+0000", 662601600000000 },
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text),
			 "{\"timestamp\":\"%s\",\"event_type\":\"tick\"}",
			 cases[i].text);
		assert_true(reads(text));
		assert_true(record.value[FIELD_TIMESTAMP].time.usec == cases[i].usec);
	}
	assert_false(reads("{\"timestamp\":\"1990-12-31T24:00:00.000000+0000\","
			   "\"event_type\":\"tick\"}"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(random_records_come_back_equal_and_as_jansson_reads_them),
		TEST(foreign_spelling_of_the_same_record_reads_the_same),
		TEST(each_damage_is_refused_or_read_as_jansson_reads_it),
		TEST(every_prefix_is_refused),
		TEST(each_reason_to_refuse_is_said),
		TEST(unknown_and_bad_members_are_skipped_and_counted),
		TEST(an_array_of_objects_becomes_columns_or_nothing),
		TEST(an_array_has_at_most_so_many_objects),
		TEST(limits_of_depth_and_size_hold_exactly),
		TEST(the_fullest_lists_fit),
		TEST(a_line_end_is_no_deviation_but_a_blank_is),
		TEST(days_are_remembered_without_mixing_them_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
