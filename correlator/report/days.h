/* SPDX-License-Identifier: Apache-2.0 */
/*
 * days: each requirement and institution, day by day: rows where there are some, else
 * by coverage.
 *
 * A pair without a row is not_applicable where coverage suffices and
 * unobservable where it does not (decisions 24), never satisfied.
 */
#ifndef CORRELATOR_REPORT_DAYS_H
#define CORRELATOR_REPORT_DAYS_H

#include "correlator/report/report.h"
#include "store/scope.h"

/* Fills as_of, days, cells, coverage of participants, gaps and ruleset.  0, or -1. */
int days_gather(struct report *report, struct store *store, const struct scope *scope,
		struct error *err);

#endif
