/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_dtls: DTLS datagrams of two sides; nothing is held when the flow is over. */
#include "tests/fuzz/dissect_fuzz.h"

#include "sensor/dissect/tls_state.h"

extern const struct dissector dissector_dtls;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tls_lane *lane;

	if (lane == NULL)
		lane = dissector_dtls.shared_new();
	fuzz_dissector(&dissector_dtls, lane, bytes_over(data, size));
	assert(lane->fragments.held == 0 && lane->held == 0);
	return 0;
}
