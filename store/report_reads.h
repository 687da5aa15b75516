/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_reads: what reports read: the registered, their verdicts, the ledger in sums.
 *
 * Each reading calls the sink once per row, in the order named, and returns
 * the number of rows, or -1 with a reason.  A sink that returns false ends it.
 * Rows borrow their text until the sink returns.
 */
#ifndef STORE_REPORT_READS_H
#define STORE_REPORT_READS_H

#include "common/error.h"
#include "store/effects.h"
#include "store/rows.h"
#include "store/scope.h"
#include "store/store.h"

typedef bool participant_sink(void *ctx, const struct participant_row *row);
/* By id: those of the scope's partition. */
int store_each_participant(struct store *store, const struct scope *scope,
			   participant_sink *sink, void *ctx, struct error *err);

typedef bool requirement_sink(void *ctx, const struct requirement_row *row);
/* Active ones, by ordinal; requirements are no secret of a partition. */
int store_each_requirement(struct store *store, const struct scope *scope,
			   requirement_sink *sink, void *ctx, struct error *err);

struct sight_row {
	const char *participant, *sensor, *poi;
	int64_t first, last; /* lane time of the sensor at the POI */
};
typedef bool sight_sink(void *ctx, const struct sight_row *row);
/* Which sensors can see the scope's participants, by participant, sensor, POI.
 * A sensor that never spoke has no POI ("") and no times (0). */
int store_each_sight(struct store *store, const struct scope *scope, sight_sink *sink,
		     void *ctx, struct error *err);

typedef bool coverage_sink_row(void *ctx, const struct coverage_row *row);
/* Hours in [from, to) of sensors that can see the scope's participants, by sensor, POI,
 * hour. */
int store_each_coverage(struct store *store, const struct scope *scope, int64_t from,
			int64_t to, coverage_sink_row *sink, void *ctx,
			struct error *err);

/* Who accessed what: sessions between two parties and a service, in sum. */
struct access_row {
	const char *client, *client_title_ja, *client_title_en, *client_partition;
	const char *server, *server_title_ja, *server_title_en, *server_partition;
	const char *service, *service_title_ja, *service_title_en, *service_kind;
	uint64_t sessions, violated, unobservable;
	uint64_t bytes_to_server, bytes_to_client;
	int64_t first, last; /* begin of the first and of the last session */
};
typedef bool access_sink(void *ctx, const struct access_row *row);
/*
 * Sessions that began in [from, to) with the scope's partition on either side,
 * by client, service.  Addresses are not read: the other side is shown as
 * institution and service only.
 */
int store_each_access(struct store *store, const struct scope *scope, int64_t from,
		      int64_t to, access_sink *sink, void *ctx, struct error *err);

typedef bool access_record_sink(void *ctx, int64_t start, uint64_t bytes_to_server,
				uint64_t bytes_to_client, const char *verdict,
				const char *record);
/* The ledger rows that 'of' (client, server, service) is the sum of, by start. */
int store_each_access_record(struct store *store, const struct scope *scope,
			     const struct access_row *of, int64_t from, int64_t to,
			     access_record_sink *sink, void *ctx, struct error *err);

struct report_alert_row {
	const char *id, *rule, *severity, *title_ja, *title_en, *disposition;
	const char *client, *client_title_ja, *client_title_en;
	const char *server, *server_title_ja, *server_title_en;
	int64_t first, last;
	uint64_t count;
};
typedef bool report_alert_sink(void *ctx, const struct report_alert_row *row);
/* Alerts that were active in [from, to) and touch the scope, newest first. */
int store_each_alert_of(struct store *store, const struct scope *scope, int64_t from,
			int64_t to, report_alert_sink *sink, void *ctx,
			struct error *err);

typedef bool region_sink(void *ctx, const char *id);
/* Regions of the inventory, by id. */
int store_each_region(struct store *store, const struct scope *scope, region_sink *sink,
		      void *ctx, struct error *err);
/* Title of a region, or NULL texts if there is none; copied into 'ja' and 'en'. 1
 * found, 0 not. */
int store_find_region(struct store *store, const struct scope *scope, const char *id,
		      char *ja, char *en, size_t room, struct error *err);

#endif
