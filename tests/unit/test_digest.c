/* SPDX-License-Identifier: Apache-2.0 */
/* test_digest: SHA-256 against the vectors of FIPS 180-4, whole and in pieces. */
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_of_fips_180_4_hold),
		cmocka_unit_test(pieces_give_the_digest_of_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
