/* SPDX-License-Identifier: Apache-2.0 */
/* checksum: whether a packet's checksums hold (RFC 1071), for those who ask. */
#include "sensor/checksum.h"

/* Adds the data as 16-bit words; an odd byte is the high one of a word. */
static uint64_t
add(uint64_t sum, struct bytes data)
{
	while (data.left > 1)
		sum += bytes_u16(&data);
	return data.left == 1 ? sum + (uint64_t)(data.at[0] << 8) : sum;
}

/* With its own checksum in it the sum is all ones. */
static bool
is_right(uint64_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

static bool
is_header_right(const struct headers *headers)
{
	size_t size = (size_t)(headers->network.at[0] & 0x0f) * 4;

	return is_right(add(0, bytes_over(headers->network.at, size)));
}

/* RFC 9293, section 3.1; RFC 8200, section 8.1 */
static uint64_t
pseudo_header(const struct headers *headers, size_t size)
{
	uint64_t sum = size + headers->protocol;
	size_t skipped = headers->ip_version == 4 ? 12 : 0;

	sum = add(sum, bytes_over(headers->from.byte + skipped, 16 - skipped));
	return add(sum, bytes_over(headers->to.byte + skipped, 16 - skipped));
}

static bool
is_offloaded(const struct headers *headers)
{
	const uint8_t *at = headers->network.at;
	size_t place = headers->ip_version == 4 ? 2 : 4;

	return at[place] == 0 && at[place + 1] == 0;
}

static enum decode_result
verify_transport(const struct headers *headers)
{
	const uint8_t *start = headers->transport;
	size_t size = (size_t)(headers->payload.at - start) + headers->payload.left;
	struct bytes data = bytes_over(start, size);
	enum decode_result wrong;

	switch (headers->protocol) {
	case PROTOCOL_TCP:
		wrong = DECODE_TCP_CHECKSUM;
		break;
	case PROTOCOL_UDP:
		if (headers->ip_version == 4 && start[6] == 0 && start[7] == 0)
			return DECODE_OK; /* RFC 768: there is none */
		wrong = DECODE_UDP_CHECKSUM;
		break;
	case PROTOCOL_ICMP:
		return is_right(add(0, data)) ? DECODE_OK : DECODE_ICMP_CHECKSUM;
	case PROTOCOL_ICMPV6:
		wrong = DECODE_ICMP_CHECKSUM;
		break;
	default:
		return DECODE_OK;
	}
	return is_right(add(pseudo_header(headers, size), data)) ? DECODE_OK : wrong;
}

enum decode_result
checksum_verify(const struct headers *headers)
{
	bool is_joined = headers->joined == headers->ip_layers; /* its header is ours */

	if (headers->payload.left < headers->payload_size || is_offloaded(headers))
		return DECODE_OK;
	if (headers->ip_version == 4 && !is_joined && !is_header_right(headers))
		return DECODE_IPV4_CHECKSUM;
	return headers->is_fragment ? DECODE_OK : verify_transport(headers);
}
