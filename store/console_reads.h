/* SPDX-License-Identifier: Apache-2.0 */
/*
 * console_reads: what the console shows.  The second argument says whose rows are seen.
 *
 * A reader looks into a store's correlator.db and into console.db beside it; it
 * changes neither.  To a scope that is one partition: rows in which the
 * partition takes part, and of the other party only institution and service.
 * The masking is done in SQL before any filter, so that no query can ask about
 * what is masked.  A query ends after 2 s.
 *
 * Readings call the sink once per row, in the order named, and return the
 * number of rows, or -1 with a reason.  A sink that returns false ends it.
 * Texts are borrowed until the sink returns; none is NULL.
 */
#ifndef STORE_CONSOLE_READS_H
#define STORE_CONSOLE_READS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "store/incidents.h"
#include "store/scope.h"

struct console_reader;

/* 'directory' holds correlator.db.  NULL on failure, which is no end: it may come
 * later. */
struct console_reader *console_reader_open(const char *directory,
					   const char *console_db, struct error *err);
void console_reader_close(struct console_reader *reader);
/* True if the last failure was the limit of 2 s. */
bool console_reader_timed_out(const struct console_reader *reader);
/* What changes whenever somebody commits to either file; two counters, compared for
 * equality. */
struct console_version {
	int64_t correlator, console;
};
int console_read_version(struct console_reader *reader, struct console_version *version,
			 struct error *err);

struct title {
	const char *ja, *en;
};

struct region_row {
	const char *id;
	struct title title;
	int participants;
};
typedef bool region_sink(void *ctx, const struct region_row *row);
/* By id. */
int console_each_region(struct console_reader *reader, const struct scope *scope,
			region_sink *sink, void *ctx, struct error *err);

struct requirement_row {
	const char *id;
	int ordinal;
	const char *kind, *status, *severity, *clause;
	struct title title, document, rationale, remedy, settled_by;
	uint32_t min_coverage; /* millionths */
};
typedef bool requirement_sink(void *ctx, const struct requirement_row *row);
/* By ordinal; 'id' NULL: all.  Requirements are no secret: any scope sees them. */
int console_each_requirement(struct console_reader *reader, const struct scope *scope,
			     const char *id, requirement_sink *sink, void *ctx,
			     struct error *err);

struct participant_row {
	const char *id, *kind, *partition;
	struct title title;
	const char *kana, *code, *contact;
	bool is_masked; /* another partition's: partition, kana, code and contact are ""
			 */
	const char *sensors; /* JSON list; "[]" when masked */
};
typedef bool participant_sink(void *ctx, const struct participant_row *row);
/* By kana, id.  'id' NULL: any.  'partition' NULL: any. */
int console_each_participant(struct console_reader *reader, const struct scope *scope,
			     const char *id, const char *partition,
			     participant_sink *sink, void *ctx, struct error *err);

struct ruleset_row {
	const char *sha256, *policy, *version;
	int64_t first_used;
};
typedef bool ruleset_sink(void *ctx, const struct ruleset_row *row);
/* The one used first most recently. */
int console_find_ruleset(struct console_reader *reader, const struct scope *scope,
			 ruleset_sink *sink, void *ctx, struct error *err);

/* ---- alerts ---- */

enum alert_key {
	ALERT_KEY_TEXT,
	ALERT_KEY_RULE,
	ALERT_KEY_SEVERITY,
	ALERT_KEY_STATE,
	ALERT_KEY_EPISODE,
	ALERT_KEY_CATEGORY,
	ALERT_KEY_DISPOSITION,
	ALERT_KEY_CLIENT,
	ALERT_KEY_SERVER,
	ALERT_KEY_EITHER,
	ALERT_KEY_SERVICE,
	ALERT_KEY_POI,
	ALERT_KEY_PORT,
	ALERT_KEY_ASSIGNEE,
	ALERT_KEY_REASON,
	ALERT_KEY_ID,
	ALERT_KEY_LATE,
	ALERT_KEY_NOTED,
	ALERT_KEY_UNASSIGNED,
	ALERT_KEY_COUNT
};
enum alert_compare {
	ALERT_EQUAL,
	ALERT_BELOW,
	ALERT_AT_MOST,
	ALERT_ABOVE,
	ALERT_AT_LEAST,
	ALERT_COMPARE_COUNT
};

enum {
	ALERT_TERMS_MAX = 32,
	ALERT_VALUES_MAX = 64,
	ALERT_PAGE_MAX = 500,
	ALERT_TOTAL_MAX = 10000
};

/* One word of a query; the caller has checked that its values are of its key. */
struct alert_term {
	enum alert_key key;
	enum alert_compare compare; /* severity only */
	bool is_negated;
	bool is_prefix;  /* rule only: value is a beginning */
	uint8_t values;  /* alternatives, at least 1; all terms have at most
			    ALERT_VALUES_MAX */
	char value[256]; /* each ended by NUL */
};

enum alert_tab { ALERT_TAB_INBOX, ALERT_TAB_MINE, ALERT_TAB_ESCALATED, ALERT_TAB_ALL };
enum alert_sort { ALERT_SORT_LAST, ALERT_SORT_SEVERITY, ALERT_SORT_FIRST };

struct alert_filter {
	enum alert_tab tab;
	const char *me; /* whose 'mine' is */
	struct alert_term term[ALERT_TERMS_MAX];
	size_t term_count;
	int64_t from, to;  /* active in [from, to); 0: open end */
	int64_t as_of_seq; /* none newer; 0: any */
	int64_t after_seq; /* newer only; 0: any */
	const char *ids;   /* those of a JSON list; NULL: any */
};

struct alert_cursor { /* the last row of the page before */
	int rank;
	int64_t at;
	char id[65]; /* "": from the start */
};

struct alert_party {
	const char *id;
	struct title title;
	const char *region, *ip;
	bool is_masked;
};

struct alert_item {
	int64_t seq;
	const char *id, *rule, *category, *severity;
	int rank; /* severity as a number, 1 info to 5 critical */
	struct title title, sentence;
	const char *conditions, *evidence; /* JSON lists */
	int evidence_count, notes;
	struct alert_party client, server;
	const char *service, *service_kind;
	struct title service_title;
	int server_port;
	const char *poi, *vlan, *community_id;
	const char *episode, *disposition, *exception;
	int64_t first, last, count;
	const char *ruleset;
	bool is_late;
	const char *state, *reason, *assignee;
	int64_t changed; /* 0: never */
	int version;
};
typedef bool alert_item_sink(void *ctx, const struct alert_item *item);

/* A page of at most 'limit' rows after the cursor, in the order of 'sort'. */
int console_each_alert(struct console_reader *reader, const struct scope *scope,
		       const struct alert_filter *filter, enum alert_sort sort,
		       const struct alert_cursor *after, int limit,
		       alert_item_sink *sink, void *ctx, struct error *err);
/* By seq: what is newer than filter->after_seq. */
int console_each_new_alert(struct console_reader *reader, const struct scope *scope,
			   const struct alert_filter *filter, int limit,
			   alert_item_sink *sink, void *ctx, struct error *err);
/* How many, counted up to ALERT_TOTAL_MAX + 1. */
int console_count_alerts(struct console_reader *reader, const struct scope *scope,
			 const struct alert_filter *filter, int *count,
			 struct error *err);
/* Ids only, by id, and when people last changed them (id of workflow_history, 0:
 * never). */
typedef bool alert_id_sink(void *ctx, const char *id, int64_t last_change);
int console_each_alert_id(struct console_reader *reader, const struct scope *scope,
			  const struct alert_filter *filter, alert_id_sink *sink,
			  void *ctx, struct error *err);

enum alert_grouping {
	ALERT_GROUP_NONE,
	ALERT_GROUP_RULE,
	ALERT_GROUP_CLIENT,
	ALERT_GROUP_SERVER,
	ALERT_GROUP_PAIR,
	ALERT_GROUP_POI
};
struct alert_group {
	const char *key, *second; /* second: the server of a pair, else "" */
	struct title title, second_title;
	int64_t alerts, occurrences, open;
	int rank; /* the worst */
	int64_t first, last;
};
typedef bool alert_group_sink(void *ctx, const struct alert_group *group);
/* At most 200, most alerts first. */
int console_each_alert_group(struct console_reader *reader, const struct scope *scope,
			     const struct alert_filter *filter,
			     enum alert_grouping grouping, alert_group_sink *sink,
			     void *ctx, struct error *err);

/* Greatest alert seq and workflow change there are, seen or not. */
struct console_head {
	int64_t seq, change;
};
int console_read_head(struct console_reader *reader, const struct scope *scope,
		      struct console_head *head, struct error *err);

struct evidence_row {
	const char *record;
	int64_t time;
	const char *line; /* JSON; "" if the store does not have it */
	bool is_masked;
};
typedef bool evidence_sink(void *ctx, const struct evidence_row *row);
/* In the order cited. */
int console_each_alert_evidence(struct console_reader *reader,
				const struct scope *scope, const char *alert,
				evidence_sink *sink, void *ctx, struct error *err);
int console_each_verdict_evidence(struct console_reader *reader,
				  const struct scope *scope, const char *requirement,
				  const char *participant, int64_t window_start,
				  evidence_sink *sink, void *ctx, struct error *err);

struct similar_row {
	const char *why; /* pair, client, rule */
	const char *id, *rule, *severity, *state, *reason;
	struct title title;
	int64_t first, last, count;
};
typedef bool similar_sink(void *ctx, const struct similar_row *row);
struct similar_counts {
	int rule, client, pair;
};
struct similar_key { /* an alert, by what others may share with it */
	const char *id, *rule, *client, *server;
};
/* At most 20, nearest first; counts in '*counts'. */
int console_each_similar(struct console_reader *reader, const struct scope *scope,
			 const struct similar_key *key, struct similar_counts *counts,
			 similar_sink *sink, void *ctx, struct error *err);

struct history_row {
	int64_t id, time;
	const char *alert, *user, *from, *to, *reason, *note, *assignee, *operation;
	const char *state; /* of the alert now, with its version */
	int version;
};
typedef bool history_sink(void *ctx, const struct history_row *row);
/* By id: of one alert, or (alert NULL) of all after the change 'after'. */
int console_each_history(struct console_reader *reader, const struct scope *scope,
			 const char *alert, int64_t after, int limit,
			 history_sink *sink, void *ctx, struct error *err);

/* ---- compliance ---- */

struct window_row {
	const char *requirement, *participant;
	int64_t from, to;
	const char *verdict;
	bool is_provisional;
	const char *disposition, *exception;
	int64_t good, bad, unknown, failed;
	uint32_t coverage; /* millionths */
	const char *reason, *evidence_class, *ruleset;
	int evidence_count, revision;
};
typedef bool window_sink(void *ctx, const struct window_row *row);
struct window_filter {
	const char *region;                    /* NULL: any */
	const char *requirement, *participant; /* NULL: any */
	int64_t from, to; /* windows that overlap [from, to), at most 32 days long */
};
/* By requirement, participant, begin. */
int console_each_window(struct console_reader *reader, const struct scope *scope,
			const struct window_filter *filter, window_sink *sink,
			void *ctx, struct error *err);

struct reason_row {
	const char *reason;
	int64_t count;
};
typedef bool reason_sink(void *ctx, const struct reason_row *row);
/* Of the windows of the filter, most frequent first, at most 20. */
int console_each_reason(struct console_reader *reader, const struct scope *scope,
			const struct window_filter *filter, reason_sink *sink,
			void *ctx, struct error *err);

struct coverage_hour {
	const char *sensor, *poi;
	int64_t hour;
	int64_t observed, packets, lost, lost_stream, lost_flow, lost_records;
};
typedef bool coverage_sink(void *ctx, const struct coverage_hour *row);
/* By sensor, POI, hour, in [from, to); of sensors that can see the scope's lines. */
int console_each_coverage(struct console_reader *reader, const struct scope *scope,
			  int64_t from, int64_t to, coverage_sink *sink, void *ctx,
			  struct error *err);

struct sensor_item {
	const char *sensor, *poi;
	int64_t first, last, last_record, records;
	const char *participants; /* JSON list of those in scope */
};
typedef bool sensor_item_sink(void *ctx, const struct sensor_item *row);
/* By sensor, POI. */
int console_each_sensor(struct console_reader *reader, const struct scope *scope,
			sensor_item_sink *sink, void *ctx, struct error *err);

/* ---- incidents ---- */

/* Of two alerts or more the scope sees, the newest first. */
int console_each_incident(struct console_reader *reader, const struct scope *scope,
			  int limit, incident_sink *sink, void *ctx, struct error *err);
/* JSON list of the ids of an incident's alerts, by the time they opened, "[]" if there is
 * none; at most 200.  Who sees them is for the reader of alerts to say. */
int console_incident_alerts(struct console_reader *reader, const char *incident,
			    char *ids, size_t room, struct error *err);

/* ---- overview ---- */

struct open_alerts_row {
	const char *severity, *state, *disposition;
	int64_t alerts, under_hour, under_day, under_week,
		oldest; /* oldest: least 'first' */
};
typedef bool open_alerts_sink(void *ctx, const struct open_alerts_row *row);
/* Alerts that are not closed, by severity, state and disposition. */
int console_each_open_alerts(struct console_reader *reader, const struct scope *scope,
			     int64_t now, open_alerts_sink *sink, void *ctx,
			     struct error *err);

struct verdict_count {
	const char *verdict;
	int64_t count, provisional;
};
typedef bool verdict_count_sink(void *ctx, const struct verdict_count *row);
/* Of windows that overlap [from, to). */
int console_each_verdict_count(struct console_reader *reader, const struct scope *scope,
			       int64_t from, int64_t to, verdict_count_sink *sink,
			       void *ctx, struct error *err);

struct traffic_row {
	int64_t hour;
	const char *event;
	int64_t records, bytes;
};
typedef bool traffic_sink(void *ctx, const struct traffic_row *row);
/* By hour, event. */
int console_each_traffic(struct console_reader *reader, const struct scope *scope,
			 int64_t from, int64_t to, traffic_sink *sink, void *ctx,
			 struct error *err);

struct alert_hour {
	int64_t hour;
	const char *severity;
	int64_t alerts;
};
typedef bool alert_hour_sink(void *ctx, const struct alert_hour *row);
/* Alerts by the hour of their begin. */
int console_each_alert_hour(struct console_reader *reader, const struct scope *scope,
			    int64_t from, int64_t to, alert_hour_sink *sink, void *ctx,
			    struct error *err);

struct node_row {
	const char *region, *service, *service_kind;
	struct title title;
	int64_t records, bytes, last_hour;
	int64_t alerts[5]; /* critical to info */
};
typedef bool node_sink(void *ctx, const struct node_row *row);
/* Regions x services with traffic since 'from' or an open alert; 'hour' begins the last
 * hour. */
int console_each_node(struct console_reader *reader, const struct scope *scope,
		      int64_t from, int64_t hour, node_sink *sink, void *ctx,
		      struct error *err);

#endif
