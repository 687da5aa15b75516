/* SPDX-License-Identifier: Apache-2.0 */
/*
 * correlating: the state of all correlations: who waits, who remembers what, what
 * fires.
 *
 * One stage a POI, and one over all of them.  Events wait behind the least time
 * of the stage's lanes, less a lateness, and are taken in the order of (time,
 * sensor, lane, seq).  What comes later than that is counted, and still given
 * to the windows it fits into.  All of it is a function of the calls, so a
 * journal of them brings it back after a death (correlating_keep).
 */
#ifndef CORRELATOR_SIGMA_CORRELATING_H
#define CORRELATOR_SIGMA_CORRELATING_H

#include "common/error.h"
#include "correlator/sigma/correlation.h"

enum {
	CORRELATING_RECORDS_MAX = 16, /* of a group, cited by an alert */
	CORRELATING_NAME_SIZE = 65,   /* of a sensor, epoch or POI, with its NUL */
	CORRELATING_STAGES_MAX = 4096
};
#define CORRELATING_LATENESS        (10 * INSTANT_SECOND)
#define CORRELATING_LATENESS_ACROSS (10 * INSTANT_MINUTE)
/* A lane that is so far behind its stage's furthest is not waited for. */
#define CORRELATING_BEHIND          INSTANT_MINUTE
/* The stage over all POIs; no POI is called so. */
#define CORRELATING_ACROSS          "*"

struct correlating_limits {
	size_t groups;  /* a correlation and stage */
	size_t bytes;   /* of all groups */
	size_t waiting; /* events of all stages */
};
extern const struct correlating_limits correlating_limits_default;

/* COUNT(id, name, meaning) */
#define CORRELATING_COUNTS(COUNT)                                                      \
	COUNT(EVENTS, "correlation_events", "matches given to correlations")           \
	COUNT(FIRED, "correlation_fired", "times a correlation began to hold")         \
	COUNT(LATE, "correlation_late", "matches that came behind the watermark")      \
	COUNT(MISSING, "correlation_no_group", "matches without a field of the group") \
	COUNT(EVICTED, "correlation_evicted",                                          \
	      "groups forgotten for want of room: coverage lost")                      \
	COUNT(HURRIED, "correlation_hurried",                                          \
	      "matches taken before their time for want of room")                      \
	COUNT(STAGES, "correlation_no_stage", "matches of POIs over the limit")

enum correlating_count {
#define COUNT(id, name, meaning) CORRELATING_##id,
	CORRELATING_COUNTS(COUNT)
#undef COUNT
		CORRELATING_COUNT_COUNT
};

/* Where a record came from. */
struct record_place {
	const char *sensor, *epoch;
	uint32_t lane;
};
struct record_name {
	struct record_place place;
	uint64_t seq;
	int64_t time;
};

/* What fired; lives for the call. */
struct correlation_hit {
	const struct correlation *correlation;
	const struct requirement *about;
	const char *poi;
	struct text group;
	int64_t now, first; /* the window's end; the oldest event that is remembered */
	uint64_t value;
	size_t record_count; /* the last is the one that made it fire */
	struct record_name record[CORRELATING_RECORDS_MAX];
};
/* What was counted, and the group, as conditions of a finding. */
void correlation_hit_list(const struct correlation_hit *hit, struct finding *finding);
/* -1 ends the call that led to it with -1. */
typedef int correlation_hit_sink(void *ctx, const struct correlation_hit *hit);

struct correlating;

/* Borrows the set.  'limits' NULL: the default. */
struct correlating *correlating_new(const struct sigma *sigma,
				    const struct correlating_limits *limits,
				    correlation_hit_sink *sink, void *ctx);
void correlating_free(struct correlating *correlating);

/* The lane of that POI stands at 'time'; what waited for it is taken. */
int correlating_time(struct correlating *correlating, const char *poi,
		     const struct record_place *place, int64_t time);
/* An event of a record of that POI. */
int correlating_add(struct correlating *correlating, const char *poi,
		    const struct record_name *record,
		    const struct correlation_event *event);
/* No record will come any more: takes all that waits. */
int correlating_end(struct correlating *correlating);
uint64_t correlating_counter(const struct correlating *correlating,
			     enum correlating_count count);
/* Bytes of all groups now, and how many groups. */
size_t correlating_bytes(const struct correlating *correlating);
size_t correlating_groups(const struct correlating *correlating);

/*
 * What changed since the last call: for each stage its journal, or ('is_whole')
 * all of it, which replaces what was kept.  -1 if the sink says so.
 */
typedef int correlating_sink(void *ctx, const char *poi, bool is_whole,
			     const uint8_t *data, size_t size);
int correlating_keep(struct correlating *correlating, correlating_sink *sink,
		     void *ctx);
/* Gives back what was kept, in the order kept; nothing is fired.  Rules that have
 * changed since begin anew.  False if it is not what was kept. */
bool correlating_load(struct correlating *correlating, const char *poi, bool is_whole,
		      const uint8_t *data, size_t size);
/* After all is given back: where each lane stands. */
typedef int64_t correlating_clock(void *ctx, const struct record_place *place);
void correlating_resume(struct correlating *correlating, correlating_clock *clock,
			void *ctx);

#endif
