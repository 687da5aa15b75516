/* SPDX-License-Identifier: Apache-2.0 */
/* national: all regions of a period beside each other, for those who watch over all of
 * them. */
#include "correlator/report/national.h"

#include <inttypes.h>
#include <string.h>

#include "correlator/report/cell_text.h"
#include "correlator/report/words.h"

enum { NUMBERS = 6 + VERDICT_KINDS + 2, TIME_SIZE = 192 };

void
national_start(struct national *national, const struct report_request *request,
	       size_t regions)
{
	*national = (struct national){ .request = *request };
	national->request.region = "";
	national->row =
		arena_take(&national->arena, (regions + 1) * sizeof(*national->row));
}

void
national_release(struct national *national)
{
	arena_release(&national->arena);
}

static const char *
keep(struct national *national, const char *text)
{
	return arena_text(&national->arena, text, strlen(text));
}

void
national_add(struct national *national, const struct report *report)
{
	struct national_row *row = &national->row[national->count++];

	*row = (struct national_row){
		.region = keep(national, report->request.region),
		.title = { keep(national, report->region.ja),
			   keep(national, report->region.en) },
		.institutions = report->participant_count,
		.violated_pairs = report->violated_pairs,
		.alerts = report->alert_count,
		.gaps = report->gap_count,
	};
	memcpy(row->total, report->total, sizeof(row->total));
	for (size_t i = 0; i < report->participant_count; i++)
		row->unwatched += report->participant[i].unwatched > 0;
	for (size_t i = 0; i < report->access_count; i++) {
		const struct report_access *access = &report->access[i];
		row->sessions += access->is_inside ? access->sessions : 0;
		row->violated += access->is_inside ? access->violated : 0;
		row->unobservable += access->is_inside ? access->unobservable : 0;
	}
	if (report->as_of > national->as_of)
		national->as_of = report->as_of;
}

/* In the order of the headings. */
static void
numbers_of(const struct national_row *row, uint64_t number[NUMBERS])
{
	size_t at = 0;

	number[at++] = row->institutions;
	number[at++] = row->unwatched;
	for (int verdict = 0; verdict < VERDICT_KINDS; verdict++)
		number[at++] = row->total[verdict];
	number[at++] = row->violated_pairs;
	number[at++] = row->sessions;
	number[at++] = row->violated;
	number[at++] = row->unobservable;
	number[at++] = row->alerts;
	number[at++] = row->gaps;
}

/* What the words need to know of the language and the zone. */
static struct report
speaker(const struct national *national)
{
	return (struct report){ .request = national->request,
				.as_of = national->as_of };
}

static void
headings(const struct report *report, const char *head[NUMBERS])
{
	static const enum report_word after[] = {
		REPORT_VIOLATED_PAIRS,  REPORT_SESSIONS,     REPORT_VIOLATED_SESSIONS,
		REPORT_HIDDEN_SESSIONS, REPORT_ALERTS_COUNT, REPORT_GAPS_COUNT
	};
	size_t at = 0;

	head[at++] = report_word(report, REPORT_INSTITUTIONS);
	head[at++] = report_word(report, REPORT_UNWATCHED_COUNT);
	for (int verdict = 0; verdict < VERDICT_KINDS; verdict++)
		head[at++] = report_verdict_word(report, (enum verdict)verdict);
	for (size_t i = 0; i < sizeof(after) / sizeof(after[0]); i++)
		head[at++] = report_word(report, after[i]);
}

static void
sum_all(const struct national *national, uint64_t sum[NUMBERS])
{
	memset(sum, 0, NUMBERS * sizeof(sum[0]));
	for (size_t i = 0; i < national->count; i++) {
		uint64_t number[NUMBERS];
		numbers_of(&national->row[i], number);
		for (size_t j = 0; j < NUMBERS; j++)
			sum[j] += number[j];
	}
}

static void
write_row(const char *name, const uint64_t number[NUMBERS], FILE *out)
{
	fputs("<tr><th scope=row>", out);
	cell_text_html(out, name);
	fputs("</th>", out);
	for (size_t i = 0; i < NUMBERS; i++)
		fprintf(out, "<td class=n>%" PRIu64 "</td>", number[i]);
	fputs("</tr>\n", out);
}

static void
write_table(const struct national *national, const struct report *report, FILE *out)
{
	const char *head[NUMBERS];
	uint64_t number[NUMBERS];

	headings(report, head);
	fputs("<table><thead><tr><th scope=col>", out);
	cell_text_html(out, report_word(report, REPORT_REGION));
	for (size_t i = 0; i < NUMBERS; i++) {
		fputs("</th><th scope=col>", out);
		cell_text_html(out, head[i]);
	}
	fputs("</th></tr></thead><tbody>\n", out);
	for (size_t i = 0; i < national->count; i++) {
		numbers_of(&national->row[i], number);
		write_row(report_title(report, &national->row[i].title), number, out);
	}
	sum_all(national, number);
	write_row(report_word(report, REPORT_ALL_REGIONS), number, out);
	fputs("</tbody></table>\n", out);
}

void
national_write_html(const struct national *national, FILE *out)
{
	struct report report = speaker(national);
	char period[TIME_SIZE], time[TIME_SIZE];

	report_write_period(&report, period, sizeof(period));
	report_write_time(&report, report.as_of, time, sizeof(time));
	fprintf(out,
		"<!doctype html>\n<html lang=%s><head><meta charset=utf-8>\n<title>",
		report.request.language == REPORT_JA ? "ja" : "en");
	cell_text_html(out, report_word(&report, REPORT_NATIONAL));
	fputs("</title>\n<style>@page{size:A4 "
	      "landscape;margin:14mm}body{font:9.5pt/1.5 "
	      "IPAexGothic,'Noto Sans CJK JP',sans-serif;margin:1rem}"
	      "table{border-collapse:collapse;width:100%}th,td{border:1px solid "
	      "#b9c1cc;padding:.2rem .4rem;text-align:left;vertical-align:top}"
	      "td.n{text-align:right}tbody tr:last-child{font-weight:600}</style>"
	      "</head><body>\n<h1>",
	      out);
	cell_text_html(out, report_word(&report, REPORT_NATIONAL));
	fprintf(out, "</h1>\n<p>%s: ", report_word(&report, REPORT_PERIOD));
	cell_text_html(out, period);
	fprintf(out, "<br>%s: %s</p>\n", report_word(&report, REPORT_AS_OF),
		report.as_of == 0 ? report_word(&report, REPORT_NO_DATA) : time);
	write_table(national, &report, out);
	fprintf(out, "<p>%s</p>\n</body></html>\n",
		report_word(&report, REPORT_NATIONAL_TEXT));
}

static void
write_line(const char *id, const char *name, const uint64_t number[NUMBERS], FILE *out)
{
	cell_text_csv(out, id, ',');
	cell_text_csv(out, name, ',');
	for (size_t i = 0; i < NUMBERS; i++)
		fprintf(out, "%" PRIu64 "%s", number[i],
			i + 1 < NUMBERS ? "," : "\r\n");
}

void
national_write_csv(const struct national *national, FILE *out)
{
	struct report report = speaker(national);
	const char *head[NUMBERS];
	uint64_t number[NUMBERS];

	headings(&report, head);
	fputs("\xEF\xBB\xBF", out);
	cell_text_csv(out, "region", ',');
	cell_text_csv(out, report_word(&report, REPORT_REGION), ',');
	for (size_t i = 0; i < NUMBERS; i++)
		cell_text_csv(out, head[i], i + 1 < NUMBERS ? ',' : '\r');
	fputc('\n', out);
	for (size_t i = 0; i < national->count; i++) {
		numbers_of(&national->row[i], number);
		write_line(national->row[i].region,
			   report_title(&report, &national->row[i].title), number, out);
	}
	sum_all(national, number);
	write_line("", report_word(&report, REPORT_ALL_REGIONS), number, out);
}
