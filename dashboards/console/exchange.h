/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exchange: one request of the API and its answer: JSON, or a problem (RFC 9457).
 *
 * A route's handler gets one whose session, permission, origin and body have
 * been checked, and answers it exactly once.
 */
#ifndef DASHBOARDS_CONSOLE_EXCHANGE_H
#define DASHBOARDS_CONSOLE_EXCHANGE_H

#include <jansson.h>

#include "dashboards/console/console.h"
#include "dashboards/console/session.h"

/* Shares are millionths, delays milliseconds: nine digits say them without a tail. */
#define EXCHANGE_JSON (JSON_COMPACT | JSON_REAL_PRECISION(9))

enum { EXCHANGE_ARGUMENTS_MAX = 2, EXCHANGE_ARGUMENT_SIZE = 256 };

struct exchange {
	struct console *console;
	struct http_request *http;
	struct session session; /* empty on public routes */
	struct scope
		scope; /* of the store's rows; borrows the session; empty: nothing */
	char argument[EXCHANGE_ARGUMENTS_MAX][EXCHANGE_ARGUMENT_SIZE]; /* of the path */
	json_t *body; /* POST: an object, borrowed; else NULL */
	int64_t now;
	char address[64]; /* of the client, as the proxy says */
	bool is_https;
};

/* Both take over the reference; NULL is an answer without body, or no parameters. */
void answer_json(struct exchange *exchange, int status, json_t *json);
void answer_problem(struct exchange *exchange, int status, const char *code,
		    json_t *params);
void answer_invalid(struct exchange *exchange, const char *parameter);
void answer_not_found(struct exchange *exchange);
/* Of a store that failed: logs, and answers query_timeout, store_unavailable or
 * internal. */
void answer_failure(struct exchange *exchange, const struct error *err);

/* Of the body: NULL if it is no text, or over 'most' bytes; "" if it is not there. */
const char *exchange_text(const struct exchange *exchange, const char *name,
			  size_t most);
/* False, and answered with invalid_body, if the body has members other than these (NULL
 * ends). */
bool exchange_has_only(struct exchange *exchange, const char *const *names);

/* One audit row of this user; 'user' is for logins, else NULL. */
int exchange_audit(struct exchange *exchange, const char *user, const char *action,
		   const char *object, const char *detail, const char *result,
		   struct error *err);

#endif
