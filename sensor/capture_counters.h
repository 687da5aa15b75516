/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capture_counters: what a live capture lost, asked without opening anything.
 *
 * libpcap's own statistics open files in /sys each time, which a worker must
 * not.  Here they are opened with the capture and read again later.
 */
#ifndef SENSOR_CAPTURE_COUNTERS_H
#define SENSOR_CAPTURE_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

enum { CAPTURE_COUNTER_FILES = 2 };

struct capture_counters {
	int file[CAPTURE_COUNTER_FILES]; /* -1: the interface has none */
	uint64_t before[CAPTURE_COUNTER_FILES];
};

void capture_counters_open(struct capture_counters *counters, const char *interface);
void capture_counters_close(struct capture_counters *counters);
/* What came since the last call (or opening): packets offered, dropped by the kernel, by the interface. */
bool capture_counters_take(struct capture_counters *counters, int socket, uint64_t *offered,
			   uint64_t *kernel, uint64_t *interface);

#endif
