/* SPDX-License-Identifier: Apache-2.0 */
/* test_mail: SMTP, FTP, POP3 and IMAP in the clear: what is told of whole
 * conversations, damaged ones, halves; no name, file or password is. */
#include "tests/unit/dissect_trial.h"

extern const struct dissector dissector_smtp, dissector_ftp, dissector_imap,
	dissector_pop3;

enum { SAYS = 14 };

/* clang-format off */
static const struct conversation {
	const struct dissector *dissector;
	const char *folder, *path;
	unsigned records;
	struct { unsigned record; const char *says; } wanted[SAYS];
} conversations[] = {
	{ &dissector_smtp, "smtp", "tests/fuzz/corpus/smtp/mail", 3, {
		{ 0, "\"helo\":\"pc\"" }, { 0, "\"kind\":\"mail\",\"recipients\":2,\"size\":25,\"code\":250" },
		{ 1, "\"kind\":\"mail\",\"recipients\":1,\"size\":7,\"code\":250" },
		{ 2, "\"kind\":\"session\",\"mails\":2,\"auth\":\"LOGIN\",\"auth_code\":235,\"is_password_clear\":true,\"is_tls_offered\":true,\"is_tls\":false" } } },
	{ &dissector_ftp, "ftp", "tests/fuzz/corpus/ftp/session", 10, {
		{ 0, "\"command\":null,\"completion_code\":[\"220\"],\"reply_received\":\"yes\"" },
		{ 1, "\"command\":\"USER\",\"completion_code\":[\"331\"]" }, { 2, "\"command\":\"PASS\",\"completion_code\":[\"230\"]" },
		{ 3, "\"command\":\"PASV\",\"completion_code\":[\"227\"],\"dynamic_port\":1025,\"mode\":\"passive\"" }, { 3, "\"dynamic_ip\":\"192.0.2.1\"" },
		{ 4, "\"command\":\"RETR\",\"completion_code\":[\"150\",\"226\"],\"reply_received\":\"yes\"}" },
		{ 5, "\"command\":\"EPSV\",\"completion_code\":[\"229\"],\"dynamic_port\":6446" },
		{ 6, "\"dynamic_port\":20,\"mode\":\"active\"" },
		{ 7, "\"command\":\"EPRT\"" }, { 7, "\"dynamic_port\":5282" }, { 7, "\"dynamic_ip\":\"2001:0db8:" },
		{ 8, "\"command\":\"AUTH\"" }, { 8, "\"is_tls\":true" }, { 9, "\"command\":\"other\",\"completion_code\":null,\"reply_received\":\"no\"" } } },
	{ &dissector_pop3, "pop3", "tests/fuzz/corpus/pop3/session", 1, {
		{ 0, "\"pop3\":{\"login\":\"success\",\"method\":\"PASS\",\"is_password_clear\":true,\"is_tls\":false,\"is_tls_offered\":true,\"fetched\":1}" } } },
	{ &dissector_imap, "imap", "tests/fuzz/corpus/imap/session", 1, {
		{ 0, "\"imap\":{\"login\":\"success\",\"method\":\"LOGIN\",\"is_password_clear\":true,\"is_tls\":false,\"is_tls_offered\":true,\"fetched\":2}" } } },
	{ &dissector_imap, "imap", "tests/fuzz/corpus/imap/failure", 1, {
		{ 0, "\"imap\":{\"login\":\"failure\",\"method\":\"PLAIN\",\"is_password_clear\":true,\"is_tls\":false,\"fetched\":0}" } } },
};
/* clang-format on */

enum { CONVERSATIONS = sizeof(conversations) / sizeof(conversations[0]) };

static void
each_conversation_is_told(void **state)
{
	static struct trial trial;

	(void)state;
	for (size_t i = 0; i < CONVERSATIONS; i++) {
		const struct conversation *c = &conversations[i];
		trial_load(&trial, c->dissector, c->path);
		trial_whole(&trial);
		if (trial.play.count != c->records)
			fail_msg("%s: %u records", c->path, trial.play.count);
		for (int j = 0; j < SAYS && c->wanted[j].says; j++)
			assert_says(trial.play.line[c->wanted[j].record],
				    c->wanted[j].says);
		for (unsigned j = 0; j < trial.play.count; j++)
			assert_does_not_say(trial.play.line[j], "MARKER");
		assert_int_equal(trial.play.client, 0);
		trial_free(&trial);
	}
}

static void
each_survives_whatever_comes(void **state)
{
	(void)state;
	for (size_t i = 0; i < CONVERSATIONS; i++)
		trial_all(conversations[i].dissector, conversations[i].path,
			  conversations[i].folder);
}

/* The client's TLS is not read as lines; the session says that it turned. */
static void
a_session_that_turns_to_tls_says_so(void **state)
{
	static struct play play;
	static const uint8_t hello[] = { 0x16, 3, 1, 0, 0xc8, 1, 0, 0, 0xc4, 3, 3 };
	static const struct {
		const struct dissector *dissector;
		const char *server, *ask, *yes, *says;
	} turns[] = {
		{ &dissector_smtp, "220 mx ESMTP\r\n", "STARTTLS\r\n", "220 go\r\n",
		  "\"is_tls\":true" },
		{ &dissector_pop3, "+OK ready\r\n", "STLS\r\n", "+OK\r\n",
		  "\"is_tls\":true" },
		{ &dissector_imap, "* OK ready\r\n", "a STARTTLS\r\n", "a OK\r\n",
		  "\"is_tls\":true" },
		{ &dissector_ftp, "220 FTP\r\n", "AUTH TLS\r\n", "234 go\r\n",
		  "\"command\":\"AUTH\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(turns) / sizeof(turns[0]); i++) {
		void *lane = turns[i].dissector->shared_new();
		play_begin(&play, turns[i].dissector, lane);
		play_text(&play, 1, turns[i].server);
		play_text(&play, 0, turns[i].ask);
		play_text(&play, 1, turns[i].yes);
		play_bytes(&play, 0, hello, sizeof(hello));
		play_text(&play, 1, "USER not a command\r\n");
		play_end(&play);
		assert_true(play.count > 0);
		assert_says(play.line[play.count - 1], turns[i].says);
		turns[i].dissector->shared_free(lane);
	}
}

static void
caps_are_reached_and_counted(void **state)
{
	static struct play play;
	void *lane = dissector_ftp.shared_new();

	(void)state;
	play_begin(&play, &dissector_ftp, lane);
	play_text(&play, 1, "220 FTP\r\n");
	for (int i = 0; i < 100; i++)
		play_text(&play, 0, "NOOP\r\n");
	play_end(&play);
	assert_int_equal(play.count, 1 + 64);
	assert_int_equal(dissector_ftp.counters(lane).dropped, 100 - 64);
	play_begin(&play, &dissector_ftp, lane);
	for (int i = 0; i < 300; i++) {
		play.count = 0;
		play.used = 0;
		play_text(&play, 0, "NOOP\r\n");
		play_text(&play, 1, "200 ok\r\n");
	}
	play_end(&play);
	assert_int_equal(dissector_ftp.counters(lane).dropped, 100 - 64 + 300 - 256);
	dissector_ftp.shared_free(lane);

	lane = dissector_smtp.shared_new();
	play_begin(&play, &dissector_smtp, lane);
	play_text(&play, 0, "EHLO a\r\nMAIL FROM:<a>\r\n");
	for (int i = 0; i < 40; i++)
		play_text(&play, 0, "RCPT TO:<b>\r\n");
	play_end(&play);
	assert_says(play.line[0], "\"recipients\":40");
	assert_says(play.line[0], "\"truncated\":true");
	dissector_smtp.shared_free(lane);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_conversation_is_told),
		cmocka_unit_test(each_survives_whatever_comes),
		cmocka_unit_test(a_session_that_turns_to_tls_says_so),
		cmocka_unit_test(caps_are_reached_and_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
