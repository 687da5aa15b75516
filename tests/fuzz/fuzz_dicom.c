/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_dicom: the DICOM upper layer; whatever comes, an association is told once and
 * ends once. */
#include "tests/fuzz/dissect_fuzz.h"

#include "sensor/dissect/dicom_state.h"

extern const struct dissector dissector_dicom;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dicom_lane *lane;

	if (lane == NULL)
		lane = dissector_dicom.shared_new();
	struct fuzz_count count =
		fuzz_dissector(&dissector_dicom, lane, bytes_over(data, size));
	assert(lane->budget.held == 0);
	assert(count.records <= 2 && count.final <= 1);
	return 0;
}
