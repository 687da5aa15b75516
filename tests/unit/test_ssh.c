/* SPDX-License-Identifier: Apache-2.0 */
/* test_ssh: SSH banners, key exchanges and log-ins, real ones whole and damaged, made
 * ones at every edge. */
#include "tests/unit/dissect_trial.h"

#include "sensor/dissect/ssh_state.h"

extern const struct dissector dissector_ssh;

static struct trial trial;

static int
load(void **state)
{
	(void)state;
	trial_load(&trial, &dissector_ssh,
		   "tests/fuzz/corpus/ssh/openssh-wrong-password");
	return 0;
}

static int
unload(void **state)
{
	(void)state;
	trial_free(&trial);
	return 0;
}

static void
real_peers_are_told(void **state)
{
	(void)state;
	trial_whole(&trial);
	assert_int_equal(trial.play.count, 1);
	assert_int_equal(trial.play.client, 0);
	assert_says(trial.play.line[0],
		    "\"ssh\":{\"client\":{\"proto_version\":\"2.0\","
		    "\"software_version\":\"OpenSSH_9.2p1\"");
	assert_says(trial.play.line[0],
		    "\"cipher\":{\"to_server\":\"aes256-gcm@openssh."
		    "com\",\"to_client\":\"aes256-gcm@openssh.com\"}");
	assert_says(trial.play.line[0],
		    "\"mac\":{\"to_server\":null,\"to_client\":null}");
	assert_says(trial.play.line[0],
		    "\"auth\":{\"outcome\":\"failure\",\"attempts\":3,\"refused\":4,"
		    "\"basis\":\"lengths\"}");
	assert_does_not_say(trial.play.line[0], "unobservable");
}

static void
every_cut_is_told_the_same(void **state)
{
	(void)state;
	trial_bytewise(&trial);
}

static void
every_prefix_damage_and_loss_is_borne(void **state)
{
	(void)state;
	trial_prefixes(&trial);
	trial_damages(&trial);
	trial_gaps(&trial);
}

static void
it_is_known_by_its_first_bytes_and_nothing_else_is(void **state)
{
	(void)state;
	trial_recognised(&trial, 0);
	trial_recognised(&trial, 1);
	trial_strangers(&trial, "ssh");
	assert_int_equal(dissector_ssh.recognise(bytes_over("SSH-3.0-x", 9), 0),
			 RECOGNISED_NO);
}

static const char *
banners(const char *client, const char *server)
{
	trial_begin(&trial);
	play_text(&trial.play, 1, server);
	play_text(&trial.play, 0, client);
	trial_end(&trial);
	return trial.play.count ? trial.play.line[0] : NULL;
}

static void
ssh_1_is_told_by_its_banners(void **state)
{
	(void)state;
	const char *line = banners("SSH-1.5-old\n", "SSH-1.99-OpenSSH_3.1p1 x y\r\n");
	assert_says(line, "\"sekisho\":{");
	assert_says(line, "\"ssh\":{\"version\":1,");
	assert_says(line, "\"server\":{\"comment\":\"x y\"}");
	assert_int_equal(trial.play.result, DISSECT_DONE);
	line = banners("SSH-2.0-a\r\n", "SSH-1.99-b\r\n");
	assert_says(line, "\"ssh\":{\"version\":2,");
	assert_says(line, "\"ssh.client.hassh\":\"truncated\"");
}

static void
lines_before_the_banner_are_passed_over_up_to_a_limit(void **state)
{
	char many[8 * (SSH_LINES_MAX + 2)] = "";

	(void)state;
	assert_says(
		banners("SSH-2.0-a\r\n", "Welcome\r\nto\r\nSSH-2.0-b\r\n"),
		"\"server\":{\"proto_version\":\"2.0\",\"software_version\":\"b\"}");
	for (int i = 0; i <= SSH_LINES_MAX; i++)
		strcat(many, "hello\n");
	banners("SSH-2.0-a\r\n", many);
	assert_string_equal(trial.play.violation, "ssh.invalid_banner");
}

static void
a_banner_too_long_is_a_violation(void **state)
{
	char banner[SSH_BANNER_MAX + 16];

	(void)state;
	memset(banner, 'a', sizeof(banner));
	memcpy(banner, "SSH-2.0-", 8);
	strcpy(banner + sizeof(banner) - 3, "\r\n");
	banners(banner, "SSH-2.0-b\r\n");
	assert_string_equal(trial.play.violation, "ssh.long_banner");
}

static void
a_packet_too_long_or_too_short_is_a_violation(void **state)
{
	static const char *const sizes[] = { "\0\0\0\1", "\0\7\0\0" };
	(void)state;

	for (size_t i = 0; i < 2; i++) {
		trial_begin(&trial);
		play_text(&trial.play, 0, "SSH-2.0-a\r\n");
		play_bytes(&trial.play, 0, sizes[i], 4);
		trial_end(&trial);
		assert_string_equal(trial.play.violation, "ssh.invalid_record");
		assert_int_equal(trial.play.count, 1);
	}
}

/* A KEXINIT whose lists are all 'name', or as many bytes of it as 'size' says. */
static void
kexinit(int side, const char *lists[SSH_LISTS], size_t size)
{
	static uint8_t packet[32768];
	size_t at = 5;

	memset(packet, 0, sizeof(packet));
	packet[at] = 20;
	at += 17;
	for (int i = 0; i < SSH_LISTS; i++) {
		size_t length = strlen(lists[i]);
		packet[at + 2] = (uint8_t)(length >> 8);
		packet[at + 3] = (uint8_t)length;
		memcpy(packet + at + 4, lists[i], length);
		at += 4 + length;
	}
	at = at + 13 > size ? at + 13 : size;
	packet[2] = (uint8_t)((at - 4) >> 8);
	packet[3] = (uint8_t)(at - 4);
	play_bytes(&trial.play, side, packet, at);
}

#define BOTH(name) name, name

static void
what_they_agree_on_is_the_clients_first(void **state)
{
	const char *client[] = { "k1,k2,ext-info-c", "h2,h1", BOTH("c1,c2"), BOTH("m1"),
				 BOTH("none") };
	const char *server[] = { "k2,k1", "h1,h2", BOTH("c2"), BOTH("m2"),
				 BOTH("none") };

	(void)state;
	trial_begin(&trial);
	play_text(&trial.play, 0, "SSH-2.0-a\r\n");
	play_text(&trial.play, 1, "SSH-2.0-b\r\n");
	kexinit(0, client, 0);
	kexinit(1, server, 0);
	play_bytes(&trial.play, 1, "\0\0\0\x0c\4\1\0\0\0\3xxxx\0\0", 16);
	trial_end(&trial);
	assert_says(trial.play.line[0],
		    "\"kex\":\"k1\",\"host_key\":{\"algorithm\":\"h2\"},\"cipher\":{"
		    "\"to_server\":\"c2\",\"to_client\":\"c2\"},\"mac\":{\"to_server\":"
		    "null,\"to_client\":null},\"strict_kex\":false,\"disconnect\":3");
	assert_says(trial.play.line[0], "k1,k2,ext-info-c;c1,c2;m1;none");
}

static void
a_key_exchange_longer_than_what_is_kept_is_counted(void **state)
{
	const char *lists[] = { "k", "h", BOTH("c"), BOTH("m"), BOTH("none") };
	uint64_t before = trial.lane->counters.cut;

	(void)state;
	trial_begin(&trial);
	play_text(&trial.play, 0, "SSH-2.0-a\r\n");
	kexinit(0, lists, SSH_KEPT_MAX + 100);
	trial_end(&trial);
	assert_int_equal(trial.lane->counters.cut, before + 1);
	assert_says(trial.play.line[0], "\"ssh.client.hassh\":\"truncated\"");
}

/* Encrypted answers of these sizes, after each a request; 0 ends. */
static const char *
log_in(const char *cipher, const char *mac, const uint32_t *answers)
{
	const char *lists[] = { "k", "h", BOTH(cipher), BOTH(mac), BOTH("none") };
	static const uint8_t newkeys[16] = { 0, 0, 0, 12, 10, 21 };
	static uint8_t noise[70000];

	trial_begin(&trial);
	play_text(&trial.play, 0, "SSH-2.0-OpenSSH_9\r\n");
	play_text(&trial.play, 1, "SSH-2.0-b\r\n");
	for (int side = 0; side < SIDES; side++) {
		kexinit(side, lists, 0);
		play_bytes(&trial.play, side, newkeys, sizeof(newkeys));
	}
	for (; *answers; answers++) {
		play_bytes(&trial.play, 0, noise, 64);
		play_bytes(&trial.play, 1, noise, *answers);
	}
	trial_end(&trial);
	return trial.play.line[0];
}

static void
log_ins_are_judged_by_turns(void **state)
{
	static const uint32_t in[] = { 64, 96, 96, 48, 0 },
			      out[] = { 64, 96, 112, 96, 96, 0 },
			      nothing[] = { 64, 96, 0 }, at_once[] = { 160, 96, 0 },
			      banner[] = { 64, 320, 96, 96, 0 }, alone[] = { 64, 0 };
	(void)state;

	/* aes128-ctr with hmac-sha2-256: 16 + 32, SERVICE_ACCEPT 16 more */
	assert_says(log_in("aes128-ctr", "hmac-sha2-256", in),
		    "\"auth\":{\"outcome\":\"success\",\"attempts\":2,\"refused\":2,"
		    "\"basis\":\"turns\"}");
	assert_says(log_in("aes128-ctr", "hmac-sha2-256", out),
		    "\"outcome\":\"failure\",\"attempts\":2,\"refused\":3");
	assert_says(log_in("aes128-ctr", "hmac-sha2-256", nothing),
		    "\"outcome\":\"none\",\"attempts\":0,\"refused\":1");
	assert_says(log_in("aes128-ctr", "hmac-sha2-256", at_once),
		    "\"outcome\":\"failure\",\"attempts\":1,\"refused\":2");
	assert_says(log_in("aes128-ctr", "hmac-sha2-256", banner),
		    "\"outcome\":\"failure\",\"attempts\":2,\"refused\":2");
	assert_says(log_in("aes128-ctr", "hmac-sha2-256", alone),
		    "\"outcome\":\"none\",\"attempts\":0");
}

static void
what_cannot_be_judged_is_called_encrypted(void **state)
{
	static const uint32_t in[] = { 64, 96, 48, 0 }, odd[] = { 32, 32, 0 },
			      long_one[] = { 64, SSH_ENCRYPTED_MAX, 0 };
	(void)state;

	assert_says(log_in("unheard-of", "hmac-sha2-256", in),
		    "\"sekisho.ssh.auth\":\"encrypted\"");
	assert_says(log_in("aes128-ctr", "unheard-of", in),
		    "\"sekisho.ssh.auth\":\"encrypted\"");
	assert_says(log_in("aes128-ctr", "hmac-sha2-256", odd),
		    "\"sekisho.ssh.auth\":\"encrypted\"");
	assert_says(log_in("aes128-ctr", "hmac-sha2-256", long_one),
		    "\"sekisho.ssh.auth\":\"encrypted\"");
	assert_int_equal(trial.play.result, DISSECT_DONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_peers_are_told),
		cmocka_unit_test(every_cut_is_told_the_same),
		cmocka_unit_test(every_prefix_damage_and_loss_is_borne),
		cmocka_unit_test(it_is_known_by_its_first_bytes_and_nothing_else_is),
		cmocka_unit_test(ssh_1_is_told_by_its_banners),
		cmocka_unit_test(lines_before_the_banner_are_passed_over_up_to_a_limit),
		cmocka_unit_test(a_banner_too_long_is_a_violation),
		cmocka_unit_test(a_packet_too_long_or_too_short_is_a_violation),
		cmocka_unit_test(what_they_agree_on_is_the_clients_first),
		cmocka_unit_test(a_key_exchange_longer_than_what_is_kept_is_counted),
		cmocka_unit_test(log_ins_are_judged_by_turns),
		cmocka_unit_test(what_cannot_be_judged_is_called_encrypted),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
