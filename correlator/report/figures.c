/* SPDX-License-Identifier: Apache-2.0 */
/* figures: every number of a report, one by one, each with a name that lasts. */
#include "correlator/report/figures.h"

#include <inttypes.h>
#include <stdio.h>

#include "correlator/report/words.h"

struct telling {
	const struct report *report;
	figure_sink *sink;
	void *ctx;
	char prefix[FIGURE_ID_SIZE - 64]; /* of the ids of what is told now */
	struct figure figure;             /* what they have in common */
};

static void
tell(struct telling *telling, const char *measure, const char *unit, uint64_t value)
{
	char id[FIGURE_ID_SIZE];

	snprintf(id, sizeof(id), "%s/%s", telling->prefix, measure);
	telling->figure.id = id;
	telling->figure.measure = measure;
	telling->figure.unit = unit;
	telling->figure.value = value;
	telling->sink(telling->ctx, &telling->figure);
}

static void
begin(struct telling *telling, const char *section)
{
	telling->figure = (struct figure){ .section = section,
					   .requirement = "",
					   .participant = "",
					   .first_name = "",
					   .second_name = "" };
	snprintf(telling->prefix, sizeof(telling->prefix), "%s", section);
}

static void
tell_summary(struct telling *telling)
{
	const struct report *report = telling->report;

	begin(telling, "summary");
	for (int verdict = 0; verdict < VERDICT_KINDS; verdict++)
		tell(telling, verdict_name((enum verdict)verdict), "days",
		     report->total[verdict]);
	tell(telling, "violated_pairs", "pairs", report->violated_pairs);
	tell(telling, "begun", "days", report->days);
}

static void
tell_coverage(struct telling *telling)
{
	for (size_t p = 0; p < telling->report->participant_count; p++) {
		const struct report_participant *one = &telling->report->participant[p];
		begin(telling, "coverage");
		snprintf(telling->prefix, sizeof(telling->prefix), "coverage/%s",
			 one->id);
		telling->figure.participant = one->id;
		telling->figure.second_name =
			report_title(telling->report, &one->title);
		tell(telling, "share", "millionths", one->coverage);
		tell(telling, "unwatched", "days", one->unwatched);
	}
}

static void
tell_cell(struct telling *telling, size_t r, size_t p)
{
	const struct report *report = telling->report;
	const struct report_cell *cell = report_cell_of(report, r, p);

	begin(telling, "day");
	telling->figure.requirement = report->requirement[r].id;
	telling->figure.participant = report->participant[p].id;
	telling->figure.first_name =
		report_title(report, &report->requirement[r].title);
	telling->figure.second_name =
		report_title(report, &report->participant[p].title);
	snprintf(telling->prefix, sizeof(telling->prefix), "day/%s/%s",
		 telling->figure.requirement, telling->figure.participant);
	for (int verdict = 0; verdict < VERDICT_KINDS; verdict++)
		tell(telling, verdict_name((enum verdict)verdict), "days",
		     cell->days[verdict]);
	tell(telling, "accepted", "days", cell->accepted);
	tell(telling, "hidden", "days", cell->hidden);
	tell(telling, "provisional", "days", cell->provisional);
	telling->figure.section = "sample";
	snprintf(telling->prefix, sizeof(telling->prefix), "sample/%s/%s",
		 telling->figure.requirement, telling->figure.participant);
	tell(telling, "good", "sessions", cell->good);
	tell(telling, "bad", "sessions", cell->bad);
	tell(telling, "unknown", "sessions", cell->unknown);
}

static void
tell_access(struct telling *telling)
{
	const struct report *report = telling->report;

	for (size_t i = 0; i < report->access_count; i++) {
		const struct report_access *access = &report->access[i];
		begin(telling, "access");
		telling->figure.first_name =
			report_title(report, &access->client_title);
		telling->figure.second_name =
			report_title(report, &access->service_title);
		telling->figure.participant = access->client;
		snprintf(telling->prefix, sizeof(telling->prefix), "access/%s/%s/%s",
			 access->client, access->server, access->service);
		tell(telling, "sessions", "sessions", access->sessions);
		tell(telling, "violated", "sessions", access->violated);
		tell(telling, "unobservable", "sessions", access->unobservable);
		tell(telling, "bytes_to_server", "bytes", access->bytes_to_server);
		tell(telling, "bytes_to_client", "bytes", access->bytes_to_client);
	}
}

static void
tell_rest(struct telling *telling)
{
	const struct report *report = telling->report;

	for (size_t i = 0; i < report->alert_count; i++) {
		begin(telling, "alert");
		telling->figure.requirement = report->alert[i].rule;
		telling->figure.first_name =
			report_title(report, &report->alert[i].title);
		snprintf(telling->prefix, sizeof(telling->prefix), "alert/%s",
			 report->alert[i].id);
		tell(telling, "count", "times", report->alert[i].count);
	}
	for (size_t i = 0; i < report->gap_count; i++) {
		const struct report_gap *gap = &report->gap[i];
		begin(telling, "gap");
		telling->figure.first_name = gap->sensor;
		telling->figure.second_name = gap->poi;
		snprintf(telling->prefix, sizeof(telling->prefix), "gap/%s/%s/%" PRId64,
			 gap->sensor, gap->poi, gap->from);
		tell(telling, "share", "millionths", gap->coverage);
		tell(telling, "hours", "hours",
		     (uint64_t)((gap->to - gap->from) / INSTANT_HOUR));
	}
}

void
report_each_figure(const struct report *report, figure_sink *sink, void *ctx)
{
	struct telling telling = { .report = report, .sink = sink, .ctx = ctx };

	tell_summary(&telling);
	tell_coverage(&telling);
	for (size_t r = 0; r < report->requirement_count; r++)
		for (size_t p = 0; p < report->participant_count; p++)
			tell_cell(&telling, r, p);
	tell_access(&telling);
	tell_rest(&telling);
}
