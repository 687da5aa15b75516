/* SPDX-License-Identifier: Apache-2.0 */
/* test_http2: HPACK by RFC 7541's own examples; frames, streams, upgrades, limits,
 * loss. */
#include "tests/unit/http_play.h"

#include "sensor/dissect/hpack.h"
#include "sensor/dissect/http2_state.h"

static char said[4096];

static void
say_field(void *ctx, struct bytes name, struct bytes value)
{
	size_t used = strlen(said);

	(void)ctx;
	snprintf(said + used, sizeof(said) - used, "%.*s: %.*s\n", (int)name.left,
		 (const char *)name.at, (int)value.left, (const char *)value.at);
}

static size_t
all_worth(struct bytes name, struct bytes value)
{
	(void)name;
	return value.left;
}

static const struct hpack_reader reader = { NULL, say_field, all_worth };

static size_t
bytes_of_hex(const char *hex, uint8_t *out)
{
	size_t size = 0;
	unsigned byte;

	for (; sscanf(hex, "%2x", &byte) == 1; hex += 2)
		out[size++] = (uint8_t)byte;
	return size;
}

static enum hpack_result
unpack(struct hpack *hpack, const char *hex)
{
	uint8_t data[1024];
	size_t size = bytes_of_hex(hex, data);
	uint8_t *copy = malloc(size + 1);

	said[0] = '\0';
	memcpy(copy, data, size);
	enum hpack_result result = hpack_read(hpack, bytes_over(copy, size), &reader);
	free(copy);
	return result;
}

#define FIRST ":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com\n"

/* clang-format off */
/* RFC 7541 appendix C: C.3 and C.4 requests, C.5 and C.6 responses with a table of 256 bytes ("3fe101"). */
static const struct { bool is_first; const char *hex, *fields; size_t size; } examples[] = {
	{ true,  "828684410f7777772e6578616d706c652e636f6d", FIRST, 57 },
	{ false, "828684be58086e6f2d6361636865", FIRST "cache-control: no-cache\n", 110 },
	{ false, "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
	  ":method: GET\n:scheme: https\n:path: /index.html\n:authority: www.example.com\ncustom-key: custom-value\n", 164 },
	{ true,  "828684418cf1e3c2e5f23a6ba0ab90f4ff", FIRST, 57 },
	{ false, "828684be5886a8eb10649cbf", FIRST "cache-control: no-cache\n", 110 },
	{ false, "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
	  ":method: GET\n:scheme: https\n:path: /index.html\n:authority: www.example.com\ncustom-key: custom-value\n", 164 },
	{ true,  "3fe101488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
	  ":status: 302\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:21 GMT\nlocation: https://www.example.com\n", 222 },
	{ false, "4883640effc1c0bf",
	  ":status: 307\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:21 GMT\nlocation: https://www.example.com\n", 222 },
	{ false, "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
	  ":status: 200\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:22 GMT\nlocation: https://www.example.com\ncontent-encoding: gzip\n"
	  "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1\n", 215 },
	/* C.2.2 and C.2.3: literals that are not added */
	{ true,  "040c2f73616d706c652f70617468", ":path: /sample/path\n", 0 },
	{ true,  "100870617373776f726406736563726574", "password: secret\n", 0 },
};

static const struct { const char *what, *hex; enum hpack_result result; } mistakes[] = {
	{ "index 0", "80", HPACK_BROKEN },
	{ "an index of nothing", "be", HPACK_BROKEN },
	{ "a string beyond the block", "400a6162", HPACK_BROKEN },
	{ "a number that does not end", "ffffff", HPACK_BROKEN },
	{ "a number that is too large", "ffffffffff7f", HPACK_OVERFLOW },
	{ "a table that is too large", "3fe1ff7f", HPACK_LIMIT },
	{ "a size behind a field", "823f01", HPACK_BROKEN },
	{ "padding of a whole byte", "0081ff00", HPACK_BROKEN },
	{ "padding of zeros", "008100", HPACK_BROKEN },
	{ "the end of all strings", "0084ffffffff", HPACK_BROKEN },
};
/* clang-format on */

static void
fields_are_unpacked_as_the_rfc_shows(void **state)
{
	struct kept_budget budget = { .most = 1 << 20 };
	struct hpack hpack = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		if (examples[i].is_first) {
			hpack_release(&hpack);
			hpack_begin(&hpack, &budget);
		}
		assert_int_equal(unpack(&hpack, examples[i].hex), HPACK_OK);
		assert_string_equal(said, examples[i].fields);
		assert_int_equal(hpack.size, examples[i].size);
	}
	hpack_release(&hpack);
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		hpack_begin(&hpack, &budget);
		if (unpack(&hpack, mistakes[i].hex) != mistakes[i].result)
			fail_msg("%s", mistakes[i].what);
		hpack_release(&hpack);
	}
	assert_int_equal(budget.held, 0);
}

static void
every_prefix_and_damage_of_a_block_is_borne(void **state)
{
	struct kept_budget budget = { .most = 1 << 20 };
	struct hpack hpack;
	uint8_t data[256];

	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		size_t size = bytes_of_hex(examples[i].hex, data);
		for (size_t at = 0; at < size * 256; at++) {
			uint8_t *copy = malloc(size);
			memcpy(copy, data, size);
			copy[at / 256] = (uint8_t)at;
			said[0] = '\0';
			hpack_begin(&hpack, &budget);
			hpack_read(&hpack, bytes_over(copy, size), &reader);
			hpack_read(&hpack, bytes_over(copy, at / 256), &reader);
			hpack_release(&hpack);
			free(copy);
		}
	}
	assert_int_equal(budget.held, 0);
}

static void
the_table_has_a_limit_and_forgets_secrets(void **state)
{
	struct kept_budget budget = { .most = 1 << 20 };
	struct hpack hpack;

	(void)state;
	hpack_begin(&hpack, &budget);
	for (int i = 0; i < 200; i++) {
		assert_int_equal(unpack(&hpack, "40026162026364"), HPACK_OK);
		assert_true(hpack.size <= 4096);
	}
	assert_int_equal(hpack.count, 4096 / 36);
	budget.most = budget.held;
	assert_int_equal(unpack(&hpack, "40026162026364"), HPACK_OK); /* in its place */
	hpack_release(&hpack);
	hpack_begin(&hpack, &budget);
	budget.most = 0;
	assert_int_equal(unpack(&hpack, "40026162026364"), HPACK_LIMIT);
	hpack_release(&hpack);
#define WORTH(name, value)                               \
	http_field_worth(bytes_over(name, strlen(name)), \
			 bytes_over(value, strlen(value)))
	assert_int_equal(WORTH("authorization", "Basic MARKER"), 5);
	assert_int_equal(WORTH("authorization", "MARKER"), 0);
	assert_int_equal(WORTH("cookie", "MARKER"), 0);
	assert_int_equal(WORTH("x-patient", "MARKER"), 0);
	assert_true(WORTH("user-agent", "a") > 0);
}

enum { ROOM = 8192 };

struct wire {
	uint8_t at[ROOM];
	size_t size;
};

static void
put(struct wire *wire, const void *data, size_t size)
{
	assert_true(wire->size + size <= sizeof(wire->at));
	memcpy(wire->at + wire->size, data, size);
	wire->size += size;
}

static void
frame(struct wire *wire, uint8_t type, uint8_t flags, uint32_t stream, const void *data,
      size_t size)
{
	uint8_t head[] = { (uint8_t)(size >> 16),
			   (uint8_t)(size >> 8),
			   (uint8_t)size,
			   type,
			   flags,
			   (uint8_t)(stream >> 24),
			   (uint8_t)(stream >> 16),
			   (uint8_t)(stream >> 8),
			   (uint8_t)stream };

	put(wire, head, sizeof(head));
	put(wire, data, size);
}

/* A literal that is not added. */
static void
literal(struct wire *block, const char *name, const char *value)
{
	uint8_t sizes[2] = { (uint8_t)strlen(name), (uint8_t)strlen(value) };

	put(block, "", 1);
	put(block, &sizes[0], 1);
	put(block, name, sizes[0]);
	put(block, &sizes[1], 1);
	put(block, value, sizes[1]);
}

static const char hello[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

static void
request_block(struct wire *block)
{
	block->size = 0;
	literal(block, ":method", "POST");
	literal(block, ":path", "/MARKER?MARKER");
	literal(block, ":authority", "h2.jp:80");
	literal(block, "user-agent", "agent");
	literal(block, "content-type", "application/json");
	literal(block, "cookie", "MARKER");
}

static void
response_block(struct wire *block, const char *status)
{
	block->size = 0;
	literal(block, ":status", status);
	literal(block, "server", "h2d");
}

/* Two streams at once, padding, priority, continuation, trailers. */
static void
build(struct wire *client, struct wire *server)
{
	static struct wire block, padded;

	client->size = server->size = 0;
	put(client, hello, strlen(hello));
	frame(client, HTTP2_SETTINGS, 0, 0, "\0\3\0\0\0\x64", 6);
	request_block(&block);
	padded.size = 0;
	put(&padded, "\3\0\0\0\0\x10", 6);
	put(&padded, block.at, 20);
	put(&padded, "\0\0\0", 3);
	frame(client, HTTP2_HEADERS, HTTP2_PADDED | HTTP2_WITH_PRIORITY, 1, padded.at,
	      padded.size);
	frame(client, HTTP2_CONTINUATION, HTTP2_END_HEADERS, 1, block.at + 20,
	      block.size - 20);
	frame(client, HTTP2_HEADERS, HTTP2_END_HEADERS | HTTP2_END_STREAM, 3, block.at,
	      block.size);
	frame(client, HTTP2_DATA, HTTP2_PADDED, 1, "\2MARKER\0\0", 9);
	frame(client, HTTP2_DATA, HTTP2_END_STREAM, 1, "MARKER", 6);
	frame(server, HTTP2_SETTINGS, 0, 0, "\0\3\0\0\0\x64", 6);
	response_block(&block, "100");
	frame(server, HTTP2_HEADERS, HTTP2_END_HEADERS, 3, block.at, block.size);
	response_block(&block, "404");
	frame(server, HTTP2_HEADERS, HTTP2_END_HEADERS, 3, block.at, block.size);
	frame(server, HTTP2_DATA, 0, 3, "MARKER", 6);
	block.size = 0;
	literal(&block, "grpc-status", "MARKER");
	frame(server, HTTP2_HEADERS, HTTP2_END_HEADERS | HTTP2_END_STREAM, 3, block.at,
	      block.size);
	response_block(&block, "200");
	frame(server, HTTP2_HEADERS, HTTP2_END_HEADERS | HTTP2_END_STREAM, 1, block.at,
	      block.size);
}

static struct wire client, server;

static void
streams_are_exchanges(void **state)
{
	(void)state;
	build(&client, &server);
	start();
	play_bytes(&play, 0, client.at, client.size);
	play_bytes(&play, 1, server.at, server.size);
	stop();
	assert_int_equal(play.result, DISSECT_MORE);
	assert_int_equal(play.client, 0);
	assert_int_equal(play.count, 2);
	assert_says(
		play.line[0],
		"\"http\":{\"hostname\":\"h2.jp\",\"http_port\":80,"
		"\"http_user_agent\":\"agent\",\"http_content_type\":null,"
		"\"http_method\":\"POST\",\"protocol\":\"HTTP/2\",\"version\":\"2\","
		"\"status\":404,\"length\":6,\"http2\":{\"stream_id\":3}}");
	assert_says(play.line[0], "\"framing\":\"stream\"");
	assert_says(play.line[0], "\"server\":\"h2d\"");
	assert_says(play.line[0], "\"has_cookie\":true,\"request_size\":0");
	assert_says(play.line[1],
		    "\"status\":200,\"length\":0,\"http2\":{\"stream_id\":1}");
	assert_says(play.line[1],
		    "\"request_type\":\"application/json\",\"request_size\":12");
}

static void
every_cut_into_pieces_tells_the_same(void **state)
{
	static struct play whole;

	(void)state;
	build(&client, &server);
	start();
	play_bytes(&play, 0, client.at, client.size);
	play_bytes(&play, 1, server.at, server.size);
	stop();
	whole = play;
	for (size_t cut = 0; cut < client.size; cut++) {
		size_t other = cut < server.size ? cut : server.size;
		start();
		play_bytes(&play, 0, client.at, cut);
		play_bytes(&play, 0, client.at + cut, client.size - cut);
		play_bytes(&play, 1, server.at, other);
		play_bytes(&play, 1, server.at + other, server.size - other);
		stop();
		assert_int_equal(play.count, whole.count);
		assert_int_equal(memcmp(play.text, whole.text, whole.used), 0);
	}
	for (size_t size = 0; size < client.size; size++) {
		start();
		play_bytes(&play, 0, client.at, size);
		stop();
	}
}

static void
every_damage_is_borne(void **state)
{
	(void)state;
	build(&client, &server);
	for (size_t at = 0; at < client.size; at++)
		for (int bit = 0; bit < 8; bit++) {
			client.at[at] = (uint8_t)(client.at[at] ^ 1 << bit);
			start();
			play_bytes(&play, 0, client.at, client.size);
			play_bytes(&play, 1, server.at, server.size);
			play_end(&play);
			client.at[at] = (uint8_t)(client.at[at] ^ 1 << bit);
		}
}

static void
it_is_known_from_either_side(void **state)
{
	static const char rst[] = "\0\0\4\3\0\0\0\0\1\0\0\0\x08";

	(void)state;
	for (size_t size = 0; size <= strlen(hello); size++)
		assert_int_equal(dissector_http.recognise(bytes_over(hello, size), 0),
				 size < strlen(hello) ? RECOGNISED_MAYBE
						      : RECOGNISED_YES);
	build(&client, &server);
	for (size_t size = 0; size < 20; size++)
		assert_int_equal(
			dissector_http.recognise(bytes_over(server.at, size), 1),
			size < 11 ? RECOGNISED_MAYBE : RECOGNISED_YES);
	assert_int_equal(dissector_http.recognise(bytes_over(rst, 13), 0),
			 RECOGNISED_NO);
	start(); /* the server alone was seen */
	play.is_unseen[0] = true;
	play_bytes(&play, 1, server.at, server.size);
	stop();
	assert_int_equal(play.client, 0);
	assert_int_equal(play.count, 2);
	assert_says(play.line[0], "\"http.http_method\":\"asymmetric\"");
	start(); /* the server's first frame came before the client's */
	play_bytes(&play, 1, server.at, 15);
	play_bytes(&play, 0, client.at, client.size);
	play_bytes(&play, 1, server.at + 15, server.size - 15);
	stop();
	assert_int_equal(play.count, 2);
	assert_says(play.line[0], "\"status\":404");
}

static void
an_upgrade_goes_on_as_stream_1(void **state)
{
	static struct wire block;

	(void)state;
	start();
	play_text(&play, 0,
		  "GET /MARKER HTTP/1.1\r\nHost: up.jp\r\nUpgrade: h2c\r\n"
		  "HTTP2-Settings: MARKER\r\n\r\n");
	play_text(&play, 1, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n");
	build(&client, &server);
	client.size = strlen(hello);
	frame(&client, HTTP2_SETTINGS, 0, 0, "", 0);
	play_bytes(&play, 0, client.at, client.size);
	server.size = 0;
	frame(&server, HTTP2_SETTINGS, 0, 0, "", 0);
	response_block(&block, "200");
	frame(&server, HTTP2_HEADERS, HTTP2_END_HEADERS, 1, block.at, block.size);
	frame(&server, HTTP2_DATA, HTTP2_END_STREAM, 1, "MARKER", 6);
	play_bytes(&play, 1, server.at, server.size);
	stop();
	assert_int_equal(play.result, DISSECT_MORE);
	assert_int_equal(play.count, 2);
	assert_says(play.line[0], "\"status\":101");
	assert_says(play.line[0], "\"upgrade\":\"h2c\"");
	assert_says(play.line[1], "\"hostname\":\"up.jp\"");
	assert_says(play.line[1],
		    "\"status\":200,\"length\":6,\"http2\":{\"stream_id\":1}");
}

/* clang-format off */
static const struct { const char *what; uint8_t type, flags; uint32_t stream; const char *data; size_t size; const char *violation; } broken[] = {
	{ "DATA on no stream", HTTP2_DATA, 0, 0, "a", 1, "INVALID_FRAME_HEADER" },
	{ "SETTINGS on a stream", HTTP2_SETTINGS, 0, 1, "", 0, "INVALID_FRAME_HEADER" },
	{ "CONTINUATION of nothing", HTTP2_CONTINUATION, 0, 1, "", 0, "INVALID_FRAME_HEADER" },
	{ "padding beyond the frame", HTTP2_DATA, HTTP2_PADDED, 1, "\x09" "a", 2, "INVALID_FRAME_DATA" },
	{ "priority beyond the frame", HTTP2_HEADERS, HTTP2_WITH_PRIORITY, 1, "a", 1, "INVALID_FRAME_DATA" },
	{ "a field that is none", HTTP2_HEADERS, HTTP2_END_HEADERS, 1, "\x80", 1, "INVALID_HEADER" },
	{ "a reset without a code", HTTP2_RST_STREAM, 0, 1, "a", 1, "INVALID_FRAME_LENGTH" },
};
/* clang-format on */

static void
violations_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		client.size = 0;
		put(&client, hello, strlen(hello));
		frame(&client, broken[i].type, broken[i].flags, broken[i].stream,
		      broken[i].data, broken[i].size);
		start();
		play_bytes(&play, 0, client.at, client.size);
		stop();
		if (strcmp(play.violation, broken[i].violation) != 0)
			fail_msg("%s: %s", broken[i].what, play.violation);
	}
}

static void
blocks_and_streams_have_limits(void **state)
{
	static uint8_t large[HTTP2_BLOCK_MAX + 9];
	static struct wire block;

	(void)state;
	start();
	memcpy(large, "\1\0\1\1\0\0\0\0\1", 9);
	play_text(&play, 0, hello);
	play_bytes(&play, 0, large, sizeof(large));
	assert_string_equal(play.violation, "REASSEMBLY_LIMIT_REACHED");
	stop();
	start();
	play_text(&play, 0, hello);
	request_block(&block);
	for (uint32_t i = 0; i < HTTP_EXCHANGES_MAX + 3; i++) {
		client.size = 0;
		frame(&client, HTTP2_HEADERS, HTTP2_END_HEADERS, 2 * i + 1, block.at,
		      block.size);
		play_bytes(&play, 0, client.at, client.size);
	}
	assert_int_equal(play.count, 3);
	assert_says(play.line[0], "\"http.status\":\"truncated\"");
	client.size = 0;
	frame(&client, HTTP2_RST_STREAM, 0, 7, "\0\0\0\x08", 4);
	play_bytes(&play, 0, client.at, client.size);
	assert_int_equal(play.count, 4);
	assert_says(play.line[3],
		    "\"http2\":{\"stream_id\":7,\"error_code\":\"CANCEL\"}");
	stop();
}

static void
a_gap_is_borne_in_content_alone(void **state)
{
	static struct wire block;

	(void)state;
	client.size = server.size = 0;
	put(&client, hello, strlen(hello));
	request_block(&block);
	frame(&client, HTTP2_HEADERS, HTTP2_END_HEADERS | HTTP2_END_STREAM, 1, block.at,
	      block.size);
	response_block(&block, "200");
	frame(&server, HTTP2_HEADERS, HTTP2_END_HEADERS, 1, block.at, block.size);
	frame(&server, HTTP2_DATA, HTTP2_END_STREAM, 1, "0123456789", 10);
	start();
	play_bytes(&play, 0, client.at, client.size);
	play_bytes(&play, 1, server.at, server.size - 8);
	play_gap(&play, 1, 5);
	play_bytes(&play, 1, server.at + server.size - 3, 3);
	stop();
	assert_says(play.line[0], "\"length\":10,");
	assert_says(play.line[0], "\"http.length\":\"loss\"");
	start();
	play_bytes(&play, 0, client.at, client.size);
	play_bytes(&play, 1, server.at, 5);
	play_gap(&play, 1, 5);
	assert_int_equal(play.result, DISSECT_DONE);
	stop();
	assert_int_equal(play.count, 1);
	assert_says(play.line[0], "\"http.status\":\"loss\"");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_unpacked_as_the_rfc_shows),
		cmocka_unit_test(every_prefix_and_damage_of_a_block_is_borne),
		cmocka_unit_test(the_table_has_a_limit_and_forgets_secrets),
		cmocka_unit_test(streams_are_exchanges),
		cmocka_unit_test(every_cut_into_pieces_tells_the_same),
		cmocka_unit_test(every_damage_is_borne),
		cmocka_unit_test(it_is_known_from_either_side),
		cmocka_unit_test(an_upgrade_goes_on_as_stream_1),
		cmocka_unit_test(violations_are_named),
		cmocka_unit_test(blocks_and_streams_have_limits),
		cmocka_unit_test(a_gap_is_borne_in_content_alone),
	};

	return cmocka_run_group_tests_name("http2", tests, make_lane, free_lane);
}
