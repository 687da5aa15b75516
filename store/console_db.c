/* SPDX-License-Identifier: Apache-2.0 */
/* console_db: console.db, what people do: opening it, users, sessions. */
#include "store/console_db.h"

#include <stdlib.h>

#include "schema.h"
#include "store/console_internal.h"
#include "store/sqlite.h"

const char *const console_db_roles[] = { "analyst", "operator", "region_viewer",
					 "admin",   "auditor",  NULL };

struct console_db *
console_db_open(const char *path, struct error *err)
{
	static const char *const migrations[] = { schema_console_001 };
	struct console_db *db = calloc(1, sizeof(*db));

	if (db == NULL) {
		error_set(err, "no memory to open %s", path);
		return NULL;
	}
	db->file = database_open(path, DATABASE_WRITE, err);
	if (db->file == NULL ||
	    database_migrate(db->file, migrations, CONSOLE_DB_VERSION, err) == -1) {
		console_db_close(db);
		return NULL;
	}
	return db;
}

void
console_db_close(struct console_db *db)
{
	if (db == NULL)
		return;
	database_close(db->file);
	free(db);
}

int
console_db_begin(struct console_db *db, struct error *err)
{
	return database_execute(db->file, "BEGIN IMMEDIATE", err);
}

int
console_db_commit(struct console_db *db, struct error *err)
{
	return database_execute(db->file, "COMMIT", err);
}

void
console_db_rollback(struct console_db *db)
{
	struct error ignored;

	database_execute(db->file, "ROLLBACK", &ignored);
}

/* Runs one statement and returns the rows it changed. */
int
console_db_changed(struct console_db *db, int ran)
{
	return ran == -1 ? -1 : sqlite3_changes(db->file->handle);
}

int
console_db_add_user(struct console_db *db, const struct user_row *row,
		    struct error *err)
{
	return console_db_changed(
		db,
		database_run(
			db->file, err,
			"INSERT OR IGNORE INTO user (name, role, partition, password, "
			"language, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
			"ttttti", row->name, row->role, row->partition, row->password,
			row->language, row->created));
}

#define USER_COLUMNS                                                                  \
	"SELECT name, role, partition, password, language, created, disabled, "       \
	"coalesce((SELECT max(time) FROM audit a WHERE a.user = u.name AND action = " \
	"'login' "                                                                    \
	"AND result = 'ok'), 0), (SELECT count(*) FROM session s WHERE s.user = "     \
	"u.name) "                                                                    \
	"FROM user u "

static struct user_row
user_of(sqlite3_stmt *statement)
{
	return (struct user_row){
		.name = column_text(statement, 0),
		.role = column_text(statement, 1),
		.partition = column_text(statement, 2),
		.password = column_text(statement, 3),
		.language = column_text(statement, 4),
		.created = sqlite3_column_int64(statement, 5),
		.is_disabled = sqlite3_column_int(statement, 6) != 0,
		.last_login = sqlite3_column_int64(statement, 7),
		.sessions = sqlite3_column_int(statement, 8),
	};
}

int
console_db_each_user(struct console_db *db, user_sink *sink, void *ctx,
		     struct error *err)
{
	sqlite3_stmt *statement =
		database_query(db->file, err, USER_COLUMNS "ORDER BY name", "");
	int more = -1, count = 0;

	while (statement != NULL &&
	       (more = database_step(db->file, statement, err)) == 1) {
		struct user_row row = user_of(statement);
		count++;
		if (!sink(ctx, &row)) {
			sqlite3_reset(statement);
			return count;
		}
	}
	return more == -1 ? -1 : count;
}

int
console_db_find_user(struct console_db *db, const char *name, user_sink *sink,
		     void *ctx, struct error *err)
{
	sqlite3_stmt *statement = database_query(
		db->file, err, USER_COLUMNS "WHERE name = ?1", "t", name);
	int found = statement != NULL ? database_step(db->file, statement, err) : -1;

	if (found != 1)
		return found;
	struct user_row row = user_of(statement);
	if (sink != NULL)
		sink(ctx, &row);
	sqlite3_reset(statement);
	return 1;
}

static int
end_sessions(struct console_db *db, const char *name, struct error *err)
{
	return database_run(db->file, err, "DELETE FROM session WHERE user = ?1", "t",
			    name);
}

int
console_db_set_password(struct console_db *db, const char *name, const char *password,
			struct error *err)
{
	int changed = console_db_changed(
		db, database_run(db->file, err,
				 "UPDATE user SET password = ?2 WHERE name = ?1", "tt",
				 name, password));

	return changed == 1 && end_sessions(db, name, err) == -1 ? -1 : changed;
}

int
console_db_disable_user(struct console_db *db, const char *name, struct error *err)
{
	int changed = console_db_changed(
		db, database_run(db->file, err,
				 "UPDATE user SET disabled = 1 WHERE name = ?1", "t",
				 name));

	return changed == 1 && end_sessions(db, name, err) == -1 ? -1 : changed;
}

int
console_db_add_session(struct console_db *db, const struct session_row *row,
		       struct error *err)
{
	return database_run(
		db->file, err,
		"INSERT INTO session (token_sha256, user, created, last_used, address) "
		"VALUES (?1, ?2, ?3, ?4, ?5)",
		"ttiit", row->token_sha256, row->user, row->created, row->last_used,
		row->address);
}

int
console_db_find_session(struct console_db *db, const char *token_sha256,
			int64_t used_after, int64_t created_after, session_sink *sink,
			void *ctx, struct error *err)
{
	sqlite3_stmt *statement = database_query(
		db->file, err,
		"SELECT s.token_sha256, s.user, s.created, s.last_used, s.address, "
		"u.role, "
		"u.partition, u.language FROM session s JOIN user u ON u.name = s.user "
		"WHERE s.token_sha256 = ?1 AND s.last_used > ?2 AND s.created > ?3 "
		"AND u.disabled = 0",
		"tii", token_sha256, used_after, created_after);
	int found = statement != NULL ? database_step(db->file, statement, err) : -1;

	if (found != 1)
		return found;
	sink(ctx, &(struct session_row){
			  .token_sha256 = column_text(statement, 0),
			  .user = column_text(statement, 1),
			  .created = sqlite3_column_int64(statement, 2),
			  .last_used = sqlite3_column_int64(statement, 3),
			  .address = column_text(statement, 4),
			  .role = column_text(statement, 5),
			  .partition = column_text(statement, 6),
			  .language = column_text(statement, 7),
		  });
	sqlite3_reset(statement);
	return 1;
}

int
console_db_touch_session(struct console_db *db, const char *token_sha256, int64_t now,
			 struct error *err)
{
	return database_run(db->file, err,
			    "UPDATE session SET last_used = ?2 WHERE token_sha256 = ?1",
			    "ti", token_sha256, now);
}

int
console_db_remove_session(struct console_db *db, const char *token_sha256,
			  struct error *err)
{
	return database_run(db->file, err,
			    "DELETE FROM session WHERE token_sha256 = ?1", "t",
			    token_sha256);
}

int
console_db_expire_sessions(struct console_db *db, int64_t used_after,
			   int64_t created_after, struct error *err)
{
	return database_run(
		db->file, err,
		"DELETE FROM session WHERE last_used <= ?1 OR created <= ?2", "ii",
		used_after, created_after);
}
