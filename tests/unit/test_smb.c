/* SPDX-License-Identifier: Apache-2.0 */
/* test_smb: log-ins and shares of SMB, by Samba whole and damaged, and at the edges by
 * made bytes. */
#include "tests/unit/dissect_trial.h"

#include "sensor/dissect/smb_state.h"
#include "sensor/dissect/utf16.h"

extern const struct dissector dissector_smb;

static struct trial trial;

#define CORPUS "tests/fuzz/corpus/smb/"

static void
try(const char *name, const char *says)
{
	bool is_said = false;

	trial_load(&trial, &dissector_smb, name);
	trial_bytewise(&trial);
	assert_int_equal(trial.play.client, 0);
	for (unsigned i = 0; i < trial.play.count; i++) {
		is_said |= strstr(trial.play.line[i], says) != NULL;
		assert_does_not_say(trial.play.line[i], "MARKER");
	}
	if (!is_said)
		fail_msg("%s is not in %s", says,
			 trial.play.count ? trial.play.line[0] : "(no record)");
	trial_prefixes(&trial);
	trial_damages(&trial);
	trial_gaps(&trial);
	trial_recognised(&trial, 0);
	trial_recognised(&trial, 1);
	trial_strangers(&trial, "smb");
	trial_free(&trial);
}

static void
a_wrong_password_is_told(void **state)
{
	(void)state;
	try(CORPUS "samba-wrong-password",
	    "\"auth\":{\"method\":\"ntlm\",\"outcome\":\"failure\"}");
}

static void
a_pipe_and_its_interface_are_told(void **state)
{
	(void)state;
	try(CORPUS "samba-srvsvc", "\"admin_share\":\"IPC$\",\"pipes\":[\"srvsvc\"],"
				   "\"interfaces\":[\"srvsvc\"]");
}

static void
smb_1_is_told(void **state)
{
	(void)state;
	try(CORPUS "samba-nt1", "\"dialect\":\"NT LANMAN 1.0\"");
}

/* A header of SMB 2 with its frame and 'body' behind it. */
static void
say(int side, uint16_t command, uint32_t status, uint64_t id, uint32_t tree,
    const void *body, size_t size)
{
	uint8_t frame[4 + 64 + 512] = { 0,   0,   0, (uint8_t)(64 + size), 0xfe, 'S',
					'M', 'B', 64 };

	frame[2] = (uint8_t)((64 + size) >> 8);
	memcpy(frame + 4 + 8, &status, 4);
	memcpy(frame + 4 + 12, &command, 2);
	frame[4 + 16] = side == 1;
	memcpy(frame + 4 + 24, &id, 8);
	memcpy(frame + 4 + 36, &tree, 4);
	memcpy(frame + 4 + 64, body, size);
	play_bytes(&trial.play, side, frame, 4 + 64 + size);
}

static void
start(void)
{
	trial_load(&trial, &dissector_smb, CORPUS "samba-srvsvc");
	trial_begin(&trial);
}

static void
stop(void)
{
	trial_end(&trial);
	trial_free(&trial);
}

static void
files_are_counted_on_a_share_that_was_there_before(void **state)
{
	static uint8_t create[57], created[89] = { [4] = 2, [48] = 77 };
	static const uint8_t delete[33] = {
		[2] = 1, [3] = 13, [4] = 1, [8] = 96, [32] = 1
	};
	static const uint8_t rename[33] = { [2] = 1, [3] = 10 };

	(void)state;
	start();
	create[41] = 0x10; /* delete on close */
	say(0, 5, 0, 1, 9, create, sizeof(create));
	say(1, 5, STATUS_PENDING, 1, 9, created, sizeof(created));
	say(1, 5, 0, 1, 9, created, sizeof(created));
	say(0, 17, 0, 2, 9, delete, sizeof(delete));
	say(1, 17, 0, 2, 9, "", 0);
	say(0, 17, 0, 3, 9, rename, sizeof(rename));
	say(1, 17, 0xc0000022, 3, 9, "", 0);
	say(0, 5, 0, 4, 9, create, sizeof(create));
	say(1, 5, 0xc0000034, 4, 9, "", 0);
	stop();
	assert_int_equal(trial.play.count, 1);
	assert_says(
		trial.play.line[0],
		"\"files\":{\"opened\":0,\"created\":1,\"overwritten\":0,\"deleted\":2,"
		"\"renamed\":0,\"refused\":1,\"largest\":77}");
	assert_says(trial.play.line[0], "\"smb.share\":\"truncated\"");
}

static void
shares_and_requests_beyond_the_caps_are_counted(void **state)
{
	static const uint8_t read[49];
	uint64_t dropped;

	(void)state;
	start();
	for (uint32_t tree = 1; tree <= SMB_TREES_MAX + 3; tree++)
		say(0, 8, 0, 1, tree, read, sizeof(read));
	assert_int_equal(trial.lane->counters.dropped, 3);
	trial_end(&trial);
	assert_int_equal(trial.play.count, SMB_TREES_MAX);
	trial_begin(&trial);
	dropped = trial.lane->counters.dropped;
	for (uint64_t id = 0; id < SMB_WAITING_MAX + 5; id++)
		say(0, 8, 0, id, 1, read, sizeof(read));
	assert_int_equal(trial.lane->counters.dropped, dropped + 5);
	stop();
}

static void
encryption_hides_all_that_follows(void **state)
{
	(void)state;
	start();
	play_bytes(&trial.play, 0, "\0\0\0\x08\xfdSMBxxxx", 12);
	stop();
	assert_int_equal(trial.play.count, 1);
	assert_says(trial.play.line[0], "\"kind\":\"session\"");
	assert_says(trial.play.line[0], "\"encrypted\":true");
}

static void
contents_that_are_lost_lose_nothing(void **state)
{
	static uint8_t message[4 + SMB_KEPT_MAX] = {
		0, 1, 0, 0, 0xfe, 'S', 'M', 'B', 64
	};

	(void)state;
	start();
	play_bytes(&trial.play, 0, message, sizeof(message));
	play_gap(&trial.play, 0, 65536 - SMB_KEPT_MAX);
	play_bytes(&trial.play, 0, "\0\0\0\x08\xfdSMBxxxx", 12);
	stop();
	assert_says(trial.play.line[0], "\"encrypted\":true");
}

static void
what_is_no_frame_is_a_violation(void **state)
{
	(void)state;
	start();
	play_bytes(&trial.play, 0, "\x42\0\0\0", 4);
	stop();
	assert_string_equal(trial.play.violation, "smb.malformed_nbss");
	start();
	play_bytes(&trial.play, 0, "\0\0\0\4nope", 8);
	stop();
	assert_string_equal(trial.play.violation, "smb.malformed_data");
}

static void
a_netbios_session_request_is_known(void **state)
{
	char request[72] = "\x81\0\0\x44\x20";

	(void)state;
	memset(request + 5, 'C', 32);
	for (size_t size = 1; size < 37; size++)
		assert_int_equal(dissector_smb.recognise(bytes_over(request, size), 0),
				 RECOGNISED_MAYBE);
	assert_int_equal(dissector_smb.recognise(bytes_over(request, 72), 0),
			 RECOGNISED_YES);
}

static void
utf16_becomes_utf8(void **state)
{
	static const uint8_t text[] = { 'a',  0,    0xe9, 0,    0x42, 0x30,
					0x3d, 0xd8, 0x00, 0xde, 0x3d, 0xd8,
					'b',  0,    0,    0,    'c',  0 };
	uint8_t out[32];

	(void)state;
	size_t size = utf16_to_utf8(bytes_over(text, sizeof(text)), out, sizeof(out));
	assert_int_equal(size, 14);
	assert_memory_equal(out,
			    "a\xc3\xa9\xe3\x81\x82\xf0\x9f\x98\x80\xef\xbf\xbd"
			    "b",
			    14);
	assert_int_equal(utf16_to_utf8(bytes_over(text, sizeof(text)), out, 5), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_password_is_told),
		cmocka_unit_test(a_pipe_and_its_interface_are_told),
		cmocka_unit_test(smb_1_is_told),
		cmocka_unit_test(files_are_counted_on_a_share_that_was_there_before),
		cmocka_unit_test(shares_and_requests_beyond_the_caps_are_counted),
		cmocka_unit_test(encryption_hides_all_that_follows),
		cmocka_unit_test(contents_that_are_lost_lose_nothing),
		cmocka_unit_test(what_is_no_frame_is_a_violation),
		cmocka_unit_test(a_netbios_session_request_is_known),
		cmocka_unit_test(utf16_becomes_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
