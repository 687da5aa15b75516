/* SPDX-License-Identifier: Apache-2.0 */
/* route_overview: the first page, and the sensors. */
#include "dashboards/console/alert_request.h"
#include "dashboards/console/overview.h"
#include "dashboards/console/routes.h"
#include "dashboards/console/sensors.h"

void
route_overview(struct exchange *exchange)
{
	struct console *console = exchange->console;
	int64_t hours;
	struct error err;

	if (!exchange_number(exchange, "hours", 1, OVERVIEW_HOURS_MAX, OVERVIEW_HOURS,
			     &hours)) {
		answer_invalid(exchange, "hours");
		return;
	}
	json_t *json =
		console->reader == NULL
			? NULL
			: overview_json(console->reader, &exchange->scope,
					console->zone, (int)hours, exchange->now, &err);
	if (json == NULL)
		answer_failure(exchange, &err);
	else
		answer_json(exchange, 200, json);
}

void
route_sensors(struct exchange *exchange)
{
	struct console_reader *reader = exchange->console->reader;
	struct sensor_states states = { 0 };
	struct error err;

	if (reader == NULL || sensor_states_read(reader, &exchange->scope,
						 exchange->now, &states, &err) == -1)
		answer_failure(exchange, &err);
	else
		answer_json(exchange, 200,
			    sensors_json(&states, exchange->scope.is_all));
	sensor_states_release(&states);
}
