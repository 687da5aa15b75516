/* SPDX-License-Identifier: Apache-2.0 */
/* test_shard: a flow's packets, both directions, in tunnels and in pieces, have one
 * worker. */
#include "tests/unit/test.h"

#include "sensor/decode.h"
#include "sensor/shard.h"

enum { WORKERS = 5, FLOWS = 2000 };

struct frame {
	uint8_t byte[256];
	size_t size;
};

static void
put(struct frame *frame, const void *data, size_t size)
{
	assert_true(frame->size + size <= sizeof(frame->byte));
	memcpy(frame->byte + frame->size, data, size);
	frame->size += size;
}

static void
put16(struct frame *frame, unsigned value)
{
	uint8_t byte[2] = { (uint8_t)(value >> 8), (uint8_t)value };

	put(frame, byte, 2);
}

/* UDP or a piece of it: 'place' in eights, with 0x2000 more follow. */
static void
put_ipv4(struct frame *frame, const uint8_t ends[8], uint8_t protocol, size_t payload,
	 uint16_t id, uint16_t place)
{
	const uint8_t life[4] = { 64, protocol, 0, 0 };

	put16(frame, 0x4500);
	put16(frame, (unsigned)(20 + payload));
	put16(frame, id);
	put16(frame, place);
	put(frame, life, 4);
	put(frame, ends, 8);
}

static void
put_udp(struct frame *frame, unsigned from, unsigned to, size_t payload)
{
	put16(frame, from);
	put16(frame, to);
	put16(frame, (unsigned)(8 + payload));
	put16(frame, 0);
}

static uint32_t
worker_of(struct shard *shard, const struct frame *frame)
{
	const struct packet packet = {
		.frame = bytes_over(frame->byte, frame->size),
		.wire_size = (uint32_t)frame->size,
		.link_type = LINK_RAW,
	};
	uint32_t worker = shard_of(shard, &packet);

	assert_true(worker < WORKERS);
	return worker;
}

static const uint8_t there[8] = { 192, 0, 2, 1, 198, 51, 100, 7 };
static const uint8_t back[8] = { 198, 51, 100, 7, 192, 0, 2, 1 };

static void
both_directions_have_one_worker_and_all_workers_have_some(void **state)
{
	(void)state;
	struct shard *shard = shard_new(WORKERS);
	uint32_t count[WORKERS] = { 0 };

	for (unsigned port = 1024; port < 1024 + FLOWS; port++) {
		struct frame a = { .size = 0 }, b = { .size = 0 };
		put_ipv4(&a, there, PROTOCOL_UDP, 8, 0, 0);
		put_udp(&a, port, 53, 0);
		put_ipv4(&b, back, PROTOCOL_UDP, 8, 0, 0);
		put_udp(&b, 53, port, 0);
		uint32_t worker = worker_of(shard, &a);
		assert_int_equal(worker_of(shard, &b), worker);
		count[worker]++;
	}
	for (int i = 0; i < WORKERS; i++) /* within a fifth of even */
		assert_in_range(count[i], FLOWS / WORKERS * 4 / 5,
				FLOWS / WORKERS * 6 / 5);
	assert_int_equal(shard_astray(shard), 0);
	shard_free(shard);
}

/* VXLAN takes its outer port from the inner flow, another for each direction. */
static void
what_a_tunnel_carries_counts_not_the_tunnel(void **state)
{
	(void)state;
	static const uint8_t vxlan[8] = { 8, 0, 0, 0, 0, 0, 42, 0 };
	static const uint8_t ethernet[14] = { [12] = 8 };
	struct shard *shard = shard_new(WORKERS);

	for (unsigned port = 1024; port < 1024 + 200; port++) {
		struct frame frame[2] = { { .size = 0 }, { .size = 0 } };
		for (int side = 0; side < 2; side++) {
			struct frame *f = &frame[side];
			put_ipv4(f, side ? back : there, PROTOCOL_UDP, 8 + 8 + 14 + 28,
				 0, 0);
			put_udp(f, 40000 + port * 7 + (unsigned)side, 4789,
				8 + 14 + 28);
			put(f, vxlan, 8);
			put(f, ethernet, 14);
			put_ipv4(f, side ? back : there, PROTOCOL_UDP, 8, 0, 0);
			put_udp(f, side ? 53 : port, side ? port : 53, 0);
		}
		assert_int_equal(worker_of(shard, &frame[0]),
				 worker_of(shard, &frame[1]));
	}
	shard_free(shard);
}

static void
piece(struct frame *frame, unsigned port, uint16_t id, bool is_first)
{
	frame->size = 0;
	put_ipv4(frame, there, PROTOCOL_UDP, 16, id, is_first ? 0x2000 : 2);
	if (is_first)
		put_udp(frame, port, 53, 100);
	put(frame, "12345678", 8);
	if (!is_first)
		put(frame, "12345678", 8);
}

static void
pieces_follow_the_one_that_has_the_ports(void **state)
{
	(void)state;
	struct shard *shard = shard_new(WORKERS);

	for (unsigned port = 1024; port < 1024 + 200; port++) {
		struct frame whole = { .size = 0 }, first, later;
		put_ipv4(&whole, there, PROTOCOL_UDP, 8, 0, 0);
		put_udp(&whole, port, 53, 0);
		piece(&first, port, (uint16_t)port, true);
		piece(&later, port, (uint16_t)port, false);
		uint32_t worker = worker_of(shard, &whole);
		assert_int_equal(worker_of(shard, &first), worker);
		assert_int_equal(worker_of(shard, &later), worker);
		assert_int_equal(worker_of(shard, &later), worker);
	}
	assert_int_equal(shard_astray(shard), 0);
	shard_free(shard);
}

static void
pieces_before_the_first_stay_together_and_are_counted(void **state)
{
	(void)state;
	struct shard *shard = shard_new(WORKERS);

	for (unsigned port = 1024; port < 1024 + 200; port++) {
		struct frame first, later;
		piece(&first, port, (uint16_t)port, true);
		piece(&later, port, (uint16_t)port, false);
		uint32_t worker = worker_of(shard, &later);
		assert_int_equal(worker_of(shard, &first), worker);
		assert_int_equal(worker_of(shard, &later), worker);
	}
	assert_int_equal(shard_astray(shard), 600);
	shard_free(shard);
}

static void
every_prefix_and_every_damage_has_a_worker(void **state)
{
	(void)state;
	struct shard *shard = shard_new(WORKERS);
	struct frame frame;

	piece(&frame, 1024, 7, true);
	for (size_t size = 0; size <= frame.size; size++) {
		struct frame cut = frame;
		cut.size = size;
		worker_of(shard, &cut);
	}
	for (size_t i = 0; i < frame.size; i++)
		for (int bit = 0; bit < 8; bit++) {
			struct frame damaged = frame;
			damaged.byte[i] ^= (uint8_t)(1 << bit);
			worker_of(shard, &damaged);
		}
	shard_free(shard);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			both_directions_have_one_worker_and_all_workers_have_some),
		cmocka_unit_test(what_a_tunnel_carries_counts_not_the_tunnel),
		cmocka_unit_test(pieces_follow_the_one_that_has_the_ports),
		cmocka_unit_test(pieces_before_the_first_stay_together_and_are_counted),
		cmocka_unit_test(every_prefix_and_every_damage_has_a_worker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
