/* SPDX-License-Identifier: Apache-2.0 */
/* decode_ip: IPv4 and IPv6 headers, for decode. */
#include "sensor/decode_step.h"

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
	bytes_take(bytes, 2); /* identification */
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
	if ((fragment & 0x1fff) != 0)
		return DECODE_FRAGMENT;
	headers->is_fragment = (fragment & 0x2000) != 0;
	return decode_transport(layer, headers);
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

/* Takes one extension header off; '*next' becomes what follows it. */
static enum decode_result
take_extension(struct layer *layer, uint8_t *next, struct headers *headers)
{
	struct bytes *bytes = &layer->bytes;
	uint8_t kind = *next;

	*next = bytes_u8(bytes);
	size_t eights = bytes_u8(bytes);
	uint16_t fragment = bytes_u16(bytes);
	bytes_take(bytes, 4);
	if (kind == PROTOCOL_AH &&
	    eights > 0) /* RFC 4302, section 2.2: fours less two */
		bytes_take(bytes, eights * 4);
	else if (kind != FRAGMENT)
		bytes_take(bytes, eights * 8);
	if (!bytes_ok(bytes))
		return layer_short(layer, DECODE_IPV6_EXTENSION);
	if (kind == FRAGMENT) {
		headers->protocol = *next;
		if ((fragment & 0xfff8) != 0)
			return DECODE_FRAGMENT;
		headers->is_fragment = (fragment & 1) != 0;
	}
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
	for (int extensions = 0; is_extension(next); extensions++) {
		if (extensions == DECODE_EXTENSIONS)
			return DECODE_IPV6_CHAIN;
		enum decode_result result = take_extension(layer, &next, headers);
		if (result != DECODE_OK)
			return result;
	}
	headers->protocol = next;
	return decode_transport(layer, headers);
}
