/* SPDX-License-Identifier: Apache-2.0 */
/* test_tls_caps: what the TLS dissector keeps has ends, and each end is told. */
#include "sensor/dissect/tls_state.h"
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

/* Neither a hello in pieces nor a whole one can be kept: both are told, as truncated.
 */
static void
a_lane_that_holds_its_most_keeps_no_more(void **state)
{
	struct tls_lane *full = lane;
	size_t held = full->held;
	struct message hello;

	(void)state;
	full->held = TLS_HELD_MAX;
	client_hello(&hello, NULL);
	begin();
	send(CLIENT, 22, hello.byte, 10);
	send(CLIENT, 22, hello.byte + 10, hello.size - 10);
	play_end(&play);
	assert_says(play.tls, "\"tls.client_hello\":\"truncated\"");
	play_free(&play);

	begin();
	send_message(CLIENT, &hello);
	play_end(&play);
	assert_says(play.tls, "\"tls.client_hello\":\"truncated\"");
	assert_says(play.tls, "\"handshake\":\"client_only\"");
	play_free(&play);
	assert_int_equal(full->held,
			 TLS_HELD_MAX); /* what was not kept is not given back */
	full->held = held;
}

static void
nothing_is_held_when_all_is_over(void **state)
{
	(void)state;
	assert_int_equal(((struct tls_lane *)lane)->held, 0);
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
		cmocka_unit_test(a_message_above_the_cap_is_cut),
		cmocka_unit_test(more_certificates_than_the_cap_are_left_out),
		cmocka_unit_test(a_hello_of_thousands_of_suites_is_cut),
		cmocka_unit_test(a_lane_that_holds_its_most_keeps_no_more),
		cmocka_unit_test(nothing_is_held_when_all_is_over),
	};

	return cmocka_run_group_tests(tests, make_lane, drop_lane);
}
