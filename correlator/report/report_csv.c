/* SPDX-License-Identifier: Apache-2.0 */
/* report_csv: a report's figures as CSV (RFC 4180) that spreadsheets read and do not
 * compute. */
#include <inttypes.h>
#include <string.h>

#include "correlator/report/figures.h"

/* What a spreadsheet would take for a formula gets an apostrophe before it. */
static void
put(FILE *out, const char *text, char end)
{
	fputc('"', out);
	if (text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL)
		fputc('\'', out);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
	fputc(end, out);
}

static void
on_figure(void *ctx, const struct figure *figure)
{
	FILE *out = ctx;

	put(out, figure->id, ',');
	put(out, figure->section, ',');
	put(out, figure->measure, ',');
	fprintf(out, "%" PRIu64 ",", figure->value);
	put(out, figure->unit, ',');
	put(out, figure->requirement, ',');
	put(out, figure->participant, ',');
	put(out, figure->first_name, ',');
	put(out, figure->second_name, '\r');
	fputc('\n', out);
}

void
report_write_csv(const struct report *report, FILE *out)
{
	fputs("\xEF\xBB\xBF\"figure\",\"section\",\"measure\",\"value\",\"unit\","
	      "\"requirement\",\"participant\",\"name\",\"name_2\"\r\n",
	      out);
	report_each_figure(report, on_figure, out);
}
