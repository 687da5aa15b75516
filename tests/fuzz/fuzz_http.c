/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_http: HTTP with what is in its contents; whatever comes, nothing is held when
 * the flow is over. */
#include "tests/fuzz/dissect_fuzz.h"

#include "sensor/dissect/http_state.h"

extern const struct dissector dissector_http;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct http_lane *lane;

	if (lane == NULL)
		lane = dissector_http.shared_new();
	fuzz_dissector(&dissector_http, lane, bytes_over(data, size));
	assert(lane->lane.budget.held == 0);
	assert(lane->documents == 0);
	return 0;
}
