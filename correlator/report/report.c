/* SPDX-License-Identifier: Apache-2.0 */
/* report: what one region reads of a period: compliance, access, and what was not
 * watched. */
#include "correlator/report/report.h"

#include <stdlib.h>
#include <string.h>

#include "correlator/report/days.h"
#include "store/reads.h"
#include "store/report_reads.h"

static const char *
keep(struct report *report, const char *text)
{
	return arena_text(&report->arena, text, strlen(text));
}

static struct title
keep_title(struct report *report, const char *ja, const char *en)
{
	return (struct title){ .ja = keep(report, ja), .en = keep(report, en) };
}

/* Room for one more at the end of a list in the arena; doubles, so that n adds cost n.
 */
static void *
grow(struct report *report, void *list, size_t count, size_t size)
{
	if (count != 0 && (count & (count - 1)) != 0)
		return list;
	void *larger = arena_take(&report->arena, (count == 0 ? 1 : count * 2) * size);
	if (count != 0)
		memcpy(larger, list, count * size);
	return larger;
}

static bool
on_participant(void *ctx, const struct participant_row *row)
{
	struct report *report = ctx;

	report->participant =
		grow(report, report->participant, report->participant_count,
		     sizeof(*report->participant));
	report->participant[report->participant_count++] = (struct report_participant){
		.id = keep(report, row->id),
		.kind = keep(report, row->kind),
		.code = keep(report, row->code),
		.kana = keep(report, row->kana),
		.title = keep_title(report, row->title_ja, row->title_en),
	};
	return true;
}

static bool
on_requirement(void *ctx, const struct requirement_row *row)
{
	struct report *report = ctx;

	if (strcmp(row->kind, "manual") == 0)
		return true;
	report->requirement =
		grow(report, report->requirement, report->requirement_count,
		     sizeof(*report->requirement));
	report->requirement[report->requirement_count++] = (struct report_requirement){
		.id = keep(report, row->id),
		.severity = keep(report, row->severity),
		.clause = keep(report, row->clause),
		.min_coverage = row->min_coverage,
		.title = keep_title(report, row->title_ja, row->title_en),
		.document = keep_title(report, row->document, row->document_en),
		.remedy = keep_title(report, row->remedy_ja, row->remedy_en),
		.settled_by =
			keep_title(report, row->settled_by_ja, row->settled_by_en),
	};
	return true;
}

static bool
on_access(void *ctx, const struct access_row *row)
{
	struct report *report = ctx;

	report->access = grow(report, report->access, report->access_count,
			      sizeof(*report->access));
	report->access[report->access_count++] = (struct report_access){
		.client = keep(report, row->client),
		.server = keep(report, row->server),
		.service = keep(report, row->service),
		.service_kind = keep(report, row->service_kind),
		.client_title =
			keep_title(report, row->client_title_ja, row->client_title_en),
		.server_title =
			keep_title(report, row->server_title_ja, row->server_title_en),
		.service_title = keep_title(report, row->service_title_ja,
					    row->service_title_en),
		.is_inside = strcmp(row->client_partition, report->request.region) == 0,
		.sessions = row->sessions,
		.violated = row->violated,
		.unobservable = row->unobservable,
		.bytes_to_server = row->bytes_to_server,
		.bytes_to_client = row->bytes_to_client,
		.first = row->first,
		.last = row->last,
	};
	return true;
}

static bool
on_alert(void *ctx, const struct report_alert_row *row)
{
	struct report *report = ctx;

	report->alert = grow(report, report->alert, report->alert_count,
			     sizeof(*report->alert));
	report->alert[report->alert_count++] = (struct report_alert){
		.id = keep(report, row->id),
		.rule = keep(report, row->rule),
		.severity = keep(report, row->severity),
		.client = keep(report, row->client),
		.server = keep(report, row->server),
		.disposition = keep(report, row->disposition),
		.title = keep_title(report, row->title_ja, row->title_en),
		.client_title =
			keep_title(report, row->client_title_ja, row->client_title_en),
		.server_title =
			keep_title(report, row->server_title_ja, row->server_title_en),
		.first = row->first,
		.last = row->last,
		.count = row->count,
	};
	return true;
}

static int
find_region(struct report *report, struct store *store, const struct scope *scope,
	    struct error *err)
{
	char ja[512], en[512];
	int found = store_find_region(store, scope, report->request.region, ja, en,
				      sizeof(ja), err);

	if (found == 0)
		return error_set(err,
				 "no region %s in this store; expected one of its "
				 "inventory's regions",
				 report->request.region);
	if (found == 1)
		report->region = keep_title(report, ja, en);
	return found == 1 ? 0 : -1;
}

static int
gather(struct report *report, struct store *store, struct error *err)
{
	const struct scope scope = { .partition = report->request.region };
	int64_t from = report->request.from, to = report->request.to;

	if (find_region(report, store, &scope, err) == -1 ||
	    store_each_participant(store, &scope, on_participant, report, err) == -1 ||
	    store_each_requirement(store, &scope, on_requirement, report, err) == -1)
		return -1;
	report->cell =
		arena_take(&report->arena,
			   (report->participant_count * report->requirement_count + 1) *
				   sizeof(*report->cell));
	if (days_gather(report, store, &scope, err) == -1 ||
	    store_each_access(store, &scope, from, to, on_access, report, err) == -1 ||
	    store_each_alert_of(store, &scope, from, to, on_alert, report, err) == -1)
		return -1;
	for (size_t i = 0; i < report->participant_count * report->requirement_count;
	     i++) {
		for (int verdict = 0; verdict < VERDICT_KINDS; verdict++)
			report->total[verdict] += report->cell[i].days[verdict];
		report->violated_pairs += report->cell[i].days[VERDICT_VIOLATED] > 0;
	}
	return 0;
}

struct report *
report_gather(struct store *store, const struct report_request *request,
	      struct error *err)
{
	struct report *report = calloc(1, sizeof(*report));

	if (report == NULL) {
		error_set(err, "no memory for a report");
		return NULL;
	}
	report->request = *request;
	if (gather(report, store, err) == -1) {
		report_free(report);
		return NULL;
	}
	return report;
}

void
report_free(struct report *report)
{
	if (report == NULL)
		return;
	arena_release(&report->arena);
	free(report);
}

enum verdict
report_cell_verdict(const struct report_cell *cell)
{
	static const enum verdict order[] = { VERDICT_ERROR, VERDICT_VIOLATED,
					      VERDICT_UNOBSERVABLE, VERDICT_SATISFIED };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (cell->days[order[i]] > 0)
			return order[i];
	return VERDICT_NOT_APPLICABLE;
}
