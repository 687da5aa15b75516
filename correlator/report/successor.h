/* SPDX-License-Identifier: Apache-2.0 */
/*
 * successor: a report that takes the place of an issued one names it and lists what
 * changed (decisions 27).
 */
#ifndef CORRELATOR_REPORT_SUCCESSOR_H
#define CORRELATOR_REPORT_SUCCESSOR_H

#include "correlator/report/report.h"

/*
 * Reads the issued report 'path', in JSON, and fills 'replaces' and the list of
 * changed figures.  -1 if it cannot be read, or is of another region or period.
 */
int successor_compare(struct report *report, const char *path, struct error *err);

#endif
