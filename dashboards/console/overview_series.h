/* SPDX-License-Identifier: Apache-2.0 */
/* overview_series: what the overview draws: the schematic's nodes, and numbers by the
 * hour. */
#ifndef DASHBOARDS_CONSOLE_OVERVIEW_SERIES_H
#define DASHBOARDS_CONSOLE_OVERVIEW_SERIES_H

#include <jansson.h>

#include "store/console_reads.h"

/* Of the last 'hours' and the one that has begun; NULL with a reason. */
json_t *overview_nodes(struct console_reader *reader, const struct scope *scope,
		       int hours, int64_t now, struct error *err);
json_t *overview_series(struct console_reader *reader, const struct scope *scope,
			int hours, int64_t now, struct error *err);

#endif
