/* SPDX-License-Identifier: Apache-2.0 */
/* decode: from a captured frame to its addresses, ports and payload; here the link
 * layers. */
#include "sensor/decode.h"

#include "sensor/decode_tunnel.h"

static decode_step decode_sll, decode_sll2, decode_null, decode_raw;

/* Each layer names its successors in a table and nowhere else. */
static const struct next_layer {
	int type;
	decode_step *step;
} links[] = {
	{ LINK_ETHERNET, decode_ethernet }, { LINK_LINUX_SLL, decode_sll },
	{ LINK_LINUX_SLL2, decode_sll2 },   { LINK_NULL, decode_null },
	{ LINK_LOOP, decode_null },         { LINK_RAW, decode_raw },
	{ LINK_IPV4, decode_ipv4 },         { LINK_IPV6, decode_ipv6 },
	{ LINK_PPP, decode_ppp },           { LINK_PPP_HDLC, decode_ppp_hdlc },
	{ LINK_PPPOE, decode_pppoe },
}, networks[] = {
	{ 0x0800, decode_ipv4 },
	{ 0x86dd, decode_ipv6 },
	{ 0x8864, decode_pppoe },
	{ 0x8847, decode_mpls },
	{ 0x8848, decode_mpls },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *event, *layer, *meaning;
} results[] = {
#define RESULT(name, event, layer, meaning) { event, layer, meaning },
	DECODE_RESULTS(RESULT)
#undef RESULT
};

static decode_step *
find_step(const struct next_layer *layers, size_t count, int type)
{
	for (size_t i = 0; i < count; i++)
		if (layers[i].type == type)
			return layers[i].step;
	return NULL;
}

enum decode_result
decode_packet(const struct packet *packet, struct headers *headers)
{
	struct layer layer = { .bytes = packet->frame };

	*headers = (struct headers){ 0 };
	if (packet->wire_size > packet->frame.left)
		layer.hidden = packet->wire_size - packet->frame.left;
	decode_step *link = packet->link_type == LINK_ETHERNET
				    ? decode_ethernet
				    : find_step(links, COUNT(links), packet->link_type);
	return link ? link(&layer, headers) : DECODE_LINK;
}

static bool
is_vlan(uint16_t ethertype)
{
	return ethertype == 0x8100 || ethertype == 0x88a8 || ethertype == 0x9100;
}

/* IEEE 802.1Q: two bytes of tag, whose low 12 bits name the VLAN, then the next type.
 */
enum decode_result
decode_ethertype(struct layer *layer, uint16_t ethertype, struct headers *headers)
{
	while (is_vlan(ethertype)) {
		if (headers->vlan_count == DECODE_VLANS)
			return DECODE_VLAN_LAYERS;
		uint16_t tag = bytes_u16(&layer->bytes);
		ethertype = bytes_u16(&layer->bytes);
		if (!bytes_ok(&layer->bytes))
			return layer_short(layer, DECODE_VLAN_SHORT);
		headers->vlan[headers->vlan_count++] = tag & 0x0fff;
	}
	decode_step *network = find_step(networks, COUNT(networks), ethertype);
	return network ? network(layer, headers) : DECODE_NOT_IP;
}

enum decode_result
decode_ethernet(struct layer *layer, struct headers *headers)
{
	bytes_take(&layer->bytes, 12); /* both MAC addresses */
	uint16_t ethertype = bytes_u16(&layer->bytes);

	if (!bytes_ok(&layer->bytes))
		return layer_short(layer, DECODE_ETHERNET_SHORT);
	return decode_ethertype(layer, ethertype, headers);
}

/* libpcap's LINKTYPE_LINUX_SLL: packet type, ARPHRD, address length, 8 bytes of
 * address, protocol */
static enum decode_result
decode_sll(struct layer *layer, struct headers *headers)
{
	bytes_take(&layer->bytes, 14);
	uint16_t ethertype = bytes_u16(&layer->bytes);

	if (!bytes_ok(&layer->bytes))
		return layer_short(layer, DECODE_SLL_SHORT);
	return decode_ethertype(layer, ethertype, headers);
}

/* LINKTYPE_LINUX_SLL2: the protocol comes first, 18 bytes follow */
static enum decode_result
decode_sll2(struct layer *layer, struct headers *headers)
{
	uint16_t ethertype = bytes_u16(&layer->bytes);

	bytes_take(&layer->bytes, 18);
	if (!bytes_ok(&layer->bytes))
		return layer_short(layer, DECODE_SLL2_SHORT);
	return decode_ethertype(layer, ethertype, headers);
}

/*
 * LINKTYPE_NULL has an address family in the byte order of the machine that
 * captured, LINKTYPE_LOOP in network order, and the number for IPv6 differs
 * between systems.  The packet's own version is surer.
 */
static enum decode_result
decode_null(struct layer *layer, struct headers *headers)
{
	bytes_take(&layer->bytes, 4);
	if (!bytes_ok(&layer->bytes) || layer->bytes.left == 0)
		return layer_short(layer, DECODE_NULL_SHORT);
	uint8_t version = layer->bytes.at[0] >> 4;
	return version == 4 || version == 6 ? decode_raw(layer, headers)
					    : DECODE_NOT_IP;
}

static enum decode_result
decode_raw(struct layer *layer, struct headers *headers)
{
	if (layer->bytes.left == 0)
		return layer_short(layer, DECODE_RAW_VERSION);
	switch (layer->bytes.at[0] >> 4) {
	case 4:
		return decode_ipv4(layer, headers);
	case 6:
		return decode_ipv6(layer, headers);
	default:
		return DECODE_RAW_VERSION;
	}
}

const char *
decode_result_name(enum decode_result result)
{
	return results[result].meaning;
}

const char *
decode_result_event(enum decode_result result)
{
	return results[result].event;
}

const char *
decode_result_layer(enum decode_result result)
{
	return results[result].layer;
}
