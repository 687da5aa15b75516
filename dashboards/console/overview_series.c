/* SPDX-License-Identifier: Apache-2.0 */
/* overview_series: what the overview draws: the schematic's nodes, and numbers by the
 * hour. */
#include "dashboards/console/overview_series.h"

#include "common/instant.h"
#include "dashboards/console/present.h"

static const char *const severities[] = { "critical", "high", "medium", "low", "info" };

static int64_t
begin_of(int hours, int64_t now)
{
	return now / INSTANT_HOUR * INSTANT_HOUR - hours * INSTANT_HOUR;
}

static bool
add_node(void *ctx, const struct node_row *row)
{
	json_t *alerts = json_object();

	for (int i = 0; i < 5; i++)
		json_object_set_new(alerts, severities[i],
				    json_integer(row->alerts[i]));
	json_array_append_new(
		ctx, json_pack("{s:s, s:s, s:s, s:o, s:I, s:I, s:I, s:o}", "region",
			       row->region, "service", row->service, "service_kind",
			       row->service_kind, "title", present_title(row->title),
			       "records", (json_int_t)row->records, "bytes",
			       (json_int_t)row->bytes, "last_hour",
			       (json_int_t)row->last_hour, "alerts", alerts));
	return true;
}

json_t *
overview_nodes(struct console_reader *reader, const struct scope *scope, int hours,
	       int64_t now, struct error *err)
{
	json_t *list = json_array();
	int64_t hour = now / INSTANT_HOUR * INSTANT_HOUR;

	if (console_each_node(reader, scope, begin_of(hours, now), hour, add_node, list,
			      err) != -1)
		return list;
	json_decref(list);
	return NULL;
}

struct series {
	json_t *records, *bytes, *alerts;
	int64_t begin;
	int count;
};

static json_t *
zeros(int count)
{
	json_t *list = json_array();

	for (int i = 0; i < count; i++)
		json_array_append_new(list, json_integer(0));
	return list;
}

static void
add_at(json_t *list, const struct series *series, int64_t hour, int64_t more)
{
	json_t *number =
		json_array_get(list, (size_t)((hour - series->begin) / INSTANT_HOUR));

	if (number != NULL)
		json_integer_set(number, json_integer_value(number) + more);
}

static bool
add_traffic(void *ctx, const struct traffic_row *row)
{
	struct series *series = ctx;
	json_t *list = json_object_get(series->records, row->event);

	if (list == NULL) {
		list = zeros(series->count);
		json_object_set_new(series->records, row->event, list);
	}
	add_at(list, series, row->hour, row->records);
	add_at(series->bytes, series, row->hour, row->bytes);
	return true;
}

static bool
add_alerts(void *ctx, const struct alert_hour *row)
{
	struct series *series = ctx;

	add_at(json_object_get(series->alerts, row->severity), series, row->hour,
	       row->alerts);
	return true;
}

json_t *
overview_series(struct console_reader *reader, const struct scope *scope, int hours,
		int64_t now, struct error *err)
{
	struct series series = { json_object(), zeros(hours + 1), json_object(),
				 begin_of(hours, now), hours + 1 };
	json_t *json = json_pack("{s:o, s:i, s:i, s:o, s:o, s:o}", "start",
				 present_time(series.begin), "step", 3600, "count",
				 series.count, "records", series.records, "bytes",
				 series.bytes, "alerts", series.alerts);

	for (int i = 0; i < 5; i++)
		json_object_set_new(series.alerts, severities[i], zeros(series.count));
	if (console_each_traffic(reader, scope, series.begin, now + 1, add_traffic,
				 &series, err) != -1 &&
	    console_each_alert_hour(reader, scope, series.begin, now + 1, add_alerts,
				    &series, err) != -1)
		return json;
	json_decref(json);
	return NULL;
}
