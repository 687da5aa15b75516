/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_smb: SMB; whatever comes, nothing is held when the flow is over. */
#include "tests/fuzz/dissect_fuzz.h"

#include "sensor/dissect/telling.h"

extern const struct dissector dissector_smb;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dissect_lane *lane;

	if (lane == NULL)
		lane = dissector_smb.shared_new();
	fuzz_dissector(&dissector_smb, lane, bytes_over(data, size));
	assert(lane->budget.held == 0);
	return 0;
}
