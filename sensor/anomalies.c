/* SPDX-License-Identifier: Apache-2.0 */
/* anomalies: how many records a kind of broken frame may still make. */
#include "sensor/anomalies.h"

bool
anomalies_allow(struct anomalies *anomalies, enum decode_result kind,
		struct instant now)
{
	int64_t interval = now.usec / ANOMALIES_INTERVAL;

	if (anomalies->kind[kind].interval != interval) {
		anomalies->kind[kind].interval = interval;
		anomalies->kind[kind].made = 0;
	}
	if (anomalies->kind[kind].made == ANOMALIES_PER_KIND) {
		anomalies->suppressed++;
		return false;
	}
	anomalies->kind[kind].made++;
	return true;
}
