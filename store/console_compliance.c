/* SPDX-License-Identifier: Apache-2.0 */
/* console_compliance: verdicts by window, why samples were unknown, coverage, sensors.
 */
#include "store/console_internal.h"

static bool
call_window(any_sink *sink, void *ctx, sqlite3_stmt *s)
{
	return ((window_sink *)sink)(
		ctx, &(struct window_row){
			     .requirement = column_text(s, 0),
			     .participant = column_text(s, 1),
			     .from = sqlite3_column_int64(s, 2),
			     .to = sqlite3_column_int64(s, 3),
			     .verdict = column_text(s, 4),
			     .is_provisional = sqlite3_column_int(s, 5) != 0,
			     .disposition = column_text(s, 6),
			     .exception = column_text(s, 7),
			     .good = sqlite3_column_int64(s, 8),
			     .bad = sqlite3_column_int64(s, 9),
			     .unknown = sqlite3_column_int64(s, 10),
			     .failed = sqlite3_column_int64(s, 11),
			     .coverage = (uint32_t)sqlite3_column_int64(s, 12),
			     .reason = column_text(s, 13),
			     .evidence_class = column_text(s, 14),
			     .ruleset = column_text(s, 15),
			     .evidence_count = sqlite3_column_int(s, 16),
			     .revision = sqlite3_column_int(s, 17),
		     });
}

int
console_each_window(struct console_reader *reader, const struct scope *scope,
		    const struct window_filter *filter, window_sink *sink, void *ctx,
		    struct error *err)
{
	return console_each(
		reader,
		database_query(
			reader->file, err,
			"SELECT requirement, participant, window_start, "
			"window_end, verdict, "
			"provisional, disposition, exception, good, bad, "
			"unknown, failed, coverage, "
			"reason, evidence_class, ruleset, "
			"json_array_length(evidence), revision "
			"FROM verdict WHERE (?1 OR partition = ?2) AND (?3 IS "
			"NULL OR partition = ?3) "
			"AND (?4 IS NULL OR requirement = ?4) AND (?5 IS NULL "
			"OR participant = ?5) "
			"AND window_start > ?6 - 2764800000000 AND window_end > ?6 "
			"AND window_start < ?7 "
			"ORDER BY requirement, participant, window_start",
			"dttttii", (int)scope->is_all, scope_partition(scope),
			filter->region, filter->requirement, filter->participant,
			filter->from, filter->to),
		call_window, (any_sink *)sink, ctx, err);
}

static bool
call_reason(any_sink *sink, void *ctx, sqlite3_stmt *statement)
{
	return ((reason_sink *)sink)(
		ctx, &(struct reason_row){
			     .reason = column_text(statement, 0),
			     .count = sqlite3_column_int64(statement, 1),
		     });
}

int
console_each_reason(struct console_reader *reader, const struct scope *scope,
		    const struct window_filter *filter, reason_sink *sink, void *ctx,
		    struct error *err)
{
	return console_each(
		reader,
		database_query(
			reader->file, err,
			"SELECT u.reason, sum(u.count) FROM verdict v JOIN "
			"unknown_reason u "
			"USING (requirement, participant, window_start) "
			"WHERE (?1 OR v.partition = ?2) AND (?3 IS NULL OR "
			"v.partition = ?3) "
			"AND (?4 IS NULL OR v.requirement = ?4) "
			"AND (?5 IS NULL OR v.participant = ?5) "
			"AND v.window_start > ?6 - 2764800000000 AND v.window_end > ?6 "
			"AND v.window_start < ?7 "
			"GROUP BY u.reason ORDER BY 2 DESC, 1 LIMIT 20",
			"dttttii", (int)scope->is_all, scope_partition(scope),
			filter->region, filter->requirement, filter->participant,
			filter->from, filter->to),
		call_reason, (any_sink *)sink, ctx, err);
}

/* A partition sees the sensors that can see the lines of its participants. */
#define OWN_SENSOR(column)                                                      \
	"(?1 OR EXISTS (SELECT 1 FROM participant_sensor o JOIN participant p " \
	"ON p.id = o.participant WHERE o.sensor = " column " AND p.partition = ?2))"

static bool
call_coverage(any_sink *sink, void *ctx, sqlite3_stmt *s)
{
	return ((coverage_sink *)sink)(
		ctx, &(struct coverage_hour){
			     .sensor = column_text(s, 0),
			     .poi = column_text(s, 1),
			     .hour = sqlite3_column_int64(s, 2),
			     .observed = sqlite3_column_int64(s, 3),
			     .packets = sqlite3_column_int64(s, 4),
			     .lost = sqlite3_column_int64(s, 5),
			     .lost_stream = sqlite3_column_int64(s, 6),
			     .lost_flow = sqlite3_column_int64(s, 7),
			     .lost_records = sqlite3_column_int64(s, 8),
		     });
}

int
console_each_coverage(struct console_reader *reader, const struct scope *scope,
		      int64_t from, int64_t to, coverage_sink *sink, void *ctx,
		      struct error *err)
{
	return console_each(
		reader,
		database_query(
			reader->file, err,
			"SELECT sensor, poi, hour, observed, packets, lost, "
			"lost_stream, "
			"lost_flow, lost_records FROM coverage c "
			"WHERE " OWN_SENSOR("c.sensor") " AND hour >= ?3 AND hour < ?4 "
							"ORDER BY sensor, poi, hour",
			"dtii", (int)scope->is_all, scope_partition(scope), from, to),
		call_coverage, (any_sink *)sink, ctx, err);
}

static bool
call_sensor(any_sink *sink, void *ctx, sqlite3_stmt *s)
{
	return ((sensor_item_sink *)sink)(
		ctx, &(struct sensor_item){
			     .sensor = column_text(s, 0),
			     .poi = column_text(s, 1),
			     .first = sqlite3_column_int64(s, 2),
			     .last = sqlite3_column_int64(s, 3),
			     .last_record = sqlite3_column_int64(s, 4),
			     .records = sqlite3_column_int64(s, 5),
			     .participants = column_text(s, 6),
		     });
}

int
console_each_sensor(struct console_reader *reader, const struct scope *scope,
		    sensor_item_sink *sink, void *ctx, struct error *err)
{
	return console_each(
		reader,
		database_query(
			reader->file, err,
			"SELECT sensor, poi, first, last, last_record, records, "
			"(SELECT json_group_array(o.participant) FROM "
			"participant_sensor o "
			"JOIN participant p ON p.id = o.participant "
			"WHERE o.sensor = c.sensor AND (?1 OR p.partition = ?2)) "
			"FROM sensor c WHERE " OWN_SENSOR(
				"c.sensor") " ORDER BY sensor, poi",
			"dt", (int)scope->is_all, scope_partition(scope)),
		call_sensor, (any_sink *)sink, ctx, err);
}
