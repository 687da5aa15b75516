/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_decode: a frame of any link type is decoded within its bytes; the first two
 * bytes choose link and snap. */
#include <assert.h>

#include "sensor/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct packet *packet, const struct headers *headers)
{
	const uint8_t *start = packet->frame.at, *end = start + packet->frame.left;

	assert(headers->payload.at >= start &&
	       headers->payload.at + headers->payload.left <= end);
	assert(headers->network.at >= start &&
	       headers->network.at + headers->network.left <= end);
	assert(headers->payload.left <= headers->payload_size);
	assert(headers->payload_size <= packet->wire_size);
	assert(headers->ip_version == 4 || headers->ip_version == 6);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int links[] = { LINK_ETHERNET, LINK_NULL,       LINK_RAW,
				     LINK_LOOP,     LINK_LINUX_SLL,  LINK_IPV4,
				     LINK_IPV6,     LINK_LINUX_SLL2, LINK_PPP,
				     LINK_PPP_HDLC, LINK_PPPOE };
	struct headers headers;

	if (size < 2)
		return 0;
	struct packet packet = {
		.frame = bytes_over(data + 2, size - 2),
		.wire_size = (uint32_t)(size - 2) + data[1],
		.link_type = links[data[0] % 11],
	};
	if (decode_packet(&packet, &headers) == DECODE_OK)
		check(&packet, &headers);
	return 0;
}
