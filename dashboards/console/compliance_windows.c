/* SPDX-License-Identifier: Apache-2.0 */
/* compliance_windows: one cell in full: its windows with counts, reasons and evidence.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "dashboards/console/compliance.h"
#include "dashboards/console/present.h"

struct windows {
	struct console_reader *reader;
	const struct scope *scope;
	const struct compliance_period *period;
	json_t *list; /* oldest first */
	bool is_covered[COMPLIANCE_DAYS_MAX];
};

static bool
add_window(void *ctx, const struct window_row *row)
{
	struct windows *windows = ctx;
	int64_t begin = windows->period->span.from.usec;
	int64_t first = row->from < begin ? 0 : (row->from - begin) / INSTANT_DAY;
	json_t *json = json_pack(
		"{s:o, s:o, s:s, s:b, s:b, s:s, s:s, s:I, s:I, s:I, s:I}", "from",
		present_time(row->from), "to", present_time(row->to), "verdict",
		row->verdict, "provisional", row->is_provisional, "derived", false,
		"disposition", row->disposition, "exception", row->exception, "good",
		(json_int_t)row->good, "bad", (json_int_t)row->bad, "unknown",
		(json_int_t)row->unknown, "failed", (json_int_t)row->failed);
	json_t *more = json_pack("{s:o, s:s, s:s, s:s, s:i, s:I}", "coverage",
				 present_share(row->coverage), "reason", row->reason,
				 "evidence_class", row->evidence_class, "ruleset",
				 row->ruleset, "revision", row->revision, "start",
				 (json_int_t)row->from);

	json_object_update(json, more);
	json_decref(more);
	json_array_append_new(windows->list, json);
	for (int64_t day = first;
	     day < windows->period->days && begin + day * INSTANT_DAY < row->to; day++)
		windows->is_covered[day] = true;
	return true;
}

struct evidence {
	json_t *list;
	int missing;
};

static bool
add_evidence(void *ctx, const struct evidence_row *row)
{
	struct evidence *evidence = ctx;

	evidence->missing += row->line[0] == '\0';
	json_array_append_new(evidence->list, present_evidence(row));
	return true;
}

static bool
add_reason(void *ctx, const struct reason_row *row)
{
	json_array_append_new(ctx, json_pack("{s:s, s:I}", "reason", row->reason,
					     "count", (json_int_t)row->count));
	return true;
}

static int
complete_window(struct windows *windows, json_t *json, const char *requirement,
		const char *participant, struct error *err)
{
	int64_t start = json_integer_value(json_object_get(json, "start"));
	struct evidence evidence = { json_array(), 0 };
	json_t *reasons = json_array();
	struct window_filter filter = { .requirement = requirement,
					.participant = participant,
					.from = start,
					.to = start + 1 };
	int done = console_each_verdict_evidence(windows->reader, windows->scope,
						 requirement, participant, start,
						 add_evidence, &evidence, err);

	if (done != -1)
		done = console_each_reason(windows->reader, windows->scope, &filter,
					   add_reason, reasons, err);
	json_object_set_new(json, "evidence", evidence.list);
	json_object_set_new(json, "evidence_missing", json_integer(evidence.missing));
	json_object_set_new(json, "reasons", reasons);
	json_object_del(json, "start");
	return done;
}

static json_t *
derived_window(const struct compliance_period *period, int day, uint32_t coverage,
	       uint32_t least)
{
	int64_t from = period->span.from.usec + day * INSTANT_DAY;
	bool is_watched = coverage >= least;
	json_t *json = json_pack(
		"{s:o, s:o, s:s, s:b, s:b, s:s, s:s, s:i, s:i, s:i, s:i}", "from",
		present_time(from), "to", present_time(from + INSTANT_DAY), "verdict",
		compliance_name(is_watched ? COMPLIANCE_NOT_APPLICABLE
					   : COMPLIANCE_UNOBSERVABLE),
		"provisional", from + INSTANT_DAY > period->now, "derived", true,
		"disposition", "", "exception", "", "good", 0, "bad", 0, "unknown", 0,
		"failed", 0);
	json_t *more = json_pack("{s:o, s:s, s:[], s:s, s:s, s:i, s:[], s:i}",
				 "coverage", present_share(coverage), "reason",
				 is_watched ? "" : "coverage", "reasons",
				 "evidence_class", "observed", "ruleset", "",
				 "revision", 0, "evidence", "evidence_missing", 0);

	json_object_update(json, more);
	json_decref(more);
	return json;
}

static const char *
begin_of(const json_t *window)
{
	return json_string_value(json_object_get(window, "from"));
}

/* Times are all of one form, so their text sorts as they do. */
static int
newest_first(const void *a, const void *b)
{
	const json_t *const *one = a, *const *other = b;

	return strcmp(begin_of(*other), begin_of(*one));
}

static json_t *
sorted(json_t *list)
{
	size_t count = json_array_size(list);
	json_t **window = calloc(count + 1, sizeof(json_t *));
	json_t *result = json_array();

	for (size_t i = 0; window != NULL && i < count; i++)
		window[i] = json_array_get(list, i);
	if (window != NULL)
		qsort(window, count, sizeof(json_t *), newest_first);
	for (size_t i = 0; window != NULL && i < count; i++)
		json_array_append(result, window[i]);
	free(window);
	json_decref(list);
	return result;
}

json_t *
compliance_windows(struct console_reader *reader, const struct scope *scope,
		   const char *requirement, uint32_t min_coverage,
		   const struct compliance_participant *participant,
		   const struct compliance_period *period, struct error *err)
{
	struct windows windows = {
		.reader = reader, .scope = scope, .period = period, .list = json_array()
	};
	struct window_filter filter = { .requirement = requirement,
					.participant = participant->id,
					.from = period->span.from.usec,
					.to = period->span.to.usec };
	json_t *window;
	size_t i;
	int done =
		console_each_window(reader, scope, &filter, add_window, &windows, err);

	json_array_foreach(windows.list, i, window)
	{
		if (done != -1)
			done = complete_window(&windows, window, requirement,
					       participant->id, err);
	}
	if (done == -1) {
		json_decref(windows.list);
		return NULL;
	}
	for (int day = 0; day < period->elapsed; day++)
		if (!windows.is_covered[day])
			json_array_append_new(windows.list,
					      derived_window(period, day,
							     participant->day[day],
							     min_coverage));
	return sorted(windows.list);
}
