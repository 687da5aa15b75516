/* SPDX-License-Identifier: Apache-2.0 */
/* test_ldap: binds and what is done in a directory, by OpenLDAP whole and damaged, and
 * at the edges by made bytes. */
#include "tests/unit/dissect_trial.h"

#include "sensor/dissect/ldap_state.h"

extern const struct dissector dissector_ldap;

static struct trial trial;

#define CORPUS "tests/fuzz/corpus/ldap/"

static void
try(const char *name, unsigned records, const char *first, const char *last)
{
	trial_load(&trial, &dissector_ldap, name);
	trial_bytewise(&trial);
	assert_int_equal(trial.play.count, records);
	assert_int_equal(trial.play.client, 0);
	assert_says(trial.play.line[0], first);
	assert_says(trial.play.line[records - 1], last);
	for (unsigned i = 0; i < records; i++)
		assert_does_not_say(trial.play.line[i], "MARKER");
	trial_prefixes(&trial);
	trial_damages(&trial);
	trial_gaps(&trial);
	trial_recognised(&trial, 0);
	trial_recognised(&trial, 1);
	trial_strangers(&trial, "ldap");
	trial_free(&trial);
}

static void
real_connections_are_told_and_stand_damage(void **state)
{
	(void)state;
	try(CORPUS "openldap-simple", 2,
	    "\"auth\":{\"method\":\"simple\",\"outcome\":\"success\",\"password_in_"
	    "clear\":"
	    "true},\"result_code\":0",
	    "\"entries\":21");
	try(CORPUS "openldap-root", 2, "\"method\":\"anonymous\"", "\"search_root\":1");
	try(CORPUS "openldap-changes", 2, "\"kind\":\"bind\"",
	    "\"add\":1,\"modify\":1,\"delete\":1");
}

static void
tls_behind_is_told_of_its_own(void **state)
{
	bool is_tls = false;

	(void)state;
	trial_load(&trial, &dissector_ldap, CORPUS "openldap-starttls");
	trial_whole(&trial);
	assert_says(trial.play.line[0], "\"kind\":\"starttls\"");
	for (unsigned i = 0; i < trial.play.count; i++)
		is_tls |= strstr(trial.play.line[i], "\"from_proto\":\"ldap\"") != NULL;
	assert_true(is_tls);
	trial_prefixes(&trial);
	trial_gaps(&trial);
	trial_free(&trial);
}

static void
start(void)
{
	trial_load(&trial, &dissector_ldap, CORPUS "openldap-root");
	trial_begin(&trial);
}

static void
stop(void)
{
	trial_end(&trial);
	trial_free(&trial);
}

/* bindRequest of version 3 with SASL GSSAPI, id 1, lengths in four bytes */
#define GSSAPI          "\x30\x84\0\0\0\x19\2\1\1\x60\x84\0\0\0\x10\2\1\3\4\1n\xa3\x08\4\6GSSAPI"
#define PLAIN           "\x30\x13\2\1\1\x60\x0e\2\1\3\4\0\xa3\7\4\5PLAIN"
#define DONE(id, code)  "\x30\x0c\2\1" id "\x61\7\x0a\1" code "\4\0\4\0"
#define SAY(side, text) play_bytes(&trial.play, side, text, sizeof(text) - 1)

static void
sasl_is_told_and_what_it_wraps_is_not_read(void **state)
{
	(void)state;
	start();
	SAY(0, GSSAPI);
	SAY(1, DONE("\1", "\x0e"));
	SAY(0, GSSAPI);
	SAY(1, DONE("\1", "\0"));
	SAY(0, "\0\0\1\0wrapped");
	assert_int_equal(trial.play.result, DISSECT_DONE);
	stop();
	assert_int_equal(trial.play.count, 3);
	assert_says(trial.play.line[0], "\"sasl\":{\"mechanism\":\"GSSAPI\"}");
	assert_says(trial.play.line[0], "\"outcome\":\"continues\"");
	assert_says(trial.play.line[1], "\"outcome\":\"success\"");
	assert_says(trial.play.line[2], "\"sekisho.ldap.operations\":\"encrypted\"");
}

static void
plain_is_a_password_in_the_clear(void **state)
{
	(void)state;
	start();
	SAY(0, PLAIN);
	stop();
	assert_says(trial.play.line[0], "\"password_in_clear\":true");
	assert_says(trial.play.line[0], "\"outcome\":\"unanswered\"");
	start();
	trial.play.is_unseen[1] = true;
	SAY(0, PLAIN);
	stop();
	assert_says(trial.play.line[0], "\"ldap.answer\":\"asymmetric\"");
}

static void
binds_beyond_the_cap_are_counted_only(void **state)
{
	(void)state;
	start();
	for (int i = 0; i < LDAP_BINDS_MAX + 5; i++) {
		SAY(0, PLAIN);
		SAY(1, DONE("\1", "\x31"));
	}
	assert_int_equal(trial.lane->counters.dropped, 5);
	stop();
	assert_int_equal(trial.play.count, LDAP_BINDS_MAX + 1);
	assert_says(trial.play.line[LDAP_BINDS_MAX], "\"bind\":37");
	assert_says(trial.play.line[LDAP_BINDS_MAX], "\"refused\":37");
}

static void
an_entry_longer_than_what_is_kept_is_counted_as_one(void **state)
{
	static uint8_t entry[20000] = { 0x30, 0x84, 0,    0,    0x4e, 0x1a, 2,
					1,    1,    0x64, 0x82, 0x4e, 0x13 };

	(void)state;
	start();
	play_bytes(&trial.play, 1, entry, 5000);
	play_gap(&trial.play, 1, 10000);
	play_bytes(&trial.play, 1, entry + 15000, 5000);
	SAY(1, DONE("\1", "\x31"));
	assert_int_equal(trial.play.result, DISSECT_MORE);
	stop();
	assert_says(trial.play.line[0], "\"entries\":1,\"refused\":1");
	assert_does_not_say(trial.play.line[0], "unobservable");
}

static void
what_is_no_message_is_a_violation(void **state)
{
	(void)state;
	start();
	SAY(0, PLAIN "GET /");
	stop();
	assert_string_equal(trial.play.violation, "ldap.malformed_data");
	start();
	SAY(0, "\x30\5\2\1\1\4\0");
	stop();
	assert_string_equal(trial.play.violation, "ldap.malformed_data");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_connections_are_told_and_stand_damage),
		cmocka_unit_test(tls_behind_is_told_of_its_own),
		cmocka_unit_test(sasl_is_told_and_what_it_wraps_is_not_read),
		cmocka_unit_test(plain_is_a_password_in_the_clear),
		cmocka_unit_test(binds_beyond_the_cap_are_counted_only),
		cmocka_unit_test(an_entry_longer_than_what_is_kept_is_counted_as_one),
		cmocka_unit_test(what_is_no_message_is_a_violation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
