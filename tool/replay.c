/* SPDX-License-Identifier: Apache-2.0 */
/* replay: 'sekisho replay': captures or records through all stages in one process. */
#include "tool/replay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/exit_code.h"
#include "common/settings.h"
#include "correlator/engine.h"
#include "correlator/inventory/inventory.h"
#include "correlator/policy/policy.h"
#include "correlator/trust/chains.h"
#include "sensor/pipeline.h"
#include "store/store.h"
#include "tool/place.h"

struct options {
	const char *inventory, *rules, *store, *sensor, *poi;
	const char *anchors;
	struct words logs;
	bool is_json;
};

#define INTO(member) offsetof(struct options, member)

static const struct setting table[] = {
	{ .group = "Judgement",
	  .name = "inventory",
	  .letter = 'i',
	  .type = SETTING_PATH,
	  .offset = INTO(inventory),
	  .meaning = "who is who: a YAML file or a folder of them; without it nobody "
		     "is known" },
	{ .group = "Judgement",
	  .name = "rules",
	  .letter = 'r',
	  .type = SETTING_PATH,
	  .offset = INTO(rules),
	  .meaning = "folder of connection requirements (default: ./rules if it is "
		     "there, else "
		     "/usr/share/sekisho/rules)" },
	{ .group = "Judgement",
	  .name = "anchors",
	  .type = SETTING_PATH,
	  .offset = INTO(anchors),
	  .placeholder = "DIR",
	  .meaning = "folder of *.pem: CAs and CRLs by which certificates are judged" },
	{ .group = "Input",
	  .name = "sensor",
	  .type = SETTING_TEXT,
	  .offset = INTO(sensor),
	  .placeholder = "NAME",
	  .meaning = "sensor that took the captures (default: the inventory's first)" },
	{ .group = "Input",
	  .name = "poi",
	  .type = SETTING_TEXT,
	  .offset = INTO(poi),
	  .placeholder = "NAME",
	  .meaning = "interconnection point it watched (default: that sensor's)" },
	{ .group = "Input",
	  .name = "log",
	  .type = SETTING_WORDS,
	  .offset = INTO(logs),
	  .placeholder = "MAPPING=FILE",
	  .meaning = "log of another device, by a mapping in evidence/ of the rules, "
		     "such as nginx=access.json" },
	{ .group = "Output",
	  .name = "json",
	  .letter = 'j',
	  .type = SETTING_BOOL,
	  .offset = INTO(is_json),
	  .meaning =
		  "print records, then verdicts and alerts, one JSON object a line" },
	{ .group = "Output",
	  .name = "store",
	  .letter = 's',
	  .type = SETTING_PATH,
	  .offset = INTO(store),
	  .placeholder = "DIR",
	  .meaning = "keep the results in this store, which no correlator holds "
		     "(default: a "
		     "temporary one)" },
	{ 0 },
};

static const struct settings_program program = {
	.name = "sekisho replay",
	.purpose = "Runs captures (pcap, pcapng) or records (one JSON object a line) "
		   "through all "
		   "stages and prints alerts and a summary.",
	.arguments = "FILE...",
	.arguments_least = 1,
	.arguments_most = SIZE_MAX,
	.table = table,
	.has_no_file = true,
};

/* All that a run holds; released in one place. */
struct run {
	struct options options;
	struct settings settings;
	struct inventory *inventory;
	struct policy *policy;
	struct store *store;
	struct engine *engine;
	struct replay replay;
	const char *rules;
	struct chains *chains; /* or NULL */
	char temporary[PLACE_SIZE]; /* "" if the store stays */
};

static int
complain(int code, const struct error *err)
{
	fprintf(stderr, "sekisho replay: %s\n", err->text);
	return code;
}

/* The sensor that is named, else the inventory's first, else the pipeline's name for
 * none. */
static void
choose_sensor(struct run *run)
{
	const struct options *options = &run->options;
	const struct sensor_entry *chosen = NULL;

	for (size_t i = 0; chosen == NULL && i < inventory_sensor_count(run->inventory);
	     i++) {
		const struct sensor_entry *entry = inventory_sensor(run->inventory, i);
		if ((options->sensor == NULL ||
		     strcmp(entry->id, options->sensor) == 0) &&
		    (options->poi == NULL || strcmp(entry->poi, options->poi) == 0))
			chosen = entry;
	}
	run->replay.sensor = options->sensor != NULL ? options->sensor
			     : chosen != NULL        ? chosen->id
						     : pipeline_defaults.sensor;
	run->replay.poi = options->poi != NULL ? options->poi
			  : chosen != NULL     ? chosen->poi
					       : pipeline_defaults.poi;
}

static int
load_rules(struct run *run, struct error *err)
{
	const struct options *options = &run->options;

	run->inventory = options->inventory != NULL
				 ? inventory_load(options->inventory, err)
				 : inventory_empty();
	if (run->inventory == NULL)
		return -1;
	run->rules = options->rules != NULL ? options->rules : place_rules();
	run->policy = policy_load(run->rules, run->inventory, err);
	if (run->policy != NULL && options->anchors != NULL &&
	    (run->chains = chains_load(options->anchors, err)) == NULL)
		return -1;
	return run->policy != NULL ? 0 : -1;
}

static int
open_store(struct run *run, struct error *err)
{
	const char *directory = run->options.store;

	if (directory == NULL) {
		if (place_make_temporary(run->temporary, err) == -1) {
			run->temporary[0] = '\0';
			return -1;
		}
		directory = run->temporary;
	} else if (mkdir(directory, 0750) == -1 && errno != EEXIST) {
		return error_errno(err, "cannot make %s", directory);
	}
	run->store = store_open(
		directory, run->options.store != NULL ? STORE_WRITE : STORE_TEMPORARY,
		err);
	if (run->store == NULL)
		return -1;
	run->engine =
		engine_new(run->inventory, run->policy, run->store, ENGINE_REPLAY, err);
	if (run->engine == NULL)
		return -1;
	if (run->chains != NULL)
		engine_trust(run->engine, run->chains);
	run->replay.batch = batch_new(run->engine);
	return 0;
}

static int
print(struct run *run, struct error *err)
{
	if (run->options.is_json)
		return replay_print_json(stdout, run->store, err);
	return replay_print(stdout, run->store, run->policy, &run->replay.counts,
			    !inventory_is_empty(run->inventory), err);
}

static int
read_files(struct run *run, struct error *err)
{
	run->replay.records = run->options.is_json ? stdout : NULL;
	run->replay.is_quiet = !isatty(STDERR_FILENO);
	choose_sensor(run);
	if (run->options.logs.count > 0)
		engine_await_evidence(run->engine);
	for (size_t i = 0; i < run->settings.argument_count; i++)
		if (replay_file(&run->replay, run->settings.argument[i], err) == -1)
			return -1;
	return batch_add_logs(run->replay.batch, run->store, run->rules,
			      &run->options.logs, err);
}

static int
finish(const struct run *run)
{
	struct error err;

	if (fflush(stdout) != 0) {
		error_errno(&err, "cannot write the output");
		return complain(EXIT_CODE_ENVIRONMENT, &err);
	}
	if (run->replay.counts.refused == 0)
		return EXIT_CODE_OK;
	error_set(&err, "%lu lines are no records and were left out",
		  run->replay.counts.refused);
	return complain(EXIT_CODE_INCOMPLETE, &err);
}

static int
run_all(struct run *run)
{
	struct error err;

	if (load_rules(run, &err) == -1)
		return complain(EXIT_CODE_INPUT, &err);
	if (open_store(run, &err) == -1)
		return complain(EXIT_CODE_ENVIRONMENT, &err);
	if (read_files(run, &err) == -1)
		return complain(EXIT_CODE_INPUT, &err);
	if (batch_finish(run->replay.batch, &err) == -1 || print(run, &err) == -1)
		return complain(EXIT_CODE_ENVIRONMENT, &err);
	return finish(run);
}

static void
release(struct run *run)
{
	batch_free(run->replay.batch);
	engine_free(run->engine);
	store_close(run->store);
	chains_free(run->chains);
	policy_free(run->policy);
	inventory_free(run->inventory);
	settings_release(&run->settings);
	if (run->temporary[0] != '\0')
		place_remove_temporary(run->temporary);
}

int
command_replay(int argc, char **argv)
{
	struct run run = { 0 };
	int status = settings_read(&program, argc, argv, &run.options, &run.settings);

	if (status == -1)
		status = run_all(&run);
	release(&run);
	return status;
}
