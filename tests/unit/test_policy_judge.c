/* SPDX-License-Identifier: Apache-2.0 */
/* test_policy_judge: the starter catalogue on single records, and the limits of a rule
 * set. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "correlator/policy/example_record.h"
#include "correlator/policy/set.h"

struct seen {
	size_t count;
	struct finding finding[32];
};

static void
keep(void *ctx, const struct finding *finding)
{
	struct seen *seen = ctx;

	assert_true(seen->count < 32);
	seen->finding[seen->count++] = *finding;
}

static struct inventory *inventory;
static struct policy *policy;
static struct arena arena;

static int
load(void **state)
{
	struct error err = { "" };

	(void)state;
	inventory = inventory_load("rules/inventory-example", &err);
	if (inventory != NULL)
		policy = policy_load("rules", inventory, &err);
	if (policy == NULL)
		print_error("%s\n", err.text);
	return policy == NULL ? -1 : 0;
}

static int
drop(void **state)
{
	(void)state;
	policy_free(policy);
	inventory_free(inventory);
	arena_release(&arena);
	return 0;
}

/* What 'with' says to the record written in 'text'. */
static struct seen
judge(const struct policy *with, const char *text)
{
	struct seen seen = { .count = 0 };
	struct record record;
	struct error err = { "" };
	struct instant at = { INT64_C(1795136400) * INSTANT_SECOND }; /* 2026-11-20 */

	struct yaml *yaml = yaml_parse("t", text, strlen(text), &err);
	assert_non_null(yaml);
	int done = example_record_read(&arena, yaml_root(yaml, 0), at, "poi-east",
				       &record, &err);
	if (done == -1)
		print_error("%s\n", err.text);
	assert_int_equal(done, 0);
	struct parties parties = policy_parties(with, &record);
	policy_judge(with, &record, &parties, keep, &seen);
	yaml_free(yaml);
	return seen;
}

static const struct finding *
of(const struct seen *seen, const char *id)
{
	for (size_t i = 0; i < seen->count; i++)
		if (strcmp(seen->finding[i].requirement->id, id) == 0)
			return &seen->finding[i];
	return NULL;
}

static void
a_violation_names_entry_subject_and_comparisons(void **state)
{
	struct seen seen =
		judge(policy, "{type: flow, client: 10.11.1.20, server: 10.12.1.20, "
			      "port: 445, flow.state: established, app_proto: smbv23}");
	const struct finding *finding = of(&seen, "CR-REG-02");

	(void)state;
	assert_non_null(finding);
	assert_int_equal(finding->outcome, OUTCOME_BAD);
	assert_string_equal(finding->by, "PAR-D1");
	assert_string_equal(finding->subject->id, "hospital-a");
	assert_null(finding->exception);
	assert_int_equal(finding->condition_count, 1);
	assert_string_equal(finding->condition[0].what, "connection");
	assert_string_equal(finding->condition[0].required, "not denied by PAR-D1");
	assert_string_equal(finding->condition[0].observed, "hospital-a -> hospital-b");
}

static void
a_set_is_required_by_name_and_by_what_it_holds(void **state)
{
	struct seen seen =
		judge(policy,
		      "{type: tls, client: 10.11.1.20, server: 10.10.0.13, port: 443, "
		      "sekisho.tls.handshake: complete, tls.cipher_suite: BAD}");
	const struct finding *finding = of(&seen, "CR-TLS-02");

	(void)state;
	assert_non_null(finding);
	assert_ptr_equal(
		strstr(finding->condition[0].required,
		       "one of $suite.high_security: TLS_AES_128_GCM_SHA256, "),
		finding->condition[0].required);
	assert_string_equal(finding->condition[0].observed, "BAD");
}

static void
findings_come_in_the_order_of_the_requirements(void **state)
{
	struct seen seen = judge(
		policy, "{type: tls, client: 10.11.1.20, server: 10.10.0.13, port: "
			"443, sekisho.tls.handshake: complete}");

	(void)state;
	assert_true(seen.count >= 7);
	for (size_t i = 1; i < seen.count; i++)
		assert_true(seen.finding[i - 1].requirement->index <
			    seen.finding[i].requirement->index);
}

static void
other_event_types_are_nobodys_business(void **state)
{
	struct seen seen = judge(policy, "{type: tick}");

	(void)state;
	assert_int_equal(seen.count, 0);
	seen = judge(policy, "{type: anomaly, client: 10.99.0.1, server: 10.11.1.20}");
	assert_int_equal(seen.count, 0);
}

static void
unknown_parties_have_no_subject(void **state)
{
	struct seen seen = judge(
		policy, "{type: flow, client: 192.0.2.1, server: 192.0.2.2, port: 80}");
	const struct finding *finding = of(&seen, "CR-REG-01");

	(void)state;
	assert_non_null(finding);
	assert_int_equal(finding->outcome, OUTCOME_BAD);
	assert_null(finding->subject);
	assert_string_equal(finding->by, "REG-D1");
	assert_null(of(&seen, "CR-REG-02"));
}

static void
without_an_inventory_nobody_is_blamed(void **state)
{
	struct error err = { "" };
	struct inventory *nobody = inventory_empty();
	struct policy *with = policy_load("rules", nobody, &err);

	(void)state;
	assert_string_equal(err.text, "");
	assert_non_null(with);
	struct seen seen = judge(
		with, "{type: flow, client: 192.0.2.1, server: 192.0.2.2, port: 80}");
	assert_null(of(&seen, "CR-REG-01"));
	assert_null(of(&seen, "CR-REG-02"));
	seen = judge(with, "{type: tls, client: 192.0.2.1, server: 192.0.2.2, port: "
			   "443, tls.version: "
			   "TLSv1, sekisho.tls.handshake: complete}");
	assert_int_equal(of(&seen, "CR-TLS-01")->outcome, OUTCOME_BAD);
	policy_free(with);
	inventory_free(nobody);
}

static void
requirements_rules_and_inventory_have_names(void **state)
{
	struct error err = { "" };
	struct inventory *nobody = inventory_empty();
	struct policy *with = policy_load("rules/requirements", nobody, &err);

	(void)state;
	assert_non_null(with);
	assert_string_equal(policy_id(policy), "sekisho.connection-requirements");
	assert_int_equal(policy_zone(policy), 32400);
	assert_int_equal(strlen(policy_sha256(policy)), 64);
	assert_string_not_equal(policy_sha256(policy), policy_sha256(with));
	for (size_t i = 0; i < policy_requirement_count(policy); i++)
		assert_int_equal(policy_requirement(policy, i)->index, i);
	policy_free(with);
	inventory_free(nobody);
}

static void
files_that_are_not_there_are_named(void **state)
{
	struct error err = { "" };

	(void)state;
	assert_null(policy_load("rules/nowhere", inventory, &err));
	assert_string_equal(err.text,
			    "cannot find rules/nowhere: No such file or directory");
	assert_null(policy_load("docs", inventory, &err));
	assert_string_equal(err.text, "docs holds no rule file; expected *.yaml");
}

/* A rule file with 'count' matrix entries that differ. */
static char *
many_entries(size_t count, const char *requirement)
{
	size_t room = 4096 + count * 96, used;
	char *text = malloc(room);

	assert_non_null(text);
	used = (size_t)snprintf(
		text, room,
		"format: policy/1\n"
		"policy: {id: t, version: 1, title: {ja: a, en: a}, timezone: UTC}\n"
		"sources: {D: {title: {ja: a, en: a}}}\n"
		"requirements:\n%s"
		"connections:\n  m:\n    default: violated\n    allow:\n",
		requirement);
	for (size_t i = 0; i < count; i++)
		used += (size_t)snprintf(
			text + used, room - used,
			"    - {id: E%zu, from: {participant: p%zu}}\n", i, i);
	return text;
}

static const char manual[] =
	"- {id: H, title: {ja: a, en: a}, rationale: {ja: a, en: a}, remedy: "
	"{ja: a, en: a}, severity: info, source: {doc: D, clause: 1}, kind: manual}\n";

static void
as_many_rows_as_allowed_are_taken_and_one_more_is_refused(void **state)
{
	struct error err = { "" };
	char *text = many_entries(ROWS_MAX - 1, manual);
	struct rule_text file = { "t.yaml", text, strlen(text) };

	(void)state;
	struct model *model = policy_read_model(&file, 1, &err);
	assert_string_equal(err.text, "");
	assert_non_null(model);
	assert_int_equal(model->row_count, ROWS_MAX);
	policy_free_model(model);
	free(text);

	text = many_entries(ROWS_MAX, manual);
	file = (struct rule_text){ "t.yaml", text, strlen(text) };
	assert_null(policy_read_model(&file, 1, &err));
	assert_string_equal(
		err.text,
		"t.yaml:2:9: 1 requirements and 8192 entries of connections are "
		"too many; expected at most 8192 together");
	free(text);
}

static void
comparisons_that_cannot_be_explained_are_refused(void **state)
{
	struct error err = { "" };
	char text[8192];
	int used = snprintf(
		text, sizeof(text),
		"format: policy/1\n"
		"policy: {id: t, version: 1, title: {ja: a, en: a}, timezone: UTC}\n"
		"sources: {D: {title: {ja: a, en: a}}}\n"
		"requirements:\n"
		"- {id: S, title: {ja: a, en: a}, rationale: {ja: a, en: a}, remedy: "
		"{ja: "
		"a, en: a}, severity: info, source: {doc: D, clause: 1}, kind: "
		"session, "
		"records: flow, expect: {any: [");

	(void)state;
	for (int i = 0; i < CONDITIONS_MAX; i++)
		used += snprintf(text + used, sizeof(text) - (size_t)used,
				 "%s{field: src_port, eq: %d}", i > 0 ? ", " : "", i);
	snprintf(text + used, sizeof(text) - (size_t)used, "]}}\n");
	struct rule_text file = { "t.yaml", text, strlen(text) };
	assert_null(policy_read_model(&file, 1, &err));
	assert_string_equal(
		err.text,
		"t.yaml:5:3: 16 comparisons are too many to explain; expected at "
		"most 15");
}

static void
ids_whose_signatures_collide_are_refused(void **state)
{
	struct error err = { "" };
	char both[1024], *text;

	(void)state;
	/* found by trying: their SHA-256 end in the same 31 bits */
	snprintf(both, sizeof(both), "%s%s", manual, manual);
	*strstr(both, "id: H") = '\0';
	snprintf(both + strlen(both), sizeof(both) - strlen(both),
		 "id: R-25620%s- {id: R-36437%s", strstr(manual, ", title"),
		 strstr(manual, ", title"));
	text = many_entries(1, both);
	struct rule_text file = { "t.yaml", text, strlen(text) };
	assert_null(policy_read_model(&file, 1, &err));
	assert_string_equal(err.text,
			    "t.yaml:6:3: ids \"R-25620\" and \"R-36437\" have the same "
			    "alert.signature_id 2000661924; expected another id");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_violation_names_entry_subject_and_comparisons),
		cmocka_unit_test(a_set_is_required_by_name_and_by_what_it_holds),
		cmocka_unit_test(findings_come_in_the_order_of_the_requirements),
		cmocka_unit_test(other_event_types_are_nobodys_business),
		cmocka_unit_test(unknown_parties_have_no_subject),
		cmocka_unit_test(without_an_inventory_nobody_is_blamed),
		cmocka_unit_test(requirements_rules_and_inventory_have_names),
		cmocka_unit_test(files_that_are_not_there_are_named),
		cmocka_unit_test(
			as_many_rows_as_allowed_are_taken_and_one_more_is_refused),
		cmocka_unit_test(comparisons_that_cannot_be_explained_are_refused),
		cmocka_unit_test(ids_whose_signatures_collide_are_refused),
	};

	return cmocka_run_group_tests(tests, load, drop);
}
