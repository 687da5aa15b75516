/* SPDX-License-Identifier: Apache-2.0 */
/* session: who is asking: from a cookie to a name, a role and a scope. */
#include "dashboards/console/session.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "common/digest.h"
#include "common/instant.h"

static const int64_t touch_after = 30 * INSTANT_SECOND;

const char *
session_cookie(bool is_https)
{
	return is_https ? "__Host-sekisho" : "sekisho";
}

/* The value of 'name' in "a=b; c=d"; false unless it looks like a token of ours. */
static bool
find_token(const char *cookies, const char *name, char token[SESSION_TOKEN_SIZE])
{
	size_t size = strlen(name);

	for (const char *at = cookies; at != NULL; at = strchr(at, ';')) {
		at += strspn(at, "; ");
		if (strncmp(at, name, size) != 0 || at[size] != '=')
			continue;
		at += size + 1;
		if (strspn(at, "0123456789abcdef") != SESSION_TOKEN_SIZE - 1)
			return false;
		snprintf(token, SESSION_TOKEN_SIZE, "%.*s", SESSION_TOKEN_SIZE - 1, at);
		return true;
	}
	return false;
}

static void
keep(void *ctx, const struct session_row *row)
{
	struct session *session = ctx;

	snprintf(session->token_sha256, sizeof(session->token_sha256), "%s",
		 row->token_sha256);
	snprintf(session->user, sizeof(session->user), "%s", row->user);
	snprintf(session->partition, sizeof(session->partition), "%s", row->partition);
	snprintf(session->language, sizeof(session->language), "%s", row->language);
	session->role = role_find(row->role);
	session->created = row->created;
	session->last_used = row->last_used;
}

int
session_find_token(struct console *console, const char *token_sha256, int64_t now,
		   struct session *session, struct error *err)
{
	int found = console_db_find_session(
		console->db, token_sha256, now - console->config.idle,
		now - console->config.absolute, keep, session, err);

	return found == 1 && session->role == NULL ? 0 : found;
}

int
session_find(struct console *console, const char *cookies, bool is_https, int64_t now,
	     struct session *session, struct error *err)
{
	char token[SESSION_TOKEN_SIZE], hash[DIGEST_TEXT_SIZE];

	if (cookies == NULL || !find_token(cookies, session_cookie(is_https), token))
		return 0;
	struct digest digest = digest_of(token, strlen(token));
	digest_to_text(&digest, hash);
	return session_find_token(console, hash, now, session, err);
}

int
session_touch(struct console *console, struct session *session, int64_t now,
	      struct error *err)
{
	if (now - session->last_used < touch_after)
		return 0;
	session->last_used = now;
	return console_db_touch_session(console->db, session->token_sha256, now, err);
}

int
session_begin(struct console *console, const char *user, const char *address,
	      int64_t now, char token[SESSION_TOKEN_SIZE], struct error *err)
{
	uint8_t random[32];
	char hash[DIGEST_TEXT_SIZE];

	randombytes_buf(random, sizeof(random));
	digest_to_hex(random, sizeof(random), token);
	struct digest digest = digest_of(token, strlen(token));
	digest_to_text(&digest, hash);
	return console_db_add_session(console->db,
				      &(struct session_row){ .token_sha256 = hash,
							     .user = user,
							     .address = address,
							     .created = now,
							     .last_used = now },
				      err);
}

struct scope
session_scope(const struct session *session)
{
	if (session->role == NULL)
		return (struct scope){ 0 };
	return (struct scope){ .is_all = !session->role->is_regional,
			       .partition = session->partition };
}
