/* SPDX-License-Identifier: Apache-2.0 */
/* test_tls: what real peers do not do on demand: old hellos, alerts, gaps, caps,
 * breaches, upgrades. */
#include "sensor/dissect/tls_upgrade.h"
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

/* Random and all before the suites are zero, which no reader of ours looks at. */
struct message {
	uint8_t byte[4096];
	size_t size;
};

static void
put(struct message *message, const void *data, size_t size)
{
	assert_true(message->size + size <= sizeof(message->byte));
	memcpy(message->byte + message->size, data, size);
	message->size += size;
}

static void
put16(struct message *message, size_t number)
{
	uint8_t big[2] = { (uint8_t)(number >> 8), (uint8_t)number };

	put(message, big, 2);
}

static void
begin_hello(struct message *hello, uint8_t type, uint16_t version)
{
	static const uint8_t zero[32];
	uint8_t header[4] = { type };

	hello->size = 0;
	put(hello, header, 4);
	put16(hello, version);
	put(hello, zero, 32);
	put(hello, "\0", 1); /* no session id */
}

static void
end_message(struct message *message)
{
	message->byte[2] = (uint8_t)((message->size - 4) >> 8);
	message->byte[3] = (uint8_t)(message->size - 4);
}

static void
put_extension(struct message *hello, uint16_t type, const void *data, size_t size)
{
	put16(hello, type);
	put16(hello, size);
	put(hello, data, size);
}

/* Two suites, GREASE and a signalling value among them; extensions as given. */
static void
client_hello(struct message *hello, const struct message *extensions)
{
	static const uint8_t suites[] = { 0,    8,    0x2a, 0x2a, 0xc0,
					  0x2f, 0x00, 0x9c, 0x00, 0xff };

	begin_hello(hello, 1, 0x0303);
	put(hello, suites, sizeof(suites));
	put(hello, "\1\0", 2);
	if (extensions) {
		put16(hello, extensions->size);
		put(hello, extensions->byte, extensions->size);
	}
	end_message(hello);
}

static void
server_hello(struct message *hello, uint16_t version, uint16_t suite)
{
	begin_hello(hello, 2, version);
	put16(hello, suite);
	put(hello, "\0", 1);
	end_message(hello);
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

/* 200 KiB of Certificate in many records: the first 64 KiB are kept, the rest passed
 * over. */
static void
a_message_above_the_cap_is_cut(void **state)
{
	struct message hello;
	static uint8_t big[16384];
	static const uint8_t start[] = { 11,   0x03, 0x20, 0x00, 0x03, 0x1f,
					 0xfd, 0x00, 0x00, 0x02, 0x30, 0x00 };

	(void)state;
	begin();
	client_hello(&hello, NULL);
	send_message(CLIENT, &hello);
	server_hello(&hello, 0x0303, 0xc02f);
	send_message(SERVER, &hello);
	memcpy(big, start, sizeof(start));
	big[sizeof(start)] =
		0x03; /* a second certificate of 200,000 bytes, never whole */
	big[sizeof(start) + 1] = 0x0d;
	big[sizeof(start) + 2] = 0x40;
	send(SERVER, 22, big, sizeof(big));
	memset(big, 0, sizeof(start) + 3);
	for (size_t sent = sizeof(big); sent < 0x032004; sent += sizeof(big))
		send(SERVER, 22, big,
		     0x032004 - sent < sizeof(big) ? 0x032004 - sent : sizeof(big));
	send(SERVER, 22, "\x0e\0\0\0", 4);
	assert_int_equal(play.result, DISSECT_MORE);
	play_end(&play);
	assert_says(play.tls, "\"truncated\":true");
	assert_says(play.tls,
		    "\"tls.certificate\":\"not_decoded\""); /* two bytes are no
							       certificate */
	assert_says(
		play.tls,
		"\"session_resumed\":false"); /* ServerHelloDone was found behind it */
	play_free(&play);
}

static void
more_certificates_than_the_cap_are_left_out(void **state)
{
	struct message hello, list = { .size = 0 };
	uint8_t header[7] = { 11 };

	(void)state;
	for (int i = 0; i < 12; i++)
		put(&list, "\0\0\2\x31\0", 5);
	header[3] = (uint8_t)(list.size + 3);
	header[6] = (uint8_t)list.size;
	begin();
	client_hello(&hello, NULL);
	send_message(CLIENT, &hello);
	server_hello(&hello, 0x0303, 0xc02f);
	send_message(SERVER, &hello);
	hello.size = 0;
	put(&hello, header, sizeof(header));
	put(&hello, list.byte, list.size);
	send_message(SERVER, &hello);
	assert_int_equal(play.certificate_count, 1); /* they are all the same one */
	play_end(&play);
	assert_says(play.tls, "\"truncated\":true");
	const char *chain = strstr(play.tls, "\"chain_sha256\":[");
	assert_non_null(chain);
	const char *chain_end = strchr(chain, ']');
	assert_int_equal(chain_end - chain, 15 + 1 + 10 * 67 - 1);
	play_free(&play);
}

/* Every suite a hello can hold: lists are cut, and what they would hash to is not told.
 */
static void
a_hello_of_thousands_of_suites_is_cut(void **state)
{
	static struct message hello;

	(void)state;
	begin_hello(&hello, 1, 0x0303);
	put16(&hello, 2 * 1500);
	for (size_t i = 0; i < 1500; i++)
		put16(&hello, i);
	put(&hello, "\1\0", 2);
	end_message(&hello);
	begin();
	send_message(CLIENT, &hello);
	play_end(&play);
	assert_says(play.tls, "\"truncated\":true");
	assert_says(play.tls, "\"tls.ja4\":\"truncated\"");
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

/* clang-format off */
static const struct beginning {
	const char *name;
	const struct dissector *dissector;
	const char *byte;
	size_t size;
	enum recognition result;
} beginnings[] = {
	{ "a ClientHello",         &dissector_tls, "\x16\3\1\0\xc8\1\0\0\xc4\3\3", 11, RECOGNISED_YES },
	{ "a ServerHello",         &dissector_tls, "\x16\3\3\0\x50\2\0\0\x4c\3\3", 11, RECOGNISED_YES },
	{ "five bytes of one",     &dissector_tls, "\x16\3\1\0\xc8", 5, RECOGNISED_MAYBE },
	{ "nothing",               &dissector_tls, "", 0, RECOGNISED_MAYBE },
	{ "a record of two bytes", &dissector_tls, "\x16\3\1\0\2\1\0", 7, RECOGNISED_YES },
	{ "an empty record",       &dissector_tls, "\x16\3\1\0\0\1\0", 7, RECOGNISED_NO },
	{ "application data",      &dissector_tls, "\x17\3\3\0\x20\1\0\0\1\3\3", 11, RECOGNISED_NO },
	{ "DTLS",                  &dissector_tls, "\x16\xfe\xfd\0\0\0\0\0\0\0\0", 11, RECOGNISED_NO },
	{ "HTTP",                  &dissector_tls, "GET / HTTP/1.1\r\n", 16, RECOGNISED_NO },
	{ "a hello of 16 MiB",     &dissector_tls, "\x16\3\1\0\xc8\1\xff\0\xc4\3\3", 11, RECOGNISED_NO },
	{ "SMTP by its banner",    &dissector_smtp, "220 mx ESMTP x\r\n", 16, RECOGNISED_YES },
	{ "a banner of either",    &dissector_smtp, "220 mail ready\r\n", 16, RECOGNISED_MAYBE },
	{ "FTP is not SMTP",       &dissector_smtp, "220 (vsFTPd 3.0.3)\r\n", 20, RECOGNISED_NO },
	{ "SMTP by its client",    &dissector_smtp, "EHLO a\r\n", 8, RECOGNISED_YES },
	{ "FTP by its banner",     &dissector_ftp, "220 ProFTPD\r\n", 13, RECOGNISED_YES },
	{ "IMAP",                  &dissector_imap, "* OK Dovecot\r\n", 14, RECOGNISED_YES },
	{ "POP3",                  &dissector_pop3, "+OK ready\r\n", 11, RECOGNISED_YES },
	{ "XMPP",                  &dissector_xmpp, "<?xml version='1.0'?><stream:stream to='a'", 42, RECOGNISED_YES },
	{ "other XML",             &dissector_xmpp, "<?xml version='1.0'?>", 21, RECOGNISED_MAYBE },
	{ "HTTP CONNECT",          &dissector_http_connect, "CONNECT a:443 HTTP/1.1\r\n", 24, RECOGNISED_YES },
	{ "PostgreSQL",            &dissector_postgresql, "\0\0\0\x08\x04\xd2\x16\x2f", 8, RECOGNISED_YES },
	{ "LDAP's StartTLS",       &dissector_ldap, "\x30\x1d\2\1\1\x77\x18\x80\x16" "1.3.6.1.4.1.1466.20037", 31, RECOGNISED_YES },
	{ "LDAP's bind",           &dissector_ldap, "\x30\x1d\2\1\1\x60\x18\2\1\3\4\0\x80\0aaaaaaaaaaaaaaaaa", 31, RECOGNISED_NO },
	{ "RDP",                   &dissector_rdp, "\3\0\0\x13\x0e\xe0\0\0\0\0\0\1\0\x08\0\3\0\0\0", 19, RECOGNISED_YES },
	{ "S7, also over TPKT",    &dissector_rdp, "\3\0\0\x16\x11\xe0\0\0\0\1\0\xc1\2\1\0\xc2\2\1\2\xc0\1\x0a", 22, RECOGNISED_NO },
};
/* clang-format on */

static void
each_beginning_is_recognised_by_content(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++) {
		const struct beginning *b = &beginnings[i];
		uint8_t *copy = malloc(b->size ? b->size : 1);
		memcpy(copy, b->byte, b->size);
		if (b->dissector->recognise(bytes_over(copy, b->size), 0) != b->result)
			fail_msg("%s", b->name);
		for (size_t size = 0; size < b->size;
		     size++) { /* a prefix never says what the whole denies */
			enum recognition now =
				b->dissector->recognise(bytes_over(copy, size), 0);
			if (b->result == RECOGNISED_YES && now == RECOGNISED_NO)
				fail_msg("%s: no after %zu bytes", b->name, size);
		}
		free(copy);
	}
}

/* What the two say in the clear, in turns: client first where it starts with '>'. */
/* clang-format off */
static const struct upgrade {
	const struct dissector *dissector;
	const char *name;
	struct { int side; const char *byte; size_t size; } said[6];
} upgrades[] = {
	{ &dissector_smtp, "smtp", { { SERVER, "220 mx ESMTP\r\n", 14 }, { CLIENT, "EHLO a\r\n", 8 },
		{ SERVER, "250-mx\r\n250 STARTTLS\r\n", 22 }, { CLIENT, "STARTTLS\r\n", 10 },
		{ SERVER, "220 go\r\n", 8 } } },
	{ &dissector_xmpp, "xmpp", { { CLIENT, "<?xml version='1.0'?><stream:stream to='a'>", 43 },
		{ SERVER, "<stream:stream><features/>", 26 }, { CLIENT, "<starttls/>", 11 }, { SERVER, "<proceed/>", 10 } } },
	{ &dissector_http_connect, "http", { { CLIENT, "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 35 },
		{ SERVER, "HTTP/1.1 200 OK\r\n\r\n", 19 } } },
	{ &dissector_ldap, "ldap", { { CLIENT, "\x30\x1d\2\1\1\x77\x18\x80\x16" "1.3.6.1.4.1.1466.20037", 31 },
		{ SERVER, "\x30\x84\0\0\0\x0c\2\1\1\x78\7\x0a\1\0\4\0\4\0", 18 } } },
	{ &dissector_postgresql, "postgresql", { { CLIENT, "\0\0\0\x08\x04\xd2\x16\x2f", 8 }, { SERVER, "S", 1 } } },
	{ &dissector_rdp, "rdp", { { CLIENT, "\3\0\0\x13\x0e\xe0\0\0\0\0\0\1\0\x08\0\3\0\0\0", 19 },
		{ SERVER, "\3\0\0\x13\x0e\xd0\0\0\x12\x34\0\2\x1f\x08\0\1\0\0\0", 19 } } },
};
/* clang-format on */

static void
tls_is_found_behind_what_was_said_before(void **state)
{
	struct message hello, answer;
	struct dissect_out out = play_out(&play);
	char want[64];

	(void)state;
	client_hello(&hello, NULL);
	server_hello(&answer, 0x0303, 0xc02f);
	for (size_t i = 0; i < sizeof(upgrades) / sizeof(upgrades[0]); i++)
		for (int by_byte = 0; by_byte < 2; by_byte++) {
			const struct upgrade *u = &upgrades[i];
			play_begin(&play, lane);
			dissector_tls.end(play.state);
			play.state = u->dissector->begin(lane);
			for (size_t j = 0; j < 6 && u->said[j].byte; j++)
				for (size_t at = 0; at < u->said[j].size;) {
					size_t size = by_byte ? 1 : u->said[j].size;
					play_bytes(&play, u->said[j].side,
						   u->said[j].byte + at, size);
					at += size;
				}
			assert_int_equal(play.result, DISSECT_MORE);
			send_message(CLIENT, &hello);
			send_message(SERVER, &answer);
			u->dissector->finish(play.state, play.at, &out);
			u->dissector->end(play.state);
			assert_int_equal(play.tls_count, 1);
			snprintf(want, sizeof(want), "\"from_proto\":\"%s\"", u->name);
			assert_says(play.tls, want);
			assert_says(play.tls, "\"version\":\"TLS 1.2\"");
			play_free(&play);
		}
}

/* Without TLS there is no record, and after 64 KiB nobody waits for it any more. */
static void
what_never_turns_to_tls_is_given_up(void **state)
{
	struct dissect_out out = play_out(&play);

	(void)state;
	play_begin(&play, lane);
	dissector_tls.end(play.state);
	play.state = dissector_smtp.begin(lane);
	for (int lines = 0; lines < 7000; lines++) {
		play_bytes(&play, CLIENT, "Received: x\r\n", 13);
		if (play.result == DISSECT_DONE)
			break;
		assert_true(lines < 65536 / 13 + 1);
	}
	assert_int_equal(play.result, DISSECT_DONE);
	dissector_smtp.finish(play.state, play.at, &out);
	dissector_smtp.end(play.state);
	assert_int_equal(play.tls_count, 0);
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
		cmocka_unit_test(a_message_above_the_cap_is_cut),
		cmocka_unit_test(more_certificates_than_the_cap_are_left_out),
		cmocka_unit_test(a_hello_of_thousands_of_suites_is_cut),
		cmocka_unit_test(each_breach_has_its_name),
		cmocka_unit_test(a_breach_later_does_not_take_what_was_learnt),
		cmocka_unit_test(each_beginning_is_recognised_by_content),
		cmocka_unit_test(tls_is_found_behind_what_was_said_before),
		cmocka_unit_test(what_never_turns_to_tls_is_given_up),
	};

	return cmocka_run_group_tests(tests, make_lane, drop_lane);
}
