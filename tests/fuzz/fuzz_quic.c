/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_quic: QUIC datagrams of two sides; nothing is held when the flow is over. */
#include "tests/fuzz/dissect_fuzz.h"

#include "sensor/dissect/quic_state.h"

extern const struct dissector dissector_quic;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct quic_lane *lane;

	if (lane == NULL)
		lane = dissector_quic.shared_new();
	fuzz_dissector(&dissector_quic, lane, bytes_over(data, size));
	assert(lane->lane.budget.held == 0);
	return 0;
}
