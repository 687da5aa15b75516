/* SPDX-License-Identifier: Apache-2.0 */
/* alert_request: what a request says about which alerts, as the store's filter. */
#ifndef DASHBOARDS_CONSOLE_ALERT_REQUEST_H
#define DASHBOARDS_CONSOLE_ALERT_REQUEST_H

#include "dashboards/console/exchange.h"

/* "inbox", ...; NULL or "" is 'otherwise'. False if it is none. */
bool alert_request_tab(const char *word, enum alert_tab otherwise, enum alert_tab *tab);
/* False, and answered, if 'query' is none. */
bool alert_request_query(struct exchange *exchange, const char *query,
			 struct alert_filter *filter);
/* RFC 3339 with an offset; NULL or "" is 0. */
bool alert_request_time(const char *text, int64_t *usec);
/* A number of the query string in [least, most]; 'otherwise' if it is not there. */
bool exchange_number(const struct exchange *exchange, const char *name, int64_t least,
		     int64_t most, int64_t otherwise, int64_t *number);

#endif
