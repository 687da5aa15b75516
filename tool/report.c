/* SPDX-License-Identifier: Apache-2.0 */
/* report: 'sekisho report make': a region's compliance and access report of a period.
 */
#include "tool/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/calendar.h"
#include "common/exit_code.h"
#include "common/settings.h"
#include "correlator/report/report.h"
#include "tool/language.h"

enum format { FORMAT_HTML, FORMAT_TEXT };

struct config {
	const char *region, *period, *store, *output, *zone;
	int language, format;
};

/* 'auto' comes last, so that the others equal enum report_language. */
static const char *const languages[] = { "ja", "en", "auto", NULL };
static const char *const formats[] = { "html", "text", NULL };

#define INTO(member) offsetof(struct config, member)
/* clang-format off */
static const struct setting table[] = {
	{ "Report", "region", 'r', SETTING_TEXT, INTO(region), .placeholder = "ID",
	  .meaning = "region the report is for, as in the inventory" },
	{ "Report", "period", 'p', SETTING_TEXT, INTO(period), .placeholder = "PERIOD",
	  .meaning = "2026-11, 2026-11-03 or FROM..TO; the end is not part of it" },
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
	{ 0 },
};
/* clang-format on */

static int
check(const void *into, struct error *err)
{
	const struct config *config = into;

	if (config->region == NULL)
		return error_set(err,
				 "--region is missing; expected the id of a region");
	if (config->period == NULL)
		return error_set(err, "--period is missing; expected such as 2026-11");
	return 0;
}

static const struct settings_program program = {
	.name = "sekisho report",
	.purpose = "Makes a region's compliance and access report of a period.",
	.arguments = "make",
	.arguments_least = 1,
	.arguments_most = 1,
	.table = table,
	.check = check,
	.has_no_file = true,
};

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
	(config->format == FORMAT_TEXT ? report_write_text : report_write_html)(report,
										out);
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
	(config->format == FORMAT_TEXT ? report_write_text : report_write_html)(report,
										stdout);
	return fflush(stdout) == 0 ? 0 : error_errno(err, "cannot write the report");
}

static int
complain(const struct error *err, int status)
{
	fprintf(stderr, "sekisho report: %s\n", err->text);
	return status;
}

static int
make(const struct config *config)
{
	struct error err;
	struct zone zone;
	struct span span;

	if (zone_from_text(config->zone, &zone, &err) == -1 ||
	    calendar_period(config->period, zone, &span, &err) == -1)
		return complain(&err, EXIT_CODE_USAGE);
	struct store *store = store_open(config->store, STORE_READ, &err);
	if (store == NULL)
		return complain(&err, EXIT_CODE_ENVIRONMENT);
	const struct report_request request = {
		.region = config->region,
		.period = config->period,
		.from = span.from.usec,
		.to = span.to.usec,
		.zone = zone.offset,
		.language = language_choose(config->language),
	};
	struct report *report = report_gather(store, &request, &err);
	int status = EXIT_CODE_OK;
	if (report == NULL)
		status = complain(&err, EXIT_CODE_INPUT);
	else if (write_report(config, report, &err) == -1)
		status = complain(&err, EXIT_CODE_ENVIRONMENT);
	else if (report->as_of == 0)
		status = EXIT_CODE_INCOMPLETE;
	report_free(report);
	store_close(store);
	return status;
}

int
command_report(int argc, char **argv)
{
	struct config config = { 0 };
	struct settings settings;
	int status = settings_read(&program, argc, argv, &config, &settings);

	if (status == -1 && strcmp(settings.argument[0], "make") != 0) {
		fprintf(stderr, "sekisho report: no '%s'; expected make\n",
			settings.argument[0]);
		status = EXIT_CODE_USAGE;
	}
	if (status == -1)
		status = make(&config);
	settings_release(&settings);
	return status;
}
