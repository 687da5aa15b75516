/* SPDX-License-Identifier: Apache-2.0 */
/*
 * national: all regions of a period beside each other, for those who watch over all of
 * them (domain.md 5.1, tier 3).
 *
 * Each region's figures are those of its own report, so they agree with it;
 * nothing of an institution is in it but counts.
 */
#ifndef CORRELATOR_REPORT_NATIONAL_H
#define CORRELATOR_REPORT_NATIONAL_H

#include "correlator/report/report.h"

/* What a region's report comes to. */
struct national_row {
	const char *region;
	struct title title;
	size_t institutions, unwatched; /* with a day that was not watched enough */
	unsigned total[VERDICT_KINDS];
	unsigned violated_pairs;
	uint64_t sessions, violated, unobservable; /* by its own institutions */
	size_t alerts, gaps;
};

struct national {
	struct arena arena;
	struct report_request request; /* region is "" */
	int64_t as_of;
	size_t count;
	struct national_row *row; /* room is the caller's: national_start */
};

void national_start(struct national *national, const struct report_request *request,
		    size_t regions);
void national_add(struct national *national, const struct report *report);
void national_release(struct national *national);

void national_write_html(const struct national *national, FILE *out);
void national_write_csv(const struct national *national, FILE *out);

#endif
