/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy: the connection requirements (接続要件) as loaded, and what each record says
 * to them.
 *
 * Loaded from rules/ ("policy/1", rules.md section 8 with the names of
 * decisions.md), compiled against an inventory, immutable.  A set whose
 * embedded tests fail, or with unknown keys, dangling references or missing
 * tests, is not loaded.  Judging a record is pure: the same record, set and
 * inventory give the same findings.
 */
#ifndef CORRELATOR_POLICY_POLICY_H
#define CORRELATOR_POLICY_POLICY_H

#include "common/error.h"
#include "common/instant.h"
#include "common/record.h"
#include "correlator/inventory/inventory.h"

enum outcome { OUTCOME_GOOD, OUTCOME_BAD, OUTCOME_UNKNOWN, OUTCOME_ERROR };

enum requirement_kind {
	REQUIREMENT_MATRIX,
	REQUIREMENT_SESSION,
	REQUIREMENT_PRESENCE,
	REQUIREMENT_FORBID,
	REQUIREMENT_MANUAL,
	REQUIREMENT_DETECTION /* none of a policy: a rule of correlator/sigma */
};

/* Owned by the policy. */
struct requirement {
	const char *id;
	enum requirement_kind kind;
	const char *status; /* draft, active, retired; only active ones give verdicts */
	const char *severity; /* critical, high, medium, low, info */
	struct title title, rationale, remedy, settled_by, document;
	const char *clause;
	int64_t window; /* microseconds: a day, or more; aligned to the policy's zone */
	uint32_t min_coverage; /* millionths; default 950,000 */
	uint32_t max_unknown;  /* millionths of the samples; default 50,000 */
	uint32_t min_samples;  /* default 1 */
	uint32_t min_count;    /* presence: records a window must have; default 1 */
	const char *replaces; /* draft: id of the active one it is to replace, or "" */
	size_t index;
};

/*
 * A requirement of severity info is advice: it gives verdicts and stands in
 * reports, but raises no alert and does not make a session a violating one.
 */
static inline bool
requirement_is_advice(const struct requirement *requirement)
{
	return requirement->severity[0] == 'i';
}

static inline bool
requirement_is_active(const struct requirement *requirement)
{
	return requirement->status[0] == 'a';
}

static inline bool
requirement_is_draft(const struct requirement *requirement)
{
	return requirement->status[0] == 'd';
}

/* Client and server of a record as the inventory knows them. */
struct parties {
	struct party client, server;
	bool is_known; /* false: direction_confidence none, so nothing about roles may
			  be said */
};

enum { CONDITIONS_MAX = 16 };

/* One comparison that was made, for the alert's table. */
struct condition {
	char what[64];      /* field path, or "connection" */
	char required[160]; /* in words, such as ">= TLS 1.2" */
	char observed[160]; /* the value, or "" */
	enum outcome outcome;
	char reason[32]; /* unknown: encrypted, resumed, loss, ..., not_looked */
};

/* Another record that made a finding. */
struct finding_record {
	char id[192]; /* "sensor/epoch/lane/seq" */
	struct instant at;
};

struct finding {
	const struct requirement *requirement;
	const struct participant *subject; /* NULL: the unknown participant */
	enum outcome outcome;
	char reason[32];        /* of an unknown outcome */
	char by[64];            /* matrix: id of the entry that decided, or "default" */
	const char *exception;  /* id of the exception that accepts it, or NULL */
	const char *group; /* correlation: its group, which the alert's is; or NULL */
	size_t record_count; /* correlation: the records before the one that decided */
	const struct finding_record *record; /* borrowed for the call */
	size_t condition_count; /* filled for OUTCOME_BAD only */
	struct condition condition[CONDITIONS_MAX];
};

typedef void finding_sink(void *ctx, const struct finding *finding);

struct policy;
struct sigma; /* correlator/sigma/sigma.h */

/* 'path': a folder (requirements/ below it, or its own *.yaml) or a file. */
struct policy *policy_load(const char *path, const struct inventory *inventory,
			   struct error *err);
/* The same without running the tests, for 'sekisho rules test'. */
struct policy *policy_load_untested(const char *path, const struct inventory *inventory,
				    struct error *err);
/* Of one embedded test; 'why' is "" if it passed, else one line "file:line:col: what;
 * expected". */
typedef void policy_test_sink(void *ctx, const char *name, const char *why);
/*
 * Runs the embedded tests, against the inventory the policy names for them, or
 * else its own.  Returns how many failed, or -1 with '*err' if one is no test.
 */
int policy_test(const struct policy *policy, policy_test_sink *sink, void *ctx,
		struct error *err);
void policy_free(struct policy *policy);

struct parties policy_parties(const struct policy *policy, const struct record *record);
/* Calls the sink once per active requirement that has this record in scope. */
void policy_judge(const struct policy *policy, const struct record *record,
		  const struct parties *parties, finding_sink *sink, void *ctx);

/* The same for those that are drafts: what they say counts nowhere yet. */
bool policy_has_drafts(const struct policy *policy);
void policy_judge_drafts(const struct policy *policy, const struct record *record,
			 const struct parties *parties, finding_sink *sink, void *ctx);

/* The detections loaded with it: detections/ and mappings/ of the same folder. */
const struct sigma *policy_detections(const struct policy *policy);
/* False if the inventory knows nobody, so that nothing may be said of who is registered. */
bool policy_knows_parties(const struct policy *policy);

/*
 * Presence: the side on which something of the participant must be seen, or
 * POLICY_NOBODY.  '*service' (may be NULL) is the one service it must be seen
 * at, or NULL if several or none are meant.
 */
enum policy_side { POLICY_NOBODY, POLICY_CLIENT, POLICY_SERVER };
enum policy_side policy_must_show(const struct policy *policy,
				  const struct requirement *requirement,
				  const struct participant *participant,
				  const struct service **service);
/* True if the participant can be the subject of a verdict of the requirement. */
bool policy_speaks_of(const struct policy *policy, const struct requirement *requirement,
		      const struct participant *participant);
/* Event types of its records, a bit each; 0 of kind manual. */
uint64_t policy_events(const struct policy *policy, const struct requirement *requirement);
/* The fields it compares, each once, in "where" and "expect"; returns how many. */
enum { POLICY_FIELDS_MAX = 2 * CONDITIONS_MAX };
size_t policy_fields(const struct policy *policy, const struct requirement *requirement,
		     enum field_id field[POLICY_FIELDS_MAX]);
/* Id of the exception that accepts a silence of 'participant' at that time, or NULL. */
const char *policy_exempts_silence(const struct policy *policy,
				   const struct requirement *requirement,
				   const struct participant *participant, struct instant at);

size_t policy_requirement_count(const struct policy *policy);
const struct requirement *policy_requirement(const struct policy *policy, size_t index);
const char *policy_id(const struct policy *policy);
const char *policy_version(const struct policy *policy);
/* SHA-256 of rules, detections and inventory together, hexadecimal: what a verdict names. */
const char *policy_sha256(const struct policy *policy);
/* Seconds east of UTC of the policy's zone; Asia/Tokyo is 32,400. */
int policy_zone(const struct policy *policy);

#endif
