/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_ntp: datagrams of two sides, in any order and damaged, for the dissector of ntp.
 */
#include "tests/fuzz/dissect_fuzz.h"

extern const struct dissector dissector_ntp;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void *lane;

	if (lane == NULL)
		lane = dissector_ntp.shared_new();
	fuzz_dissector(&dissector_ntp, lane, bytes_over(data, size));
	return 0;
}
