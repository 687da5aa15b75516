/* SPDX-License-Identifier: Apache-2.0 */
/* rules: 'sekisho rules': checks, tests and explains connection requirements. */
#include "tool/rules.h"

#include <stdio.h>
#include <string.h>

#include "common/exit_code.h"
#include "common/settings.h"
#include "correlator/policy/policy.h"
#include "correlator/sigma/sigma.h"
#include "tool/language.h"
#include "tool/rules_action.h"

/* 'auto' comes last, so that the others equal enum report_language. */
static const char *const languages[] = { "ja", "en", "auto", NULL };

#define INTO(member) offsetof(struct rules_config, member)
/* clang-format off */
static const struct setting table[] = {
	{ "Rules", "inventory", 'i', SETTING_PATH, INTO(inventory), .placeholder = "PATH",
	  .meaning = "inventory the rules' names are checked against; without it only their spelling is" },
	{ "Rules", "junit", 'j', SETTING_PATH, INTO(junit), .placeholder = "FILE",
	  .meaning = "write the results of 'test' as JUnit XML too" },
	{ "Rules", "rules", 'r', SETTING_PATH, INTO(rules), .initial = "/usr/share/sekisho/rules", .placeholder = "DIR",
	  .meaning = "the set in force: where 'explain' looks, what 'try DIR' compares with, and what a candidate must meet" },
	{ "Try", "store", 's', SETTING_PATH, INTO(store), .initial = "/var/lib/sekisho/store", .placeholder = "DIR",
	  .meaning = "store whose records 'try DIR' judges again" },
	{ "Try", "since", 0, SETTING_DURATION, INTO(since), .initial = "7d",
	  .meaning = "how far back from the newest record 'try DIR' goes" },
	{ "Try", "participant", 'p', SETTING_TEXT, INTO(participant), .placeholder = "ID",
	  .meaning = "candidate whose trial traffic 'try' judges; it stands in the inventory" },
	{ "Try", "capture", 'c', SETTING_PATH, INTO(capture), .placeholder = "FILE",
	  .meaning = "the candidate's trial traffic: pcap, pcapng or records" },
	{ "Try", "log", 0, SETTING_WORDS, INTO(logs), .placeholder = "MAPPING=FILE",
	  .meaning = "log of what terminated the candidate's TLS, such as nginx=access.json" },
	{ "Try", "lang", 'l', SETTING_CHOICE, INTO(language), .initial = "auto", .choices = languages,
	  .meaning = "language of a candidate's list; auto follows LANG, and is Japanese where LANG says nothing" },
	{ 0 },
};
/* clang-format on */

static const struct settings_program program = {
	.name = "sekisho rules",
	.purpose = "Checks connection requirements and detections, runs the tests they "
		   "carry, explains one, or tries a set on stored records or a "
		   "candidate's traffic.",
	.arguments = "check DIR | test DIR | try DIR | try --participant ID --capture "
		     "FILE | coverage DIR | explain ID",
	.arguments_least = 1,
	.arguments_most = 2,
	.table = table,
	.has_no_file = true,
};

static rules_action check, test, explain;

/* What stands behind an action. */
enum word { WORD_RULES, WORD_ID, WORD_NONE };

static const struct {
	const char *name;
	rules_action *run;
	enum word word;
	bool is_tested; /* a set whose tests fail is not taken */
} actions[] = {
	{ "check", check, WORD_RULES, false },
	{ "test", test, WORD_RULES, false },
	{ "try", rules_try, WORD_RULES, true },
	{ "try", rules_candidate, WORD_NONE, true },
	{ "coverage", rules_coverage, WORD_RULES, true },
	{ "explain", explain, WORD_ID, false },
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
test(const struct rules_job *job)
{
	const struct rules_config *config = job->config;
	struct tally tally = { 0 };
	int status;

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
	status = run_tests(job->policy, &tally);
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
check(const struct rules_job *job)
{
	struct tally tally = { .is_quiet = true };
	const struct policy *policy = job->policy;
	int status = run_tests(policy, &tally);

	if (status != EXIT_CODE_OK)
		return EXIT_CODE_INPUT;
	printf("%s: %zu requirements, %d tests passed, %s %s, %s\n", job->word,
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
explain(const struct rules_job *job)
{
	static const char *const kinds[] = {
		"matrix", "session", "presence", "forbid", "manual"
	}; /* a policy has no detections */
	const struct policy *policy = job->policy;

	for (size_t i = 0; i < policy_requirement_count(policy); i++) {
		const struct requirement *one = policy_requirement(policy, i);
		if (strcmp(one->id, job->word) != 0)
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
	fprintf(stderr, "sekisho rules: %s: no such requirement in %s\n", job->word,
		job->config->rules);
	return EXIT_CODE_NO;
}

/* 'check' and 'test' load without tests, so that each of them can be shown. */
static int
load_and_run(const struct rules_config *config, size_t action, const char *rules,
	     const char *word)
{
	struct error err;
	struct inventory *inventory = config->inventory != NULL
					      ? inventory_load(config->inventory, &err)
					      : inventory_empty();
	struct policy *policy = NULL;
	int status = EXIT_CODE_INPUT;

	if (inventory != NULL)
		policy = actions[action].is_tested
				 ? policy_load(rules, inventory, &err)
				 : policy_load_untested(rules, inventory, &err);
	struct rules_job job = { config, inventory, policy, word };
	if (policy != NULL)
		status = actions[action].run(&job);
	else
		fprintf(stderr, "%s\n", err.text);
	policy_free(policy);
	inventory_free(inventory);
	return status;
}

static int
dispatch(const struct rules_config *config, const char *name, const char *word)
{
	bool is_action = false;

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(name, actions[i].name) != 0)
			continue;
		is_action = true;
		if ((word == NULL) != (actions[i].word == WORD_NONE))
			continue;
		return load_and_run(
			config, i, actions[i].word == WORD_RULES ? word : config->rules,
			word != NULL ? word : "");
	}
	if (is_action)
		fprintf(stderr,
			"sekisho rules: '%s' lacks what it is about; expected %s\n",
			name, program.arguments);
	else
		fprintf(stderr,
			"sekisho rules: no '%s'; expected check, test, try, coverage "
			"or "
			"explain\n",
			name);
	return EXIT_CODE_USAGE;
}

int
command_rules(int argc, char **argv)
{
	struct rules_config config = { 0 };
	struct settings settings;
	int status = settings_read(&program, argc, argv, &config, &settings);

	if (status == -1) {
		config.language = (int)language_choose(config.language);
		status = dispatch(&config, settings.argument[0],
				  settings.argument_count > 1 ? settings.argument[1]
							      : NULL);
	}
	settings_release(&settings);
	return status;
}
