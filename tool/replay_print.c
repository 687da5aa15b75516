/* SPDX-License-Identifier: Apache-2.0 */
/* replay_print: alerts and a table of what was seen, judged and not understood. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "correlator/policy/policy.h"
#include "correlator/policy/verdict.h"
#include "store/reads.h"
#include "tool/replay.h"

enum { VERDICTS = VERDICT_ERROR + 1, TIME_SHOWN = 19 };

static const struct scope everybody = { .is_all = true };

/* Alerts as text, to be told in the order of their first records. */
struct alert_list {
	struct told {
		int64_t first;
		uint64_t seq;
		char *text;
	} * told;
	size_t count;
};

static bool
take_alert(void *ctx, const struct alert_row *row)
{
	struct alert_list *list = ctx;
	char time[INSTANT_TEXT_SIZE], *text = NULL;
	struct told *larger = realloc(list->told, (list->count + 1) * sizeof(*larger));

	instant_to_text((struct instant){ row->first }, time);
	if (larger == NULL ||
	    asprintf(&text, "  %.*sZ  %-8s %s -> %s  %s  %" PRIu64 "x%s\n    %s\n",
		     TIME_SHOWN, time, row->severity, row->client, row->server,
		     row->rule, row->count,
		     strcmp(row->disposition, "accepted") == 0 ? "  (accepted)" : "",
		     row->sentence_en) == -1)
		log_fatal("replay", "no memory for the alerts");
	list->told = larger;
	list->told[list->count++] = (struct told){ row->first, row->seq, text };
	return true;
}

static int
by_first(const void *a, const void *b)
{
	const struct told *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return (x->seq > y->seq) - (x->seq < y->seq);
}

/* How many there are, or -1. */
static int
print_alerts(FILE *out, struct store *store, struct error *err)
{
	struct alert_list list = { 0 };
	int alerts = store_each_alert(store, &everybody, 0, take_alert, &list, err);

	if (list.count > 0)
		qsort(list.told, list.count, sizeof(*list.told), by_first);
	fprintf(out, "alerts\n%s", alerts == 0 ? "  none\n" : "");
	for (size_t i = 0; i < list.count; i++) {
		fputs(list.told[i].text, out);
		free(list.told[i].text);
	}
	free(list.told);
	return alerts;
}

struct verdict_table {
	const struct policy *policy;
	uint64_t (*count)[VERDICTS]; /* by requirement */
	uint64_t total[VERDICTS];
};

static bool
count_verdict(void *ctx, const struct verdict_row *row)
{
	struct verdict_table *table = ctx;

	for (size_t v = 0; v < VERDICTS; v++) {
		if (strcmp(row->verdict, verdict_name((enum verdict)v)) != 0)
			continue;
		table->total[v]++;
		for (size_t i = 0; i < policy_requirement_count(table->policy); i++)
			if (strcmp(policy_requirement(table->policy, i)->id,
				   row->key.requirement) == 0)
				table->count[i][v]++;
	}
	return true;
}

static void
print_row(FILE *out, const char *name, const uint64_t count[VERDICTS])
{
	fprintf(out, "  %-24s", name);
	for (size_t v = 0; v < VERDICTS; v++)
		fprintf(out, " %14" PRIu64, count[v]);
	fputc('\n', out);
}

static void
print_requirement(FILE *out, const struct requirement *requirement,
		  const uint64_t count[VERDICTS], bool has_inventory)
{
	if (strcmp(requirement->status, "active") != 0)
		return;
	if (requirement->kind == REQUIREMENT_MATRIX && !has_inventory)
		fprintf(out, "  %-24s not_applicable: no inventory\n", requirement->id);
	else
		print_row(out, requirement->id, count);
}

static int
print_verdicts(FILE *out, struct store *store, const struct policy *policy,
	       bool has_inventory, struct error *err)
{
	struct verdict_filter all = { .from = INT64_MIN, .to = INT64_MAX };
	size_t requirements = policy_requirement_count(policy);
	struct verdict_table table = { .policy = policy,
				       .count = calloc(requirements + 1,
						       sizeof(*table.count)) };

	if (table.count == NULL)
		log_fatal("replay", "no memory for the table");
	if (store_each_verdict(store, &everybody, &all, count_verdict, &table, err) ==
	    -1) {
		free(table.count);
		return -1;
	}
	fprintf(out, "\nverdicts                  ");
	for (size_t v = 0; v < VERDICTS; v++)
		fprintf(out, "%s%14s", v > 0 ? " " : "", verdict_name((enum verdict)v));
	fputc('\n', out);
	for (size_t i = 0; i < requirements; i++)
		print_requirement(out, policy_requirement(policy, i), table.count[i],
				  has_inventory);
	print_row(out, "all", table.total);
	free(table.count);
	return 0;
}

static void
print_input(FILE *out, const struct replay_counts *counts)
{
	if (counts->packets > 0)
		fprintf(out,
			"\npackets   %" PRIu64 "  (%" PRIu64
			" bytes)\nflows     %" PRIu64 "\n",
			counts->packets, counts->bytes, counts->flows);
	else
		fputc('\n', out);
	fprintf(out, "records   %" PRIu64, counts->records);
	const char *before = "  (";
	for (size_t i = 0; i < EVENT_COUNT; i++) {
		if (counts->of_event[i] == 0)
			continue;
		fprintf(out, "%s%s %" PRIu64, before, record_event_name((enum event)i),
			counts->of_event[i]);
		before = ", ";
	}
	fprintf(out, "%s\n", strcmp(before, ", ") == 0 ? ")" : "");
}

static bool
print_counter(void *ctx, const struct counter_row *row)
{
	if (strcmp(row->name, "records") != 0)
		fprintf(ctx, "  %-24s %14" PRIu64 "\n", row->name, row->value);
	return true;
}

static int
print_not_understood(FILE *out, struct store *store, const struct replay_counts *counts,
		     struct error *err)
{
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = { { "frames_invalid", counts->invalid },
		     { "frames_not_ip", counts->not_ip },
		     { "fragments", counts->fragments },
		     { "flows_evicted", counts->evicted },
		     { "protocol_violations", counts->violations },
		     { "lines_no_record", counts->refused } };

	fprintf(out, "\nnot understood or left out\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].value > 0)
			fprintf(out, "  %-24s %14" PRIu64 "\n", rows[i].name,
				rows[i].value);
	return store_each_counter(store, &everybody, print_counter, out, err) == -1 ? -1
										    : 0;
}

int
replay_print(FILE *out, struct store *store, const struct policy *policy,
	     const struct replay_counts *counts, bool has_inventory, struct error *err)
{
	int alerts = print_alerts(out, store, err);

	print_input(out, counts);
	if (alerts == -1 ||
	    print_verdicts(out, store, policy, has_inventory, err) == -1)
		return -1;
	if (!has_inventory)
		fprintf(out, "  (no inventory: nobody is registered, so who may "
			     "connect to whom "
			     "is not judged; see --inventory)\n");
	if (print_not_understood(out, store, counts, err) == -1)
		return -1;
	fprintf(out, "\n%" PRIu64 " records, %d alerts, policy %s %s\n",
		counts->records, alerts, policy_id(policy), policy_version(policy));
	return 0;
}
