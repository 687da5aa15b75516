/* SPDX-License-Identifier: Apache-2.0 */
/* test_quic: QUIC's keys and packets by the RFCs' own examples; a real handshake whole,
 * damaged and in pieces; caps. */
#include <openssl/evp.h>

#include "tests/unit/dissect_trial.h"

#include "sensor/dissect/quic_state.h"

extern const struct dissector dissector_quic;

static struct quic_lane *lane;
static struct play play;

static int
make_lane(void **state)
{
	(void)state;
	lane = dissector_quic.shared_new();
	return lane ? 0 : -1;
}

static int
free_lane(void **state)
{
	(void)state;
	assert_int_equal(lane->lane.budget.held, 0);
	dissector_quic.shared_free(lane);
	return 0;
}

static size_t
from_hex(const char *hex, uint8_t *out)
{
	size_t size = strlen(hex) / 2;

	for (size_t i = 0; i < size; i++) {
		unsigned octet;
		assert_int_equal(sscanf(hex + 2 * i, "%2x", &octet), 1);
		out[i] = (uint8_t)octet;
	}
	return size;
}

static void
assert_hex(const uint8_t *at, size_t size, const char *hex)
{
	uint8_t expected[64];

	assert_int_equal(from_hex(hex, expected), size);
	assert_memory_equal(at, expected, size);
}

static const uint8_t rfc_id[] = { 0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08 };

/* RFC 9001 appendix A.1, RFC 9369 appendix A.1. */
static void
keys_are_those_of_the_rfcs(void **state)
{
	struct quic_keys keys[2];

	(void)state;
	quic_keys_make(QUIC_V1, bytes_over(rfc_id, sizeof(rfc_id)), keys);
	assert_hex(keys[0].key, 16, "1f369613dd76d5467730efcbe3b1a22d");
	assert_hex(keys[0].iv, 12, "fa044b2f42a3fd3b46fb255c");
	assert_hex(keys[0].hp, 16, "9f50449e04a0e810283a1e9933adedd2");
	assert_hex(keys[1].key, 16, "cf3a5331653c364c88f0f379b6067e37");
	assert_hex(keys[1].iv, 12, "0ac1493ca1905853b0bba03e");
	assert_hex(keys[1].hp, 16, "c206b8d9b9f0f37644430b490eeaa314");
	quic_keys_make(QUIC_V2, bytes_over(rfc_id, sizeof(rfc_id)), keys);
	assert_hex(keys[0].key, 16, "8b1a0bc121284290a29e0971b5cd045d");
	assert_hex(keys[0].iv, 12, "91f73e2351d8fa91660e909f");
	assert_hex(keys[0].hp, 16, "45b95e15235d6f45a6b19cbcb0294ba9");
	assert_hex(keys[1].key, 16, "82db637861d55e1d011f19ea71d5d2a7");
	assert_hex(keys[1].iv, 12, "dd13c276499c0249d3310652");
	assert_hex(keys[1].hp, 16, "edf6d05c83121201b436e16877593c3a");
}

/* The server's Initial of RFC 9001 appendix A.3. */
static const char server_initial[] =
	"cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a"
	"5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3"
	"dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84"
	"022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc4"
	"2158407dd074ee";

static void
the_packet_of_the_rfc_opens(void **state)
{
	uint8_t datagram[512];
	size_t size = from_hex(server_initial, datagram);
	struct bytes left = bytes_over(datagram, size), plain;
	struct quic_keys keys[2];
	struct tls_server_hello hello;

	(void)state;
	struct quic_packet packet = quic_packet_take(&left);
	assert_int_equal(packet.kind, QUIC_INITIAL);
	assert_int_equal(left.left, 0);
	quic_keys_make(QUIC_V1, bytes_over(rfc_id, sizeof(rfc_id)), keys);
	assert_true(quic_open(lane, &keys[1], &packet, &plain));
	assert_hex(plain.at, 9, "02000000000600405a");
	struct bytes handshake = bytes_over(plain.at + 9, plain.left - 9), body;
	assert_true(quic_message_take(&handshake, 2, &body));
	assert_true(tls_server_hello_read(body, &hello));
	assert_int_equal(hello.suite, 0x1301);
	assert_int_equal(hello.group, 0x001d);
	assert_false(quic_open(lane, &keys[0], &packet, &plain));
	for (size_t i = 18; i < size; i++) { /* the tag covers all of it */
		datagram[i] ^= 1;
		left = bytes_over(datagram, size);
		packet = quic_packet_take(&left);
		assert_false(packet.kind == QUIC_INITIAL &&
			     quic_open(lane, &keys[1], &packet, &plain));
		datagram[i] ^= 1;
	}
}

static void
numbers_are_those_of_the_rfc(void **state)
{
	static const struct {
		const char *hex;
		uint64_t number;
	} cases[] = { { "c2197c5eff14e88c", 151288809941952652 },
		      { "9d7f3e7d", 494878333 },
		      { "7bbd", 15293 },
		      { "25", 37 },
		      { "4025", 37 } };
	uint8_t octets[8];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes data = bytes_over(octets, from_hex(cases[i].hex, octets));
		assert_true(quic_number(&data) == cases[i].number);
		assert_true(bytes_ok(&data) && data.left == 0);
	}
}

/* A client's Initial packet of these frames, sealed as RFC 9001 section 5 has it. */
static size_t
seal(const uint8_t *frames, size_t size, uint8_t out[2048])
{
	static const uint8_t head[] = { 0xc3, 0,    0,    0,    1,    8, 0x83, 0x94,
					0xc8, 0xf0, 0x3e, 0x51, 0x57, 8, 0,    0 };
	size_t header = sizeof(head) + 2 + 4, length = 4 + size + CIPHER_TAG;
	struct quic_keys keys[2];
	uint8_t mask[CIPHER_BLOCK];
	EVP_CIPHER_CTX *gcm = EVP_CIPHER_CTX_new();
	int written;

	assert_true(header + size + CIPHER_TAG <= 2048);
	memcpy(out, head, sizeof(head));
	out[sizeof(head)] = (uint8_t)(0x40 | length >> 8);
	out[sizeof(head) + 1] = (uint8_t)length;
	memset(out + sizeof(head) + 2, 0, 4); /* packet number 0 */
	quic_keys_make(QUIC_V1, bytes_over(rfc_id, sizeof(rfc_id)), keys);
	assert_int_equal(EVP_EncryptInit_ex(gcm, EVP_aes_128_gcm(), NULL, keys[0].key,
					    keys[0].iv),
			 1);
	EVP_EncryptUpdate(gcm, NULL, &written, out, (int)header);
	EVP_EncryptUpdate(gcm, out + header, &written, frames, (int)size);
	EVP_EncryptFinal_ex(gcm, out + header + size, &written);
	EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_AEAD_GET_TAG, CIPHER_TAG,
			    out + header + size);
	EVP_CIPHER_CTX_free(gcm);
	cipher_block(lane->cipher, keys[0].hp, out + header, mask);
	out[0] ^= mask[0] & 0x0f;
	for (size_t i = 0; i < 4; i++)
		out[header - 4 + i] ^= mask[1 + i];
	return header + size + CIPHER_TAG;
}

static void
say_frames(const void *frames, size_t size)
{
	uint8_t padded[1200] = { 0 }, datagram[2048];

	memcpy(padded, frames, size);
	play_bytes(&play, 0, datagram, seal(padded, size > 64 ? size : 64, datagram));
}

/* version, random, session id, one suite, no compression, server_name "a.jp" */
static const uint8_t client_hello[] = { 1, 0, 0, 56, 3, 3,  7, 7, 7,  7,  7,   7,
					7, 7, 7, 7,  7, 7,  7, 7, 7,  7,  7,   7,
					7, 7, 7, 7,  7, 7,  7, 7, 7,  7,  7,   7,
					7, 7, 0, 0,  2, 19, 1, 1, 0,  0,  13,  0,
					0, 0, 9, 0,  7, 0,  0, 4, 97, 46, 106, 112 };

/* As browsers send it: CRYPTO frames in no order, with PING and ACK between. */
static void
frames_come_in_any_order(void **state)
{
	(void)state;
	for (uint8_t cut = 1; cut < sizeof(client_hello) - 3; cut++) {
		uint8_t frames[256] = { 1, 2, 0, 0, 0, 0 };
		size_t used = 6, rest = sizeof(client_hello) - cut;
		const uint8_t second[] = { 6, cut, (uint8_t)(0x40 | rest >> 8),
					   (uint8_t)rest };
		const uint8_t first[] = { 6, 0, cut };
		memcpy(frames + used, second, sizeof(second));
		used += sizeof(second);
		memcpy(frames + used, client_hello + cut, rest);
		used += rest;
		play_begin(&play, &dissector_quic, lane);
		say_frames(frames, used);
		used = 0;
		memcpy(frames + used, first, sizeof(first));
		used += sizeof(first);
		memcpy(frames + used, client_hello, cut);
		used += cut;
		say_frames(frames, used);
		play_end(&play);
		assert_int_equal(play.client, 0);
		assert_says(play.line[0], "\"sni\":\"a.jp\"");
		assert_says(play.line[0], "\"handshake\":\"client_only\"");
	}
}

static void
what_lies_too_far_is_cut_and_counted(void **state)
{
	static const uint8_t far[] = { 6, 0x80, 0, QUIC_CRYPTO_MAX >> 8, 0, 1, 'x' };
	uint64_t cut = lane->lane.counters.cut;

	(void)state;
	play_begin(&play, &dissector_quic, lane);
	say_frames(far, sizeof(far));
	play_end(&play);
	assert_int_equal(lane->lane.counters.cut - cut, 1);
	assert_says(play.line[0], "\"quic.client_hello\":\"truncated\"");
}

static void
frames_that_may_not_be_there_end_it(void **state)
{
	static const uint8_t stream[] = { 8, 0, 1 }, cut[] = { 6, 0, 0x7f, 0xff };

	(void)state;
	play_begin(&play, &dissector_quic, lane);
	say_frames(stream, sizeof(stream));
	play_end(&play);
	assert_string_equal(play.violation, "quic.error_on_data");
	play_begin(&play, &dissector_quic, lane);
	say_frames(cut, sizeof(cut));
	play_end(&play);
	assert_string_equal(play.violation, "quic.error_on_data");
}

static struct trial trial;

static void
a_real_handshake_is_told(void **state)
{
	(void)state;
	trial_load(&trial, &dissector_quic, "tests/fuzz/corpus/quic/v1");
	trial_whole(&trial);
	assert_int_equal(trial.play.count, 1);
	assert_int_equal(trial.play.client, 0);
	assert_int_equal(trial.play.result, DISSECT_DONE);
	assert_says(trial.play.line[0],
		    "\"quic\":{\"version\":\"1\",\"sni\":\"blog.cloudflare.com\"");
	assert_says(trial.play.line[0],
		    "\"ja3\":{\"hash\":\"b719940c5ab9a3373cb4475d8143ff88\"");
	assert_says(trial.play.line[0],
		    "\"ja3s\":{\"hash\":\"eb1d94daa7e0344597e756a1fb6e7054\"");
	assert_says(trial.play.line[0], "\"ja4\":\"q13d0314h3_");
	assert_says(trial.play.line[0], "\"handshake\":\"complete\"");
	trial_free(&trial);
}

static void
one_side_alone_is_told_as_such(void **state)
{
	(void)state;
	trial_load(&trial, &dissector_quic, "tests/fuzz/corpus/quic/v1");
	for (int side = 0; side < SIDES; side++) {
		trial_begin(&trial);
		for (size_t i = 0; i < trial.count; i++)
			if (trial.piece[i].side == side)
				trial_say(&trial.play, &trial.piece[i], SIZE_MAX / 2);
		trial_end(&trial);
		assert_says(trial.play.line[0], side == 0 ? "client_only" : "partial");
		assert_says(trial.play.line[0], "\"asymmetric\"");
	}
	trial_free(&trial);
}

static void
version_negotiation_is_told(void **state)
{
	uint8_t datagram[64];
	size_t size = from_hex("ff00000000040102030404050607081a2a3a4a6b3343cf00000001",
			       datagram);

	(void)state;
	assert_int_equal(dissector_quic.recognise(bytes_over(datagram, size), 1),
			 RECOGNISED_YES);
	play_begin(&play, &dissector_quic, lane);
	play_bytes(&play, 1, datagram, size);
	play_end(&play);
	assert_int_equal(play.client, 0);
	assert_says(play.line[0], "\"handshake\":\"refused\"");
	assert_says(play.line[0], "\"versions\":[\"2\",\"1\"]");
}

static void
it_gives_up_after_so_many_datagrams(void **state)
{
	uint8_t datagram[512];
	size_t size = from_hex(server_initial, datagram);

	(void)state;
	play_begin(&play, &dissector_quic, lane);
	for (int i = 0; i < QUIC_DATAGRAMS_MAX; i++) {
		assert_int_equal(play.result, DISSECT_MORE);
		play_bytes(&play, 1, datagram, size);
	}
	assert_int_equal(play.result, DISSECT_DONE);
	play_end(&play);
	assert_int_equal(play.count, 1);
}

static void
it_survives_whatever_comes(void **state)
{
	(void)state;
	trial_load(&trial, &dissector_quic, "tests/fuzz/corpus/quic/v1");
	trial_recognised(&trial, 0);
	trial_gaps(&trial);
	trial_strangers(&trial, "quic");
	trial_free(&trial);
	/* its first two datagrams alone: each prefix, each damage */
	trial_load(&trial, &dissector_quic, "tests/fuzz/corpus/quic/v1");
	trial.count = trial.count > 2 ? 2 : trial.count;
	trial.size = 1400;
	trial_prefixes(&trial);
	trial_damages(&trial);
	trial_free(&trial);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_lane, free_lane)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keys_are_those_of_the_rfcs),
		TEST(the_packet_of_the_rfc_opens),
		TEST(numbers_are_those_of_the_rfc),
		TEST(frames_come_in_any_order),
		TEST(what_lies_too_far_is_cut_and_counted),
		TEST(frames_that_may_not_be_there_end_it),
		TEST(a_real_handshake_is_told),
		TEST(one_side_alone_is_told_as_such),
		TEST(version_negotiation_is_told),
		TEST(it_gives_up_after_so_many_datagrams),
		TEST(it_survives_whatever_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
