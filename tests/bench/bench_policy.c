/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_policy: what judging a record costs with 10, 100 and 1000 requirements.
 *
 * Each set asks the same ten things of a TLS record; what grows is the number
 * of requirements about other parties, as a nation's rule set grows with its
 * regions.  The ratio is to the set before: ten times the requirements should
 * cost less than twice.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "correlator/policy/example_record.h"
#include "correlator/policy/set.h"

enum { RECORDS = 200000, IN_SCOPE = 10, ROUNDS = 5 };

static char text[4 << 20];

static void
put(size_t *used, const char *fmt, const char *id, size_t number, const char *scope)
{
	*used += (size_t)snprintf(text + *used, sizeof(text) - *used, fmt, id, number,
				  scope);
}

/* 'count' requirements, of which IN_SCOPE speak of hospital-a and the rest of others.
 */
static size_t
write_rules(size_t count)
{
	static const char *const others[] = { "hospital-b", "clinic-a", "clinic-b",
					      "pharmacy-a", "pharmacy-b" };
	static const char rule[] =
		"- {id: %s%zu, title: {ja: a, en: a}, rationale: {ja: a, en: a}, "
		"remedy: {ja: a, en: "
		"a}, severity: low, source: {doc: D, clause: 1}, kind: session, "
		"records: tls,"
		" applies_to: {from: {participant: %s}}, expect: {all: [{field: "
		"tls.version, "
		"min_version: TLS 1.2}, {field: tls.cipher_suite, in: [A, B, C]}]}}\n";
	size_t used = (size_t)snprintf(
		text, sizeof(text),
		"format: policy/1\npolicy: {id: t, version: 1, title: {ja: a, "
		"en: a}, timezone: UTC}\nsources: {D: {title: {ja: a, en: "
		"a}}}\nrequirements:\n");

	for (size_t i = 0; i < count; i++)
		put(&used, rule, "R", i, i < IN_SCOPE ? "hospital-a" : others[i % 5]);
	used += (size_t)snprintf(
		text + used, sizeof(text) - used,
		"tests:\n- name: all\n  at: \"2026-01-01T00:00:00Z\"\n  given: []\n"
		"  expect:\n");
	for (size_t i = 0; i < count; i++) {
		put(&used, "  - {requirement: %s%zu, subject: unknown, verdict: %s}\n",
		    "R", i, "satisfied");
		put(&used, "  - {requirement: %s%zu, subject: unknown, verdict: %s}\n",
		    "R", i, "violated");
		put(&used, "  - {requirement: %s%zu, subject: unknown, verdict: %s}\n",
		    "R", i, "unobservable");
	}
	return used;
}

static void
count_good(void *ctx, const struct finding *finding)
{
	size_t *good = ctx;

	*good += finding->outcome == OUTCOME_GOOD;
}

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Best of some rounds, in nanoseconds a record. */
static double
measure(const struct policy *policy, const struct record *record)
{
	double best = 1e9;

	for (int round = 0; round < ROUNDS; round++) {
		size_t good = 0;
		double begin = seconds();
		for (int i = 0; i < RECORDS; i++) {
			struct parties parties = policy_parties(policy, record);
			policy_judge(policy, record, &parties, count_good, &good);
		}
		double spent = (seconds() - begin) * 1e9 / RECORDS;
		if (good != (size_t)RECORDS * IN_SCOPE) {
			fprintf(stderr,
				"bench_policy: %zu good findings; expected %d\n", good,
				RECORDS * IN_SCOPE);
			exit(1);
		}
		if (spent < best)
			best = spent;
	}
	return best;
}

static double
measure_rules(const struct inventory *inventory, const struct record *record,
	      size_t count)
{
	struct rule_text file = { "bench.yaml", text, write_rules(count) };
	struct policy policy = { 0 };
	struct error err = { "" };
	struct model *model = policy_read_model(&file, 1, &err);

	if (model == NULL || policy_compile(&policy, model, inventory, &err) == -1) {
		fprintf(stderr, "bench_policy: %s\n", err.text);
		exit(1);
	}
	double spent = measure(&policy, record);
	policy_release(&policy);
	policy_free_model(model);
	return spent;
}

int
main(void)
{
	static const char record_text[] =
		"{type: tls, client: 10.11.1.20, server: 10.10.0.13, port: 443, "
		"tls.version: TLS 1.3, "
		"tls.cipher_suite: B}";
	struct error err = { "" };
	struct arena arena = { 0 };
	struct record record;
	struct inventory *inventory = inventory_load("rules/inventory-example", &err);
	struct yaml *yaml =
		yaml_parse("record", record_text, sizeof(record_text) - 1, &err);
	double before = 0;

	if (inventory == NULL || yaml == NULL ||
	    example_record_read(&arena, yaml_root(yaml, 0), (struct instant){ 0 },
				"poi-east", &record, &err) == -1) {
		fprintf(stderr, "bench_policy: %s (run it from the root of the tree)\n",
			err.text);
		return 1;
	}
	for (size_t count = 10; count <= 1000; count *= 10) {
		double spent = measure_rules(inventory, &record, count);
		printf("policy_%zu_requirements %.0f ns/record ", count, spent);
		if (before > 0)
			printf("%.2fx-of-%zu\n", spent / before, count / 10);
		else
			printf("-\n");
		before = spent;
	}
	inventory_free(inventory);
	yaml_free(yaml);
	arena_release(&arena);
	return 0;
}
