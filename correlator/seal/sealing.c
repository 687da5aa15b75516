/* SPDX-License-Identifier: Apache-2.0 */
/* sealing: seals the ledger's closed days, and finds what was changed since. */
#include "correlator/seal/sealing.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/calendar.h"
#include "store/ledger.h"

static const struct scope everybody = { .is_all = true };

struct day {
	int64_t begin;
	uint64_t rows;
};

struct day_list {
	struct arena arena;
	struct day *day;
	size_t count;
};

static bool
on_day(void *ctx, int64_t begin, uint64_t rows)
{
	struct day_list *list = ctx;

	if ((list->count & (list->count - 1)) == 0) {
		struct day *larger = arena_take(
			&list->arena,
			(list->count == 0 ? 1 : list->count * 2) * sizeof(*larger));
		if (list->count > 0)
			memcpy(larger, list->day, list->count * sizeof(*larger));
		list->day = larger;
	}
	list->day[list->count++] = (struct day){ begin, rows };
	return true;
}

struct hashing {
	struct digester *digester;
	struct seal *seal;
	struct arena *arena; /* for the names of columns; NULL: the seal has them */
	bool has_all;        /* each column of the seal was there */
};

static size_t
find_column(const struct ledger_text *row, const char *name)
{
	size_t at = 0;

	while (at < row->count && strcmp(row->name[at], name) != 0)
		at++;
	return at;
}

static void
take_columns(struct hashing *hashing, const struct ledger_text *row)
{
	struct seal *seal = hashing->seal;

	for (size_t i = 0; i < row->count && i < SEAL_COLUMNS_MAX; i++)
		seal->column[i] =
			arena_text(hashing->arena, row->name[i], strlen(row->name[i]));
	seal->column_count = row->count;
	hashing->arena = NULL;
}

static bool
on_row(void *ctx, const struct ledger_text *row)
{
	struct hashing *hashing = ctx;
	char head[32];

	if (hashing->arena != NULL)
		take_columns(hashing, row);
	for (size_t i = 0; i < hashing->seal->column_count; i++) {
		size_t at = find_column(row, hashing->seal->column[i]);
		if (at == row->count) {
			hashing->has_all = false;
			return false;
		}
		int size = snprintf(head, sizeof(head), "%c%zu:", row->type[at],
				    row->size[at]);
		digester_add(hashing->digester, head, (size_t)size);
		digester_add(hashing->digester, row->value[at], row->size[at]);
	}
	digester_add(hashing->digester, "\n", 1);
	return true;
}

/* Rows and digest of one day, of all columns if 'arena' is there, else of the seal's.
 */
static int
hash_day(struct store *store, struct seal *seal, struct arena *arena, bool *has_all,
	 struct error *err)
{
	struct hashing hashing = { digester_new(), seal, arena, true };
	int rows = store_each_ledger_text(store, &everybody, seal->begin, on_row,
					  &hashing, err);

	seal->digest = digester_end(hashing.digester);
	seal->rows = rows < 0 ? 0 : (uint64_t)rows;
	*has_all = hashing.has_all;
	return rows == -1 ? -1 : 0;
}

/* Begins of days before this are closed: by the store, and by who asks. */
static int
closed_until(const struct sealing *sealing, int64_t *until, struct error *err)
{
	if (store_find_time(sealing->store, until, err) == -1)
		return -1;
	if (*until > sealing->now)
		*until = sealing->now;
	if (*until != INT64_MIN)
		*until -= LEDGER_OPEN_USEC;
	return 0;
}

/* Where the last sealed day ends, or INT64_MIN. */
static int64_t
sealed_until(const struct seals *seals)
{
	for (size_t i = seals->count; i > 0; i--)
		if (!seals->seal[i - 1].is_retention)
			return seals->seal[i - 1].end;
	return INT64_MIN;
}

static int
seal_span(const struct sealing *sealing, struct seals *seals, int64_t begin,
	  int64_t end, const struct signing_key *key, struct error *err)
{
	struct seal seal = { .begin = begin, .end = end };
	bool has_all;

	if (hash_day(sealing->store, &seal, &seals->arena, &has_all, err) == -1)
		return -1;
	return seal_write(seals, &seal, sealing->folder, sealing->zone, key, err);
}

/* One seal for the days without rows in [from, to), if there are any. */
static int
seal_empty(const struct sealing *sealing, struct seals *seals, int64_t from, int64_t to,
	   const struct signing_key *key, struct error *err)
{
	int64_t whole = (to - from) / INSTANT_DAY * INSTANT_DAY;

	return whole > 0 ? seal_span(sealing, seals, from, from + whole, key, err) : 0;
}

static int
seal_days(const struct sealing *sealing, const struct day_list *list,
	  struct seals *seals, const struct signing_key *key, struct error *err)
{
	int64_t at = sealed_until(seals), until;

	if (closed_until(sealing, &until, err) == -1)
		return -1;
	for (size_t i = 0; i < list->count && list->day[i].begin <= until; i++) {
		int64_t begin = list->day[i].begin;
		if (begin < at)
			continue; /* sealed, or put there since, which verify tells */
		if (at != INT64_MIN &&
		    seal_empty(sealing, seals, at, begin, key, err) == -1)
			return -1;
		if (seal_span(sealing, seals, begin, begin + INSTANT_DAY, key, err) ==
		    -1)
			return -1;
		at = begin + INSTANT_DAY;
	}
	if (at == INT64_MIN || at > until)
		return 0;
	return seal_empty(sealing, seals, at, until + INSTANT_DAY, key, err);
}

int
sealing_seal(const struct sealing *sealing, struct seals *seals,
	     const struct signing_key *key, size_t *made, struct error *err)
{
	struct day_list list = { 0 };
	size_t before = seals->count;
	int result = store_each_ledger_day(sealing->store, &everybody, on_day, &list,
					   err) == -1
			     ? -1
			     : seal_days(sealing, &list, seals, key, err);

	*made = seals->count - before;
	arena_release(&list.arena);
	return result;
}

static int
drop_days(const struct sealing *sealing, const struct day_list *list, int64_t before,
	  struct seal *seal, struct error *err)
{
	for (size_t i = 0; i < list->count; i++) {
		int64_t begin = list->day[i].begin;
		if (begin + INSTANT_DAY > before)
			break;
		if (store_drop_ledger_day(sealing->store, begin, err) == -1)
			return -1;
		seal->rows += list->day[i].rows;
		seal->begin = seal->begin < begin ? seal->begin : begin;
		seal->end = begin + INSTANT_DAY;
	}
	return 0;
}

int
sealing_drop(const struct sealing *sealing, struct seals *seals,
	     const struct signing_key *key, int64_t before, uint64_t *dropped,
	     struct error *err)
{
	struct day_list list = { 0 };
	struct seal seal = { .is_retention = true, .begin = INT64_MAX };
	int64_t sealed = sealed_until(seals);

	int result = store_each_ledger_day(sealing->store, &everybody, on_day, &list,
					   err) == -1 ||
				     store_begin(sealing->store, err) == -1
			     ? -1
			     : drop_days(sealing, &list,
					 before < sealed ? before : sealed, &seal, err);
	/* the seal first: rows without it would look stolen */
	if (result == 0 && seal.rows > 0)
		result = seal_write(seals, &seal, sealing->folder, sealing->zone, key,
				    err);
	if (result == 0)
		result = store_commit(sealing->store, err);
	*dropped = seal.rows;
	arena_release(&list.arena);
	return result;
}

static void __attribute__((format(printf, 3, 4)))
tell(struct seal_check *check, const char *day, const char *format, ...)
{
	char what[256];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	check->findings++;
	check->on_finding(check->ctx, day, what);
}

static const char *
name_day(const struct sealing *sealing, int64_t begin, char text[CALENDAR_TEXT_SIZE])
{
	date_to_text(calendar_date((struct instant){ begin },
				   (struct zone){ sealing->zone }),
		     text);
	return text;
}

/* The chain: numbers, links, signatures, and days that follow each other. */
static void
check_chain(const struct seals *seals, struct seal_check *check)
{
	struct digest previous = { { 0 } };
	uint64_t number = 0;
	int64_t end = INT64_MIN;

	for (size_t i = 0; i < seals->count; i++) {
		const struct seal *seal = &seals->seal[i];
		if (!signature_holds(check->key, seal->body, strlen(seal->body),
				     seal->signature))
			tell(check, seal->name, "the signature does not hold");
		if (seal->number != number + 1 ||
		    memcmp(&seal->previous, &previous, sizeof(previous)) != 0)
			tell(check, seal->name,
			     "does not follow the seal before it; one is missing, or "
			     "they were put in another order");
		if (!seal->is_retention && end != INT64_MIN && seal->begin != end)
			tell(check, seal->name, "days before it are not sealed");
		if (!seal->is_retention)
			end = seal->end;
		number = seal->number;
		previous = seal_digest(seal);
	}
}

static void
check_delivered(const struct seals *seals, struct seal_check *check)
{
	const struct seals *there = check->delivered;

	for (size_t i = 0; there != NULL && i < there->count; i++) {
		size_t at = 0;
		while (at < seals->count &&
		       strcmp(seals->seal[at].name, there->seal[i].name) != 0)
			at++;
		if (at == seals->count)
			tell(check, there->seal[i].name,
			     "was delivered, and is missing here");
		else if (strcmp(seals->seal[at].body, there->seal[i].body) != 0)
			tell(check, there->seal[i].name,
			     "is another one than was delivered");
	}
}

static int64_t
retained_until(const struct seals *seals)
{
	int64_t until = INT64_MIN;

	for (size_t i = 0; i < seals->count; i++)
		if (seals->seal[i].is_retention && seals->seal[i].end > until)
			until = seals->seal[i].end;
	return until;
}

static int
check_rows(const struct sealing *sealing, const struct seal *seal,
	   struct seal_check *check, struct error *err)
{
	struct seal found = *seal;
	char day[CALENDAR_TEXT_SIZE];
	bool has_all;

	if (hash_day(sealing->store, &found, NULL, &has_all, err) == -1)
		return -1;
	name_day(sealing, seal->begin, day);
	if (!has_all)
		tell(check, day, "a sealed column is gone from the ledger");
	else if (found.rows != seal->rows)
		tell(check, day, "%" PRIu64 " rows were sealed, %" PRIu64 " are there",
		     seal->rows, found.rows);
	else if (memcmp(&found.digest, &seal->digest, sizeof(seal->digest)) != 0)
		tell(check, day, "rows were changed since they were sealed");
	else {
		check->days += (uint64_t)((seal->end - seal->begin) / INSTANT_DAY);
		check->rows += seal->rows;
	}
	return 0;
}

static const struct seal *
seal_of(const struct seals *seals, int64_t begin)
{
	for (size_t i = 0; i < seals->count; i++)
		if (!seals->seal[i].is_retention && seals->seal[i].begin <= begin &&
		    begin < seals->seal[i].end)
			return &seals->seal[i];
	return NULL;
}

/* Days that have rows and should not. */
static void
check_days(const struct sealing *sealing, const struct seals *seals,
	   const struct day_list *list, int64_t closed, struct seal_check *check)
{
	int64_t sealed = sealed_until(seals), retained = retained_until(seals);
	char day[CALENDAR_TEXT_SIZE];

	for (size_t i = 0; i < list->count; i++) {
		int64_t begin = list->day[i].begin;
		const struct seal *seal = seal_of(seals, begin);
		name_day(sealing, begin, day);
		if (begin < retained)
			tell(check, day,
			     "%" PRIu64 " rows are there that retention deleted",
			     list->day[i].rows);
		else if (seal != NULL && seal->begin != begin)
			tell(check, day, "%" PRIu64 " rows where none were sealed",
			     list->day[i].rows);
		else if (seal == NULL && begin < sealed)
			tell(check, day, "%" PRIu64 " rows before the first seal",
			     list->day[i].rows);
		else if (seal == NULL && begin <= closed)
			check->unsealed++;
	}
}

int
sealing_verify(const struct sealing *sealing, const struct seals *seals,
	       struct seal_check *check, struct error *err)
{
	struct day_list list = { 0 };
	int64_t closed, retained = retained_until(seals);
	int result = -1;

	check_chain(seals, check);
	check_delivered(seals, check);
	if (closed_until(sealing, &closed, err) == -1 ||
	    store_each_ledger_day(sealing->store, &everybody, on_day, &list, err) == -1)
		goto out;
	for (size_t i = 0; i < seals->count; i++) {
		const struct seal *seal = &seals->seal[i];
		check->retained += seal->is_retention;
		if (!seal->is_retention && seal->begin >= retained &&
		    check_rows(sealing, seal, check, err) == -1)
			goto out;
	}
	check_days(sealing, seals, &list, closed, check);
	result = 0;
out:
	arena_release(&list.arena);
	return result;
}
