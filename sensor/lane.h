/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lane: where a lane's records leave: its time, its ticks, its coverage, its counters.
 *
 * Every record a lane hands on goes through lane_emit, which keeps time from
 * going backwards and counts.  Time moves by packets (a file) or by ticks (a
 * live capture), never by a clock of ours.
 */
#ifndef SENSOR_LANE_H
#define SENSOR_LANE_H

#include "sensor/coverage.h"
#include "sensor/defrag.h"
#include "sensor/describe.h"
#include "sensor/dissect/dissector.h"
#include "sensor/pipeline.h"

/* What a packet's time may be ahead of the last tick of a live capture. */
#define LANE_AHEAD          INSTANT_SECOND
#define LANE_STATS_INTERVAL (60 * INSTANT_SECOND)

/* Values of a stats record that others than the lane know. */
struct lane_gauges {
	uint64_t flow_active, flow_folded, flow_memory, tcp_gaps, tcp_memory,
		tcp_differences, tcp_checksums, tcp_gave_up, udp_gave_up, undecided,
		gave_up, suppressed, too_many_layers, tunnels_untold;
	struct dissect_counters dissect;
	struct defrag_counters defrag;
};

struct lane {
	record_sink *sink;
	void *ctx;
	struct describer describer;
	bool is_live, is_started;
	int64_t tick_interval;
	struct instant now;     /* never goes back */
	struct instant stamped; /* of the last record */
	struct instant begun, tick, next_tick, next_stats;
	struct coverage coverage;
	struct pipeline_counters counters;
	uint64_t seen[8];               /* by enum lane_count */
	uint64_t carried[TUNNEL_KINDS]; /* by enum tunnel_kind */
	uint64_t gaps;
	uint64_t unseen_segments, unseen_bytes;
	struct pipeline_losses lost; /* since the start */
	struct record record;        /* scratch for the lane's own */
};

enum lane_count {
	LANE_IPV4,
	LANE_IPV6,
	LANE_TCP,
	LANE_UDP,
	LANE_ICMPV4,
	LANE_ICMPV6,
	LANE_VLAN
};

/* Moves the lane's time to a packet's, or a tick's. */
void lane_packet_time(struct lane *lane, struct instant seen);
void lane_tick_time(struct lane *lane, struct instant now);
/* True if lane_turn is due. */
bool lane_is_due(const struct lane *lane);
/* Ticks, coverage that is over and stats, up to now. */
void lane_turn(struct lane *lane, const struct lane_gauges *gauges);
void lane_count_packet(struct lane *lane, const struct headers *headers,
		       uint32_t wire_size);
/* Gaps in streams since the start; what is new enters the open interval. */
void lane_gaps(struct lane *lane, uint64_t gaps);
/* Bytes that proved lost by their acknowledgement. */
void lane_unseen(struct lane *lane, uint32_t bytes);
void lane_lost(struct lane *lane, const struct pipeline_losses *losses);
/* The time a record of what happened at 'at' carries: never before the last record's,
 * never ahead of the lane. */
struct instant lane_stamp(struct lane *lane, struct instant at);
void lane_emit(struct lane *lane, const struct record *record);
/* Last coverage, stats and tick. */
void lane_finish(struct lane *lane, const struct lane_gauges *gauges);

#endif
