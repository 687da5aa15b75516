/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_ldap: LDAP; whatever comes, nothing is held when the flow is over. */
#include "tests/fuzz/dissect_fuzz.h"

#include "sensor/dissect/telling.h"

extern const struct dissector dissector_ldap;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dissect_lane *lane;

	if (lane == NULL)
		lane = dissector_ldap.shared_new();
	fuzz_dissector(&dissector_ldap, lane, bytes_over(data, size));
	assert(lane->budget.held == 0);
	return 0;
}
