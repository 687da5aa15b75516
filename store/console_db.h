/* SPDX-License-Identifier: Apache-2.0 */
/*
 * console_db: console.db, what people do: users, sessions, workflow of alerts, audit.
 *
 * The console and 'sekisho user' write it, nobody else; the correlator follows
 * workflow_history by id.  Times are microseconds since 1970 UTC and come from
 * the caller.  Texts of a row handed to a sink are borrowed until it returns.
 * Users and sessions have no partition; what needs a scope is in console_reads.
 */
#ifndef STORE_CONSOLE_DB_H
#define STORE_CONSOLE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

struct console_db;

/* Creates the file and brings it to this program's version.  NULL on failure. */
struct console_db *console_db_open(const char *path, struct error *err);
/* Takes NULL. */
void console_db_close(struct console_db *db);

/* A change and its audit row are one transaction. */
int console_db_begin(struct console_db *db, struct error *err);
int console_db_commit(struct console_db *db, struct error *err);
void console_db_rollback(struct console_db *db);

/* The roles there are, NULL at the end; a region_viewer has a partition, the others
 * none. */
extern const char *const console_db_roles[];

struct user_row {
	const char *name, *role, *partition, *password, *language;
	int64_t created;
	bool is_disabled;
	int64_t last_login; /* 0: never; only read */
	int sessions;       /* only read */
};
typedef bool user_sink(void *ctx, const struct user_row *row);
/* 1 added, 0 if the name is taken. */
int console_db_add_user(struct console_db *db, const struct user_row *row,
			struct error *err);
/* By name. */
int console_db_each_user(struct console_db *db, user_sink *sink, void *ctx,
			 struct error *err);
/* 1 if there is one; the sink may be NULL. */
int console_db_find_user(struct console_db *db, const char *name, user_sink *sink,
			 void *ctx, struct error *err);
/* Both end the user's sessions.  1 done, 0 if there is no such user. */
int console_db_set_password(struct console_db *db, const char *name,
			    const char *password, struct error *err);
int console_db_disable_user(struct console_db *db, const char *name, struct error *err);

struct session_row {
	const char *token_sha256, *user, *address;
	int64_t created, last_used;
	const char *role, *partition, *language; /* the user's; only read */
};
typedef void session_sink(void *ctx, const struct session_row *row);
int console_db_add_session(struct console_db *db, const struct session_row *row,
			   struct error *err);
/* 1 with the session of an enabled user that was used after 'used_after' and made after
 * 'created_after', else 0. */
int console_db_find_session(struct console_db *db, const char *token_sha256,
			    int64_t used_after, int64_t created_after,
			    session_sink *sink, void *ctx, struct error *err);
int console_db_touch_session(struct console_db *db, const char *token_sha256,
			     int64_t now, struct error *err);
int console_db_remove_session(struct console_db *db, const char *token_sha256,
			      struct error *err);
/* Those that are over. */
int console_db_expire_sessions(struct console_db *db, int64_t used_after,
			       int64_t created_after, struct error *err);

struct workflow_change {
	const char *alert, *user;
	const char *state, *reason, *assignee; /* after the change */
	const char *note, *operation;
	int64_t time;
	int version;  /* that must hold now (0: no row), or -1 */
	bool is_note; /* nothing but the note: no new version */
};
/* 1 done, with the version now in '*version'; 0 if another version holds, then in
 * '*version'. */
int console_db_change(struct console_db *db, const struct workflow_change *change,
		      int *version, struct error *err);
/* Turns back what 'user' did as 'operation' after 'since', where nobody did anything
 * after it. 1 done, 0 if there is nothing of the kind. */
struct undo {
	const char *operation, *user, *undo_operation;
	int64_t since, now;
};
int console_db_undo(struct console_db *db, const struct undo *undo, int *undone,
		    int *skipped, struct error *err);
/* Greatest id of workflow_history, 0 if empty. */
int console_db_last_change(struct console_db *db, int64_t *id, struct error *err);

struct audit_row {
	int64_t id, time;
	const char *user, *role, *address, *action, *object, *detail, *result;
	const char *hash; /* only read */
};
int console_db_audit(struct console_db *db, const struct audit_row *row,
		     struct error *err);
struct audit_filter {
	const char *user, *action; /* NULL: any */
	int64_t before;            /* ids below; 0: any */
	int limit;
};
typedef bool audit_sink(void *ctx, const struct audit_row *row);
/* Newest first. */
int console_db_each_audit(struct console_db *db, const struct audit_filter *filter,
			  audit_sink *sink, void *ctx, struct error *err);
struct audit_check {
	int64_t rows, first_bad; /* id, or 0 if the chain holds */
	char head[65];           /* hash of the newest row, "" if there is none */
};
/* Reads all rows: changed, inserted and removed ones break the chain; rows cut off at
 * its end are found by the greatest id ever given, and by whoever kept the head. */
int console_db_verify_audit(struct console_db *db, struct audit_check *check,
			    struct error *err);

#endif
