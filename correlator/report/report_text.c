/* SPDX-License-Identifier: Apache-2.0 */
/* report_text: a report as plain text, to be read aloud, mailed or printed. */
#include <inttypes.h>
#include <string.h>

#include "correlator/report/report.h"
#include "correlator/report/words.h"

#define W(name)  report_word(report, REPORT_##name)
#define T(title) report_title(report, &(title))

enum { TIME_SIZE = 64 };

static void
write_cover(const struct report *report, FILE *out)
{
	char time[TIME_SIZE] = "", period[2 * TIME_SIZE];

	if (report->as_of != 0)
		report_write_time(report, report->as_of, time, sizeof(time));
	fprintf(out, "%s\n\n", W(TITLE));
	fprintf(out, "%s: %s (%s)\n", W(REGION), T(report->region),
		report->request.region);
	report_write_period(report, period, sizeof(period));
	fprintf(out, "%s: %s\n", W(PERIOD), period);
	fprintf(out, "%s: %s\n", W(AS_OF), report->as_of == 0 ? W(NO_DATA) : time);
	fprintf(out, "%s: %u\n", W(DAYS), report->days);
	fprintf(out, "%s: %s\n", W(RULESET),
		report->ruleset[0] ? report->ruleset : "-");
	fprintf(out, "%s: %s\n\n", W(HANDLING), W(HANDLING_TEXT));
	if (report->request.comment != NULL)
		fprintf(out, "%s: %s\n\n", W(COMMENT), report->request.comment);
}

/* What an issued report said otherwise. */
static void
write_changes(const struct report *report, FILE *out)
{
	if (report->replaces[0] == '\0')
		return;
	fprintf(out, "%s: %s\n%s:\n", W(REPLACES), report->replaces, W(CHANGES));
	if (report->change_count == 0)
		fprintf(out, "  %s\n", W(NONE));
	for (size_t i = 0; i < report->change_count; i++)
		fprintf(out, "  %s: %" PRId64 " -> %" PRId64 "\n", report->change[i].id,
			report->change[i].was, report->change[i].is);
	fputc('\n', out);
}

static void
write_summary(const struct report *report, FILE *out)
{
	fprintf(out, "%s\n%s\n", W(SUMMARY), W(SUMMARY_TEXT));
	for (int verdict = 0; verdict < VERDICT_KINDS; verdict++)
		fprintf(out, "  %s: %u\n",
			report_verdict_word(report, (enum verdict)verdict),
			report->total[verdict]);
	fprintf(out, "  %s: %u\n", W(VIOLATED_PAIRS), report->violated_pairs);
	if (report->violated_pairs == 0)
		fprintf(out, "%s\n",
			report->is_seen ? W(NO_VIOLATION) : W(NOTHING_SEEN));
	fputc('\n', out);
}

static void
write_matrix(const struct report *report, FILE *out)
{
	fprintf(out, "%s\n%s\n", W(MATRIX), W(MATRIX_TEXT));
	for (size_t p = 0; p < report->participant_count; p++) {
		char share[16];
		report_write_share(report->participant[p].coverage, share,
				   sizeof(share));
		fprintf(out, "\n  %s (%s)  %s %s\n", T(report->participant[p].title),
			report->participant[p].id, W(COVERAGE), share);
		for (size_t r = 0; r < report->requirement_count; r++) {
			const struct report_cell *cell = report_cell_of(report, r, p);
			fprintf(out, "    %u / %u / %u / %u  %s %s\n",
				cell->days[VERDICT_SATISFIED],
				cell->days[VERDICT_VIOLATED],
				cell->days[VERDICT_UNOBSERVABLE],
				cell->days[VERDICT_NOT_APPLICABLE],
				report->requirement[r].id,
				T(report->requirement[r].title));
		}
	}
	fputc('\n', out);
}

static void
write_violation(const struct report *report, size_t r, size_t p, FILE *out)
{
	const struct report_cell *cell = report_cell_of(report, r, p);
	const struct report_requirement *requirement = &report->requirement[r];

	fprintf(out, "\n  %s: %s [%s]\n", T(report->participant[p].title),
		T(requirement->title),
		report_severity_word(report, requirement->severity));
	fprintf(out, "    %s: %u", W(VIOLATED_DAYS), cell->days[VERDICT_VIOLATED]);
	if (cell->accepted > 0)
		fprintf(out, "  %s: %u (%s)", W(ACCEPTED), cell->accepted,
			cell->exception);
	fprintf(out, "\n    %s: %" PRIu64 "/%" PRIu64 "/%" PRIu64 "\n", W(SAMPLES),
		cell->good, cell->bad, cell->unknown);
	fprintf(out, "    %s: %s %s (%s)\n", W(CLAUSE), T(requirement->document),
		requirement->clause, requirement->id);
	fprintf(out, "    %s: %s\n", W(REMEDY), T(requirement->remedy));
}

static void
write_hidden(const struct report *report, size_t r, size_t p, FILE *out)
{
	const struct report_cell *cell = report_cell_of(report, r, p);
	const struct report_requirement *requirement = &report->requirement[r];

	fprintf(out, "  %s: %s\n    %s: %u  %s: %s\n", T(report->participant[p].title),
		T(requirement->title), W(HIDDEN_DAYS), cell->hidden, W(REASON),
		report_reason_word(report, cell->reason));
	if (T(requirement->settled_by)[0] != '\0')
		fprintf(out, "    %s: %s\n", W(SETTLED_BY), T(requirement->settled_by));
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
	for (size_t p = 0; p < report->participant_count; p++)
		if (report->participant[p].unwatched > 0)
			fprintf(out, "  %s: %s %u\n", T(report->participant[p].title),
				W(UNWATCHED), report->participant[p].unwatched);
}

typedef bool cell_test(const struct report_cell *cell);
typedef void cell_writer(const struct report *report, size_t r, size_t p, FILE *out);

/* Each pair of which it holds; "none" if there is no pair. */
static void
write_pairs(const struct report *report, cell_test *holds, cell_writer *write,
	    FILE *out)
{
	bool is_any = false;

	for (size_t r = 0; r < report->requirement_count; r++)
		for (size_t p = 0; p < report->participant_count; p++)
			if (holds(report_cell_of(report, r, p))) {
				write(report, r, p, out);
				is_any = true;
			}
	if (!is_any)
		fprintf(out, "  %s\n", W(NONE));
	fputc('\n', out);
}

static void
write_access(const struct report *report, bool is_inside, FILE *out)
{
	bool is_any = false;

	fprintf(out, "\n%s\n", is_inside ? W(ACCESS_OUT) : W(ACCESS_IN));
	for (size_t i = 0; i < report->access_count; i++) {
		const struct report_access *access = &report->access[i];
		char first[TIME_SIZE], last[TIME_SIZE];
		if (access->is_inside != is_inside)
			continue;
		is_any = true;
		report_write_time(report, access->first, first, sizeof(first));
		report_write_time(report, access->last, last, sizeof(last));
		fprintf(out, "  %s -> %s, %s\n",
			report_party(report, access->client, &access->client_title),
			report_party(report, access->server, &access->server_title),
			access->service[0] ? T(access->service_title) : W(NO_SERVICE));
		fprintf(out,
			"    %s %" PRIu64 "  %s %" PRIu64 "  %s %" PRIu64
			"  %s %" PRIu64 "/%" PRIu64 "\n",
			W(SESSIONS), access->sessions, W(VIOLATED), access->violated,
			W(UNOBSERVABLE), access->unobservable, W(BYTES),
			access->bytes_to_server, access->bytes_to_client);
		fprintf(out, "    %s: %s - %s\n", W(FIRST_LAST), first, last);
	}
	if (!is_any)
		fprintf(out, "  %s\n", W(NONE));
}

static void
write_alerts(const struct report *report, FILE *out)
{
	fprintf(out, "\n%s\n", W(ALERTS));
	for (size_t i = 0; i < report->alert_count; i++) {
		const struct report_alert *alert = &report->alert[i];
		char first[TIME_SIZE], last[TIME_SIZE];
		report_write_time(report, alert->first, first, sizeof(first));
		report_write_time(report, alert->last, last, sizeof(last));
		fprintf(out,
			"  [%s] %s (%s)\n    %s -> %s  %s - %s  %" PRIu64
			" %s  %.12s\n",
			report_severity_word(report, alert->severity), T(alert->title),
			alert->rule,
			report_party(report, alert->client, &alert->client_title),
			report_party(report, alert->server, &alert->server_title),
			first, last, alert->count, W(TIMES), alert->id);
	}
	if (report->alert_count == 0)
		fprintf(out, "  %s\n", W(NONE));
}

static void
write_gaps(const struct report *report, FILE *out)
{
	fprintf(out, "\n%s\n%s\n", W(WATCH), W(WATCH_TEXT));
	for (size_t i = 0; i < report->gap_count; i++) {
		const struct report_gap *gap = &report->gap[i];
		char from[TIME_SIZE], to[TIME_SIZE], share[16];
		report_write_time(report, gap->from, from, sizeof(from));
		report_write_time(report, gap->to, to, sizeof(to));
		report_write_share(gap->coverage, share, sizeof(share));
		fprintf(out, "  %s (%s)  %s - %s  %s %s\n", gap->sensor, gap->poi, from,
			to, W(COVERAGE), share);
	}
	if (report->gap_count == 0)
		fprintf(out, "  %s\n", W(NONE));
}

void
report_write_text(const struct report *report, FILE *out)
{
	write_cover(report, out);
	write_changes(report, out);
	write_summary(report, out);
	write_matrix(report, out);
	fprintf(out, "%s\n", W(VIOLATIONS));
	write_pairs(report, is_violated, write_violation, out);
	fprintf(out, "%s\n%s\n", W(HIDDEN), W(HIDDEN_TEXT));
	write_unwatched(report, out);
	write_pairs(report, is_hidden, write_hidden, out);
	fprintf(out, "%s\n", W(ACCESS));
	write_access(report, true, out);
	write_access(report, false, out);
	write_alerts(report, out);
	write_gaps(report, out);
	fprintf(out, "\n%s\n", W(METHOD));
	for (int i = REPORT_METHOD_1; i <= REPORT_METHOD_5; i++)
		fprintf(out, "  - %s\n", report_word(report, (enum report_word)i));
}
