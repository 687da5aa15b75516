/* SPDX-License-Identifier: Apache-2.0 */
/* test_rdp: how remote desktops were negotiated, by real peers whole and damaged, and
 * at the edges by made bytes. */
#include "tests/unit/dissect_trial.h"

#include "sensor/dissect/rdp_state.h"

extern const struct dissector dissector_rdp;

static struct trial trial;

#define CORPUS "tests/fuzz/corpus/rdp/"

/* mstshash=u, ssl and hybrid asked for */
#define ASKS      "\3\0\0\x27\x22\xe0\0\0\0\0\0Cookie: mstshash=u\r\n\1\1\x08\0\3\0\0\0"
#define ASKS_SIZE 39
#define CHOOSES(type, code) \
	"\3\0\0\x13\x0e\xd0\0\0\x12\x34\0" type "\0\x08\0" code "\0\0\0"

static void
clear_connections_are_told_to_their_client(void **state)
{
	(void)state;
	trial_load(&trial, &dissector_rdp, CORPUS "freerdp-clear");
	trial_whole(&trial);
	assert_int_equal(trial.play.count, 1);
	assert_int_equal(trial.play.client, 0);
	assert_says(trial.play.line[0],
		    "\"rdp\":{\"event_type\":\"connect_response\",");
	assert_says(trial.play.line[0],
		    "\"client\":{\"version\":\"v10.7\",\"client_name\":\"ward3-pc\","
		    "\"desktop_width\":800,\"desktop_height\":600}");
	assert_says(trial.play.line[0], "\"channels\":[\"rdpdr\"");
	assert_says(trial.play.line[0], "\"outcome\":\"accepted\",\"requested\":[],"
					"\"selected\":\"rdp\",\"nla\":false");
	assert_says(trial.play.line[0],
		    "\"encryption\":{\"method\":\"128bit\",\"level\":3}");
	assert_does_not_say(trial.play.line[0], "marker");
	trial_bytewise(&trial);
	trial_prefixes(&trial);
	trial_damages(&trial);
	trial_gaps(&trial);
	trial_recognised(&trial, 0);
	trial_strangers(&trial, "rdp");
	trial_free(&trial);
}

static void
tls_behind_gives_its_own_record(void **state)
{
	(void)state;
	trial_load(&trial, &dissector_rdp, CORPUS "freerdp-tls");
	trial_whole(&trial);
	assert_true(trial.play.count >= 2);
	assert_says(trial.play.line[0], "\"selected\":\"ssl\",\"nla\":false");
	assert_says(trial.play.line[0], "\"rdp.client\":\"encrypted\"");
	assert_says(trial.play.line[trial.play.count - 1], "\"from_proto\":\"rdp\"");
	trial_prefixes(&trial);
	trial_gaps(&trial);
	trial_recognised(&trial, 0);
	trial_recognised(&trial, 1);
	trial_free(&trial);
}

static void
a_client_that_wants_more_ends_it_without_a_violation(void **state)
{
	(void)state;
	trial_load(&trial, &dissector_rdp, CORPUS "freerdp-wants-nla");
	trial_bytewise(&trial);
	assert_int_equal(trial.play.result, DISSECT_DONE);
	assert_int_equal(trial.play.count, 1);
	trial_free(&trial);
}

static const char *
negotiated(const void *answer)
{
	trial_begin(&trial);
	play_bytes(&trial.play, 0, ASKS, ASKS_SIZE);
	if (answer)
		play_bytes(&trial.play, 1, answer, 19);
	trial_end(&trial);
	return trial.play.line[0];
}

static void
answers_are_told_apart(void **state)
{
	(void)state;
	trial_load(&trial, &dissector_rdp, CORPUS "freerdp-tls");
	assert_says(negotiated(CHOOSES("\2", "\x08")),
		    "\"requested\":[\"ssl\",\"hybrid\"],\"selected\":\"hybrid_ex\","
		    "\"nla\":true,\"failure\":null,\"restricted_admin\":true");
	assert_says(negotiated(CHOOSES("\3", "\5")),
		    "\"outcome\":\"refused\",\"requested\":[\"ssl\",\"hybrid\"],"
		    "\"selected\":null,\"failure\":\"HYBRID_REQUIRED_BY_SERVER\"");
	assert_int_equal(trial.play.result, DISSECT_DONE);
	assert_says(negotiated(CHOOSES("\3", "\x63")), "\"failure\":\"0x63\"");
	assert_says(negotiated(CHOOSES("\2", "\x40")), "\"selected\":\"0x40\"");
	assert_says(negotiated(NULL), "\"outcome\":\"unanswered\"");
	trial_free(&trial);
}

static void
what_was_not_seen_is_not_said(void **state)
{
	(void)state;
	trial_load(&trial, &dissector_rdp, CORPUS "freerdp-tls");
	trial_begin(&trial);
	trial.play.is_unseen[1] = true;
	play_bytes(&trial.play, 0, ASKS, ASKS_SIZE);
	trial_end(&trial);
	assert_says(trial.play.line[0], "\"rdp.answer\":\"asymmetric\"");
	trial_begin(&trial);
	play_bytes(&trial.play, 1, CHOOSES("\2", "\2"), 19);
	trial_end(&trial);
	assert_int_equal(trial.play.client, 0);
	assert_says(trial.play.line[0], "\"rdp.request\":\"asymmetric\"");
	trial_begin(&trial);
	play_bytes(&trial.play, 0, ASKS, ASKS_SIZE);
	play_gap(&trial.play, 1, 19);
	trial_end(&trial);
	assert_says(trial.play.line[0], "\"rdp.answer\":\"loss\"");
	trial_free(&trial);
}

static void
what_is_no_tpkt_is_a_violation(void **state)
{
	(void)state;
	trial_load(&trial, &dissector_rdp, CORPUS "freerdp-tls");
	trial_begin(&trial);
	play_bytes(&trial.play, 0, ASKS, ASKS_SIZE);
	play_text(&trial.play, 1, "HTTP/1.1");
	trial_end(&trial);
	assert_string_equal(trial.play.violation, "rdp.invalid_tpkt");
	trial_free(&trial);
}

static void
a_long_name_is_cut_and_a_long_tpkt_is_counted(void **state)
{
	static uint8_t asks[RDP_KEPT_MAX + 100];
	size_t size = sizeof(asks);

	(void)state;
	trial_load(&trial, &dissector_rdp, CORPUS "freerdp-tls");
	memset(asks, 'n', size);
	memcpy(asks, "\3\0\0\0\xff\xe0\0\0\0\0\0Cookie: mstshash=", 28);
	asks[2] = (uint8_t)(size >> 8);
	asks[3] = (uint8_t)size;
	memcpy(asks + 28 + 200, "\r\n", 2);
	trial_begin(&trial);
	play_bytes(&trial.play, 0, asks, size);
	trial_end(&trial);
	assert_int_equal(trial.lane->counters.cut, 1);
	assert_int_equal(trial.play.count, 1);
	trial_free(&trial);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clear_connections_are_told_to_their_client),
		cmocka_unit_test(tls_behind_gives_its_own_record),
		cmocka_unit_test(a_client_that_wants_more_ends_it_without_a_violation),
		cmocka_unit_test(answers_are_told_apart),
		cmocka_unit_test(what_was_not_seen_is_not_said),
		cmocka_unit_test(what_is_no_tpkt_is_a_violation),
		cmocka_unit_test(a_long_name_is_cut_and_a_long_tpkt_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
