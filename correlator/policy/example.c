/* SPDX-License-Identifier: Apache-2.0 */
/* example: the tests rule files carry: given these records, expect these verdicts. */
#include "correlator/policy/example.h"

#include <stdio.h>
#include <string.h>

#include "correlator/policy/example_record.h"
#include "correlator/policy/verdict.h"

static const char *const verdict_names[] = { "satisfied",    "violated",
					     "unobservable", "not_applicable",
					     "error",        NULL };
static const char *const dispositions[] = { "open", "accepted", NULL };
enum { EXPECTATIONS_MAX = 64, WHOLE = 1000000 };

/* One line of "expect", and what the records came to. */
struct expectation {
	const struct yaml_node *at;
	const struct rule *rule;
	const struct participant *subject;    /* NULL: unknown */
	int verdict, disposition;             /* -1: not asked */
	const char *because, *by, *exception; /* "": not asked */
	struct samples samples;
	char seen_because[32], seen_by[64], seen_exception[128];
};

struct example {
	const struct policy *policy;
	const struct yaml_node *at;
	const char *name;
	struct instant time;
	uint32_t coverage;
	size_t count;
	struct expectation expectation[EXPECTATIONS_MAX];
};

struct run {
	const struct policy *policy;
	policy_test_sink *sink;
	void *ctx;
	int failed;
};

static int
read_subject(const struct inventory *inventory, const struct yaml_node *node,
	     struct expectation *expected, struct error *err)
{
	const char *id;

	if (read_text(node, "subject", &id, err) == -1)
		return -1;
	expected->subject = inventory_find_participant(inventory, id);
	if (expected->subject == NULL && strcmp(id, "unknown") != 0)
		return yaml_complain(
			err, yaml_find(node, "subject"),
			"\"%s\" is no participant of the inventory; expected one, or "
			"unknown",
			id);
	return 0;
}

static int
read_expectation(const struct example *example, const struct yaml_node *node,
		 struct expectation *expected, struct error *err)
{
	static const char *const known[] = { "requirement", "subject", "verdict",
					     "because",     "by",      "disposition",
					     "exception",   NULL };
	const char *id;

	*expected = (struct expectation){ .at = node, .disposition = -1 };
	if (yaml_only(node, known, err) == -1 ||
	    read_text(node, "requirement", &id, err) == -1 ||
	    read_choice(node, "verdict", verdict_names, -1, &expected->verdict, err) ==
		    -1 ||
	    read_text_if_any(node, "because", &expected->because, err) == -1 ||
	    read_text_if_any(node, "by", &expected->by, err) == -1 ||
	    read_text_if_any(node, "exception", &expected->exception, err) == -1)
		return -1;
	if (yaml_find(node, "disposition") != NULL &&
	    read_choice(node, "disposition", dispositions, -1, &expected->disposition,
			err) == -1)
		return -1;
	expected->rule = model_rule(example->policy->model, id);
	if (expected->rule == NULL)
		return model_no_rule(example->policy->model,
				     yaml_find(node, "requirement"), id, err);
	return read_subject(example->policy->inventory, node, expected, err);
}

static int
read_example(const struct policy *policy, const struct yaml_node *node,
	     struct example *example, struct error *err)
{
	static const char *const known[] = { "name",  "at",     "coverage",
					     "given", "expect", NULL };

	*example = (struct example){ .policy = policy, .at = node, .coverage = WHOLE };
	if (yaml_only(node, known, err) == -1 ||
	    read_text(node, "name", &example->name, err) == -1 ||
	    read_instant(node, "at", &example->time, err) == -1 ||
	    read_share(node, "coverage", &example->coverage, err) == -1)
		return -1;
	const struct yaml_node *given = yaml_find(node, "given");
	if (given == NULL || given->kind != YAML_LIST)
		return yaml_complain(
			err, node, "\"given\" is missing; expected a list of records");
	const struct yaml_node *expect = yaml_find(node, "expect");
	if (expect == NULL || expect->kind != YAML_LIST || expect->count == 0 ||
	    expect->count > EXPECTATIONS_MAX)
		return yaml_complain(
			err, node, "\"expect\" is missing; expected a list of 1 to %d",
			EXPECTATIONS_MAX);
	for (size_t i = 0; i < expect->count; i++)
		if (read_expectation(example, expect->item[i],
				     &example->expectation[example->count++],
				     err) == -1)
			return -1;
	return 0;
}

static void
count_sample(struct samples *samples, enum outcome outcome)
{
	samples->good += outcome == OUTCOME_GOOD;
	samples->bad += outcome == OUTCOME_BAD;
	samples->unknown += outcome == OUTCOME_UNKNOWN;
	samples->failed += outcome == OUTCOME_ERROR;
}

static void
on_finding(void *ctx, const struct finding *finding)
{
	struct example *example = ctx;

	for (size_t i = 0; i < example->count; i++) {
		struct expectation *expected = &example->expectation[i];
		if (&expected->rule->requirement != finding->requirement ||
		    expected->subject != finding->subject)
			continue;
		count_sample(&expected->samples, finding->outcome);
		if (finding->reason[0] != '\0')
			snprintf(expected->seen_because, sizeof(expected->seen_because),
				 "%s", finding->reason);
		/* what decided the verdict: a violation, else the last */
		if (finding->outcome == OUTCOME_BAD || expected->samples.bad == 0)
			snprintf(expected->seen_by, sizeof(expected->seen_by), "%s",
				 finding->by);
		if (finding->outcome == OUTCOME_BAD)
			snprintf(expected->seen_exception,
				 sizeof(expected->seen_exception), "%s",
				 finding->exception != NULL ? finding->exception : "");
	}
}

static int
judge_given(struct example *example, struct error *err)
{
	const struct yaml_node *given = yaml_find(example->at, "given");
	struct arena arena = { 0 };
	struct record record;
	int result = 0;

	for (size_t i = 0; i < given->count && result == 0; i++) {
		result = example_record_read(&arena, given->item[i], example->time,
					     example->policy->model->test_poi, &record,
					     err);
		if (result == -1)
			break;
		struct parties parties = policy_parties(example->policy, &record);
		policy_judge(example->policy, &record, &parties, on_finding, example);
		policy_judge_drafts(example->policy, &record, &parties, on_finding,
				    example);
	}
	arena_release(&arena);
	return result;
}

static int
differs(const struct expectation *expected, const char *what, const char *seen,
	const char *wanted, struct error *why)
{
	return yaml_complain(why, expected->at, "%s gives %s \"%s\"; expected \"%s\"",
			     expected->rule->requirement.id, what, seen, wanted);
}

/* Nobody's silence but that of those in scope says anything. */
static enum verdict
verdict_seen(const struct policy *policy, const struct expectation *expected,
	     uint32_t coverage)
{
	const struct requirement *requirement = &expected->rule->requirement;
	const struct samples *samples = &expected->samples;

	if (requirement->kind == REQUIREMENT_PRESENCE &&
	    samples->good + samples->unknown + samples->failed == 0 &&
	    (expected->subject == NULL ||
	     !policy_must_show(policy, requirement, expected->subject, NULL)))
		return VERDICT_NOT_APPLICABLE;
	return verdict_of(requirement, samples, coverage);
}

/* Why a verdict is unobservable: what hid a sample, or that too little was watched. */
static const char *
because_seen(const struct expectation *expected, enum verdict verdict)
{
	if (expected->seen_because[0] == '\0' && verdict == VERDICT_UNOBSERVABLE)
		return "coverage";
	return expected->seen_because;
}

static int
compare_expectation(const struct policy *policy, const struct expectation *expected,
		    uint32_t coverage, struct error *why)
{
	enum verdict verdict = verdict_seen(policy, expected, coverage);
	const char *disposition =
		expected->seen_exception[0] != '\0' ? "accepted" : "open";

	if (verdict != (enum verdict)expected->verdict)
		return differs(expected, "verdict", verdict_name(verdict),
			       verdict_names[expected->verdict], why);
	const char *because = because_seen(expected, verdict);
	if (expected->because[0] != '\0' && strcmp(expected->because, because) != 0)
		return differs(expected, "reason", because, expected->because, why);
	if (expected->by[0] != '\0' && strcmp(expected->by, expected->seen_by) != 0)
		return differs(expected, "by", expected->seen_by, expected->by, why);
	if (expected->disposition >= 0 &&
	    strcmp(disposition, dispositions[expected->disposition]) != 0)
		return differs(expected, "disposition", disposition,
			       dispositions[expected->disposition], why);
	if (expected->exception[0] != '\0' &&
	    strcmp(expected->exception, expected->seen_exception) != 0)
		return differs(expected, "exception", expected->seen_exception,
			       expected->exception, why);
	return 0;
}

static int
run_example(struct model *model, const struct yaml_node *node, void *ctx,
	    struct error *err)
{
	struct run *run = ctx;
	struct example example;
	struct error why = { "" };

	(void)model;
	if (read_example(run->policy, node, &example, err) == -1 ||
	    judge_given(&example, err) == -1)
		return -1;
	for (size_t i = 0; i < example.count && why.text[0] == '\0'; i++)
		compare_expectation(run->policy, &example.expectation[i],
				    example.coverage, &why);
	run->failed += why.text[0] != '\0';
	run->sink(run->ctx, example.name, why.text);
	return 0;
}

int
example_run(const struct policy *policy, policy_test_sink *sink, void *ctx,
	    struct error *err)
{
	struct run run = { .policy = policy, .sink = sink, .ctx = ctx };

	if (model_each(policy->model, "tests", run_example, &run, err) == -1)
		return -1;
	return run.failed;
}

/* Bits of the verdicts that some test expects of one requirement. */
struct cover {
	const char *id;
	unsigned verdicts;
};

static int
note_cover(struct model *model, const struct yaml_node *node, void *ctx,
	   struct error *err)
{
	struct cover *cover = ctx;
	const struct yaml_node *expect = yaml_find(node, "expect");

	(void)model;
	(void)err;
	for (size_t i = 0;
	     expect != NULL && expect->kind == YAML_LIST && i < expect->count; i++) {
		const struct yaml_node *id = yaml_find(expect->item[i], "requirement");
		const struct yaml_node *verdict = yaml_find(expect->item[i], "verdict");
		if (id == NULL || verdict == NULL || id->text == NULL ||
		    verdict->text == NULL || strcmp(id->text, cover->id) != 0)
			continue;
		for (unsigned v = 0; verdict_names[v] != NULL; v++)
			if (strcmp(verdict->text, verdict_names[v]) == 0)
				cover->verdicts |= 1U << v;
	}
	return 0;
}

/* What is forbidden can be violated or not applicable, never satisfied. */
static unsigned
verdicts_needed(const struct rule *rule)
{
	unsigned good = rule->requirement.kind == REQUIREMENT_FORBID
				? VERDICT_NOT_APPLICABLE
				: VERDICT_SATISFIED;

	if (rule->requirement.kind == REQUIREMENT_MANUAL ||
	    strcmp(rule->requirement.status, "retired") == 0)
		return 0;
	return 1U << good | 1U << VERDICT_VIOLATED | 1U << VERDICT_UNOBSERVABLE;
}

int
example_check_cover(const struct model *model, struct error *err)
{
	for (size_t i = 0; i < model->rule_count; i++) {
		const struct rule *rule = &model->rule[i];
		struct cover cover = { .id = rule->requirement.id };
		if (model_each((struct model *)(uintptr_t)model, "tests", note_cover,
			       &cover, err) == -1)
			return -1;
		unsigned missing = verdicts_needed(rule) & ~cover.verdicts;
		if (missing != 0)
			return yaml_complain(err, rule->at,
					     "requirement \"%s\" has no test for "
					     "\"%s\"; expected one",
					     rule->requirement.id,
					     verdict_names[__builtin_ctz(missing)]);
	}
	return 0;
}
