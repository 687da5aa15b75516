/* SPDX-License-Identifier: Apache-2.0 */
/* alert_request: what a request says about which alerts, as the store's filter. */
#include "dashboards/console/alert_request.h"

#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "dashboards/console/query.h"

bool
alert_request_tab(const char *word, enum alert_tab otherwise, enum alert_tab *tab)
{
	static const char *const tabs[] = { "inbox", "mine", "escalated", "all" };

	*tab = otherwise;
	if (word == NULL || word[0] == '\0')
		return true;
	for (int i = 0; i < 4; i++)
		if (strcmp(tabs[i], word) == 0) {
			*tab = (enum alert_tab)i;
			return true;
		}
	return false;
}

bool
alert_request_query(struct exchange *exchange, const char *query,
		    struct alert_filter *filter)
{
	struct query_fault fault;

	filter->me = exchange->session.user;
	if (query == NULL || query_parse(query, filter, &fault))
		return true;
	answer_problem(exchange, 400, "invalid_query",
		       json_pack("{s:i, s:s, s:s}", "at", (int)fault.at, "token",
				 fault.token, "expected", fault.expected));
	return false;
}

bool
alert_request_time(const char *text, int64_t *usec)
{
	struct instant at;

	*usec = 0;
	if (text == NULL || text[0] == '\0')
		return true;
	if (!instant_from_text(text, strlen(text), &at))
		return false;
	*usec = at.usec;
	return true;
}

bool
exchange_number(const struct exchange *exchange, const char *name, int64_t least,
		int64_t most, int64_t otherwise, int64_t *number)
{
	const char *text = http_request_parameter(exchange->http, name);
	char *end;

	*number = otherwise;
	if (text == NULL || text[0] == '\0')
		return true;
	if (strspn(text, "0123456789") != strlen(text) || strlen(text) > 18)
		return false;
	*number = strtoll(text, &end, 10);
	return *number >= least && *number <= most;
}
