/* SPDX-License-Identifier: Apache-2.0 */
/* decode_tunnel: what carries packets within packets, for decode. */
#include "sensor/decode_tunnel.h"

enum { /* ethertypes that GRE has and a link has not */
       GRE_BRIDGED = 0x6558,
       GRE_PPP = 0x880b,
       GRE_ERSPAN = 0x88be,
       GRE_ERSPAN_III = 0x22eb
};

/* Kind and id where 32 bits hold them, so that two networks never share a key; else
 * mixed. */
static uint32_t
key_of(const struct tunnel *outer, enum tunnel_kind kind, uint32_t id)
{
	uint32_t own = (uint32_t)kind << 24 ^ id;

	if (outer->key == 0)
		return own;
	uint64_t mixed = (outer->key ^ UINT64_C(0x9e3779b97f4a7c15)) *
			 UINT64_C(0xff51afd7ed558ccd);
	mixed = (mixed ^ mixed >> 32 ^ own) * UINT64_C(0xc4ceb9fe1a85ec53);
	return (uint32_t)(mixed >> 32);
}

/* Both directions must get the same key: MPLS labels, an AH's index and PPTP's call ids
 * differ by direction. */
static void
note_tunnel(struct tunnel *tunnel, const struct headers *headers, enum tunnel_kind kind,
	    uint32_t id, bool has_id)
{
	if (kind != TUNNEL_MPLS && kind != TUNNEL_AH)
		tunnel->key =
			key_of(tunnel, kind, has_id && kind != TUNNEL_PPTP ? id : 0);
	tunnel->kind = (uint8_t)kind;
	tunnel->id = id;
	tunnel->has_id = has_id;
	tunnel->depth++;
	if (headers->ip_version == 0)
		return;
	tunnel->from = headers->from;
	tunnel->to = headers->to;
	tunnel->protocol = headers->protocol;
}

/*
 * What holds no IP packet is told of as a packet of the outer conversation,
 * if there is one.
 */
static enum decode_result
enter(struct layer *layer, struct headers *headers, enum tunnel_kind kind,
      const uint32_t *id,
      enum decode_result (*inside)(struct layer *layer, uint16_t type,
				   struct headers *headers),
      uint16_t type)
{
	struct headers outer = *headers;
	struct layer whole = *layer;

	headers->carriers |= (uint16_t)(1 << kind);
	outer.carriers = headers->carriers;
	if (headers->tunnel.depth == DECODE_TUNNELS)
		return DECODE_LAYERS;
	note_tunnel(&headers->tunnel, headers, kind, id ? *id : 0, id != NULL);
	headers->from_port = headers->to_port = 0;
	headers->spi = 0;
	enum decode_result result = inside(layer, type, headers);
	if (result == DECODE_NOT_TUNNEL)
		result = DECODE_NOT_IP;
	if (result != DECODE_NOT_IP || outer.ip_version == 0)
		return result;
	outer.carriers = headers->carriers;
	*headers = outer;
	*layer = whole;
	return DECODE_NOT_TUNNEL;
}

static enum decode_result
inside_ethertype(struct layer *layer, uint16_t type, struct headers *headers)
{
	return type == GRE_BRIDGED ? decode_ethernet(layer, headers)
				   : decode_ethertype(layer, type, headers);
}

/* RFC 1661, section 2: the protocol has one byte if it is odd, and may stand after FF
 * 03. */
static enum decode_result
inside_ppp(struct layer *layer, uint16_t type, struct headers *headers)
{
	struct bytes *bytes = &layer->bytes;
	(void)type;

	if (bytes->left >= 2 && bytes->at[0] == 0xff && bytes->at[1] == 0x03)
		bytes_take(bytes, 2);
	uint16_t protocol = bytes_u8(bytes);
	if ((protocol & 1) == 0)
		protocol = (uint16_t)(protocol << 8 | bytes_u8(bytes));
	if (!bytes_ok(bytes))
		return layer_short(layer, DECODE_PPP_SHORT);
	headers->carriers |= 1 << TUNNEL_PPP;
	switch (protocol) {
	case 0x0021:
		return decode_ipv4(layer, headers);
	case 0x0057:
		return decode_ipv6(layer, headers);
	case 0x0281:
		return decode_mpls(layer, headers);
	default:
		return DECODE_NOT_IP;
	}
}

enum decode_result
decode_ppp(struct layer *layer, struct headers *headers)
{
	return inside_ppp(layer, 0, headers);
}

/* LINKTYPE_PPP_HDLC: RFC 1662, section 4, or, by its first byte, Cisco's with an
 * ethertype */
enum decode_result
decode_ppp_hdlc(struct layer *layer, struct headers *headers)
{
	struct bytes *bytes = &layer->bytes;

	if (bytes->left == 0 || (bytes->at[0] != 0x0f && bytes->at[0] != 0x8f))
		return inside_ppp(layer, 0, headers);
	bytes_take(bytes, 2); /* address and control */
	uint16_t ethertype = bytes_u16(bytes);
	return bytes_ok(bytes) ? decode_ethertype(layer, ethertype, headers)
			       : layer_short(layer, DECODE_PPP_SHORT);
}

/* RFC 2516, section 4: version and type 1, code 0 for data, session, length */
enum decode_result
decode_pppoe(struct layer *layer, struct headers *headers)
{
	struct bytes *bytes = &layer->bytes;

	uint8_t version = bytes_u8(bytes);
	uint8_t code = bytes_u8(bytes);
	uint32_t session = bytes_u16(bytes);
	size_t size = bytes_u16(bytes);
	if (!bytes_ok(bytes))
		return layer_short(layer, DECODE_PPPOE_SHORT);
	if (version != 0x11 || code != 0)
		return DECODE_PPPOE_CODE;
	if (!layer_cut(layer, size))
		return DECODE_PPPOE_SHORT;
	return enter(layer, headers, TUNNEL_PPPOE, &session, inside_ppp, 0);
}

/* RFC 3032, section 2.2: what follows the stack shows itself by its first four bits. */
static enum decode_result
inside_mpls(struct layer *layer, uint16_t type, struct headers *headers)
{
	struct bytes *bytes = &layer->bytes;
	(void)type;

	if (bytes->left == 0)
		return layer_short(layer, DECODE_MPLS_SHORT);
	switch (bytes->at[0] >> 4) {
	case 4:
		return decode_ipv4(layer, headers);
	case 6:
		return decode_ipv6(layer, headers);
	case 0: /* RFC 4448, section 4.6: control word of a bridged wire */
		bytes_take(bytes, 4);
		return bytes_ok(bytes) ? decode_ethernet(layer, headers)
				       : layer_short(layer, DECODE_MPLS_SHORT);
	default:
		return DECODE_NOT_IP;
	}
}

enum decode_result
decode_mpls(struct layer *layer, struct headers *headers)
{
	struct bytes *bytes = &layer->bytes;

	headers->carriers |= 1 << TUNNEL_MPLS;
	for (int labels = 0; labels < DECODE_LABELS; labels++) {
		uint32_t entry = bytes_u32(bytes);
		uint32_t label = entry >> 12;
		if (!bytes_ok(bytes))
			return layer_short(layer, DECODE_MPLS_SHORT);
		if (entry & 0x100) /* the bottom of the stack */
			return enter(layer, headers, TUNNEL_MPLS, &label, inside_mpls,
				     0);
	}
	return DECODE_LAYERS;
}

/* Type II, draft-foschiano-erspan-03: session in the low 10 bits of the second word. */
static enum decode_result
decode_erspan_2(struct layer *layer, struct headers *headers)
{
	struct bytes *bytes = &layer->bytes;
	uint8_t version = bytes_u8(bytes) >> 4;
	bytes_take(bytes, 1); /* VLAN, which the mirrored frame has too */
	uint32_t session = bytes_u16(bytes) & 0x3ff;

	bytes_take(bytes, 4);
	if (!bytes_ok(bytes))
		return layer_short(layer, DECODE_ERSPAN_SHORT);
	if (version != 1)
		return DECODE_ERSPAN_VERSION;
	return enter(layer, headers, TUNNEL_ERSPAN, &session, inside_ethertype,
		     GRE_BRIDGED);
}

/* RFC 1701: routing entries up to an empty one; only version 0 with the bit set */
static void
take_routes(struct bytes *bytes)
{
	for (;;) {
		uint16_t family = bytes_u16(bytes);
		bytes_take(bytes, 1);
		uint8_t size = bytes_u8(bytes);
		bytes_take(bytes, size);
		if (!bytes_ok(bytes) || (family == 0 && size == 0))
			return;
	}
}

/* RFC 2784, RFC 2890 and, for version 1, RFC 2637 section 4.1 */
enum decode_result
decode_gre(struct layer *layer, struct headers *headers)
{
	struct bytes *bytes = &layer->bytes;
	uint16_t flags = bytes_u16(bytes);
	uint16_t type = bytes_u16(bytes);
	int version = flags & 7;
	bool has_key = flags & 0x2000, has_sequence = flags & 0x1000;

	headers->carriers |= 1 << TUNNEL_GRE;
	if (bytes_ok(bytes) && version > 1)
		return DECODE_GRE_VERSION;
	if (version == 0 && flags & 0xc000)
		bytes_take(bytes, 4); /* checksum, offset */
	uint32_t key = has_key ? bytes_u32(bytes) : 0;
	if (has_sequence)
		bytes_take(bytes, 4);
	if (version == 1 && flags & 0x80)
		bytes_take(bytes, 4); /* acknowledgement */
	if (version == 0 && flags & 0x4000)
		take_routes(bytes);
	if (!bytes_ok(bytes))
		return layer_short(layer, DECODE_GRE_SHORT);
	if (version == 1) {
		key &= 0xffff; /* the call; the rest is a length */
		if (type != GRE_PPP || !has_key)
			return DECODE_GRE_VERSION;
		return layer_size(layer) == 0
			       ? DECODE_NOT_TUNNEL /* only acknowledges */
			       : enter(layer, headers, TUNNEL_PPTP, &key, inside_ppp,
				       0);
	}
	if (type == GRE_ERSPAN && has_sequence)
		return decode_erspan_2(layer, headers);
	if (type == GRE_ERSPAN)
		return enter(layer, headers, TUNNEL_ERSPAN, NULL, inside_ethertype,
			     GRE_BRIDGED);
	if (type == GRE_ERSPAN_III)
		return DECODE_ERSPAN_VERSION;
	return enter(layer, headers, TUNNEL_GRE, has_key ? &key : NULL,
		     type == GRE_PPP ? inside_ppp : inside_ethertype, type);
}

/* RFC 4302, section 2: next header, length in fours less two, index, sequence, check
 * value */
enum decode_result
decode_ah(struct layer *layer, struct headers *headers)
{
	struct bytes *bytes = &layer->bytes;
	uint8_t next = bytes_u8(bytes);
	size_t size = ((size_t)bytes_u8(bytes) + 2) * 4;

	bytes_take(bytes, 2);
	uint32_t index = bytes_u32(bytes);
	bytes_take(bytes, size < 12 ? 0 : size - 8);
	headers->carriers |= 1 << TUNNEL_AH;
	if (!bytes_ok(bytes) || size < 12)
		return layer_short(layer, DECODE_AH_SHORT);
	if (headers->tunnel.depth == DECODE_TUNNELS)
		return DECODE_LAYERS;
	headers->spi = index;
	if (headers->is_fragment) { /* what follows is not whole: it stays AH */
		headers->protocol = PROTOCOL_NONE;
		return DECODE_OK;
	}
	note_tunnel(&headers->tunnel, headers, TUNNEL_AH, index, true);
	headers->protocol = next;
	return DECODE_OK;
}

enum decode_result
decode_ip_in_ip(struct layer *layer, struct headers *headers)
{
	bool is_4 = headers->protocol == PROTOCOL_IPIP;

	return enter(layer, headers, is_4 ? TUNNEL_IPIP : TUNNEL_6IN4, NULL,
		     inside_ethertype, is_4 ? 0x0800 : 0x86dd);
}

/* RFC 7348, section 5, and the group of draft-smith-vxlan-group-policy */
static enum decode_result
decode_vxlan(struct layer *layer, struct headers *headers)
{
	struct bytes *bytes = &layer->bytes;
	uint32_t flags = bytes_u32(bytes);
	uint32_t last = bytes_u32(bytes), vni = last >> 8;

	bool is_plain = flags == 0x08000000;
	bool is_grouped = (flags & 0xffb70000) == 0x88000000;
	if (!bytes_ok(bytes) || (last & 0xff) != 0 || (!is_plain && !is_grouped))
		return DECODE_NOT_TUNNEL;
	return enter(layer, headers, TUNNEL_VXLAN, &vni, inside_ethertype, GRE_BRIDGED);
}

/* RFC 8926, section 3.4 */
static enum decode_result
decode_geneve(struct layer *layer, struct headers *headers)
{
	struct bytes *bytes = &layer->bytes;
	uint8_t first = bytes_u8(bytes);
	uint8_t flags = bytes_u8(bytes);
	uint16_t type = bytes_u16(bytes);
	uint32_t last = bytes_u32(bytes), vni = last >> 8;

	bytes_take(bytes, (size_t)(first & 0x3f) * 4);
	if (!bytes_ok(bytes) || first >> 6 != 0 || flags & 0x3f || last & 0xff ||
	    (type != GRE_BRIDGED && type != 0x0800 && type != 0x86dd))
		return DECODE_NOT_TUNNEL;
	return enter(layer, headers, TUNNEL_GENEVE, &vni, inside_ethertype, type);
}

/* RFC 4380, section 5.1.1: authentication and origin may stand before the IPv6 packet,
 * which ends where the datagram ends. */
static enum decode_result
decode_teredo(struct layer *layer, struct headers *headers)
{
	struct bytes *bytes = &layer->bytes;

	if (bytes->left >= 4 && bytes->at[0] == 0 && bytes->at[1] == 1)
		bytes_take(bytes, (size_t)13 + bytes->at[2] + bytes->at[3]);
	if (bytes->left >= 2 && bytes->at[0] == 0 && bytes->at[1] == 0)
		bytes_take(bytes, 8);
	if (!bytes_ok(bytes) || bytes->left < 40 || bytes->at[0] >> 4 != 6)
		return DECODE_NOT_TUNNEL;
	size_t size = (size_t)(bytes->at[4] << 8 | bytes->at[5]);
	if (size + 40 != layer_size(layer))
		return DECODE_NOT_TUNNEL;
	return enter(layer, headers, TUNNEL_TEREDO, NULL, inside_ethertype, 0x86dd);
}

enum decode_result
decode_udp_tunnel(struct layer *layer, struct headers *headers)
{
	struct layer whole = *layer;
	enum decode_result result = DECODE_NOT_TUNNEL;

	if (headers->to_port == DECODE_VXLAN_PORT)
		result = decode_vxlan(layer, headers);
	else if (headers->to_port == DECODE_GENEVE_PORT)
		result = decode_geneve(layer, headers);
	else
		result = decode_teredo(layer, headers);
	if (result == DECODE_NOT_TUNNEL)
		*layer = whole;
	return result;
}

const char *
tunnel_kind_name(enum tunnel_kind kind)
{
	static const char *const names[TUNNEL_KINDS] = {
		"",     "pppoe", "mpls",   "gre",    "pptp", "erspan", "ipip",
		"6in4", "vxlan", "geneve", "teredo", "ah",   "ppp",    "esp",
	};

	return names[kind];
}
