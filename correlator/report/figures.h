/* SPDX-License-Identifier: Apache-2.0 */
/*
 * figures: every number of a report, one by one, each with a name that lasts.
 *
 * What CSV and JSON write, and what 'sekisho report explain' follows to its
 * records.  Names: "summary/violated", "day/REQUIREMENT/PARTICIPANT/violated",
 * "sample/REQUIREMENT/PARTICIPANT/bad", "coverage/PARTICIPANT/share",
 * "access/CLIENT/SERVER/SERVICE/sessions", "alert/ID/count",
 * "gap/SENSOR/POI/FROM/share".
 */
#ifndef CORRELATOR_REPORT_FIGURES_H
#define CORRELATOR_REPORT_FIGURES_H

#include "correlator/report/report.h"

enum { FIGURE_ID_SIZE = 640 };

struct figure {
	const char *id, *section, *measure;
	const char *unit; /* days, hours, pairs, sessions, bytes, millionths, times */
	uint64_t value;
	const char *requirement, *participant; /* ids, or "" */
	const char *first_name, *second_name;  /* in the report's language, or "" */
};

/* In the order of the report; borrowed until the sink returns. */
typedef void figure_sink(void *ctx, const struct figure *figure);
void report_each_figure(const struct report *report, figure_sink *sink, void *ctx);

#endif
