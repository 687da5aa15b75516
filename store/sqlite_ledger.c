/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite_ledger: the access ledger, which only grows: rows merge until their day is
 * closed. */
#include "store/ledger.h"

#include <stdio.h>
#include <string.h>

#include "store/effects.h"
#include "store/sqlite.h"

/* A day is closed 48 hours after its end; its rows are never touched again. */
int
store_close_days(struct store *store, struct error *err)
{
	int64_t now;

	if (store_find_time(store, &now, err) == -1)
		return -1;
	store->closed = now == INT64_MIN ? INT64_MIN : now - LEDGER_OPEN_USEC;
	return 0;
}

int
store_find_time(struct store *store, int64_t *time, struct error *err)
{
	sqlite3_stmt *s = database_query(
		store->main, err,
		"SELECT coalesce(max(time), -9223372036854775807 - 1) FROM position",
		"");
	int found = s != NULL ? database_step(store->main, s, err) : -1;

	if (found != 1)
		return -1;
	*time = sqlite3_column_int64(s, 0);
	sqlite3_reset(s);
	return 0;
}

/*
 * Every column is a least, a greatest or a union, so the order of a session's
 * records does not show.  'record' goes with the later end; 'day' with the
 * earlier start.  A row of a closed day is left alone.
 */
static const char merge_ledger[] =
	"INSERT INTO ledger VALUES "
	"(?1,?2,?3,?28,?29,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,"
	"?18,?19,?20,?21,?22,?23,?24,?25) ON CONFLICT DO UPDATE SET"
	" record = CASE WHEN (excluded.end, excluded.record) > (end, record)"
	"  THEN excluded.record ELSE record END,"
	" day = CASE WHEN excluded.start < start THEN excluded.day ELSE day END,"
	" start = min(start, excluded.start), end = max(end, excluded.end),"
	" bytes_to_server = max(bytes_to_server, excluded.bytes_to_server),"
	" bytes_to_client = max(bytes_to_client, excluded.bytes_to_client),"
	" app_proto = max(app_proto, excluded.app_proto),"
	" tls_version = max(tls_version, excluded.tls_version), sni = max(sni, "
	"excluded.sni),"
	" client_certificate = max(client_certificate, excluded.client_certificate),"
	" verdict = CASE WHEN instr(?26, excluded.verdict) > instr(?26, verdict)"
	"  THEN excluded.verdict ELSE verdict END,"
	" violated = CASE WHEN excluded.violated IN ('[]', violated) THEN violated ELSE"
	"  (SELECT json_group_array(value) FROM (SELECT value FROM json_each(violated)"
	"   UNION SELECT value FROM json_each(excluded.violated) ORDER BY value)) END,"
	" is_final = max(is_final, excluded.is_final) WHERE day > ?27";

static int
merge(struct store *store, const struct ledger_row *row, int64_t part, bool amends,
      struct error *err)
{
	static const char worse_later[] =
		"not_applicable satisfied unobservable violated";

	return database_run(
		store->main, err, merge_ledger, "ttutiiittttttdttuuttttttdtiid",
		row->poi, row->sensor, row->flow_id, row->record, row->start, row->end,
		row->day, row->client, row->client_partition, row->client_ip,
		row->server, row->server_partition, row->server_ip, row->server_port,
		row->service, row->service_kind, row->bytes_to_server,
		row->bytes_to_client, row->app_proto, row->tls_version, row->sni,
		row->client_certificate, row->verdict, row->violated,
		(int)row->is_final, worse_later, store->closed, part, (int)amends);
}

/* How many earlier rows the session has, and their bytes, which the late row leaves
 * out. */
static int
find_earlier(struct store *store, struct ledger_row *row, int64_t part, bool *amends,
	     struct error *err)
{
	sqlite3_stmt *s = database_query(
		store->main, err,
		"SELECT count(*), coalesce(sum(bytes_to_server), 0),"
		" coalesce(sum(bytes_to_client), 0) FROM ledger"
		" WHERE poi = ?1 AND sensor = ?2 AND flow_id = ?3 AND part < ?4",
		"ttui", row->poi, row->sensor, row->flow_id, part);
	if (s == NULL || database_step(store->main, s, err) != 1)
		return -1;
	uint64_t to_server = (uint64_t)sqlite3_column_int64(s, 1);
	uint64_t to_client = (uint64_t)sqlite3_column_int64(s, 2);
	*amends = sqlite3_column_int64(s, 0) > 0;
	sqlite3_reset(s);
	row->bytes_to_server -=
		row->bytes_to_server < to_server ? row->bytes_to_server : to_server;
	row->bytes_to_client -=
		row->bytes_to_client < to_client ? row->bytes_to_client : to_client;
	return 0;
}

/* The day it came in, in the zone in which days are cut: that of its own day. */
static int
add_late(struct store *store, const struct ledger_row *row, struct error *err)
{
	struct ledger_row late = *row;
	bool amends;

	late.day += (store->closed + LEDGER_OPEN_USEC - row->day) / INSTANT_DAY *
		    INSTANT_DAY;
	int64_t part = late.day / INSTANT_DAY;
	if (find_earlier(store, &late, part, &amends, err) == -1)
		return -1;
	return merge(store, &late, part, amends, err);
}

int
store_add_ledger(struct store *store, const struct ledger_row *row, struct error *err)
{
	if (row->day > store->closed) {
		if (merge(store, row, 0, false, err) == -1)
			return -1;
		if (sqlite3_changes(store->main->handle) > 0)
			return 0;
		/* it began in a closed day, which this record does not say */
	}
	return add_late(store, row, err);
}

int
store_each_ledger_day(struct store *store, const struct scope *scope,
		      ledger_day_sink *sink, void *ctx, struct error *err)
{
	sqlite3_stmt *s =
		database_query(store->main, err,
			       "SELECT day, count(*) FROM ledger WHERE ?1 GROUP BY day",
			       "d", (int)scope->is_all);
	int more = -1, days = 0;

	while (s != NULL && (more = database_step(store->main, s, err)) == 1) {
		days++;
		if (!sink(ctx, sqlite3_column_int64(s, 0),
			  (uint64_t)sqlite3_column_int64(s, 1))) {
			sqlite3_reset(s);
			return days;
		}
	}
	return more == -1 ? -1 : days;
}

int
store_each_ledger_text(struct store *store, const struct scope *scope, int64_t day,
		       ledger_text_sink *sink, void *ctx, struct error *err)
{
	sqlite3_stmt *s = database_query(store->main, err,
					 "SELECT * FROM ledger WHERE ?1 AND day = ?2"
					 " ORDER BY poi, sensor, flow_id, part",
					 "di", (int)scope->is_all, day);
	struct ledger_text text = { .count = 0 };
	int more = -1, rows = 0;

	while (s != NULL && (more = database_step(store->main, s, err)) == 1) {
		text.count = (size_t)sqlite3_column_count(s);
		for (size_t i = 0; i < text.count && i < LEDGER_COLUMNS_MAX; i++) {
			text.type[i] = "?INTB0"[sqlite3_column_type(s, (int)i)];
			text.name[i] = sqlite3_column_name(s, (int)i);
			text.value[i] = column_text(s, (int)i);
			text.size[i] = (size_t)sqlite3_column_bytes(s, (int)i);
		}
		rows++;
		if (!sink(ctx, &text)) {
			sqlite3_reset(s);
			return rows;
		}
	}
	return more == -1 ? -1 : rows;
}

int
store_drop_ledger_day(struct store *store, int64_t day, struct error *err)
{
	return database_run(store->main, err, "DELETE FROM ledger WHERE day = ?1", "i",
			    day);
}
