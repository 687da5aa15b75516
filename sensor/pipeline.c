/* SPDX-License-Identifier: Apache-2.0 */
/* pipeline: a lane's stages in order: packet, headers, flow, stream, dissector, record.
 */
#include "sensor/pipeline.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/anomalies.h"
#include "sensor/classify.h"
#include "sensor/datagrams.h"
#include "sensor/decode.h"
#include "sensor/describe.h"
#include "sensor/dissection.h"
#include "sensor/flow_table.h"
#include "sensor/lane.h"

const struct pipeline_config pipeline_defaults = {
	.sensor = "sensor",
	.poi = "poi",
	.flows_max = 1000000,
	.undecided_max = 65536,
	.stream_bytes_max = 64 << 20,
	.stream_flow_max = 256 << 10,
	.tcp_new = 60 * INSTANT_SECOND,
	.tcp_established = 300 * INSTANT_SECOND,
	.tcp_closed = 10 * INSTANT_SECOND,
	.udp = 30 * INSTANT_SECOND,
	.other = 30 * INSTANT_SECOND,
	.interim = 300 * INSTANT_SECOND,
	.coverage_interval = 10 * INSTANT_SECOND,
	.tick_interval = INSTANT_SECOND / 5,
};

struct pipeline {
	struct pipeline_config config;
	char *sensor, *poi, *interface; /* owned copies */
	struct flow_table *flows;
	struct tunnel_table *tunnels;
	struct classifier *classifier;
	struct dissection *dissection;
	struct datagrams *datagrams;
	struct anomalies anomalies;
	uint64_t results[DECODE_RESULT_COUNT];
	struct lane lane;
	struct record record; /* scratch for flows and anomalies of frames */
	struct record broken; /* scratch for anomalies of dissectors, whose own record
				 may be open */
};

static bool
copy_names(struct pipeline *pipeline, const struct pipeline_config *config)
{
	pipeline->sensor = strdup(config->sensor);
	pipeline->poi = strdup(config->poi);
	pipeline->interface = strdup(config->interface ? config->interface : "");
	return pipeline->sensor != NULL && pipeline->poi != NULL &&
	       pipeline->interface != NULL;
}

static void
set_lane(struct pipeline *pipeline, record_sink *sink, void *ctx)
{
	const struct pipeline_config *config = &pipeline->config;

	pipeline->lane = (struct lane){
		.sink = sink,
		.ctx = ctx,
		.is_live = config->is_live,
		.tick_interval = config->tick_interval > 0 ? config->tick_interval
							   : pipeline_defaults.tick_interval,
		.coverage = coverage_start(config->coverage_interval > 0
						   ? config->coverage_interval
						   : pipeline_defaults.coverage_interval),
		.describer = {
			.sensor = text_of(pipeline->sensor),
			.poi = text_of(pipeline->poi),
			.interface = text_of(pipeline->interface),
			.lane = config->lane,
			.classifier = pipeline->classifier,
			.tunnels = pipeline->tunnels,
		},
	};
}

/* A dissector's record: gets what the flow knows. */
static void
on_dissected(void *ctx, struct flow *flow, struct instant at, struct record *record)
{
	struct pipeline *pipeline = ctx;

	describe_event(&pipeline->lane.describer, record, flow,
		       lane_stamp(&pipeline->lane, at));
	if (record_event(record) != EVENT_CERTIFICATE) {
		record_set_text(record, FIELD_APP_PROTO, text_of(flow->app_proto));
		if (!record_has(record, FIELD_SEKISHO_IS_FINAL))
			record_set_flag(record, FIELD_SEKISHO_IS_FINAL, true);
	}
	lane_emit(&pipeline->lane, record);
}

static void
on_violation(void *ctx, struct flow *flow, struct instant at,
	     const struct dissector *dissector, const char *event)
{
	struct pipeline *pipeline = ctx;
	struct record *record = &pipeline->broken;
	struct text name = text_of(dissector->name);

	pipeline->lane.counters.violations++;
	record_begin(record, EVENT_ANOMALY);
	describe_event(&pipeline->lane.describer, record, flow,
		       lane_stamp(&pipeline->lane, at));
	record_set_text(record, FIELD_ANOMALY_TYPE, text_of("applayer"));
	record_set_text(record, FIELD_ANOMALY_EVENT, text_of(event));
	record_set_text(record, FIELD_ANOMALY_LAYER, name);
	record_set_text(record, FIELD_ANOMALY_APP, name);
	lane_emit(&pipeline->lane, record);
}

static int
start_dissection(struct pipeline *pipeline, struct error *err)
{
	struct dissection_config config = {
		.dissectors = dissectors,
		.most = pipeline->config.undecided_max,
		.stream_bytes_max = pipeline->config.stream_bytes_max,
		.stream_flow_max = pipeline->config.stream_flow_max,
	};
	struct dissection_sink sink = { pipeline, on_dissected, on_violation };

	pipeline->dissection = dissection_new(&config, &sink, err);
	pipeline->datagrams = datagrams_new(dissectors, config.most, &sink, err);
	return pipeline->dissection && pipeline->datagrams ? 0 : -1;
}

struct pipeline *
pipeline_new(const struct pipeline_config *config, record_sink *sink, void *ctx,
	     struct error *err)
{
	struct pipeline *pipeline = calloc(1, sizeof(*pipeline));

	if (pipeline == NULL || !copy_names(pipeline, config)) {
		error_set(err, "no memory for a pipeline");
		goto fail;
	}
	pipeline->config = *config;
	pipeline->tunnels = tunnel_table_new();
	pipeline->flows = flow_table_new(config->flows_max);
	if (pipeline->flows == NULL || pipeline->tunnels == NULL) {
		error_set(err, "no memory for a table of %u flows",
			  (unsigned)config->flows_max);
		goto fail;
	}
	pipeline->classifier = classifier_new(config->undecided_max, err);
	if (pipeline->classifier == NULL || start_dissection(pipeline, err) == -1)
		goto fail;
	set_lane(pipeline, sink, ctx);
	return pipeline;
fail:
	pipeline_free(pipeline);
	return NULL;
}

void
pipeline_free(struct pipeline *pipeline)
{
	if (pipeline == NULL)
		return;
	dissection_free(pipeline->dissection);
	datagrams_free(pipeline->datagrams);
	classifier_free(pipeline->classifier);
	flow_table_free(pipeline->flows);
	tunnel_table_free(pipeline->tunnels);
	free(pipeline->sensor);
	free(pipeline->poi);
	free(pipeline->interface);
	free(pipeline);
}

static struct lane_gauges
gauges(const struct pipeline *pipeline)
{
	struct dissection_counters streams = dissection_counters(pipeline->dissection);
	struct datagrams_counters datagrams = datagrams_counters(pipeline->datagrams);

	return (struct lane_gauges){
		.flow_active = flow_table_count(pipeline->flows),
		.flow_memory = flow_table_memory(pipeline->flows),
		.tcp_gaps = streams.gaps,
		.tcp_memory = streams.held,
		.tcp_gave_up = streams.gave_up,
		.udp_gave_up = datagrams.gave_up,
		.dissect = dissect_counters_sum(streams.inside, datagrams.inside),
		.undecided = classifier_undecided(pipeline->classifier),
		.gave_up = classifier_gave_up(pipeline->classifier),
		.suppressed = pipeline->anomalies.suppressed,
		.too_many_layers = pipeline->results[DECODE_LAYERS],
		.tunnels_untold = tunnel_table_refused(pipeline->tunnels),
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

	while ((flow = flow_table_due(pipeline->flows, pipeline->lane.now)) != NULL)
		on_due(pipeline, flow);
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

static void
emit_decode_anomaly(struct pipeline *pipeline, const struct packet *packet,
		    const struct headers *headers, enum decode_result result)
{
	struct record *record = &pipeline->record;
	const char *event = decode_result_event(result);

	if (event == NULL ||
	    !anomalies_allow(&pipeline->anomalies, result, pipeline->lane.now))
		return;
	record_begin(record, EVENT_ANOMALY);
	describe_origin(&pipeline->lane.describer, record,
			lane_stamp(&pipeline->lane, pipeline->lane.now));
	describe_packet(&pipeline->lane.describer, record, headers);
	record_set_number(record, FIELD_PCAP_CNT, packet->number);
	record_set_text(record, FIELD_ANOMALY_TYPE, text_of("decode"));
	record_set_text(record, FIELD_ANOMALY_EVENT, text_of(event));
	record_set_text(record, FIELD_ANOMALY_LAYER,
			text_of(decode_result_layer(result)));
	lane_emit(&pipeline->lane, record);
}

void
pipeline_packet(struct pipeline *pipeline, const struct packet *packet)
{
	struct pipeline_counters *counters = &pipeline->lane.counters;
	struct headers headers;

	lane_packet_time(&pipeline->lane, packet->seen);
	if (!pipeline->config.is_live && lane_is_due(&pipeline->lane))
		turn(pipeline);
	enum decode_result result = decode_packet(packet, &headers);
	pipeline->results[result]++;
	lane_count_packet(&pipeline->lane, &headers, packet->wire_size);
	counters->fragments += result == DECODE_FRAGMENT || headers.is_fragment;
	if (result == DECODE_OK) {
		add_to_flow(pipeline, packet, &headers);
		return;
	}
	counters->not_ip += result == DECODE_NOT_IP;
	if (!decode_is_invalid(result))
		return;
	counters->invalid++;
	emit_decode_anomaly(pipeline, packet, &headers, result);
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

	while ((flow = flow_table_first(pipeline->flows)) != NULL)
		end_flow(pipeline, flow, pipeline->lane.now, "shutdown");
	struct lane_gauges now = gauges(pipeline);
	lane_gaps(&pipeline->lane, now.tcp_gaps);
	lane_finish(&pipeline->lane, &now);
}

size_t
pipeline_memory(const struct pipeline *pipeline)
{
	return sizeof(*pipeline) + flow_table_memory(pipeline->flows) +
	       tunnel_table_memory(pipeline->tunnels) +
	       classifier_memory(pipeline->classifier) +
	       dissection_memory(pipeline->dissection) +
	       datagrams_memory(pipeline->datagrams);
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
