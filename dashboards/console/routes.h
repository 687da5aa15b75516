/* SPDX-License-Identifier: Apache-2.0 */
/*
 * routes: every route of the API, with who may use it and whose rows it reads.
 *
 * One table.  A route without permission or scope cannot be written: they are
 * arguments of the macro that makes a row.  'sekisho-console --print-routes'
 * prints it, and the tests walk it with every role.
 */
#ifndef DASHBOARDS_CONSOLE_ROUTES_H
#define DASHBOARDS_CONSOLE_ROUTES_H

#include <stdio.h>

#include "dashboards/console/exchange.h"
#include "dashboards/console/role.h"

enum scope_mode {
	SCOPE_NOTHING,   /* reads no rows of the store */
	SCOPE_SELF,      /* the user's own session and audit rows */
	SCOPE_PARTITION, /* rows of the session's scope; the handler gets it in
			    exchange->scope */
	SCOPE_ALL /* rows without partition: refused to regional roles whatever the
		     table of roles says */
};

typedef void route_handler(struct exchange *exchange);

/* http_handler of the whole console: API, page and what the guard refused. */
void routes_handle(void *console, struct http_request *request);
/* As a JSON list of {method, path, permission, scope}. */
void routes_print(FILE *out);

route_handler route_login, route_logout, route_me, route_health;
route_handler route_overview, route_sensors, route_stream;
route_handler route_alerts, route_alert, route_alert_action, route_bulk, route_undo;
route_handler route_incidents, route_incident;
route_handler route_regions, route_requirements, route_compliance,
	route_compliance_cell;
route_handler route_users, route_audit, route_audit_verify;

#endif
