/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_l2tp: datagrams of two sides, in any order and damaged, for the dissector of
 * l2tp. */
#include "tests/fuzz/dissect_fuzz.h"

extern const struct dissector dissector_l2tp;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void *lane;

	if (lane == NULL)
		lane = dissector_l2tp.shared_new();
	fuzz_dissector(&dissector_l2tp, lane, bytes_over(data, size));
	return 0;
}
