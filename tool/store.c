/* SPDX-License-Identifier: Apache-2.0 */
/* store: 'sekisho store migrate|retain': care of a store while no correlator holds it.
 */
#include "tool/store.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/exit_code.h"
#include "common/settings.h"
#include "store/store.h"
#include "tool/place.h"

struct options {
	const char *store;
	int64_t days;
};

static const struct setting table[] = {
	{ .group = "Input",
	  .name = "store",
	  .letter = 's',
	  .type = SETTING_PATH,
	  .offset = offsetof(struct options, store),
	  .initial = PLACE_STORE,
	  .placeholder = "DIR",
	  .meaning = "store to work on" },
	{ .group = "Retention",
	  .name = "days",
	  .type = SETTING_NUMBER,
	  .offset = offsetof(struct options, days),
	  .initial = "30",
	  .least = 1,
	  .most = 36500,
	  .meaning = "raw records of so many days are kept, counted back from the "
		     "newest" },
	{ 0 },
};

static const struct settings_program program = {
	.name = "sekisho store",
	.purpose = "migrate: brings a store to this version.  retain: deletes raw "
		   "records' day "
		   "files that are too old; what alerts and verdicts cite stays.",
	.arguments = "migrate|retain",
	.arguments_least = 1,
	.arguments_most = 1,
	.table = table,
	.has_no_file = true,
};

static int
migrate(const struct options *options, struct error *err)
{
	int from, to;

	if (store_migrate(options->store, &from, &to, err) == -1)
		return -1;
	printf("%s: version %d, was %d\n", options->store, to, from);
	return 0;
}

static int
retain(const struct options *options, struct error *err)
{
	size_t removed;

	if (store_retain(options->store, options->days, &removed, err) == -1)
		return -1;
	printf("%s: %zu days of raw records removed\n", options->store, removed);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(const struct options *options, struct error *err);
} actions[] = { { "migrate", migrate }, { "retain", retain } };

static int
run(const struct options *options, const char *name)
{
	struct error err;

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(actions[i].name, name) != 0)
			continue;
		if (actions[i].run(options, &err) == 0)
			return EXIT_CODE_OK;
		fprintf(stderr, "sekisho store: %s\n", err.text);
		return EXIT_CODE_ENVIRONMENT;
	}
	fprintf(stderr,
		"sekisho store: '%s' is no action; expected migrate or retain\n", name);
	return EXIT_CODE_USAGE;
}

int
command_store(int argc, char **argv)
{
	struct options options = { 0 };
	struct settings settings;
	int status = settings_read(&program, argc, argv, &options, &settings);

	if (status == -1)
		status = run(&options, settings.argument[0]);
	settings_release(&settings);
	return status;
}
