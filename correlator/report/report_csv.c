/* SPDX-License-Identifier: Apache-2.0 */
/* report_csv: a report's figures as CSV (RFC 4180) that spreadsheets read and do not
 * compute. */
#include <inttypes.h>
#include <string.h>

#include "correlator/report/cell_text.h"
#include "correlator/report/figures.h"

static void
on_figure(void *ctx, const struct figure *figure)
{
	FILE *out = ctx;

	cell_text_csv(out, figure->id, ',');
	cell_text_csv(out, figure->section, ',');
	cell_text_csv(out, figure->measure, ',');
	fprintf(out, "%" PRIu64 ",", figure->value);
	cell_text_csv(out, figure->unit, ',');
	cell_text_csv(out, figure->requirement, ',');
	cell_text_csv(out, figure->participant, ',');
	cell_text_csv(out, figure->first_name, ',');
	cell_text_csv(out, figure->second_name, '\r');
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
