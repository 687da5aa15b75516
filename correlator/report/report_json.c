/* SPDX-License-Identifier: Apache-2.0 */
/* report_json: a report's figures as JSON; its shape is docs/report.schema.json. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "correlator/report/figures.h"
#include "correlator/report/words.h"

struct list {
	FILE *out;
	bool has_one;
};

/* Written one by one: a region's month has some hundred thousand. */
static void
put(struct list *list, json_t *object)
{
	fputs(list->has_one ? ",\n" : "\n", list->out);
	if (object != NULL)
		json_dumpf(object, list->out, JSON_COMPACT);
	list->has_one = true;
	json_decref(object);
}

static void
on_figure(void *ctx, const struct figure *figure)
{
	put(ctx,
	    json_pack("{s:s,s:s,s:s,s:I,s:s,s:s,s:s,s:s,s:s}", "id", figure->id,
		      "section", figure->section, "measure", figure->measure, "value",
		      (json_int_t)figure->value, "unit", figure->unit, "requirement",
		      figure->requirement, "participant", figure->participant, "name",
		      figure->first_name, "name_2", figure->second_name));
}

static json_t *
report_head(const struct report *report)
{
	const struct report_request *request = &report->request;

	return json_pack("{s:i,s:s,s:s,s:s,s:I,s:I,s:i,s:I,s:s,s:s,s:s}",
			 "sekisho_report", 1, "region", request->region, "title",
			 report_title(report, &report->region), "period",
			 request->period, "from", (json_int_t)request->from, "to",
			 (json_int_t)request->to, "zone", request->zone, "as_of",
			 (json_int_t)report->as_of, "ruleset", report->ruleset,
			 "language", request->language == REPORT_JA ? "ja" : "en",
			 "comment", request->comment != NULL ? request->comment : "");
}

void
report_write_json(const struct report *report, FILE *out)
{
	struct list list = { .out = out };
	json_t *head = report_head(report);
	char *text = head != NULL ? json_dumps(head, JSON_COMPACT) : NULL;

	json_decref(head);
	if (text != NULL)
		fprintf(out, "%.*s", (int)strlen(text) - 1, text);
	free(text);
	fputs(",\n\"requirements\":[", out);
	for (size_t i = 0; i < report->requirement_count; i++) {
		const struct report_requirement *one = &report->requirement[i];
		put(&list,
		    json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:I}", "id", one->id, "title",
			      report_title(report, &one->title), "severity",
			      one->severity, "document",
			      report_title(report, &one->document), "clause",
			      one->clause, "remedy", report_title(report, &one->remedy),
			      "min_coverage", (json_int_t)one->min_coverage));
	}
	fputs("],\n\"participants\":[", out);
	list.has_one = false;
	for (size_t i = 0; i < report->participant_count; i++) {
		const struct report_participant *one = &report->participant[i];
		put(&list, json_pack("{s:s,s:s,s:s,s:s}", "id", one->id, "title",
				     report_title(report, &one->title), "kind",
				     one->kind, "code", one->code));
	}
	fprintf(out, "],\n\"replaces\":\"%s\",\n\"changes\":[", report->replaces);
	list.has_one = false;
	for (size_t i = 0; i < report->change_count; i++)
		put(&list, json_pack("{s:s,s:I,s:I}", "id", report->change[i].id, "was",
				     (json_int_t)report->change[i].was, "is",
				     (json_int_t)report->change[i].is));
	fputs("],\n\"figures\":[", out);
	list.has_one = false;
	report_each_figure(report, on_figure, &list);
	fputs("]}\n", out);
}
