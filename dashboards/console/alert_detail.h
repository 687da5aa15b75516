/* SPDX-License-Identifier: Apache-2.0 */
/* alert_detail: finding one alert by id, and its version as an ETag. */
#ifndef DASHBOARDS_CONSOLE_ALERT_DETAIL_H
#define DASHBOARDS_CONSOLE_ALERT_DETAIL_H

#include "dashboards/console/http.h"
#include "store/console_reads.h"

/* 1 if the scope sees an alert of that id (64 hexadecimal digits), 0 if not, -1 on
 * failure. */
int alert_find(struct console_reader *reader, const struct scope *scope, const char *id,
	       alert_item_sink *sink, void *ctx, struct error *err);
void alert_etag(struct http_request *request, int version);

#endif
