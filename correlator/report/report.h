/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report: what one region reads of a period: compliance, access, and what was not
 * watched.
 *
 * Gathered from the store within the region's scope, then written by one of the
 * writers.  Nothing here asks the clock: "as of" is the store's lane time, so
 * the same store gives the same report, byte for byte.  A period without a
 * violation is a report too.
 */
#ifndef CORRELATOR_REPORT_REPORT_H
#define CORRELATOR_REPORT_REPORT_H

#include <stdio.h>

#include "common/arena.h"
#include "common/error.h"
#include "correlator/inventory/inventory.h"
#include "correlator/policy/verdict.h"
#include "store/store.h"

enum report_language { REPORT_JA, REPORT_EN };

struct report_request {
	const char *region;
	const char *period; /* as asked for, shown on the cover */
	int64_t from, to;   /* half-open, microseconds */
	int zone;           /* seconds east of UTC in which days are cut */
	enum report_language language;
	const char *comment; /* printed on the cover; NULL: none */
	bool has_signoff;    /* boxes for those who made, checked and approved it */
	bool has_era;        /* dates as 令和 */
};

enum { VERDICT_KINDS = VERDICT_ERROR + 1, REPORT_DAYS_MAX = 400 };

/* One requirement and one institution over the period. */
struct report_cell {
	unsigned days[VERDICT_KINDS]; /* days that have begun, each with one verdict */
	uint64_t good, bad, unknown;
	unsigned accepted;    /* violated days that an exception accepts */
	unsigned hidden;      /* unobservable days that were watched well enough */
	unsigned provisional; /* days not closed yet */
	char reason[32];      /* of the newest hidden day, or "" */
	char exception[64];
};

struct report_participant {
	const char *id, *kind, *code, *kana;
	struct title title;
	uint32_t coverage;  /* millionths of the period that has passed */
	unsigned unwatched; /* days with a coverage under 95 % */
};

struct report_requirement {
	const char *id, *severity, *clause;
	struct title title, document, remedy, settled_by;
	uint32_t min_coverage;
};

struct report_access {
	const char *client, *server, *service, *service_kind;
	struct title client_title, server_title, service_title;
	bool is_inside; /* the client is of this region */
	uint64_t sessions, violated, unobservable, bytes_to_server, bytes_to_client;
	int64_t first, last;
};

struct report_alert {
	const char *id, *rule, *severity, *client, *server, *disposition;
	struct title title, client_title, server_title;
	int64_t first, last;
	uint64_t count;
};

/* A stretch of hours of the period that a sensor did not watch, or watched less than 95
 * % of. */
struct report_gap {
	const char *sensor, *poi;
	int64_t from, to;
	uint32_t coverage; /* millionths */
};

/* A figure that an issued report gave otherwise; -1: did not have. */
struct report_change {
	const char *id;
	int64_t was, is;
};

struct report {
	struct arena arena;
	struct report_request request;
	struct title region;
	int64_t as_of; /* least lane time of the sensors that see the region; 0: no
			  sensor spoke */
	unsigned days; /* days of the period that have begun by as_of */
	char ruleset[80];
	size_t participant_count, requirement_count, access_count, alert_count,
		gap_count;
	struct report_participant *participant;
	struct report_requirement *requirement;
	struct report_cell *cell; /* [requirement * participant_count + participant] */
	struct report_access *access;
	struct report_alert *alert;
	struct report_gap *gap;
	/* Days of all pairs of requirement and institution, by verdict. */
	unsigned total[VERDICT_KINDS];
	unsigned violated_pairs; /* pairs with at least one violated day */
	char replaces[65]; /* SHA-256 of the issued report this one takes the place of,
			      or "" */
	size_t change_count;
	struct report_change *change;
	bool is_seen; /* some day of the period was watched, or has a verdict */
};

/* NULL, with '*err', if the region is unknown or the store fails. */
struct report *report_gather(struct store *store, const struct report_request *request,
			     struct error *err);
void report_free(struct report *report);

static inline const struct report_cell *
report_cell_of(const struct report *report, size_t requirement, size_t participant)
{
	return &report->cell[requirement * report->participant_count + participant];
}

/*
 * The word for a cell over the whole period: error or violated if any day is,
 * else unobservable if any day is, else satisfied if any day is, else
 * not_applicable.  The days stand beside it: a month is never only this word.
 */
enum verdict report_cell_verdict(const struct report_cell *cell);

void report_write_text(const struct report *report, FILE *out);
void report_write_html(const struct report *report, FILE *out);
/* All figures, one a row: UTF-8 with BOM, CRLF, nothing a spreadsheet would compute. */
void report_write_csv(const struct report *report, FILE *out);
/* Shape: docs/report.schema.json. */
void report_write_json(const struct report *report, FILE *out);
void report_write_oscal(const struct report *report, FILE *out);
/* -1 if it cannot be written, or no font has a character, which '*err' names. */
int report_write_pdf(const struct report *report, FILE *out, struct error *err);

#endif
