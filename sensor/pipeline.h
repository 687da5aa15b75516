/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pipeline: a lane's stages in order: packet, headers, flow, stream, dissector, record.
 *
 * The one place that knows the order; sekisho-sensor's workers and
 * 'sekisho replay' call it.  Packets and ticks in, records out through the
 * sink, in order of time.  Asks no clock, opens nothing, so it runs where
 * nothing can be opened.  sekisho.seq is set by the sink's owner, not here.
 */
#ifndef SENSOR_PIPELINE_H
#define SENSOR_PIPELINE_H

#include "common/error.h"
#include "common/record.h"
#include "sensor/packet.h"

struct pipeline_config {
	const char *sensor; /* name, for host and sekisho.sensor */
	const char *poi;
	const char *interface; /* in_iface, or NULL */
	uint32_t lane;
	uint32_t flows_max;        /* slots of the flow table; default 1,000,000 */
	uint32_t flow_budget; /* flow records a second of lane time before one-packet flows are folded; 0: no bound */
	uint32_t undecided_max;    /* nDPI states; default 65,536 */
	uint64_t stream_bytes_max; /* held out of order, all flows; default 64 MiB */
	uint32_t stream_flow_max;  /* held out of order, one flow and side; default 256
				      KiB */
	uint32_t defrag_max;       /* datagrams not whole yet; 0: default 8,192 */
	uint64_t defrag_bytes_max; /* their pieces; 0: default 16 MiB */
	int64_t defrag_timeout; /* microseconds from the first piece; 0: default 30 s */
	int64_t tcp_new, tcp_established, tcp_closed; /* microseconds; 60, 300, 10 s */
	int64_t udp, other;                           /* 30 s */
	int64_t interim;           /* flow record while alive; 300 s; 0 = never */
	int64_t coverage_interval; /* 10 s */
	int64_t tick_interval;     /* 200 ms */
	uint32_t dns_version;      /* of EVE's dns object: 3, or 2; 0: default 3 */
	bool is_kernel_shared; /* the kernel shares flows out, and pieces of IPv6 otherwise */
	bool checks_sums; /* a packet whose checksums do not hold is an anomaly and in no flow */
	bool is_live; /* ticks come from pipeline_tick; else from packet time, where
			 packets are */
};

/* The defaults of decisions.md; sensor "sensor", poi "poi". */
extern const struct pipeline_config pipeline_defaults;

struct pipeline;

/* All tables are allocated here.  NULL, with '*err', if memory or nDPI is missing. */
struct pipeline *pipeline_new(const struct pipeline_config *config, record_sink *sink,
			      void *ctx, struct error *err);
void pipeline_free(struct pipeline *pipeline);

void pipeline_packet(struct pipeline *pipeline, const struct packet *packet);
/* It is that time now, though no packet came: for lanes of a file that others read too. */
void pipeline_time(struct pipeline *pipeline, struct instant now);
/* The clock of a live capture: every tick_interval, packets or not.  Expires flows,
 * closes coverage intervals. */
void pipeline_tick(struct pipeline *pipeline, struct instant now);
/* Losses since the last call that only the capture or the output know; they enter the
 * open coverage interval. */
struct pipeline_losses {
	uint64_t interface, kernel, worker, output;
	uint64_t kernel_packets;
	uint64_t astray; /* fragments that may not be at their flow's worker: told, no loss */
};
void pipeline_lost(struct pipeline *pipeline, const struct pipeline_losses *losses);
/* The capture is over: all flows end (reason shutdown), last coverage and stats are
 * written. */
void pipeline_finish(struct pipeline *pipeline);

enum pipeline_table {
	PIPELINE_FLOWS,
	PIPELINE_NDPI, /* undecided flows; nDPI's own tables are not counted */
	PIPELINE_STREAMS,
	PIPELINE_FRAGMENTS,
	PIPELINE_DATAGRAMS,
	PIPELINE_SUMS, /* of flows above the budget */
	PIPELINE_OTHERS,
	PIPELINE_TABLES
};
/* Bytes of a table as allocated at start, which are all it takes; for the start-up line. */
size_t pipeline_table_memory(const struct pipeline *pipeline, enum pipeline_table table);
const char *pipeline_table_name(enum pipeline_table table);
/* Of all of them. */
size_t pipeline_memory(const struct pipeline *pipeline);

struct pipeline_counters {
	uint64_t packets, bytes, flows, records, invalid, not_ip, fragments, evicted,
		violations;
};
struct pipeline_counters pipeline_counters(const struct pipeline *pipeline);
/* Frames that were decoded with this result, an enum decode_result (sensor/decode.h).
 */
uint64_t pipeline_frames(const struct pipeline *pipeline, int result);

#endif
