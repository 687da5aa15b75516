/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rows: what the store's tables hold, as structs (meaning:
 * store/schema/correlator_001.sql).
 *
 * Texts are borrowed: of a row given to the store for the call, of a row the
 * store hands to a sink until the sink returns.  None is NULL.  Times are
 * microseconds since 1970 UTC.
 */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/instant.h"

struct record_row {
	const char *sensor, *epoch;
	uint32_t lane;
	uint64_t seq;
	struct instant time;
	const char *event;
	uint64_t flow_id;
	const char *line; /* 'size' bytes, no line end */
	size_t size;
};

struct position_row {
	const char *sensor, *epoch;
	uint32_t lane;
	uint64_t low;
	const char *gaps;
	int64_t time, tick, covered;
};

struct verdict_key {
	const char *requirement, *participant;
	int64_t window_start;
};

struct verdict_row {
	struct verdict_key key;
	int64_t window_end;
	const char *partition;
	const char *verdict;
	bool is_provisional;
	const char *disposition, *exception;
	uint64_t good, bad, unknown, failed;
	uint32_t coverage; /* millionths */
	const char *reason;
	const char *evidence; /* JSON list */
	const char *evidence_class;
	const char *ruleset;
	int revision;
};

struct absence_row {
	char requirement[128];
	int64_t window_start;
	uint64_t next;
};

struct coverage_row {
	const char *sensor, *poi;
	int64_t hour;
	uint32_t lane; /* written by lane, read as the sum of the sensor */
	int64_t spoken, observed;
	uint64_t packets, lost, lost_stream, lost_flow, lost_records;
};

struct sensor_row {
	const char *sensor, *poi;
	int64_t first, last, last_record;
	uint64_t records;
};

struct alert_row {
	uint64_t seq;
	const char *id, *rule, *category, *severity;
	const char *title_ja, *title_en, *sentence_ja, *sentence_en, *conditions;
	const char *client, *server, *client_ip, *server_ip;
	uint16_t server_port;
	const char *service, *client_partition, *server_partition;
	const char *poi, *vlan, *community_id;
	const char *episode, *disposition, *exception;
	int64_t first, last;
	uint64_t count;
	const char *evidence; /* JSON list */
	const char *ruleset;
	bool is_late;
};

struct ledger_row {
	const char *poi, *sensor;
	uint64_t flow_id;
	const char *record;
	int64_t start, end, day;
	const char *client, *client_partition, *client_ip;
	const char *server, *server_partition, *server_ip;
	uint16_t server_port;
	const char *service, *service_kind;
	uint64_t bytes_to_server, bytes_to_client;
	const char *app_proto, *tls_version, *sni, *client_certificate;
	const char *verdict;
	const char *violated; /* JSON list */
	bool is_final;
};

struct summary_row {
	int64_t hour;
	const char *poi, *client_partition, *server_partition, *service, *event;
	uint64_t records, bytes;
};

struct counter_row {
	const char *name;
	uint64_t value;
};

#endif
