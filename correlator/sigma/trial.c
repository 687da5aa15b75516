/* SPDX-License-Identifier: Apache-2.0 */
/* trial: the tests a detection carries: records that must, and must not, match it. */
#include <stdio.h>
#include <string.h>

#include "correlator/policy/example_record.h"
#include "correlator/sigma/holds.h"
#include "correlator/sigma/trial.h"

struct trial {
	const struct detection *detection;
	bool is_matched;
};

static void
on_finding(void *ctx, const struct finding *finding)
{
	struct trial *trial = ctx;

	if (finding->requirement == &trial->detection->row.about)
		trial->is_matched = true;
}

static int
run_one(const struct sigma *sigma, const struct policy *policy,
	const struct detection *detection, const struct yaml_node *node,
	struct error *err)
{
	struct trial trial = { detection, false };
	struct arena arena = { 0 };
	struct record record;
	struct instant at = { TRIAL_TIME };
	int result = example_record_read(&arena, node, at, policy->model->test_poi,
					 &record, err);

	if (result == 0) {
		struct parties parties = policy_parties(policy, &record);
		bool is_empty = inventory_is_empty(policy->inventory);
		/* one that only feeds correlations tells nobody */
		view_begin(sigma->view, &record, is_empty ? NULL : &parties);
		if (detection->is_looked_for ||
		    detection->row.state == DETECTION_SILENT)
			trial.is_matched =
				detection->events >> record_event(&record) & 1 &&
				holds(sigma->view, detection) == OUTCOME_GOOD;
		else
			sigma_judge(sigma, &record, is_empty ? NULL : &parties,
				    on_finding, &trial);
		result = trial.is_matched;
	}
	arena_release(&arena);
	return result;
}

static int
run_test(const struct sigma *sigma, const struct policy *policy,
	 const struct detection *detection, const struct yaml_node *test, size_t number,
	 policy_test_sink *sink, void *ctx, struct error *err)
{
	static const char *const known[] = { "match", "not", NULL };
	struct error why = { "" };
	char name[256];

	if (test->kind != YAML_MAP || test->count != 1 ||
	    yaml_only(test, known, err) == -1)
		return test->kind == YAML_MAP && test->count == 1
			       ? -1
			       : yaml_complain(err, test,
					       "no test; expected {match: {...}} or "
					       "{not: {...}}");
	bool is_wanted = strcmp(test->key[0]->text, "match") == 0;
	int matched = detection->correlation != NULL
			      ? trial_correlation(sigma, policy, detection,
						  test->item[0], err)
			      : run_one(sigma, policy, detection, test->item[0], err);
	if (matched == -1)
		return -1;
	if (matched != is_wanted)
		yaml_complain(&why, test, "\"%s\" %s this record; expected that it %s",
			      detection->row.about.title.en,
			      matched ? "matches" : "does not match",
			      is_wanted ? "does" : "does not");
	snprintf(name, sizeof(name), "%.200s: %s, test %zu",
		 detection->row.about.title.en, is_wanted ? "match" : "no match",
		 number);
	sink(ctx, name, why.text);
	return why.text[0] != '\0';
}

int
sigma_test(const struct sigma *sigma, const struct policy *policy,
	   policy_test_sink *sink, void *ctx, struct error *err)
{
	int failed = 0;

	for (size_t i = 0; i < sigma->count; i++) {
		const struct detection *detection = &sigma->detection[i];
		const struct yaml_node *tests = detection->tests;
		if (tests == NULL || detection->row.state > DETECTION_SILENT)
			continue;
		if (tests->kind != YAML_LIST)
			return yaml_complain(err, tests,
					     "no tests; expected a list of {match: "
					     "...} and {not: ...}");
		for (size_t t = 0; t < tests->count; t++) {
			int result = run_test(sigma, policy, detection, tests->item[t],
					      t + 1, sink, ctx, err);
			if (result == -1)
				return -1;
			failed += result;
		}
	}
	return failed;
}
