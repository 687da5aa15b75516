/* SPDX-License-Identifier: Apache-2.0 */
/*
 * effects: what the engine writes.  Each call belongs to the open transaction.
 *
 * The 'add' functions are additive: counts sum, ends take the greatest, begins
 * the least, so the order of the calls does not show.  All need a writer and
 * store_begin; all return 0, or -1 with a reason, after which the only way is
 * store_rollback.
 */
#ifndef STORE_EFFECTS_H
#define STORE_EFFECTS_H

#include "common/error.h"
#include "store/rows.h"
#include "store/store.h"

int store_add_record(struct store *store, const struct record_row *row,
		     struct error *err);
int store_put_position(struct store *store, const struct position_row *row,
		       struct error *err);

/* Sums the four counts; the rest of 'row' holds if the row is new. An open disposition
 * wins over an accepted one. */
int store_add_verdict(struct store *store, const struct verdict_row *row,
		      struct error *err);
/* Sets verdict, provisional, coverage, reason and ruleset; nothing is written if all
 * are as they were. */
int store_judge_verdict(struct store *store, const struct verdict_row *row,
			struct error *err);
int store_put_evidence(struct store *store, const struct verdict_key *key,
		       const char *evidence, struct error *err);
int store_add_unknown_reason(struct store *store, const struct verdict_key *key,
			     const char *reason, uint64_t count, struct error *err);

/* A window of a presence requirement is still to be looked through from participant
 * 'next' on. */
int store_put_absence(struct store *store, const char *requirement, int64_t window_start,
		      uint64_t next, struct error *err);
int store_end_absence(struct store *store, const char *requirement, int64_t window_start,
		      struct error *err);

/* More of what correlations of a POI remember; and all of it, which replaces the rest. */
int store_add_correlation(struct store *store, const char *poi, const void *state,
			  size_t size, struct error *err);
int store_put_correlation(struct store *store, const char *poi, const void *state,
			  size_t size, struct error *err);

/*
 * One more list names the record 'id' ("sensor/epoch/lane/seq") of that time:
 * its line is copied from the raw records if it is not there yet.  A record the
 * store does not have is cited with an empty line.
 */
int store_cite(struct store *store, const char *id, int64_t time, struct error *err);
/* The line of a record no raw file has, for who cites it next. */
int store_put_cited(struct store *store, const char *id, int64_t time, const char *line,
		    size_t size, struct error *err);
/* One list less. */
int store_uncite(struct store *store, const char *id, struct error *err);

int store_add_coverage(struct store *store, const struct coverage_row *row,
		       struct error *err);
/* Makes the row of 'coverage' from its lanes. */
int store_settle_coverage(struct store *store, const char *sensor, const char *poi,
			  int64_t hour, struct error *err);
int store_add_sensor(struct store *store, const struct sensor_row *row,
		     struct error *err);

/* Replaces the whole row. */
int store_put_alert(struct store *store, const struct alert_row *row,
		    struct error *err);
/* Sets seq, first, last, count, evidence, episode and late of the alert 'id'. */
int store_grow_alert(struct store *store, const struct alert_row *row,
		     struct error *err);
/* The open episode of (rule, key) is that of 'alert'. */
int store_put_group(struct store *store, const char *rule, const char *key,
		    const char *alert, int64_t last, struct error *err);
/* Of the alerts whose last hit lies in [from, to): those before 'before' are quiet,
 * the others open.  seq stays: it is the hits' own. */
int store_settle_episodes(struct store *store, int64_t from, int64_t to, int64_t before,
			  struct error *err);

/* Merges by (poi, sensor, flow_id); 'day' belongs to the least start. */
int store_add_ledger(struct store *store, const struct ledger_row *row,
		     struct error *err);
int store_add_summary(struct store *store, const struct summary_row *row,
		      struct error *err);
int store_add_counter(struct store *store, const char *name, uint64_t value,
		      struct error *err);

/* Notes that the flow was judged before its end. */
int store_add_judged_flow(struct store *store, const char *poi, const char *sensor,
			  uint64_t flow_id, int64_t last, struct error *err);
int store_forget_judged_flows(struct store *store, int64_t before, struct error *err);

int store_add_ruleset(struct store *store, const char *sha256, const char *policy,
		      const char *version, int64_t used, struct error *err);
/* Empties region, participant, participant_sensor, service and requirement. */
int store_clear_inventory(struct store *store, struct error *err);
int store_add_region(struct store *store, const char *id, const char *title_ja,
		     const char *title_en, struct error *err);
struct participant_row {
	const char *id, *kind, *partition, *title_ja, *title_en, *kana, *code, *contact;
};
int store_add_participant(struct store *store, const struct participant_row *row,
			  struct error *err);
int store_add_participant_sensor(struct store *store, const char *participant,
				 const char *sensor, struct error *err);
struct service_row {
	const char *id, *kind, *participant, *title_ja, *title_en;
};
int store_add_service(struct store *store, const struct service_row *row,
		      struct error *err);
struct requirement_row {
	const char *id;
	size_t ordinal;
	const char *kind, *status, *severity, *title_ja, *title_en, *document,
		*document_en, *clause, *rationale_ja, *rationale_en, *remedy_ja,
		*remedy_en;
	uint32_t min_coverage;
	const char *settled_by_ja, *settled_by_en;
};
int store_add_requirement(struct store *store, const struct requirement_row *row,
			  struct error *err);

#endif
