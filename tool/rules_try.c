/* SPDX-License-Identifier: Apache-2.0 */
/* rules_try: 'sekisho rules try DIR': what a rule set would change of the verdicts on
 * stored records. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/calendar.h"
#include "common/exit_code.h"
#include "common/record_read.h"
#include "correlator/coverage.h"
#include "correlator/trial.h"
#include "correlator/verdicts.h"
#include "store/reads.h"
#include "tool/rules_action.h"

enum { ROWS_MAX = 1 << 20, RECORDS_A_TURN = 20000, SAMPLES_SHOWN = 20 };

static const struct scope everybody = { .is_all = true };

/* One run over the stored records. */
struct attempt {
	const struct policy *policy[TRIAL_SIDES];
	struct trial *trial;
	struct record_reader *reader;
	int64_t from, to, begin;
	uint64_t records, refused;
	bool is_quiet;
	enum trial_side side;
	char id[EVIDENCE_ID_SIZE];
};

static void
on_finding(void *ctx, const struct finding *finding)
{
	struct attempt *attempt = ctx;
	const struct requirement *requirement = finding->requirement;
	const char *id = requirement->replaces[0] != '\0' ? requirement->replaces
							  : requirement->id;

	trial_add(attempt->trial, attempt->side, id, finding,
		  verdict_window(attempt->policy[attempt->side], requirement,
				 attempt->begin),
		  attempt->id);
}

static bool
is_draft_already(const struct policy *now, const char *id)
{
	for (size_t i = 0; i < policy_requirement_count(now); i++)
		if (strcmp(policy_requirement(now, i)->id, id) == 0)
			return requirement_is_draft(policy_requirement(now, i));
	return false;
}

static void
on_draft(void *ctx, const struct finding *finding)
{
	struct attempt *attempt = ctx;

	if (!is_draft_already(attempt->policy[TRIAL_NOW], finding->requirement->id))
		on_finding(ctx, finding);
}

static void
judge(struct attempt *attempt, const struct record *record)
{
	const struct policy *then = attempt->policy[TRIAL_THEN];

	for (size_t side = 0; side < TRIAL_SIDES; side++) {
		struct parties parties = policy_parties(attempt->policy[side], record);
		attempt->side = (enum trial_side)side;
		policy_judge(attempt->policy[side], record, &parties, on_finding,
			     attempt);
	}
	/* what is a draft in the new set only is what is tried */
	struct parties parties = policy_parties(then, record);
	policy_judge_drafts(then, record, &parties, on_draft, attempt);
}

/* Of a flow that goes on only the last record counts, as one sample. */
static bool
is_sample(const struct record *record)
{
	enum event event = record_event(record);

	if (event == EVENT_TICK || event == EVENT_STATS || event == EVENT_ALERT ||
	    event == EVENT_COVERAGE)
		return false;
	if (record_has(record, FIELD_EVIDENCE_CLASS)) /* says something of a session */
		return false;
	return event != EVENT_FLOW || !record_has(record, FIELD_SEKISHO_IS_FINAL) ||
	       record->value[FIELD_SEKISHO_IS_FINAL].flag;
}

static void
show_progress(const struct attempt *attempt, int64_t at)
{
	int64_t whole = attempt->to - attempt->from;

	if (!attempt->is_quiet && whole > 0)
		fprintf(stderr, "\r%" PRIu64 " records, %3" PRId64 " %%",
			attempt->records, (at - attempt->from) / (whole / 100 + 1));
}

static bool
on_record(void *ctx, const struct record_row *row)
{
	struct attempt *attempt = ctx;
	struct record record;
	struct error why;

	if (++attempt->records % RECORDS_A_TURN == 0)
		show_progress(attempt, row->time.usec);
	if (!record_read(attempt->reader, row->line, row->size, &record, &why)) {
		attempt->refused++;
		return true;
	}
	if (!is_sample(&record))
		return true;
	snprintf(attempt->id, sizeof(attempt->id), "%s/%s/%u/%" PRIu64, row->sensor,
		 row->epoch, row->lane, row->seq);
	attempt->begin = record_has(&record, FIELD_FLOW_START)
				 ? record.value[FIELD_FLOW_START].time.usec
				 : row->time.usec;
	judge(attempt, &record);
	return true;
}

/* The newest record of any sensor: 'since' is meant from there. */
static bool
note_last(void *ctx, const struct sensor_row *row)
{
	int64_t *last = ctx;

	if (row->last_record > *last)
		*last = row->last_record;
	return true;
}

static int
coverage_so_far(void *ctx, const struct participant *participant, int64_t window_start,
		int64_t window_end, uint32_t *millionths, struct error *err)
{
	return coverage_of(ctx, participant, window_start, window_end, false,
			   millionths, err);
}

/* The changes of one requirement, told when the next begins. */
struct telling {
	const struct policy *policy;
	const char *id;
	const struct participant *last;
	uint64_t verdicts, participants, all_verdicts, requirements, violated;
};

static void
print_change(const struct telling *telling, const struct trial_change *change)
{
	struct zone zone = { policy_zone(telling->policy) };
	const struct trial_row *row = change->row;
	char day[CALENDAR_TEXT_SIZE];

	date_to_text(calendar_date((struct instant){ row->window_start }, zone), day);
	printf("  %s  %s: %s -> %s", day,
	       row->participant != NULL ? row->participant->id : "unknown",
	       verdict_name(change->verdict[TRIAL_NOW]),
	       verdict_name(change->verdict[TRIAL_THEN]));
	for (size_t i = 0; i < row->example_count; i++)
		printf("%s%s", i == 0 ? "  such as " : ", ", row->example[i]);
	putchar('\n');
}

static void
end_requirement(struct telling *telling)
{
	if (telling->id == NULL)
		return;
	if (telling->verdicts > SAMPLES_SHOWN)
		printf("  ... and %" PRIu64 " more\n",
		       telling->verdicts - SAMPLES_SHOWN);
	printf("  %" PRIu64 " verdicts of %" PRIu64 " participants\n",
	       telling->verdicts, telling->participants);
}

static void
on_change(void *ctx, const struct trial_change *change)
{
	struct telling *telling = ctx;
	const struct trial_row *row = change->row;

	if (telling->id == NULL || strcmp(telling->id, row->id) != 0) {
		end_requirement(telling);
		telling->id = row->id;
		telling->verdicts = telling->participants = 0;
		telling->requirements++;
		printf("%s\n", row->id);
	}
	telling->participants +=
		telling->verdicts == 0 || telling->last != row->participant;
	telling->last = row->participant;
	telling->all_verdicts++;
	telling->violated += change->verdict[TRIAL_THEN] == VERDICT_VIOLATED;
	if (telling->verdicts++ < SAMPLES_SHOWN)
		print_change(telling, change);
}

static int
tell(struct attempt *attempt, struct store *store, const struct inventory *inventory,
     struct error *err)
{
	struct telling telling = { .policy = attempt->policy[TRIAL_THEN] };
	struct lanes *lanes = lanes_new(store, err);
	struct coverage *coverage =
		lanes != NULL ? coverage_new(inventory, lanes, store, false, err)
			      : NULL;
	int result = -1;

	if (coverage != NULL)
		result = trial_each_change(attempt->trial, INT64_MAX, coverage_so_far,
					   coverage, on_change, &telling, err);
	end_requirement(&telling);
	if (result == 0)
		printf("%" PRIu64 " records: %" PRIu64 " verdicts of %" PRIu64
		       " requirements would change, %" PRIu64 " of them to violated\n",
		       attempt->records, telling.all_verdicts, telling.requirements,
		       telling.violated);
	coverage_free(coverage);
	lanes_free(lanes);
	return result;
}

static int
walk(struct attempt *attempt, struct store *store, const struct rules_job *job,
     struct error *err)
{
	int64_t last = 0;

	if (store_each_sensor(store, &everybody, note_last, &last, err) == -1)
		return -1;
	attempt->to = last + 1;
	attempt->from = last - job->config->since;
	int rows = store_each_record(store, &everybody, attempt->from, attempt->to,
				     on_record, attempt, err);
	if (!attempt->is_quiet)
		fprintf(stderr, "\r\033[K");
	return rows == -1 ? -1 : tell(attempt, store, job->inventory, err);
}

static int
finish(const struct attempt *attempt)
{
	uint64_t left_out = trial_left_out(attempt->trial);

	if (left_out == 0 && attempt->refused == 0)
		return EXIT_CODE_OK;
	fprintf(stderr,
		"sekisho rules: %" PRIu64 " samples found no room and %" PRIu64
		" records could not be read; expected none\n",
		left_out, attempt->refused);
	return EXIT_CODE_INCOMPLETE;
}

int
rules_try(const struct rules_job *job)
{
	struct error err;
	int status = EXIT_CODE_ENVIRONMENT;
	struct attempt attempt = { .policy[TRIAL_THEN] = job->policy,
				   .is_quiet = !isatty(STDERR_FILENO) };
	struct policy *now = policy_load(job->config->rules, job->inventory, &err);
	struct store *store =
		now != NULL ? store_open(job->config->store, STORE_READ, &err) : NULL;

	if (now == NULL)
		status = EXIT_CODE_INPUT;
	if (store != NULL) {
		attempt.policy[TRIAL_NOW] = now;
		attempt.trial = trial_new(ROWS_MAX);
		attempt.reader = record_reader_new();
		if (walk(&attempt, store, job, &err) == 0)
			status = finish(&attempt);
		else
			store_close(store), store = NULL;
		trial_free(attempt.trial);
		record_reader_free(attempt.reader);
	}
	if (store == NULL)
		fprintf(stderr, "sekisho rules: %s\n", err.text);
	store_close(store);
	policy_free(now);
	return status;
}
