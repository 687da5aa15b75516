/* SPDX-License-Identifier: Apache-2.0 */
/* settings: one table of a program's options: command line, file, help, man page. */
#include "common/settings.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/exit_code.h"
#include "common/settings_file.h"
#include "common/settings_value.h"
#include "common/yaml.h"

/* What every program has. */
struct common {
	const char *config;
	bool check_config, help, version, man_options, config_example;
};

#define INTO(member) offsetof(struct common, member)
/* clang-format off */
static const struct setting common_table[] = {
	{ "Common", "config", 0, SETTING_PATH, INTO(config), .placeholder = "FILE",
	  .meaning = "read settings from this YAML file; options win over it" },
	{ "Common", "check-config", 0, SETTING_BOOL, INTO(check_config),
	  .meaning = "check options and file, say what is wrong, do nothing else" },
	{ "Common", "help", 'h', SETTING_BOOL, INTO(help), .meaning = "this list" },
	{ "Common", "version", 0, SETTING_BOOL, INTO(version), .meaning = "name and version" },
	{ NULL, "man-options", 0, SETTING_BOOL, INTO(man_options),
	  .meaning = "the OPTIONS section of the man page" },
	{ NULL, "config-example", 0, SETTING_BOOL, INTO(config_example),
	  .meaning = "a file of settings with every key" },
	{ 0 },
};
/* clang-format on */
#undef INTO

const struct setting *
settings_common(const struct settings_program *program)
{
	return common_table + (program->has_no_file ? 2 : 0);
}

/* One run over the command line. */
struct command_line {
	const struct settings_program *program;
	int argc, at;
	char **argv;
	void *into;
	struct common common;
	struct settings *settings;
	const struct setting *given[64]; /* lists already begun, to be added to */
	size_t given_count;
	const char **argument;
	struct error *err;
};

static const struct setting *
find_row(const struct setting *table, const char *name, size_t length, char letter)
{
	for (; table->name != NULL; table++)
		if (name != NULL ? strncmp(table->name, name, length) == 0 &&
					   table->name[length] == '\0'
				 : table->letter == letter)
			return table;
	return NULL;
}

/* The row and what it fills: the program's struct or ours. */
static const struct setting *
find_option(struct command_line *c, const char *name, size_t length, char letter,
	    void **into)
{
	const struct setting *row = find_row(c->program->table, name, length, letter);

	*into = c->into;
	if (row != NULL)
		return row;
	*into = &c->common;
	return find_row(settings_common(c->program), name, length, letter);
}

static int
complain_of_unknown(struct command_line *c, const char *name, size_t length)
{
	const char *known[128], *meant;
	const struct setting *tables[] = { c->program->table,
					   settings_common(c->program) };
	char word[64];
	size_t count = 0;

	for (size_t t = 0; t < 2; t++)
		for (const struct setting *row = tables[t]; row->name != NULL; row++)
			if (row->group != NULL && count < 127)
				known[count++] = row->name;
	known[count] = NULL;
	snprintf(word, sizeof(word), "%.*s", (int)length, name);
	meant = yaml_nearest(word, known);
	if (meant != NULL)
		return error_set(c->err, "%s: no option --%s; did you mean --%s?",
				 c->program->name, word, meant);
	return error_set(c->err, "%s: no option --%s; --help lists them all",
			 c->program->name, word);
}

static bool
is_begun(struct command_line *c, const struct setting *row)
{
	for (size_t i = 0; i < c->given_count; i++)
		if (c->given[i] == row)
			return true;
	if (c->given_count < sizeof(c->given) / sizeof(c->given[0]))
		c->given[c->given_count++] = row;
	return false;
}

/* The first --name of a list replaces what file and table say, each further one adds.
 */
static int
store(struct command_line *c, const struct setting *row, const char *value, void *into)
{
	struct error why;

	if (row->type == SETTING_WORDS && is_begun(c, row)) {
		setting_add_words(row, value, into, &c->settings->arena);
		return 0;
	}
	if (setting_store(row, value, into, &c->settings->arena, &why) == 0)
		return 0;
	return error_set(c->err, "%s: --%s: %s", c->program->name, row->name, why.text);
}

/* The value of an option without "=": the next word. */
static const char *
next_value(struct command_line *c)
{
	return c->at + 1 < c->argc ? c->argv[++c->at] : NULL;
}

static int
complain_of_no_value(struct command_line *c, const struct setting *row)
{
	char expects[256];

	setting_expects(row, expects, sizeof(expects));
	return error_set(c->err, "%s: --%s has no value; expected --%s %s%s%s%s",
			 c->program->name, row->name, row->name,
			 setting_placeholder(row), expects[0] ? " (" : "", expects,
			 expects[0] ? ")" : "");
}

static int
read_long(struct command_line *c, const char *name)
{
	size_t length = strcspn(name, "=");
	const char *value = name[length] == '=' ? name + length + 1 : NULL;
	void *into;
	const struct setting *row = find_option(c, name, length, 0, &into);

	if (row == NULL && strncmp(name, "no-", 3) == 0 && value == NULL) {
		row = find_option(c, name + 3, length - 3, 0, &into);
		if (row != NULL && row->type == SETTING_BOOL)
			return store(c, row, "false", into);
		row = NULL;
	}
	if (row == NULL)
		return complain_of_unknown(c, name, length);
	if (value == NULL && row->type == SETTING_BOOL)
		value = "true";
	if (value == NULL)
		value = next_value(c);
	return value == NULL ? complain_of_no_value(c, row)
			     : store(c, row, value, into);
}

/* -v, -i eth0, -ieth0, and -vi eth0 */
static int
read_short(struct command_line *c, const char *letters)
{
	for (; *letters != '\0'; letters++) {
		void *into;
		const struct setting *row = find_option(c, NULL, 0, *letters, &into);
		if (row == NULL)
			return error_set(c->err,
					 "%s: no option -%.4s; --help lists them all",
					 c->program->name, letters);
		if (row->type == SETTING_BOOL) {
			if (store(c, row, "true", into) == -1)
				return -1;
			continue;
		}
		const char *value = letters[1] != '\0' ? letters + 1 : next_value(c);
		if (value == NULL)
			return complain_of_no_value(c, row);
		return store(c, row, value, into);
	}
	return 0;
}

static int
read_word(struct command_line *c, bool *is_rest)
{
	const char *word = c->argv[c->at];

	if (!*is_rest && strcmp(word, "--") == 0) {
		*is_rest = true;
		return 0;
	}
	if (!*is_rest && word[0] == '-' && word[1] == '-')
		return read_long(c, word + 2);
	if (!*is_rest && word[0] == '-' && word[1] != '\0')
		return read_short(c, word + 1);
	c->argument[c->settings->argument_count++] = word;
	return 0;
}

static int
read_command_line(struct command_line *c)
{
	bool is_rest = false;

	c->given_count = 0;
	c->settings->argument_count = 0;
	c->argument = arena_take(&c->settings->arena,
				 ((size_t)c->argc + 1) * sizeof(*c->argument));
	c->settings->argument = c->argument;
	for (c->at = 1; c->at < c->argc; c->at++)
		if (read_word(c, &is_rest) == -1)
			return -1;
	return 0;
}

static void
store_initials(struct command_line *c)
{
	struct error err = { "" };

	for (const struct setting *row = c->program->table; row->name != NULL; row++) {
		const char *initial = row->initial;
		if (initial == NULL)
			continue;
		int stored =
			setting_store(row, initial, c->into, &c->settings->arena, &err);
		assert(stored == 0); /* the table itself is wrong */
	}
}

static int
check_arguments(struct command_line *c)
{
	const struct settings_program *program = c->program;
	size_t count = c->settings->argument_count;

	if (count < program->arguments_least)
		return error_set(c->err, "%s: too few arguments; expected %s",
				 program->name, program->arguments);
	if (count > program->arguments_most)
		return error_set(c->err, "%s: \"%.100s\" is too much; expected %s",
				 program->name,
				 c->settings->argument[program->arguments_most],
				 program->arguments_most == 0 ? "options only"
							      : program->arguments);
	return 0;
}

/* Questions that need nothing else to be right. */
static bool
answer(const struct command_line *c, FILE *out)
{
	if (c->common.help)
		settings_help(c->program, out);
	else if (c->common.version)
		fprintf(out, "%s %s\n", c->program->name, SEKISHO_VERSION);
	else if (c->common.man_options)
		settings_man(c->program, out);
	else if (c->common.config_example)
		settings_yaml(c->program, out);
	return c->common.help || c->common.version || c->common.man_options ||
	       c->common.config_example;
}

static enum settings_result
check(struct command_line *c, FILE *out)
{
	const struct settings_program *program = c->program;
	struct error why;

	if (program->check != NULL && program->check(c->into, &why) == -1) {
		const char *where =
			c->settings->config ? c->settings->config : program->name;
		error_set(c->err, "%s: %s", where, why.text);
		return c->settings->config ? SETTINGS_INPUT : SETTINGS_USAGE;
	}
	if (!c->common.check_config)
		return SETTINGS_GO;
	if (program->check_named != NULL && program->check_named(c->into, c->err) == -1)
		return SETTINGS_INPUT;
	fprintf(out, "%s: the configuration is good\n",
		c->settings->config ? c->settings->config : program->name);
	return SETTINGS_DONE;
}

enum settings_result
settings_parse(const struct settings_program *program, int argc, char **argv,
	       void *into, struct settings *settings, FILE *out, struct error *err)
{
	struct command_line c = { .program = program,
				  .argc = argc,
				  .argv = argv,
				  .into = into,
				  .settings = settings,
				  .err = err };

	*settings = (struct settings){ 0 };
	store_initials(&c);
	/* twice: the first time for --config, the second because options win over the
	 * file */
	if (read_command_line(&c) == -1)
		return SETTINGS_USAGE;
	if (answer(&c, out))
		return SETTINGS_DONE;
	if (c.common.config != NULL) {
		settings->config = c.common.config;
		store_initials(&c);
		if (settings_file_read(program, settings->config, into, settings,
				       err) == -1)
			return SETTINGS_INPUT;
		if (read_command_line(&c) == -1)
			return SETTINGS_USAGE;
	}
	if (check_arguments(&c) == -1)
		return SETTINGS_USAGE;
	return check(&c, out);
}

int
settings_read(const struct settings_program *program, int argc, char **argv, void *into,
	      struct settings *settings)
{
	struct error err = { "" };

	switch (settings_parse(program, argc, argv, into, settings, stdout, &err)) {
	case SETTINGS_GO:
		return -1;
	case SETTINGS_DONE:
		return EXIT_CODE_OK;
	case SETTINGS_USAGE:
		fprintf(stderr, "%s\n", err.text);
		return EXIT_CODE_USAGE;
	case SETTINGS_INPUT:
		break;
	}
	fprintf(stderr, "%s\n", err.text);
	return EXIT_CODE_INPUT;
}

void
settings_release(struct settings *settings)
{
	arena_release(&settings->arena);
	*settings = (struct settings){ 0 };
}
