/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_intake_protocol: a stream of messages from a stranger, read by either side. */
#include <assert.h>
#include <string.h>

#include "common/intake_protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_one(uint16_t type, struct bytes body)
{
	struct intake_hello hello;
	struct intake_position position;
	struct intake_frame frame;
	struct intake_heartbeat beat;
	struct intake_refused refused;
	struct error err;

	switch (type) {
	case INTAKE_HELLO:
		if (intake_read_hello(body, &hello, &err) == 0)
			assert(strlen(hello.epoch) == INTAKE_EPOCH_SIZE &&
			       hello.lane_count <= INTAKE_LANES_MAX);
		break;
	case INTAKE_POSITION:
	case INTAKE_COMMITTED:
		if (intake_read_position(body, &position, &err) == 0)
			assert(position.checkpoint <= position.effects);
		break;
	case INTAKE_FRAME:
		if (intake_read_frame(body, &frame, &err) == 0)
			assert(frame.frame.left >= FRAME_HEADER_SIZE);
		break;
	case INTAKE_HEARTBEAT:
		intake_read_heartbeat(body, &beat, &err);
		break;
	case INTAKE_REFUSED:
		if (intake_read_refused(body, &refused, &err) == 0)
			assert(strlen(refused.reason) <= INTAKE_REASON_MAX);
		break;
	default:
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes input = bytes_over(data, size), body;
	struct intake_header header;
	struct error err;

	while (intake_next(&input, &header, &body, &err) == 1)
		read_one(header.type, body);
	return 0;
}
