/* SPDX-License-Identifier: Apache-2.0 */
/* test_digest: hashes against the vectors of their standards, whole and in pieces. */
#include "tests/unit/test.h"

#include "common/digest.h"

static void
vectors_of_fips_180_4_hold(void **state)
{
	char text[DIGEST_TEXT_SIZE];

	(void)state;
	struct digest digest = digest_of("abc", 3);
	digest_to_text(&digest, text);
	assert_string_equal(
		text,
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	digest = digest_of(NULL, 0);
	digest_to_text(&digest, text);
	assert_string_equal(
		text,
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void
pieces_give_the_digest_of_the_whole(void **state)
{
	struct digester *digester = digester_new();
	struct digest whole = digest_of("abcdef", 6);

	(void)state;
	digester_add(digester, "ab", 2);
	digester_add(digester, "", 0);
	digester_add(digester, "cdef", 4);
	struct digest pieces = digester_end(digester);
	assert_memory_equal(pieces.byte, whole.byte, DIGEST_SIZE);
}

static void
a_digester_that_is_taken_from_begins_anew(void **state)
{
	static const struct {
		enum digest_kind kind;
		size_t size;
		const char *abc; /* RFC 3174, RFC 1321 */
	} kinds[] = {
		{ DIGEST_SHA256, 32,
		  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ DIGEST_SHA1, 20, "a9993e364706816aba3e25717850c26c9cd0d89d" },
		{ DIGEST_MD5, 16, "900150983cd24fb0d6963f7d28e17f72" },
	};
	uint8_t byte[DIGEST_SIZE];
	char text[DIGEST_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct digester *digester = digester_of(kinds[i].kind);

		for (int again = 0; again < 3; again++) {
			digester_add(digester, "a", 1);
			digester_add(digester, "bc", 2);
			assert_int_equal(digester_take(digester, byte), kinds[i].size);
			digest_to_hex(byte, kinds[i].size, text);
			assert_string_equal(text, kinds[i].abc);
		}
		digester_free(digester);
		assert_int_equal(digest_as(kinds[i].kind, "abc", 3, byte),
				 kinds[i].size);
		digest_to_hex(byte, kinds[i].size, text);
		assert_string_equal(text, kinds[i].abc);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_of_fips_180_4_hold),
		cmocka_unit_test(pieces_give_the_digest_of_the_whole),
		cmocka_unit_test(a_digester_that_is_taken_from_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
