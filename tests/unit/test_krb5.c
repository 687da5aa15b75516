/* SPDX-License-Identifier: Apache-2.0 */
/* test_krb5: Kerberos requests and answers, MIT's whole and damaged, over streams and
 * datagrams. */
#include "tests/unit/dissect_trial.h"

#include "sensor/dissect/krb5_state.h"

extern const struct dissector dissector_krb5_tcp, dissector_krb5_udp;

static struct trial trial;

#define CORPUS "tests/fuzz/corpus/krb5/"

static void
try(const char *name, const char *says)
{
	trial_load(&trial, &dissector_krb5_tcp, name);
	trial_bytewise(&trial);
	assert_int_equal(trial.play.count, 1);
	assert_int_equal(trial.play.client, 0);
	assert_says(trial.play.line[0], says);
	assert_does_not_say(trial.play.line[0], "marker");
	trial_prefixes(&trial);
	trial_damages(&trial);
	trial_gaps(&trial);
	trial_recognised(&trial, 0);
	trial_recognised(&trial, 1);
	trial_strangers(&trial, "krb5");
	trial_free(&trial);
}

static void
real_exchanges_are_told_and_stand_damage(void **state)
{
	(void)state;
	try(CORPUS "mit-as-preauth-required",
	    "\"krb5\":{\"msg_type\":\"KRB_ERROR\",\"failed_request\":\"KRB_AS_REQ\","
	    "\"error_code\":\"KDC_ERR_PREAUTH_REQUIRED\",\"realm\":\"MEDICAL.EXAMPLE\","
	    "\"sname\":\"krbtgt/MEDICAL.EXAMPLE\"}");
	try(CORPUS "mit-as", "\"ticket_encryption\":\"aes256-cts-hmac-sha1-96\","
			     "\"ticket_weak_encryption\":false");
	try(CORPUS "mit-tgs", "\"sname\":\"host/server.example\"");
}

/* All that 'side' said, behind the length of its first message. */
static struct bytes
message_of(int side, uint8_t out[8192])
{
	size_t size = 0;

	for (size_t i = 0; i < trial.count; i++)
		if (trial.piece[i].side == side) {
			assert_true(size + trial.piece[i].size <= 8192);
			memcpy(out + size, trial.piece[i].at, trial.piece[i].size);
			size += trial.piece[i].size;
		}
	return bytes_over(out + 4, size - 4);
}

static void
begin_datagrams(struct bytes *request, struct bytes *answer)
{
	static uint8_t one[8192], other[8192];

	trial_load(&trial, &dissector_krb5_udp, CORPUS "mit-as");
	*request = message_of(0, one);
	*answer = message_of(1, other);
	trial_begin(&trial);
}

static void
stop(void)
{
	trial_end(&trial);
	trial_free(&trial);
}

static void
datagrams_are_told_too(void **state)
{
	struct bytes request, answer;

	(void)state;
	begin_datagrams(&request, &answer);
	assert_int_equal(dissector_krb5_udp.recognise(request, 0), RECOGNISED_YES);
	play_bytes(&trial.play, 0, request.at, request.left);
	play_bytes(&trial.play, 0, request.at, request.left); /* sent again */
	play_bytes(&trial.play, 1, answer.at, answer.left);
	stop();
	assert_int_equal(trial.play.count, 1);
	assert_says(trial.play.line[0], "\"outcome\":\"success\"");
	assert_says(trial.play.line[0], "\"preauthenticated\":true");
}

static void
every_datagram_cut_is_none(void **state)
{
	struct bytes request, answer;

	(void)state;
	begin_datagrams(&request, &answer);
	for (size_t size = 0; size < request.left; size++) {
		uint8_t *copy = malloc(size ? size : 1);
		memcpy(copy, request.at, size);
		assert_int_equal(
			dissector_krb5_udp.recognise(bytes_over(copy, size), 0),
			RECOGNISED_NO);
		free(copy);
	}
	stop();
}

static void
what_has_no_answer_is_told_so(void **state)
{
	struct bytes request, answer;

	(void)state;
	begin_datagrams(&request, &answer);
	play_bytes(&trial.play, 0, request.at, request.left);
	stop();
	assert_says(trial.play.line[0], "\"outcome\":\"unanswered\"");
	begin_datagrams(&request, &answer);
	trial.play.is_unseen[1] = true;
	play_bytes(&trial.play, 0, request.at, request.left);
	stop();
	assert_says(trial.play.line[0], "\"krb5.answer\":\"asymmetric\"");
	begin_datagrams(&request, &answer);
	play_bytes(&trial.play, 1, answer.at, answer.left);
	stop();
	assert_int_equal(trial.play.client, 0);
	assert_says(trial.play.line[0], "\"krb5.request\":\"truncated\"");
}

static void
one_that_was_cut_is_counted_and_one_that_is_broken_ends_it(void **state)
{
	struct bytes request, answer;

	(void)state;
	begin_datagrams(&request, &answer);
	play_gap(&trial.play, 0, 100);
	play_bytes(&trial.play, 0, request.at, request.left / 2);
	assert_int_equal(trial.lane->counters.cut, 1);
	play_bytes(&trial.play, 0, request.at, request.left / 2);
	assert_string_equal(trial.play.violation, "krb5.malformed_data");
	stop();
}

static void
one_longer_than_what_is_kept_is_passed_over(void **state)
{
	static uint8_t body[KRB5_KEPT_MAX + 1000] = { 0, 1, 3, 0xe3 };

	(void)state;
	trial_load(&trial, &dissector_krb5_tcp, CORPUS "mit-as");
	trial_begin(&trial);
	play_bytes(&trial.play, 0, body, sizeof(body));
	assert_int_equal(trial.lane->counters.cut, 1);
	assert_int_equal(trial.play.result, DISSECT_MORE);
	stop();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_exchanges_are_told_and_stand_damage),
		cmocka_unit_test(datagrams_are_told_too),
		cmocka_unit_test(every_datagram_cut_is_none),
		cmocka_unit_test(what_has_no_answer_is_told_so),
		cmocka_unit_test(
			one_that_was_cut_is_counted_and_one_that_is_broken_ends_it),
		cmocka_unit_test(one_longer_than_what_is_kept_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
