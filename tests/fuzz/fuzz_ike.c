/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_ike: IKE datagrams of two sides; whatever comes, nothing is held when the flow
 *is
 * over. */
#include "tests/fuzz/dissect_fuzz.h"

#include "sensor/dissect/ike_state.h"

extern const struct dissector dissector_ike;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ike_lane *lane;

	if (lane == NULL)
		lane = dissector_ike.shared_new();
	fuzz_dissector(&dissector_ike, lane, bytes_over(data, size));
	assert(lane->budget.held == 0);
	return 0;
}
