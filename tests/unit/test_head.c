/* SPDX-License-Identifier: Apache-2.0 */
/* test_head: whatever two parsers could read in two ways is refused. */
#include "tests/unit/test.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "dashboards/console/head.h"

static const char good[] =
	"POST /api/v1/alerts/bulk?q=a%20b HTTP/1.1\r\nHost: soc.example:8640\r\n"
	"Content-Type: application/json\r\nContent-Length: 12\r\n\r\n";

static enum head_fault
check(const char *head, size_t size, size_t *body)
{
	return head_check(head, size, body);
}

static enum head_fault
fault_of(const char *head)
{
	size_t body;

	return check(head, strlen(head), &body);
}

static void
an_honest_head_passes_with_its_length(void **state)
{
	(void)state;
	size_t body = 0;

	assert_int_equal(head_length(good, sizeof(good) - 1), sizeof(good) - 1);
	assert_int_equal(check(good, sizeof(good) - 1, &body), HEAD_OK);
	assert_int_equal(body, 12);
	assert_int_equal(fault_of("GET / HTTP/1.0\r\nHost: [::1]:8640\r\n\r\n"),
			 HEAD_OK);
	assert_int_equal(
		fault_of("HEAD /a-b_c~d,e@f HTTP/1.1\r\nhOST:x\r\nA:\tb \r\n\r\n"),
		HEAD_OK);
}

static void
every_prefix_is_no_head(void **state)
{
	(void)state;
	for (size_t size = 0; size < sizeof(good) - 1; size++) {
		size_t body;
		char *copy = malloc(
			size +
			1); /* exact, so that the sanitizer sees a step too far */
		memcpy(copy, good, size);
		assert_int_equal(head_length(copy, size), 0);
		assert_int_not_equal(check(copy, size, &body), HEAD_FAULT_COUNT);
		free(copy);
	}
}

/* What an accepted head may not hold, however it came to be. */
static void
assert_plain(const char *head, size_t size)
{
	assert_null(memchr(head, '\0', size));
	for (size_t i = 0; i < size; i++)
		if (head[i] == '\n' || head[i] == '\r')
			assert_true(head[i] == '\n'
					    ? i > 0 && head[i - 1] == '\r'
					    : i + 1 < size && head[i + 1] == '\n');
}

static void
every_damaged_byte_is_refused_or_harmless(void **state)
{
	(void)state;
	char copy[sizeof(good)];

	for (size_t at = 0; at < sizeof(good) - 1; at++)
		for (int value = 0; value < 256; value++) {
			size_t body;
			memcpy(copy, good, sizeof(good));
			copy[at] = (char)value;
			size_t size = head_length(copy, sizeof(good) - 1);
			if (size > 0 && check(copy, size, &body) == HEAD_OK) {
				assert_plain(copy, size);
				assert_true(body <= BODY_SIZE_MAX);
			}
		}
}

static const struct {
	const char *head;
	enum head_fault fault;
} damages[] = {
	{ "", HEAD_LINE },
	{ "GET\r\n\r\n", HEAD_LINE },
	{ "GET /\r\n\r\n", HEAD_LINE },
	{ "get / HTTP/1.1\r\nHost: x\r\n\r\n", HEAD_METHOD },
	{ "PUT / HTTP/1.1\r\nHost: x\r\n\r\n", HEAD_METHOD },
	{ "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", HEAD_PATH },
	{ "GET * HTTP/1.1\r\nHost: x\r\n\r\n", HEAD_PATH },
	{ "GET /a/./b HTTP/1.1\r\nHost: x\r\n\r\n", HEAD_PATH },
	{ "GET /.git HTTP/1.1\r\nHost: x\r\n\r\n", HEAD_PATH },
	{ "GET /a%5cb HTTP/1.1\r\nHost: x\r\n\r\n", HEAD_PATH },
	{ "GET /a%2Fb HTTP/1.1\r\nHost: x\r\n\r\n", HEAD_PATH },
	{ "GET /a%zz HTTP/1.1\r\nHost: x\r\n\r\n", HEAD_PATH },
	{ "GET /a% HTTP/1.1\r\nHost: x\r\n\r\n", HEAD_PATH },
	{ "GET /a?b=%0 HTTP/1.1\r\nHost: x\r\n\r\n", HEAD_PATH },
	{ "GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n", HEAD_PATH },
	{ "GET / HTTP/1.1 \r\nHost: x\r\n\r\n", HEAD_VERSION },
	{ "GET / HTTP/2\r\nHost: x\r\n\r\n", HEAD_VERSION },
	{ "GET / HTTP/1.1\r\nHost\r\n\r\n", HEAD_FIELD },
	{ "GET / HTTP/1.1\r\n Host: x\r\n\r\n", HEAD_FIELD },
	{ "GET / HTTP/1.1\r\nHost: x\r\nA b: c\r\n\r\n", HEAD_FIELD },
	{ "GET / HTTP/1.1\r\nHost: x\r\nA: \x7f\r\n\r\n", HEAD_FIELD },
	{ "GET / HTTP/1.1\r\nHost:\r\n\r\n", HEAD_HOST },
	{ "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", HEAD_HOST },
	{ "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", HEAD_HOST },
	{ "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", HEAD_HOST },
	{ "POST / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n", HEAD_LENGTH },
	{ "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", HEAD_LENGTH },
	{ "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1 1\r\n\r\n", HEAD_LENGTH },
	{ "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n", HEAD_BODY },
	{ "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551617\r\n\r\n",
	  HEAD_BODY },
	{ "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n",
	  HEAD_ENCODING },
};

static void
each_damage_has_its_fault(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++)
		if (fault_of(damages[i].head) != damages[i].fault)
			fail_msg("%s: %s, expected %s", damages[i].head,
				 head_fault_name(fault_of(damages[i].head)),
				 head_fault_name(damages[i].fault));
}

static void
the_cap_of_fields_is_exact(void **state)
{
	(void)state;
	for (int fields = HEAD_FIELDS_MAX - 1; fields <= HEAD_FIELDS_MAX; fields++) {
		char head[4096] = "GET / HTTP/1.1\r\nHost: x\r\n";
		for (int i = 0; i < fields; i++)
			strcat(head, "A: b\r\n");
		strcat(head, "\r\n");
		assert_int_equal(fault_of(head),
				 fields < HEAD_FIELDS_MAX ? HEAD_OK : HEAD_FIELD);
	}
}

static void
the_greatest_body_passes(void **state)
{
	(void)state;
	size_t body;
	const char *head =
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65536\r\n\r\n";

	assert_int_equal(check(head, strlen(head), &body), HEAD_OK);
	assert_int_equal(body, BODY_SIZE_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_honest_head_passes_with_its_length),
		cmocka_unit_test(every_prefix_is_no_head),
		cmocka_unit_test(every_damaged_byte_is_refused_or_harmless),
		cmocka_unit_test(each_damage_has_its_fault),
		cmocka_unit_test(the_cap_of_fields_is_exact),
		cmocka_unit_test(the_greatest_body_passes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
