/* SPDX-License-Identifier: Apache-2.0 */
/* report_pdf: a report as PDF, made here and not by a browser. */
#include <inttypes.h>
#include <string.h>

#include "correlator/report/pdf_page.h"
#include "correlator/report/report.h"
#include "correlator/report/words.h"

#define W(name)  report_word(report, REPORT_##name)
#define T(title) report_title(report, &(title))

enum {
	TIME_SIZE = 96,
	NUMBER_SIZE = 24,
	ACROSS = 5, /* institutions beside each other */
	MATRIX_MAX =
		60 /* institutions; of more, only sums and violations are printed */
};

static void
pair(struct pdf *pdf, const char *term, const char *meaning)
{
	char line[1024];

	snprintf(line, sizeof(line), "%s: %s", term, meaning);
	pdf_paragraph(pdf, line);
}

static void
write_cover(const struct report *report, struct pdf *pdf)
{
	char period[TIME_SIZE], time[TIME_SIZE], days[NUMBER_SIZE];

	report_write_period(report, period, sizeof(period));
	report_write_time(report, report->as_of, time, sizeof(time));
	snprintf(days, sizeof(days), "%u", report->days);
	pdf_heading(pdf, 1, W(TITLE));
	pair(pdf, W(REGION), T(report->region));
	pair(pdf, W(PERIOD), period);
	pair(pdf, W(AS_OF), report->as_of == 0 ? W(NO_DATA) : time);
	pair(pdf, W(DAYS), days);
	pair(pdf, W(RULESET), report->ruleset[0] ? report->ruleset : "-");
	pair(pdf, W(HANDLING), W(HANDLING_TEXT));
	if (report->request.comment != NULL)
		pair(pdf, W(COMMENT), report->request.comment);
	if (report->request.has_signoff)
		pdf_boxes(pdf,
			  (const char *[]){ W(MADE_BY), W(CHECKED_BY), W(APPROVED_BY) },
			  3);
}

static void
number(char text[NUMBER_SIZE], uint64_t value)
{
	snprintf(text, NUMBER_SIZE, "%" PRIu64, value);
}

/* What an issued report said otherwise. */
static void
write_changes(const struct report *report, struct pdf *pdf)
{
	char line[1024];

	if (report->replaces[0] == '\0')
		return;
	pair(pdf, W(REPLACES), report->replaces);
	pdf_paragraph(pdf, W(CHANGES));
	for (size_t i = 0; i < report->change_count; i++) {
		snprintf(line, sizeof(line), "%s: %" PRId64 " → %" PRId64,
			 report->change[i].id, report->change[i].was,
			 report->change[i].is);
		pdf_item(pdf, line);
	}
	if (report->change_count == 0)
		pdf_item(pdf, W(NONE));
}

static void
write_summary(const struct report *report, struct pdf *pdf)
{
	struct pdf_table table = { .columns = VERDICT_KINDS,
				   .right = (1u << VERDICT_KINDS) - 1 };
	char text[VERDICT_KINDS][NUMBER_SIZE], pairs[NUMBER_SIZE];
	const char *cell[VERDICT_KINDS];

	for (int i = 0; i < VERDICT_KINDS; i++) {
		table.share[i] = 1000 / VERDICT_KINDS;
		table.head[i] = report_verdict_word(report, (enum verdict)i);
		number(text[i], report->total[i]);
		cell[i] = text[i];
	}
	pdf_heading(pdf, 2, W(SUMMARY));
	pdf_paragraph(pdf, W(SUMMARY_TEXT));
	pdf_table_begin(pdf, &table);
	pdf_row(pdf, cell);
	pdf_table_end(pdf);
	number(pairs, report->violated_pairs);
	pair(pdf, W(VIOLATED_PAIRS), pairs);
	if (report->violated_pairs == 0)
		pdf_paragraph(pdf, report->is_seen ? W(NO_VIOLATION) : W(NOTHING_SEEN));
}

static void
write_days(const struct report *report, const struct report_cell *cell, char *text,
	   size_t room)
{
	snprintf(text, room, "%u / %u / %u / %u\n%s", cell->days[VERDICT_SATISFIED],
		 cell->days[VERDICT_VIOLATED], cell->days[VERDICT_UNOBSERVABLE],
		 cell->days[VERDICT_NOT_APPLICABLE],
		 report_verdict_word(report, report_cell_verdict(cell)));
}

static void
write_columns(const struct report *report, size_t first, size_t count, struct pdf *pdf)
{
	struct pdf_table table = { .columns = count + 1, .share = { 250 } };
	char head[ACROSS][256], share[16], text[ACROSS][128], name[700];
	const char *cell[ACROSS + 1];

	table.head[0] = W(REQUIREMENT);
	for (size_t i = 0; i < count; i++) {
		const struct report_participant *one = &report->participant[first + i];
		report_write_share(one->coverage, share, sizeof(share));
		snprintf(head[i], sizeof(head[i]), "%s\n%s %s", T(one->title),
			 W(COVERAGE), share);
		table.head[i + 1] = head[i];
		table.share[i + 1] = 750 / (int)count;
	}
	pdf_table_begin(pdf, &table);
	for (size_t r = 0; r < report->requirement_count; r++) {
		snprintf(name, sizeof(name), "%s\n%s", T(report->requirement[r].title),
			 report->requirement[r].id);
		cell[0] = name;
		for (size_t i = 0; i < count; i++) {
			write_days(report, report_cell_of(report, r, first + i),
				   text[i], sizeof(text[i]));
			cell[i + 1] = text[i];
		}
		pdf_row(pdf, cell);
	}
	pdf_table_end(pdf);
}

/* Of many institutions: each requirement in sum. */
static void
write_sums(const struct report *report, struct pdf *pdf)
{
	static const enum verdict order[] = { VERDICT_SATISFIED, VERDICT_VIOLATED,
					      VERDICT_UNOBSERVABLE,
					      VERDICT_NOT_APPLICABLE };
	struct pdf_table table = { .columns = 5,
				   .share = { 480, 130, 130, 130, 130 },
				   .right = 0x1e };
	char text[4][NUMBER_SIZE], name[700];

	table.head[0] = W(REQUIREMENT);
	for (size_t i = 0; i < 4; i++)
		table.head[i + 1] = report_verdict_word(report, order[i]);
	pdf_table_begin(pdf, &table);
	for (size_t r = 0; r < report->requirement_count; r++) {
		uint64_t sum[4] = { 0 };
		for (size_t p = 0; p < report->participant_count; p++)
			for (size_t i = 0; i < 4; i++)
				sum[i] += report_cell_of(report, r, p)->days[order[i]];
		for (size_t i = 0; i < 4; i++)
			number(text[i], sum[i]);
		snprintf(name, sizeof(name), "%s\n%s", T(report->requirement[r].title),
			 report->requirement[r].id);
		pdf_row(pdf,
			(const char *[]){ name, text[0], text[1], text[2], text[3] });
	}
	pdf_table_end(pdf);
}

static void
write_matrix(const struct report *report, struct pdf *pdf)
{
	pdf_heading(pdf, 2, W(MATRIX));
	pdf_paragraph(pdf, W(MATRIX_TEXT));
	write_sums(report, pdf);
	if (report->participant_count > MATRIX_MAX) {
		pdf_paragraph(pdf, W(MATRIX_LARGE));
		return;
	}
	for (size_t p = 0; p < report->participant_count; p += ACROSS) {
		size_t left = report->participant_count - p;
		write_columns(report, p, left < ACROSS ? left : ACROSS, pdf);
	}
}

static void
write_violation(const struct report *report, size_t r, size_t p, struct pdf *pdf)
{
	const struct report_cell *cell = report_cell_of(report, r, p);
	const struct report_requirement *need = &report->requirement[r];
	char name[1200], days[256], samples[80];

	snprintf(name, sizeof(name), "%s\n%s %s", T(need->title), T(need->document),
		 need->clause);
	snprintf(days, sizeof(days), "%u", cell->days[VERDICT_VIOLATED]);
	if (cell->accepted > 0)
		snprintf(days, sizeof(days), "%u\n%s %u (%s)",
			 cell->days[VERDICT_VIOLATED], W(ACCEPTED), cell->accepted,
			 cell->exception);
	snprintf(samples, sizeof(samples), "%" PRIu64 " / %" PRIu64 " / %" PRIu64,
		 cell->good, cell->bad, cell->unknown);
	pdf_row(pdf, (const char *[]){ T(report->participant[p].title), name,
				       report_severity_word(report, need->severity),
				       days, samples, T(need->remedy) });
}

static void
write_hidden(const struct report *report, size_t r, size_t p, struct pdf *pdf)
{
	const struct report_cell *cell = report_cell_of(report, r, p);
	char days[NUMBER_SIZE];

	number(days, cell->hidden);
	pdf_row(pdf, (const char *[]){ T(report->participant[p].title),
				       T(report->requirement[r].title), days,
				       report_reason_word(report, cell->reason),
				       T(report->requirement[r].settled_by) });
}

static bool
is_violated(const struct report_cell *cell)
{
	return cell->days[VERDICT_VIOLATED] > 0;
}

static bool
is_hidden(const struct report_cell *cell)
{
	return cell->hidden > 0;
}

static void
write_pairs(const struct report *report, bool (*holds)(const struct report_cell *cell),
	    void (*write)(const struct report *report, size_t r, size_t p,
			  struct pdf *pdf),
	    const struct pdf_table *table, struct pdf *pdf)
{
	bool is_any = false;

	for (size_t r = 0; r < report->requirement_count; r++)
		for (size_t p = 0; p < report->participant_count; p++) {
			if (!holds(report_cell_of(report, r, p)))
				continue;
			if (!is_any)
				pdf_table_begin(pdf, table);
			is_any = true;
			write(report, r, p, pdf);
		}
	if (is_any)
		pdf_table_end(pdf);
	else
		pdf_paragraph(pdf, W(NONE));
}

static void
write_judged(const struct report *report, struct pdf *pdf)
{
	const struct pdf_table violations = { .columns = 6,
					      .share = { 160, 290, 80, 110, 130, 230 },
					      .right = 0x18,
					      .head = { W(INSTITUTION), W(REQUIREMENT),
							W(SEVERITY), W(VIOLATED_DAYS),
							W(SAMPLES), W(REMEDY) } };
	const struct pdf_table hidden = { .columns = 5,
					  .share = { 200, 280, 110, 150, 260 },
					  .right = 0x4,
					  .head = { W(INSTITUTION), W(REQUIREMENT),
						    W(HIDDEN_DAYS), W(REASON),
						    W(SETTLED_BY) } };
	char line[700];

	pdf_heading(pdf, 2, W(VIOLATIONS));
	write_pairs(report, is_violated, write_violation, &violations, pdf);
	pdf_heading(pdf, 2, W(HIDDEN));
	pdf_paragraph(pdf, W(HIDDEN_TEXT));
	for (size_t p = 0; p < report->participant_count; p++) {
		if (report->participant[p].unwatched == 0)
			continue;
		snprintf(line, sizeof(line), "%s: %s %u",
			 T(report->participant[p].title), W(UNWATCHED),
			 report->participant[p].unwatched);
		pdf_item(pdf, line);
	}
	write_pairs(report, is_hidden, write_hidden, &hidden, pdf);
}

static void
write_access_row(const struct report *report, const struct report_access *access,
		 struct pdf *pdf)
{
	char sessions[NUMBER_SIZE], violated[NUMBER_SIZE], hidden[NUMBER_SIZE],
		bytes[64], times[2 * TIME_SIZE], first[TIME_SIZE], last[TIME_SIZE];

	number(sessions, access->sessions);
	number(violated, access->violated);
	number(hidden, access->unobservable);
	snprintf(bytes, sizeof(bytes), "%" PRIu64 "\n%" PRIu64, access->bytes_to_server,
		 access->bytes_to_client);
	report_write_time(report, access->first, first, sizeof(first));
	report_write_time(report, access->last, last, sizeof(last));
	snprintf(times, sizeof(times), "%s\n%s", first, last);
	pdf_row(pdf,
		(const char *[]){
			report_party(report, access->client, &access->client_title),
			report_party(report, access->server, &access->server_title),
			access->service[0] ? T(access->service_title) : W(NO_SERVICE),
			sessions, violated, hidden, bytes, times });
}

static void
write_access(const struct report *report, bool is_inside, struct pdf *pdf)
{
	const struct pdf_table table = {
		.columns = 8,
		.share = { 170, 150, 150, 75, 75, 80, 130, 170 },
		.right = 0x78,
		.head = { W(CLIENT), W(SERVER), W(SERVICE), W(SESSIONS), W(VIOLATED),
			  W(UNOBSERVABLE), W(BYTES), W(FIRST_LAST) }
	};
	size_t rows = 0;

	pdf_heading(pdf, 3, is_inside ? W(ACCESS_OUT) : W(ACCESS_IN));
	for (size_t i = 0; i < report->access_count; i++) {
		if (report->access[i].is_inside != is_inside)
			continue;
		if (rows++ == 0)
			pdf_table_begin(pdf, &table);
		write_access_row(report, &report->access[i], pdf);
	}
	if (rows > 0)
		pdf_table_end(pdf);
	else
		pdf_paragraph(pdf, W(NONE));
}

static void
write_alert(const struct report *report, const struct report_alert *alert,
	    struct pdf *pdf)
{
	char line[2048], first[TIME_SIZE], last[TIME_SIZE];

	report_write_time(report, alert->first, first, sizeof(first));
	report_write_time(report, alert->last, last, sizeof(last));
	snprintf(line, sizeof(line), "[%s] %s\n%s → %s (%s, %s – %s, %" PRIu64 " %s)",
		 report_severity_word(report, alert->severity), T(alert->title),
		 report_party(report, alert->client, &alert->client_title),
		 report_party(report, alert->server, &alert->server_title), alert->rule,
		 first, last, alert->count, W(TIMES));
	pdf_item(pdf, line);
}

static void
write_rest(const struct report *report, struct pdf *pdf)
{
	char line[512], from[TIME_SIZE], to[TIME_SIZE], share[16];

	pdf_heading(pdf, 2, W(ALERTS));
	if (report->alert_count == 0)
		pdf_paragraph(pdf, W(NONE));
	for (size_t i = 0; i < report->alert_count; i++)
		write_alert(report, &report->alert[i], pdf);
	pdf_heading(pdf, 2, W(WATCH));
	pdf_paragraph(pdf, W(WATCH_TEXT));
	if (report->gap_count == 0)
		pdf_paragraph(pdf, W(NONE));
	for (size_t i = 0; i < report->gap_count; i++) {
		const struct report_gap *gap = &report->gap[i];
		report_write_time(report, gap->from, from, sizeof(from));
		report_write_time(report, gap->to, to, sizeof(to));
		report_write_share(gap->coverage, share, sizeof(share));
		snprintf(line, sizeof(line), "%s (%s) %s – %s: %s", gap->sensor,
			 gap->poi, from, to, share);
		pdf_item(pdf, line);
	}
	pdf_heading(pdf, 2, W(METHOD));
	for (int i = REPORT_METHOD_1; i <= REPORT_METHOD_5; i++) {
		snprintf(line, sizeof(line), "・%s",
			 report_word(report, (enum report_word)i));
		pdf_item(pdf, line);
	}
}

int
report_write_pdf(const struct report *report, FILE *out, struct error *err)
{
	struct pdf *pdf = pdf_new(out, W(TITLE), report->as_of);

	write_cover(report, pdf);
	write_changes(report, pdf);
	write_summary(report, pdf);
	write_matrix(report, pdf);
	write_judged(report, pdf);
	pdf_heading(pdf, 2, W(ACCESS));
	write_access(report, true, pdf);
	write_access(report, false, pdf);
	write_rest(report, pdf);
	return pdf_end(pdf, err);
}
