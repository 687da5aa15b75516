/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compliance: requirements x institutions of a region over a period.
 *
 * A day's verdict is the worst of its windows; a day without one is derived from
 * its coverage: not_applicable if somebody looked long enough, else
 * unobservable.  So nothing is ever satisfied because nobody looked, and every
 * day that has passed is counted once.
 */
#ifndef DASHBOARDS_CONSOLE_COMPLIANCE_H
#define DASHBOARDS_CONSOLE_COMPLIANCE_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "common/calendar.h"
#include "store/console_reads.h"

enum {
	COMPLIANCE_DAYS_MAX = 62,
	COMPLIANCE_PARTICIPANTS_MAX = 500,
	COMPLIANCE_REQUIREMENTS_MAX = 200,
	COMPLIANCE_SENSORS_MAX = 8, /* of one participant */
	COMPLIANCE_ID_SIZE = 128
};

enum compliance_verdict {
	COMPLIANCE_NONE, /* no window */
	COMPLIANCE_NOT_APPLICABLE,
	COMPLIANCE_SATISFIED,
	COMPLIANCE_UNOBSERVABLE,
	COMPLIANCE_ERROR,
	COMPLIANCE_VIOLATED, /* worst */
	COMPLIANCE_VERDICTS
};

const char *compliance_name(enum compliance_verdict verdict);
enum compliance_verdict compliance_of(const char *name);

struct compliance_period {
	struct span span;
	int days, elapsed; /* days that have begun */
	int64_t now;
};

/* False if 'text' is no period of whole days, or too long.  NULL or "": the month of
 * 'now'. */
bool compliance_period_read(const char *text, struct zone zone, int64_t now,
			    struct compliance_period *period);
json_t *compliance_period_json(const struct compliance_period *period);

/* Coverage of a participant by day, millionths: the least over its sensors. */
struct compliance_participant {
	char id[COMPLIANCE_ID_SIZE];
	char sensor[COMPLIANCE_SENSORS_MAX][COMPLIANCE_ID_SIZE];
	int sensors;
	uint32_t day[COMPLIANCE_DAYS_MAX];
	uint32_t coverage; /* of the days that have begun */
	json_t *json;
};

struct compliance_people {
	struct compliance_participant *at; /* owned, COMPLIANCE_PARTICIPANTS_MAX */
	int count, left_out;
};

/* Those of a region, or the one ('region' NULL), with coverage; -1 with a reason.
 * compliance_people_release() in either case. */
int compliance_people_read(struct console_reader *reader, const struct scope *scope,
			   const char *region, const char *id,
			   const struct compliance_period *period,
			   struct compliance_people *people, struct error *err);
void compliance_people_release(struct compliance_people *people);

/* The whole of GET /compliance; NULL with a reason. */
json_t *compliance_json(struct console_reader *reader, const struct scope *scope,
			const char *region, const struct compliance_period *period,
			struct error *err);
/* "windows" of GET /compliance/{requirement}/{participant}, newest first. */
json_t *compliance_windows(struct console_reader *reader, const struct scope *scope,
			   const char *requirement, uint32_t min_coverage,
			   const struct compliance_participant *participant,
			   const struct compliance_period *period, struct error *err);

#endif
