/* SPDX-License-Identifier: Apache-2.0 */
/* store: one directory that holds all the correlator knows. */
#include "store/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/migrations.h"
#include "store/sqlite.h"

static const char *const migrations[] = { CORRELATOR_MIGRATIONS };

enum { VERSION = CORRELATOR_DB_VERSION };

/* One writer: a lock that goes with the process, whatever kills it. */
static int
take_lock(struct store *store, struct error *err)
{
	char path[sizeof(store->directory) + 16];

	snprintf(path, sizeof(path), "%s/lock", store->directory);
	store->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (store->lock == -1)
		return error_errno(err, "cannot open %s", path);
	if (flock(store->lock, LOCK_EX | LOCK_NB) == -1)
		return error_set(err, "%s is held by another writer", store->directory);
	return 0;
}

static int
open_main(struct store *store, struct error *err)
{
	static const enum database_access how[] = { [STORE_READ] = DATABASE_READ,
						    [STORE_REPORT] = DATABASE_READ,
						    [STORE_WRITE] = DATABASE_WRITE,
						    [STORE_TEMPORARY] =
							    DATABASE_UNSAFE };
	char path[sizeof(store->directory) + 32];

	snprintf(path, sizeof(path), "%s/correlator.db", store->directory);
	store->main = database_open(path, how[store->access], err);
	if (store->main == NULL)
		return -1;
	store->main->is_limited = store->access == STORE_READ;
	if (store_is_reader(store))
		return database_expect(store->main, VERSION, err);
	database_keep_wal(store->main);
	if (database_migrate(store->main, migrations, VERSION, err) == -1)
		return -1;
	return store_days_trim(store, err);
}

struct store *
store_open(const char *directory, enum store_access access, struct error *err)
{
	struct store *store = calloc(1, sizeof(*store));

	if (store == NULL || strlen(directory) >= sizeof(store->directory)) {
		error_set(
			err,
			"cannot open the store %s: the name is too long, or no memory",
			directory);
		free(store);
		return NULL;
	}
	snprintf(store->directory, sizeof(store->directory), "%s", directory);
	store->access = access;
	store->lock = -1;
	if ((!store_is_reader(store) && take_lock(store, err) == -1) ||
	    open_main(store, err) == -1) {
		store_close(store);
		return NULL;
	}
	return store;
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	if (store->main != NULL)
		store_rollback(store);
	store_days_close(store);
	database_close(store->main);
	if (store->lock != -1)
		close(store->lock);
	free(store);
}

static int
migrate_day(void *ctx, int64_t day, struct error *err)
{
	struct database *database = store_day(ctx, day, err);

	return database != NULL ? store_day_migrate(database, err) : -1;
}

int
store_migrate(const char *directory, int *from, int *to, struct error *err)
{
	char path[1024 + 32];
	int result = -1;

	snprintf(path, sizeof(path), "%s/correlator.db", directory);
	struct database *database = database_open(path, DATABASE_READ, err);
	if (database == NULL)
		return -1;
	*from = database_version(database, err);
	database_close(database);
	if (*from == -1)
		return -1;
	*to = VERSION;
	struct store *store = store_open(directory, STORE_WRITE, err);
	if (store != NULL)
		result = store_days_each(directory, migrate_day, store, err);
	store_close(store);
	return result;
}

int
store_begin(struct store *store, struct error *err)
{
	if (store->is_open)
		return 0;
	if (database_run(store->main, err, "BEGIN IMMEDIATE", "") == -1)
		return -1;
	store->is_open = true;
	return store_close_days(store, err);
}

int
store_commit(struct store *store, struct error *err)
{
	if (!store->is_open)
		return 0;
	if (store_days_commit(store, err) == -1 ||
	    database_run(store->main, err, "COMMIT", "") == -1)
		return -1;
	store->is_open = false;
	return 0;
}

void
store_rollback(struct store *store)
{
	struct error ignored;

	store_days_rollback(store);
	if (store->is_open)
		database_run(store->main, &ignored, "ROLLBACK", "");
	store->is_open = false;
}
