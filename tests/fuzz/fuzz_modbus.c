/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_modbus: both sides of modbus, in any pieces and with gaps; nothing is held behind
 * it. */
#include "tests/fuzz/dissect_fuzz.h"

#include "sensor/dissect/telling.h"

extern const struct dissector dissector_modbus;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dissect_lane *lane;

	if (lane == NULL)
		lane = dissector_modbus.shared_new();
	fuzz_dissector(&dissector_modbus, lane, bytes_over(data, size));
	assert(lane->budget.held == 0);
	return 0;
}
