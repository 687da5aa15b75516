/* SPDX-License-Identifier: Apache-2.0 */
/* test_pseudonym: what common/pseudonym promises; expected values by Python's hmac. */
#include "common/pseudonym.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/test.h"

#define SECRET "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1F"
#define YAMADA "de821fa8babe492f87347ff4b9607e0b"

static struct pseudonym_key *
key(void)
{
	uint8_t secret[PSEUDONYM_KEY_SIZE];

	for (size_t i = 0; i < sizeof(secret); i++)
		secret[i] = (uint8_t)i;
	return pseudonym_key_new(secret);
}

static void
pseudonyms_are_hmac_sha_256_cut_to_128_bits(void **state)
{
	struct pseudonym_key *secret = key();
	char pseudonym[PSEUDONYM_LENGTH + 1];

	(void)state;
	pseudonym_of(secret, text_of("yamada"), pseudonym);
	assert_string_equal(pseudonym, YAMADA);
	pseudonym_of(secret, (struct text){ NULL, 0 }, pseudonym);
	assert_string_equal(pseudonym, "d38b42096d80f45f826b44a9d5607de7");
	assert_string_equal(pseudonym_key_id(secret), "86517456");
	pseudonym_key_free(secret);
	pseudonym_key_free(NULL);
}

static void
blanks_and_capitals_do_not_make_another_person(void **state)
{
	static const char *const same[] = { "Yamada", " yamada", "YAMADA \t\r\n",
					    "\vyamada" };
	static const char *const other[] = { "yamada1", "ya mada", "y\xc3\xa0mada",
					     "" };
	struct pseudonym_key *secret = key();
	char pseudonym[PSEUDONYM_LENGTH + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		pseudonym_of(secret, text_of(same[i]), pseudonym);
		assert_string_equal(pseudonym, YAMADA);
	}
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		pseudonym_of(secret, text_of(other[i]), pseudonym);
		assert_string_not_equal(pseudonym, YAMADA);
	}
	pseudonym_key_free(secret);
}

static void
lengthy_identifiers_are_folded_to_their_end(void **state)
{
	struct pseudonym_key *secret = key();
	char small[1000], large[1000], of_small[PSEUDONYM_LENGTH + 1],
		of_large[PSEUDONYM_LENGTH + 1];

	(void)state;
	memset(small, 'z', sizeof(small));
	memset(large, 'Z', sizeof(large));
	pseudonym_of(secret, (struct text){ small, sizeof(small) }, of_small);
	pseudonym_of(secret, (struct text){ large, sizeof(large) }, of_large);
	assert_string_equal(of_small, of_large);
	pseudonym_of(secret, (struct text){ small, sizeof(small) - 1 }, of_large);
	assert_string_not_equal(of_small, of_large);
	pseudonym_key_free(secret);
}

static struct pseudonym_key *
load(const char *content, mode_t mode, struct error *err)
{
	char path[] = "/tmp/test_pseudonym.XXXXXX";
	int file = mkstemp(path);

	assert_true(file != -1);
	assert_int_equal(write(file, content, strlen(content)), strlen(content));
	assert_int_equal(fchmod(file, mode), 0);
	close(file);
	struct pseudonym_key *loaded = pseudonym_key_load(path, err);
	unlink(path);
	return loaded;
}

static void
a_key_file_is_64_digits_its_owner_alone_may_read(void **state)
{
	struct error err = { "" };
	char pseudonym[PSEUDONYM_LENGTH + 1];

	(void)state;
	struct pseudonym_key *loaded = load(SECRET "\n", 0600, &err);
	assert_non_null(loaded);
	pseudonym_of(loaded, text_of("yamada"), pseudonym);
	assert_string_equal(pseudonym, YAMADA);
	pseudonym_key_free(loaded);
	loaded = load(SECRET, 0400, &err);
	assert_non_null(loaded);
	pseudonym_key_free(loaded);
}

static void
other_key_files_are_refused_with_a_reason(void **state)
{
	static const struct {
		const char *content;
		mode_t mode;
		const char *reason;
	} cases[] = {
		{ SECRET, 0640, "mode 0640" },
		{ SECRET, 0604, "mode 0604" },
		{ "", 0600, "expected 64 hexadecimal digits" },
		{ SECRET "0", 0600, "expected 64 hexadecimal digits" },
		{ SECRET "\n\n\n", 0600, "not a file of at most" },
		{ "g" SECRET, 0600, "expected 64 hexadecimal digits" },
		{ "zz0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
		  0600, "expected 64 hexadecimal digits" },
	};
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_null(load(cases[i].content, cases[i].mode, &err));
		if (strstr(err.text, cases[i].reason) == NULL)
			fail_msg("case %zu says: %s", i, err.text);
	}
	assert_null(pseudonym_key_load("/nonexistent/key", &err));
	assert_non_null(strstr(err.text, "/nonexistent/key"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pseudonyms_are_hmac_sha_256_cut_to_128_bits),
		cmocka_unit_test(blanks_and_capitals_do_not_make_another_person),
		cmocka_unit_test(lengthy_identifiers_are_folded_to_their_end),
		cmocka_unit_test(a_key_file_is_64_digits_its_owner_alone_may_read),
		cmocka_unit_test(other_key_files_are_refused_with_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
