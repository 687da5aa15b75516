/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_snmp: datagrams of two sides, in any order and damaged, for the dissector of
 * snmp. */
#include "tests/fuzz/dissect_fuzz.h"

extern const struct dissector dissector_snmp;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void *lane;

	if (lane == NULL)
		lane = dissector_snmp.shared_new();
	fuzz_dissector(&dissector_snmp, lane, bytes_over(data, size));
	return 0;
}
