/* SPDX-License-Identifier: Apache-2.0 */
/* report: 'sekisho report make, verify, explain': a region's report of a period, and
 * what stands behind it. */
#include "tool/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/calendar.h"
#include "common/exit_code.h"
#include "common/settings.h"
#include "correlator/report/explain.h"
#include "correlator/report/national.h"
#include "correlator/report/report.h"
#include "correlator/report/successor.h"
#include "store/report_reads.h"
#include "tool/language.h"
#include "tool/place.h"

enum { REGIONS_MAX = 1024 }; /* the country has some 280 */

struct config {
	const char *region, *period, *store, *output, *zone, *comment, *replaces, *key,
		*public_key;
	int language, format;
	bool is_signed, has_signoff, has_era, is_all;
};

/* 'auto' comes last, so that the others equal enum report_language. */
static const char *const languages[] = { "ja", "en", "auto", NULL };
static const char *const formats[] = { "html",  "text", "csv", "json",
				       "oscal", "pdf",  NULL };

/* In the order of 'formats'. */
static int write_html(const struct report *report, FILE *out, struct error *err);
static int write_text(const struct report *report, FILE *out, struct error *err);
static int write_csv(const struct report *report, FILE *out, struct error *err);
static int write_json(const struct report *report, FILE *out, struct error *err);
static int write_oscal(const struct report *report, FILE *out, struct error *err);
typedef int writer(const struct report *report, FILE *out, struct error *err);
static writer *const writers[] = { write_html, write_text,  write_csv,
				   write_json, write_oscal, report_write_pdf };

#define INTO(member) offsetof(struct config, member)
/* clang-format off */
static const struct setting table[] = {
	{ "Report", "region", 'r', SETTING_TEXT, INTO(region), .placeholder = "ID",
	  .meaning = "region the report is for, as in the inventory" },
	{ "Report", "all", 'a', SETTING_BOOL, INTO(is_all),
	  .meaning = "every region, and the national report, into the folder --output" },
	{ "Report", "period", 'p', SETTING_TEXT, INTO(period), .placeholder = "PERIOD",
	  .meaning = "2026-11, 2026-W45, 2026-11-03 or FROM..TO, whose end is not part of it; or last-month" },
	{ "Report", "store", 's', SETTING_PATH, INTO(store), .initial = "/var/lib/sekisho/store",
	  .placeholder = "DIR", .meaning = "the correlator's store" },
	{ "Report", "lang", 'l', SETTING_CHOICE, INTO(language), .initial = "auto", .choices = languages,
	  .meaning = "language; auto follows LANG, and is Japanese where LANG says nothing" },
	{ "Report", "format", 'f', SETTING_CHOICE, INTO(format), .initial = "html", .choices = formats,
	  .meaning = "what to write" },
	{ "Report", "output", 'o', SETTING_PATH, INTO(output), .placeholder = "FILE",
	  .meaning = "where to write it; without it to standard output" },
	{ "Report", "zone", 'z', SETTING_TEXT, INTO(zone), .initial = "Asia/Tokyo", .placeholder = "ZONE",
	  .meaning = "zone in which days and months are cut" },
	{ "Report", "replaces", 0, SETTING_PATH, INTO(replaces), .placeholder = "FILE",
	  .meaning = "issued report, in JSON, that this one takes the place of: it names it and lists what changed" },
	{ "Page", "comment", 'c', SETTING_TEXT, INTO(comment), .placeholder = "TEXT",
	  .meaning = "printed on the cover" },
	{ "Page", "signoff", 0, SETTING_BOOL, INTO(has_signoff),
	  .meaning = "boxes for who made, checked and approved it" },
	{ "Page", "era", 0, SETTING_BOOL, INTO(has_era), .meaning = "dates by the Japanese era" },
	{ "Keys", "sign", 0, SETTING_BOOL, INTO(is_signed),
	  .meaning = "sign it: FILE.sig beside --output" },
	{ "Keys", "key", 'k', SETTING_PATH, INTO(key), .initial = PLACE_KEY, .placeholder = "FILE",
	  .meaning = "secret key, which 'sekisho ledger key' makes" },
	{ "Keys", "public-key", 0, SETTING_PATH, INTO(public_key), .placeholder = "FILE",
	  .meaning = "key to verify by; without it the secret key's name with .pub" },
	{ 0 },
};
/* clang-format on */

static int
check(const struct config *config, struct error *err)
{
	if ((config->region == NULL) != config->is_all)
		return error_set(err,
				 "expected the id of a region as --region, or --all");
	if (config->period == NULL)
		return error_set(err, "--period is missing; expected such as 2026-11");
	if ((config->is_signed || config->is_all) && config->output == NULL)
		return error_set(err,
				 "--sign and --all want --output; a signature is a "
				 "file beside it");
	return 0;
}

static const struct settings_program program = {
	.name = "sekisho report",
	.purpose =
		"make: a region's compliance and access report of a period.  verify: "
		"whether FILE is as it was signed; exit 1 if not.  explain: the "
		"records behind a figure of the report FILE.",
	.arguments = "make | verify FILE | explain FILE FIGURE",
	.arguments_least = 1,
	.arguments_most = 3,
	.table = table,
	.has_no_file = true,
};

static int
write_html(const struct report *report, FILE *out, struct error *err)
{
	(void)err;
	report_write_html(report, out);
	return 0;
}

static int
write_text(const struct report *report, FILE *out, struct error *err)
{
	(void)err;
	report_write_text(report, out);
	return 0;
}

static int
write_csv(const struct report *report, FILE *out, struct error *err)
{
	(void)err;
	report_write_csv(report, out);
	return 0;
}

static int
write_json(const struct report *report, FILE *out, struct error *err)
{
	(void)err;
	report_write_json(report, out);
	return 0;
}

static int
write_oscal(const struct report *report, FILE *out, struct error *err)
{
	(void)err;
	report_write_oscal(report, out);
	return 0;
}

/* Beside the file and then renamed, so that a half-written report is never found. */
static int
write_file(const struct config *config, const struct report *report, struct error *err)
{
	char beside[4096];

	if ((size_t)snprintf(beside, sizeof(beside), "%s.new", config->output) >=
	    sizeof(beside))
		return error_set(err, "--output: the path is too long");
	FILE *out = fopen(beside, "w");
	if (out == NULL)
		return error_errno(err, "cannot write %s", beside);
	if (writers[config->format](report, out, err) == -1) {
		fclose(out);
		unlink(beside);
		return -1;
	}
	bool is_bad = ferror(out) != 0 || fflush(out) != 0 || fsync(fileno(out)) == -1;
	if (fclose(out) != 0 || is_bad || rename(beside, config->output) == -1) {
		error_errno(err, "cannot write %s", config->output);
		unlink(beside);
		return -1;
	}
	return 0;
}

static int
write_report(const struct config *config, const struct report *report,
	     struct error *err)
{
	if (config->output != NULL)
		return write_file(config, report, err);
	if (writers[config->format](report, stdout, err) == -1)
		return -1;
	return fflush(stdout) == 0 ? 0 : error_errno(err, "cannot write the report");
}

static int
complain(const struct error *err, int status)
{
	fprintf(stderr, "sekisho report: %s\n", err->text);
	return status;
}

static int
sign(const struct config *config, const char *path, const struct report *report,
     struct error *err)
{
	struct signing_key key;

	if (!config->is_signed)
		return 0;
	if (signing_key_load(config->key, &key, err) == -1)
		return -1;
	int result = signed_write(path, report, &key, err);
	signing_key_wipe(&key);
	return result;
}

/* "last-month": the month before the one that is now. */
static int
find_period(const struct config *config, struct zone zone, char name[32],
	    struct span *span, struct error *err)
{
	snprintf(name, 32, "%.31s", config->period);
	if (strcmp(config->period, "last-month") != 0)
		return calendar_period(config->period, zone, span, err);
	struct span month = calendar_window(
		(struct instant){ (int64_t)time(NULL) * INSTANT_SECOND },
		CALENDAR_MONTH, zone);
	*span = calendar_window((struct instant){ month.from.usec - 1 }, CALENDAR_MONTH,
				zone);
	struct date date = calendar_date(span->from, zone);
	snprintf(name, 32, "%04d-%02d", date.year, date.month);
	return 0;
}

static int
make_of(const struct config *config, struct store *store,
	const struct report_request *request, struct national *national)
{
	struct error err;
	struct report *report = report_gather(store, request, &err);
	int status = EXIT_CODE_OK;

	if (report == NULL)
		status = complain(&err, EXIT_CODE_INPUT);
	else if (config->replaces != NULL &&
		 successor_compare(report, config->replaces, &err) == -1)
		status = complain(&err, EXIT_CODE_INPUT);
	else if (write_report(config, report, &err) == -1 ||
		 sign(config, config->output, report, &err) == -1)
		status = complain(&err, EXIT_CODE_ENVIRONMENT);
	else if (report->as_of == 0)
		status = EXIT_CODE_INCOMPLETE;
	if (report != NULL && national != NULL)
		national_add(national, report);
	report_free(report);
	return status;
}

struct regions {
	struct arena arena;
	const char *id[REGIONS_MAX];
	size_t count;
};

static bool
on_region(void *ctx, const char *id)
{
	struct regions *regions = ctx;

	regions->id[regions->count++] = arena_text(&regions->arena, id, strlen(id));
	return regions->count < REGIONS_MAX;
}

static int
write_national(const struct config *config, const struct national *national,
	       struct error *err)
{
	static const struct {
		const char *ending;
		void (*write)(const struct national *national, FILE *out);
	} forms[] = { { "html", national_write_html }, { "csv", national_write_csv } };

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		char path[4096];
		snprintf(path, sizeof(path), "%s/national-%s.%s", config->output,
			 national->request.period, forms[i].ending);
		FILE *out = fopen(path, "w");
		if (out == NULL)
			return error_errno(err, "cannot write %s", path);
		forms[i].write(national, out);
		bool is_bad = ferror(out) != 0;
		if (fclose(out) != 0 || is_bad)
			return error_errno(err, "cannot write %s", path);
		struct report of = { .request = national->request,
				     .as_of = national->as_of };
		of.request.region = "national";
		if (sign(config, path, &of, err) == -1)
			return -1;
	}
	return 0;
}

/* The worst status of all regions. */
static int
make_each(const struct config *config, struct store *store,
	  const struct report_request *request, const struct regions *regions,
	  struct national *national)
{
	int worst = EXIT_CODE_OK;

	for (size_t i = 0; i < regions->count; i++) {
		char path[4096];
		struct config one = *config;
		struct report_request of = *request;
		snprintf(path, sizeof(path), "%s/%s-%s.%s", config->output,
			 regions->id[i], request->period, formats[config->format]);
		one.output = path;
		of.region = regions->id[i];
		int status = make_of(&one, store, &of, national);
		if (status != EXIT_CODE_OK && worst != EXIT_CODE_ENVIRONMENT)
			worst = status;
	}
	return worst;
}

static int
make_all(const struct config *config, struct store *store,
	 const struct report_request *request)
{
	const struct scope everybody = { .is_all = true };
	struct regions regions = { .count = 0 };
	struct national national;
	struct error err;
	int status = EXIT_CODE_ENVIRONMENT;

	if (store_each_region(store, &everybody, on_region, &regions, &err) == -1) {
		complain(&err, status);
	} else {
		national_start(&national, request, regions.count);
		status = make_each(config, store, request, &regions, &national);
		if (write_national(config, &national, &err) == -1)
			status = complain(&err, EXIT_CODE_ENVIRONMENT);
		national_release(&national);
	}
	arena_release(&regions.arena);
	return status;
}

static int
make(const struct config *config, const struct settings *settings)
{
	struct error err;
	struct zone zone;
	struct span span;
	char period[32];

	(void)settings;
	if (check(config, &err) == -1 ||
	    zone_from_text(config->zone, &zone, &err) == -1 ||
	    find_period(config, zone, period, &span, &err) == -1)
		return complain(&err, EXIT_CODE_USAGE);
	struct store *store = store_open(config->store, STORE_REPORT, &err);
	if (store == NULL)
		return complain(&err, EXIT_CODE_ENVIRONMENT);
	const struct report_request request = {
		.region = config->region,
		.period = strcmp(config->period, "last-month") == 0 ? period
								    : config->period,
		.from = span.from.usec,
		.to = span.to.usec,
		.zone = zone.offset,
		.language = language_choose(config->language),
		.comment = config->comment,
		.has_signoff = config->has_signoff,
		.has_era = config->has_era,
	};
	int status = config->is_all ? make_all(config, store, &request)
				    : make_of(config, store, &request, NULL);
	store_close(store);
	return status;
}

static int
verify(const struct config *config, const struct settings *settings)
{
	struct error err;
	struct public_key key;
	struct signed_report is;
	char path[4096];

	snprintf(path, sizeof(path), "%s%s",
		 config->public_key != NULL ? config->public_key : config->key,
		 config->public_key != NULL ? "" : ".pub");
	if (public_key_load(path, &key, &err) == -1)
		return complain(&err, EXIT_CODE_INPUT);
	if (signed_verify(settings->argument[1], &key, &is, &err) == -1) {
		printf("%s: %s\n", settings->argument[1], err.text);
		return EXIT_CODE_NO;
	}
	printf("%s: as signed; %s, %s\n", settings->argument[1], is.region, is.period);
	return EXIT_CODE_OK;
}

static int
explain(const struct config *config, const struct settings *settings)
{
	struct error err;
	struct signed_report is;

	if (signed_read(settings->argument[1], &is, &err) == -1)
		return complain(&err, EXIT_CODE_INPUT);
	struct store *store = store_open(config->store, STORE_REPORT, &err);
	if (store == NULL)
		return complain(&err, EXIT_CODE_ENVIRONMENT);
	int found = explain_figure(store, &is, settings->argument[2], stdout, &err);
	store_close(store);
	if (found == -1)
		return complain(&err, EXIT_CODE_INPUT);
	return found > 0 ? EXIT_CODE_OK : EXIT_CODE_NO;
}

static const struct {
	const char *name;
	int (*run)(const struct config *config, const struct settings *settings);
	size_t arguments;
} actions[] = { { "make", make, 1 },
		{ "verify", verify, 2 },
		{ "explain", explain, 3 } };

static int
run(const struct config *config, const struct settings *settings)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(actions[i].name, settings->argument[0]) == 0 &&
		    actions[i].arguments == settings->argument_count)
			return actions[i].run(config, settings);
	fprintf(stderr,
		"sekisho report: no '%s' with %zu arguments; expected make, verify "
		"FILE "
		"or explain FILE FIGURE\n",
		settings->argument[0], settings->argument_count - 1);
	return EXIT_CODE_USAGE;
}

int
command_report(int argc, char **argv)
{
	struct config config = { 0 };
	struct settings settings;
	int status = settings_read(&program, argc, argv, &config, &settings);

	if (status == -1)
		status = run(&config, &settings);
	settings_release(&settings);
	return status;
}
