/* SPDX-License-Identifier: Apache-2.0 */
/* describe: a flow as the fields of a record. */
#include "sensor/describe.h"

#include <string.h>

#include "sensor/siphash.h"

struct text
describe_protocol(char out[8], uint8_t protocol)
{
	uint32_t size = 0;

	switch (protocol) {
	case PROTOCOL_TCP:
		return text_of("TCP");
	case PROTOCOL_UDP:
		return text_of("UDP");
	case PROTOCOL_ICMP:
		return text_of("ICMP");
	case PROTOCOL_ICMPV6:
		return text_of("IPv6-ICMP");
	case PROTOCOL_ESP:
		return text_of("ESP");
	case PROTOCOL_AH:
		return text_of("AH");
	case PROTOCOL_GRE:
		return text_of("GRE");
	case PROTOCOL_SCTP:
		return text_of("SCTP");
	case PROTOCOL_IPIP:
		return text_of("IPIP");
	case PROTOCOL_IPV6:
		return text_of("IPv6");
	default:
		if (protocol >= 100)
			out[size++] = (char)('0' + protocol / 100);
		if (protocol >= 10)
			out[size++] = (char)('0' + protocol / 10 % 10);
		out[size++] = (char)('0' + protocol % 10);
		return (struct text){ out, size };
	}
}

static uint64_t
big_endian(const uint8_t *byte, size_t size)
{
	uint64_t word = 0;

	for (size_t i = 0; i < size; i++)
		word = word << 8 | byte[i];
	return word;
}

uint64_t
describe_flow_id(const struct flow *flow)
{
	const struct flow_key *key = &flow->key;
	const uint64_t word[] = {
		big_endian(key->end[0].byte, 8),
		big_endian(key->end[0].byte + 8, 8),
		big_endian(key->end[1].byte, 8),
		big_endian(key->end[1].byte + 8, 8),
		(uint64_t)key->port[0] << 48 | (uint64_t)key->port[1] << 32 |
			(uint64_t)key->vlan[0] << 16 | key->vlan[1],
		(uint64_t)key->tunnel << 32 | (uint64_t)key->vlan[2] << 16 |
			(uint64_t)key->protocol << 8 | key->form,
		(uint64_t)flow->start.usec,
	};

	return siphash_words(word, sizeof(word) / sizeof(word[0])) >> 11;
}

void
describe_origin(const struct describer *describer, struct record *record,
		struct instant at)
{
	record_set_time(record, FIELD_TIMESTAMP, at);
	record_set_text(record, FIELD_HOST, describer->sensor);
	record_set_number(record, FIELD_SEKISHO_V, 1);
	record_set_text(record, FIELD_SEKISHO_POI, describer->poi);
	record_set_text(record, FIELD_SEKISHO_SENSOR, describer->sensor);
	record_set_number(record, FIELD_SEKISHO_LANE, describer->lane);
}

static void
set_vlans(struct describer *describer, struct record *record, const uint16_t *vlan,
	  uint32_t count)
{
	if (count == 0)
		return;
	for (uint32_t i = 0; i < count; i++)
		describer->vlans[i] = vlan[i];
	record_set_numbers(record, FIELD_VLAN, describer->vlans, count);
}

static bool
has_ports(uint8_t protocol)
{
	return protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP;
}

static void
set_ends(struct record *record, const struct flow_key *key, int client)
{
	record_set_address(record, FIELD_SRC_IP, &key->end[client]);
	record_set_address(record, FIELD_DEST_IP, &key->end[!client]);
	record_set_address(record, FIELD_SEKISHO_CLIENT_IP, &key->end[client]);
	record_set_address(record, FIELD_SEKISHO_SERVER_IP, &key->end[!client]);
	if (!has_ports(key->protocol)) { /* looked, and there is none: a rule must not
					    wait for it */
		record_set_null(record, FIELD_SEKISHO_CLIENT_PORT);
		record_set_null(record, FIELD_SEKISHO_SERVER_PORT);
		return;
	}
	record_set_number(record, FIELD_SRC_PORT, key->port[client]);
	record_set_number(record, FIELD_DEST_PORT, key->port[!client]);
	record_set_number(record, FIELD_SEKISHO_CLIENT_PORT, key->port[client]);
	record_set_number(record, FIELD_SEKISHO_SERVER_PORT, key->port[!client]);
}

/* Which outer address is whose: as side 0's first packet had them. */
static void
set_tunnel(struct describer *describer, struct record *record, const struct flow *flow)
{
	const struct tunnel *tunnel = tunnel_table_at(describer->tunnels, flow->tunnel);
	bool is_turned = flow->client != 0;

	if (tunnel == NULL)
		return;
	if (tunnel->protocol != 0) {
		record_set_address(record, FIELD_TUNNEL_SRC_IP,
				   is_turned ? &tunnel->to : &tunnel->from);
		record_set_address(record, FIELD_TUNNEL_DEST_IP,
				   is_turned ? &tunnel->from : &tunnel->to);
		record_set_text(
			record, FIELD_TUNNEL_PROTO,
			describe_protocol(describer->carrier, tunnel->protocol));
	}
	record_set_number(record, FIELD_TUNNEL_DEPTH, tunnel->depth);
	record_set_text(record, FIELD_SEKISHO_TUNNEL_KIND,
			text_of(tunnel_kind_name(tunnel->kind)));
	if (tunnel->has_id)
		record_set_number(record, FIELD_SEKISHO_TUNNEL_ID, tunnel->id);
}

void
describe_event(struct describer *describer, struct record *record,
	       const struct flow *flow, struct instant at)
{
	const struct flow_key *key = &flow->key;

	describe_origin(describer, record, at);
	record_set_number(record, FIELD_FLOW_ID, describe_flow_id(flow));
	if (describer->interface.size > 0)
		record_set_text(record, FIELD_IN_IFACE, describer->interface);
	set_vlans(describer, record, key->vlan, key->form & FLOW_FORM_VLANS);
	set_ends(record, key, flow_end(flow, flow->client));
	record_set_text(record, FIELD_PROTO,
			describe_protocol(describer->protocol, key->protocol));
	record_set_number(record, FIELD_IP_V, key->form & FLOW_FORM_IPV6 ? 6 : 4);
	record_set_text(record, FIELD_COMMUNITY_ID,
			community_id(key, describer->community));
	set_tunnel(describer, record, flow);
	record_set_text(record, FIELD_SEKISHO_DIRECTION_CONFIDENCE,
			text_of(flow_confidence_name(flow->confidence)));
}

static void
set_counts(struct describer *describer, struct record *record, const struct flow *flow)
{
	int client = flow->client, unseen = flow_unseen_side(flow);
	struct text reason = text_of("asymmetric");
	struct text *reasons = describer->reasons;

	if (unseen != client) {
		record_set_number(record, FIELD_FLOW_PKTS_TOSERVER,
				  flow->packets[client]);
		record_set_number(record, FIELD_FLOW_BYTES_TOSERVER,
				  flow->bytes[client]);
	} else {
		reasons[0] = text_of("flow.pkts_toserver");
		reasons[2] = text_of("flow.bytes_toserver");
	}
	if (unseen != !client) {
		record_set_number(record, FIELD_FLOW_PKTS_TOCLIENT,
				  flow->packets[!client]);
		record_set_number(record, FIELD_FLOW_BYTES_TOCLIENT,
				  flow->bytes[!client]);
	} else {
		reasons[0] = text_of("flow.pkts_toclient");
		reasons[2] = text_of("flow.bytes_toclient");
	}
	if (unseen == -1)
		return;
	reasons[1] = reasons[3] = reason;
	record_set_texts(record, FIELD_SEKISHO_UNOBSERVABLE, reasons, 4);
}

static struct text
hexadecimal(uint8_t flags, char *out)
{
	static const char digits[] = "0123456789abcdef";

	out[0] = digits[flags >> 4];
	out[1] = digits[flags & 15];
	return (struct text){ out, 2 };
}

static void
set_tcp(struct describer *describer, struct record *record, const struct flow *flow)
{
	int client = flow->client, unseen = flow_unseen_side(flow);
	uint8_t all = flow->tcp_flags[0] | flow->tcp_flags[1];
	uint8_t gap[2] = { FLOW_MARK_GAP_0, FLOW_MARK_GAP_1 };

	record_set_text(record, FIELD_TCP_FLAGS, hexadecimal(all, describer->flags[0]));
	if (unseen != client)
		record_set_text(
			record, FIELD_TCP_FLAGS_TS,
			hexadecimal(flow->tcp_flags[client], describer->flags[1]));
	if (unseen != !client)
		record_set_text(
			record, FIELD_TCP_FLAGS_TC,
			hexadecimal(flow->tcp_flags[!client], describer->flags[2]));
	record_set_flag(record, FIELD_TCP_SYN, (all & TCP_SYN) != 0);
	record_set_flag(record, FIELD_TCP_FIN, (all & TCP_FIN) != 0);
	record_set_flag(record, FIELD_TCP_RST, (all & TCP_RST) != 0);
	record_set_text(record, FIELD_TCP_STATE,
			text_of(tcp_state_name(flow->tcp_state)));
	if (flow->marks & gap[client])
		record_set_flag(record, FIELD_TCP_TS_GAP, true);
	if (flow->marks & gap[!client])
		record_set_flag(record, FIELD_TCP_TC_GAP, true);
}

/* Nobody looked at a flow without payload: then the fields are missing. */
static void
set_application(struct describer *describer, struct record *record,
		const struct flow *flow)
{
	struct classification_names names;

	if (flow->class.is_closed) {
		names = classify_names(describer->classifier, &flow->class,
				       describer->ndpi_proto);
		record_set_text(record, FIELD_APP_PROTO, names.app_proto);
		record_set_text(record, FIELD_NDPI_PROTO, names.proto);
		record_set_text(record, FIELD_NDPI_CATEGORY, names.category);
		record_set_text(record, FIELD_NDPI_CONFIDENCE, names.confidence);
	}
	if (flow->app_proto != NULL)
		record_set_text(record, FIELD_APP_PROTO, text_of(flow->app_proto));
	if (!has_ports(flow->key.protocol))
		record_set_null(record, FIELD_APP_PROTO);
}

void
describe_flow(struct describer *describer, struct record *record,
	      const struct flow *flow, struct instant at, const char *reason,
	      bool is_final)
{
	record_begin(record, EVENT_FLOW);
	describe_event(describer, record, flow, at);
	set_counts(describer, record, flow);
	record_set_time(record, FIELD_FLOW_START, flow->start);
	record_set_time(record, FIELD_FLOW_END, flow->last);
	record_set_number(
		record, FIELD_FLOW_AGE,
		(uint64_t)(instant_between(flow->start, flow->last) / INSTANT_SECOND));
	record_set_text(record, FIELD_FLOW_STATE,
			text_of(flow_state_name(flow->state)));
	record_set_text(record, FIELD_FLOW_REASON, text_of(reason));
	if (flow->key.protocol == PROTOCOL_TCP)
		set_tcp(describer, record, flow);
	if (flow->key.protocol == PROTOCOL_ICMP ||
	    flow->key.protocol == PROTOCOL_ICMPV6) {
		record_set_number(record, FIELD_ICMP_TYPE, flow->icmp_type);
		record_set_number(record, FIELD_ICMP_CODE, flow->icmp_code);
	}
	if (flow->key.protocol == PROTOCOL_ESP || flow->key.protocol == PROTOCOL_AH)
		record_set_number(record, FIELD_SPI,
				  (uint32_t)flow->key.port[0] << 16 |
					  flow->key.port[1]);
	set_application(describer, record, flow);
	record_set_flag(record, FIELD_SEKISHO_IS_FINAL, is_final);
}

void
describe_packet(struct describer *describer, struct record *record,
		const struct headers *headers)
{
	if (describer->interface.size > 0)
		record_set_text(record, FIELD_IN_IFACE, describer->interface);
	set_vlans(describer, record, headers->vlan, headers->vlan_count);
	if (headers->ip_version == 0)
		return;
	record_set_address(record, FIELD_SRC_IP, &headers->from);
	record_set_address(record, FIELD_DEST_IP, &headers->to);
	record_set_text(record, FIELD_PROTO,
			describe_protocol(describer->protocol, headers->protocol));
	record_set_number(record, FIELD_IP_V, headers->ip_version);
}
