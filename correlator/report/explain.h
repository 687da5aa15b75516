/* SPDX-License-Identifier: Apache-2.0 */
/* explain: the rows and record ids behind one figure of a report. */
#ifndef CORRELATOR_REPORT_EXPLAIN_H
#define CORRELATOR_REPORT_EXPLAIN_H

#include "correlator/report/signed.h"

/*
 * Writes a line for each row the figure is made of, with its record ids at the
 * end (figures.h names the figures).  Within the report's region.  Returns the
 * number of rows; 0 also for what goes by coverage alone, which is said; -1 if
 * there is no such figure or the store fails.
 */
int explain_figure(struct store *store, const struct signed_report *is,
		   const char *figure, FILE *out, struct error *err);

#endif
