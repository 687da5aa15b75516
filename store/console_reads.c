/* SPDX-License-Identifier: Apache-2.0 */
/* console_reads: opening the two files, and the inventory as last loaded. */
#include "store/console_reads.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/address.h"
#include "store/console_internal.h"
#include "store/migrations.h"

/* in_prefix(address, prefix): both as text; 0 if one of them is none. */
static void
sql_in_prefix(sqlite3_context *context, int count, sqlite3_value **value)
{
	struct address address;
	struct prefix prefix;
	const unsigned char *at = sqlite3_value_text(value[0]);
	const unsigned char *in = sqlite3_value_text(value[1]);

	assert(count == 2);
	bool holds = at != NULL && in != NULL &&
		     address_from_text(text_of((const char *)at), &address) &&
		     prefix_from_text(text_of((const char *)in), &prefix) &&
		     prefix_contains(&prefix, &address);
	sqlite3_result_int(context, holds);
}

static int
attach_console(struct database *file, const char *console_db, struct error *err)
{
	if (sqlite3_create_function(file->handle, "in_prefix", 2,
				    SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
				    sql_in_prefix, NULL, NULL) != SQLITE_OK)
		return error_set(err, "no memory to open %s", console_db);
	return database_run(file, err, "ATTACH DATABASE ?1 AS console", "t",
			    console_db);
}

struct console_reader *
console_reader_open(const char *directory, const char *console_db, struct error *err)
{
	struct console_reader *reader = calloc(1, sizeof(*reader));
	char path[1100];

	if (reader == NULL) {
		error_set(err, "no memory to open %s", directory);
		return NULL;
	}
	snprintf(path, sizeof(path), "%s/correlator.db", directory);
	reader->file = database_open(path, DATABASE_READ, err);
	if (reader->file == NULL ||
	    database_expect(reader->file, CORRELATOR_DB_VERSION, err) == -1 ||
	    attach_console(reader->file, console_db, err) == -1) {
		console_reader_close(reader);
		return NULL;
	}
	return reader;
}

void
console_reader_close(struct console_reader *reader)
{
	if (reader == NULL)
		return;
	database_close(reader->file);
	free(reader);
}

bool
console_reader_timed_out(const struct console_reader *reader)
{
	return sqlite3_errcode(reader->file->handle) == SQLITE_INTERRUPT;
}

static int
read_number(struct console_reader *reader, const char *sql, int64_t *number,
	    struct error *err)
{
	sqlite3_stmt *statement = database_query(reader->file, err, sql, "");

	if (statement == NULL || database_step(reader->file, statement, err) != 1)
		return -1;
	*number = sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	return 0;
}

int
console_read_version(struct console_reader *reader, struct console_version *version,
		     struct error *err)
{
	return read_number(reader, "PRAGMA main.data_version", &version->correlator,
			   err) == -1 ||
			       read_number(reader, "PRAGMA console.data_version",
					   &version->console, err) == -1
		       ? -1
		       : 0;
}

int
console_read_head(struct console_reader *reader, const struct scope *scope,
		  struct console_head *head, struct error *err)
{
	(void)scope; /* two counters, no row */
	return read_number(reader, "SELECT coalesce(max(seq), 0) FROM alert",
			   &head->seq, err) == -1 ||
			       read_number(reader,
					   "SELECT coalesce(max(id), 0) FROM "
					   "console.workflow_history",
					   &head->change, err) == -1
		       ? -1
		       : 0;
}

int
console_each(struct console_reader *reader, sqlite3_stmt *statement, row_caller *call,
	     any_sink *sink, void *ctx, struct error *err)
{
	int more = -1, count = 0;

	while (statement != NULL &&
	       (more = database_step(reader->file, statement, err)) == 1) {
		count++;
		if (!call(sink, ctx, statement)) {
			sqlite3_reset(statement);
			return count;
		}
	}
	return more == -1 ? -1 : count;
}

void
sql_add(struct sql *sql, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int size = vsnprintf(sql->text + sql->used, sizeof(sql->text) - sql->used, fmt,
			     args);
	va_end(args);
	if (size < 0 || (size_t)size >= sizeof(sql->text) - sql->used)
		sql->is_overfull = true;
	else
		sql->used += (size_t)size;
}

int
sql_text(struct sql *sql, const char *text)
{
	assert(sql->count < SQL_PARAMETERS_MAX);
	sql->parameter[sql->count].text = text;
	return ++sql->count;
}

int
sql_number(struct sql *sql, int64_t number)
{
	assert(sql->count < SQL_PARAMETERS_MAX);
	sql->parameter[sql->count].text = NULL;
	sql->parameter[sql->count].number = number;
	return ++sql->count;
}

static void
bind_parameters(sqlite3_stmt *statement, const struct sql *sql)
{
	for (int i = 0; i < sql->count; i++) {
		if (sql->parameter[i].text != NULL)
			sqlite3_bind_text(statement, i + 1, sql->parameter[i].text, -1,
					  SQLITE_STATIC);
		else
			sqlite3_bind_int64(statement, i + 1, sql->parameter[i].number);
	}
}

int
sql_each(struct console_reader *reader, const struct sql *sql, row_caller *call,
	 any_sink *sink, void *ctx, struct error *err)
{
	sqlite3_stmt *statement = NULL;
	struct timespec now;

	if (sql->is_overfull)
		return error_set(err, "the query is too long");
	if (sqlite3_prepare_v2(reader->file->handle, sql->text, (int)sql->used,
			       &statement, NULL) != SQLITE_OK)
		return error_set(err, "%s", sqlite3_errmsg(reader->file->handle));
	bind_parameters(statement, sql);
	clock_gettime(CLOCK_MONOTONIC, &now);
	reader->file->deadline = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 +
				 DATABASE_LIMIT_MSEC;
	int count = console_each(reader, statement, call, sink, ctx, err);
	sqlite3_finalize(statement);
	return count;
}

static bool
call_region(any_sink *sink, void *ctx, sqlite3_stmt *statement)
{
	return ((region_sink *)sink)(
		ctx, &(struct region_row){
			     .id = column_text(statement, 0),
			     .title = { column_text(statement, 1),
					column_text(statement, 2) },
			     .participants = sqlite3_column_int(statement, 3),
		     });
}

int
console_each_region(struct console_reader *reader, const struct scope *scope,
		    region_sink *sink, void *ctx, struct error *err)
{
	return console_each(
		reader,
		database_query(
			reader->file, err,
			"SELECT id, title_ja, title_en, (SELECT count(*) FROM "
			"participant p "
			"WHERE p.partition = r.id) FROM region r WHERE ?1 OR id = ?2 "
			"ORDER BY id",
			"dt", (int)scope->is_all, scope_partition(scope)),
		call_region, (any_sink *)sink, ctx, err);
}

static bool
call_requirement(any_sink *sink, void *ctx, sqlite3_stmt *s)
{
	return ((requirement_sink *)sink)(
		ctx, &(struct requirement_row){
			     .id = column_text(s, 0),
			     .ordinal = sqlite3_column_int(s, 1),
			     .kind = column_text(s, 2),
			     .status = column_text(s, 3),
			     .severity = column_text(s, 4),
			     .clause = column_text(s, 5),
			     .title = { column_text(s, 6), column_text(s, 7) },
			     .document = { column_text(s, 8), column_text(s, 9) },
			     .rationale = { column_text(s, 10), column_text(s, 11) },
			     .remedy = { column_text(s, 12), column_text(s, 13) },
			     .settled_by = { column_text(s, 14), column_text(s, 15) },
			     .min_coverage = (uint32_t)sqlite3_column_int64(s, 16),
		     });
}

int
console_each_requirement(struct console_reader *reader, const struct scope *scope,
			 const char *id, requirement_sink *sink, void *ctx,
			 struct error *err)
{
	if (!scope->is_all && scope_partition(scope) == NULL)
		return 0;
	return console_each(
		reader,
		database_query(
			reader->file, err,
			"SELECT id, ordinal, kind, status, severity, clause, title_ja, "
			"title_en, document, document_en, rationale_ja, rationale_en, "
			"remedy_ja, remedy_en, settled_by_ja, settled_by_en, "
			"min_coverage "
			"FROM requirement WHERE ?1 IS NULL OR id = ?1 ORDER BY "
			"ordinal, id",
			"t", id),
		call_requirement, (any_sink *)sink, ctx, err);
}

static bool
call_participant(any_sink *sink, void *ctx, sqlite3_stmt *s)
{
	return ((participant_sink *)sink)(
		ctx, &(struct participant_row){
			     .id = column_text(s, 0),
			     .kind = column_text(s, 1),
			     .partition = column_text(s, 2),
			     .title = { column_text(s, 3), column_text(s, 4) },
			     .kana = column_text(s, 5),
			     .code = column_text(s, 6),
			     .contact = column_text(s, 7),
			     .is_masked = sqlite3_column_int(s, 8) != 0,
			     .sensors = column_text(s, 9),
		     });
}

/* Another partition's participant is shown only to one who asks for it by name, masked.
 */
int
console_each_participant(struct console_reader *reader, const struct scope *scope,
			 const char *id, const char *partition, participant_sink *sink,
			 void *ctx, struct error *err)
{
	return console_each(
		reader,
		database_query(
			reader->file, err,
			"SELECT id, kind, iif(own, partition, ''), title_ja, title_en, "
			"iif(own, kana, ''), iif(own, code, ''), iif(own, contact, "
			"''), NOT own, "
			"iif(own, (SELECT json_group_array(sensor) FROM "
			"participant_sensor s "
			"WHERE s.participant = p.id), '[]') "
			"FROM (SELECT *, ?1 OR coalesce(partition = ?2, 0) AS own "
			"FROM participant) p "
			"WHERE (?3 IS NULL OR id = ?3) AND (?4 IS NULL OR partition = "
			"?4) "
			"AND (own OR (?3 IS NOT NULL AND ?2 IS NOT NULL)) ORDER BY "
			"kana, id",
			"dttt", (int)scope->is_all, scope_partition(scope), id,
			partition),
		call_participant, (any_sink *)sink, ctx, err);
}

static bool
call_ruleset(any_sink *sink, void *ctx, sqlite3_stmt *statement)
{
	return ((ruleset_sink *)sink)(
		ctx, &(struct ruleset_row){
			     .sha256 = column_text(statement, 0),
			     .policy = column_text(statement, 1),
			     .version = column_text(statement, 2),
			     .first_used = sqlite3_column_int64(statement, 3),
		     });
}

int
console_find_ruleset(struct console_reader *reader, const struct scope *scope,
		     ruleset_sink *sink, void *ctx, struct error *err)
{
	if (!scope->is_all && scope_partition(scope) == NULL)
		return 0;
	return console_each(
		reader,
		database_query(
			reader->file, err,
			"SELECT sha256, policy, version, first_used FROM ruleset "
			"ORDER BY first_used DESC, sha256 LIMIT 1",
			""),
		call_ruleset, (any_sink *)sink, ctx, err);
}
