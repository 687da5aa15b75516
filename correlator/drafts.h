/* SPDX-License-Identifier: Apache-2.0 */
/*
 * drafts: requirements that are not in force run beside those that are, and only
 * say in the log, once per closed window, what they would change.
 *
 * Held in memory: after a restart the open window starts anew.
 */
#ifndef CORRELATOR_DRAFTS_H
#define CORRELATOR_DRAFTS_H

#include "correlator/coverage.h"
#include "correlator/policy/policy.h"

enum { DRAFTS_ROWS_MAX = 1 << 16 };

struct drafts;

/* NULL if the policy has none. */
struct drafts *drafts_new(const struct policy *policy);
void drafts_free(struct drafts *drafts);

/* What an active requirement said, for the draft that is to replace it. */
void drafts_note(struct drafts *drafts, const struct finding *finding, int64_t begin,
		 const char *record_id);
void drafts_judge(struct drafts *drafts, const struct record *record,
		  const struct parties *parties, int64_t begin, const char *record_id);
/* Logs the differences of windows that ended by 'watermark', and forgets them. */
int drafts_tell(struct drafts *drafts, struct coverage *coverage, int64_t watermark,
		struct error *err);

#endif
