/* SPDX-License-Identifier: Apache-2.0 */
/* test_decode: every truncation and each damage of a frame has its result. */
#include "tests/unit/test.h"

#include "sensor/decode.h"

/* Ethernet, one VLAN tag 7, IPv4 10.0.0.1 > 10.0.0.2, TCP SYN 1025 > 443, two bytes of
 * payload */
static const uint8_t tcp4[] = {
	2,    0,    0,    0,    0,    1,    2,    0,    0,  0,
	0,    2,    0x81, 0x00, 0x20, 0x07, 0x08, 0x00, /* to 18 */
	0x45, 0,    0,    42,   0,    1,    0,    0,    64, 6,
	0,    0,    10,   0,    0,    1,    10,   0,    0,  2, /* to 38 */
	0x04, 0x01, 0x01, 0xbb, 0,    0,    0,    9,    0,  0,
	0,    5,    0x50, 0x02, 1,    0,    0,    0,    0,  0, /* to 58 */
	'h',  'i',
};

/* IPv6 2001:db8::1 > ::2, hop-by-hop, destination options, UDP 53 > 1025 with three
 * bytes */
static const uint8_t udp6[] = {
	2,    0,    0,    0,    0, 1,  2, 0,  0,   0,   0,   2, 0x86, 0xdd, /* to 14 */
	0x60, 0,    0,    0,    0, 27, 0, 64,                               /* to 22 */
	0x20, 0x01, 0x0d, 0xb8, 0, 0,  0, 0,  0,   0,   0,   0, 0,    0,
	0,    1, /* to 38 */
	0x20, 0x01, 0x0d, 0xb8, 0, 0,  0, 0,  0,   0,   0,   0, 0,    0,
	0,    2, /* to 54 */
	60,   0,    1,    4,    0, 0,  0, 0,  17,  0,   1,   4, 0,    0,
	0,    0, /* to 70 */
	0,    53,   0x04, 0x01, 0, 11, 0, 0,  'a', 'b', 'c',
};

static enum decode_result
decode(const void *data, size_t size, size_t wire, int link, struct headers *headers)
{
	struct packet packet = { .frame = bytes_over(data, size),
				 .wire_size = (uint32_t)wire,
				 .link_type = link };

	return decode_packet(&packet, headers);
}

static void
a_tagged_tcp_segment_is_read(void **state)
{
	struct headers h;
	char text[ADDRESS_TEXT_SIZE];
	(void)state;

	assert_int_equal(decode(tcp4, sizeof(tcp4), sizeof(tcp4), LINK_ETHERNET, &h),
			 DECODE_OK);
	assert_int_equal(h.vlan_count, 1);
	assert_int_equal(h.vlan[0], 7);
	assert_int_equal(h.ip_version, 4);
	address_to_text(&h.from, text);
	assert_string_equal(text, "10.0.0.1");
	address_to_text(&h.to, text);
	assert_string_equal(text, "10.0.0.2");
	assert_int_equal(h.from_port, 1025);
	assert_int_equal(h.to_port, 443);
	assert_int_equal(h.tcp_flags, TCP_SYN);
	assert_int_equal(h.tcp_sequence, 9);
	assert_int_equal(h.tcp_acknowledged, 5);
	assert_int_equal(h.payload_size, 2);
	assert_memory_equal(h.payload.at, "hi", 2);
	assert_int_equal(h.network.left, 42);
}

static void
extension_headers_are_followed_to_udp(void **state)
{
	struct headers h;
	(void)state;

	assert_int_equal(decode(udp6, sizeof(udp6), sizeof(udp6), LINK_ETHERNET, &h),
			 DECODE_OK);
	assert_int_equal(h.ip_version, 6);
	assert_int_equal(h.protocol, PROTOCOL_UDP);
	assert_int_equal(h.from_port, 53);
	assert_int_equal(h.payload_size, 3);
	assert_memory_equal(h.payload.at, "abc", 3);
}

/* The result of each length a frame may be cut to on the wire. */
static const struct cut {
	size_t before; /* frames shorter than this ... */
	enum decode_result result;
} tcp4_cuts[] = {
	{ 14, DECODE_ETHERNET_SHORT },
	{ 18, DECODE_VLAN_SHORT },
	{ 38, DECODE_IPV4_SHORT },
	{ sizeof(tcp4), DECODE_IPV4_TRUNCATED },
}, udp6_cuts[] = {
	{ 14, DECODE_ETHERNET_SHORT },
	{ 54, DECODE_IPV6_SHORT },
	{ sizeof(udp6), DECODE_IPV6_TRUNCATED },
};

static void
check_cuts(const uint8_t *frame, size_t size, const struct cut *cut)
{
	for (size_t length = 0; length < size; length++) {
		uint8_t *copy =
			test_malloc(length + 1); /* so that a read past it is seen */
		struct headers h;
		memcpy(copy, frame, length);
		while (length >= cut->before)
			cut++;
		enum decode_result found =
			decode(copy, length, length, LINK_ETHERNET, &h);
		if (found != cut->result)
			fail_msg("cut at %zu: %s", length, decode_result_name(found));
		/* cut by the snap length, the same frame is nobody's fault */
		found = decode(copy, length, size, LINK_ETHERNET, &h);
		if (found != DECODE_SNAPPED && found != DECODE_OK)
			fail_msg("snapped at %zu: %s", length,
				 decode_result_name(found));
		if (found == DECODE_OK)
			assert_true(h.payload.left <= h.payload_size);
		test_free(copy);
	}
}

static void
every_truncation_has_its_result(void **state)
{
	(void)state;

	check_cuts(tcp4, sizeof(tcp4), tcp4_cuts);
	check_cuts(udp6, sizeof(udp6), udp6_cuts);
}

static void
a_snapped_packet_has_a_shorter_payload(void **state)
{
	struct headers h;
	(void)state;

	assert_int_equal(decode(tcp4, 59, sizeof(tcp4), LINK_ETHERNET, &h), DECODE_OK);
	assert_int_equal(h.payload.left, 1);
	assert_int_equal(h.payload_size, 2);
	assert_int_equal(decode(tcp4, 58, sizeof(tcp4), LINK_ETHERNET, &h), DECODE_OK);
	assert_int_equal(h.payload.left, 0);
	assert_int_equal(h.payload_size, 2);
}

/* clang-format off */
static const struct damage {
	const char *what;
	const uint8_t *frame;
	size_t size, offset;
	uint8_t value;
	enum decode_result result;
} damages[] = {
	{ "unknown ethertype",           tcp4, sizeof(tcp4), 16, 0x99, DECODE_NOT_IP },
	{ "unknown outer ethertype",     tcp4, sizeof(tcp4), 12, 0x99, DECODE_NOT_IP },
	{ "IP version 5",                tcp4, sizeof(tcp4), 18, 0x55, DECODE_IPV4_VERSION },
	{ "IP header of 16 bytes",       tcp4, sizeof(tcp4), 18, 0x44, DECODE_IPV4_HEADER },
	{ "IP header past the packet",   tcp4, sizeof(tcp4), 18, 0x4f, DECODE_IPV4_LENGTH },
	{ "IP total below its header",   tcp4, sizeof(tcp4), 21, 19,   DECODE_IPV4_LENGTH },
	{ "IP total past the frame",     tcp4, sizeof(tcp4), 21, 43,   DECODE_IPV4_TRUNCATED },
	{ "IP total within TCP",         tcp4, sizeof(tcp4), 21, 39,   DECODE_TCP_SHORT },
	{ "segmentation offload",        tcp4, sizeof(tcp4), 21, 0,    DECODE_OK },
	{ "later fragment",              tcp4, sizeof(tcp4), 25, 1,    DECODE_FRAGMENT },
	{ "first fragment",              tcp4, sizeof(tcp4), 24, 0x20, DECODE_OK },
	{ "GRE of version 1, no PPP",    tcp4, sizeof(tcp4), 27, 47,   DECODE_GRE_VERSION },
	{ "SCTP",                        tcp4, sizeof(tcp4), 27, 132,  DECODE_OK },
	{ "TCP header of 16 bytes",      tcp4, sizeof(tcp4), 50, 0x40, DECODE_TCP_HEADER },
	{ "TCP header past the packet",  tcp4, sizeof(tcp4), 50, 0x60, DECODE_TCP_HEADER },
	{ "IPv6 version 4",              udp6, sizeof(udp6), 14, 0x40, DECODE_IPV6_VERSION },
	{ "IPv6 size past the frame",    udp6, sizeof(udp6), 19, 28,   DECODE_IPV6_TRUNCATED },
	{ "IPv6 size within extension",  udp6, sizeof(udp6), 19, 15,   DECODE_IPV6_EXTENSION },
	{ "IPv6 size within UDP",        udp6, sizeof(udp6), 19, 20,   DECODE_UDP_SHORT },
	{ "IPv6 size 0",                 udp6, sizeof(udp6), 19, 0,    DECODE_OK },
	{ "extension past the packet",   udp6, sizeof(udp6), 55, 9,    DECODE_IPV6_EXTENSION },
	{ "no next header",              udp6, sizeof(udp6), 62, 59,   DECODE_OK },
	{ "fragment header, later",      udp6, sizeof(udp6), 54, 44,   DECODE_FRAGMENT },
	{ "UDP length below its header", udp6, sizeof(udp6), 75, 7,    DECODE_UDP_HEADER },
	{ "UDP length past the packet",  udp6, sizeof(udp6), 75, 12,   DECODE_UDP_LENGTH },
	{ "UDP length 0",                udp6, sizeof(udp6), 75, 0,    DECODE_OK },
};
/* clang-format on */

static void
each_damage_has_its_result(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		uint8_t frame[128];
		struct headers h;
		memcpy(frame, damages[i].frame, damages[i].size);
		frame[damages[i].offset] = damages[i].value;
		if (strcmp(damages[i].what, "fragment header, later") == 0)
			frame[64] = 8; /* the fragment offset, in its place */
		enum decode_result found = decode(frame, damages[i].size,
						  damages[i].size, LINK_ETHERNET, &h);
		if (found != damages[i].result)
			fail_msg("%s: %s", damages[i].what, decode_result_name(found));
	}
}

static void
any_byte_of_any_value_stays_within_the_frame(void **state)
{
	uint8_t frame[sizeof(udp6)];
	(void)state;

	for (size_t at = 0; at < sizeof(udp6); at++)
		for (int value = 0; value < 256; value++) {
			struct headers h;
			memcpy(frame, udp6, sizeof(udp6));
			frame[at] = (uint8_t)value;
			if (decode(frame, sizeof(frame), sizeof(frame), LINK_ETHERNET,
				   &h) == DECODE_OK)
				assert_true(h.payload.at + h.payload.left <=
					    frame + sizeof(frame));
		}
}

static void
four_tags_are_too_many(void **state)
{
	uint8_t frame[64] = { 0 };
	struct headers h;
	(void)state;

	for (int i = 0; i < 4; i++) {
		frame[12 + 4 * i] = 0x88;
		frame[13 + 4 * i] = 0xa8;
		frame[15 + 4 * i] = (uint8_t)(i + 1);
	}
	assert_int_equal(decode(frame, 64, 64, LINK_ETHERNET, &h), DECODE_VLAN_LAYERS);
	assert_int_equal(h.vlan_count, 3);
	assert_int_equal(h.vlan[2], 3);
}

static void
a_chain_of_extension_headers_has_an_end(void **state)
{
	uint8_t frame[14 + 40 + 9 * 8] = { 0 };
	struct headers h;
	(void)state;

	memcpy(frame, udp6, 54);
	frame[19] = 9 * 8;
	frame[20] = 60;
	for (int i = 0; i < 9; i++)
		frame[54 + 8 * i] = 60;
	assert_int_equal(decode(frame, sizeof(frame), sizeof(frame), LINK_ETHERNET, &h),
			 DECODE_IPV6_CHAIN);
}

static void
icmp_has_type_and_code(void **state)
{
	static const uint8_t echo[] = {
		0x45, 0, 0,  28, 0, 1, 0, 0, 64, 1, 0, 0, 10, 0,
		0,    1, 10, 0,  0, 2, 8, 5, 0,  0, 0, 1, 0,  1
	};
	struct headers h;
	(void)state;

	assert_int_equal(decode(echo, sizeof(echo), sizeof(echo), LINK_RAW, &h),
			 DECODE_OK);
	assert_int_equal(h.icmp_type, 8);
	assert_int_equal(h.icmp_code, 5);
	uint8_t cut[27];
	memcpy(cut, echo, sizeof(cut));
	cut[3] = 27;
	assert_int_equal(decode(cut, sizeof(cut), sizeof(cut), LINK_IPV4, &h),
			 DECODE_ICMPV4_SHORT);
}

static void
each_link_type_leads_to_ip(void **state)
{
	static const struct {
		int link;
		size_t size;
		size_t type_at; /* of the ethertype; 0: none */
		enum decode_result if_short;
	} links[] = {
		{ LINK_RAW, 0, 0, DECODE_RAW_VERSION },
		{ LINK_IPV4, 0, 0, DECODE_IPV4_SHORT },
		{ LINK_NULL, 4, 0, DECODE_NULL_SHORT },
		{ LINK_LOOP, 4, 0, DECODE_NULL_SHORT },
		{ LINK_LINUX_SLL, 16, 14, DECODE_SLL_SHORT },
		{ LINK_LINUX_SLL2, 20, 0, DECODE_SLL2_SHORT },
		{ LINK_PPP, 2, 0, DECODE_PPP_SHORT },
		{ LINK_PPP_HDLC, 4, 0, DECODE_PPP_SHORT },
		{ LINK_PPPOE, 8, 0, DECODE_PPPOE_SHORT },
	};
	static const char *const heads[] = { [6] = "\0\x21",
					     "\xff\x03\0\x21",
					     "\x11\0\0\7\0\x2c\0\x21" };
	(void)state;

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		uint8_t frame[64] = { 0 };
		struct headers h;
		memcpy(frame + links[i].size, tcp4 + 18, 42);
		if (links[i].size >= 16)
			frame[links[i].type_at] = 0x08;
		if (i >= 6)
			memcpy(frame, heads[i], links[i].size);
		size_t whole = links[i].size + 42;
		assert_int_equal(decode(frame, whole, whole, links[i].link, &h),
				 DECODE_OK);
		assert_int_equal(h.to_port, 443);
		size_t cut = links[i].size > 0 ? links[i].size - 1 : 0;
		assert_int_equal(decode(frame, cut, cut, links[i].link, &h),
				 links[i].if_short);
	}
	struct headers h;
	uint8_t cisco[4 + 42] = { 0x0f, 0, 8, 0 };
	memcpy(cisco + 4, tcp4 + 18, 42);
	assert_int_equal(decode(cisco, sizeof(cisco), sizeof(cisco), LINK_PPP_HDLC, &h),
			 DECODE_OK);
	assert_int_equal(h.to_port, 443);
	assert_int_equal(decode(cisco, 3, 3, LINK_PPP_HDLC, &h), DECODE_PPP_SHORT);
	assert_int_equal(decode(tcp4, sizeof(tcp4), sizeof(tcp4), 147, &h),
			 DECODE_LINK);
	assert_int_equal(decode("\x70", 1, 1, LINK_RAW, &h), DECODE_RAW_VERSION);
}

static void
a_result_has_an_event_where_somebody_is_at_fault(void **state)
{
	(void)state;

	for (int i = 0; i < DECODE_RESULT_COUNT; i++) {
		enum decode_result result = (enum decode_result)i;
		assert_int_equal(decode_result_event(result) != NULL,
				 decode_is_invalid(result));
		assert_true(strlen(decode_result_name(result)) > 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tagged_tcp_segment_is_read),
		cmocka_unit_test(extension_headers_are_followed_to_udp),
		cmocka_unit_test(every_truncation_has_its_result),
		cmocka_unit_test(a_snapped_packet_has_a_shorter_payload),
		cmocka_unit_test(each_damage_has_its_result),
		cmocka_unit_test(any_byte_of_any_value_stays_within_the_frame),
		cmocka_unit_test(four_tags_are_too_many),
		cmocka_unit_test(a_chain_of_extension_headers_has_an_end),
		cmocka_unit_test(icmp_has_type_and_code),
		cmocka_unit_test(each_link_type_leads_to_ip),
		cmocka_unit_test(a_result_has_an_event_where_somebody_is_at_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
