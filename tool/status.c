/* SPDX-License-Identifier: Apache-2.0 */
/* status: 'sekisho status': sensors, coverage, verdicts and alerts of a store, on one
 * screen. */
#include "tool/status.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/exit_code.h"
#include "common/instant.h"
#include "common/settings.h"
#include "correlator/notify/output.h"
#include "correlator/notify/state.h"
#include "store/incidents.h"
#include "store/notices.h"
#include "store/reads.h"
#include "tool/place.h"

struct options {
	const char *store;
};

static const struct setting table[] = {
	{ .group = "Input",
	  .name = "store",
	  .letter = 's',
	  .type = SETTING_PATH,
	  .offset = offsetof(struct options, store),
	  .initial = PLACE_STORE,
	  .placeholder = "DIR",
	  .meaning = "store to look into" },
	{ 0 },
};

static const struct settings_program program = {
	.name = "sekisho status",
	.purpose = "Shows what a store holds: sensors and coverage, verdicts, alerts, "
		   "what could "
		   "not be used.",
	.arguments = "",
	.table = table,
	.has_no_file = true,
};

static const struct scope everybody = { .is_all = true };

static const char *const words[] = { "satisfied", "violated", "unobservable",
				     "not_applicable", "error" };

enum { WORDS = sizeof(words) / sizeof(words[0]), SENSORS_SHOWN = 256 };

struct sums {
	struct store *store;
	struct error *err;
	int result;
	size_t sensors;
	uint64_t verdicts[WORDS], provisional;
	uint64_t alerts_open, alerts_quiet, alerts_accepted;
};

/* Coverage of the last 24 hours of the sensor's own time. */
static bool
print_sensor(void *ctx, const struct sensor_row *row)
{
	struct sums *sums = ctx;
	struct coverage_row day;
	char last[INSTANT_TEXT_SIZE];
	int64_t from = row->last - row->last % INSTANT_HOUR - 23 * INSTANT_HOUR;

	if (from < row->first)
		from = row->first;
	sums->result = store_sum_coverage(sums->store, &everybody, row->sensor,
					  row->poi, from - from % INSTANT_HOUR,
					  INT64_MAX, &day, sums->err);
	if (sums->result == -1)
		return false;
	instant_to_text((struct instant){ row->last }, last);
	int64_t whole = (row->last - from) / 1000;
	int64_t share = whole > 0 ? day.observed / 1000 * 1000 / whole : 1000;
	fprintf(stdout,
		"sensor    %s at %s: to %.19sZ, %" PRIu64 " records, watched %" PRId64
		".%" PRId64 " %% of its last day, %" PRIu64 " packets, %" PRIu64
		" lost\n",
		row->sensor, row->poi, last, row->records,
		(share > 1000 ? 1000 : share) / 10, (share > 1000 ? 1000 : share) % 10,
		day.packets, day.lost);
	return ++sums->sensors < SENSORS_SHOWN;
}

static bool
count_verdict(void *ctx, const struct verdict_row *row)
{
	struct sums *sums = ctx;

	for (size_t i = 0; i < WORDS; i++)
		if (strcmp(row->verdict, words[i]) == 0)
			sums->verdicts[i]++;
	sums->provisional += row->is_provisional;
	return true;
}

static bool
count_alert(void *ctx, const struct alert_row *row)
{
	struct sums *sums = ctx;

	if (strcmp(row->disposition, "accepted") == 0)
		sums->alerts_accepted++;
	else if (strcmp(row->episode, "open") == 0)
		sums->alerts_open++;
	else
		sums->alerts_quiet++;
	return true;
}

static bool
print_counter(void *ctx, const struct counter_row *row)
{
	(void)ctx;
	printf("count     %s %" PRIu64 "\n", row->name, row->value);
	return true;
}

static void
print_sums(const struct sums *sums)
{
	printf("verdicts ");
	for (size_t i = 0; i < WORDS; i++)
		printf(" %" PRIu64 " %s%s", sums->verdicts[i], words[i],
		       i + 1 < WORDS ? "," : "");
	printf(" (%" PRIu64 " provisional)\n", sums->provisional);
	printf("alerts    %" PRIu64 " (%" PRIu64 " open, %" PRIu64 " quiet, %" PRIu64
	       " accepted by an exception)\n",
	       sums->alerts_open + sums->alerts_quiet + sums->alerts_accepted,
	       sums->alerts_open, sums->alerts_quiet, sums->alerts_accepted);
}

enum { INCIDENTS_SHOWN = 10 };

static bool
print_incident(void *ctx, const struct incident_row *row)
{
	char first[INSTANT_TEXT_SIZE];

	(void)ctx;
	instant_to_text((struct instant){ row->first }, first);
	printf("incident  %.12s %s, from %s since %.19sZ: %" PRIu64 " alerts (%" PRIu64
	       " open) of %" PRIu64 " rules, %" PRIu64 " participants, %" PRIu64
	       " POIs: %s\n",
	       row->id, row->severity, row->actor, first, row->alerts, row->open,
	       row->rules, row->participants, row->pois, row->title_en);
	return true;
}

/* How far each output has come that was ever asked for. */
static int
print_outputs(struct store *store, const char *directory, struct error *err)
{
	static struct notify_state state; /* large */
	uint64_t waiting;

	for (size_t i = 0; notify_outputs[i].name != NULL; i++) {
		const char *name = notify_outputs[i].name;
		int has = notify_state_read(&state, directory, name, err);
		if (has == 1 && store_count_notices(store, &everybody, state.position,
						    &waiting, err) == -1)
			has = -1;
		if (has == -1)
			return -1;
		if (has == 0)
			continue;
		printf("output    %s: %" PRIu64 " told, %" PRIu64 " waiting, %" PRIu64
		       " summed up, %" PRIu64 " refused, %" PRIu64
		       " failed attempts%s%s\n",
		       name, state.delivered, waiting, state.summarised, state.refused,
		       state.failures, state.error[0] != '\0' ? "; now: " : "",
		       state.error);
	}
	return 0;
}

static int
print_status(struct store *store, const char *directory, struct error *err)
{
	struct sums sums = { .store = store, .err = err };
	struct verdict_filter all = { .from = INT64_MIN, .to = INT64_MAX };

	if (store_each_sensor(store, &everybody, print_sensor, &sums, err) == -1 ||
	    sums.result == -1 ||
	    store_each_verdict(store, &everybody, &all, count_verdict, &sums, err) ==
		    -1 ||
	    store_each_alert(store, &everybody, 0, count_alert, &sums, err) == -1)
		return -1;
	if (sums.sensors == 0)
		printf("sensor    none has sent anything yet\n");
	print_sums(&sums);
	if (store_each_incident(store, &everybody, INCIDENTS_SHOWN, print_incident,
				NULL, err) == -1 ||
	    print_outputs(store, directory, err) == -1)
		return -1;
	return store_each_counter(store, &everybody, print_counter, NULL, err) == -1
		       ? -1
		       : 0;
}

int
command_status(int argc, char **argv)
{
	struct options options = { 0 };
	struct settings settings;
	struct error err;
	int status = settings_read(&program, argc, argv, &options, &settings);

	if (status == -1) {
		struct store *store = store_open(options.store, STORE_READ, &err);
		status = store != NULL && print_status(store, options.store, &err) == 0
				 ? EXIT_CODE_OK
				 : EXIT_CODE_ENVIRONMENT;
		if (status != EXIT_CODE_OK)
			fprintf(stderr, "sekisho status: %s\n", err.text);
		store_close(store);
	}
	settings_release(&settings);
	return status;
}
