/* SPDX-License-Identifier: Apache-2.0 */
/* test_dtls: DTLS 1.2 of a real peer whole, damaged, cut and turned round; 1.3 by its
 * hellos; fragments in every order, too many, and at odds. */
#include "tests/unit/dissect_trial.h"

#include "sensor/dissect/tls_state.h"

extern const struct dissector dissector_dtls;

static struct trial trial;
static struct tls_lane *lane;
static struct play play;

static int
make_lane(void **state)
{
	(void)state;
	lane = dissector_dtls.shared_new();
	return lane ? 0 : -1;
}

static int
free_lane(void **state)
{
	(void)state;
	assert_int_equal(lane->fragments.held + lane->held, 0);
	dissector_dtls.shared_free(lane);
	return 0;
}

static void
load(void)
{
	trial_load(&trial, &dissector_dtls, "tests/fuzz/corpus/dtls/1.2");
}

/* The tls record of what was played; others are of certificates. */
static const char *
told(const struct play *of)
{
	for (unsigned i = 0; i < of->count; i++)
		if (strstr(of->line[i], "\"event_type\":\"tls\""))
			return of->line[i];
	return NULL;
}

static void
a_real_handshake_is_told_as_tls_is(void **state)
{
	(void)state;
	load();
	trial_whole(&trial);
	assert_int_equal(trial.play.client, 0);
	assert_int_equal(trial.play.result, DISSECT_DONE);
	assert_says(told(&trial.play), "\"version\":\"DTLS 1.2\"");
	assert_says(told(&trial.play),
		    "\"ja3\":{\"hash\":\"3c3d129780d0066cd8936a6291a8d44f\"");
	assert_says(told(&trial.play), "\"ja4\":\"dd2i800500_");
	assert_says(told(&trial.play), "\"group\":\"secp256r1\"");
	assert_says(told(&trial.play), "\"handshake\":\"complete\"");
	assert_says(told(&trial.play), "\"issuerdn\":\"O=Internet Widgits Pty Ltd");
	trial_free(&trial);
}

static void
each_side_alone_is_told_as_such(void **state)
{
	static const char *const expected[] = { "client_only", "server_only" };

	(void)state;
	load();
	for (int side = 0; side < SIDES; side++) {
		trial_begin(&trial);
		for (size_t i = 0; i < trial.count; i++)
			if (trial.piece[i].side == side)
				trial_say(&trial.play, &trial.piece[i], SIZE_MAX / 2);
		trial_end(&trial);
		assert_says(told(&trial.play), expected[side]);
	}
	trial_free(&trial);
}

/* What the server sent in one order or another, and twice, is the same handshake. */
static void
datagrams_may_come_turned_round_and_twice(void **state)
{
	(void)state;
	load();
	trial_begin(&trial);
	for (size_t i = 0; i < trial.count; i++) {
		bool is_turned = i + 1 < trial.count && trial.piece[i].side == 1 &&
				 trial.piece[i + 1].side == 1;
		if (is_turned)
			trial_say(&trial.play, &trial.piece[i + 1], SIZE_MAX / 2);
		trial_say(&trial.play, &trial.piece[i], SIZE_MAX / 2);
		trial_say(&trial.play, &trial.piece[i], SIZE_MAX / 2);
	}
	trial_end(&trial);
	assert_says(told(&trial.play), "\"handshake\":\"complete\"");
	assert_says(told(&trial.play), "\"issuerdn\":\"O=Internet Widgits Pty Ltd");
	trial_free(&trial);
}

static void
it_survives_whatever_comes(void **state)
{
	(void)state;
	load();
	trial_recognised(&trial, 0);
	trial_prefixes(&trial);
	trial_damages(&trial);
	trial_gaps(&trial);
	trial_strangers(&trial, "dtls");
	trial_free(&trial);
}

/* One record with one fragment of a message. */
static void
say_fragment(int side, uint8_t type, unsigned number, const uint8_t *body, size_t size,
	     size_t from, size_t to)
{
	uint8_t at[512];
	size_t part = to - from;

	assert_true(part + 25 <= sizeof(at));
	memcpy(at, "\x16\xfe\xfd\0\0\0\0\0\0\0\0", 11);
	at[11] = (uint8_t)((part + 12) >> 8);
	at[12] = (uint8_t)(part + 12);
	const uint8_t header[12] = { type,
				     0,
				     (uint8_t)(size >> 8),
				     (uint8_t)size,
				     0,
				     (uint8_t)number,
				     0,
				     (uint8_t)(from >> 8),
				     (uint8_t)from,
				     0,
				     (uint8_t)(part >> 8),
				     (uint8_t)part };
	memcpy(at + 13, header, sizeof(header));
	memcpy(at + 25, body + from, part);
	play_bytes(&play, side, at, part + 25);
}

/* Hellos of DTLS 1.3 (RFC 9147 section 5.3): a legacy version and supported_versions.
 */
static size_t
hello_13(uint8_t *out, bool is_server)
{
	static const uint8_t client_tail[] = { 0, 0,    0,    2,    0x13, 1, 1,
					       0, 0,    9,    0,    43,   0, 5,
					       4, 0xfe, 0xfc, 0xfe, 0xfd };
	static const uint8_t server_tail[] = { 0, 0x13, 1, 0, 0,    6,
					       0, 43,   0, 2, 0xfe, 0xfc };
	const uint8_t *tail = is_server ? server_tail : client_tail;
	size_t size = is_server ? sizeof(server_tail) : sizeof(client_tail);

	out[0] = 0xfe;
	out[1] = 0xfd;
	memset(out + 2, 7, 32);
	memcpy(out + 34, tail, size);
	return 34 + size;
}

static void
version_1_3_is_told_and_what_it_hides(void **state)
{
	uint8_t hello[128];

	(void)state;
	play_begin(&play, &dissector_dtls, lane);
	size_t size = hello_13(hello, false);
	say_fragment(0, 1, 0, hello, size, 0, size);
	size = hello_13(hello, true);
	say_fragment(1, 2, 0, hello, size, 0, size);
	play_bytes(&play, 1, "\x2e\0\1\0\2xx", 7);
	play_bytes(&play, 0, "\x2e\0\1\0\2xx", 7);
	assert_int_equal(play.result, DISSECT_DONE);
	play_end(&play);
	assert_says(play.line[0], "\"version\":\"DTLS 1.3\"");
	assert_says(play.line[0], "\"versions_offered\":[\"DTLS 1.3\",\"DTLS 1.2\"]");
	assert_says(play.line[0], "\"ja4\":\"dd3i");
	assert_says(play.line[0], "\"tls.certificate\":\"encrypted\"");
	assert_says(play.line[0], "\"handshake\":\"complete\"");
}

static void
fragments_come_in_any_order(void **state)
{
	uint8_t hello[128];
	size_t size = hello_13(hello, false);

	(void)state;
	for (size_t cut = 1; cut < size; cut++) {
		play_begin(&play, &dissector_dtls, lane);
		say_fragment(0, 1, 0, hello, size, cut, size);
		assert_int_equal(play.client, -1);
		say_fragment(0, 1, 0, hello, size, 0, cut);
		assert_int_equal(play.client, 0);
		play_end(&play);
		assert_says(play.line[0], "client_only");
	}
}

static void
fragments_at_odds_and_too_many_messages_end_it(void **state)
{
	uint8_t hello[128];
	size_t size = hello_13(hello, false);

	(void)state;
	play_begin(&play, &dissector_dtls, lane);
	say_fragment(0, 1, 0, hello, size, 0, 5);
	say_fragment(0, 1, 0, hello, size - 1, 5, 9);
	play_end(&play);
	assert_string_equal(play.violation, "dtls.fragment_malformed");
	play_begin(&play, &dissector_dtls, lane);
	say_fragment(0, 1, 0, hello, size, 0, 5); /* never whole */
	for (unsigned i = 1; i < 9; i++)
		say_fragment(0, 1, i, hello, size, 0, size);
	play_end(&play);
	assert_int_equal(play.client, -1);
	assert_int_equal(lane->counters.cut, 1);
	play_begin(&play, &dissector_dtls, lane);
	say_fragment(0, 1, 0, hello, 40, 0, 40); /* ends inside */
	play_end(&play);
	assert_string_equal(play.violation, "tls.client_hello_malformed");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_lane, free_lane)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_real_handshake_is_told_as_tls_is),
		TEST(each_side_alone_is_told_as_such),
		TEST(datagrams_may_come_turned_round_and_twice),
		TEST(it_survives_whatever_comes),
		TEST(version_1_3_is_told_and_what_it_hides),
		TEST(fragments_come_in_any_order),
		TEST(fragments_at_odds_and_too_many_messages_end_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
