/* SPDX-License-Identifier: Apache-2.0 */
/* test_dns: DNS messages of every kind of data, matched, cut, looping, too many, and
 * damaged everywhere. */
#include "tests/unit/dissect_trial.h"

#include "sensor/dissect/dns_state.h"

extern const struct dissector dissector_dns_udp, dissector_dns_tcp, dissector_mdns;

static struct dns_lane *lane;
static struct play play;

static int
make_lane(void **state)
{
	(void)state;
	lane = dissector_dns_udp.shared_new();
	return lane ? 0 : -1;
}

static int
free_lane(void **state)
{
	(void)state;
	assert_int_equal(lane->lane.budget.held, 0);
	dissector_dns_udp.shared_free(lane);
	return 0;
}

struct made {
	uint8_t at[4096];
	size_t size;
};

static void
put(struct made *made, const void *data, size_t size)
{
	assert_true(made->size + size <= sizeof(made->at));
	memcpy(made->at + made->size, data, size);
	made->size += size;
}

static void
put16(struct made *made, unsigned value)
{
	put(made, (uint8_t[]){ (uint8_t)(value >> 8), (uint8_t)value }, 2);
}

static void
head(struct made *made, unsigned id, unsigned flags, unsigned questions,
     unsigned answers, unsigned additionals)
{
	made->size = 0;
	put16(made, id);
	put16(made, flags);
	put16(made, questions);
	put16(made, answers);
	put16(made, 0);
	put16(made, additionals);
}

/* a.example at offset 12 */
static void
question(struct made *made, unsigned type)
{
	put(made, "\1a\7example", 11);
	put16(made, type);
	put16(made, 1);
}

static void
record(struct made *made, unsigned type, const void *data, size_t size)
{
	put16(made, 0xc00c);
	put16(made, type);
	put16(made, 1);
	put(made, "\0\0\0\x05", 4);
	put16(made, (unsigned)size);
	put(made, data, size);
}

#define DATA(literal) (literal), sizeof(literal) - 1

/* clang-format off */
static const struct {
	unsigned type;
	const char *data;
	size_t size;
	const char *name, *text;
} kinds[] = {
	{ 1, DATA("\xc0\0\2\1"), "A", "192.0.2.1" },
	{ 28, DATA("\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"), "AAAA", "2001:0db8:0000:0000:0000:0000:0000:0001" },
	{ 5, DATA("\1b\xc0\x0c"), "CNAME", "b.a.example" },
	{ 2, DATA("\0"), "NS", "." },
	{ 12, DATA("\3\xe7\0.\0"), "PTR", "\\\\231\\\\000\\\\046" },
	{ 6, DATA("\2ns\xc0\x0c\2hm\xc0\x0c\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5"), "SOA", "ns.a.example hm.a.example 1 2 3 4 5" },
	{ 15, DATA("\0\x0a\1m\xc0\x0c"), "MX", "10 m.a.example" },
	{ 16, DATA("\2v=\3\xe7\x97\x85"), "TXT", "v=病" },
	{ 16, DATA("\2\xff\""), "TXT", "\\\\xff\\\"" },
	{ 33, DATA("\0\1\0\2\0\x50\xc0\x0c"), "SRV", "1 2 80 a.example" },
	{ 35, DATA("\0\1\0\2\1U\3E2U\0\xc0\x0c"), "NAPTR", "1 2 \\\"U\\\" \\\"E2U\\\" \\\"\\\" a.example" },
	{ 257, DATA("\0\5issueca.jp"), "CAA", "0 issue \\\"ca.jp\\\"" },
	{ 65, DATA("\0\1\0\0\1\0\6\2h2\2h3\0\3\0\2\1\xbb\0\4\0\4\xc0\0\2\1\0\5\0\2\1\2\xff\0\0\1\7"), "HTTPS",
	  "1 . alpn=h2,h3 port=443 ipv4hint=192.0.2.1 ech=0102 key65280=07" },
	{ 64, DATA("\0\0\xc0\x0c"), "SVCB", "0 a.example" },
	{ 43, DATA("\x12\x34\x0d\2\xab\xcd"), "DS", "4660 ECDSAP256SHA256 2 abcd" },
	{ 48, DATA("\1\1\3\x08key"), "DNSKEY", "257 3 RSASHA256" },
	{ 46, DATA("\0\1\x0f\2\0\0\0\1\0\0\0\2\0\0\0\3\0\4\0sig"), "RRSIG", "A ED25519 2 1 2 3 4 ." },
	{ 47, DATA("\1z\0\0\2\x40\1\1\1\x40"), "NSEC", "z A MX CAA" },
	{ 44, DATA("\4\2\1\2"), "SSHFP", "4 2 0102" },
	{ 52, DATA("\3\1\1\xaa"), "TLSA", "3 1 1 aa" },
	{ 13, DATA("\3x86\5Linux"), "HINFO", "x86 Linux" },
	{ 256, DATA("\0\1\0\2http:"), "URI", "1 2 \\\"http:\\\"" },
	{ 10, DATA("\1\2"), "NULL", "\\\\# 2 0102" },
	{ 65280, DATA(""), "TYPE65280", "\\\\# 0" },
	/* not what the type says */
	{ 1, DATA("\xc0\0\2"), "A", "\\\\# 3 c00002" },
	{ 15, DATA("\0\x0a"), "MX", "\\\\# 2 000a" },
	{ 5, DATA("\1b\xc0\xff"), "CNAME", "\\\\# 4 0162c0ff" },
	{ 16, DATA("\5ab"), "TXT", "\\\\# 3 056162" },
};
/* clang-format on */

static void
all_kinds_of_data_are_written_as_a_zone_file_has_them(void **state)
{
	static struct made made;
	char expected[256];

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		head(&made, 7, 0x8180, 1, 1, 0);
		question(&made, kinds[i].type);
		record(&made, kinds[i].type, kinds[i].data, kinds[i].size);
		play_begin(&play, &dissector_dns_udp, lane);
		play_bytes(&play, 1, made.at, made.size);
		play_end(&play);
		assert_int_equal(play.count, 1);
		snprintf(expected, sizeof(expected),
			 "\"answers\":[{\"rrname\":\"a.example\",\"rrtype\":\"%s\","
			 "\"ttl\":5,\"rdata\":\"%s\"}]",
			 kinds[i].name, kinds[i].text);
		assert_says(play.line[0], expected);
		assert_does_not_say(play.line[0], "truncated");
		assert_int_equal(play.client, 0);
	}
}

static void
ask(struct made *made, unsigned id)
{
	head(made, id, 0x0100, 1, 0, 1);
	question(made, 1);
	/* EDNS: 1232 bytes, DO, a cookie */
	put(made,
	    "\0\0\x29\x04\xd0\0\0\x80\0\0\x0c\0\x0a\0\x08"
	    "cookiecc",
	    23);
}

static void
a_response_is_matched_with_its_request(void **state)
{
	static struct made made;

	(void)state;
	play_begin(&play, &dissector_dns_udp, lane);
	ask(&made, 7);
	play_bytes(&play, 0, made.at, made.size);
	ask(&made, 8);
	play.at.usec = 100;
	play_bytes(&play, 0, made.at, made.size);
	play.at.usec = 1500;
	head(&made, 7, 0x8583, 1, 0, 0);
	question(&made, 1);
	play_bytes(&play, 1, made.at, made.size);
	play_bytes(&play, 1, made.at, made.size); /* again: nothing waits for it */
	play_end(&play);
	assert_int_equal(play.count, 4);
	assert_says(play.line[0],
		    "\"dns\":{\"version\":3,\"type\":\"request\",\"id\":7,\"tx_id\":0,"
		    "\"flags\":\"0100\",\"qr\":false,\"aa\":false,\"tc\":false,"
		    "\"rd\":true,\"ra\":false,\"z\":false,\"opcode\":0,"
		    "\"queries\":[{\"rrname\":\"a.example\",\"rrtype\":\"A\"}],"
		    "\"answers\":null,\"authorities\":null,\"additionals\":null}");
	assert_says(play.line[0],
		    "\"edns\":{\"version\":0,\"udp_size\":1232,\"do\":true,"
		    "\"options\":[10]}");
	assert_says(play.line[1], "\"tx_id\":1");
	assert_says(play.line[2], "\"type\":\"response\",\"id\":7,\"tx_id\":0,"
				  "\"flags\":\"8583\",\"qr\":true,\"aa\":true");
	assert_says(play.line[2], "\"rcode\":\"NXDOMAIN\"");
	assert_says(play.line[2], "\"latency\":1500");
	assert_says(play.line[3], "\"latency\":null");
}

static void
version_2_is_told_where_it_is_wanted(void **state)
{
	static struct made made;

	(void)state;
	dissector_dns_udp.configure(lane,
				    &(struct dissect_options){ .dns_version = 2 });
	play_begin(&play, &dissector_dns_udp, lane);
	ask(&made, 7);
	play_bytes(&play, 0, made.at, made.size);
	head(&made, 7, 0x8180, 1, 1, 0);
	question(&made, 1);
	record(&made, 1, "\xc0\0\2\1", 4);
	play_bytes(&play, 1, made.at, made.size);
	play_end(&play);
	dissector_dns_udp.configure(lane,
				    &(struct dissect_options){ .dns_version = 3 });
	assert_says(play.line[0], "\"version\":2,\"type\":\"query\"");
	assert_says(play.line[0],
		    "\"rrname\":\"a.example\",\"rrtype\":\"A\",\"answers\"");
	assert_says(play.line[1], "\"version\":2,\"type\":\"answer\"");
	assert_says(play.line[1], "\"answers\":[{\"rrname\":\"a.example\"");
	assert_does_not_say(play.line[0], "queries");
}

/* Violation of one datagram of side 1, or an empty text. */
static const char *
broken_by(const struct made *made)
{
	play_begin(&play, &dissector_dns_udp, lane);
	play_bytes(&play, 1, made->at, made->size);
	play_end(&play);
	return play.violation;
}

static void
names_that_loop_or_grow_end_it(void **state)
{
	static struct made made;

	(void)state;
	head(&made, 7, 0x8180, 0, 1, 0);
	put16(&made, 0xc00c); /* at itself */
	put(&made, "\0\1\0\1\0\0\0\5\0\0", 10);
	assert_string_equal(broken_by(&made), "dns.infinite_loop");
	head(&made, 7, 0x8180, 1, 0, 0);
	for (int i = 0; i < 128; i++)
		put(&made, "\1x", 2);
	put(&made, "\0\0\1\0\1", 5);
	assert_string_equal(broken_by(&made), "dns.name_too_long");
	head(&made, 7, 0x8180, 1, 0, 0);
	for (int i = 0; i < 127; i++)
		put(&made, "\1x", 2);
	put(&made, "\0\0\1\0\1", 5);
	assert_string_equal(broken_by(&made), "");
	head(&made, 7, 0x8180, 1, 0, 0);
	put(&made, "\x40x\0\0\1\0\1", 7);
	assert_string_equal(broken_by(&made), "dns.malformed_data");
	head(&made, 7, 0x8180, 1, 2, 0);
	question(&made, 1);
	record(&made, 1, "\xc0\0\2\1", 4);
	assert_string_equal(broken_by(&made), "dns.malformed_data");
	assert_says(play.line[0], "\"answers\":[{\"rrname\":\"a.example\"");
	assert_says(play.line[0], "\"dns.sections\":\"not_decoded\"");
}

static void
a_cut_datagram_is_told_as_cut(void **state)
{
	static struct made made;

	(void)state;
	head(&made, 7, 0x8180, 1, 2, 0);
	question(&made, 1);
	record(&made, 1, "\xc0\0\2\1", 4);
	play_begin(&play, &dissector_dns_udp, lane);
	play_gap(&play, 1, 16);
	play_bytes(&play, 1, made.at, made.size);
	play_end(&play);
	assert_int_equal(play.result, DISSECT_MORE);
	assert_says(play.line[0], "\"dns.sections\":\"truncated\"");
	assert_says(play.line[0], "192.0.2.1");
}

static void
caps_are_held_and_counted(void **state)
{
	static struct made made;
	uint64_t dropped = lane->lane.counters.dropped;

	(void)state;
	head(&made, 7, 0x8180, 1, DNS_RECORDS_MAX + 1, 0);
	question(&made, 1);
	for (int i = 0; i <= DNS_RECORDS_MAX; i++)
		record(&made, 1, "\xc0\0\2\1", 4);
	assert_string_equal(broken_by(&made), "");
	assert_says(play.line[0], "\"truncated\":true");
	play_begin(&play, &dissector_dns_udp, lane);
	for (unsigned i = 0; i < DNS_PENDING_MAX + 3; i++) {
		ask(&made, i);
		play_bytes(&play, 0, made.at, made.size);
	}
	play_end(&play);
	assert_int_equal(lane->lane.counters.dropped - dropped, 3);
}

static void
a_stream_is_cut_into_messages(void **state)
{
	static struct made made, framed;

	(void)state;
	ask(&made, 7);
	framed.size = 0;
	for (int i = 0; i < 3; i++) {
		put16(&framed, (unsigned)made.size);
		put(&framed, made.at, made.size);
	}
	play_begin(&play, &dissector_dns_tcp, lane);
	play_bytes(&play, 0, framed.at, framed.size - 5);
	assert_int_equal(play.count, 2);
	play_bytes(&play, 0, framed.at + framed.size - 5, 5);
	assert_int_equal(play.count, 3);
	play_gap(&play, 0, 1);
	assert_int_equal(play.result, DISSECT_DONE);
	play_end(&play);
	play_begin(&play, &dissector_dns_tcp, lane);
	play_bytes(&play, 0, "\0\x0b", 2);
	play_end(&play);
	assert_string_equal(play.violation, "dns.malformed_data");
}

static void
unicast_multicast_and_neither_are_told_apart(void **state)
{
	static struct made made;

	(void)state;
	ask(&made, 7);
	struct bytes message = bytes_over(made.at, made.size);
	assert_int_equal(dissector_dns_udp.recognise(message, 0), RECOGNISED_YES);
	assert_int_equal(dissector_mdns.recognise(message, 0), RECOGNISED_NO);
	head(&made, 0, 0, 1, 0, 0);
	put(&made, "\1p\5local\0\0\x0c\0\1", 13);
	message = bytes_over(made.at, made.size);
	assert_int_equal(dissector_dns_udp.recognise(message, 0), RECOGNISED_NO);
	assert_int_equal(dissector_mdns.recognise(message, 0), RECOGNISED_YES);
	/* a reserved bit, an opcode and a type that do not exist, answers in a question
	 */
	ask(&made, 7);
	made.at[3] = 0x40;
	assert_int_equal(dns_look(bytes_over(made.at, made.size), true), RECOGNISED_NO);
	ask(&made, 7);
	made.at[2] = 0x78;
	assert_int_equal(dns_look(bytes_over(made.at, made.size), true), RECOGNISED_NO);
	ask(&made, 7);
	made.at[7] = 1;
	assert_int_equal(dns_look(bytes_over(made.at, made.size), true), RECOGNISED_NO);
	head(&made, 7, 0x0100, 1, 0, 0);
	question(&made, 5000);
	assert_int_equal(dns_look(bytes_over(made.at, made.size), true), RECOGNISED_NO);
}

static void
it_survives_whatever_comes(void **state)
{
	(void)state;
	trial_all(&dissector_dns_udp, "tests/fuzz/corpus/dns/udp", "dns");
	trial_all(&dissector_dns_tcp, "tests/fuzz/corpus/dns/tcp", "dns");
	trial_all(&dissector_mdns, "tests/fuzz/corpus/dns/multicast", "dns");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_lane, free_lane)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_kinds_of_data_are_written_as_a_zone_file_has_them),
		TEST(a_response_is_matched_with_its_request),
		TEST(version_2_is_told_where_it_is_wanted),
		TEST(names_that_loop_or_grow_end_it),
		TEST(a_cut_datagram_is_told_as_cut),
		TEST(caps_are_held_and_counted),
		TEST(a_stream_is_cut_into_messages),
		TEST(unicast_multicast_and_neither_are_told_apart),
		TEST(it_survives_whatever_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
