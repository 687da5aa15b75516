/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_hl7: HL7 v2 over MLLP; whatever comes, nothing is held when the flow is over. */
#include "tests/fuzz/dissect_fuzz.h"

#include "sensor/dissect/hl7_state.h"

extern const struct dissector dissector_hl7;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dissect_lane *lane;

	if (lane == NULL)
		lane = dissector_hl7.shared_new();
	fuzz_dissector(&dissector_hl7, lane, bytes_over(data, size));
	assert(lane->budget.held == 0);
	return 0;
}
