/* SPDX-License-Identifier: Apache-2.0 */
/* test_text: what common/text promises. */
#include "common/text.h"

#include <stdlib.h>

#include "tests/unit/test.h"

/* On a heap block of its own size, so that a sanitizer sees a step beyond. */
static bool
is_valid(const char *bytes, size_t size)
{
	char *copy = malloc(size + (size == 0));

	memcpy(copy, bytes, size);
	bool is = text_is_valid(copy, size);
	free(copy);
	return is;
}

static void
utf8_of_rfc_3629_is_valid_and_nothing_else(void **state)
{
	static const char *const valid[] = { "",
					     "a",
					     "\x7f",
					     "\xc2\x80",
					     "\xdf\xbf",
					     "\xe0\xa0\x80",
					     "\xed\x9f\xbf",
					     "\xee\x80\x80",
					     "\xef\xbf\xbf",
					     "\xf0\x90\x80\x80",
					     "\xf4\x8f\xbf\xbf",
					     "12345678病院12345678" };
	static const char *const wrong[] = { "\x80",
					     "\xbf",
					     "\xc0\x80",
					     "\xc1\xbf",
					     "\xc2",
					     "\xc2\x41",
					     "\xe0\x9f\xbf",
					     "\xed\xa0\x80",
					     "\xef\xbf",
					     "\xf0\x8f\xbf\xbf",
					     "\xf4\x90\x80\x80",
					     "\xf5\x80\x80\x80",
					     "\xff",
					     "1234567\xff",
					     "12345678\xe7\x97",
					     "\xe7\x97\xff" };

	(void)state;
	for (size_t i = 0; i < sizeof(valid) / sizeof(valid[0]); i++)
		assert_true(is_valid(valid[i], strlen(valid[i])));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(is_valid(wrong[i], strlen(wrong[i])));
	for (size_t size = 1; size < 20; size++) { /* NUL at each place of a word */
		char text[20];

		memset(text, 'a', sizeof(text));
		assert_true(is_valid(text, size));
		for (size_t at = 0; at < size; at++) {
			text[at] = '\0';
			assert_false(is_valid(text, size));
			text[at] = 'a';
		}
	}
}

static void
every_code_point_is_valid_but_surrogates_and_nul(void **state)
{
	(void)state;
	for (uint32_t point = 0; point < 0x110000; point++) {
		uint8_t out[4] = { (uint8_t)point };
		size_t size = 1;

		if (point >= 0x10000) {
			size = 4;
			out[0] = (uint8_t)(0xf0 | point >> 18);
			out[1] = (uint8_t)(0x80 | (point >> 12 & 63));
		} else if (point >= 0x800) {
			size = 3;
			out[0] = (uint8_t)(0xe0 | point >> 12);
		} else if (point >= 0x80) {
			size = 2;
			out[0] = (uint8_t)(0xc0 | point >> 6);
		}
		if (size > 2)
			out[size - 2] = (uint8_t)(0x80 | (point >> 6 & 63));
		if (size > 1)
			out[size - 1] = (uint8_t)(0x80 | (point & 63));
		bool is_good = point != 0 && (point < 0xd800 || point > 0xdfff);
		assert_int_equal(text_is_valid(out, size), is_good);
	}
}

static void
hostile_bytes_become_valid_text(void **state)
{
	char out[64];
	bool is_cut = true;
	struct text text =
		text_from_bytes("a\0\xff病\xe7\x97", 8, out, sizeof(out), &is_cut);

	(void)state;
	assert_true(text_is(text, "a\\x00\\xff病\\xe7\\x97"));
	assert_false(is_cut);
	assert_int_equal(text_from_bytes(NULL, 0, out, sizeof(out), NULL).size, 0);
}

static void
text_is_cut_before_a_character_that_does_not_fit(void **state)
{
	const char bytes[] = "a病\xffz";
	char out[16];

	(void)state;
	for (size_t room = 0; room <= 9; room++) {
		bool is_cut;
		struct text text = text_from_bytes(bytes, 6, out, room, &is_cut);

		assert_true(text.size <= room);
		assert_true(text_is_valid(text.at, text.size));
		assert_int_equal(text.size, room < 1   ? 0
					    : room < 4 ? 1
					    : room < 8 ? 4
						       : room);
		assert_int_equal(is_cut, room < 9);
	}
}

static void
json_strings_are_escaped_and_bounded(void **state)
{
	static const struct {
		const char *text, *json;
	} cases[] = {
		{ "", "\"\"" },
		{ "plain", "\"plain\"" },
		{ "12345678\"12345678", "\"12345678\\\"12345678\"" },
		{ "a\"b\\c/d", "\"a\\\"b\\\\c/d\"" },
		{ "\b\f\n\r\t\x01\x1f\x7f", "\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"" },
		{ "病院", "\"病院\"" },
	};
	char out[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t size = strlen(cases[i].json);

		assert_int_equal(text_to_json(text_of(cases[i].text), out, size), size);
		assert_memory_equal(out, cases[i].json, size);
		for (size_t room = 0; room < size; room++)
			assert_int_equal(
				text_to_json(text_of(cases[i].text), out, room), 0);
	}
	assert_int_equal(text_to_json((struct text){ NULL, 0 }, out, sizeof(out)), 2);
}

static void
each_character_is_escaped_at_each_place(void **state)
{
	char text[16], out[32];

	(void)state;
	for (unsigned c = 1; c < 0x80; c++)
		for (size_t place = 0; place < sizeof(text); place++) {
			bool is_special = c < 0x20 || c == '"' || c == '\\';

			memset(text, 'x', sizeof(text));
			text[place] = (char)c;
			size_t size = text_to_json((struct text){ text, sizeof(text) },
						   out, sizeof(out));
			assert_int_equal(size > sizeof(text) + 2, is_special);
			assert_int_equal(out[place + 1] == '\\', is_special);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_of_rfc_3629_is_valid_and_nothing_else),
		cmocka_unit_test(every_code_point_is_valid_but_surrogates_and_nul),
		cmocka_unit_test(hostile_bytes_become_valid_text),
		cmocka_unit_test(text_is_cut_before_a_character_that_does_not_fit),
		cmocka_unit_test(json_strings_are_escaped_and_bounded),
		cmocka_unit_test(each_character_is_escaped_at_each_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
