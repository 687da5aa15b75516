/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_telnet: one record a flow at most, whatever comes. */
#include "tests/fuzz/dissect_fuzz.h"

extern const struct dissector dissector_telnet;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void *lane;

	if (lane == NULL)
		lane = dissector_telnet.shared_new();
	struct fuzz_count count =
		fuzz_dissector(&dissector_telnet, lane, bytes_over(data, size));
	assert(count.records <= 1);
	return 0;
}
