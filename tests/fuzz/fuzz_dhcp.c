/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_dhcp: bytes of two sides, in any order and damaged, for both dissectors of dhcp.
 */
#include "tests/fuzz/dissect_fuzz.h"

#include "sensor/dissect/telling.h"

extern const struct dissector dissector_dhcp, dissector_dhcp6;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dissect_lane *lane;

	if (lane == NULL)
		lane = dissector_dhcp.shared_new();
	fuzz_dissector(&dissector_dhcp, lane, bytes_over(data, size));
	fuzz_dissector(&dissector_dhcp6, lane, bytes_over(data, size));
	assert(lane->budget.held == 0);
	return 0;
}
