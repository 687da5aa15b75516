/* SPDX-License-Identifier: Apache-2.0 */
/* pipeline: a lane's stages in order: packet, headers, flow, stream, dissector, record.
 */
#include "sensor/pipeline_private.h"

#include <assert.h>

#include "sensor/checksum.h"

void
pipeline_dissected(void *ctx, struct flow *flow, struct instant at,
		   struct record *record)
{
	struct pipeline *pipeline = ctx;

	describe_event(&pipeline->lane.describer, record, flow,
		       lane_stamp(&pipeline->lane, at));
	if (record_event(record) != EVENT_CERTIFICATE &&
	    record_event(record) != EVENT_ANOMALY) {
		record_set_text(record, FIELD_APP_PROTO, text_of(flow->app_proto));
		if (!record_has(record, FIELD_SEKISHO_IS_FINAL))
			record_set_flag(record, FIELD_SEKISHO_IS_FINAL, true);
	}
	lane_emit(&pipeline->lane, record);
}

void
pipeline_violation(void *ctx, struct flow *flow, struct instant at,
		   const struct dissector *dissector, const char *event)
{
	struct pipeline *pipeline = ctx;

	pipeline->lane.counters.violations++;
	anomalies_flow(&pipeline->anomalies, &pipeline->lane, flow, at, "applayer",
		       event, dissector->name);
}

void
pipeline_difference(void *ctx, struct flow *flow, struct instant at)
{
	struct pipeline *pipeline = ctx;

	anomalies_flow(&pipeline->anomalies, &pipeline->lane, flow, at, "stream",
		       "stream.reassembly_overlap_different_data", NULL);
}

static struct lane_gauges
gauges(const struct pipeline *pipeline)
{
	struct dissection_counters streams = dissection_counters(pipeline->dissection);
	struct datagrams_counters datagrams = datagrams_counters(pipeline->datagrams);

	return (struct lane_gauges){
		.flow_active = flow_table_count(pipeline->flows),
		.flow_folded = pipeline->sums ? flow_sums_count(pipeline->sums) : 0,
		.flow_memory = flow_table_memory(pipeline->flows),
		.tcp_gaps = streams.gaps,
		.tcp_memory = streams.held,
		.tcp_differences = streams.differences,
		.tcp_gave_up = streams.gave_up,
		.udp_gave_up = datagrams.gave_up,
		.dissect = dissect_counters_sum(streams.inside, datagrams.inside),
		.undecided = classifier_undecided(pipeline->classifier),
		.gave_up = classifier_gave_up(pipeline->classifier),
		.suppressed = pipeline->anomalies.suppressed,
		.tcp_checksums = pipeline->results[DECODE_TCP_CHECKSUM],
		.too_many_layers = pipeline->results[DECODE_LAYERS],
		.tunnels_untold = tunnel_table_refused(pipeline->tunnels),
		.defrag = defrag_counters(pipeline->defrag),
	};
}

static int64_t
idle_limit(const struct pipeline *pipeline, const struct flow *flow)
{
	const struct pipeline_config *config = &pipeline->config;

	switch (flow->key.protocol) {
	case PROTOCOL_TCP:
		return flow->state == FLOW_NEW           ? config->tcp_new
		       : flow->state == FLOW_ESTABLISHED ? config->tcp_established
							 : config->tcp_closed;
	case PROTOCOL_UDP:
		return config->udp;
	default:
		return config->other;
	}
}

static struct instant
idle_at(const struct pipeline *pipeline, const struct flow *flow)
{
	return instant_after(flow->touched, idle_limit(pipeline, flow));
}

/* When the flow must be looked at: it is idle, or its next interim record is due. */
static void
schedule(struct pipeline *pipeline, struct flow *flow)
{
	struct instant due = idle_at(pipeline, flow);

	if (pipeline->config.interim > 0 && instant_is_before(flow->interim, due))
		due = flow->interim;
	flow_table_schedule(pipeline->flows, flow, due);
}

static void
emit_flow(struct pipeline *pipeline, const struct flow *flow, struct instant at,
	  const char *reason, bool is_final)
{
	if (pipeline->sums != NULL &&
	    flow_sums_take(pipeline->sums, flow, pipeline->lane.now, is_final))
		return;
	describe_flow(&pipeline->lane.describer, &pipeline->record, flow,
		      lane_stamp(&pipeline->lane, at), reason, is_final);
	lane_emit(&pipeline->lane, &pipeline->record);
}

static void
end_flow(struct pipeline *pipeline, struct flow *flow, struct instant at,
	 const char *reason)
{
	bool may_go_on = flow->state != FLOW_CLOSED &&
			 instant_is_before(at, idle_at(pipeline, flow));

	if (flow->key.protocol == PROTOCOL_UDP)
		datagrams_finish(pipeline->datagrams, flow, at);
	else if (may_go_on)
		dissection_cut(pipeline->dissection, flow, at);
	else
		dissection_finish(pipeline->dissection, flow, at);
	classify_finish(pipeline->classifier, flow);
	emit_flow(pipeline, flow, at, reason, true);
	tunnel_table_give(pipeline->tunnels, flow->tunnel);
	flow_table_remove(pipeline->flows, flow);
}

static void
on_due(struct pipeline *pipeline, struct flow *flow)
{
	struct instant now = pipeline->lane.now;

	if (!instant_is_before(now, idle_at(pipeline, flow))) {
		end_flow(pipeline, flow, idle_at(pipeline, flow), "timeout");
		return;
	}
	if (pipeline->config.interim > 0 && !instant_is_before(now, flow->interim)) {
		emit_flow(pipeline, flow, flow->interim, "interim", false);
		while (!instant_is_before(now, flow->interim))
			flow->interim =
				instant_after(flow->interim, pipeline->config.interim);
	}
	schedule(pipeline, flow);
}

/* What time itself brings about: flows that are over, ticks, coverage. */
static void
turn(struct pipeline *pipeline)
{
	struct flow *flow;

	defrag_expire(pipeline->defrag, pipeline->lane.now);
	while ((flow = flow_table_due(pipeline->flows, pipeline->lane.now)) != NULL)
		on_due(pipeline, flow);
	if (pipeline->sums != NULL && flow_sums_is_due(pipeline->sums, pipeline->lane.now))
		flow_sums_tell(pipeline->sums, &pipeline->lane);
	struct lane_gauges now = gauges(pipeline);
	lane_gaps(&pipeline->lane, now.tcp_gaps);
	lane_turn(&pipeline->lane, &now);
}

/* Makes room: the flow that would be over first goes now. */
static void
evict(struct pipeline *pipeline)
{
	for (;;) {
		struct flow *flow = flow_table_first(pipeline->flows);
		uint16_t bucket = flow->bucket;
		/* it may have been active since; an interim record can wait meanwhile
		 */
		flow_table_schedule(pipeline->flows, flow, idle_at(pipeline, flow));
		if (flow->bucket != bucket)
			continue;
		pipeline->lane.counters.evicted++;
		pipeline->lane.coverage.span.counts.lost_flow++;
		end_flow(pipeline, flow, pipeline->lane.now, "forced");
		return;
	}
}

static struct flow *
begin_flow(struct pipeline *pipeline, const struct flow_key *key, uint32_t hash,
	   int sender, const struct headers *headers, struct instant seen)
{
	if (flow_table_count(pipeline->flows) == flow_table_most(pipeline->flows))
		evict(pipeline);
	struct flow *flow = flow_table_add(pipeline->flows, key, hash);
	flow->first = (uint8_t)sender;
	flow_begin(flow, headers, seen, pipeline->lane.now);
	flow->tunnel = tunnel_table_take(pipeline->tunnels, &headers->tunnel);
	flow->interim = instant_after(pipeline->lane.now, pipeline->config.interim);
	pipeline->lane.counters.flows++;
	schedule(pipeline, flow);
	return flow;
}

static void
add_to_flow(struct pipeline *pipeline, const struct packet *packet,
	    const struct headers *headers)
{
	struct flow_key key;
	int sender = flow_key_from(&key, headers);
	uint32_t hash = flow_table_hash(pipeline->flows, &key);
	struct flow *flow = flow_table_find(pipeline->flows, &key, hash);

	if (flow != NULL && flow_is_reused(flow, headers)) {
		end_flow(pipeline, flow, pipeline->lane.now, "tcp_reuse");
		flow = NULL;
	}
	if (flow == NULL)
		flow = begin_flow(pipeline, &key, hash, sender, headers, packet->seen);
	int side = sender ^ flow->first;
	uint8_t before = flow->state;
	if (headers->protocol == PROTOCOL_TCP) {
		bool seen[2] = { flow->packets[0] > 0, flow->packets[1] > 0 };
		lane_unseen(&pipeline->lane,
			    unseen_count(&flow->unseen, side, headers, seen));
	}
	flow_count(flow, side, headers, packet->wire_size, packet->seen,
		   pipeline->lane.now);
	if (flow->state == FLOW_CLOSED && before != FLOW_CLOSED)
		schedule(pipeline, flow); /* sooner than it was */
	if (headers->protocol == PROTOCOL_TCP)
		dissection_packet(pipeline->dissection, flow, side, headers,
				  packet->seen);
	else if (headers->protocol == PROTOCOL_UDP)
		datagrams_packet(pipeline->datagrams, flow, side, headers,
				 packet->seen);
	classify_packet(pipeline->classifier, flow, headers, packet->seen);
}

void
pipeline_take(void *ctx, const struct packet *packet, struct headers *headers,
	      enum decode_result result)
{
	struct pipeline *pipeline = ctx;
	struct pipeline_counters *counters = &pipeline->lane.counters;

	if (headers->fragment.size > 0 &&
	    defrag_take(pipeline->defrag, packet, headers, pipeline->lane.now)) {
		pipeline->results[DECODE_FRAGMENT]++;
		return;
	}
	if (result == DECODE_OK && pipeline->config.checks_sums)
		result = checksum_verify(headers);
	pipeline->results[result]++;
	if (result == DECODE_OK) {
		add_to_flow(pipeline, packet, headers);
		return;
	}
	counters->not_ip += result == DECODE_NOT_IP;
	if (!decode_is_invalid(result))
		return;
	counters->invalid++;
	anomalies_frame(&pipeline->anomalies, &pipeline->lane, packet, headers, result);
}

void
pipeline_time(struct pipeline *pipeline, struct instant now)
{
	lane_packet_time(&pipeline->lane, now);
	if (lane_is_due(&pipeline->lane))
		turn(pipeline);
}

void
pipeline_packet(struct pipeline *pipeline, const struct packet *packet)
{
	struct headers headers;

	lane_packet_time(&pipeline->lane, packet->seen);
	if (!pipeline->config.is_live && lane_is_due(&pipeline->lane))
		turn(pipeline);
	enum decode_result result = decode_packet(packet, &headers);
	lane_count_packet(&pipeline->lane, &headers, packet->wire_size);
	pipeline->lane.counters.fragments += headers.fragment.size > 0;
	pipeline->lane.lost.astray +=
		headers.fragment.size > 0 && pipeline->config.is_kernel_shared;
	pipeline_take(pipeline, packet, &headers, result);
}

void
pipeline_tick(struct pipeline *pipeline, struct instant now)
{
	lane_tick_time(&pipeline->lane, now);
	turn(pipeline);
}

void
pipeline_lost(struct pipeline *pipeline, const struct pipeline_losses *losses)
{
	lane_lost(&pipeline->lane, losses);
}

void
pipeline_finish(struct pipeline *pipeline)
{
	struct flow *flow;

	defrag_finish(pipeline->defrag);
	while ((flow = flow_table_first(pipeline->flows)) != NULL)
		end_flow(pipeline, flow, pipeline->lane.now, "shutdown");
	if (pipeline->sums != NULL)
		flow_sums_tell(pipeline->sums, &pipeline->lane);
	struct lane_gauges now = gauges(pipeline);
	lane_gaps(&pipeline->lane, now.tcp_gaps);
	lane_finish(&pipeline->lane, &now);
}

struct pipeline_counters
pipeline_counters(const struct pipeline *pipeline)
{
	return pipeline->lane.counters;
}

uint64_t
pipeline_frames(const struct pipeline *pipeline, int result)
{
	assert(result >= 0 && result < DECODE_RESULT_COUNT);
	return pipeline->results[result];
}
