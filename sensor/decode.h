/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decode: from a captured frame to its addresses, ports and payload.
 *
 * Input is hostile.  A frame that cannot be decoded is not an error of ours:
 * it has a result, the result has a counter, and nothing is logged per packet.
 * A frame the snap length has cut gives a shorter payload (payload_size says
 * how long it was); cut within its headers it is DECODE_SNAPPED.  An IPv4
 * total length or IPv6 payload length of 0 is a card that has not cut its
 * segments yet: what was captured counts.
 *
 * Ethernet, up to three 802.1Q or 802.1ad tags, IPv4, IPv6 with its extension
 * headers, TCP, UDP, ICMP, ICMPv6; raw IP, Linux cooked 1 and 2, loopback.
 * Other transports have addresses and no ports.
 */
#ifndef SENSOR_DECODE_H
#define SENSOR_DECODE_H

#include "common/address.h"
#include "common/bytes.h"
#include "sensor/packet.h"

/* Values of struct packet's link_type: libpcap's DLT_ numbers (capture.c asserts it).
 */
enum link_type {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_RAW = 12,
	LINK_LOOP = 108,
	LINK_LINUX_SLL = 113,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_LINUX_SLL2 = 276
};

/* The headers say what the frame does not hold, or contradict each other. */
#define DECODE_FIRST_INVALID DECODE_ETHERNET_SHORT

/* RESULT(name, Suricata's event or ours or NULL, layer, meaning) */
/* clang-format off */
#define DECODE_RESULTS(RESULT) \
	RESULT(OK,              NULL, "", "decoded") \
	RESULT(NOT_IP,          NULL, "", "neither IPv4 nor IPv6") \
	RESULT(FRAGMENT,        NULL, "ip", "later fragment, which has no ports") \
	RESULT(SNAPPED,         NULL, "", "cut within its headers by the snap length") \
	RESULT(LINK,            NULL, "", "link type that is not decoded") \
	RESULT(ETHERNET_SHORT,  "decoder.ethernet.pkt_too_small", "ethernet", "shorter than an Ethernet header") \
	RESULT(VLAN_SHORT,      "decoder.vlan.header_too_small", "vlan", "shorter than its VLAN tags") \
	RESULT(VLAN_LAYERS,     "decoder.vlan.too_many_layers", "vlan", "more than three VLAN tags") \
	RESULT(SLL_SHORT,       "decoder.sll.pkt_too_small", "sll", "shorter than a Linux cooked header") \
	RESULT(SLL2_SHORT,      "decoder.sll2.pkt_too_small", "sll2", "shorter than a Linux cooked header, version 2") \
	RESULT(NULL_SHORT,      "decoder.ltnull.pkt_too_small", "null", "shorter than a loopback header") \
	RESULT(RAW_VERSION,     "decoder.ipraw.invalid_ip_version", "ip", "raw IP of neither version 4 nor 6") \
	RESULT(IPV4_SHORT,      "decoder.ipv4.pkt_too_small", "ipv4", "shorter than an IPv4 header") \
	RESULT(IPV4_VERSION,    "decoder.ipv4.wrong_ip_version", "ipv4", "IPv4 by its frame, another version by itself") \
	RESULT(IPV4_HEADER,     "decoder.ipv4.hlen_too_small", "ipv4", "IPv4 header length below 20") \
	RESULT(IPV4_LENGTH,     "decoder.ipv4.iplen_smaller_than_hlen", "ipv4", "IPv4 total length below its header") \
	RESULT(IPV4_TRUNCATED,  "decoder.ipv4.trunc_pkt", "ipv4", "IPv4 total length past the frame") \
	RESULT(IPV6_SHORT,      "decoder.ipv6.pkt_too_small", "ipv6", "shorter than an IPv6 header") \
	RESULT(IPV6_VERSION,    "decoder.ipv6.wrong_ip_version", "ipv6", "IPv6 by its frame, another version by itself") \
	RESULT(IPV6_TRUNCATED,  "decoder.ipv6.trunc_pkt", "ipv6", "IPv6 payload length past the frame") \
	RESULT(IPV6_EXTENSION,  "decoder.ipv6.trunc_exthdr", "ipv6", "extension header past the packet") \
	RESULT(IPV6_CHAIN,      "sekisho.ipv6.too_many_exthdrs", "ipv6", "more extension headers than are followed") \
	RESULT(TCP_SHORT,       "decoder.tcp.pkt_too_small", "tcp", "shorter than a TCP header") \
	RESULT(TCP_HEADER,      "decoder.tcp.hlen_too_small", "tcp", "TCP header length below 20 or past the packet") \
	RESULT(UDP_SHORT,       "decoder.udp.pkt_too_small", "udp", "shorter than a UDP header") \
	RESULT(UDP_HEADER,      "decoder.udp.len_invalid", "udp", "UDP length below 8") \
	RESULT(UDP_LENGTH,      "decoder.udp.hlen_too_small", "udp", "UDP length past the packet") \
	RESULT(ICMPV4_SHORT,    "decoder.icmpv4.pkt_too_small", "icmpv4", "shorter than an ICMP header") \
	RESULT(ICMPV6_SHORT,    "decoder.icmpv6.pkt_too_small", "icmpv6", "shorter than an ICMPv6 header")

enum decode_result {
#define RESULT(name, event, layer, meaning) DECODE_##name,
	DECODE_RESULTS(RESULT)
#undef RESULT
	DECODE_RESULT_COUNT
};
/* clang-format on */

enum { DECODE_VLANS = 3, DECODE_EXTENSIONS = 8 };

enum ip_protocol {
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_ICMPV6 = 58
};

enum tcp_flag { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16 };

struct headers {
	struct address from, to;     /* hold if ip_version is not 0 */
	uint16_t from_port, to_port; /* TCP and UDP, else 0 */
	uint16_t vlan[DECODE_VLANS]; /* identifiers, outer first */
	uint8_t vlan_count;
	uint8_t ip_version; /* 4, 6, or 0 when not come that far */
	uint8_t protocol;   /* IP protocol number of the transport */
	uint8_t tcp_flags;
	uint8_t icmp_type, icmp_code; /* ICMP and ICMPv6 */
	bool is_fragment;             /* first of several */
	uint32_t tcp_sequence, tcp_acknowledged;
	uint32_t payload_size; /* on the wire; payload.left may be less */
	struct bytes payload;  /* borrowed from the packet */
	struct bytes network;  /* from the IP header on, as captured; borrowed */
};

/* Fills '*headers' as far as it came; all of it is meant only with DECODE_OK. */
enum decode_result decode_packet(const struct packet *packet, struct headers *headers);

/* Never NULL: the result's meaning. */
const char *decode_result_name(enum decode_result result);
/* Event for an anomaly record, or NULL if the result is nobody's fault. */
const char *decode_result_event(enum decode_result result);
/* Layer for an anomaly record. */
const char *decode_result_layer(enum decode_result result);

static inline bool
decode_is_invalid(enum decode_result result)
{
	return result >= DECODE_FIRST_INVALID;
}

#endif
