/* SPDX-License-Identifier: Apache-2.0 */
/* rules: 'sekisho rules': checks, tests and explains connection requirements. */
#include "tool/rules.h"

#include <stdio.h>
#include <string.h>

#include "common/exit_code.h"
#include "common/settings.h"
#include "correlator/policy/policy.h"
#include "correlator/sigma/sigma.h"

struct config {
	const char *inventory, *junit, *rules;
};

#define INTO(member) offsetof(struct config, member)
/* clang-format off */
static const struct setting table[] = {
	{ "Rules", "inventory", 'i', SETTING_PATH, INTO(inventory), .placeholder = "PATH",
	  .meaning = "inventory the rules' names are checked against; without it only their spelling is" },
	{ "Rules", "junit", 'j', SETTING_PATH, INTO(junit), .placeholder = "FILE",
	  .meaning = "write the results of 'test' as JUnit XML too" },
	{ "Rules", "rules", 'r', SETTING_PATH, INTO(rules), .initial = "/usr/share/sekisho/rules", .placeholder = "DIR",
	  .meaning = "where 'explain' looks for the requirement" },
	{ 0 },
};
/* clang-format on */

static const struct settings_program program = {
	.name = "sekisho rules",
	.purpose = "Checks connection requirements and detections, runs the tests they "
		   "carry, or "
		   "explains one.",
	.arguments = "check DIR | test DIR | explain ID",
	.arguments_least = 2,
	.arguments_most = 2,
	.table = table,
	.has_no_file = true,
};

typedef int action(const struct policy *policy, const struct config *config,
		   const char *word);
static action check, test, explain;

static const struct {
	const char *name;
	action *run;
	bool is_of_rules; /* its word is the folder of rules, else an id */
} actions[] = {
	{ "check", check, true },
	{ "test", test, true },
	{ "explain", explain, false },
};

/* Results of the tests, as they come. */
struct tally {
	int passed, failed;
	FILE *junit; /* or NULL */
	bool is_quiet;
};

static void
write_xml(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '"')
			fputs("&quot;", out);
		else if ((unsigned char)*text >= ' ')
			fputc(*text, out);
	}
}

static void
on_test(void *ctx, const char *name, const char *why)
{
	struct tally *tally = ctx;
	bool is_passed = why[0] == '\0';

	tally->passed += is_passed;
	tally->failed += !is_passed;
	if (!tally->is_quiet)
		printf("%s %d - %s\n", is_passed ? "ok" : "not ok",
		       tally->passed + tally->failed, name);
	if (!is_passed)
		fprintf(stderr, "%s\n", why);
	if (tally->junit == NULL)
		return;
	fputs("  <testcase classname=\"rules\" name=\"", tally->junit);
	write_xml(tally->junit, name);
	fputs("\">", tally->junit);
	if (!is_passed) {
		fputs("<failure message=\"", tally->junit);
		write_xml(tally->junit, why);
		fputs("\"/>", tally->junit);
	}
	fputs("</testcase>\n", tally->junit);
}

static int
run_tests(const struct policy *policy, struct tally *tally)
{
	struct error err;

	if (policy_test(policy, on_test, tally, &err) == -1) {
		fprintf(stderr, "%s\n", err.text);
		return EXIT_CODE_INPUT;
	}
	return tally->failed == 0 ? EXIT_CODE_OK : EXIT_CODE_NO;
}

static int
test(const struct policy *policy, const struct config *config, const char *word)
{
	struct tally tally = { 0 };
	int status;

	(void)word;
	if (config->junit != NULL) {
		tally.junit = fopen(config->junit, "w");
		if (tally.junit == NULL) {
			fprintf(stderr, "sekisho rules: cannot write %s\n",
				config->junit);
			return EXIT_CODE_ENVIRONMENT;
		}
		fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite "
		      "name=\"rules\">\n",
		      tally.junit);
	}
	status = run_tests(policy, &tally);
	printf("1..%d\n", tally.passed + tally.failed);
	if (tally.junit != NULL) {
		fputs("</testsuite>\n", tally.junit);
		if (fclose(tally.junit) != 0)
			return EXIT_CODE_ENVIRONMENT;
	}
	return status;
}

/* How many detections are in which state, and why each that is not loaded is not. */
static void
print_detections(const struct sigma *sigma)
{
	size_t count[DETECTION_NOT_APPLICABLE + 1] = { 0 };

	for (size_t i = 0; i < sigma_count(sigma); i++)
		count[sigma_row(sigma, i)->state]++;
	if (sigma_count(sigma) > 0)
		printf("detections %5zu\n", sigma_count(sigma));
	for (size_t state = 0; state <= DETECTION_NOT_APPLICABLE; state++) {
		if (count[state] == 0)
			continue;
		printf("  %-22s %5zu\n", sigma_state_name((enum detection_state)state),
		       count[state]);
		for (size_t i = 0; i < sigma_count(sigma); i++) {
			const struct detection_row *row = sigma_row(sigma, i);
			if (row->state == state && row->reason[0] != '\0')
				printf("    %s:%u: %s: %s\n", row->file, row->line,
				       row->about.title.en, row->reason);
		}
	}
}

/* Bad rules are bad input, failed tests among them: such a set is not loaded anywhere.
 */
static int
check(const struct policy *policy, const struct config *config, const char *word)
{
	struct tally tally = { .is_quiet = true };
	int status = run_tests(policy, &tally);

	(void)config;
	if (status != EXIT_CODE_OK)
		return EXIT_CODE_INPUT;
	printf("%s: %zu requirements, %d tests passed, %s %s, %s\n", word,
	       policy_requirement_count(policy), tally.passed, policy_id(policy),
	       policy_version(policy), policy_sha256(policy));
	print_detections(policy_detections(policy));
	return EXIT_CODE_OK;
}

static void
print_both(const char *name, const struct title *title)
{
	if (title->ja[0] != '\0')
		printf("%s\n  %s\n  %s\n", name, title->ja, title->en);
}

static int
explain(const struct policy *policy, const struct config *config, const char *word)
{
	static const char *const kinds[] = {
		"matrix", "session", "presence", "forbid", "manual"
	}; /* a policy has no detections */

	for (size_t i = 0; i < policy_requirement_count(policy); i++) {
		const struct requirement *one = policy_requirement(policy, i);
		if (strcmp(one->id, word) != 0)
			continue;
		printf("%s  %s, %s, %s\n", one->id, one->severity, one->status,
		       kinds[one->kind]);
		print_both("Requirement", &one->title);
		print_both("Document", &one->document);
		printf("  %s\n", one->clause);
		print_both("Why", &one->rationale);
		print_both("Remedy", &one->remedy);
		print_both("Settled by, where the wire does not show it",
			   &one->settled_by);
		printf("Verdict\n  window %lld d, coverage >= %.2f, unknown <= %.2f, "
		       "samples >= %u\n",
		       (long long)(one->window / INSTANT_DAY), one->min_coverage / 1e6,
		       one->max_unknown / 1e6, one->min_samples);
		return EXIT_CODE_OK;
	}
	fprintf(stderr, "sekisho rules: %s: no such requirement in %s\n", word,
		config->rules);
	return EXIT_CODE_NO;
}

/* Loads without tests, so that 'test' can show each of them. */
static int
load_and_run(const struct config *config, action *run, const char *rules,
	     const char *word)
{
	struct error err;
	struct inventory *inventory = config->inventory != NULL
					      ? inventory_load(config->inventory, &err)
					      : inventory_empty();
	struct policy *policy = NULL;
	int status = EXIT_CODE_INPUT;

	if (inventory != NULL)
		policy = policy_load_untested(rules, inventory, &err);
	if (policy != NULL)
		status = run(policy, config, word);
	else
		fprintf(stderr, "%s\n", err.text);
	policy_free(policy);
	inventory_free(inventory);
	return status;
}

static int
dispatch(const struct config *config, const char *name, const char *word)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(name, actions[i].name) == 0)
			return load_and_run(
				config, actions[i].run,
				actions[i].is_of_rules ? word : config->rules, word);
	fprintf(stderr, "sekisho rules: no '%s'; expected check, test or explain\n",
		name);
	return EXIT_CODE_USAGE;
}

int
command_rules(int argc, char **argv)
{
	struct config config;
	struct settings settings;
	int status = settings_read(&program, argc, argv, &config, &settings);

	if (status == -1)
		status = dispatch(&config, settings.argument[0], settings.argument[1]);
	settings_release(&settings);
	return status;
}
