/* SPDX-License-Identifier: Apache-2.0 */
/* routes: every route of the API, with who may use it and whose rows it reads. */
#include "dashboards/console/routes.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/log.h"
#include "common/text.h"
#include "dashboards/console/origin.h"
#include "dashboards/console/static_files.h"

struct route {
	enum http_method method;
	const char *path; /* {…} takes one segment */
	enum permission permission;
	enum scope_mode scope;
	route_handler *handler;
};

#define ROUTE(method, path, permission, scope, handler)                                \
	{                                                                              \
		HTTP_##method, "/api/v1" path, PERMISSION_##permission, SCOPE_##scope, \
			route_##handler                                                \
	}

/* clang-format off */
static const struct route routes[] = {
	ROUTE(GET,  "/health",                    PUBLIC,          NOTHING,   health),
	ROUTE(POST, "/login",                     PUBLIC,          NOTHING,   login),
	ROUTE(POST, "/logout",                    SELF,            SELF,      logout),
	ROUTE(GET,  "/me",                        SELF,            PARTITION, me),
	ROUTE(GET,  "/overview",                  OVERVIEW_READ,   PARTITION, overview),
	ROUTE(GET,  "/alerts",                    ALERTS_READ,     PARTITION, alerts),
	ROUTE(POST, "/alerts/bulk",               ALERTS_WORK,     PARTITION, bulk),
	ROUTE(POST, "/alerts/bulk/undo/{op}",     ALERTS_WORK,     PARTITION, undo),
	ROUTE(GET,  "/alerts/{id}",               ALERTS_READ,     PARTITION, alert),
	ROUTE(POST, "/alerts/{id}/{action}",      ALERTS_NOTE,     PARTITION, alert_action),
	ROUTE(GET,  "/incidents",                 ALERTS_READ,     PARTITION, incidents),
	ROUTE(GET,  "/incidents/{id}",            ALERTS_READ,     PARTITION, incident),
	ROUTE(GET,  "/regions",                   COMPLIANCE_READ, PARTITION, regions),
	ROUTE(GET,  "/requirements",              COMPLIANCE_READ, PARTITION, requirements),
	ROUTE(GET,  "/compliance",                COMPLIANCE_READ, PARTITION, compliance),
	ROUTE(GET,  "/compliance/{requirement}/{participant}", COMPLIANCE_READ, PARTITION, compliance_cell),
	ROUTE(GET,  "/sensors",                   SENSORS_READ,    PARTITION, sensors),
	ROUTE(GET,  "/stream",                    STREAM_READ,     PARTITION, stream),
	ROUTE(GET,  "/users",                     USERS_READ,      ALL,       users),
	ROUTE(GET,  "/audit",                     AUDIT_OWN,       SELF,      audit),
	ROUTE(GET,  "/audit/verify",              AUDIT_READ,      ALL,       audit_verify),
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

void
routes_print(FILE *out)
{
	static const char *const methods[] = { "GET", "HEAD", "POST" };
	static const char *const scopes[] = { "nothing", "self", "partition", "all" };
	json_t *list = json_array();

	for (size_t i = 0; i < COUNT(routes); i++)
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:s, s:s}", "method",
						methods[routes[i].method], "path",
						routes[i].path, "permission",
						permission_name(routes[i].permission),
						"scope", scopes[routes[i].scope]));
	json_dumpf(list, out, JSON_INDENT(1));
	fputc('\n', out);
	json_decref(list);
}

/* One segment against one of the pattern's; what {…} takes goes into 'argument'. */
static bool
segment_fits(const char *pattern, size_t wanted, const char *path, size_t size,
	     char argument[EXCHANGE_ARGUMENT_SIZE], bool *is_argument)
{
	*is_argument = pattern[0] == '{';
	if (!*is_argument)
		return wanted == size && memcmp(pattern, path, size) == 0;
	if (size == 0 || size >= EXCHANGE_ARGUMENT_SIZE || !text_is_valid(path, size))
		return false;
	memcpy(argument, path, size);
	argument[size] = '\0';
	return true;
}

static bool
path_fits(const char *pattern, const char *path, struct exchange *exchange)
{
	int arguments = 0;

	while (*pattern == '/' && *path == '/') {
		size_t wanted = strcspn(++pattern, "/"), size = strcspn(++path, "/");
		char argument[EXCHANGE_ARGUMENT_SIZE];
		bool is_argument;
		if (!segment_fits(pattern, wanted, path, size, argument, &is_argument))
			return false;
		if (is_argument)
			memcpy(exchange->argument[arguments++], argument, size + 1);
		pattern += wanted;
		path += size;
	}
	return *pattern == '\0' && *path == '\0';
}

/* NULL if no route has the path; '*has_path' if one has it for another method. */
static const struct route *
find_route(struct exchange *exchange, bool *has_path)
{
	enum http_method method = http_request_method(exchange->http);
	const char *path = http_request_path(exchange->http);

	*has_path = false;
	for (size_t i = 0; i < COUNT(routes); i++) {
		if (!path_fits(routes[i].path, path, exchange))
			continue;
		*has_path = true;
		if (routes[i].method == method ||
		    (routes[i].method == HTTP_GET && method == HTTP_HEAD))
			return &routes[i];
	}
	return NULL;
}

/* What the guard would not let through. */
static void
answer_refused(struct exchange *exchange, const char *what)
{
	static const struct {
		const char *what;
		int status;
		const char *code;
	} answers[] = {
		{ "busy", 503, "busy" },
		{ "method", 405, "method_not_allowed" },
		{ "body", 413, "body_too_large" },
	};

	for (size_t i = 0; i < COUNT(answers); i++)
		if (strcmp(answers[i].what, what) == 0) {
			answer_problem(exchange, answers[i].status, answers[i].code,
				       NULL);
			return;
		}
	answer_problem(exchange, 400, "bad_request", json_pack("{s:s}", "what", what));
}

/* False, and answered, unless there is a session that may use the route. */
static bool
is_allowed(struct exchange *exchange, const struct route *route)
{
	struct error err;
	const char *cookies = http_request_header(exchange->http, "Cookie");

	if (route->permission == PERMISSION_PUBLIC)
		return true;
	int found = session_find(exchange->console, cookies, exchange->is_https,
				 exchange->now, &exchange->session, &err);
	if (found == 1 &&
	    http_request_header(exchange->http, "Sekisho-Background") == NULL &&
	    session_touch(exchange->console, &exchange->session, exchange->now, &err) ==
		    -1)
		found = -1;
	if (found == -1) {
		answer_failure(exchange, &err);
		return false;
	}
	if (found == 0) {
		answer_problem(exchange, 401, "login_required", NULL);
		return false;
	}
	bool is_refused =
		route->scope == SCOPE_ALL && exchange->session.role->is_regional;
	if (is_refused || !role_may(exchange->session.role, route->permission)) {
		answer_problem(exchange, 403, "forbidden",
			       json_pack("{s:s}", "permission",
					 permission_name(route->permission)));
		return false;
	}
	if (route->scope == SCOPE_PARTITION || route->scope == SCOPE_ALL)
		exchange->scope = session_scope(&exchange->session);
	return true;
}

/* False, and answered, unless a POST is one that our own page sent. */
static bool
takes_body(struct exchange *exchange)
{
	size_t size;
	const char *refused = origin_refuses(exchange->http, exchange->is_https);

	if (refused != NULL) {
		answer_problem(exchange, 403, "csrf_refused",
			       json_pack("{s:s}", "what", refused));
		return false;
	}
	const char *body = http_request_body(exchange->http, &size);
	exchange->body = json_loadb(body, size, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(exchange->body)) {
		answer_problem(exchange, 400, "invalid_body",
			       json_pack("{s:s}", "name", ""));
		return false;
	}
	return true;
}

static void
handle_api(struct exchange *exchange)
{
	bool has_path;
	const struct route *route = find_route(exchange, &has_path);

	if (route == NULL)
		answer_problem(exchange, has_path ? 405 : 404,
			       has_path ? "method_not_allowed" : "not_found", NULL);
	else if (is_allowed(exchange, route) &&
		 (route->method != HTTP_POST || takes_body(exchange)))
		route->handler(exchange);
	json_decref(exchange->body);
}

void
routes_handle(void *ctx, struct http_request *request)
{
	struct console *console = ctx;
	struct exchange exchange = { .console = console, .http = request };
	const char *refused = http_request_refused(request);
	const char *path = http_request_path(request);

	exchange.now = loop_now(console->loop);
	origin_of(console, request, exchange.address, &exchange.is_https);
	if (refused != NULL)
		answer_refused(&exchange, refused);
	else if (strncmp(path, "/api/", 5) == 0)
		handle_api(&exchange);
	else
		static_files_answer(console->config.web_root, request);
}
