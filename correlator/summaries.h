/* SPDX-License-Identifier: Apache-2.0 */
/* summaries: records and bytes per hour, pair of partitions, service and event, summed
 * in memory. */
#ifndef CORRELATOR_SUMMARIES_H
#define CORRELATOR_SUMMARIES_H

#include <stdbool.h>

#include "common/error.h"
#include "common/record.h"
#include "correlator/policy/policy.h"
#include "store/store.h"

enum { SUMMARIES_MAX = 4096 };

struct summaries;

struct summaries *summaries_new(void);
void summaries_free(struct summaries *summaries);
/* False, and nothing added, if they are full: flush them. */
bool summaries_add(struct summaries *summaries, const char *poi,
		   const struct record *record, const struct parties *parties);
int summaries_flush(struct summaries *summaries, struct store *store,
		    struct error *err);

#endif
