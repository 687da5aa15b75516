/* SPDX-License-Identifier: Apache-2.0 */
/* console_audit: the audit table of console.db: each row holds the SHA-256 of the one
 * before. */
#include <stdio.h>
#include <string.h>

#include "common/digest.h"
#include "store/console_internal.h"

/* Each part with its length before it, so that no two rows give the same bytes. */
static void
add_part(struct digester *digester, const char *part)
{
	char length[24];
	int size = snprintf(length, sizeof(length), "%zu:", strlen(part));

	digester_add(digester, length, (size_t)size);
	digester_add(digester, part, strlen(part));
}

static void
hash_row(const struct audit_row *row, const char *previous, char text[DIGEST_TEXT_SIZE])
{
	struct digester *digester = digester_new();
	char numbers[64];

	snprintf(numbers, sizeof(numbers), "%lld %lld", (long long)row->id,
		 (long long)row->time);
	const char *parts[] = { numbers,      row->user,   row->role,
				row->address, row->action, row->object,
				row->detail,  row->result, previous };
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		add_part(digester, parts[i]);
	struct digest digest = digester_end(digester);
	digest_to_text(&digest, text);
}

/* The id ever given last, and the newest row's hash. */
static int
read_head(struct console_db *db, int64_t *id, char hash[DIGEST_TEXT_SIZE],
	  struct error *err)
{
	sqlite3_stmt *statement = database_query(
		db->file, err,
		"SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = "
		"'audit'), 0), "
		"coalesce((SELECT hash FROM audit ORDER BY id DESC LIMIT 1), '')",
		"");

	if (statement == NULL || database_step(db->file, statement, err) != 1)
		return -1;
	*id = sqlite3_column_int64(statement, 0);
	snprintf(hash, DIGEST_TEXT_SIZE, "%s", column_text(statement, 1));
	sqlite3_reset(statement);
	return 0;
}

int
console_db_audit(struct console_db *db, const struct audit_row *row, struct error *err)
{
	char previous[DIGEST_TEXT_SIZE], hash[DIGEST_TEXT_SIZE];
	struct audit_row numbered = *row;

	if (read_head(db, &numbered.id, previous, err) == -1)
		return -1;
	numbered.id++;
	hash_row(&numbered, previous, hash);
	return database_run(
		db->file, err,
		"INSERT INTO audit (id, time, user, role, address, action, object, "
		"detail, result, previous, hash) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
		"iittttttttt", numbered.id, row->time, row->user, row->role,
		row->address, row->action, row->object, row->detail, row->result,
		previous, hash);
}

#define AUDIT_COLUMNS                                                                  \
	"SELECT id, time, user, role, address, action, object, detail, result, hash, " \
	"previous "                                                                    \
	"FROM audit "

static struct audit_row
audit_of(sqlite3_stmt *statement)
{
	return (struct audit_row){
		.id = sqlite3_column_int64(statement, 0),
		.time = sqlite3_column_int64(statement, 1),
		.user = column_text(statement, 2),
		.role = column_text(statement, 3),
		.address = column_text(statement, 4),
		.action = column_text(statement, 5),
		.object = column_text(statement, 6),
		.detail = column_text(statement, 7),
		.result = column_text(statement, 8),
		.hash = column_text(statement, 9),
	};
}

int
console_db_each_audit(struct console_db *db, const struct audit_filter *filter,
		      audit_sink *sink, void *ctx, struct error *err)
{
	sqlite3_stmt *statement = database_query(
		db->file, err,
		AUDIT_COLUMNS
		"WHERE (?1 IS NULL OR user = ?1) AND (?2 IS NULL OR action = ?2) "
		"AND (?3 = 0 OR id < ?3) ORDER BY id DESC LIMIT ?4",
		"ttid", filter->user, filter->action, filter->before, filter->limit);
	int more = -1, count = 0;

	while (statement != NULL &&
	       (more = database_step(db->file, statement, err)) == 1) {
		struct audit_row row = audit_of(statement);
		count++;
		if (!sink(ctx, &row)) {
			sqlite3_reset(statement);
			return count;
		}
	}
	return more == -1 ? -1 : count;
}

/* A row holds if it is the next by id, names the one before and hashes to what it says.
 */
static void
check_row(sqlite3_stmt *statement, struct audit_check *check)
{
	struct audit_row row = audit_of(statement);
	char hash[DIGEST_TEXT_SIZE];

	hash_row(&row, column_text(statement, 10), hash);
	check->rows++;
	if (check->first_bad == 0 &&
	    (row.id != check->rows ||
	     strcmp(column_text(statement, 10), check->head) != 0 ||
	     strcmp(hash, row.hash) != 0))
		check->first_bad = row.id;
	snprintf(check->head, sizeof(check->head), "%s", row.hash);
}

int
console_db_verify_audit(struct console_db *db, struct audit_check *check,
			struct error *err)
{
	char head[DIGEST_TEXT_SIZE];
	int64_t last = 0;
	int more = -1;

	*check = (struct audit_check){ 0 };
	if (read_head(db, &last, head, err) == -1)
		return -1;
	sqlite3_stmt *statement =
		database_query(db->file, err, AUDIT_COLUMNS "ORDER BY id", "");
	while (statement != NULL &&
	       (more = database_step(db->file, statement, err)) == 1)
		check_row(statement, check);
	if (more == 0 && check->first_bad == 0 && last != check->rows)
		check->first_bad = check->rows + 1;
	return more;
}
