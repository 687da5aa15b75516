/* SPDX-License-Identifier: Apache-2.0 */
/* test_http: HTTP/1: pairs, framings, what connections turn to, loss, smuggling shapes,
 * damage. */
#include "tests/unit/http_play.h"

#define GET                                                                         \
	"GET /MARKER/patient?name=MARKER HTTP/1.1\r\nHost: Example.JP:8080\r\n"     \
	"User-Agent: viewer/1\r\nCookie: MARKER\r\nAuthorization: Basic MARKER\r\n" \
	"X-Patient: MARKER\r\nReferer: http://a/MARKER\r\n"                         \
	"X-Forwarded-For: 10.1.2.3, 10.1.2.4\r\n\r\n"
#define OK                                                                             \
	"HTTP/1.1 200 OK MARKER\r\nServer: nginx\r\nContent-Type: text/html; x=MARKER" \
	"\r\nSet-Cookie: MARKER\r\nContent-Length: 6\r\n\r\nMARKER"
#define SHORT_GET  "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define NO_CONTENT "HTTP/1.1 204 No Content\r\n\r\n"

static void
an_exchange_is_told(void **state)
{
	(void)state;
	start();
	play.at = (struct instant){ 1000000 };
	play_text(&play, 0, GET);
	play.at = (struct instant){ 1250000 };
	play_text(&play, 1, OK);
	stop();
	assert_int_equal(play.result, DISSECT_MORE);
	assert_int_equal(play.count, 1);
	assert_int_equal(play.client, 0);
	assert_says(play.line[0],
		    "\"http\":{\"hostname\":\"example.jp\",\"http_port\":8080,"
		    "\"http_user_agent\":\"viewer/1\",\"xff\":\"10.1.2.3, 10.1.2.4\","
		    "\"http_content_type\":\"text/html\",\"http_method\":\"GET\","
		    "\"protocol\":\"HTTP/1.1\",\"status\":200,\"length\":6}");
	assert_says(play.line[0],
		    "\"http\":{\"path_depth\":2,\"target_size\":27,\"has_query\":true,"
		    "\"auth\":\"basic\",\"has_cookie\":true,\"request_size\":0,"
		    "\"server\":\"nginx\",\"framing\":\"length\","
		    "\"latency_usec\":250000,\"duration_usec\":250000,\"number\":1}");
	assert_says(play.line[0], "\"is_final\":true");
}

static enum recognition
recognise(const char *text)
{
	return dissector_http.recognise(bytes_over(text, strlen(text)), 0);
}

static void
it_is_known_by_its_first_bytes(void **state)
{
	static const char *const ours[] = { GET, OK, SHORT_GET, NO_CONTENT };
	static const char *const others[] = {
		"GET MARKER\r\n",
		"OPTIONS rtsp://a RTSP/1.0\r\n",
		"HTTP/2.0 200",
		"HTTP/1.1X200",
		"EHLO a\r\n",
		"USER a\r\n",
		"GETX / HTTP/1.1\r\n",
		"CONNECT a:443 HTTP/1.1\r\n",
		"GET \x01 HTTP/1.1\r\n",
		"\x16\x03\x01",
	};

	(void)state;
	assert_int_equal(recognise(""), RECOGNISED_MAYBE);
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		for (size_t size = 1; size <= strlen(ours[i]); size++) {
			enum recognition now =
				dissector_http.recognise(bytes_over(ours[i], size), 0);
			if (now == RECOGNISED_NO)
				fail_msg("no to %zu bytes of %s", size, ours[i]);
			if (size == strlen(ours[i]))
				assert_int_equal(now, RECOGNISED_YES);
		}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (recognise(others[i]) != RECOGNISED_NO)
			fail_msg("not no to %s", others[i]);
	assert_int_equal(dissector_http_proxy.recognise(bytes_over("CONNECT a", 9), 0),
			 RECOGNISED_YES);
	assert_int_equal(dissector_http_proxy.recognise(bytes_over("CONN", 4), 0),
			 RECOGNISED_MAYBE);
	assert_int_equal(dissector_http_proxy.recognise(bytes_over("COPY", 4), 0),
			 RECOGNISED_NO);
}

static void
random_bytes_are_not_recognised(void **state)
{
	uint64_t x = 88172645463325252u;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		uint8_t data[64];
		for (size_t at = 0; at < sizeof(data); at++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			data[at] = (uint8_t)x;
		}
		assert_int_not_equal(
			dissector_http.recognise(bytes_over(data, sizeof(data)), i & 1),
			RECOGNISED_YES);
	}
}

static void
every_cut_into_pieces_tells_the_same(void **state)
{
	static const char request[] = GET SHORT_GET;
	static const char response[] =
		OK "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		   "3;x=y\r\nabc\r\n0A\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n";
	static struct play whole;

	(void)state;
	start();
	play_text(&play, 0, request);
	play_text(&play, 1, response);
	stop();
	assert_int_equal(play.count, 2);
	assert_says(play.line[1], "\"length\":13}");
	assert_says(play.line[1], "\"framing\":\"chunked\"");
	whole = play;
	for (size_t cut = 0; cut < sizeof(request) - 1; cut++) {
		start();
		play_bytes(&play, 0, request, cut);
		play_bytes(&play, 0, request + cut, sizeof(request) - 1 - cut);
		play_text(&play, 1, response);
		stop();
		assert_int_equal(play.count, whole.count);
		assert_string_equal(play.line[0], play.text);
		assert_int_equal(memcmp(play.text, whole.text, whole.used), 0);
	}
	for (size_t cut = 0; cut < sizeof(response) - 1; cut++) {
		start();
		play_text(&play, 0, request);
		play_bytes(&play, 1, response, cut);
		play_bytes(&play, 1, response + cut, sizeof(response) - 1 - cut);
		stop();
		assert_int_equal(play.count, whole.count);
		assert_int_equal(memcmp(play.text, whole.text, whole.used), 0);
	}
}

static void
every_prefix_and_every_damage_is_borne(void **state)
{
	static const char request[] =
		"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
		"3\r\nabc\r\n0\r\n\r\n";
	static const char response[] =
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
	char damaged[sizeof(request)];

	(void)state;
	for (size_t size = 0; size < sizeof(request); size++) {
		start();
		play_bytes(&play, 0, request, size);
		play_bytes(&play, 1, response, size < sizeof(response) ? size : 0);
		stop();
	}
	for (size_t at = 0; at < sizeof(request) - 1; at++)
		for (int value = 0; value < 256; value += 5) {
			memcpy(damaged, request, sizeof(request));
			damaged[at] = (char)value;
			start();
			play_bytes(&play, 0, damaged, sizeof(request) - 1);
			play_text(&play, 1, response);
			stop();
		}
}

static void
requests_may_run_ahead_of_their_answers(void **state)
{
	(void)state;
	start();
	play_text(&play, 0, "GET /1 HTTP/1.1\r\nHost: one\r\n\r\n");
	play_text(&play, 0, "HEAD /2 HTTP/1.1\r\nHost: two\r\n\r\n");
	play_text(&play, 0, "GET /3 HTTP/1.1\r\nHost: three\r\n\r\n");
	play_text(&play, 1,
		  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 304 Not Modified\r\n"
		  "Content-Length: 9\r\n\r\n"
		  "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" NO_CONTENT);
	stop();
	assert_int_equal(play.count, 3);
	assert_says(play.line[0], "\"hostname\":\"one\"");
	assert_says(play.line[0], "\"status\":304");
	assert_says(play.line[1], "\"hostname\":\"two\"");
	assert_says(play.line[1], "\"status\":200,\"length\":0");
	assert_says(play.line[2], "\"hostname\":\"three\"");
	assert_says(play.line[2], "\"status\":204");
}

static void
an_answer_before_the_request_is_over_waits_for_it(void **state)
{
	(void)state;
	start();
	play_text(&play, 0, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n");
	play_text(&play, 1, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
	assert_int_equal(play.count, 0);
	play_text(&play, 0, "0123456789");
	assert_int_equal(play.count, 1);
	stop();
	assert_says(play.line[0], "\"status\":413");
	assert_says(play.line[0], "\"request_size\":10");
}

static void
a_content_may_last_until_the_stream_ends(void **state)
{
	(void)state;
	talk("GET / HTTP/1.0\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\nall of this");
	assert_int_equal(play.count, 1);
	assert_says(play.line[0], "\"hostname\":null");
	assert_says(play.line[0], "\"protocol\":\"HTTP/1.0\"");
	assert_says(play.line[0], "\"length\":11}");
	assert_says(play.line[0], "\"framing\":\"close\"");
	assert_does_not_say(play.line[0], "unobservable");
	start();
	play.is_cut = true;
	play_text(&play, 0, "GET / HTTP/1.0\r\n\r\n");
	play_text(&play, 1, "HTTP/1.0 200 OK\r\n\r\nall of this");
	stop();
	assert_says(play.line[0], "\"http.length\":\"truncated\"");
}

static void
connections_that_turn_to_something_else_say_so(void **state)
{
	(void)state;
	talk("GET /MARKER HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
	     "Connection: Upgrade\r\nSec-WebSocket-Key: MARKER\r\n\r\n",
	     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x06"
	     "MARKER");
	assert_int_equal(play.result, DISSECT_DONE);
	assert_int_equal(play.count, 1);
	assert_says(play.line[0], "\"status\":101");
	assert_says(play.line[0], "\"upgrade\":\"websocket\"");
	talk("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\n\r\n",
	     "HTTP/1.1 101 Switching\r\nUpgrade: MARKER\r\n\r\nMARKER");
	assert_says(play.line[0], "\"upgrade\":\"other\"");
}

static void
an_upgrade_to_tls_is_gone_on_with(void **state)
{
	(void)state;
	start();
	play_text(&play, 0,
		  "OPTIONS * HTTP/1.1\r\nHost: [2001:db8::1]:8080\r\n"
		  "Upgrade: TLS/1.2\r\n\r\n");
	play_text(&play, 1, "HTTP/1.1 101 Switching\r\nUpgrade: TLS/1.2\r\n\r\n");
	play_bytes(&play, 0, "\x16\x03\x03\xff\xff", 5);
	stop();
	assert_string_equal(play.violation, "tls.record_too_long");
	assert_says(play.line[0], "\"hostname\":\"[2001:db8::1]\",\"http_port\":8080");
	assert_says(play.line[0], "\"upgrade\":\"tls\"");
	play_begin(&play, &dissector_http_proxy, lane);
	play.is_unseen[1] = true; /* nobody saw the answer */
	play_text(&play, 0, "CONNECT b.jp:443 HTTP/1.1\r\nHost: b.jp:443\r\n\r\n");
	play_bytes(&play, 0, "\x16\x03\x03\xff\xff", 5);
	stop();
	assert_string_equal(play.violation, "tls.record_too_long");
	assert_says(play.line[0], "\"http.status\":\"asymmetric\"");
	assert_says(play.line[0], "\"upgrade\":\"tunnel\"");
}

static void
a_tunnel_is_told_and_gone_on_with(void **state)
{
	(void)state;
	play_begin(&play, &dissector_http_proxy, lane);
	play_text(&play, 0, "CONNECT b.jp:443 HTTP/1.1\r\nHost: b.jp:443\r\n\r\n");
	play_text(&play, 1,
		  "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=MARKER"
		  "\r\nContent-Length: 0\r\n\r\n");
	play_text(&play, 0,
		  "CONNECT b.jp:443 HTTP/1.1\r\nHost: b.jp:443\r\n"
		  "Proxy-Authorization: Basic MARKER\r\n\r\n");
	play_text(&play, 1, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
	assert_int_equal(play.count, 2);
	play_bytes(&play, 0, "\x16\x03\x03\xff\xff", 5); /* TLS, and broken */
	stop();
	assert_string_equal(play.violation, "tls.record_too_long");
	assert_says(play.line[0], "\"status\":407");
	assert_says(play.line[0], "\"challenge\":\"basic\"");
	assert_says(play.line[1], "\"hostname\":\"b.jp\",\"http_port\":443");
	assert_says(play.line[1], "\"upgrade\":\"tunnel\"");
	assert_says(play.line[1], "\"proxy_auth\":\"basic\"");
}

/* clang-format off */
static const struct { const char *what, *request, *response, *event; bool is_violation; } shapes[] = {
	{ "CL and TE", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", NO_CONTENT,
	  "http.request_length_and_chunked", false },
	{ "TE and CL in a response", SHORT_GET, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
	  "http.response_length_and_chunked", false },
	{ "two lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na", NO_CONTENT,
	  "http.request_lengths_differ", false },
	{ "two lengths in one", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 2\r\n\r\na", NO_CONTENT,
	  "http.request_lengths_differ", false },
	{ "the same length twice", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na", NO_CONTENT,
	  "DUPLICATE_CONTENT_LENGTH_FIELD_IN_REQUEST", false },
	{ "folding", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n\r\n", NO_CONTENT, "INVALID_REQUEST_FIELD_FOLDING", false },
	{ "bare LF", "GET / HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n", NO_CONTENT, "http.request_bare_lf", false },
	{ "space before the colon", "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n", NO_CONTENT,
	  "http.request_space_before_colon", false },
	{ "no colon", "GET / HTTP/1.1\r\nHost: a\r\nMARKER\r\n\r\n", NO_CONTENT, "REQUEST_FIELD_MISSING_COLON", false },
	{ "no token", "GET / HTTP/1.1\r\nHost: a\r\nX\x01Y: 1\r\n\r\n", NO_CONTENT, "REQUEST_HEADER_INVALID", false },
	{ "no Host", "GET / HTTP/1.1\r\n\r\n", NO_CONTENT, "MISSING_HOST_HEADER", false },
	{ "two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", NO_CONTENT, "HOST_HEADER_AMBIGUOUS", false },
	{ "unknown coding", SHORT_GET, "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\na", "INVALID_TRANSFER_ENCODING_VALUE_IN_RESPONSE", false },
	{ "coding without an end", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", NO_CONTENT,
	  "INVALID_TRANSFER_ENCODING_VALUE_IN_REQUEST", true },
	{ "chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", NO_CONTENT, "http.request_chunked_old_proto", false },
	{ "an answer to nothing", SHORT_GET, NO_CONTENT NO_CONTENT, "UNABLE_TO_MATCH_RESPONSE_TO_REQUEST", false },
	{ "a length that is none", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", NO_CONTENT,
	  "INVALID_CONTENT_LENGTH_FIELD_IN_REQUEST", true },
	{ "a chunk without a size", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\n", NO_CONTENT,
	  "INVALID_REQUEST_CHUNK_LEN", true },
	{ "a chunk that is longer", SHORT_GET, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
	  "INVALID_RESPONSE_CHUNK_LEN", true },
	{ "no request line", SHORT_GET "MARKER\r\n\r\n", NO_CONTENT, "REQUEST_LINE_INVALID", true },
	{ "no status line", SHORT_GET, "HTTP/1.1 2x0 OK\r\n\r\n", "RESPONSE_INVALID_STATUS", true },
	{ "a later version", "GET / HTTP/1.7\r\nHost: a\r\n\r\n", NO_CONTENT, "http.request_protocol", false },
};
/* clang-format on */

static void
what_two_readers_read_in_two_ways_is_an_anomaly(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		bool is_told = shapes[i].is_violation;
		talk(shapes[i].request, shapes[i].response);
		if (is_told && strcmp(play.violation, shapes[i].event) != 0)
			fail_msg("%s: %s", shapes[i].what, play.violation);
		if (is_told != (play.result == DISSECT_VIOLATION))
			fail_msg("%s: result %d", shapes[i].what, play.result);
		bool is_there = is_told;
		for (unsigned n = 0; record_of("anomaly", n) != NULL; n++)
			is_there |= strstr(record_of("anomaly", n), shapes[i].event) !=
				    NULL;
		if (!is_there)
			fail_msg("%s: not told", shapes[i].what);
	}
}

static void
an_anomaly_is_told_once_a_side(void **state)
{
	(void)state;
	start();
	for (int i = 0; i < 20; i++) {
		play_text(&play, 0, "GET / HTTP/1.1\nHost: a\n\n");
		play_text(&play, 1, "HTTP/1.1 204 No\n\n");
	}
	stop();
	assert_int_equal(count_of("anomaly"), 2);
	assert_int_equal(count_of("http"), 20);
}

static void
a_secret_in_place_of_a_scheme_is_not_told(void **state)
{
	(void)state;
	talk("GET http://u:MARKER@h.jp:81/MARKER HTTP/1.1\r\nHost: MARKER@h.jp:81\r\n"
	     "Authorization: MARKER\r\nX-Forwarded-For: MARKER\r\n\r\n",
	     "HTTP/1.1 302 Found\r\nLocation: https://MARKER:x@l.jp/MARKER?MARKER\r\n"
	     "Content-Length: 0\r\n\r\n");
	assert_says(play.line[0], "\"auth\":\"other\"");
	assert_says(play.line[0], "\"hostname\":\"h.jp\",\"http_port\":81");
	assert_says(play.line[0], "\"redirect_host\":\"l.jp\"");
	assert_does_not_say(play.line[0], "xff");
}

static void
what_was_lost_is_said(void **state)
{
	(void)state;
	start(); /* in a content: the border is known */
	play_text(&play, 0, SHORT_GET SHORT_GET);
	play_text(&play, 1, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01");
	play_gap(&play, 1, 8);
	play_text(&play, 1, NO_CONTENT);
	stop();
	assert_int_equal(play.count, 2);
	assert_says(play.line[0], "\"length\":10}");
	assert_says(play.line[0], "\"http.length\":\"loss\"");
	assert_says(play.line[1], "\"status\":204");
	start(); /* in a head: found again where a segment begins with one */
	play_text(&play, 0, SHORT_GET);
	play_text(&play, 1, "HTTP/1.1 200 OK\r\nContent-Le");
	play_gap(&play, 1, 100);
	play_text(&play, 1, "rest of something");
	play_text(&play, 0, "GET / HTTP/1.1\r\nHost: again\r\n\r\n");
	play_text(&play, 1, NO_CONTENT);
	stop();
	assert_int_equal(play.count, 2);
	assert_says(play.line[0], "\"http.length\":\"loss\"");
	assert_says(play.line[1], "\"hostname\":\"again\"");
	assert_says(play.line[1], "\"status\":204");
	start(); /* a request is lost: its answer has none, and that is no anomaly */
	play_text(&play, 0, SHORT_GET);
	play_text(&play, 1, NO_CONTENT);
	play_gap(&play, 0, 100);
	play_text(&play, 1, NO_CONTENT);
	stop();
	assert_int_equal(play.count, 2);
	assert_says(play.line[1], "\"http.http_method\":\"loss\"");
}

static void
an_answer_that_did_not_come_is_null_or_says_why(void **state)
{
	(void)state;
	talk(SHORT_GET, "");
	assert_says(play.line[0], "\"status\":null");
	start();
	play.is_unseen[1] = true;
	play_text(&play, 0, SHORT_GET SHORT_GET);
	assert_int_equal(play.count, 1); /* nobody waits for what nobody can see */
	stop();
	assert_int_equal(play.count, 2);
	assert_says(play.line[0], "\"http.status\":\"asymmetric\"");
	start();
	play.is_cut = true;
	play_text(&play, 0, SHORT_GET);
	stop();
	assert_says(play.line[0], "\"http.status\":\"truncated\"");
	start();
	play.is_unseen[0] = true;
	play_text(&play, 1, OK);
	stop();
	assert_int_equal(play.client, 0);
	assert_int_equal(play.count, 1);
	assert_says(play.line[0], "\"http.http_method\":\"asymmetric\"");
	assert_says(play.line[0], "\"status\":200");
}

static void
caps_are_kept_and_counted(void **state)
{
	static char line[HTTP_LINE_MAX * 3];

	(void)state;
	start();
	for (int i = 0; i < HTTP_EXCHANGES_MAX + 5; i++)
		play_text(&play, 0, SHORT_GET);
	assert_int_equal(play.count, HTTP_EXCHANGES_MAX);
	assert_int_equal(lane->lane.counters.dropped, HTTP_EXCHANGES_MAX);
	assert_says(play.line[0], "\"http.status\":\"truncated\"");
	for (int i = 0; i < HTTP_EXCHANGES_MAX + 5; i++)
		play_text(&play, 1, "HTTP/1.1 100 Continue\r\n\r\n" NO_CONTENT);
	assert_int_equal(play.count, 2 * HTTP_EXCHANGES_MAX + 5);
	assert_int_equal(count_of("anomaly"), 0);
	assert_says(play.line[2 * HTTP_EXCHANGES_MAX - 1],
		    "\"http.http_method\":\"truncated\"");
	assert_says(play.line[2 * HTTP_EXCHANGES_MAX], "\"http_method\":\"GET\"");
	assert_says(play.line[2 * HTTP_EXCHANGES_MAX], "\"status\":204");
	stop();
	memset(line, 'a', sizeof(line) - 1);
	start();
	play_text(&play, 0, "GET /");
	play_text(&play, 0, line);
	play_text(&play, 0, " HTTP/1.1\r\nHost: a\r\nX: ");
	play_text(&play, 0, line);
	play_text(&play, 0, "\r\n\r\n");
	assert_in_range(lane->lane.budget.held, 1, 64 << 10);
	play_text(&play, 1, NO_CONTENT);
	stop();
	assert_int_equal(play.result, DISSECT_MORE);
	assert_int_equal(lane->lane.counters.cut, 2);
	assert_says(record_of("anomaly", 0), "REQUEST_FIELD_TOO_LONG");
	assert_says(record_of("http", 0), "\"truncated\":true");
	start();
	play_text(&play, 0, "GET / HTTP/1.1\r\n");
	for (int i = 0; i <= HTTP_FIELDS_MAX; i++)
		play_text(&play, 0, "X: 1\r\n");
	assert_string_equal(play.violation, "http.request_too_many_fields");
	stop();
	start();
	lane->lane.budget.most = lane->lane.budget.held + 100;
	play_text(&play, 0, SHORT_GET);
	stop();
	lane->lane.budget.most = HTTP_HELD_MAX;
	assert_int_equal(play.count, 0);
	assert_true(lane->lane.counters.no_memory > 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_exchange_is_told),
		cmocka_unit_test(it_is_known_by_its_first_bytes),
		cmocka_unit_test(random_bytes_are_not_recognised),
		cmocka_unit_test(every_cut_into_pieces_tells_the_same),
		cmocka_unit_test(every_prefix_and_every_damage_is_borne),
		cmocka_unit_test(requests_may_run_ahead_of_their_answers),
		cmocka_unit_test(an_answer_before_the_request_is_over_waits_for_it),
		cmocka_unit_test(a_content_may_last_until_the_stream_ends),
		cmocka_unit_test(connections_that_turn_to_something_else_say_so),
		cmocka_unit_test(a_tunnel_is_told_and_gone_on_with),
		cmocka_unit_test(an_upgrade_to_tls_is_gone_on_with),
		cmocka_unit_test(what_two_readers_read_in_two_ways_is_an_anomaly),
		cmocka_unit_test(an_anomaly_is_told_once_a_side),
		cmocka_unit_test(a_secret_in_place_of_a_scheme_is_not_told),
		cmocka_unit_test(what_was_lost_is_said),
		cmocka_unit_test(an_answer_that_did_not_come_is_null_or_says_why),
		cmocka_unit_test(caps_are_kept_and_counted),
	};

	return cmocka_run_group_tests_name("http", tests, make_lane, free_lane);
}
