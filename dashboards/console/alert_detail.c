/* SPDX-License-Identifier: Apache-2.0 */
/* alert_detail: finding one alert by id, and its version as an ETag. */
#include "dashboards/console/alert_detail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
alert_find(struct console_reader *reader, const struct scope *scope, const char *id,
	   alert_item_sink *sink, void *ctx, struct error *err)
{
	struct alert_cursor start = { 0 };
	char ids[128];

	if (strspn(id, "0123456789abcdef") != 64 || id[64] != '\0')
		return 0;
	struct alert_filter *filter = calloc(1, sizeof(*filter));
	if (filter == NULL)
		return error_set(err, "no memory to find an alert");
	snprintf(ids, sizeof(ids), "[\"%s\"]", id);
	filter->tab = ALERT_TAB_ALL;
	filter->ids = ids;
	int found = console_each_alert(reader, scope, filter, ALERT_SORT_LAST, &start,
				       1, sink, ctx, err);
	free(filter);
	return found;
}

void
alert_etag(struct http_request *request, int version)
{
	char text[24];

	snprintf(text, sizeof(text), "\"%d\"", version);
	http_answer_header(request, "ETag", text);
}
