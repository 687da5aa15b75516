/* SPDX-License-Identifier: Apache-2.0 */
/* test_checksum: right checksums hold, each one-bit damage is found, and what cannot be
 * computed holds. */
#include "tests/unit/test.h"

#include "sensor/checksum.h"

enum { HEADER = 20 };

struct frame {
	uint8_t byte[128];
	size_t size;
};

static uint16_t
sum_of(const uint8_t *data, size_t size, uint32_t sum)
{
	for (size_t i = 0; i < size; i++)
		sum += i & 1 ? data[i] : (uint32_t)data[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void
put_sum(uint8_t *at, uint16_t sum)
{
	at[0] = (uint8_t)(sum >> 8);
	at[1] = (uint8_t)sum;
}

/* A packet whose checksums are right. */
static struct frame
make(bool is_6, uint8_t protocol, size_t payload)
{
	static const size_t sizes[256] = { [PROTOCOL_TCP] = 20,
					   [PROTOCOL_UDP] = 8,
					   [PROTOCOL_ICMP] = 8,
					   [PROTOCOL_ICMPV6] = 8 };
	static const size_t places[256] = { [PROTOCOL_TCP] = 16,
					    [PROTOCOL_UDP] = 6,
					    [PROTOCOL_ICMP] = 2,
					    [PROTOCOL_ICMPV6] = 2 };
	size_t header = is_6 ? 40 : HEADER, size = sizes[protocol] + payload;
	struct frame frame = { .size = header + size };
	uint8_t *ip = frame.byte, *at = ip + header;

	ip[0] = is_6 ? 0x60 : 0x45;
	ip[is_6 ? 5 : 3] = (uint8_t)(is_6 ? size : header + size);
	ip[is_6 ? 6 : 9] = protocol;
	for (size_t i = 0; i < (is_6 ? 32 : 8); i++)
		ip[header - 1 - i] = (uint8_t)(i * 5 + 1);
	if (!is_6)
		put_sum(ip + 10, sum_of(ip, HEADER, 0));
	for (size_t i = 0; i < size; i++)
		at[i] = (uint8_t)(i * 11 + 3);
	if (protocol == PROTOCOL_TCP)
		at[12] = 0x50;
	if (protocol == PROTOCOL_UDP) {
		at[4] = 0;
		at[5] = (uint8_t)size;
	}
	put_sum(at + places[protocol], 0);
	uint32_t pseudo = (uint32_t)size + protocol;
	for (size_t i = header - (is_6 ? 32 : 8); i < header; i++)
		pseudo += i & 1 ? ip[i] : (uint32_t)ip[i] << 8;
	put_sum(at + places[protocol],
		sum_of(at, size, protocol == PROTOCOL_ICMP ? 0 : pseudo));
	return frame;
}

static enum decode_result
verify(const struct frame *frame, size_t captured)
{
	struct packet packet = { .frame = bytes_over(frame->byte, captured),
				 .wire_size = (uint32_t)frame->size,
				 .link_type = LINK_RAW };
	struct headers headers;
	enum decode_result result = decode_packet(&packet, &headers);

	return result == DECODE_OK ? checksum_verify(&headers) : result;
}

static const struct {
	bool is_6;
	uint8_t protocol;
	enum decode_result wrong;
} kinds[] = {
	{ false, PROTOCOL_TCP, DECODE_TCP_CHECKSUM },
	{ true, PROTOCOL_TCP, DECODE_TCP_CHECKSUM },
	{ false, PROTOCOL_UDP, DECODE_UDP_CHECKSUM },
	{ true, PROTOCOL_UDP, DECODE_UDP_CHECKSUM },
	{ false, PROTOCOL_ICMP, DECODE_ICMP_CHECKSUM },
	{ true, PROTOCOL_ICMPV6, DECODE_ICMP_CHECKSUM },
};

static void
right_ones_hold_and_each_damage_is_found(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (size_t payload = 0; payload < 4; payload++) {
			struct frame frame =
				make(kinds[i].is_6, kinds[i].protocol, payload);
			size_t header = kinds[i].is_6 ? 40 : HEADER;
			assert_int_equal(verify(&frame, frame.size), DECODE_OK);
			for (size_t bit = 0; bit < frame.size * 8; bit++) {
				frame.byte[bit / 8] ^= (uint8_t)(1 << bit % 8);
				enum decode_result result = verify(&frame, frame.size);
				if (bit / 8 >= header && result != kinds[i].wrong)
					assert_true(decode_is_invalid(result) ||
						    bit / 8 == header + 5 ||
						    bit / 8 == header + 4);
				if (!kinds[i].is_6 && bit / 8 < header &&
				    bit / 8 != 2 && bit / 8 != 3)
					assert_int_not_equal(result, DECODE_OK);
				frame.byte[bit / 8] ^= (uint8_t)(1 << bit % 8);
			}
		}
}

static void
what_cannot_be_computed_holds(void **state)
{
	struct frame frame = make(false, PROTOCOL_TCP, 9);
	(void)state;

	frame.byte[HEADER + 20] ^= 1;
	assert_int_equal(verify(&frame, frame.size), DECODE_TCP_CHECKSUM);
	assert_int_equal(verify(&frame, frame.size - 1), DECODE_OK); /* cut */
	frame.byte[2] = frame.byte[3] = 0; /* not cut into segments yet */
	assert_int_equal(verify(&frame, frame.size), DECODE_OK);
	frame = make(false, PROTOCOL_UDP, 9);
	frame.byte[HEADER + 6] = frame.byte[HEADER + 7] = 0; /* there is none */
	frame.byte[HEADER + 12] ^= 1;
	assert_int_equal(verify(&frame, frame.size), DECODE_OK);
	frame = make(true, PROTOCOL_UDP, 9); /* RFC 8200: IPv6 wants one */
	frame.byte[40 + 6] = frame.byte[40 + 7] = 0;
	assert_int_equal(verify(&frame, frame.size), DECODE_UDP_CHECKSUM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(right_ones_hold_and_each_damage_is_found),
		cmocka_unit_test(what_cannot_be_computed_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
