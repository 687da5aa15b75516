/* SPDX-License-Identifier: Apache-2.0 */
/* main: the 'sekisho' command: finds the row of a command and runs it. */
#include <stdio.h>
#include <string.h>

#include "common/exit_code.h"
#include "tool/command.h"
#include "tool/inventory.h"
#include "tool/ledger.h"
#include "tool/replay.h"
#include "tool/report.h"
#include "tool/rules.h"
#include "tool/schema.h"
#include "tool/sensor.h"
#include "tool/status.h"
#include "tool/store.h"
#include "tool/user.h"

static command_run help;

static const struct command {
	const char *name;
	command_run *run;
	const char *meaning;
} commands[] = {
	{ "help", help, "this list" },
	{ "replay", command_replay,
	  "captures or records through all stages, here and now" },
	{ "status", command_status,
	  "what a store holds: sensors, coverage, verdicts, alerts" },
	{ "report", command_report,
	  "a region's compliance and access report of a period" },
	{ "ledger", command_ledger,
	  "seal the access ledger, and find what was changed" },
	{ "store", command_store,
	  "migrate a store, remove raw records that are too old" },
	{ "rules", command_rules,
	  "check, test, try and explain connection requirements" },
	{ "inventory", command_inventory, "check, show, export and import who is who" },
	{ "sensor", command_sensor, "certificates for sensors that stand elsewhere" },
	{ "user", command_user, "who may log in to the console" },
	{ "schema", command_schema, "what a record may hold, as JSON schema or page" },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int
help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("usage: sekisho COMMAND [OPTION...]   ('sekisho COMMAND --help' says "
	       "more)\n\n");
	for (size_t i = 0; i < COUNT(commands); i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].meaning);
	printf("\nExit status: 0 ok, 1 the answer is no, 2 usage, 3 bad input, 4 "
	       "environment, "
	       "5 incomplete.\n");
	return EXIT_CODE_OK;
}

static const struct command *
command_find(const char *name)
{
	for (size_t i = 0; i < COUNT(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

int
main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr,
			"sekisho: no command; expected one of 'sekisho help'\n");
		return EXIT_CODE_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return help(argc, argv);
	if (strcmp(argv[1], "--version") == 0) {
		printf("sekisho %s\n", SEKISHO_VERSION);
		return EXIT_CODE_OK;
	}
	const struct command *command = command_find(argv[1]);
	if (command == NULL) {
		fprintf(stderr,
			"sekisho: no command '%s'; expected one of 'sekisho help'\n",
			argv[1]);
		return EXIT_CODE_USAGE;
	}
	return command->run(argc - 1, argv + 1);
}
