/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite_effects: what the engine writes beside verdicts and alerts. */
#include "store/effects.h"
#include "store/sqlite.h"

int
store_put_position(struct store *store, const struct position_row *row,
		   struct error *err)
{
	return database_run(
		store->main, err,
		"INSERT OR REPLACE INTO position VALUES (?1,?2,?3,?4,?5,?6,?7,?8)",
		"ttiutiii", row->sensor, row->epoch, (int64_t)row->lane, row->low,
		row->gaps, row->time, row->tick, row->covered);
}

int
store_add_coverage(struct store *store, const struct coverage_row *row,
		   struct error *err)
{
	return database_run(
		store->main, err,
		"INSERT INTO coverage_lane VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)"
		" ON CONFLICT DO UPDATE SET spoken = spoken + excluded.spoken,"
		" observed = observed + excluded.observed, packets = packets + "
		"excluded.packets,"
		" lost = lost + excluded.lost, lost_stream = lost_stream + "
		"excluded.lost_stream,"
		" lost_flow = lost_flow + excluded.lost_flow,"
		" lost_records = lost_records + excluded.lost_records",
		"ttiiiiuuuuu", row->sensor, row->poi, row->hour, (int64_t)row->lane,
		row->spoken, row->observed, row->packets, row->lost, row->lost_stream,
		row->lost_flow, row->lost_records);
}

int
store_settle_coverage(struct store *store, const char *sensor, const char *poi,
		      int64_t hour, struct error *err)
{
	return database_run(
		store->main, err,
		"INSERT OR REPLACE INTO coverage"
		" SELECT sensor, poi, hour, sum(observed) / max(1, sum(spoken > 0)),"
		" sum(packets), sum(lost), sum(lost_stream), sum(lost_flow),"
		" sum(lost_records) FROM coverage_lane"
		" WHERE sensor = ?1 AND poi = ?2 AND hour = ?3 GROUP BY sensor, poi, "
		"hour",
		"tti", sensor, poi, hour);
}

int
store_add_sensor(struct store *store, const struct sensor_row *row, struct error *err)
{
	return database_run(
		store->main, err,
		"INSERT INTO sensor VALUES (?1,?2,?3,?4,?5,?6) ON CONFLICT DO UPDATE "
		"SET"
		" first = min(first, excluded.first), last = max(last, excluded.last),"
		" last_record = max(last_record, excluded.last_record),"
		" records = records + excluded.records",
		"ttiiiu", row->sensor, row->poi, row->first, row->last,
		row->last_record, row->records);
}

int
store_add_summary(struct store *store, const struct summary_row *row, struct error *err)
{
	return database_run(
		store->main, err,
		"INSERT INTO summary VALUES (?1,?2,?3,?4,?5,?6,?7,?8)"
		" ON CONFLICT DO UPDATE SET records = records + excluded.records,"
		" bytes = bytes + excluded.bytes",
		"itttttuu", row->hour, row->poi, row->client_partition,
		row->server_partition, row->service, row->event, row->records,
		row->bytes);
}

int
store_add_counter(struct store *store, const char *name, uint64_t value,
		  struct error *err)
{
	return database_run(store->main, err,
			    "INSERT INTO counter VALUES (?1,?2)"
			    " ON CONFLICT DO UPDATE SET value = value + excluded.value",
			    "tu", name, value);
}

int
store_add_judged_flow(struct store *store, const char *poi, const char *sensor,
		      uint64_t flow_id, int64_t last, struct error *err)
{
	return database_run(
		store->main, err,
		"INSERT INTO judged_flow VALUES (?1,?2,?3,?4)"
		" ON CONFLICT DO UPDATE SET last = max(last, excluded.last)",
		"ttui", poi, sensor, flow_id, last);
}

int
store_forget_judged_flows(struct store *store, int64_t before, struct error *err)
{
	return database_run(store->main, err, "DELETE FROM judged_flow WHERE last < ?1",
			    "i", before);
}

int
store_add_ruleset(struct store *store, const char *sha256, const char *policy,
		  const char *version, int64_t used, struct error *err)
{
	return database_run(
		store->main, err,
		"INSERT INTO ruleset VALUES (?1,?2,?3,?4) ON CONFLICT DO UPDATE SET"
		" first_used = min(first_used, excluded.first_used)",
		"ttti", sha256, policy, version, used);
}

int
store_clear_inventory(struct store *store, struct error *err)
{
	return database_execute(store->main,
				"DELETE FROM region; DELETE FROM participant;"
				"DELETE FROM participant_sensor; DELETE FROM service;"
				"DELETE FROM requirement",
				err);
}

int
store_add_region(struct store *store, const char *id, const char *title_ja,
		 const char *title_en, struct error *err)
{
	return database_run(store->main, err, "INSERT INTO region VALUES (?1,?2,?3)",
			    "ttt", id, title_ja, title_en);
}

int
store_add_participant(struct store *store, const struct participant_row *row,
		      struct error *err)
{
	return database_run(store->main, err,
			    "INSERT INTO participant VALUES (?1,?2,?3,?4,?5,?6,?7,?8)",
			    "tttttttt", row->id, row->kind, row->partition,
			    row->title_ja, row->title_en, row->kana, row->code,
			    row->contact);
}

int
store_add_participant_sensor(struct store *store, const char *participant,
			     const char *sensor, struct error *err)
{
	return database_run(store->main, err,
			    "INSERT OR IGNORE INTO participant_sensor VALUES (?1,?2)",
			    "tt", participant, sensor);
}

int
store_add_service(struct store *store, const struct service_row *row, struct error *err)
{
	return database_run(store->main, err,
			    "INSERT INTO service VALUES (?1,?2,?3,?4,?5)", "ttttt",
			    row->id, row->kind, row->participant, row->title_ja,
			    row->title_en);
}

int
store_add_requirement(struct store *store, const struct requirement_row *row,
		      struct error *err)
{
	return database_run(
		store->main, err,
		"INSERT INTO requirement VALUES"
		" (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17)",
		"tuttttttttttttitt", row->id, (uint64_t)row->ordinal, row->kind,
		row->status, row->severity, row->title_ja, row->title_en, row->document,
		row->document_en, row->clause, row->rationale_ja, row->rationale_en,
		row->remedy_ja, row->remedy_en, (int64_t)row->min_coverage,
		row->settled_by_ja, row->settled_by_en);
}
