/* SPDX-License-Identifier: Apache-2.0 */
/* config: what sekisho-sensor was told, by its command line and its file (the table: sensor/main.c). */
#ifndef SENSOR_CONFIG_H
#define SENSOR_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "common/settings.h"

enum { CONFIG_LANES_MAX = 64, CONFIG_INTERFACES_MAX = 16, CONFIG_FILES_MAX = 500 };

/* How the packets of an interface come to several workers. */
enum config_share {
	CONFIG_SHARE_HASH,  /* the kernel hashes */
	CONFIG_SHARE_CPU,   /* the kernel goes by the CPU of the card's queue */
	CONFIG_SHARE_READER /* a process of ours hashes; always so for a tap and files */
};

enum config_checksums { CONFIG_CHECKSUMS_IGNORE, CONFIG_CHECKSUMS_CHECK };

struct config {
	/* capture */
	struct words interfaces, files, cpus;
	const char *tap; /* the interfaces' names, as records tell them; NULL: files */
	const char *filter;
	int64_t snap_length, buffer_bytes;
	/* identity */
	const char *sensor, *poi;
	/* output */
	const char *spool, *output, *socket, *pseudonym_key, *metrics;
	const char *correlator, *certificate, *key, *ca; /* TLS; correlator NULL: by the socket */
	int64_t spool_size, grace, ring_bytes, packet_ring_bytes;
	bool waits_sent;
	/* rights */
	const char *user;
	int64_t workers;
	int share;     /* enum config_share */
	int checksums; /* enum config_checksums */
	/* limits and times of the pipeline, as sensor/pipeline.h has them */
	int64_t flow_bytes, undecided_bytes; /* 0: the numbers below hold */
	int64_t defrag_max, defrag_bytes, defrag_timeout;
	int64_t flows_max, flow_budget, undecided_max, stream_bytes_max, stream_flow_max;
	int dns_version; /* index of the choices "3", "2" */
	int64_t tcp_new, tcp_established, tcp_closed, udp, other, interim;
	int64_t coverage_interval, tick_interval;
};

/* One process reads for several workers. */
static inline bool
config_has_reader(const struct config *config)
{
	return config->workers > 1 &&
	       (config->files.count > 0 || config->interfaces.count > 1 ||
		config->share == CONFIG_SHARE_READER);
}

/* Each worker has a capture of its own of the one interface. */
static inline bool
config_has_fanout(const struct config *config)
{
	return config->workers > 1 && !config_has_reader(config);
}

#endif
