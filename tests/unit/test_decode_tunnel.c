/* SPDX-License-Identifier: Apache-2.0 */
/* test_decode_tunnel: packets within packets are opened, told apart and limited; each
 * damage stays within the frame. */
#include "tests/unit/test.h"

#include "sensor/flow.h"
#include "sensor/tunnel_table.h"

struct frame {
	uint8_t byte[512];
	size_t size;
};

static void
put(struct frame *frame, const void *data, size_t size)
{
	assert_true(frame->size + size <= sizeof(frame->byte));
	memcpy(frame->byte + frame->size, data, size);
	frame->size += size;
}

/* Puts what frame holds into something that begins with 'head'. */
static void
wrap(struct frame *frame, const void *head, size_t size)
{
	struct frame inner = *frame;

	frame->size = 0;
	put(frame, head, size);
	put(frame, inner.byte, inner.size);
}

static void
wrap_ipv4(struct frame *frame, uint8_t protocol, uint8_t from, uint8_t to)
{
	size_t total = frame->size + 20;
	uint8_t head[20] = { 0x45,
			     0,
			     (uint8_t)(total >> 8),
			     (uint8_t)total,
			     0,
			     1,
			     0,
			     0,
			     64,
			     protocol,
			     0,
			     0,
			     10,
			     0,
			     0,
			     from,
			     10,
			     0,
			     0,
			     to };

	wrap(frame, head, sizeof(head));
}

static void
wrap_ipv6(struct frame *frame, uint8_t protocol)
{
	uint8_t head[40] = { 0x60,
			     0,
			     0,
			     0,
			     (uint8_t)(frame->size >> 8),
			     (uint8_t)frame->size,
			     protocol,
			     64,
			     0x20,
			     1 };

	head[23] = 1;
	head[24] = 0x20;
	head[39] = 2;
	wrap(frame, head, sizeof(head));
}

static void
wrap_udp(struct frame *frame, uint16_t from, uint16_t to)
{
	size_t size = frame->size + 8;
	uint8_t head[8] = { (uint8_t)(from >> 8), (uint8_t)from,
			    (uint8_t)(to >> 8),   (uint8_t)to,
			    (uint8_t)(size >> 8), (uint8_t)size };

	wrap(frame, head, sizeof(head));
}

static void
wrap_ethernet(struct frame *frame, uint16_t type)
{
	uint8_t head[14] = {
		2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, (uint8_t)(type >> 8), (uint8_t)type
	};

	wrap(frame, head, sizeof(head));
}

/* UDP 1025 > 53 from 10.0.0.1 to 10.0.0.2, "abc" */
static struct frame
inner_packet(void)
{
	struct frame frame = { .size = 0 };

	put(&frame, "abc", 3);
	wrap_udp(&frame, 1025, 53);
	wrap_ipv4(&frame, PROTOCOL_UDP, 1, 2);
	return frame;
}

static enum decode_result
decode(const uint8_t *data, size_t size, size_t wire, struct headers *headers)
{
	struct packet packet = { .frame = bytes_over(data, size),
				 .wire_size = (uint32_t)wire,
				 .link_type = LINK_ETHERNET };

	return decode_packet(&packet, headers);
}

static void
wrap_in(struct frame *frame, const void *head, size_t size, uint8_t protocol)
{
	wrap(frame, head, size);
	wrap_ipv4(frame, protocol, 101, 102);
	wrap_ethernet(frame, 0x0800);
}

static void
make(struct frame *frame, enum tunnel_kind kind, uint8_t id)
{
	uint8_t gre[] = { 0xb0, 0, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, id, 0, 0, 0, 1 };
	uint8_t pptp[] = { 0x30, 0x81, 0x88, 0x0b, 0, 9, 0,    id, 0, 0,
			   0,    1,    0,    0,    0, 1, 0xff, 3,  0, 0x21 };
	uint8_t erspan[] = {
		0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0, 0, id, 0, 0, 0, 0
	};
	uint8_t vxlan[] = { 8, 0, 0, 0, 0, 0, id, 0 };
	uint8_t geneve[] = { 1, 0, 0x65, 0x58, 0, 0, id, 0, 1, 2, 3, 0 };
	uint8_t mpls[] = { 0, 1, 0, 64, 0, 0, (uint8_t)(id << 4), 64 };

	*frame = inner_packet();
	mpls[5] = (uint8_t)(id >> 4);
	mpls[6] = (uint8_t)(id << 4 | 1); /* bottom of the stack */
	uint8_t pppoe[] = { 0x11, 0, 0, id, 0, (uint8_t)(frame->size + 2), 0, 0x21 };
	switch (kind) {
	case TUNNEL_PPPOE:
		wrap(frame, pppoe, sizeof(pppoe));
		wrap_ethernet(frame, 0x8864);
		break;
	case TUNNEL_MPLS:
		wrap(frame, mpls, sizeof(mpls));
		wrap_ethernet(frame, 0x8847);
		break;
	case TUNNEL_GRE:
		wrap_in(frame, gre, sizeof(gre), PROTOCOL_GRE);
		break;
	case TUNNEL_PPTP:
		wrap_in(frame, pptp, sizeof(pptp), PROTOCOL_GRE);
		break;
	case TUNNEL_ERSPAN:
		wrap_ethernet(frame, 0x0800);
		wrap_in(frame, erspan, sizeof(erspan), PROTOCOL_GRE);
		break;
	case TUNNEL_IPIP:
		wrap_in(frame, "", 0, PROTOCOL_IPIP);
		break;
	case TUNNEL_6IN4:
		*frame = (struct frame){ .size = 0 };
		put(frame, "abc", 3);
		wrap_udp(frame, 1025, 53);
		wrap_ipv6(frame, PROTOCOL_UDP);
		wrap_in(frame, "", 0, PROTOCOL_IPV6);
		break;
	case TUNNEL_VXLAN:
	case TUNNEL_GENEVE:
		wrap_ethernet(frame, 0x0800);
		wrap(frame, kind == TUNNEL_VXLAN ? vxlan : geneve,
		     kind == TUNNEL_VXLAN ? sizeof(vxlan) : sizeof(geneve));
		wrap_udp(frame, 50000, kind == TUNNEL_VXLAN ? 4789 : 6081);
		wrap_in(frame, "", 0, PROTOCOL_UDP);
		break;
	case TUNNEL_TEREDO:
		*frame = (struct frame){ .size = 0 };
		put(frame, "abc", 3);
		wrap_udp(frame, 1025, 53);
		wrap_ipv6(frame, PROTOCOL_UDP);
		wrap(frame,
		     "\0\1\0\0"
		     "noncenon"
		     "c"
		     "\0\0\1\2\3\4\5\6",
		     21);
		wrap_udp(frame, 50000, 3544);
		wrap_in(frame, "", 0, PROTOCOL_UDP);
		break;
	default:
		fail();
	}
}

static const enum tunnel_kind kinds[] = { TUNNEL_PPPOE, TUNNEL_MPLS,   TUNNEL_GRE,
					  TUNNEL_PPTP,  TUNNEL_ERSPAN, TUNNEL_IPIP,
					  TUNNEL_6IN4,  TUNNEL_VXLAN,  TUNNEL_GENEVE,
					  TUNNEL_TEREDO };
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static void
each_tunnel_is_opened_and_told(void **state)
{
	(void)state;

	for (size_t i = 0; i < KINDS; i++) {
		struct frame frame;
		struct headers h;
		make(&frame, kinds[i], 7);
		enum decode_result result =
			decode(frame.byte, frame.size, frame.size, &h);
		if (result != DECODE_OK || h.tunnel.kind != kinds[i])
			fail_msg("%s: %s, seen as '%s'", tunnel_kind_name(kinds[i]),
				 decode_result_name(result),
				 tunnel_kind_name((enum tunnel_kind)h.tunnel.kind));
		assert_int_equal(h.tunnel.depth, 1);
		assert_int_equal(h.from_port, 1025);
		assert_int_equal(h.to_port, 53);
		assert_int_equal(h.payload_size, 3);
		assert_memory_equal(h.payload.at, "abc", 3);
		bool has_id = kinds[i] != TUNNEL_IPIP && kinds[i] != TUNNEL_6IN4 &&
			      kinds[i] != TUNNEL_TEREDO;
		assert_int_equal(h.tunnel.has_id, has_id);
		assert_int_equal(h.tunnel.id, has_id ? 7 : 0);
		assert_true(h.carriers & 1 << kinds[i]);
		assert_int_equal(h.tunnel.protocol != 0,
				 kinds[i] != TUNNEL_PPPOE && kinds[i] != TUNNEL_MPLS);
	}
}

static void
networks_with_the_same_addresses_stay_apart(void **state)
{
	(void)state;

	for (size_t i = 0; i < KINDS; i++) {
		struct frame frame;
		struct headers h;
		struct flow_key a, b;
		make(&frame, kinds[i], 7);
		assert_int_equal(decode(frame.byte, frame.size, frame.size, &h),
				 DECODE_OK);
		flow_key_from(&a, &h);
		make(&frame, kinds[i], 8);
		assert_int_equal(decode(frame.byte, frame.size, frame.size, &h),
				 DECODE_OK);
		flow_key_from(&b, &h);
		bool is_apart = kinds[i] == TUNNEL_PPPOE || kinds[i] == TUNNEL_GRE ||
				kinds[i] == TUNNEL_ERSPAN || kinds[i] == TUNNEL_VXLAN ||
				kinds[i] == TUNNEL_GENEVE;
		assert_int_equal(memcmp(&a, &b, sizeof(a)) != 0, is_apart);
	}
}

/* In memory of exactly its size, so that a read past it is seen. */
static void
try(const uint8_t *data, size_t size, size_t wire)
{
	uint8_t *copy = test_malloc(size + 1);
	struct headers h;

	memcpy(copy, data, size);
	enum decode_result result = decode(copy, size, wire, &h);
	assert_true(result < DECODE_RESULT_COUNT);
	if (result == DECODE_OK) {
		assert_true(h.payload.at >= copy &&
			    h.payload.at + h.payload.left <= copy + size);
		assert_true(h.payload.left <= h.payload_size && h.payload_size <= wire);
	}
	if (wire > size)
		assert_false(result == DECODE_IPV4_TRUNCATED ||
			     result == DECODE_GRE_SHORT);
	test_free(copy);
}

static void
every_prefix_and_every_damage_stays_within_the_frame(void **state)
{
	(void)state;

	for (size_t i = 0; i < KINDS; i++) {
		struct frame frame;
		make(&frame, kinds[i], 7);
		for (size_t size = 0; size < frame.size; size++) {
			try(frame.byte, size, size);
			try(frame.byte, size, frame.size);
		}
		for (size_t at = 0; at < frame.size; at++) {
			uint8_t kept = frame.byte[at];
			for (int value = 0; value < 256; value++) {
				frame.byte[at] = (uint8_t)value;
				try(frame.byte, frame.size, frame.size);
			}
			frame.byte[at] = kept;
		}
	}
}

static void
too_many_layers_are_an_anomaly(void **state)
{
	(void)state;

	for (int more = 0; more < 12; more++) {
		struct frame frame = inner_packet();
		struct headers h;
		for (int i = 0; i < more; i++)
			wrap_ipv4(&frame, PROTOCOL_IPIP, 3, 4);
		wrap_ethernet(&frame, 0x0800);
		assert_int_equal(decode(frame.byte, frame.size, frame.size, &h),
				 more < DECODE_IP_LAYERS ? DECODE_OK : DECODE_LAYERS);
	}
	for (int labels = 1; labels < 12; labels++) {
		struct frame frame = inner_packet();
		struct headers h;
		for (int i = 0; i < labels; i++)
			wrap(&frame, i == 0 ? "\0\1\1\100" : "\0\1\0\100", 4);
		wrap_ethernet(&frame, 0x8847);
		assert_int_equal(decode(frame.byte, frame.size, frame.size, &h),
				 labels <= DECODE_LABELS ? DECODE_OK : DECODE_LAYERS);
	}
	struct frame frame = inner_packet();
	struct headers h;
	for (int i = 0; i < DECODE_TUNNELS + 1;
	     i++) { /* labels that bridge frames with labels: no IP between */
		wrap_ethernet(&frame, i == 0 ? 0x0800 : 0x8847);
		wrap(&frame, "\0\1\1\100\0\0\0\0", 8);
	}
	wrap_ethernet(&frame, 0x8847);
	assert_int_equal(decode(frame.byte, frame.size, frame.size, &h), DECODE_LAYERS);
	assert_string_equal(decode_result_event(DECODE_LAYERS),
			    "decoder.too_many_layers");
}

static void
what_holds_no_ip_is_of_the_outer_conversation(void **state)
{
	struct frame frame = { .size = 0 };
	struct headers h;
	(void)state;

	put(&frame, "arp.", 4);
	wrap_ethernet(&frame, 0x0806);
	wrap(&frame, "\10\0\0\0\0\0\173\0", 8);
	wrap_udp(&frame, 50000, 4789);
	wrap_in(&frame, "", 0, PROTOCOL_UDP);
	assert_int_equal(decode(frame.byte, frame.size, frame.size, &h), DECODE_OK);
	assert_int_equal(h.tunnel.kind, TUNNEL_NONE);
	assert_int_equal(h.to_port, 4789);
	assert_int_equal(h.payload_size, 26);
	assert_true(h.carriers & 1 << TUNNEL_VXLAN);
	frame.byte[14 + 20 + 8 + 1] = 1; /* a reserved bit: no VXLAN */
	assert_int_equal(decode(frame.byte, frame.size, frame.size, &h), DECODE_OK);
	assert_false(h.carriers & 1 << TUNNEL_VXLAN);
	assert_int_equal(h.to_port, 4789);
}

static void
esp_and_ah_are_flows_of_their_index(void **state)
{
	struct frame frame = { .size = 0 };
	struct headers h;
	struct flow_key key;
	(void)state;

	put(&frame, "\x12\x34\x56\x78\0\0\0\1secret", 14);
	wrap(&frame, "\x32\4\0\0aaaabbbbccccddddeeee", 24);
	wrap_in(&frame, "", 0, PROTOCOL_AH);
	assert_int_equal(decode(frame.byte, frame.size, frame.size, &h), DECODE_OK);
	assert_int_equal(h.protocol, PROTOCOL_ESP);
	assert_int_equal(h.spi, 0x12345678);
	assert_int_equal(h.payload_size, 6);
	flow_key_from(&key, &h);
	assert_int_equal(key.port[0], 0x1234);
	assert_int_equal(key.port[1], 0x5678);
	for (size_t size = 0; size < frame.size; size++)
		try(frame.byte, size, size);

	frame.byte[14 + 20] = 59; /* nothing stands below it */
	assert_int_equal(decode(frame.byte, frame.size, frame.size, &h), DECODE_OK);
	assert_int_equal(h.protocol, PROTOCOL_AH);
	assert_int_equal(h.spi, 0x61616161);
	flow_key_from(&key, &h);
	assert_int_equal(key.protocol, PROTOCOL_AH);
	assert_int_equal(key.port[0], 0x6161);
	assert_int_equal(key.tunnel, 0);
	frame.byte[14 + 20] = 253; /* what it protects stands for itself */
	assert_int_equal(decode(frame.byte, frame.size, frame.size, &h), DECODE_OK);
	assert_int_equal(h.protocol, 253);
	assert_int_equal(h.tunnel.kind, TUNNEL_AH);
	assert_int_equal(h.tunnel.id, 0x61616161);
	assert_int_equal(h.tunnel.protocol, PROTOCOL_AH);
	flow_key_from(&key, &h);
	assert_int_equal(key.tunnel, 0); /* its answer has another index */
}

static void
tunnels_are_kept_once_and_counted_when_there_are_too_many(void **state)
{
	struct tunnel_table *table = tunnel_table_new();
	struct tunnel tunnel = { .kind = TUNNEL_VXLAN, .has_id = true, .depth = 1 };
	(void)state;

	assert_int_equal(tunnel_table_take(table, &(struct tunnel){ 0 }), 0);
	for (uint32_t i = 0; i < TUNNEL_TABLE_MOST; i++) {
		tunnel.id = i;
		assert_int_not_equal(tunnel_table_take(table, &tunnel), 0);
	}
	uint32_t again = tunnel_table_take(table, &tunnel);
	assert_int_equal(tunnel_table_at(table, again)->id, TUNNEL_TABLE_MOST - 1);
	tunnel.id = TUNNEL_TABLE_MOST;
	assert_int_equal(tunnel_table_take(table, &tunnel), 0);
	assert_int_equal(tunnel_table_refused(table), 1);
	tunnel_table_give(table, again);
	assert_int_equal(tunnel_table_take(table, &tunnel),
			 0); /* it has one more user */
	tunnel_table_give(table, again);
	assert_int_equal(tunnel_table_take(table, &tunnel), again);
	assert_null(tunnel_table_at(table, 0));
	tunnel_table_free(table);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_tunnel_is_opened_and_told),
		cmocka_unit_test(networks_with_the_same_addresses_stay_apart),
		cmocka_unit_test(every_prefix_and_every_damage_stays_within_the_frame),
		cmocka_unit_test(too_many_layers_are_an_anomaly),
		cmocka_unit_test(what_holds_no_ip_is_of_the_outer_conversation),
		cmocka_unit_test(esp_and_ah_are_flows_of_their_index),
		cmocka_unit_test(
			tunnels_are_kept_once_and_counted_when_there_are_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
