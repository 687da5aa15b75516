/* SPDX-License-Identifier: Apache-2.0 */
/* explain: the rows and record ids behind one figure of a report. */
#include "correlator/report/explain.h"

#include <inttypes.h>
#include <string.h>

#include "common/calendar.h"
#include "store/reads.h"
#include "store/report_reads.h"

enum { PARTS = 5, PART_SIZE = 256 };

struct explaining {
	struct store *store;
	const struct signed_report *is;
	struct scope scope;
	size_t count;
	char part[PARTS][PART_SIZE]; /* of the figure's name */
	const char *measure;         /* the last of them */
	FILE *out;
	int rows; /* written */
};

static void
write_time(const struct explaining *explaining, int64_t time)
{
	char text[CALENDAR_TEXT_SIZE];

	calendar_to_text((struct instant){ time },
			 (struct zone){ explaining->is->zone }, text);
	fprintf(explaining->out, "%s  ", text);
}

static bool
is_wanted(const struct explaining *explaining, const struct verdict_row *row)
{
	const char *measure = explaining->measure;

	if (strcmp(explaining->part[0], "sample") == 0)
		return strcmp(measure, "good") == 0  ? row->good > 0
		       : strcmp(measure, "bad") == 0 ? row->bad > 0
						     : row->unknown > 0;
	if (strcmp(measure, "accepted") == 0)
		return strcmp(row->disposition, "accepted") == 0;
	if (strcmp(measure, "provisional") == 0)
		return row->is_provisional;
	if (strcmp(measure, "hidden") == 0)
		measure = "unobservable";
	if (strcmp(measure, "violated_pairs") == 0)
		measure = "violated";
	return strcmp(row->verdict, measure) == 0;
}

static bool
on_verdict(void *ctx, const struct verdict_row *row)
{
	struct explaining *explaining = ctx;

	if (row->key.window_start < explaining->is->from ||
	    row->key.window_start >= explaining->is->to || !is_wanted(explaining, row))
		return true;
	write_time(explaining, row->key.window_start);
	fprintf(explaining->out,
		"%s  %s  %s  good %" PRIu64 " bad %" PRIu64 " unknown %" PRIu64
		"  coverage %u  %s%s\n",
		row->key.requirement, row->key.participant, row->verdict, row->good,
		row->bad, row->unknown, row->coverage, row->evidence,
		strcmp(row->evidence, "[]") == 0
			? "  silence, which has no record; see its coverage"
			: "");
	explaining->rows++;
	return true;
}

static int
explain_verdicts(struct explaining *explaining, struct error *err)
{
	bool is_sum = strcmp(explaining->part[0], "summary") == 0;
	const struct verdict_filter filter = {
		.requirement = is_sum ? NULL : explaining->part[1],
		.participant = is_sum ? NULL : explaining->part[2],
		.from = explaining->is->from,
		.to = explaining->is->to,
	};

	if (store_each_verdict(explaining->store, &explaining->scope, &filter,
			       on_verdict, explaining, err) == -1)
		return -1;
	if (strcmp(explaining->measure, "not_applicable") == 0 ||
	    strcmp(explaining->measure, "unobservable") == 0)
		fprintf(explaining->out,
			"days without a record in scope go by coverage alone: "
			"coverage/%s/share\n",
			is_sum ? "PARTICIPANT" : explaining->part[2]);
	return 0;
}

static bool
on_access(void *ctx, int64_t start, uint64_t to_server, uint64_t to_client,
	  const char *verdict, const char *record)
{
	struct explaining *explaining = ctx;

	if ((strcmp(explaining->measure, "violated") == 0 ||
	     strcmp(explaining->measure, "unobservable") == 0) &&
	    strcmp(verdict, explaining->measure) != 0)
		return true;
	write_time(explaining, start);
	fprintf(explaining->out, "%s  %" PRIu64 " / %" PRIu64 " bytes  [\"%s\"]\n",
		verdict, to_server, to_client, record);
	explaining->rows++;
	return true;
}

static int
explain_access(struct explaining *explaining, struct error *err)
{
	const struct access_row row = { .client = explaining->part[1],
					.server = explaining->part[2],
					.service = explaining->part[3] };

	return store_each_access_record(explaining->store, &explaining->scope, &row,
					explaining->is->from, explaining->is->to,
					on_access, explaining, err);
}

static bool
on_alert(void *ctx, const struct alert_row *row)
{
	struct explaining *explaining = ctx;

	if (strcmp(row->id, explaining->part[1]) != 0)
		return true;
	write_time(explaining, row->first);
	fprintf(explaining->out, "%s  %s  %" PRIu64 " times  %s\n", row->rule, row->id,
		row->count, row->evidence);
	explaining->rows++;
	return false;
}

static int
explain_alert(struct explaining *explaining, struct error *err)
{
	return store_each_alert(explaining->store, &explaining->scope, 0, on_alert,
				explaining, err);
}

static bool
on_hour(void *ctx, const struct coverage_row *row)
{
	struct explaining *explaining = ctx;

	if (strcmp(explaining->part[0], "gap") == 0 &&
	    (strcmp(row->sensor, explaining->part[1]) != 0 ||
	     strcmp(row->poi, explaining->part[2]) != 0))
		return true;
	write_time(explaining, row->hour);
	fprintf(explaining->out,
		"sensor %s  poi %s  watched %" PRId64 " s  packets %" PRIu64
		"  lost %" PRIu64 "\n",
		row->sensor, row->poi, row->observed / INSTANT_SECOND, row->packets,
		row->lost);
	explaining->rows++;
	return true;
}

/* Coverage is made of hours of sensors, not of single records. */
static int
explain_coverage(struct explaining *explaining, struct error *err)
{
	return store_each_coverage(explaining->store, &explaining->scope,
				   explaining->is->from, explaining->is->to, on_hour,
				   explaining, err);
}

static const struct {
	const char *name;
	size_t parts;
	int (*explain)(struct explaining *explaining, struct error *err);
} sections[] = {
	{ "summary", 2, explain_verdicts }, { "day", 4, explain_verdicts },
	{ "sample", 4, explain_verdicts },  { "access", 5, explain_access },
	{ "alert", 3, explain_alert },      { "coverage", 3, explain_coverage },
	{ "gap", 5, explain_coverage },
};

/* Names of rules and participants have no slash. */
static void
split(struct explaining *explaining, const char *figure)
{
	const char *at = figure;

	while (explaining->count < PARTS) {
		size_t size = strcspn(at, "/");
		snprintf(explaining->part[explaining->count++], PART_SIZE, "%.*s",
			 (int)(size < PART_SIZE ? size : PART_SIZE - 1), at);
		if (at[size] == '\0')
			break;
		at += size + 1;
	}
	explaining->measure = explaining->part[explaining->count - 1];
}

int
explain_figure(struct store *store, const struct signed_report *is, const char *figure,
	       FILE *out, struct error *err)
{
	struct explaining explaining = { .store = store,
					 .is = is,
					 .scope = { .partition = is->region },
					 .out = out };

	split(&explaining, figure);
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		if (strcmp(sections[i].name, explaining.part[0]) != 0 ||
		    sections[i].parts != explaining.count)
			continue;
		return sections[i].explain(&explaining, err) == -1 ? -1
								   : explaining.rows;
	}
	return error_set(err,
			 "no figure '%s'; expected one of the report's, such as "
			 "day/CR-TLS-01/clinic-a/violated",
			 figure);
}
