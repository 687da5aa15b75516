/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session: who is asking: from a cookie to a name, a role and a scope.
 *
 * The cookie holds 256 random bits; the store only their SHA-256, so a stolen
 * store opens nothing.  Ends after so long without use and after so long in any
 * case; every login gives a new one.
 */
#ifndef DASHBOARDS_CONSOLE_SESSION_H
#define DASHBOARDS_CONSOLE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "dashboards/console/console.h"
#include "dashboards/console/role.h"
#include "store/scope.h"

enum { SESSION_TOKEN_SIZE = 65, USER_NAME_MAX = 64 };

struct session {
	char token_sha256[SESSION_TOKEN_SIZE];
	char user[USER_NAME_MAX + 1];
	char partition[USER_NAME_MAX + 1];
	char language[8];
	const struct role *role;
	int64_t created, last_used;
};

/* "__Host-sekisho" behind TLS, else "sekisho". */
const char *session_cookie(bool is_https);
/* 1 with the session of the Cookie header's token, 0 if there is none that holds. */
int session_find(struct console *console, const char *cookies, bool is_https,
		 int64_t now, struct session *session, struct error *err);
/* The same by token; says whether a stream may go on. */
int session_find_token(struct console *console, const char *token_sha256, int64_t now,
		       struct session *session, struct error *err);
/* Notes that it is used; written at most twice a minute. */
int session_touch(struct console *console, struct session *session, int64_t now,
		  struct error *err);
/* A new one for 'user' at 'address'; 'token' goes into the cookie. */
int session_begin(struct console *console, const char *user, const char *address,
		  int64_t now, char token[SESSION_TOKEN_SIZE], struct error *err);
/* Borrows the session. */
struct scope session_scope(const struct session *session);

#endif
