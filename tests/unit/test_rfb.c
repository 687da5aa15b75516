/* SPDX-License-Identifier: Apache-2.0 */
/* test_rfb: how VNC sessions begin, by TigerVNC whole and damaged, and at the edges by
 * made bytes. */
#include "tests/unit/dissect_trial.h"

extern const struct dissector dissector_rfb;

static struct trial trial;

#define CORPUS "tests/fuzz/corpus/rfb/"

static void
try(const char *name, const char *says)
{
	trial_load(&trial, &dissector_rfb, name);
	trial_whole(&trial);
	assert_int_equal(trial.play.count, 1);
	assert_int_equal(trial.play.client, 0);
	assert_int_equal(trial.play.result, DISSECT_DONE);
	assert_says(trial.play.line[0], says);
	assert_does_not_say(trial.play.line[0], "MARKER");
	trial_bytewise(&trial);
	trial_prefixes(&trial);
	trial_damages(&trial);
	trial_gaps(&trial);
	trial_recognised(&trial, 0);
	trial_recognised(&trial, 1);
	trial_strangers(&trial, "rfb");
	trial_free(&trial);
}

static void
real_sessions_are_told_and_stand_damage(void **state)
{
	(void)state;
	try(CORPUS "tigervnc-right",
	    "\"authentication\":{\"security_type\":2,\"security_result\":\"OK\"},"
	    "\"screen_shared\":true,\"framebuffer\":{\"width\":640,\"height\":480}}");
	try(CORPUS "tigervnc-wrong",
	    "\"authentication\":{\"security_type\":2,\"security_result\":\"FAIL\"}");
	try(CORPUS "tigervnc-open", "\"auth\":{\"outcome\":\"open\"}");
}

struct said {
	int side;
	const char *bytes;
	size_t size;
};

static const char *
play(const struct said *said)
{
	trial_load(&trial, &dissector_rfb, CORPUS "tigervnc-open");
	trial_begin(&trial);
	for (; said->bytes; said++)
		play_bytes(&trial.play, said->side, said->bytes, said->size);
	trial_end(&trial);
	trial_free(&trial);
	return trial.play.count ? trial.play.line[0] : NULL;
}

#define SAY(side, text)                      \
	{                                    \
		side, text, sizeof(text) - 1 \
	}
#define V(digits) "RFB 003." digits "\n"

static void
newer_versions_offer_several(void **state)
{
	static const struct said said[] = { SAY(1, V("008")),
					    SAY(0, V("008")),
					    SAY(1, "\2\2\x13"),
					    SAY(0, "\2"),
					    SAY(1, "challengechallen"),
					    SAY(0, "responserespons!"),
					    SAY(1, "\0\0\0\1"),
					    SAY(1, "\0\0\0\5"
						   "wrong"),
					    { 0, NULL, 0 } };

	(void)state;
	const char *line = play(said);
	assert_says(line,
		    "\"security_result\":\"FAIL\"},\"server_security_failure_reason\":"
		    "\"wrong\"");
	assert_says(line,
		    "\"rfb\":{\"offered\":[2,19],\"auth\":{\"outcome\":\"failure\"}}");
	assert_does_not_say(line, "challenge");
	assert_does_not_say(line, "response");
}

static void
a_server_may_refuse_at_once(void **state)
{
	static const struct said many[] = { SAY(1, V("007")),
					    SAY(0, V("007")),
					    SAY(1, "\0"),
					    SAY(1, "\0\0\0\4"
						   "many"),
					    { 0, NULL, 0 } };
	static const struct said old[] = { SAY(1, V("003")),
					   SAY(0, V("003")),
					   SAY(1, "\0\0\0\0\0\0\0\4"
						  "many"),
					   { 0, NULL, 0 } };

	(void)state;
	assert_says(play(many), "\"outcome\":\"failure\"");
	assert_says(play(old), "\"server_security_failure_reason\":\"many\"");
}

static void
other_security_is_not_looked_into(void **state)
{
	static const struct said said[] = { SAY(1, V("008")), SAY(0, V("008")),
					    SAY(1, "\1\x13"), SAY(0, "\x13"),
					    SAY(1, "\0\2"),   { 0, NULL, 0 } };

	(void)state;
	assert_says(play(said), "\"security_type\":19");
	assert_says(play(said), "\"rfb.authentication\":\"encrypted\"");
}

static void
a_reason_longer_than_what_is_kept_is_cut(void **state)
{
	static char reason[1028] = "\0\0\4";
	struct said said[] = { SAY(1, V("008")),
			       SAY(0, V("008")),
			       SAY(1, "\0"),
			       { 1, reason, sizeof(reason) },
			       { 0, NULL, 0 } };

	(void)state;
	memset(reason + 4, 'r', sizeof(reason) - 4);
	const char *line = play(said);
	assert_says(line, "rrrrrrrr\"");
	assert_true(strlen(line) < 800);
}

static void
who_speaks_out_of_turn_breaks_it(void **state)
{
	static char noise[4096];
	struct said said[] = { SAY(1, V("008")),
			       { 1, noise, sizeof(noise) },
			       { 0, NULL, 0 } };
	struct said odd[] = { SAY(1, V("008")), SAY(0, V("008")),     SAY(1, "\1\1"),
			      SAY(0, "\1"),     SAY(1, "\0\0\0\x09"), { 0, NULL, 0 } };

	(void)state;
	play(said);
	assert_string_equal(trial.play.violation, "rfb.out_of_turn");
	play(odd);
	assert_string_equal(trial.play.violation, "rfb.unknown_security_result");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_sessions_are_told_and_stand_damage),
		cmocka_unit_test(newer_versions_offer_several),
		cmocka_unit_test(a_server_may_refuse_at_once),
		cmocka_unit_test(other_security_is_not_looked_into),
		cmocka_unit_test(a_reason_longer_than_what_is_kept_is_cut),
		cmocka_unit_test(who_speaks_out_of_turn_breaks_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
