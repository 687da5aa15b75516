/* SPDX-License-Identifier: Apache-2.0 */
/* config: what sekisho-sensor was told, by its command line and its file (the table: sensor/main.c). */
#ifndef SENSOR_CONFIG_H
#define SENSOR_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "common/settings.h"

enum { CONFIG_LANES_MAX = 16, CONFIG_FILES_MAX = 500 };

struct config {
	/* capture */
	struct words interfaces, files;
	const char *filter;
	int64_t snap_length, buffer_bytes;
	/* identity */
	const char *sensor, *poi;
	/* output */
	const char *spool, *output, *socket, *pseudonym_key;
	const char *correlator, *certificate, *key, *ca; /* TLS; correlator NULL: by the socket */
	int64_t spool_size, grace, ring_bytes;
	bool waits_sent;
	/* rights */
	const char *user;
	int64_t workers;
	/* limits and times of the pipeline, as sensor/pipeline.h has them */
	int64_t flows_max, undecided_max, stream_bytes_max, stream_flow_max;
	int64_t tcp_new, tcp_established, tcp_closed, udp, other, interim;
	int64_t coverage_interval, tick_interval;
};

#endif
