/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_imap: both sides of imap, in any pieces and with gaps; nothing is held behind
 * it. */
#include "tests/fuzz/dissect_fuzz.h"

#include "sensor/dissect/telling.h"

extern const struct dissector dissector_imap;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dissect_lane *lane;

	if (lane == NULL)
		lane = dissector_imap.shared_new();
	fuzz_dissector(&dissector_imap, lane, bytes_over(data, size));
	assert(lane->budget.held == 0);
	return 0;
}
