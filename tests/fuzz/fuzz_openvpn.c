/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_openvpn: bytes of two sides, in any order and damaged, for both dissectors of
 * openvpn. */
#include "tests/fuzz/dissect_fuzz.h"

#include "sensor/dissect/telling.h"

extern const struct dissector dissector_openvpn_udp, dissector_openvpn_tcp;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dissect_lane *lane;

	if (lane == NULL)
		lane = dissector_openvpn_udp.shared_new();
	fuzz_dissector(&dissector_openvpn_udp, lane, bytes_over(data, size));
	fuzz_dissector(&dissector_openvpn_tcp, lane, bytes_over(data, size));
	assert(lane->budget.held == 0);
	return 0;
}
