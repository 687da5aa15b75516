/* SPDX-License-Identifier: Apache-2.0 */
/* pipeline_start: a lane's tables: how many, how large, taken and given back. */
#include <stdlib.h>
#include <string.h>

#include "sensor/pipeline_private.h"

const struct pipeline_config pipeline_defaults = {
	.sensor = "sensor",
	.poi = "poi",
	.flows_max = 1000000,
	.undecided_max = 65536,
	.stream_bytes_max = 64 << 20,
	.stream_flow_max = 256 << 10,
	.defrag_max = 8192,
	.defrag_bytes_max = 16 << 20,
	.defrag_timeout = 30 * INSTANT_SECOND,
	.tcp_new = 60 * INSTANT_SECOND,
	.tcp_established = 300 * INSTANT_SECOND,
	.tcp_closed = 10 * INSTANT_SECOND,
	.udp = 30 * INSTANT_SECOND,
	.other = 30 * INSTANT_SECOND,
	.interim = 300 * INSTANT_SECOND,
	.coverage_interval = 10 * INSTANT_SECOND,
	.tick_interval = INSTANT_SECOND / 5,
	.dns_version = 3,
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
		.tick_interval = config->tick_interval,
		.coverage = coverage_start(config->coverage_interval),
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

static int
start_dissection(struct pipeline *pipeline, struct error *err)
{
	struct dissection_config config = {
		.dissectors = dissectors,
		.most = pipeline->config.undecided_max,
		.stream_bytes_max = pipeline->config.stream_bytes_max,
		.stream_flow_max = pipeline->config.stream_flow_max,
	};
	struct dissection_sink sink = { pipeline, pipeline_dissected,
					pipeline_violation, pipeline_difference };

	pipeline->dissection = dissection_new(&config, &sink, err);
	pipeline->datagrams = datagrams_new(dissectors, config.most, &sink, err);
	if (pipeline->dissection == NULL || pipeline->datagrams == NULL)
		return -1;
	const struct dissect_options options = {
		.dns_version = pipeline->config.dns_version,
	};
	dissection_configure(pipeline->dissection, &options);
	datagrams_configure(pipeline->datagrams, &options);
	return 0;
}

/* What the configuration leaves 0 is as in pipeline_defaults. */
static void
set_defaults(struct pipeline_config *config)
{
	const struct pipeline_config *initial = &pipeline_defaults;

	if (config->dns_version == 0)
		config->dns_version = initial->dns_version;
	if (config->defrag_max == 0)
		config->defrag_max = initial->defrag_max;
	if (config->defrag_bytes_max == 0)
		config->defrag_bytes_max = initial->defrag_bytes_max;
	if (config->defrag_timeout <= 0)
		config->defrag_timeout = initial->defrag_timeout;
	if (config->tick_interval <= 0)
		config->tick_interval = initial->tick_interval;
	if (config->coverage_interval <= 0)
		config->coverage_interval = initial->coverage_interval;
}

static int
take_tables(struct pipeline *pipeline, struct error *err)
{
	const struct pipeline_config *config = &pipeline->config;
	struct defrag_config fragments = { config->defrag_max, config->defrag_bytes_max,
					   config->defrag_timeout };

	pipeline->tunnels = tunnel_table_new();
	pipeline->flows = flow_table_new(config->flows_max);
	pipeline->defrag = defrag_new(&fragments, pipeline_take, pipeline);
	if (pipeline->flows == NULL || pipeline->tunnels == NULL ||
	    pipeline->defrag == NULL)
		return error_set(err, "no memory for a table of %u flows",
				 (unsigned)config->flows_max);
	return 0;
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
	set_defaults(&pipeline->config);
	if (take_tables(pipeline, err) == -1)
		goto fail;
	pipeline->classifier = classifier_new(config->undecided_max, err);
	if (pipeline->classifier == NULL || start_dissection(pipeline, err) == -1)
		goto fail;
	if (config->flow_budget > 0 &&
	    (pipeline->sums = flow_sums_new(config->flow_budget,
					    pipeline->config.coverage_interval)) ==
		    NULL) {
		error_set(err, "no memory for sums of flows");
		goto fail;
	}
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
	defrag_free(pipeline->defrag);
	flow_table_free(pipeline->flows);
	tunnel_table_free(pipeline->tunnels);
	flow_sums_free(pipeline->sums);
	free(pipeline->sensor);
	free(pipeline->poi);
	free(pipeline->interface);
	free(pipeline);
}

const char *
pipeline_table_name(enum pipeline_table table)
{
	static const char *const names[] = { "flows",     "nDPI",      "streams",
					     "fragments", "datagrams", "sums",
					     "others" };

	return names[table];
}

size_t
pipeline_table_memory(const struct pipeline *pipeline, enum pipeline_table table)
{
	switch (table) {
	case PIPELINE_FLOWS:
		return flow_table_memory(pipeline->flows);
	case PIPELINE_NDPI:
		return classifier_memory(pipeline->classifier);
	case PIPELINE_STREAMS:
		return dissection_memory(pipeline->dissection);
	case PIPELINE_FRAGMENTS:
		return defrag_memory(pipeline->defrag);
	case PIPELINE_DATAGRAMS:
		return datagrams_memory(pipeline->datagrams);
	case PIPELINE_SUMS:
		return flow_sums_memory(pipeline->sums);
	default:
		return sizeof(*pipeline) + tunnel_table_memory(pipeline->tunnels);
	}
}

size_t
pipeline_memory(const struct pipeline *pipeline)
{
	size_t sum = 0;

	for (int i = 0; i < PIPELINE_TABLES; i++)
		sum += pipeline_table_memory(pipeline, (enum pipeline_table)i);
	return sum;
}
