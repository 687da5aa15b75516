/* SPDX-License-Identifier: Apache-2.0 */
/* test_telnet: options and log-ins of Telnet, by GNU's telnetd whole and damaged, and
 * of other systems' words. */
#include "tests/unit/dissect_trial.h"

extern const struct dissector dissector_telnet;

static struct trial trial;

#define CORPUS "tests/fuzz/corpus/telnet/"
/* WILL ECHO, WILL SUPPRESS-GO-AHEAD, as servers begin */
#define OPENS  "\xff\xfb\1\xff\xfb\3"

static void
try(const char *name, const char *says)
{
	trial_load(&trial, &dissector_telnet, name);
	trial_whole(&trial);
	assert_int_equal(trial.play.count, 1);
	assert_int_equal(trial.play.client, 0);
	assert_says(trial.play.line[0], says);
	assert_does_not_say(trial.play.line[0], "MARKER");
	trial_bytewise(&trial);
	trial_prefixes(&trial);
	trial_damages(&trial);
	trial_gaps(&trial);
	trial_recognised(&trial, 1);
	trial_strangers(&trial, "telnet");
	trial_free(&trial);
}

static void
real_sessions_are_told_and_stand_damage(void **state)
{
	(void)state;
	try(CORPUS "gnu-two-wrong", "\"auth\":{\"outcome\":\"failure\",\"attempts\":2,"
				    "\"failures\":2}");
	try(CORPUS "gnu-in", "\"auth\":{\"outcome\":\"success\",\"attempts\":2,"
			     "\"failures\":1}");
}

/* Server and client in turns, the server first. */
static const char *
play(const char *const *said)
{
	trial_load(&trial, &dissector_telnet, CORPUS "gnu-in");
	trial_begin(&trial);
	play_text(&trial.play, 1, OPENS);
	play_text(&trial.play, 0, "\xff\xfd\1");
	for (int side = 1; *said; said++, side = !side)
		play_text(&trial.play, side, *said);
	trial_end(&trial);
	trial_free(&trial);
	return trial.play.line[0];
}

static void
other_systems_prompts_are_known(void **state)
{
	static const char *const cisco[] = {
		"\r\nUser Access Verification\r\n\r\nPassword: ",
		"a\r\n",
		"\r\nPassword: ",
		"b\r\n",
		"\r\nPassword: ",
		"c\r\n",
		"\r\n% Bad passwords\r\n",
		NULL
	};
	static const char *const in[] = { "Username: ", "u\r\n",       "Password: ",
					  "p\r\n",      "\r\nrouter>", "enable\r\n",
					  NULL };
	static const char *const idle[] = {
		"login: ", "u\r", "\r\nPassword: ", "p\r", "\r\nLast login: today\r\n",
		NULL
	};
	static const char *const silent[] = { "login: ", "u\r", "\r\nPassword: ", "p\r",
					      NULL };

	(void)state;
	assert_says(play(cisco),
		    "\"outcome\":\"failure\",\"attempts\":3,\"failures\":3");
	assert_says(play(in), "\"outcome\":\"success\",\"attempts\":1,\"failures\":0");
	assert_int_equal(trial.play.result, DISSECT_DONE);
	assert_says(play(idle), "\"outcome\":\"success\"");
	assert_says(play(silent),
		    "\"outcome\":\"failure\",\"attempts\":1,\"failures\":1");
}

static void
encryption_hides_the_log_in(void **state)
{
	static const char *const said[] = { "\xff\xfa\x26\3\1\xff\xf0", "x", NULL };

	(void)state;
	assert_says(play(said), "\"sekisho.telnet.auth\":\"encrypted\"");
}

static void
a_session_without_a_log_in_is_given_up(void **state)
{
	static char text[70000];
	const char *const said[] = { text, NULL };

	(void)state;
	memset(text, 't', sizeof(text) - 1);
	assert_says(play(said), "\"sekisho.telnet.auth\":\"not_decoded\"");
	assert_int_equal(trial.play.result, DISSECT_DONE);
}

static void
options_need_both_sides_and_high_ones_are_counted(void **state)
{
	(void)state;
	trial_load(&trial, &dissector_telnet, CORPUS "gnu-in");
	trial_begin(&trial);
	play_text(&trial.play, 1, OPENS "\xff\xfb\x2c\xff\xfb\x7a");
	play_text(&trial.play, 0, "\xff\xfd\1\xff\xfe\3\xff\xfd\x2c");
	trial_end(&trial);
	assert_int_equal(trial.lane->counters.cut, 1);
	trial_free(&trial);
	assert_says(trial.play.line[0], "\"options\":[\"echo\",\"com-port\"]");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_sessions_are_told_and_stand_damage),
		cmocka_unit_test(other_systems_prompts_are_known),
		cmocka_unit_test(encryption_hides_the_log_in),
		cmocka_unit_test(a_session_without_a_log_in_is_given_up),
		cmocka_unit_test(options_need_both_sides_and_high_ones_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
