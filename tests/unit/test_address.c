/* SPDX-License-Identifier: Apache-2.0 */
/* test_address: what common/address promises. */
#include "common/address.h"

#include <arpa/inet.h>

#include "tests/unit/test.h"

static struct address
address(const char *text)
{
	struct address read;

	if (!address_from_text(text_of(text), &read))
		fail_msg("no address: %s", text);
	return read;
}

static bool
writes(const char *text, const char *expected)
{
	char written[ADDRESS_TEXT_SIZE];
	struct address read = address(text);

	return address_to_text(&read, written) == strlen(expected) &&
	       strcmp(written, expected) == 0;
}

static void
usual_forms_are_read_and_written_in_one_form(void **state)
{
	(void)state;
	assert_true(writes("192.0.2.1", "192.0.2.1"));
	assert_true(writes("0.0.0.0", "0.0.0.0"));
	assert_true(writes("255.255.255.255", "255.255.255.255"));
	assert_true(writes("::ffff:192.0.2.1", "192.0.2.1"));
	assert_true(writes("2001:db8::1", "2001:0db8:0000:0000:0000:0000:0000:0001"));
	assert_true(writes("2001:DB8::A", "2001:0db8:0000:0000:0000:0000:0000:000a"));
	assert_true(writes("::", "0000:0000:0000:0000:0000:0000:0000:0000"));
}

static void
what_is_no_address_is_refused(void **state)
{
	static const char *const wrong[] = { "",
					     "1",
					     "1.2.3",
					     "1.2.3.4.5",
					     "256.1.1.1",
					     "1.2.3.4 ",
					     "01.2.3.4",
					     "1.2.3.",
					     ".1.2.3",
					     "1..2.3",
					     "1.2.3.0x1",
					     "fe80::1%eth0",
					     "2001:db8",
					     ":::",
					     "g::",
					     "1234.1.1.1",
					     "2001:db8::1::2" };
	struct address read;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (address_from_text(text_of(wrong[i]), &read))
			fail_msg("read: %s", wrong[i]);
	assert_false(address_from_text((struct text){ "1.2.3.4\0", 8 }, &read));
	assert_false(address_from_text((struct text){ "::1\0", 4 }, &read));
}

static void
random_addresses_agree_with_the_c_library(void **state)
{
	uint64_t seed = 1;
	uint8_t byte[16];
	char theirs[INET6_ADDRSTRLEN], ours[ADDRESS_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < 20000; i++) {
		for (size_t k = 0; k < 16; k++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			byte[k] = (seed >> 40 & 3) == 0 ? 0 : (uint8_t)(seed >> 56);
		}
		struct address four = address_from_ipv4(byte),
			       six = address_from_ipv6(byte);
		inet_ntop(AF_INET, byte, theirs, sizeof(theirs));
		address_to_text(&four, ours);
		assert_string_equal(ours, theirs);
		struct address again = address(theirs);
		assert_int_equal(address_compare(&again, &four), 0);
		inet_ntop(AF_INET6, byte, theirs, sizeof(theirs));
		again = address(theirs);
		assert_int_equal(address_compare(&again, &six), 0);
		address_to_text(&six, ours);
		again = address(ours);
		assert_int_equal(address_compare(&again, &six), 0);
	}
}

static void
ipv4_is_told_from_ipv6(void **state)
{
	struct address four = address("192.0.2.1"), six = address("2001:db8::1");

	(void)state;
	assert_true(address_is_ipv4(&four));
	assert_false(address_is_ipv4(&six));
	assert_true(address_compare(&four, &six) < 0);
	assert_true(address_compare(&six, &four) > 0);
}

static bool
contains(const char *text, const char *inside)
{
	struct prefix prefix;
	struct address read = address(inside);

	if (!prefix_from_text(text_of(text), &prefix))
		fail_msg("no prefix: %s", text);
	return prefix_contains(&prefix, &read);
}

static void
prefixes_hold_what_lies_in_them(void **state)
{
	(void)state;
	assert_true(contains("192.0.2.0/24", "192.0.2.255"));
	assert_false(contains("192.0.2.0/24", "192.0.3.0"));
	assert_true(contains("192.0.2.128/25", "192.0.2.129"));
	assert_false(contains("192.0.2.128/25", "192.0.2.127"));
	assert_true(contains("192.0.2.1", "192.0.2.1"));
	assert_false(contains("192.0.2.1", "192.0.2.2"));
	assert_true(contains("0.0.0.0/0", "8.8.8.8"));
	assert_false(contains("0.0.0.0/0", "2001:db8::1"));
	assert_true(contains("::/0", "8.8.8.8"));
	assert_true(contains("2001:db8::/33", "2001:db8:7fff::1"));
	assert_false(contains("2001:db8::/33", "2001:db8:8000::1"));
}

static void
prefixes_are_written_as_they_are_read(void **state)
{
	static const char *const same[] = {
		"192.0.2.0/24", "0.0.0.0/0", "192.0.2.1",
		"2001:0db8:0000:0000:0000:0000:0000:0000/32"
	};
	static const char *const wrong[] = { "192.0.2.1/24",   "192.0.2.0/33",
					     "192.0.2.0/",     "/24",
					     "2001:db8::/129", "2001:db8::1/32",
					     "192.0.2.0/024",  "192.0.2.0/-1",
					     "192.0.2.0/24/1" };
	struct prefix prefix;
	char text[44];

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		assert_true(prefix_from_text(text_of(same[i]), &prefix));
		assert_int_equal(prefix_to_text(&prefix, text, sizeof(text)),
				 strlen(same[i]));
		assert_string_equal(text, same[i]);
		assert_int_equal(prefix_to_text(&prefix, text, strlen(same[i])), 0);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (prefix_from_text(text_of(wrong[i]), &prefix))
			fail_msg("read: %s", wrong[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usual_forms_are_read_and_written_in_one_form),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(random_addresses_agree_with_the_c_library),
		cmocka_unit_test(ipv4_is_told_from_ipv6),
		cmocka_unit_test(prefixes_hold_what_lies_in_them),
		cmocka_unit_test(prefixes_are_written_as_they_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
