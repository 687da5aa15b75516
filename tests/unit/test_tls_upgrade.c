/* SPDX-License-Identifier: Apache-2.0 */
/* test_tls_upgrade: TLS by its first bytes, and behind what other protocols say first.
 */
#include "sensor/dissect/tls_upgrade.h"
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
	{ "SMTP by its banner",    &tls_behind_smtp, "220 mx ESMTP x\r\n", 16, RECOGNISED_YES },
	{ "a banner of either",    &tls_behind_smtp, "220 mail ready\r\n", 16, RECOGNISED_MAYBE },
	{ "FTP is not SMTP",       &tls_behind_smtp, "220 (vsFTPd 3.0.3)\r\n", 20, RECOGNISED_NO },
	{ "SMTP by its client",    &tls_behind_smtp, "EHLO a\r\n", 8, RECOGNISED_YES },
	{ "FTP by its banner",     &tls_behind_ftp, "220 ProFTPD\r\n", 13, RECOGNISED_YES },
	{ "IMAP",                  &tls_behind_imap, "* OK Dovecot\r\n", 14, RECOGNISED_YES },
	{ "POP3",                  &tls_behind_pop3, "+OK ready\r\n", 11, RECOGNISED_YES },
	{ "XMPP",                  &dissector_xmpp, "<?xml version='1.0'?><stream:stream to='a'", 42, RECOGNISED_YES },
	{ "other XML",             &dissector_xmpp, "<?xml version='1.0'?>", 21, RECOGNISED_MAYBE },
	{ "HTTP CONNECT",          &dissector_http_connect, "CONNECT a:443 HTTP/1.1\r\n", 24, RECOGNISED_YES },
	{ "PostgreSQL",            &dissector_postgresql, "\0\0\0\x08\x04\xd2\x16\x2f", 8, RECOGNISED_YES },
	{ "LDAP's StartTLS",       &tls_behind_ldap, "\x30\x1d\2\1\1\x77\x18\x80\x16" "1.3.6.1.4.1.1466.20037", 31, RECOGNISED_YES },
	{ "LDAP's bind",           &tls_behind_ldap, "\x30\x1d\2\1\1\x60\x18\2\1\3\4\0\x80\0aaaaaaaaaaaaaaaaa", 31, RECOGNISED_NO },
	{ "RDP",                   &tls_behind_rdp, "\3\0\0\x13\x0e\xe0\0\0\0\0\0\1\0\x08\0\3\0\0\0", 19, RECOGNISED_YES },
	{ "S7, also over TPKT",    &tls_behind_rdp, "\3\0\0\x16\x11\xe0\0\0\0\1\0\xc1\2\1\0\xc2\2\1\2\xc0\1\x0a", 22, RECOGNISED_NO },
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
	{ &tls_behind_smtp, "smtp", { { SERVER, "220 mx ESMTP\r\n", 14 }, { CLIENT, "EHLO a\r\n", 8 },
		{ SERVER, "250-mx\r\n250 STARTTLS\r\n", 22 }, { CLIENT, "STARTTLS\r\n", 10 },
		{ SERVER, "220 go\r\n", 8 } } },
	{ &dissector_xmpp, "xmpp", { { CLIENT, "<?xml version='1.0'?><stream:stream to='a'>", 43 },
		{ SERVER, "<stream:stream><features/>", 26 }, { CLIENT, "<starttls/>", 11 }, { SERVER, "<proceed/>", 10 } } },
	{ &dissector_http_connect, "http", { { CLIENT, "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 35 },
		{ SERVER, "HTTP/1.1 200 OK\r\n\r\n", 19 } } },
	{ &tls_behind_ldap, "ldap", { { CLIENT, "\x30\x1d\2\1\1\x77\x18\x80\x16" "1.3.6.1.4.1.1466.20037", 31 },
		{ SERVER, "\x30\x84\0\0\0\x0c\2\1\1\x78\7\x0a\1\0\4\0\4\0", 18 } } },
	{ &dissector_postgresql, "postgresql", { { CLIENT, "\0\0\0\x08\x04\xd2\x16\x2f", 8 }, { SERVER, "S", 1 } } },
	{ &tls_behind_rdp, "rdp", { { CLIENT, "\3\0\0\x13\x0e\xe0\0\0\0\0\0\1\0\x08\0\3\0\0\0", 19 },
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
	play.state = tls_behind_smtp.begin(lane);
	for (int lines = 0; lines < 7000; lines++) {
		play_bytes(&play, CLIENT, "Received: x\r\n", 13);
		if (play.result == DISSECT_DONE)
			break;
		assert_true(lines < 65536 / 13 + 1);
	}
	assert_int_equal(play.result, DISSECT_DONE);
	tls_behind_smtp.finish(play.state, play.at, &out);
	tls_behind_smtp.end(play.state);
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
		cmocka_unit_test(each_beginning_is_recognised_by_content),
		cmocka_unit_test(tls_is_found_behind_what_was_said_before),
		cmocka_unit_test(what_never_turns_to_tls_is_given_up),
	};

	return cmocka_run_group_tests(tests, make_lane, drop_lane);
}
