/* SPDX-License-Identifier: Apache-2.0 */
/* present: rows of the store as the JSON of docs/API.md.  Every result is the caller's.
 */
#ifndef DASHBOARDS_CONSOLE_PRESENT_H
#define DASHBOARDS_CONSOLE_PRESENT_H

#include <jansson.h>

#include "store/console_reads.h"

/* RFC 3339 UTC with milliseconds; null for 0. */
json_t *present_time(int64_t usec);
json_t *present_title(struct title title);
/* Millionths to a share, cut to six digits. */
json_t *present_share(int64_t millionths);
/* The JSON text of a column; 'otherwise' (taken over) if it is none. */
json_t *present_column(const char *text, json_t *otherwise);
json_t *present_alert(const struct alert_item *item);
json_t *present_requirement(const struct requirement_row *row);
json_t *present_participant(const struct participant_row *row);
json_t *present_ruleset(const struct ruleset_row *row);
json_t *present_evidence(const struct evidence_row *row);
const char *present_severity(int rank);

#endif
