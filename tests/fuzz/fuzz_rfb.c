/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_rfb: one record a flow at most, whatever comes. */
#include "tests/fuzz/dissect_fuzz.h"

extern const struct dissector dissector_rfb;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void *lane;

	if (lane == NULL)
		lane = dissector_rfb.shared_new();
	struct fuzz_count count =
		fuzz_dissector(&dissector_rfb, lane, bytes_over(data, size));
	assert(count.records <= 1);
	return 0;
}
