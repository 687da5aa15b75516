/* SPDX-License-Identifier: Apache-2.0 */
/* decode_transport: TCP, UDP, ICMP and ICMPv6 headers, for decode. */
#include "sensor/decode_tunnel.h"

static enum decode_result
take_payload(struct layer *layer, struct headers *headers)
{
	headers->payload = layer->bytes;
	headers->payload_size = (uint32_t)layer_size(layer);
	return DECODE_OK;
}

/* RFC 9293, section 3.1 */
static enum decode_result
decode_tcp(struct layer *layer, struct headers *headers)
{
	struct bytes *bytes = &layer->bytes;

	uint16_t from = bytes_u16(bytes);
	uint16_t to = bytes_u16(bytes);
	uint32_t sequence = bytes_u32(bytes);
	uint32_t acknowledged = bytes_u32(bytes);
	size_t header = (size_t)(bytes_u8(bytes) >> 4) * 4;
	uint8_t flags = bytes_u8(bytes);
	bytes_take(bytes, 6); /* window, checksum, urgent pointer */
	if (!bytes_ok(bytes))
		return layer_short(layer, DECODE_TCP_SHORT);
	if (header < 20 || header - 20 > layer_size(layer))
		return DECODE_TCP_HEADER;
	bytes_take(bytes, header - 20); /* options */
	if (!bytes_ok(bytes))
		return DECODE_SNAPPED;

	headers->from_port = from;
	headers->to_port = to;
	headers->tcp_sequence = sequence;
	headers->tcp_acknowledged = acknowledged;
	headers->tcp_flags = flags;
	return take_payload(layer, headers);
}

/* RFC 768; a length of 0 is a card that has not cut its segments yet, or RFC 2675 */
static enum decode_result
decode_udp(struct layer *layer, struct headers *headers)
{
	struct bytes *bytes = &layer->bytes;

	uint16_t from = bytes_u16(bytes);
	uint16_t to = bytes_u16(bytes);
	size_t size = bytes_u16(bytes);
	bytes_take(bytes, 2); /* checksum */
	if (!bytes_ok(bytes))
		return layer_short(layer, DECODE_UDP_SHORT);
	if (size != 0 && size < 8)
		return DECODE_UDP_HEADER;
	/* the first of several fragments holds less than the datagram */
	if (size != 0 && !layer_cut(layer, size - 8) && !headers->is_fragment)
		return DECODE_UDP_LENGTH;

	headers->from_port = from;
	headers->to_port = to;
	if (is_udp_tunnel_port(from, to) && !headers->is_fragment) {
		enum decode_result result = decode_udp_tunnel(layer, headers);
		if (result != DECODE_NOT_TUNNEL)
			return result;
	}
	return take_payload(layer, headers);
}

/* RFC 792 and RFC 4443 begin alike: type, code, checksum, four bytes by type */
static enum decode_result
decode_icmp(struct layer *layer, struct headers *headers)
{
	struct bytes *bytes = &layer->bytes;

	uint8_t type = bytes_u8(bytes);
	uint8_t code = bytes_u8(bytes);
	bytes_take(bytes, 6);
	if (!bytes_ok(bytes))
		return layer_short(layer, headers->protocol == PROTOCOL_ICMP
						  ? DECODE_ICMPV4_SHORT
						  : DECODE_ICMPV6_SHORT);
	headers->icmp_type = type;
	headers->icmp_code = code;
	return take_payload(layer, headers);
}

/* RFC 4303, section 2: index, sequence, and what nobody can read */
static enum decode_result
decode_esp(struct layer *layer, struct headers *headers)
{
	uint32_t spi = bytes_u32(&layer->bytes);

	bytes_take(&layer->bytes, 4);
	headers->carriers |= 1 << TUNNEL_ESP;
	if (!bytes_ok(&layer->bytes))
		return layer_short(layer, DECODE_ESP_SHORT);
	headers->spi = spi;
	return take_payload(layer, headers);
}

/* What may carry packets; if it does not, or is a fragment, it is a packet itself. */
static enum decode_result
decode_carrier(struct layer *layer, struct headers *headers)
{
	struct layer whole = *layer;

	if (headers->is_fragment)
		return take_payload(layer, headers);
	enum decode_result result = headers->protocol == PROTOCOL_GRE
					    ? decode_gre(layer, headers)
					    : decode_ip_in_ip(layer, headers);
	if (result != DECODE_NOT_TUNNEL)
		return result;
	*layer = whole;
	return take_payload(layer, headers);
}

enum decode_result
decode_transport(struct layer *layer, struct headers *headers)
{
	for (int count = 0; headers->protocol == PROTOCOL_AH; count++) {
		enum decode_result result = count == DECODE_EXTENSIONS
						    ? DECODE_LAYERS
						    : decode_ah(layer, headers);
		if (result != DECODE_OK)
			return result;
	}
	headers->transport = layer->bytes.at;
	switch (headers->protocol) {
	case PROTOCOL_TCP:
		return decode_tcp(layer, headers);
	case PROTOCOL_UDP:
		return decode_udp(layer, headers);
	case PROTOCOL_ICMP:
	case PROTOCOL_ICMPV6:
		return decode_icmp(layer, headers);
	case PROTOCOL_IPIP:
	case PROTOCOL_IPV6:
	case PROTOCOL_GRE:
		return decode_carrier(layer, headers);
	case PROTOCOL_ESP:
		return decode_esp(layer, headers);
	case PROTOCOL_NONE:
		if (headers->spi != 0) /* no AH has the index 0 */
			headers->protocol = PROTOCOL_AH;
		return take_payload(layer, headers);
	default:
		return take_payload(layer, headers);
	}
}
