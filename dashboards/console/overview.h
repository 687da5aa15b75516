/* SPDX-License-Identifier: Apache-2.0 */
/* overview: the numbers of the first page, as GET /overview and the stream give them.
 */
#ifndef DASHBOARDS_CONSOLE_OVERVIEW_H
#define DASHBOARDS_CONSOLE_OVERVIEW_H

#include <jansson.h>

#include "common/calendar.h"
#include "store/console_reads.h"

enum { OVERVIEW_HOURS = 24, OVERVIEW_HOURS_MAX = 168 };

/* NULL with a reason. */
json_t *overview_json(struct console_reader *reader, const struct scope *scope,
		      struct zone zone, int hours, int64_t now, struct error *err);

#endif
