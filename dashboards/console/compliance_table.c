/* SPDX-License-Identifier: Apache-2.0 */
/* compliance_table: the heat table: a cell per requirement and institution. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "common/log.h"
#include "dashboards/console/compliance.h"
#include "dashboards/console/present.h"

struct cell {
	uint8_t day[COMPLIANCE_DAYS_MAX]; /* enum compliance_verdict */
	bool is_provisional;              /* the newest day's window */
	int64_t newest;                   /* begin of the newest window */
	uint32_t coverage;                /* of it */
	char reason[32];
	int accepted;
};

struct requirement {
	char id[COMPLIANCE_ID_SIZE];
	uint32_t min_coverage;
	json_t *json;
};

struct table {
	const struct compliance_period *period;
	struct compliance_people people;
	struct requirement *requirement; /* owned, COMPLIANCE_REQUIREMENTS_MAX */
	int requirements;
	struct cell *cell;                  /* owned; requirement by requirement */
	int at_requirement, at_participant; /* of the row before: rows come sorted */
	int count[COMPLIANCE_VERDICTS], provisional;
};

static bool
add_requirement(void *ctx, const struct requirement_row *row)
{
	struct table *table = ctx;

	if (table->requirements == COMPLIANCE_REQUIREMENTS_MAX)
		return false;
	struct requirement *requirement = &table->requirement[table->requirements++];
	snprintf(requirement->id, sizeof(requirement->id), "%s", row->id);
	requirement->min_coverage = row->min_coverage;
	requirement->json = present_requirement(row);
	return true;
}

/* Rows come by requirement and participant, so the one before is mostly right. */
static struct cell *
find_cell(struct table *table, const struct window_row *row)
{
	int r = table->at_requirement, p = table->at_participant;

	if (r == table->requirements ||
	    strcmp(table->requirement[r].id, row->requirement) != 0)
		for (r = 0; r < table->requirements; r++)
			if (strcmp(table->requirement[r].id, row->requirement) == 0)
				break;
	if (p == table->people.count ||
	    strcmp(table->people.at[p].id, row->participant) != 0)
		for (p = 0; p < table->people.count; p++)
			if (strcmp(table->people.at[p].id, row->participant) == 0)
				break;
	table->at_requirement = r;
	table->at_participant = p;
	if (r == table->requirements || p == table->people.count)
		return NULL;
	return &table->cell[r * table->people.count + p];
}

/* The window's verdict on each day it touches, if it is worse than what stands there.
 */
static void
mark_days(struct cell *cell, const struct window_row *row,
	  const struct compliance_period *period)
{
	enum compliance_verdict verdict = compliance_of(row->verdict);
	int64_t first = (row->from - period->span.from.usec) / INSTANT_DAY;
	int64_t behind =
		(row->to - period->span.from.usec + INSTANT_DAY - 1) / INSTANT_DAY;

	for (int64_t day = first < 0 ? 0 : first; day < behind && day < period->elapsed;
	     day++)
		if (cell->day[day] < verdict)
			cell->day[day] = (uint8_t)verdict;
}

static bool
add_window(void *ctx, const struct window_row *row)
{
	struct table *table = ctx;
	struct cell *cell = find_cell(table, row);

	if (cell == NULL)
		return true;
	mark_days(cell, row, table->period);
	cell->accepted += strcmp(row->disposition, "accepted") == 0;
	if (row->from >= cell->newest) {
		cell->newest = row->from;
		cell->is_provisional = row->is_provisional;
		cell->coverage = row->coverage;
		snprintf(cell->reason, sizeof(cell->reason), "%s", row->reason);
	}
	return true;
}

static enum compliance_verdict
derive(uint32_t coverage, uint32_t least)
{
	return coverage >= least ? COMPLIANCE_NOT_APPLICABLE : COMPLIANCE_UNOBSERVABLE;
}

static json_t *
cell_json(struct table *table, int r, int p)
{
	const struct cell *cell = &table->cell[r * table->people.count + p];
	const struct compliance_participant *participant = &table->people.at[p];
	uint32_t least = table->requirement[r].min_coverage;
	int days[COMPLIANCE_VERDICTS] = { 0 }, last = table->period->elapsed - 1;
	enum compliance_verdict verdict = COMPLIANCE_UNOBSERVABLE;
	bool is_derived = last < 0 || cell->day[last] == COMPLIANCE_NONE;

	for (int day = 0; day <= last; day++) {
		verdict = cell->day[day] != COMPLIANCE_NONE
				  ? (enum compliance_verdict)cell->day[day]
				  : derive(participant->day[day], least);
		days[verdict]++;
	}
	table->count[verdict]++;
	table->provisional += !is_derived && cell->is_provisional;
	json_t *counts = json_object();
	for (int v = COMPLIANCE_NOT_APPLICABLE; v < COMPLIANCE_VERDICTS; v++)
		json_object_set_new(counts, compliance_name((enum compliance_verdict)v),
				    json_integer(days[v]));
	uint32_t coverage = !is_derived ? cell->coverage
			    : last >= 0 ? participant->day[last]
					: 0;
	return json_pack(
		"{s:s, s:b, s:b, s:o, s:i, s:s, s:o}", "verdict",
		compliance_name(verdict), "provisional",
		!is_derived && cell->is_provisional, "derived", is_derived, "coverage",
		present_share(coverage), "accepted", cell->accepted, "reason",
		is_derived && verdict == COMPLIANCE_UNOBSERVABLE ? "coverage"
								 : cell->reason,
		"days", counts);
}

static json_t *
requirements_json(struct table *table)
{
	json_t *list = json_array();

	for (int r = 0; r < table->requirements; r++) {
		json_t *cells = json_array();
		for (int p = 0; p < table->people.count; p++)
			json_array_append_new(cells, cell_json(table, r, p));
		json_object_set_new(table->requirement[r].json, "cells", cells);
		json_array_append(list, table->requirement[r].json);
	}
	return list;
}

static json_t *
people_json(const struct table *table, uint32_t *coverage)
{
	json_t *list = json_array();
	uint64_t sum = 0;

	for (int p = 0; p < table->people.count; p++) {
		json_array_append(list, table->people.at[p].json);
		sum += table->people.at[p].coverage;
	}
	*coverage = table->people.count == 0
			    ? 0
			    : (uint32_t)(sum / (uint64_t)table->people.count);
	return list;
}

static json_t *
table_json(struct table *table)
{
	uint32_t coverage;
	json_t *participants = people_json(table, &coverage);
	json_t *requirements = requirements_json(table);
	json_t *summary = json_object();

	for (int v = COMPLIANCE_NOT_APPLICABLE; v < COMPLIANCE_VERDICTS; v++)
		json_object_set_new(summary,
				    compliance_name((enum compliance_verdict)v),
				    json_integer(table->count[v]));
	json_object_set_new(summary, "provisional", json_integer(table->provisional));
	json_object_set_new(summary, "coverage", present_share(coverage));
	return json_pack("{s:o, s:o, s:o, s:o, s:i}", "period",
			 compliance_period_json(table->period), "participants",
			 participants, "requirements", requirements, "summary", summary,
			 "left_out", table->people.left_out);
}

static int
read_cells(struct console_reader *reader, const struct scope *scope, const char *region,
	   struct table *table, struct error *err)
{
	struct window_filter filter = { .region = region,
					.from = table->period->span.from.usec,
					.to = table->period->span.to.usec };
	size_t cells = (size_t)table->requirements * (size_t)table->people.count;

	table->cell = calloc(cells + 1, sizeof(*table->cell));
	if (table->cell == NULL)
		log_fatal("console", "no memory for compliance");
	return console_each_window(reader, scope, &filter, add_window, table, err);
}

json_t *
compliance_json(struct console_reader *reader, const struct scope *scope,
		const char *region, const struct compliance_period *period,
		struct error *err)
{
	struct table table = { .period = period };
	json_t *json = NULL;

	table.requirement =
		calloc(COMPLIANCE_REQUIREMENTS_MAX, sizeof(*table.requirement));
	if (table.requirement == NULL)
		log_fatal("console", "no memory for compliance");
	if (compliance_people_read(reader, scope, region, NULL, period, &table.people,
				   err) == 0 &&
	    console_each_requirement(reader, scope, NULL, add_requirement, &table,
				     err) != -1 &&
	    read_cells(reader, scope, region, &table, err) != -1)
		json = table_json(&table);
	for (int r = 0; r < table.requirements; r++)
		json_decref(table.requirement[r].json);
	compliance_people_release(&table.people);
	free(table.requirement);
	free(table.cell);
	return json;
}
