/* SPDX-License-Identifier: Apache-2.0 */
/* test_tls: what real peers do not do on demand: old hellos, alerts, gaps, caps,
 * breaches, upgrades. */
#include "tests/unit/tls_bytes.h"
#include "tests/unit/tls_play.h"

enum { CLIENT, SERVER };

static void *lane;
static struct play play;

/* A record around handshake messages or anything else. */
static void
send(int side, uint8_t type, const void *data, size_t size)
{
	uint8_t record[5 + 65535] = { type, 3, 3, (uint8_t)(size >> 8), (uint8_t)size };

	memcpy(record + 5, data, size);
	play_bytes(&play, side, record, 5 + size);
}

static void
send_message(int side, const struct message *message)
{
	send(side, 22, message->byte, message->size);
}

static void
begin(void)
{
	play_begin(&play, lane);
}

static void
end(void)
{
	play_end(&play);
	play_free(&play);
}

static void
a_client_alone_is_told_at_the_end(void **state)
{
	struct message hello;

	(void)state;
	begin();
	client_hello(&hello, NULL);
	send_message(CLIENT, &hello);
	assert_int_equal(play.tls_count, 0);
	play_end(&play);
	assert_int_equal(play.client, CLIENT);
	assert_says(play.tls, "\"handshake\":\"client_only\"");
	assert_says(play.tls, "\"tls.server_hello\":\"asymmetric\"");
	assert_says(play.tls, "\"tls.certificate\":\"asymmetric\"");
	assert_says(play.tls, "\"tls.client\":\"asymmetric\"");
	assert_says(play.tls, "\"ciphers\":[10794,49199,156,255]");
	assert_says(play.tls,
		    "\"suites_offered\":[\"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\","
		    "\"TLS_RSA_WITH_AES_128_GCM_SHA256\"]");
	assert_says(play.tls, "\"sni\":null");
	assert_says(play.tls, "\"string\":\"771,49199-156-255,,,\"");
	assert_says(play.tls, "\"ja4\":\"t12i030000_");
	play_free(&play);
}

static void
a_server_alone_makes_the_other_the_client(void **state)
{
	struct message hello;

	(void)state;
	begin();
	server_hello(&hello, 0x0303, 0x009c);
	send_message(0, &hello);
	play_end(&play);
	assert_int_equal(play.client, 1);
	assert_says(play.tls, "\"handshake\":\"server_only\"");
	assert_says(play.tls, "\"tls.client_hello\":\"asymmetric\"");
	assert_says(play.tls, "\"cipher_suite\":\"TLS_RSA_WITH_AES_128_GCM_SHA256\"");
	play_free(&play);
}

static void
grease_is_left_out_and_unknown_numbers_are_written(void **state)
{
	struct message hello, extensions = { .size = 0 };

	(void)state;
	put_extension(&extensions, 0x1a1a, "", 0);
	put_extension(&extensions, 0, "\0\x07\0\0\4gw.a", 9);
	put_extension(&extensions, 10, "\0\x0a\x3a\x3a\x11\xec\x63\x99\0\x1d\xab\xcd",
		      12);
	put_extension(&extensions, 43, "\6\x0a\x0a\x7f\x1c\x03\x04", 7);
	put_extension(&extensions, 13, "\0\4\x08\x04\x09\x99", 6);
	put_extension(&extensions, 16, "\0\x07\2\x6a\x6a\3\x68\x32\xff", 9);
	put_extension(&extensions, 0xfe0d, "\0\0\1\0\1", 5);
	client_hello(&hello, &extensions);
	begin();
	send_message(CLIENT, &hello);
	play_end(&play);
	assert_says(play.tls, "\"sni\":\"gw.a\"");
	assert_says(play.tls, "\"tls.sni\":\"encrypted\"");
	assert_says(play.tls,
		    "\"groups_offered\":[\"X25519MLKEM768\",\"X25519Kyber768Draft00\","
		    "\"x25519\",\"0xabcd\"]");
	assert_says(play.tls,
		    "\"versions_offered\":[\"TLS 1.3 draft-28\",\"TLS 1.3\"]");
	assert_says(play.tls,
		    "\"signatures_offered\":[\"rsa_pss_rsae_sha256\",\"0x0999\"]");
	assert_says(play.tls, "\"client_alpns\":[\"h2\\\\xff\"]");
	assert_says(play.tls, "\"string\":\"771,49199-156-255,0-10-43-13-16-65037,4588-"
			      "25497-29-43981,\"");
	assert_says(play.tls, "\"ja4\":\"t00d0306");
	play_free(&play);
}

static void
drafts_of_tls_1_3_are_told_by_number(void **state)
{
	struct message hello;
	static const uint8_t draft18[] = { 0x13, 0x01, 0, 6, 0, 40, 0, 2, 0, 29 };

	(void)state;
	begin();
	client_hello(&hello, NULL);
	send_message(CLIENT, &hello);
	begin_hello(&hello, 2, 0x7f12);
	hello.size--; /* drafts before 22 have no session id there */
	put(&hello, draft18, sizeof(draft18));
	end_message(&hello);
	send_message(SERVER, &hello);
	send(SERVER, 23, "x", 1);
	assert_int_equal(play.result, DISSECT_MORE);
	send(CLIENT, 23, "x", 1);
	assert_int_equal(play.result, DISSECT_DONE);
	assert_says(play.tls, "\"version\":\"TLS 1.3 draft-18\"");
	assert_says(play.tls, "\"group\":\"x25519\"");
	assert_says(play.tls, "\"tls.certificate\":\"encrypted\"");
	end();
}

/* SSLv2's form: suites of three bytes, SSLv2's own left out of the names. */
static const uint8_t v2_hello[] = { 0x80, 0x1f, 1,    3,    1,    0,    6,    0,    0,
				    0,    16,   0x00, 0x00, 0x2f, 0x01, 0x00, 0x80, 1,
				    2,    3,    4,    5,    6,    7,    8,    9,    10,
				    11,   12,   13,   14,   15,   16 };

static void
an_sslv2_hello_is_read(void **state)
{
	struct message hello;

	(void)state;
	assert_int_equal(
		dissector_tls.recognise(bytes_over(v2_hello, sizeof(v2_hello)), 0),
		RECOGNISED_YES);
	begin();
	for (size_t i = 0; i < sizeof(v2_hello); i++)
		play_bytes(&play, CLIENT, v2_hello + i, 1);
	server_hello(&hello, 0x0301, 0x002f);
	send_message(SERVER, &hello);
	play_end(&play);
	assert_int_equal(play.client, CLIENT);
	assert_says(play.tls, "\"version\":\"TLSv1\"");
	assert_says(play.tls, "\"suites_offered\":[\"TLS_RSA_WITH_AES_128_CBC_SHA\"]");
	assert_says(play.tls, "\"tls.ja3\":\"not_decoded\"");
	assert_says(play.tls, "\"client_handshake\":{\"version\":\"TLSv1\"");
	play_free(&play);
}

static void
a_server_of_sslv2_is_named(void **state)
{
	static const uint8_t answer[] = { 0x80, 0x0b, 4, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0 };

	(void)state;
	begin();
	play_bytes(&play, CLIENT, v2_hello, sizeof(v2_hello));
	play_bytes(&play, SERVER, answer, sizeof(answer));
	assert_int_equal(play.result, DISSECT_DONE);
	assert_says(play.tls, "\"version\":\"SSLv2\"");
	assert_says(play.tls, "\"tls.certificate\":\"not_decoded\"");
	end();
}

static void
an_alert_that_ends_it_is_told_at_once(void **state)
{
	struct message hello;

	(void)state;
	begin();
	client_hello(&hello, NULL);
	send_message(CLIENT, &hello);
	send(SERVER, 21, "\1\x70", 2); /* unrecognized_name, a warning: nothing ends */
	assert_int_equal(play.result, DISSECT_MORE);
	send(SERVER, 21, "\2\x28", 2);
	assert_int_equal(play.result, DISSECT_DONE);
	assert_says(play.tls,
		    "\"handshake\":\"failed\",\"alert\":\"handshake_failure\"");
	assert_says(play.tls, "\"tls.server_hello\":\"truncated\"");
	end();
}

static void
sslv3_says_by_an_alert_that_it_has_no_certificate(void **state)
{
	struct message hello;

	(void)state;
	begin();
	client_hello(&hello, NULL);
	send_message(CLIENT, &hello);
	server_hello(&hello, 0x0300, 0x000a);
	send_message(SERVER, &hello);
	send(SERVER, 22, "\x0d\0\0\0\x0e\0\0\0",
	     8); /* CertificateRequest, ServerHelloDone */
	send(CLIENT, 21, "\1\x29", 2);
	assert_int_equal(play.result, DISSECT_MORE);
	play_end(&play);
	assert_says(play.tls, "\"version\":\"SSLv3\"");
	assert_says(play.tls, "\"certificate_requested\":true");
	assert_says(play.tls, "\"client\":{\"subject\":null");
	play_free(&play);
}

static void
what_a_gap_took_is_said_to_be_lost(void **state)
{
	struct message hello;

	(void)state;
	begin();
	client_hello(&hello, NULL);
	send_message(CLIENT, &hello);
	server_hello(&hello, 0x0303, 0xc02f);
	send_message(SERVER, &hello);
	play_gap(&play, SERVER, 1460);
	send(CLIENT, 20, "\1", 1);
	send(CLIENT, 22, "encrypted", 9);
	assert_int_equal(play.result, DISSECT_DONE);
	assert_says(play.tls, "\"handshake\":\"partial\"");
	assert_says(play.tls, "\"tls.certificate\":\"loss\"");
	assert_says(play.tls, "\"tls.key_exchange\":\"loss\"");
	assert_says(play.tls, "\"tls.client\":\"loss\"");
	assert_says(play.tls, "\"tls.session_resumed\":\"loss\"");
	end();
}

static void
a_gap_in_encrypted_bytes_costs_nothing(void **state)
{
	struct message hello;
	static const uint8_t data[] = { 23, 3, 3, 0x40, 0 };

	(void)state;
	begin();
	client_hello(&hello, NULL);
	send_message(CLIENT, &hello);
	play_bytes(&play, CLIENT, data, sizeof(data)); /* early data */
	play_gap(&play, CLIENT, 0x4000);
	send(CLIENT, 23, "more", 4);
	assert_int_equal(play.result, DISSECT_MORE);
	play_end(&play);
	assert_does_not_say(play.tls, "loss");
	play_free(&play);
}

/* clang-format off */
static const struct breach {
	const char *violation;
	uint8_t byte[48];
	size_t size;
} breaches[] = {
	{ "tls.record_type",    { 0x47, 0x45, 0x54, 0x20, 0x2f }, 5 },
	{ "tls.record_version", { 22, 2, 0, 0, 5 }, 5 },
	{ "tls.record_too_long", { 22, 3, 1, 0x48, 0x01 }, 5 },
	{ "tls.client_hello_malformed", { 22, 3, 1, 0, 6, 1, 0, 0, 2, 3, 3 }, 11 },
	{ "tls.server_hello_malformed", { 22, 3, 1, 0, 6, 2, 0, 0, 2, 3, 3 }, 11 },
	{ "tls.record_empty",   { 0x80, 0 }, 2 },
	{ "tls.client_hello_malformed", { 0x80, 3, 1, 3, 1 }, 5 },
};
/* clang-format on */

static void
each_breach_has_its_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(breaches) / sizeof(breaches[0]); i++) {
		begin();
		play_bytes(&play, 0, breaches[i].byte, breaches[i].size);
		assert_int_equal(play.result, DISSECT_VIOLATION);
		assert_string_equal(play.violation, breaches[i].violation);
		play_end(&play);
		assert_int_equal(play.tls_count, 0); /* nothing was learnt */
		play_free(&play);
	}
}

static void
a_breach_later_does_not_take_what_was_learnt(void **state)
{
	struct message hello;

	(void)state;
	begin();
	client_hello(&hello, NULL);
	send_message(CLIENT, &hello);
	server_hello(&hello, 0x0303, 0xc02f);
	send_message(SERVER, &hello);
	send(SERVER, 22, "\x0b\0\0\6\0\0\x09\0\0\1", 10);
	assert_string_equal(play.violation, "tls.certificate_list_malformed");
	play_end(&play);
	assert_int_equal(play.tls_count, 1);
	assert_says(play.tls,
		    "\"cipher_suite\":\"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\"");
	play_free(&play);
}

static int
make_lane(void **state)
{
	(void)state;
	lane = dissector_tls.shared_new();
	return lane == NULL;
}

static int
drop_lane(void **state)
{
	(void)state;
	dissector_tls.shared_free(lane);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_alone_is_told_at_the_end),
		cmocka_unit_test(a_server_alone_makes_the_other_the_client),
		cmocka_unit_test(grease_is_left_out_and_unknown_numbers_are_written),
		cmocka_unit_test(drafts_of_tls_1_3_are_told_by_number),
		cmocka_unit_test(an_sslv2_hello_is_read),
		cmocka_unit_test(a_server_of_sslv2_is_named),
		cmocka_unit_test(an_alert_that_ends_it_is_told_at_once),
		cmocka_unit_test(sslv3_says_by_an_alert_that_it_has_no_certificate),
		cmocka_unit_test(what_a_gap_took_is_said_to_be_lost),
		cmocka_unit_test(a_gap_in_encrypted_bytes_costs_nothing),
		cmocka_unit_test(each_breach_has_its_name),
		cmocka_unit_test(a_breach_later_does_not_take_what_was_learnt),
	};

	return cmocka_run_group_tests(tests, make_lane, drop_lane);
}
