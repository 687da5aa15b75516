/* SPDX-License-Identifier: Apache-2.0 */
/* report_html: a report as one HTML file that prints well and loads nothing from
 * elsewhere. */
#include <inttypes.h>
#include <string.h>

#include "correlator/report/cell_text.h"
#include "correlator/report/report.h"
#include "correlator/report/words.h"

#define W(name)  report_word(report, REPORT_##name)
#define T(title) report_title(report, &(title))

enum { TIME_SIZE = 64 };

static const char style[] =
	"@page{size:A4;margin:16mm}body{font:10.5pt/1.6 'Noto Sans CJK JP','BIZ "
	"UDPGothic',IPAexGothic,"
	"'Yu Gothic',Meiryo,sans-serif;color:#1a2230;max-width:60rem;margin:2rem "
	"auto;padding:0 1rem}"
	"h1{font-size:1.5rem;border-bottom:3px solid "
	"#0072b2}h2{font-size:1.15rem;margin-top:2rem}"
	"h3{font-size:1rem}table{border-collapse:collapse;width:100%;font-size:9.5pt}"
	"th,td{border:1px solid #b9c1cc;padding:.2rem "
	".5rem;text-align:left;vertical-align:top}"
	"thead{display:table-header-group}tr{break-inside:avoid}td.n{text-align:right;"
	"white-space:nowrap}"
	".violated{background:#fdeee7;font-weight:600}.unobservable{background:"
	"repeating-linear-gradient("
	"135deg,#fff 0 5px,#e6e9ee 5px "
	"7px)}.not_applicable{color:#55606e}dt{color:#55606e;float:left;"
	"clear:left;width:14rem}dd{margin-left:14.5rem}table.seals{width:auto;margin-"
	"left:"
	"auto}.seals th,.seals td{width:20mm;text-align:center}.seals td{height:18mm}";

static void
element(FILE *out, const char *open, const char *text, const char *close)
{
	fputs(open, out);
	cell_text_html(out, text);
	fputs(close, out);
}

static void
number_cell(FILE *out, uint64_t number)
{
	fprintf(out, "<td class=n>%" PRIu64 "</td>", number);
}

static void
heading_row(const struct report *report, FILE *out, const enum report_word *words,
	    size_t count)
{
	fputs("<table><thead><tr>", out);
	for (size_t i = 0; i < count; i++)
		element(out, "<th scope=col>", report_word(report, words[i]), "</th>");
	fputs("</tr></thead><tbody>\n", out);
}

static void
pair(FILE *out, const char *term, const char *meaning)
{
	element(out, "<dt>", term, "</dt>");
	element(out, "<dd>", meaning, "</dd>\n");
}

static void
write_signoff(const struct report *report, FILE *out)
{
	element(out, "<table class=seals><tr><th>", W(MADE_BY), "</th>");
	element(out, "<th>", W(CHECKED_BY), "</th>");
	element(out, "<th>", W(APPROVED_BY),
		"</th></tr><tr><td></td><td></td><td></td></tr></table>\n");
}

static void
write_cover(const struct report *report, FILE *out)
{
	char time[TIME_SIZE] = "", days[16], period[2 * TIME_SIZE];

	if (report->as_of != 0)
		report_write_time(report, report->as_of, time, sizeof(time));
	snprintf(days, sizeof(days), "%u", report->days);
	element(out, "<h1>", W(TITLE), "</h1>\n<dl>");
	pair(out, W(REGION), T(report->region));
	report_write_period(report, period, sizeof(period));
	pair(out, W(PERIOD), period);
	pair(out, W(AS_OF), report->as_of == 0 ? W(NO_DATA) : time);
	pair(out, W(DAYS), days);
	pair(out, W(RULESET), report->ruleset[0] ? report->ruleset : "-");
	pair(out, W(HANDLING), W(HANDLING_TEXT));
	if (report->request.comment != NULL)
		pair(out, W(COMMENT), report->request.comment);
	fputs("</dl>\n", out);
	if (report->request.has_signoff)
		write_signoff(report, out);
}

/* What an issued report said otherwise. */
static void
write_changes(const struct report *report, FILE *out)
{
	if (report->replaces[0] == '\0')
		return;
	element(out, "<p>", W(REPLACES), ": ");
	fprintf(out, "%s</p>\n", report->replaces);
	element(out, "<p>", W(CHANGES), "</p>\n<ul>\n");
	for (size_t i = 0; i < report->change_count; i++) {
		element(out, "<li>", report->change[i].id, ": ");
		fprintf(out, "%" PRId64 " &rarr; %" PRId64 "</li>\n",
			report->change[i].was, report->change[i].is);
	}
	if (report->change_count == 0)
		element(out, "<li>", W(NONE), "</li>\n");
	fputs("</ul>\n", out);
}

static void
write_summary(const struct report *report, FILE *out)
{
	element(out, "<h2>", W(SUMMARY), "</h2>\n");
	element(out, "<p>", W(SUMMARY_TEXT), "</p>\n<table><thead><tr>");
	for (int verdict = 0; verdict < VERDICT_KINDS; verdict++)
		element(out, "<th scope=col>",
			report_verdict_word(report, (enum verdict)verdict), "</th>");
	fputs("</tr></thead><tbody><tr>", out);
	for (int verdict = 0; verdict < VERDICT_KINDS; verdict++)
		number_cell(out, report->total[verdict]);
	fputs("</tr></tbody></table>\n", out);
	element(out, "<p>", W(VIOLATED_PAIRS), ": ");
	fprintf(out, "%u</p>\n", report->violated_pairs);
	if (report->violated_pairs == 0)
		element(out, "<p>", report->is_seen ? W(NO_VIOLATION) : W(NOTHING_SEEN),
			"</p>\n");
}

static void
write_days(const struct report *report, const struct report_cell *cell, FILE *out)
{
	enum verdict word = report_cell_verdict(cell);

	fprintf(out, "<td class=\"n %s\">%u / %u / %u / %u", verdict_name(word),
		cell->days[VERDICT_SATISFIED], cell->days[VERDICT_VIOLATED],
		cell->days[VERDICT_UNOBSERVABLE], cell->days[VERDICT_NOT_APPLICABLE]);
	element(out, "<br>", report_verdict_word(report, word), "</td>");
}

static void
write_matrix(const struct report *report, FILE *out)
{
	element(out, "<h2>", W(MATRIX), "</h2>\n");
	element(out, "<p>", W(MATRIX_TEXT), "</p>\n<table><thead><tr>");
	element(out, "<th scope=col>", W(REQUIREMENT), "</th>");
	for (size_t p = 0; p < report->participant_count; p++) {
		char share[16];
		report_write_share(report->participant[p].coverage, share,
				   sizeof(share));
		element(out, "<th scope=col>", T(report->participant[p].title),
			"<br><small>");
		element(out, "", W(COVERAGE), " ");
		element(out, "", share, "</small></th>");
	}
	fputs("</tr></thead><tbody>\n", out);
	for (size_t r = 0; r < report->requirement_count; r++) {
		element(out, "<tr><th scope=row>", T(report->requirement[r].title),
			"<br><small>");
		element(out, "", report->requirement[r].id, "</small></th>");
		for (size_t p = 0; p < report->participant_count; p++)
			write_days(report, report_cell_of(report, r, p), out);
		fputs("</tr>\n", out);
	}
	fputs("</tbody></table>\n", out);
}

static void
write_violation(const struct report *report, size_t r, size_t p, FILE *out)
{
	const struct report_cell *cell = report_cell_of(report, r, p);
	const struct report_requirement *requirement = &report->requirement[r];

	element(out, "<tr><th scope=row>", T(report->participant[p].title), "</th>");
	element(out, "<td>", T(requirement->title), "<br><small>");
	element(out, "", T(requirement->document), " ");
	element(out, "", requirement->clause, "</small></td>");
	element(out, "<td>", report_severity_word(report, requirement->severity),
		"</td>");
	fprintf(out, "<td class=n>%u", cell->days[VERDICT_VIOLATED]);
	if (cell->accepted > 0) {
		element(out, "<br>", W(ACCEPTED), " ");
		fprintf(out, "%u (", cell->accepted);
		element(out, "", cell->exception, ")");
	}
	fprintf(out, "</td><td class=n>%" PRIu64 " / %" PRIu64 " / %" PRIu64 "</td>",
		cell->good, cell->bad, cell->unknown);
	element(out, "<td>", T(requirement->remedy), "</td></tr>\n");
}

static void
write_hidden(const struct report *report, size_t r, size_t p, FILE *out)
{
	const struct report_cell *cell = report_cell_of(report, r, p);
	const struct report_requirement *requirement = &report->requirement[r];

	element(out, "<tr><th scope=row>", T(report->participant[p].title), "</th>");
	element(out, "<td>", T(requirement->title), "</td>");
	number_cell(out, cell->hidden);
	element(out, "<td>", report_reason_word(report, cell->reason), "</td>");
	element(out, "<td>", T(requirement->settled_by), "</td></tr>\n");
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
write_unwatched(const struct report *report, FILE *out)
{
	for (size_t p = 0; p < report->participant_count; p++) {
		if (report->participant[p].unwatched == 0)
			continue;
		element(out, "<p>", T(report->participant[p].title), ": ");
		element(out, "", W(UNWATCHED), " ");
		fprintf(out, "%u</p>\n", report->participant[p].unwatched);
	}
}

typedef bool cell_test(const struct report_cell *cell);
typedef void cell_writer(const struct report *report, size_t r, size_t p, FILE *out);

static void
write_pairs(const struct report *report, cell_test *holds, cell_writer *write,
	    const enum report_word *words, size_t count, FILE *out)
{
	bool is_any = false;

	for (size_t r = 0; r < report->requirement_count; r++)
		for (size_t p = 0; p < report->participant_count; p++) {
			if (!holds(report_cell_of(report, r, p)))
				continue;
			if (!is_any)
				heading_row(report, out, words, count);
			is_any = true;
			write(report, r, p, out);
		}
	if (is_any)
		fputs("</tbody></table>\n", out);
	else
		element(out, "<p>", W(NONE), "</p>\n");
}

static void
write_access_row(const struct report *report, const struct report_access *access,
		 FILE *out)
{
	char time[TIME_SIZE];

	element(out, "<tr><th scope=row>",
		report_party(report, access->client, &access->client_title), "</th>");
	element(out, "<td>",
		report_party(report, access->server, &access->server_title), "</td>");
	element(out, "<td>",
		access->service[0] ? T(access->service_title) : W(NO_SERVICE), "</td>");
	number_cell(out, access->sessions);
	number_cell(out, access->violated);
	number_cell(out, access->unobservable);
	fprintf(out, "<td class=n>%" PRIu64 " / %" PRIu64 "</td>",
		access->bytes_to_server, access->bytes_to_client);
	report_write_time(report, access->first, time, sizeof(time));
	element(out, "<td>", time, "<br>");
	report_write_time(report, access->last, time, sizeof(time));
	element(out, "", time, "</td></tr>\n");
}

static void
write_access(const struct report *report, bool is_inside, FILE *out)
{
	static const enum report_word words[] = { REPORT_CLIENT,   REPORT_SERVER,
						  REPORT_SERVICE,  REPORT_SESSIONS,
						  REPORT_VIOLATED, REPORT_UNOBSERVABLE,
						  REPORT_BYTES,    REPORT_FIRST_LAST };
	size_t rows = 0;

	element(out, "<h3>", is_inside ? W(ACCESS_OUT) : W(ACCESS_IN), "</h3>\n");
	for (size_t i = 0; i < report->access_count; i++) {
		if (report->access[i].is_inside != is_inside)
			continue;
		if (rows++ == 0)
			heading_row(report, out, words,
				    sizeof(words) / sizeof(words[0]));
		write_access_row(report, &report->access[i], out);
	}
	if (rows > 0)
		fputs("</tbody></table>\n", out);
	else
		element(out, "<p>", W(NONE), "</p>\n");
}

static void
write_alerts(const struct report *report, FILE *out)
{
	element(out, "<h2>", W(ALERTS), "</h2>\n");
	if (report->alert_count == 0)
		element(out, "<p>", W(NONE), "</p>\n");
	else
		fputs("<ul>\n", out);
	for (size_t i = 0; i < report->alert_count; i++) {
		const struct report_alert *alert = &report->alert[i];
		char time[TIME_SIZE];
		element(out, "<li>[", report_severity_word(report, alert->severity),
			"] ");
		element(out, "", T(alert->title), "<br>");
		element(out, "",
			report_party(report, alert->client, &alert->client_title),
			" &rarr; ");
		element(out, "",
			report_party(report, alert->server, &alert->server_title),
			" <small>");
		element(out, "", alert->rule, ", ");
		report_write_time(report, alert->first, time, sizeof(time));
		element(out, "", time, " &ndash; ");
		report_write_time(report, alert->last, time, sizeof(time));
		element(out, "", time, ", ");
		fprintf(out, "%" PRIu64 " ", alert->count);
		element(out, "", W(TIMES), "</small></li>\n");
	}
	if (report->alert_count > 0)
		fputs("</ul>\n", out);
}

static void
write_gaps(const struct report *report, FILE *out)
{
	element(out, "<h2>", W(WATCH), "</h2>\n");
	element(out, "<p>", W(WATCH_TEXT), "</p>\n");
	if (report->gap_count == 0)
		element(out, "<p>", W(NONE), "</p>\n");
	for (size_t i = 0; i < report->gap_count; i++) {
		const struct report_gap *gap = &report->gap[i];
		char from[TIME_SIZE], to[TIME_SIZE], share[16];
		report_write_time(report, gap->from, from, sizeof(from));
		report_write_time(report, gap->to, to, sizeof(to));
		report_write_share(gap->coverage, share, sizeof(share));
		element(out, "<p>", gap->sensor, " (");
		element(out, "", gap->poi, ") ");
		element(out, "", from, " &ndash; ");
		element(out, "", to, ": ");
		element(out, "", share, "</p>\n");
	}
}

void
report_write_html(const struct report *report, FILE *out)
{
	static const enum report_word violations[] = {
		REPORT_INSTITUTION,   REPORT_REQUIREMENT, REPORT_SEVERITY,
		REPORT_VIOLATED_DAYS, REPORT_SAMPLES,     REPORT_REMEDY
	};
	static const enum report_word hidden[] = { REPORT_INSTITUTION,
						   REPORT_REQUIREMENT,
						   REPORT_HIDDEN_DAYS, REPORT_REASON,
						   REPORT_SETTLED_BY };

	fprintf(out,
		"<!doctype html>\n<html lang=%s><head><meta charset=utf-8>\n<title>",
		report->request.language == REPORT_JA ? "ja" : "en");
	cell_text_html(out, W(TITLE));
	fprintf(out, "</title>\n<style>%s</style></head><body>\n", style);
	write_cover(report, out);
	write_changes(report, out);
	write_summary(report, out);
	write_matrix(report, out);
	element(out, "<h2>", W(VIOLATIONS), "</h2>\n");
	write_pairs(report, is_violated, write_violation, violations,
		    sizeof(violations) / sizeof(violations[0]), out);
	element(out, "<h2>", W(HIDDEN), "</h2>\n");
	element(out, "<p>", W(HIDDEN_TEXT), "</p>\n");
	write_unwatched(report, out);
	write_pairs(report, is_hidden, write_hidden, hidden,
		    sizeof(hidden) / sizeof(hidden[0]), out);
	element(out, "<h2>", W(ACCESS), "</h2>\n");
	write_access(report, true, out);
	write_access(report, false, out);
	write_alerts(report, out);
	write_gaps(report, out);
	element(out, "<h2>", W(METHOD), "</h2>\n<ul>\n");
	for (int i = REPORT_METHOD_1; i <= REPORT_METHOD_5; i++)
		element(out, "<li>", report_word(report, (enum report_word)i),
			"</li>\n");
	fputs("</ul>\n</body></html>\n", out);
}
