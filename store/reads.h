/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reads: what engine, status and reports read.  The second argument says whose rows are
 * seen.
 *
 * Each reading calls the sink once per row, in the order named, and returns
 * the number of rows, or -1 with a reason.  A sink that returns false ends it.
 * Tables without a partition (position, sensor, coverage, counter, raw
 * records) show nothing to a scope that is not 'all'.
 */
#ifndef STORE_READS_H
#define STORE_READS_H

#include "common/error.h"
#include "store/rows.h"
#include "store/scope.h"
#include "store/store.h"

typedef bool position_sink(void *ctx, const struct position_row *row);
/* By sensor, epoch, lane. */
int store_each_position(struct store *store, const struct scope *scope,
			position_sink *sink, void *ctx, struct error *err);

/* Windows that overlap [from, to); NULL: any. */
struct verdict_filter {
	const char *requirement, *participant;
	int64_t from, to;
};
typedef bool verdict_sink(void *ctx, const struct verdict_row *row);
/* By window start, requirement, participant. */
int store_each_verdict(struct store *store, const struct scope *scope,
		       const struct verdict_filter *filter, verdict_sink *sink,
		       void *ctx, struct error *err);
/* The one row of the key. */
int store_find_verdict(struct store *store, const struct scope *scope,
		       const struct verdict_key *key, verdict_sink *sink, void *ctx,
		       struct error *err);
/* The most frequent reason, the least of equals; "" if there is none. */
int store_find_unknown_reason(struct store *store, const struct scope *scope,
			      const struct verdict_key *key, char *reason, size_t room,
			      struct error *err);

/* 1 with the oldest window that is still to be looked through, 0 if there is none. */
int store_first_absence(struct store *store, const struct scope *scope,
			struct absence_row *row, struct error *err);

typedef bool correlation_state_sink(void *ctx, const char *poi, bool is_whole,
				    const void *state, size_t size);
/* By POI, as they were written. */
int store_each_correlation(struct store *store, const struct scope *scope,
			   correlation_state_sink *sink, void *ctx, struct error *err);

typedef bool sensor_sink(void *ctx, const struct sensor_row *row);
/* By sensor, POI. */
int store_each_sensor(struct store *store, const struct scope *scope, sensor_sink *sink,
		      void *ctx, struct error *err);
/* Sums over the hours in [from, to) of one sensor at one POI; 'hour', 'lane' and
 * 'spoken' are 0. */
int store_sum_coverage(struct store *store, const struct scope *scope,
		       const char *sensor, const char *poi, int64_t from, int64_t to,
		       struct coverage_row *sum, struct error *err);

typedef bool alert_sink(void *ctx, const struct alert_row *row);
/* All alerts whose seq is above 'after', by seq. */
int store_each_alert(struct store *store, const struct scope *scope, uint64_t after,
		     alert_sink *sink, void *ctx, struct error *err);
/* The alert of the open episode of (rule, key). */
int store_find_group(struct store *store, const struct scope *scope, const char *rule,
		     const char *key, alert_sink *sink, void *ctx, struct error *err);
/* 0 if there is none. */
int store_last_alert_seq(struct store *store, const struct scope *scope, uint64_t *seq,
			 struct error *err);

typedef bool counter_sink(void *ctx, const struct counter_row *row);
/* By name. */
int store_each_counter(struct store *store, const struct scope *scope,
		       counter_sink *sink, void *ctx, struct error *err);

/* 1 with the time of a cited record, 0 if it is not cited. */
int store_cited_time(struct store *store, const struct scope *scope, const char *id,
		     int64_t *time, struct error *err);
/* 1 if the flow was judged before its end, else 0. */
int store_is_judged_flow(struct store *store, const struct scope *scope,
			 const char *poi, const char *sensor, uint64_t flow_id,
			 struct error *err);

typedef bool record_sink_row(void *ctx, const struct record_row *row);
/* The copy of a cited record; only time, line and size of the row hold. */
int store_find_cited(struct store *store, const struct scope *scope, const char *id,
		     record_sink_row *sink, void *ctx, struct error *err);
/* The raw record "sensor/epoch/lane/seq" of that time. */
int store_find_record(struct store *store, const struct scope *scope, const char *id,
		      struct instant time, record_sink_row *sink, void *ctx,
		      struct error *err);

/* All raw records of [from, to), day by day; within a day by sensor, epoch, lane, seq. */
int store_each_record(struct store *store, const struct scope *scope, int64_t from,
		      int64_t to, record_sink_row *sink, void *ctx, struct error *err);

#endif
