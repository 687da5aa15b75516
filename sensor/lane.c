/* SPDX-License-Identifier: Apache-2.0 */
/* lane: where a lane's records leave: its time, its ticks, its coverage, its counters.
 */
#include "sensor/lane.h"

static coverage_sink emit_coverage;

static void
start(struct lane *lane, struct instant now)
{
	lane->is_started = true;
	lane->now = lane->stamped = lane->begun = lane->tick = now;
	lane->next_tick = now;
	lane->next_stats = instant_after(now, LANE_STATS_INTERVAL);
}

static void
move_on(struct lane *lane, struct instant to)
{
	if (!lane->is_started)
		start(lane, to);
	if (!instant_is_before(lane->now, to))
		return;
	if (instant_between(lane->now, to) > COVERAGE_SILENCE)
		coverage_reach(&lane->coverage, lane->now, emit_coverage, lane);
	lane->now = to;
}

void
lane_packet_time(struct lane *lane, struct instant seen)
{
	/* one packet with a time far ahead must not stop a live lane's clock until then
	 */
	struct instant limit = instant_after(lane->tick, LANE_AHEAD);

	if (lane->is_live && lane->is_started && instant_is_before(limit, seen))
		seen = limit;
	move_on(lane, seen);
}

void
lane_tick_time(struct lane *lane, struct instant now)
{
	move_on(lane, now);
	lane->tick = lane->now;
	lane->next_tick = lane->now;
}

bool
lane_is_due(const struct lane *lane)
{
	return !instant_is_before(lane->now, lane->next_tick);
}

struct instant
lane_stamp(struct lane *lane, struct instant at)
{
	if (instant_is_before(lane->now, at))
		at = lane->now;
	if (instant_is_before(at, lane->stamped))
		at = lane->stamped;
	lane->stamped = at;
	return at;
}

void
lane_emit(struct lane *lane, const struct record *record)
{
	lane->counters.records++;
	lane->sink(lane->ctx, record);
}

static void
emit_tick(struct lane *lane)
{
	record_begin(&lane->record, EVENT_TICK);
	describe_origin(&lane->describer, &lane->record, lane_stamp(lane, lane->now));
	lane_emit(lane, &lane->record);
	lane->tick = lane->now;
	int64_t past = lane->now.usec % lane->tick_interval;
	lane->next_tick = instant_after(lane->now, lane->tick_interval - past);
}

static void
emit_coverage(void *ctx, const struct coverage_span *span, bool is_last)
{
	struct lane *lane = ctx;
	struct record *record = &lane->record;
	const struct coverage_counts *counts = &span->counts;

	record_begin(record, EVENT_COVERAGE);
	describe_origin(&lane->describer, record, lane_stamp(lane, span->end));
	if (lane->describer.interface.size > 0)
		record_set_text(record, FIELD_IN_IFACE, lane->describer.interface);
	record_set_time(record, FIELD_COVERAGE_START, span->start);
	record_set_time(record, FIELD_COVERAGE_END, span->end);
	record_set_number(record, FIELD_COVERAGE_OBSERVED, (uint64_t)span->observed);
	record_set_number(record, FIELD_COVERAGE_PACKETS, counts->packets);
	record_set_number(record, FIELD_COVERAGE_LOST_INTERFACE,
			  counts->lost_interface);
	record_set_number(record, FIELD_COVERAGE_LOST_KERNEL, counts->lost_kernel);
	record_set_number(record, FIELD_COVERAGE_LOST_WORKER, counts->lost_worker);
	record_set_number(record, FIELD_COVERAGE_LOST_STREAM, counts->lost_stream);
	record_set_number(record, FIELD_COVERAGE_LOST_FLOW, counts->lost_flow);
	record_set_number(record, FIELD_COVERAGE_LOST_OUTPUT, counts->lost_output);
	record_set_number(record, FIELD_COVERAGE_UNSEEN, counts->unseen_segments);
	record_set_number(record, FIELD_COVERAGE_UNSEEN_BYTES, counts->unseen_bytes);
	record_set_text(record, FIELD_COVERAGE_REASON,
			text_of(is_last ? "shutdown" : "interval"));
	lane_emit(lane, record);
}

static void
emit_stats(struct lane *lane, const struct lane_gauges *gauges)
{
	struct record *record = &lane->record;
	const struct pipeline_counters *counters = &lane->counters;
	int64_t uptime = instant_between(lane->begun, lane->now) / INSTANT_SECOND;
	const struct {
		enum field_id field;
		uint64_t value;
	} rows[] = {
		{ FIELD_STATS_UPTIME, (uint64_t)uptime },
		{ FIELD_STATS_KERNEL_PACKETS, lane->lost.kernel_packets },
		{ FIELD_STATS_KERNEL_DROPS, lane->lost.kernel },
		{ FIELD_STATS_KERNEL_IFDROPS, lane->lost.interface },
		{ FIELD_STATS_WORKER_DROPS, lane->lost.worker },
		{ FIELD_STATS_PKTS, counters->packets },
		{ FIELD_STATS_BYTES, counters->bytes },
		{ FIELD_STATS_INVALID, counters->invalid },
		{ FIELD_STATS_IPV4, lane->seen[LANE_IPV4] },
		{ FIELD_STATS_IPV6, lane->seen[LANE_IPV6] },
		{ FIELD_STATS_TCP, lane->seen[LANE_TCP] },
		{ FIELD_STATS_UDP, lane->seen[LANE_UDP] },
		{ FIELD_STATS_ICMPV4, lane->seen[LANE_ICMPV4] },
		{ FIELD_STATS_ICMPV6, lane->seen[LANE_ICMPV6] },
		{ FIELD_STATS_VLAN, lane->seen[LANE_VLAN] },
		{ FIELD_STATS_GRE, lane->carried[TUNNEL_GRE] },
		{ FIELD_STATS_VXLAN, lane->carried[TUNNEL_VXLAN] },
		{ FIELD_STATS_GENEVE, lane->carried[TUNNEL_GENEVE] },
		{ FIELD_STATS_ERSPAN, lane->carried[TUNNEL_ERSPAN] },
		{ FIELD_STATS_MPLS, lane->carried[TUNNEL_MPLS] },
		{ FIELD_STATS_PPP, lane->carried[TUNNEL_PPP] },
		{ FIELD_STATS_PPPOE, lane->carried[TUNNEL_PPPOE] },
		{ FIELD_STATS_TEREDO, lane->carried[TUNNEL_TEREDO] },
		{ FIELD_STATS_ESP, lane->carried[TUNNEL_ESP] },
		{ FIELD_STATS_TOO_MANY_LAYERS, gauges->too_many_layers },
		{ FIELD_STATS_TUNNELS_UNTOLD, gauges->tunnels_untold },
		{ FIELD_STATS_AH, lane->carried[TUNNEL_AH] },
		{ FIELD_STATS_FRAGMENTS, counters->fragments },
		{ FIELD_STATS_DEFRAG_IPV4_FRAGMENTS, gauges->defrag.ipv4.fragments },
		{ FIELD_STATS_DEFRAG_IPV4_REASSEMBLED, gauges->defrag.ipv4.reassembled },
		{ FIELD_STATS_DEFRAG_IPV4_TIMEOUTS, gauges->defrag.ipv4.timeouts },
		{ FIELD_STATS_DEFRAG_IPV4_OVERLAPS, gauges->defrag.ipv4.overlaps },
		{ FIELD_STATS_DEFRAG_IPV6_FRAGMENTS, gauges->defrag.ipv6.fragments },
		{ FIELD_STATS_DEFRAG_IPV6_REASSEMBLED, gauges->defrag.ipv6.reassembled },
		{ FIELD_STATS_DEFRAG_IPV6_TIMEOUTS, gauges->defrag.ipv6.timeouts },
		{ FIELD_STATS_DEFRAG_IPV6_OVERLAPS, gauges->defrag.ipv6.overlaps },
		{ FIELD_STATS_DEFRAG_TRACKERS_REACHED, gauges->defrag.evicted },
		{ FIELD_STATS_DEFRAG_FRAGS_REACHED, gauges->defrag.full },
		{ FIELD_STATS_DEFRAG_CUT, gauges->defrag.cut },
		{ FIELD_STATS_DEFRAG_UNTOLD, gauges->defrag.untold },
		{ FIELD_STATS_DEFRAG_MEMUSE, gauges->defrag.memory },
		{ FIELD_STATS_FRAGMENTS_ASTRAY, lane->lost.astray },
		{ FIELD_STATS_NOT_IP, counters->not_ip },
		{ FIELD_STATS_FLOW_TOTAL, counters->flows },
		{ FIELD_STATS_FLOW_ACTIVE, gauges->flow_active },
		{ FIELD_STATS_FLOW_EVICTED, counters->evicted },
		{ FIELD_STATS_FLOW_FOLDED, gauges->flow_folded },
		{ FIELD_STATS_FLOW_MEMUSE, gauges->flow_memory },
		{ FIELD_STATS_TCP_GAPS, gauges->tcp_gaps },
		{ FIELD_STATS_TCP_CHECKSUMS, gauges->tcp_checksums },
		{ FIELD_STATS_TCP_UNSEEN, lane->unseen_segments },
		{ FIELD_STATS_TCP_UNSEEN_BYTES, lane->unseen_bytes },
		{ FIELD_STATS_TCP_DIFFERENCES, gauges->tcp_differences },
		{ FIELD_STATS_TCP_MEMUSE, gauges->tcp_memory },
		{ FIELD_STATS_TCP_GAVE_UP, gauges->tcp_gave_up },
		{ FIELD_STATS_UDP_GAVE_UP, gauges->udp_gave_up },
		{ FIELD_STATS_DISSECT_CUT, gauges->dissect.cut },
		{ FIELD_STATS_DISSECT_DROPPED, gauges->dissect.dropped },
		{ FIELD_STATS_DISSECT_NO_MEMORY, gauges->dissect.no_memory },
		{ FIELD_STATS_NDPI_UNDECIDED, gauges->undecided },
		{ FIELD_STATS_NDPI_GAVE_UP, gauges->gave_up },
		{ FIELD_STATS_RECORDS, counters->records },
		{ FIELD_STATS_SUPPRESSED, gauges->suppressed },
		{ FIELD_STATS_RECORDS_LOST, lane->lost.output },
	};

	record_begin(record, EVENT_STATS);
	describe_origin(&lane->describer, record, lane_stamp(lane, lane->now));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		record_set_number(record, rows[i].field, rows[i].value);
	lane_emit(lane, record);
}

void
lane_turn(struct lane *lane, const struct lane_gauges *gauges)
{
	coverage_reach(&lane->coverage, lane->now, emit_coverage, lane);
	if (!instant_is_before(lane->now, lane->next_stats)) {
		emit_stats(lane, gauges);
		lane->next_stats = instant_after(lane->now, LANE_STATS_INTERVAL);
	}
	emit_tick(lane);
}

void
lane_count_packet(struct lane *lane, const struct headers *headers, uint32_t wire_size)
{
	uint8_t protocol = headers->protocol;

	lane->counters.packets++;
	lane->counters.bytes += wire_size;
	lane->coverage.span.counts.packets++;
	lane->seen[LANE_VLAN] += headers->vlan_count > 0;
	for (unsigned left = headers->carriers; left != 0; left &= left - 1)
		lane->carried[__builtin_ctz(left)]++;
	if (headers->ip_version == 0)
		return;
	lane->seen[headers->ip_version == 4 ? LANE_IPV4 : LANE_IPV6]++;
	lane->seen[LANE_TCP] += protocol == PROTOCOL_TCP;
	lane->seen[LANE_UDP] += protocol == PROTOCOL_UDP;
	lane->seen[LANE_ICMPV4] += protocol == PROTOCOL_ICMP;
	lane->seen[LANE_ICMPV6] += protocol == PROTOCOL_ICMPV6;
}

void
lane_gaps(struct lane *lane, uint64_t gaps)
{
	lane->coverage.span.counts.lost_stream += gaps - lane->gaps;
	lane->gaps = gaps;
}

void
lane_unseen(struct lane *lane, uint32_t bytes)
{
	struct coverage_counts *counts = &lane->coverage.span.counts;
	uint32_t segments = unseen_segments(bytes);

	lane->unseen_segments += segments;
	lane->unseen_bytes += bytes;
	counts->unseen_segments += segments;
	counts->unseen_bytes += bytes;
}

void
lane_lost(struct lane *lane, const struct pipeline_losses *losses)
{
	lane->lost.interface += losses->interface;
	lane->lost.kernel += losses->kernel;
	lane->lost.worker += losses->worker;
	lane->lost.output += losses->output;
	lane->lost.astray += losses->astray;
	lane->lost.kernel_packets += losses->kernel_packets;
	lane->coverage.span.counts.lost_interface += losses->interface;
	lane->coverage.span.counts.lost_kernel += losses->kernel;
	lane->coverage.span.counts.lost_worker += losses->worker;
	lane->coverage.span.counts.lost_output += losses->output;
}

void
lane_finish(struct lane *lane, const struct lane_gauges *gauges)
{
	if (!lane->is_started)
		return;
	coverage_reach(&lane->coverage, lane->now, emit_coverage, lane);
	coverage_finish(&lane->coverage, emit_coverage, lane);
	emit_stats(lane, gauges);
	emit_tick(lane);
}
