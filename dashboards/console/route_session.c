/* SPDX-License-Identifier: Apache-2.0 */
/* route_session: login, logout, who am I, and whether the console lives. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "common/log.h"
#include "dashboards/console/present.h"
#include "dashboards/console/routes.h"

struct login {
	struct exchange
		exchange; /* its body is gone by the time the password is checked */
	char name[USER_NAME_MAX + 1];
	struct session before; /* that came along, or empty */
};

void
route_health(struct exchange *exchange)
{
	if (exchange->console->reader == NULL)
		answer_problem(exchange, 503, "store_unavailable", NULL);
	else
		answer_json(exchange, 200, json_pack("{s:s}", "status", "ok"));
}

static json_t *
permissions_of(const struct role *role)
{
	json_t *list = json_array();

	for (enum permission p = PERMISSION_OVERVIEW_READ; p < PERMISSION_COUNT; p++)
		if (role_may(role, p))
			json_array_append_new(list, json_string(permission_name(p)));
	return list;
}

static bool
add_region(void *ctx, const struct region_row *row)
{
	json_array_append_new(ctx, json_pack("{s:s, s:o}", "id", row->id, "title",
					     present_title(row->title)));
	return true;
}

/* Only for those who may read something of a region. */
static json_t *
regions_of(struct console *console, const struct session *session)
{
	struct scope scope = session_scope(session);
	json_t *regions = json_array();
	struct error err;

	if (console->reader != NULL &&
	    role_may(session->role, PERMISSION_OVERVIEW_READ) &&
	    console_each_region(console->reader, &scope, add_region, regions, &err) ==
		    -1)
		log_error("console", "%s", err.text);
	return regions;
}

static json_t *
zone_text(struct zone zone)
{
	int minutes = zone.offset / 60, size = abs(minutes);

	return json_sprintf("%c%02d:%02d", minutes < 0 ? '-' : '+', size / 60,
			    size % 60);
}

static json_t *
me_json(const struct exchange *exchange)
{
	const struct session *session = &exchange->session;
	struct console *console = exchange->console;

	return json_pack(
		"{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:s}", "name",
		session->user, "role", session->role->name, "region",
		session->role->is_regional ? session->partition : "", "language",
		session->language, "permissions", permissions_of(session->role),
		"idle_expires", present_time(session->last_used + console->config.idle),
		"expires", present_time(session->created + console->config.absolute),
		"now", present_time(exchange->now), "regions",
		regions_of(console, session), "period_offset", zone_text(console->zone),
		"version", SEKISHO_VERSION);
}

void
route_me(struct exchange *exchange)
{
	answer_json(exchange, 200, me_json(exchange));
}

static void
set_cookie(struct exchange *exchange, const char *token)
{
	char cookie[256];

	snprintf(cookie, sizeof(cookie), "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s",
		 session_cookie(exchange->is_https), token,
		 exchange->is_https ? "; Secure" : "",
		 token[0] == '\0' ? "; Max-Age=0" : "");
	http_answer_header(exchange->http, "Set-Cookie", cookie);
}

void
route_logout(struct exchange *exchange)
{
	struct console_db *db = exchange->console->db;
	struct error err;

	if (console_db_remove_session(db, exchange->session.token_sha256, &err) == -1 ||
	    exchange_audit(exchange, NULL, "logout", "", "", "ok", &err) == -1) {
		answer_failure(exchange, &err);
		return;
	}
	set_cookie(exchange, "");
	answer_json(exchange, 204, NULL);
}

static void
answer_wait(struct exchange *exchange, int status, const char *code, int64_t wait)
{
	int64_t seconds = (wait + INSTANT_SECOND - 1) / INSTANT_SECOND;
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)seconds);
	http_answer_header(exchange->http, "Retry-After", text);
	answer_problem(exchange, status, code,
		       json_pack("{s:I}", "retry_after", (json_int_t)seconds));
}

/* The new session in place of the one that came along, and its audit row: all or
 * nothing. */
static int
begin_session(struct login *login, char token[SESSION_TOKEN_SIZE], struct error *err)
{
	struct exchange *exchange = &login->exchange;
	struct console_db *db = exchange->console->db;
	char cookie[128];

	if (console_db_begin(db, err) == -1)
		return -1;
	if (session_begin(exchange->console, login->name, exchange->address,
			  exchange->now, token, err) == -1 ||
	    console_db_remove_session(db, login->before.token_sha256, err) == -1) {
		console_db_rollback(db);
		return -1;
	}
	snprintf(cookie, sizeof(cookie), "%s=%s", session_cookie(exchange->is_https),
		 token);
	int found = session_find(exchange->console, cookie, exchange->is_https,
				 exchange->now, &exchange->session, err);
	if (found == 1 &&
	    exchange_audit(exchange, NULL, "login", "", "", "ok", err) == 0 &&
	    console_db_commit(db, err) == 0)
		return 1;
	console_db_rollback(db);
	return found == 0 ? 0 : -1;
}

static void
refuse(struct login *login)
{
	struct error err;

	if (exchange_audit(&login->exchange, login->name, "login", "", "", "refused",
			   &err) == -1)
		answer_failure(&login->exchange, &err);
	else
		answer_problem(&login->exchange, 401, "bad_credentials", NULL);
}

/* A user disabled while the password was checked has no session either: begin gives 0.
 */
static void
on_checked(void *ctx, bool is_right)
{
	struct login *login = ctx;
	struct exchange *exchange = &login->exchange;
	char token[SESSION_TOKEN_SIZE];
	struct error err;
	int begun = 0;

	exchange->now = loop_now(exchange->console->loop);
	if (is_right)
		begun = begin_session(login, token, &err);
	if (begun == -1) {
		answer_failure(exchange, &err);
	} else if (begun == 0) {
		refuse(login);
	} else {
		limit_forget(exchange->console->by_name, login->name);
		set_cookie(exchange, token);
		answer_json(exchange, 200, me_json(exchange));
	}
	free(login);
}

struct credentials {
	char hash[256];
	bool is_usable;
};

static bool
keep_hash(void *ctx, const struct user_row *row)
{
	struct credentials *credentials = ctx;

	snprintf(credentials->hash, sizeof(credentials->hash), "%s", row->password);
	credentials->is_usable = !row->is_disabled && role_find(row->role) != NULL;
	return true;
}

static void
check_password(struct exchange *exchange, const char *name, const char *password)
{
	struct login *login = calloc(1, sizeof(*login));
	struct credentials credentials = { 0 };
	struct error err;

	if (login == NULL)
		log_fatal("console", "no memory for a login");
	login->exchange = *exchange;
	login->exchange.body = NULL;
	snprintf(login->name, sizeof(login->name), "%s", name);
	if (session_find(
		    exchange->console, http_request_header(exchange->http, "Cookie"),
		    exchange->is_https, exchange->now, &login->before, &err) == -1 ||
	    console_db_find_user(exchange->console->db, name, keep_hash, &credentials,
				 &err) == -1) {
		free(login);
		answer_failure(exchange, &err);
		return;
	}
	if (!passwords_check(exchange->console->passwords, password,
			     credentials.is_usable ? credentials.hash : NULL,
			     on_checked, login)) {
		free(login);
		answer_wait(exchange, 503, "busy", INSTANT_SECOND);
	}
}

void
route_login(struct exchange *exchange)
{
	static const char *const members[] = { "name", "password", NULL };
	struct console *console = exchange->console;
	int64_t wait;

	if (!exchange_has_only(exchange, members))
		return;
	const char *name = exchange_text(exchange, "name", USER_NAME_MAX);
	const char *password = exchange_text(exchange, "password", PASSWORD_SIZE_MAX);
	if (name == NULL || name[0] == '\0' || password == NULL || password[0] == '\0')
		answer_problem(exchange, 400, "invalid_body",
			       json_pack("{s:s}", "name",
					 name == NULL || name[0] == '\0' ? "name"
									 : "password"));
	else if (!limit_try(console->by_address, exchange->address, exchange->now,
			    &wait) ||
		 !limit_try(console->by_name, name, exchange->now, &wait))
		answer_wait(exchange, 429, "too_many_requests", wait);
	else
		check_password(exchange, name, password);
}
