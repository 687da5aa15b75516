/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_ssh: SSH; whatever comes, nothing is held when the flow is over. */
#include "tests/fuzz/dissect_fuzz.h"

#include "sensor/dissect/telling.h"

extern const struct dissector dissector_ssh;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dissect_lane *lane;

	if (lane == NULL)
		lane = dissector_ssh.shared_new();
	struct fuzz_count count =
		fuzz_dissector(&dissector_ssh, lane, bytes_over(data, size));
	assert(count.records <= 1);
	assert(lane->budget.held == 0);
	return 0;
}
