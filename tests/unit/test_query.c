/* SPDX-License-Identifier: Apache-2.0 */
/* test_query: what is typed above the queue becomes terms, or is refused with the
 * place. */
#include "tests/unit/test.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "dashboards/console/query.h"

static struct alert_filter
parsed(const char *text)
{
	struct alert_filter filter = { .me = "ana" };
	struct query_fault fault;

	if (!query_parse(text, &filter, &fault))
		fail_msg("%s: at %u '%s', expected %s", text, fault.at, fault.token,
			 fault.expected);
	return filter;
}

static void
words_become_terms(void **state)
{
	(void)state;
	struct alert_filter filter = parsed("rule:R-TLS-* -sev:>=high state:new,closed "
					    "\"two words\"  is:mine port:443 北病院");

	assert_int_equal(filter.term_count, 7);
	assert_int_equal(filter.term[0].key, ALERT_KEY_RULE);
	assert_true(filter.term[0].is_prefix);
	assert_string_equal(filter.term[0].value, "R-TLS-");
	assert_int_equal(filter.term[1].compare, ALERT_AT_LEAST);
	assert_true(filter.term[1].is_negated);
	assert_string_equal(filter.term[1].value, "high");
	assert_int_equal(filter.term[2].values, 2);
	assert_memory_equal(filter.term[2].value, "new\0closed", 11);
	assert_int_equal(filter.term[3].key, ALERT_KEY_TEXT);
	assert_string_equal(filter.term[3].value, "two words");
	assert_int_equal(filter.term[4].key, ALERT_KEY_ASSIGNEE);
	assert_string_equal(filter.term[4].value, "ana");
	assert_string_equal(filter.term[6].value, "北病院");
}

static void
text_is_text_whatever_it_holds(void **state)
{
	(void)state;
	assert_int_equal(parsed("").term_count, 0);
	assert_int_equal(parsed(" \t ").term_count, 0);
	assert_string_equal(parsed("http://a").term[0].value, "http://a");
	assert_string_equal(parsed("a,b").term[0].value, "a,b");
	assert_string_equal(parsed("';DROP").term[0].value, "';DROP");
	assert_string_equal(parsed("\"rule:x\"").term[0].value, "rule:x");
	assert_int_equal(parsed("\"rule:x\"").term[0].key, ALERT_KEY_TEXT);
	assert_true(parsed("-\"a b\"").term[0].is_negated);
}

static void
each_fault_has_its_place(void **state)
{
	(void)state;
	static const struct {
		const char *query;
		unsigned at;
		const char *token;
	} faults[] = {
		{ "sev:urgent", 0, "sev:urgent" },
		{ "a sev:", 2, "sev:" },
		{ "病院 state:x", 3, "state:x" },
		{ "port:65536", 0, "port:65536" },
		{ "port:-1", 0, "port:-1" },
		{ "\"open", 0, "\"open" },
		{ "a\"b", 0, "a\"b" },
		{ "- a", 0, "-" },
		{ "-", 0, "-" },
		{ "state:new,,closed", 0, "state:new,,closed" },
		{ "\"\"", 0, "\"\"" },
		{ "is:mine,late", 0, "is:mine,late" },
		{ "sev:>=", 0, "sev:>=" },
	};

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct alert_filter filter = { .me = "ana" };
		struct query_fault fault;
		if (query_parse(faults[i].query, &filter, &fault))
			fail_msg("%s was taken", faults[i].query);
		assert_int_equal(fault.at, faults[i].at);
		assert_string_equal(fault.token, faults[i].token);
		assert_non_null(fault.expected);
	}
}

static void
the_caps_are_exact(void **state)
{
	(void)state;
	char query[8192] = "";
	struct alert_filter filter = { .me = "ana" };
	struct query_fault fault;

	for (int i = 0; i < ALERT_TERMS_MAX; i++)
		strcat(query, "a ");
	assert_int_equal(parsed(query).term_count, ALERT_TERMS_MAX);
	strcat(query, "b");
	assert_false(query_parse(query, &filter, &fault));
	assert_string_equal(fault.token, "b");

	strcpy(query, "poi:a");
	for (int i = 1; i < ALERT_VALUES_MAX; i++)
		strcat(query, ",a");
	assert_int_equal(parsed(query).term[0].values, ALERT_VALUES_MAX);
	filter = (struct alert_filter){ .me = "ana" };
	strcat(query, ",a");
	assert_false(query_parse(query, &filter, &fault));

	filter = (struct alert_filter){ .me = "ana" };
	memset(query, 'a', QUERY_SIZE_MAX + 1);
	query[QUERY_SIZE_MAX + 1] = '\0';
	assert_false(query_parse(query, &filter, &fault));
	filter = (struct alert_filter){ .me = "ana" };
	query[256] = '\0';
	assert_false(query_parse(query, &filter, &fault));
	query[255] = '\0';
	assert_int_equal(parsed(query).term_count, 1);
}

static void
every_prefix_and_every_damaged_byte_ends(void **state)
{
	(void)state;
	static const char query[] =
		"rule:R-* -sev:>=high \"a b\" is:mine port:443 state:new,closed";

	for (size_t at = 0; at < sizeof(query); at++)
		for (int value = 0; value < 256; value++) {
			struct alert_filter filter = { .me = "ana" };
			struct query_fault fault;
			char *copy = malloc(sizeof(query));
			memcpy(copy, query, sizeof(query));
			copy[at] = (char)value;
			if (at == sizeof(query) - 1)
				copy[at] = '\0';
			if (!query_parse(copy, &filter, &fault))
				assert_true(strlen(fault.token) < sizeof(fault.token));
			assert_true(filter.term_count <= ALERT_TERMS_MAX);
			free(copy);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_become_terms),
		cmocka_unit_test(text_is_text_whatever_it_holds),
		cmocka_unit_test(each_fault_has_its_place),
		cmocka_unit_test(the_caps_are_exact),
		cmocka_unit_test(every_prefix_and_every_damaged_byte_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
