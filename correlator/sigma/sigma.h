/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sigma: detections in the Sigma language as loaded, and which of them a record
 * matches.
 *
 * Loaded from detections/ and mappings/ below a folder of rules, immutable but
 * for scratch memory: one thread at a time.  docs/SIGMA.md says what of Sigma
 * 2.1 holds and where we differ.  A rule that cannot work here (a field no
 * record has, a modifier we lack) is kept with its reason, and never silently
 * without a match; a rule that is wrong refuses the whole set.
 */
#ifndef CORRELATOR_SIGMA_SIGMA_H
#define CORRELATOR_SIGMA_SIGMA_H

#include "common/error.h"
#include "common/record.h"
#include "correlator/policy/set.h"

enum detection_state {
	DETECTION_LOADED,
	DETECTION_SILENT, /* loaded, and by its level never an alert */
	DETECTION_NO_FIELD,
	DETECTION_NO_MODIFIER,
	DETECTION_NOT_APPLICABLE
};

/* Owned by the set.  'about' is of kind REQUIREMENT_DETECTION; its id is the rule's. */
struct detection_row {
	struct requirement about;
	const char *file;
	unsigned line;
	enum detection_state state;
	const char *reason; /* "" if loaded */
};

struct sigma;

/* 'path': the folder of rules; without detections/ below it the set is empty.  NULL
 * with "file:line:col: what; expected". */
struct sigma *sigma_load(const char *path, struct error *err);
/* The same from memory. */
struct sigma *sigma_parse(const struct rule_text *detections, size_t detection_count,
			  const struct rule_text *mappings, size_t mapping_count,
			  struct error *err);
void sigma_free(struct sigma *sigma);

/* Calls the sink once per alerting detection that matches, in the set's order, with
 * what matched as conditions. 'parties': NULL if nobody is known. */
void sigma_judge(const struct sigma *sigma, const struct record *record,
		 const struct parties *parties, finding_sink *sink, void *ctx);
/* Patterns that ran out of steps so far; such a comparison counted as false. */
uint64_t sigma_gave_up(const struct sigma *sigma);

size_t sigma_count(const struct sigma *sigma);
const struct detection_row *sigma_row(const struct sigma *sigma, size_t index);
/* In words for a table: "loaded", "silent", "unsupported field", ... */
const char *sigma_state_name(enum detection_state state);
/* Of all files, or "" if there are none. */
const char *sigma_sha256(const struct sigma *sigma);

/* Runs the tests rules carry, with parties as 'policy' knows them.  Returns how many
 * failed, or -1 if one is no test. */
int sigma_test(const struct sigma *sigma, const struct policy *policy,
	       policy_test_sink *sink, void *ctx, struct error *err);

#endif
