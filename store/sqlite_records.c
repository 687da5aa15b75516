/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite_records: raw records, in one file a day that goes as a whole. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "schema.h"
#include "store/effects.h"
#include "store/reads.h"
#include "store/sqlite.h"

static const char *const migrations[] = { schema_records_001 };

enum { VERSION = sizeof(migrations) / sizeof(migrations[0]), NAME_SIZE = 32 };

static int64_t
day_of(int64_t usec)
{
	return usec / INSTANT_DAY - (usec % INSTANT_DAY < 0);
}

/* Writes "records-YYYYMMDD.db". */
static void
day_name(int64_t day, char name[NAME_SIZE])
{
	char text[INSTANT_TEXT_SIZE];

	instant_to_text((struct instant){ day * INSTANT_DAY }, text);
	snprintf(name, NAME_SIZE, "records-%.4s%.2s%.2s.db", text, text + 5, text + 8);
}

static bool
day_from_name(const char *name, int64_t *day)
{
	char text[32], again[NAME_SIZE];
	unsigned year, month, date;
	struct instant at;

	if (sscanf(name, "records-%4u%2u%2u.db", &year, &month, &date) != 3)
		return false;
	int length = snprintf(text, sizeof(text), "%04u-%02u-%02uT00:00:00Z",
			      year % 10000, month % 100, date % 100);
	if (!instant_from_text(text, (size_t)length, &at))
		return false;
	*day = day_of(at.usec);
	day_name(*day, again);
	return strcmp(name, again) == 0;
}

int
store_day_migrate(struct database *database, struct error *err)
{
	return database_migrate(database, migrations, VERSION, err);
}

static int
close_day(struct day_file *file, struct error *err)
{
	int result = 0;

	if (file->has_rows)
		result = database_run(file->database, err, "COMMIT", "");
	database_close(file->database);
	file->database = NULL;
	return result;
}

/* The slot for one more file: a new one, or that of the file not used longest. */
static struct day_file *
free_slot(struct store *store, struct error *err)
{
	struct day_file *oldest = &store->day[0];

	if (store->day_count < DAY_FILES_OPEN_MAX)
		return &store->day[store->day_count++];
	for (size_t i = 1; i < store->day_count; i++)
		if (store->day[i].used < oldest->used)
			oldest = &store->day[i];
	if (close_day(oldest, err) == 0)
		return oldest;
	*oldest = store->day[--store->day_count];
	return NULL;
}

static bool
is_there(const char *path)
{
	FILE *file = fopen(path, "re");

	if (file != NULL)
		fclose(file);
	return file != NULL;
}

static struct database *
open_day(struct store *store, int64_t day, struct error *err)
{
	char path[sizeof(store->directory) + NAME_SIZE + 1], name[NAME_SIZE];
	static const enum database_access how[] = { [STORE_READ] = DATABASE_READ,
						    [STORE_REPORT] = DATABASE_READ,
						    [STORE_WRITE] = DATABASE_APPEND,
						    [STORE_TEMPORARY] =
							    DATABASE_UNSAFE };

	day_name(day, name);
	snprintf(path, sizeof(path), "%s/%s", store->directory, name);
	err->text[0] = '\0';
	if (store_is_reader(store) && !is_there(path))
		return NULL;
	struct database *database = database_open(path, how[store->access], err);
	if (database == NULL)
		return NULL;
	int result = store_is_reader(store) ? database_expect(database, VERSION, err)
					    : store_day_migrate(database, err);
	if (result == -1) {
		database_close(database);
		return NULL;
	}
	return database;
}

static struct day_file *
find_day(struct store *store, int64_t day)
{
	for (size_t i = 0; i < store->day_count; i++)
		if (store->day[i].day == day) {
			store->day[i].used = ++store->uses;
			return &store->day[i];
		}
	return NULL;
}

struct database *
store_day(struct store *store, int64_t day, struct error *err)
{
	struct day_file *file = find_day(store, day);

	if (file != NULL)
		return file->database;
	struct database *database = open_day(store, day, err);
	if (database == NULL)
		return NULL;
	file = free_slot(store, err);
	if (file == NULL) {
		database_close(database);
		return NULL;
	}
	*file = (struct day_file){ .day = day,
				   .database = database,
				   .used = ++store->uses };
	return database;
}

int
store_days_commit(struct store *store, struct error *err)
{
	for (size_t i = 0; i < store->day_count; i++) {
		struct day_file *file = &store->day[i];
		if (file->has_rows &&
		    database_run(file->database, err, "COMMIT", "") == -1)
			return -1;
		file->has_rows = false;
	}
	return 0;
}

void
store_days_rollback(struct store *store)
{
	struct error ignored;

	for (size_t i = 0; i < store->day_count; i++) {
		if (store->day[i].has_rows)
			database_run(store->day[i].database, &ignored, "ROLLBACK", "");
		store->day[i].has_rows = false;
	}
}

void
store_days_close(struct store *store)
{
	store_days_rollback(store);
	for (size_t i = 0; i < store->day_count; i++)
		database_close(store->day[i].database);
	store->day_count = 0;
}

int
store_add_record(struct store *store, const struct record_row *row, struct error *err)
{
	int64_t day = day_of(row->time.usec);
	struct database *database = store_day(store, day, err);

	if (database == NULL)
		return -1;
	struct day_file *file = find_day(store, day);
	if (!file->has_rows && database_run(database, err, "BEGIN IMMEDIATE", "") == -1)
		return -1;
	file->has_rows = true;
	return database_run(
		database, err,
		"INSERT OR REPLACE INTO record VALUES (?1,?2,?3,?4,?5,?6,?7,?8)",
		"ttiuitub", row->sensor, row->epoch, (int64_t)row->lane, row->seq,
		row->time.usec, row->event, row->flow_id, row->line, row->size);
}

/* "sensor/epoch/lane/seq" into its parts; a sensor's name has no '/'. */
static bool
split_id(const char *id, char *sensor, char *epoch, size_t room, uint64_t *lane,
	 uint64_t *seq)
{
	const char *slash = strchr(id, '/');
	const char *second = slash != NULL ? strchr(slash + 1, '/') : NULL;
	int end = 0;

	if (second == NULL || (size_t)(slash - id) >= room ||
	    (size_t)(second - slash) > room)
		return false;
	snprintf(sensor, room, "%.*s", (int)(slash - id), id);
	snprintf(epoch, room, "%.*s", (int)(second - slash - 1), slash + 1);
	return sscanf(second, "/%lu/%lu%n", lane, seq, &end) == 2 &&
	       second[end] == '\0';
}

int
store_find_record(struct store *store, const struct scope *scope, const char *id,
		  struct instant time, record_sink_row *sink, void *ctx,
		  struct error *err)
{
	char sensor[128], epoch[128];
	uint64_t lane, seq;

	if (!scope->is_all || !split_id(id, sensor, epoch, sizeof(sensor), &lane, &seq))
		return 0;
	struct database *database = store_day(store, day_of(time.usec), err);
	if (database == NULL)
		return err->text[0] == '\0' ? 0 : -1;
	sqlite3_stmt *found = database_query(
		database, err,
		"SELECT time, event, flow_id, line FROM record"
		" WHERE sensor = ?1 AND epoch = ?2 AND lane = ?3 AND seq = ?4",
		"ttuu", sensor, epoch, lane, seq);
	int more = found != NULL ? database_step(database, found, err) : -1;
	if (more != 1)
		return more;
	struct record_row row = { .sensor = sensor,
				  .epoch = epoch,
				  .lane = (uint32_t)lane,
				  .seq = seq,
				  .time = { sqlite3_column_int64(found, 0) },
				  .event = column_text(found, 1),
				  .flow_id = (uint64_t)sqlite3_column_int64(found, 2),
				  .line = column_text(found, 3),
				  .size = (size_t)sqlite3_column_bytes(found, 3) };
	sink(ctx, &row);
	sqlite3_reset(found);
	return 1;
}

static int
by_day(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void *
grown(void *list, size_t size)
{
	list = realloc(list, size);
	if (list == NULL)
		log_fatal("store", "no memory for the list of days");
	return list;
}

/* The days of 'directory' as a list the caller frees; -1 if it cannot be read. */
static int
list_days(const char *directory, int64_t **days, size_t *count, struct error *err)
{
	DIR *listing = opendir(directory);
	size_t room = 0;

	*days = NULL;
	*count = 0;
	if (listing == NULL)
		return error_errno(err, "cannot read %s", directory);
	for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
		int64_t day;
		if (!day_from_name(entry->d_name, &day))
			continue;
		if (*count == room) {
			room = room == 0 ? 64 : room * 2;
			*days = grown(*days, room * sizeof(**days));
		}
		(*days)[(*count)++] = day;
	}
	closedir(listing);
	if (*count > 0)
		qsort(*days, *count, sizeof(**days), by_day);
	return 0;
}

int
store_days_each(const char *directory,
		int (*each)(void *ctx, int64_t day, struct error *err), void *ctx,
		struct error *err)
{
	int64_t *days;
	size_t count;
	int result = list_days(directory, &days, &count, err);

	for (size_t i = 0; result == 0 && i < count; i++)
		result = each(ctx, days[i], err);
	free(days);
	return result;
}

struct retention {
	const char *directory;
	int64_t newest, days;
	size_t removed;
};

static int
note_newest(void *ctx, int64_t day, struct error *err)
{
	struct retention *retention = ctx;

	(void)err;
	retention->newest = day; /* they come in order */
	return 0;
}

static int
remove_if_old(void *ctx, int64_t day, struct error *err)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	struct retention *retention = ctx;
	char path[1024 + NAME_SIZE + 8], name[NAME_SIZE];

	if (day > retention->newest - retention->days)
		return 0;
	day_name(day, name);
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s%s", retention->directory, name,
			 suffixes[i]);
		if (unlink(path) == -1 && i == 0)
			return error_errno(err, "cannot remove %s", path);
	}
	retention->removed++;
	return 0;
}

int
store_retain(const char *directory, int64_t days, size_t *removed, struct error *err)
{
	struct retention retention = { .directory = directory,
				       .newest = INT64_MIN,
				       .days = days };

	if (store_days_each(directory, note_newest, &retention, err) == -1 ||
	    store_days_each(directory, remove_if_old, &retention, err) == -1)
		return -1;
	*removed = retention.removed;
	return 0;
}
