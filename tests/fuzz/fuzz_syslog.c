/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_syslog: syslog and audit messages over a stream and as datagrams; nothing is
 * held behind them. */
#include "tests/fuzz/dissect_fuzz.h"

#include "sensor/dissect/telling.h"

extern const struct dissector dissector_syslog_udp, dissector_syslog_tcp;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dissect_lane *lane;

	if (lane == NULL)
		lane = dissector_syslog_tcp.shared_new();
	fuzz_dissector(&dissector_syslog_tcp, lane, bytes_over(data, size));
	fuzz_dissector(&dissector_syslog_udp, lane, bytes_over(data, size));
	assert(lane->budget.held == 0);
	return 0;
}
