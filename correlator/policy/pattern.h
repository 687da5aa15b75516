/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern: regular expressions of rules; the door to PCRE2.
 *
 * At most 256 bytes (of detections 4096), over UTF-8, without \C and without callouts; matching
 * gives up at a fixed number of steps, which is an error and never a "no".
 */
#ifndef CORRELATOR_POLICY_PATTERN_H
#define CORRELATOR_POLICY_PATTERN_H

#include "common/error.h"
#include "common/text.h"
#include "correlator/policy/policy.h"

enum {
	PATTERN_SIZE_MAX = 256,
	PATTERN_LONG_MAX = 4096,
	PATTERN_STEPS_MAX = 100000
};

struct pattern;

/* NULL, with what is wrong where in '*err', if 'text' is none. */
struct pattern *pattern_new(const char *text, struct error *err);
/* The same with room for the patterns of others. */
struct pattern *pattern_new_long(const char *text, struct error *err);
void pattern_free(struct pattern *pattern);
/* OUTCOME_GOOD if it occurs in 'text', OUTCOME_BAD if not, OUTCOME_ERROR if the steps
 * ran out. */
enum outcome pattern_match(const struct pattern *pattern, struct text text);

/* Of the last match, in 'text': what the named group took; false if it took nothing. */
bool pattern_group(const struct pattern *pattern, const char *name, struct text text,
		   struct text *value);

#endif
