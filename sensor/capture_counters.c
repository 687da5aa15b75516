/* SPDX-License-Identifier: Apache-2.0 */
/* capture_counters: what a live capture lost, asked without opening anything. */
#include "sensor/capture_counters.h"

#include <fcntl.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Dropped because the interface, or its driver's queue, was full. */
static const char *const names[CAPTURE_COUNTER_FILES] = { "rx_missed_errors",
							  "rx_fifo_errors" };

static uint64_t
read_number(int file)
{
	char text[32];
	ssize_t size = file == -1 ? 0 : pread(file, text, sizeof(text) - 1, 0);

	if (size <= 0)
		return 0;
	text[size] = '\0';
	return strtoull(text, NULL, 10);
}

void
capture_counters_open(struct capture_counters *counters, const char *interface)
{
	for (int i = 0; i < CAPTURE_COUNTER_FILES; i++) {
		char path[128];

		snprintf(path, sizeof(path), "/sys/class/net/%s/statistics/%s",
			 interface, names[i]);
		counters->file[i] = open(path, O_RDONLY | O_CLOEXEC);
		counters->before[i] = read_number(counters->file[i]);
	}
}

void
capture_counters_close(struct capture_counters *counters)
{
	for (int i = 0; i < CAPTURE_COUNTER_FILES; i++)
		if (counters->file[i] != -1)
			close(counters->file[i]);
}

bool
capture_counters_take(struct capture_counters *counters, int socket, uint64_t *offered,
		      uint64_t *kernel, uint64_t *interface)
{
	struct tpacket_stats_v3 stats; /* the kernel's are set to 0 by reading */
	socklen_t size = sizeof(stats);

	if (getsockopt(socket, SOL_PACKET, PACKET_STATISTICS, &stats, &size) == -1)
		return false;
	*offered = stats.tp_packets;
	*kernel = stats.tp_drops;
	*interface = 0;
	for (int i = 0; i < CAPTURE_COUNTER_FILES; i++) {
		uint64_t now = read_number(counters->file[i]);

		*interface += now - counters->before[i];
		counters->before[i] = now;
	}
	return true;
}
