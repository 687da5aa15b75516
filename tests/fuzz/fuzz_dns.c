/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_dns: DNS over TCP and UDP and multicast DNS; nothing is held behind them. */
#include "tests/fuzz/dissect_fuzz.h"

#include "sensor/dissect/dns_state.h"

extern const struct dissector dissector_dns_udp, dissector_dns_tcp, dissector_mdns;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dns_lane *lane;

	if (lane == NULL)
		lane = dissector_dns_tcp.shared_new();
	lane->version = 2 + size % 2;
	fuzz_dissector(&dissector_dns_tcp, lane, bytes_over(data, size));
	fuzz_dissector(&dissector_dns_udp, lane, bytes_over(data, size));
	fuzz_dissector(&dissector_mdns, lane, bytes_over(data, size));
	assert(lane->lane.budget.held == 0);
	return 0;
}
