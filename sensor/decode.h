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
 * headers, TCP, UDP, ICMP, ICMPv6, ESP; raw IP, Linux cooked 1 and 2, PPP (also
 * HDLC-like and PPPoE), loopback.  Other transports have addresses and no ports.
 * AH hides nothing: what it protects is told of, with the AH's index as a tunnel
 * that is not part of the key, as the two directions have two.  Where there is
 * nothing below it (no next header), the packet is AH and its index is its key.
 *
 * What carries packets is opened: PPPoE, MPLS, GRE (with PPTP and ERSPAN I and
 * II), IP in IP, 6in4, VXLAN, GENEVE, Teredo; up to DECODE_TUNNELS deep with
 * DECODE_IP_LAYERS IP headers.  Then the headers are the inner packet's and
 * 'tunnel' tells of what it came in; the outer packet is none of its own.  If
 * there is no IP packet inside (ARP in VXLAN, LCP in GRE), the outer packet
 * stands.  The first of several fragments is not opened: sensor/defrag.h puts
 * them together by 'fragment' and asks again with decode_datagram.
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
	LINK_PPP = 9,
	LINK_RAW = 12,
	LINK_PPP_HDLC = 50,
	LINK_PPPOE = 51,
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
	RESULT(IPV4_OVERLAP,    "decoder.ipv4.frag_overlap", "ipv4", "fragment with another value for a byte that is there") \
	RESULT(IPV4_LARGE,      "decoder.ipv4.frag_pkt_too_large", "ipv4", "fragment past the greatest datagram") \
	RESULT(IPV4_IGNORED,    "decoder.ipv4.frag_ignored", "ipv4", "fragment past its datagram's end, or one too many") \
	RESULT(IPV6_OVERLAP,    "decoder.ipv6.frag_overlap", "ipv6", "fragment that overlaps another (RFC 5722)") \
	RESULT(IPV6_LARGE,      "decoder.ipv6.frag_pkt_too_large", "ipv6", "fragment past the greatest datagram") \
	RESULT(IPV6_IGNORED,    "decoder.ipv6.frag_ignored", "ipv6", "fragment past its datagram's end, or one too many") \
	RESULT(IPV6_PIECE,      "decoder.ipv6.frag_invalid_length", "ipv6", "fragment of no multiple of eight bytes") \
	RESULT(IPV6_FRAGMENTS,  "decoder.ipv6.exthdr_dupl_fh", "ipv6", "more than one fragment header") \
	RESULT(IPV6_CHAIN,      "sekisho.ipv6.too_many_exthdrs", "ipv6", "more extension headers than are followed") \
	RESULT(TCP_SHORT,       "decoder.tcp.pkt_too_small", "tcp", "shorter than a TCP header") \
	RESULT(TCP_HEADER,      "decoder.tcp.hlen_too_small", "tcp", "TCP header length below 20 or past the packet") \
	RESULT(UDP_SHORT,       "decoder.udp.pkt_too_small", "udp", "shorter than a UDP header") \
	RESULT(UDP_HEADER,      "decoder.udp.len_invalid", "udp", "UDP length below 8") \
	RESULT(UDP_LENGTH,      "decoder.udp.hlen_too_small", "udp", "UDP length past the packet") \
	RESULT(ICMPV4_SHORT,    "decoder.icmpv4.pkt_too_small", "icmpv4", "shorter than an ICMP header") \
	RESULT(ICMPV6_SHORT,    "decoder.icmpv6.pkt_too_small", "icmpv6", "shorter than an ICMPv6 header") \
	RESULT(LAYERS,          "decoder.too_many_layers", "tunnel", "more packets within packets than are opened") \
	RESULT(PPP_SHORT,       "decoder.ppp.pkt_too_small", "ppp", "shorter than a PPP header") \
	RESULT(PPPOE_SHORT,     "decoder.pppoe.pkt_too_small", "pppoe", "shorter than its PPPoE length") \
	RESULT(PPPOE_CODE,      "decoder.pppoe.wrong_code", "pppoe", "PPPoE session of another version or code") \
	RESULT(MPLS_SHORT,      "decoder.mpls.header_too_small", "mpls", "shorter than its MPLS labels") \
	RESULT(GRE_SHORT,       "decoder.gre.pkt_too_small", "gre", "shorter than a GRE header") \
	RESULT(GRE_VERSION,     "decoder.gre.wrong_version", "gre", "GRE of another version, or version 1 without PPP and key") \
	RESULT(ERSPAN_SHORT,    "decoder.erspan.header_too_small", "erspan", "shorter than an ERSPAN header") \
	RESULT(ERSPAN_VERSION,  "decoder.erspan.unsupported_version", "erspan", "ERSPAN that is neither type I nor II") \
	RESULT(ESP_SHORT,       "decoder.esp.pkt_too_small", "esp", "shorter than an ESP header") \
	RESULT(AH_SHORT,        "sekisho.ah.pkt_too_small", "ah", "shorter than an AH header") \
	RESULT(IPV4_CHECKSUM,   "sekisho.ipv4.invalid_checksum", "ipv4", "IPv4 header whose checksum does not hold") \
	RESULT(TCP_CHECKSUM,    "sekisho.tcp.invalid_checksum", "tcp", "TCP segment whose checksum does not hold") \
	RESULT(UDP_CHECKSUM,    "sekisho.udp.invalid_checksum", "udp", "UDP datagram whose checksum does not hold") \
	RESULT(ICMP_CHECKSUM,   "sekisho.icmp.invalid_checksum", "icmp", "ICMP message whose checksum does not hold")

enum decode_result {
#define RESULT(name, event, layer, meaning) DECODE_##name,
	DECODE_RESULTS(RESULT)
#undef RESULT
	DECODE_RESULT_COUNT
};
/* clang-format on */

enum {
	DECODE_VLANS = 3,
	DECODE_EXTENSIONS = 8,
	DECODE_TUNNELS = 8,
	DECODE_IP_LAYERS = 4,
	DECODE_LABELS = 8 /* of one MPLS stack */
};

enum ip_protocol {
	PROTOCOL_ICMP = 1,
	PROTOCOL_IPIP = 4,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_IPV6 = 41,
	PROTOCOL_GRE = 47,
	PROTOCOL_ESP = 50,
	PROTOCOL_AH = 51,
	PROTOCOL_ICMPV6 = 58,
	PROTOCOL_NONE = 59, /* no next header */
	PROTOCOL_SCTP = 132
};

enum tcp_flag { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16 };

enum tunnel_kind {
	TUNNEL_NONE,
	TUNNEL_PPPOE,  /* id: session */
	TUNNEL_MPLS,   /* id: lowest label; not part of the key, as it differs by
			  direction */
	TUNNEL_GRE,    /* id: key, if it has one */
	TUNNEL_PPTP,   /* id: call; not part of the key, as it differs by direction */
	TUNNEL_ERSPAN, /* id: session, of type II */
	TUNNEL_IPIP,
	TUNNEL_6IN4,
	TUNNEL_VXLAN,  /* id: VNI */
	TUNNEL_GENEVE, /* id: VNI */
	TUNNEL_TEREDO,
	TUNNEL_AH,  /* id: index; not part of the key, as it differs by direction */
	TUNNEL_PPP, /* counted only */
	TUNNEL_ESP, /* counted only */
	TUNNEL_KINDS
};

/* What a packet came in: the innermost of its tunnels. */
struct tunnel {
	struct address from,
		to;   /* of the innermost outer IP packet; hold if protocol is not 0 */
	uint32_t id;  /* holds with has_id */
	uint32_t key; /* part of the flow's: of all tunnels' kinds and ids; 0: none */
	uint8_t protocol; /* IP protocol of that outer packet, 0: there is none */
	uint8_t kind;     /* enum tunnel_kind */
	uint8_t depth;    /* how many tunnels */
	bool has_id;
};

/* A piece of a datagram; 'size' 0: the packet is none. */
struct fragment {
	struct bytes data; /* what was captured of it; borrowed */
	uint32_t size;     /* on the wire */
	uint32_t id;
	uint16_t offset; /* of its first byte in what was cut */
	uint8_t next; /* protocol of what was cut; for IPv6 only the first's counts */
	bool has_more;
};

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
	const uint8_t *transport; /* where the transport's header begins */
	struct bytes network;  /* from the IP header on, as captured; borrowed */
	struct fragment fragment;
	uint32_t spi;         /* ESP, and AH that has nothing below it */
	uint16_t carriers;    /* bits 1 << enum tunnel_kind of all that was met */
	uint8_t ip_layers;    /* IP headers so far */
	uint8_t joined;       /* which of them was put together, the last; 0: none */
	uint16_t more_frames; /* others that the datagram came in, */
	struct instant
		began; /* and when the first of them came; holds with more_frames */
	struct tunnel tunnel; /* kind TUNNEL_NONE: not in one */
};

/* Fills '*headers' as far as it came; all of it is meant only with DECODE_OK. */
enum decode_result decode_packet(const struct packet *packet, struct headers *headers);
/*
 * Goes on with the IP packet that '*headers' was a fragment of: 'packet' is it,
 * put together, or what there is of its begin ('is_part': a fragment still).
 */
enum decode_result decode_datagram(struct bytes packet, bool is_part,
				   struct headers *headers);

/* Never NULL: the result's meaning. */
const char *decode_result_name(enum decode_result result);
/* Event for an anomaly record, or NULL if the result is nobody's fault. */
const char *decode_result_event(enum decode_result result);
/* Layer for an anomaly record. */
const char *decode_result_layer(enum decode_result result);

/* "vxlan"; never NULL. */
const char *tunnel_kind_name(enum tunnel_kind kind);

static inline bool
decode_is_invalid(enum decode_result result)
{
	return result >= DECODE_FIRST_INVALID;
}

#endif
