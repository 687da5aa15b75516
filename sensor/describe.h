/* SPDX-License-Identifier: Apache-2.0 */
/*
 * describe: a flow as the fields of a record.
 *
 * The record borrows the describer's texts until the next call.  src and dest
 * are client and server as far as they can be told apart, so that EVE's
 * "toserver" means from src to dest here too.
 */
#ifndef SENSOR_DESCRIBE_H
#define SENSOR_DESCRIBE_H

#include "common/record.h"
#include "sensor/classify.h"
#include "sensor/community_id.h"
#include "sensor/flow.h"
#include "sensor/tunnel_table.h"

struct describer {
	struct text sensor, poi, interface; /* borrowed; interface may be empty */
	uint32_t lane;
	struct classifier *classifier;      /* borrowed: names */
	const struct tunnel_table *tunnels; /* borrowed */
	char community[COMMUNITY_ID_SIZE];
	char protocol[8], carrier[8];
	char flags[3][8];
	char ndpi_proto[CLASSIFY_NAME_SIZE];
	uint64_t vlans[DECODE_VLANS];
	struct text reasons[8];
};

/* What every record has: time, host, sekisho.v, poi, sensor, lane. */
void describe_origin(const struct describer *describer, struct record *record,
		     struct instant at);

/*
 * Adds to a record of an event in the flow: origin, flow id, addresses, roles,
 * community id.  Fields the record already has stay: app_proto, is_final.
 */
void describe_event(struct describer *describer, struct record *record,
		    const struct flow *flow, struct instant at);

/* A whole flow record; 'reason' as flow.reason has it. */
void describe_flow(struct describer *describer, struct record *record,
		   const struct flow *flow, struct instant at, const char *reason,
		   bool is_final);

/* TCP, UDP, ..., or the number, which borrows 'out'. */
struct text describe_protocol(char out[8], uint8_t protocol);

/* Addresses and VLANs of a packet that belongs to no flow, as far as it was decoded. */
void describe_packet(struct describer *describer, struct record *record,
		     const struct headers *headers);

/* Below 2^53, the same wherever the key and start are the same. */
uint64_t describe_flow_id(const struct flow *flow);

#endif
