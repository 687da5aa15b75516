/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_krb5: Kerberos over a stream and over datagrams; nothing is held when the flow
 * is over. */
#include "tests/fuzz/dissect_fuzz.h"

#include "sensor/dissect/telling.h"

extern const struct dissector dissector_krb5_tcp, dissector_krb5_udp;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dissect_lane *lane;

	if (lane == NULL)
		lane = dissector_krb5_tcp.shared_new();
	fuzz_dissector(&dissector_krb5_tcp, lane, bytes_over(data, size));
	fuzz_dissector(&dissector_krb5_udp, lane, bytes_over(data, size));
	assert(lane->budget.held == 0);
	return 0;
}
