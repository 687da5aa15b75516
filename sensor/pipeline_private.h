/* SPDX-License-Identifier: Apache-2.0 */
/* pipeline_private: what the files of pipeline share; nobody else includes it. */
#ifndef SENSOR_PIPELINE_PRIVATE_H
#define SENSOR_PIPELINE_PRIVATE_H

#include "sensor/anomalies.h"
#include "sensor/classify.h"
#include "sensor/datagrams.h"
#include "sensor/defrag.h"
#include "sensor/dissection.h"
#include "sensor/flow_table.h"
#include "sensor/flow_sums.h"
#include "sensor/lane.h"
#include "sensor/pipeline.h"

struct pipeline {
	struct pipeline_config config;
	char *sensor, *poi, *interface; /* owned copies */
	struct defrag *defrag;
	struct flow_table *flows;
	struct tunnel_table *tunnels;
	struct classifier *classifier;
	struct dissection *dissection;
	struct datagrams *datagrams;
	struct anomalies anomalies;
	struct flow_sums *sums; /* NULL: no budget */
	uint64_t results[DECODE_RESULT_COUNT];
	struct lane lane;
	struct record record; /* scratch for flows */
};

/* A dissector's record: gets what the flow knows. */
void pipeline_dissected(void *ctx, struct flow *flow, struct instant at,
			struct record *record);
void pipeline_violation(void *ctx, struct flow *flow, struct instant at,
			const struct dissector *dissector, const char *event);
void pipeline_difference(void *ctx, struct flow *flow, struct instant at);
/* What a frame, or a datagram of several, turned out to be. */
defrag_sink pipeline_take;

#endif
