/* SPDX-License-Identifier: Apache-2.0 */
/* rules_candidate: 'sekisho rules try --participant ID --capture FILE': what trial
 * traffic says of all a candidate must meet (接続前の確認), before it connects or
 * connects again. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/exit_code.h"
#include "correlator/engine.h"
#include "correlator/evidence.h"
#include "correlator/policy/verdict.h"
#include "correlator/report/report.h"
#include "sensor/pipeline.h"
#include "store/reads.h"
#include "tool/place.h"
#include "tool/replay.h"
#include "tool/rules_action.h"

static const struct scope everybody = { .is_all = true };

/* What the traffic says of one requirement. */
enum result {
	RESULT_MET,
	RESULT_BROKEN,
	RESULT_UNSEEN,
	RESULT_UNTRIED,
	RESULT_BY_HAND
};
enum { RESULTS = RESULT_BY_HAND + 1, REASON_SIZE = 32 };

static const struct title result_names[RESULTS] = {
	[RESULT_MET] = { "適合", "met" },
	[RESULT_BROKEN] = { "不適合", "broken" },
	[RESULT_UNSEEN] = { "確認不可", "unseen" },
	[RESULT_UNTRIED] = { "未実施", "untried" },
	[RESULT_BY_HAND] = { "書面確認", "by hand" },
};

struct trial_run {
	const struct rules_job *job;
	const struct participant *participant;
	bool is_ja;
	char directory[PLACE_SIZE];
	struct store *store;
	struct engine *engine;
	struct replay replay;
	uint64_t count[RESULTS];
	bool is_refused; /* something that is no advice is broken */
	bool is_open;    /* something that is no advice is not known */
	bool is_seen;    /* anything of the candidate was */
};

/* All windows of one requirement and the candidate. */
struct summed {
	uint64_t rows, good, bad, unknown, failed;
	bool has_unseen;
	char reason[REASON_SIZE], evidence[EVIDENCE_ID_SIZE];
};

static const char *
in(const struct trial_run *run, struct title title)
{
	return run->is_ja ? title.ja : title.en;
}

static bool
add_verdict(void *ctx, const struct verdict_row *row)
{
	struct summed *summed = ctx;
	struct evidence evidence;

	summed->rows++;
	summed->good += row->good;
	summed->bad += row->bad;
	summed->unknown += row->unknown;
	summed->failed += row->failed;
	if (strcmp(row->verdict, "unobservable") == 0) {
		summed->has_unseen = true;
		snprintf(summed->reason, sizeof(summed->reason), "%s", row->reason);
	}
	evidence_from_text(&evidence, row->evidence);
	if (evidence.count > 0 && (summed->evidence[0] == '\0' || row->bad > 0))
		snprintf(summed->evidence, sizeof(summed->evidence), "%s",
			 evidence.cited[0].id);
	return true;
}

/* A trial is too short to prove a silence: what must be seen daily is then untried. */
static enum result
result_of(const struct requirement *requirement, const struct summed *summed)
{
	if (requirement->kind == REQUIREMENT_MANUAL)
		return RESULT_BY_HAND;
	if (requirement->kind == REQUIREMENT_PRESENCE)
		return summed->good >= requirement->min_count ? RESULT_MET
							      : RESULT_UNTRIED;
	if (summed->bad > 0 || summed->failed > 0)
		return RESULT_BROKEN;
	if (summed->rows == 0 || summed->good + summed->unknown == 0)
		return requirement->kind == REQUIREMENT_FORBID ? RESULT_MET
							       : RESULT_UNTRIED;
	return summed->has_unseen ? RESULT_UNSEEN : RESULT_MET;
}

static void
print_result(const struct trial_run *run, const struct requirement *requirement,
	     enum result result, const struct summed *summed)
{
	bool is_advice = requirement_is_advice(requirement);

	printf("%s\t%s\t%s%s\n", in(run, result_names[result]), requirement->id,
	       in(run, requirement->title),
	       is_advice ? in(run, (struct title){ "(助言)", " (advice)" }) : "");
	if (result == RESULT_BROKEN) {
		printf("\t\t%s: %" PRIu64 " / %" PRIu64 ", %s\n",
		       in(run,
			  (struct title){ "違反した通信", "sessions that broke it" }),
		       summed->bad, summed->bad + summed->good + summed->unknown,
		       summed->evidence);
		printf("\t\t%s: %s\n", in(run, (struct title){ "改善方法", "remedy" }),
		       in(run, requirement->remedy));
	}
	if (result != RESULT_UNSEEN)
		return;
	printf("\t\t%s: %s\n",
	       in(run, (struct title){ "見えない理由", "why it is unseen" }),
	       summed->reason);
	if (requirement->settled_by.ja[0] != '\0')
		printf("\t\t%s: %s\n",
		       in(run, (struct title){ "確認できる証跡",
					       "evidence that settles it" }),
		       in(run, requirement->settled_by));
}

static int
judge_requirement(struct trial_run *run, const struct requirement *requirement,
		  struct error *err)
{
	struct verdict_filter filter = { requirement->id, run->participant->id,
					 INT64_MIN, INT64_MAX };
	struct summed summed = { 0 };

	if (store_each_verdict(run->store, &everybody, &filter, add_verdict, &summed,
			       err) == -1)
		return -1;
	enum result result = result_of(requirement, &summed);
	run->count[result]++;
	run->is_seen |= summed.rows > 0;
	if (!requirement_is_advice(requirement)) {
		run->is_refused |= result == RESULT_BROKEN;
		run->is_open |= result == RESULT_UNSEEN ||
				(result == RESULT_UNTRIED &&
				 requirement->kind == REQUIREMENT_PRESENCE);
	}
	print_result(run, requirement, result, &summed);
	return 0;
}

static int
print_list(struct trial_run *run, struct error *err)
{
	const struct policy *policy = run->job->policy;

	printf("%s: %s (%s)\n",
	       in(run, (struct title){ "接続前の確認", "Check before connection" }),
	       in(run, run->participant->title), run->participant->id);
	for (size_t i = 0; i < policy_requirement_count(policy); i++) {
		const struct requirement *one = policy_requirement(policy, i);
		if (requirement_is_active(one) &&
		    policy_speaks_of(policy, one, run->participant) &&
		    judge_requirement(run, one, err) == -1)
			return -1;
	}
	run->is_open |= !run->is_seen;
	for (size_t i = 0; i < RESULTS; i++)
		printf("%s%s %" PRIu64, i == 0 ? "" : ", ", in(run, result_names[i]),
		       run->count[i]);
	printf("\n%s\n",
	       in(run,
		  run->is_refused ? (struct title){ "判定: 不合格", "Result: refused" }
		  : run->is_open ? (struct title){ "判定: 保留(他の証跡で確認)",
						   "Result: open (settle by other "
						   "evidence)" }
				 : (struct title){ "判定: 合格", "Result: passed" }));
	return 0;
}

/* The sensor of the candidate's own point of interconnection took the capture. */
static void
choose_place(struct trial_run *run)
{
	const struct inventory *inventory = run->job->inventory;

	run->replay.sensor = pipeline_defaults.sensor;
	run->replay.poi = pipeline_defaults.poi;
	for (size_t i = 0; i < inventory_sensor_count(inventory); i++) {
		const struct sensor_entry *entry = inventory_sensor(inventory, i);
		if (!inventory_sensor_sees(inventory, entry, run->participant))
			continue;
		run->replay.sensor = entry->id;
		run->replay.poi = entry->poi;
		return;
	}
}

static int
judge_capture(struct trial_run *run, struct error *err)
{
	run->store = store_open(run->directory, STORE_TEMPORARY, err);
	if (run->store == NULL)
		return -1;
	run->engine = engine_new(run->job->inventory, run->job->policy, run->store,
				 ENGINE_REPLAY, err);
	if (run->engine == NULL)
		return -1;
	run->replay.batch = batch_new(run->engine);
	run->replay.is_quiet = !isatty(STDERR_FILENO);
	choose_place(run);
	if (run->job->config->logs.count > 0)
		engine_await_evidence(run->engine);
	if (replay_file(&run->replay, run->job->config->capture, err) == -1 ||
	    batch_add_logs(run->replay.batch, run->store, run->job->config->rules,
			   &run->job->config->logs, err) == -1)
		return -1;
	return batch_finish(run->replay.batch, err);
}

static int
status_of(const struct trial_run *run)
{
	if (run->is_refused)
		return EXIT_CODE_NO;
	return run->is_open ? EXIT_CODE_INCOMPLETE : EXIT_CODE_OK;
}

static int
complain(int code, const char *what)
{
	fprintf(stderr, "sekisho rules: %s\n", what);
	return code;
}

static int
run_trial(struct trial_run *run)
{
	struct error err;
	int status = EXIT_CODE_INPUT;

	if (place_make_temporary(run->directory, &err) == -1)
		return complain(EXIT_CODE_ENVIRONMENT, err.text);
	if (judge_capture(run, &err) == 0 && print_list(run, &err) == 0)
		status = status_of(run);
	else
		complain(status, err.text);
	batch_free(run->replay.batch);
	engine_free(run->engine);
	store_close(run->store);
	place_remove_temporary(run->directory);
	return status;
}

int
rules_candidate(const struct rules_job *job)
{
	const struct rules_config *config = job->config;
	struct trial_run run = { .job = job, .is_ja = config->language == REPORT_JA };

	if (config->participant == NULL || config->capture == NULL)
		return complain(
			EXIT_CODE_USAGE,
			"a trial lacks --participant or --capture; expected both");
	run.participant =
		inventory_find_participant(job->inventory, config->participant);
	if (run.participant == NULL)
		return complain(EXIT_CODE_INPUT,
				"--participant is none of the inventory; expected one "
				"that is (see --inventory)");
	return run_trial(&run);
}
