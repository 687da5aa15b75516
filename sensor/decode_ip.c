/* SPDX-License-Identifier: Apache-2.0 */
/* decode_ip: IPv4 and IPv6 headers, for decode. */
#include "sensor/decode_tunnel.h"

/* What stands here is a piece; headers->protocol is known already. */
static void
note_fragment(const struct layer *layer, struct headers *headers, uint16_t offset,
	      bool has_more)
{
	headers->is_fragment = offset == 0 && has_more;
	headers->fragment = (struct fragment){
		.data = layer->bytes,
		.size = (uint32_t)layer_size(layer),
		.offset = offset,
		.next = headers->protocol,
		.has_more = has_more,
	};
}

/* RFC 791, section 3.1 */
enum decode_result
decode_ipv4(struct layer *layer, struct headers *headers)
{
	struct bytes *bytes = &layer->bytes;
	const uint8_t *start = bytes->at;
	size_t whole = layer_size(layer);

	uint8_t version_and_size = bytes_u8(bytes);
	bytes_take(bytes, 1); /* type of service */
	size_t total = bytes_u16(bytes);
	uint32_t id = bytes_u16(bytes);
	uint16_t fragment = bytes_u16(bytes);
	bytes_take(bytes, 1); /* time to live */
	uint8_t protocol = bytes_u8(bytes);
	bytes_take(bytes, 2); /* checksum: the card may not have filled it in yet */
	const uint8_t *from = bytes_take(bytes, 4);
	const uint8_t *to = bytes_take(bytes, 4);
	if (!bytes_ok(bytes))
		return layer_short(layer, DECODE_IPV4_SHORT);

	size_t header = (size_t)(version_and_size & 0x0f) * 4;
	if (version_and_size >> 4 != 4)
		return DECODE_IPV4_VERSION;
	if (header < 20)
		return DECODE_IPV4_HEADER;
	if (total == 0) /* segmentation offload */
		total = whole;
	if (total < header)
		return DECODE_IPV4_LENGTH;
	if (headers->ip_layers++ == DECODE_IP_LAYERS)
		return DECODE_LAYERS;
	headers->ip_version = 4;
	headers->protocol = protocol;
	headers->from = address_from_ipv4(from);
	headers->to = address_from_ipv4(to);

	if (!layer_cut(layer, total - 20))
		return DECODE_IPV4_TRUNCATED;
	headers->network = bytes_over(start, 20 + bytes->left);
	bytes_take(bytes, header - 20); /* options */
	if (!bytes_ok(bytes))
		return layer_short(layer, DECODE_IPV4_HEADER);
	if ((fragment & 0x3fff) == 0)
		return decode_transport(layer, headers);
	note_fragment(layer, headers, (uint16_t)((fragment & 0x1fff) * 8),
		      (fragment & 0x2000) != 0);
	headers->fragment.id = id;
	return headers->is_fragment ? decode_transport(layer, headers)
				    : DECODE_FRAGMENT;
}

enum { /* RFC 8200, section 4 */
       HOP_BY_HOP = 0,
       ROUTING = 43,
       FRAGMENT = 44,
       DESTINATION = 60,
       MOBILITY = 135
};

static bool
is_extension(uint8_t next)
{
	return next == HOP_BY_HOP || next == ROUTING || next == FRAGMENT ||
	       next == DESTINATION || next == MOBILITY || next == PROTOCOL_AH;
}

/* RFC 8200, section 4.5; an atomic fragment (RFC 6946) is a whole packet */
static enum decode_result
take_fragment(struct layer *layer, struct headers *headers)
{
	struct bytes *bytes = &layer->bytes;
	bool is_again =
		headers->fragment.size > 0 || headers->joined == headers->ip_layers;

	headers->protocol = bytes_u8(bytes);
	bytes_take(bytes, 1);
	uint16_t place = bytes_u16(bytes);
	uint32_t id = bytes_u32(bytes);
	if (!bytes_ok(bytes))
		return layer_short(layer, DECODE_IPV6_EXTENSION);
	if ((place & 0xfff9) == 0)
		return DECODE_OK;
	if (is_again)
		return DECODE_IPV6_FRAGMENTS;
	note_fragment(layer, headers, place & 0xfff8, place & 1);
	headers->fragment.id = id;
	return headers->is_fragment ? DECODE_OK : DECODE_FRAGMENT;
}

/* Takes one extension header off; headers->protocol becomes what follows it. */
static enum decode_result
take_extension(struct layer *layer, struct headers *headers)
{
	struct bytes *bytes = &layer->bytes;

	if (headers->protocol == FRAGMENT)
		return take_fragment(layer, headers);
	if (headers->protocol == PROTOCOL_AH)
		return decode_ah(layer, headers);
	uint8_t next = bytes_u8(bytes);
	size_t eights = bytes_u8(bytes);
	bytes_take(bytes, 6 + eights * 8);
	if (!bytes_ok(bytes))
		return layer_short(layer, DECODE_IPV6_EXTENSION);
	headers->protocol = next;
	return DECODE_OK;
}

/* RFC 8200, section 3 */
enum decode_result
decode_ipv6(struct layer *layer, struct headers *headers)
{
	struct bytes *bytes = &layer->bytes;
	const uint8_t *start = bytes->at;

	uint8_t version = bytes_u8(bytes) >> 4;
	bytes_take(bytes, 3); /* traffic class and flow label */
	size_t size = bytes_u16(bytes);
	uint8_t next = bytes_u8(bytes);
	bytes_take(bytes, 1); /* hop limit */
	const uint8_t *from = bytes_take(bytes, 16);
	const uint8_t *to = bytes_take(bytes, 16);
	if (!bytes_ok(bytes))
		return layer_short(layer, DECODE_IPV6_SHORT);
	if (version != 6)
		return DECODE_IPV6_VERSION;
	if (headers->ip_layers++ == DECODE_IP_LAYERS)
		return DECODE_LAYERS;
	headers->ip_version = 6;
	headers->protocol = next;
	headers->from = address_from_ipv6(from);
	headers->to = address_from_ipv6(to);

	if (size != 0 && !layer_cut(layer, size)) /* 0: a jumbogram or offload */
		return DECODE_IPV6_TRUNCATED;
	headers->network = bytes_over(start, 40 + bytes->left);
	for (int extensions = 0; is_extension(headers->protocol); extensions++) {
		if (extensions == DECODE_EXTENSIONS)
			return DECODE_IPV6_CHAIN;
		enum decode_result result = take_extension(layer, headers);
		if (result != DECODE_OK)
			return result;
	}
	return decode_transport(layer, headers);
}

enum decode_result
decode_datagram(struct bytes packet, bool is_part, struct headers *headers)
{
	struct layer layer = { .bytes = packet };

	headers->joined = headers->ip_layers--;
	headers->is_fragment = is_part;
	headers->fragment.size = 0;
	return headers->ip_version == 4 ? decode_ipv4(&layer, headers)
					: decode_ipv6(&layer, headers);
}
