/* SPDX-License-Identifier: Apache-2.0 */
/* inventory: 'sekisho inventory': check, show, export and import who is who. */
#include "tool/inventory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/exit_code.h"
#include "common/file.h"
#include "common/settings.h"
#include "common/yaml.h"
#include "correlator/inventory/csv.h"
#include "correlator/inventory/inventory.h"
#include "tool/inventory_show.h"

#define CSV_LIMIT ((size_t)1 << 29)

static command_run check, show, export_table, import_table;

static const struct verb {
	const char *name, *arguments, *meaning;
	command_run *run;
} verbs[] = {
	{ "check", "PATH", "is it an inventory, and what is odd about it", check },
	{ "show", "PATH [ID | ADDRESS@POI]", "all, one, or whose an address is", show },
	{ "export", "PATH --csv", "institutions and lines as a table", export_table },
	{ "import", "FILE.csv", "such a table as inventory/1", import_table },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int
help(FILE *out)
{
	fputs("usage: sekisho inventory VERB ...   ('sekisho inventory VERB --help' "
	      "says "
	      "more)\n\n",
	      out);
	for (size_t i = 0; i < COUNT(verbs); i++)
		fprintf(out, "  %-7s %-26s %s\n", verbs[i].name, verbs[i].arguments,
			verbs[i].meaning);
	return EXIT_CODE_OK;
}

int
command_inventory(int argc, char **argv)
{
	const char *known[COUNT(verbs) + 1] = { NULL };

	if (argc < 2) {
		fprintf(stderr,
			"sekisho inventory: no verb; expected check, show, export or "
			"import\n");
		return EXIT_CODE_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return help(stdout);
	for (size_t i = 0; i < COUNT(verbs); i++) {
		known[i] = verbs[i].name;
		if (strcmp(argv[1], verbs[i].name) == 0)
			return verbs[i].run(argc - 1, argv + 1);
	}
	const char *meant = yaml_nearest(argv[1], known);
	fprintf(stderr, "sekisho inventory: no verb '%s'; %s%s%s\n", argv[1],
		meant ? "did you mean '" : "expected check, show, export or import",
		meant ? meant : "", meant ? "'?" : "");
	return EXIT_CODE_USAGE;
}

/* What all four have: a path, no file of settings. NULL: said already. */
static struct inventory *
load(const char *path)
{
	struct error err;
	struct inventory *inventory = inventory_load(path, &err);

	if (inventory == NULL)
		fprintf(stderr, "%s\n", err.text);
	return inventory;
}

static int
check(int argc, char **argv)
{
	static const struct setting table[] = { { 0 } };
	static const struct settings_program program = {
		.name = "sekisho inventory check",
		.purpose = "Loads an inventory, a file or a folder of *.yaml, and says "
			   "what it "
			   "holds.",
		.arguments = "PATH",
		.arguments_least = 1,
		.arguments_most = 1,
		.table = table,
		.has_no_file = true,
	};
	struct settings settings;
	int status = settings_read(&program, argc, argv, NULL, &settings);

	if (status == -1) {
		struct inventory *inventory = load(settings.argument[0]);
		status = inventory == NULL ? EXIT_CODE_INPUT : EXIT_CODE_OK;
		if (inventory != NULL)
			show_check(inventory, settings.argument[0]);
		inventory_free(inventory);
	}
	settings_release(&settings);
	return status;
}

#define INTO(member) offsetof(struct question, member)
/* clang-format off */
static const struct setting show_table[] = {
	{ "Address", "at", 0, SETTING_TEXT, INTO(at), .placeholder = "TIME",
	  .meaning = "as of this day or time, such as 2026-11-03; without it now" },
	{ "Address", "vlan", 0, SETTING_WORDS, INTO(vlan), .placeholder = "TAGS",
	  .meaning = "the VLAN stack, outer first, such as 100,20" },
	{ "Address", "port", 0, SETTING_TEXT, INTO(port), .placeholder = "PORT",
	  .meaning = "also which service answers there, such as tcp/443" },
	{ 0 },
};
/* clang-format on */

static int
show(int argc, char **argv)
{
	static const struct settings_program program = {
		.name = "sekisho inventory show",
		.purpose = "Lists institutions, tells about one id, or whose an "
			   "address is at "
			   "a POI.",
		.arguments = "PATH [ID | ADDRESS@POI]",
		.arguments_least = 1,
		.arguments_most = 2,
		.table = show_table,
		.has_no_file = true,
	};
	struct settings settings;
	struct question question = { 0 };
	int status = settings_read(&program, argc, argv, &question, &settings);

	if (status == -1) {
		struct inventory *inventory = load(settings.argument[0]);
		const char *what =
			settings.argument_count > 1 ? settings.argument[1] : NULL;
		if (inventory == NULL)
			status = EXIT_CODE_INPUT;
		else if (what == NULL)
			status = show_all(inventory);
		else if (strchr(what, '@') != NULL)
			status = show_address(inventory, what, &question);
		else
			status = show_id(inventory, what);
		inventory_free(inventory);
	}
	settings_release(&settings);
	return status;
}

static int
export_table(int argc, char **argv)
{
	struct format {
		bool csv;
	} format = { false };
	static const struct setting table[] = {
		{ "Format", "csv", 0, SETTING_BOOL, offsetof(struct format, csv),
		  .initial = "true", .meaning = "a table by RFC 4180, in UTF-8" },
		{ 0 },
	};
	static const struct settings_program program = {
		.name = "sekisho inventory export",
		.purpose =
			"Writes institutions and their lines as a table, a row a line.",
		.arguments = "PATH",
		.arguments_least = 1,
		.arguments_most = 1,
		.table = table,
		.has_no_file = true,
	};
	struct settings settings;
	int status = settings_read(&program, argc, argv, &format, &settings);

	if (status == -1 && !format.csv) {
		fprintf(stderr,
			"sekisho inventory export: no other format than --csv\n");
		status = EXIT_CODE_USAGE;
	} else if (status == -1) {
		struct inventory *inventory = load(settings.argument[0]);
		status = inventory == NULL ? EXIT_CODE_INPUT : EXIT_CODE_OK;
		if (inventory != NULL)
			inventory_to_csv(inventory, stdout);
		inventory_free(inventory);
	}
	settings_release(&settings);
	return status;
}

static int
import_file(const char *path)
{
	struct error err;
	char *text;
	size_t size, rows;

	if (file_read(path, CSV_LIMIT, &text, &size, &err) == -1) {
		fprintf(stderr, "%s\n", err.text);
		return EXIT_CODE_INPUT;
	}
	int result = inventory_csv_to_yaml(path, text, size, stdout, &rows, &err);
	free(text);
	if (result == -1)
		fprintf(stderr, "%s\n", err.text);
	else
		fprintf(stderr,
			"%s: %zu rows are good; check them with the rest of the "
			"inventory\n",
			path, rows);
	return result == -1 ? EXIT_CODE_INPUT : EXIT_CODE_OK;
}

static int
import_table(int argc, char **argv)
{
	static const struct setting table[] = { { 0 } };
	static const struct settings_program program = {
		.name = "sekisho inventory import",
		.purpose = "Checks a table as 'export' makes it and writes it as "
			   "inventory/1.",
		.arguments = "FILE.csv",
		.arguments_least = 1,
		.arguments_most = 1,
		.table = table,
		.has_no_file = true,
	};
	struct settings settings;
	int status = settings_read(&program, argc, argv, NULL, &settings);

	if (status == -1)
		status = import_file(settings.argument[0]);
	settings_release(&settings);
	return status;
}
