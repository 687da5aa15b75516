/* SPDX-License-Identifier: Apache-2.0 */
/* settings_example: a program's settings as a commented YAML file, from its table. */
#include <string.h>

#include "common/settings.h"
#include "common/settings_value.h"

/* Length of "limits" in "limits.flows"; 0 without a dot. */
static size_t
group_length(const char *key)
{
	const char *dot = strchr(key, '.');

	return dot ? (size_t)(dot - key) : 0;
}

static bool
is_of_group(const struct setting *row, const char *group, size_t length)
{
	return row->key != NULL && group_length(row->key) == length &&
	       strncmp(row->key, group, length) == 0;
}

/* " 7": what one would write to get what holds without it. */
static void
write_value(const struct setting *row, FILE *out)
{
	const char *initial = row->initial ? row->initial : "";

	if (row->type == SETTING_WORDS)
		fprintf(out, " [%s]", initial);
	else if (row->type == SETTING_BOOL && row->initial == NULL)
		fputs(" false", out);
	else
		fprintf(out, "%s%s", initial[0] ? " " : "", initial);
}

static void
write_row(const struct setting *row, FILE *out)
{
	size_t length = group_length(row->key);
	const char *indent = length > 0 ? "  " : "";
	char expects[256];

	fprintf(out, "%s# %s", indent, row->meaning);
	if (row->type == SETTING_CHOICE || row->least != 0 || row->most != 0)
		fprintf(out, "; %s", setting_expects(row, expects, sizeof(expects)));
	fprintf(out, "\n%s#%s:", indent, row->key + length + (length > 0));
	write_value(row, out);
	fputc('\n', out);
}

static void
write_group(const struct setting *table, const char *group, size_t length, FILE *out)
{
	if (length > 0)
		fprintf(out, "\n%.*s:\n", (int)length, group);
	for (const struct setting *row = table; row->name != NULL; row++)
		if (is_of_group(row, group, length))
			write_row(row, out);
}

/* The first row of its group; those after it were written with it. */
static bool
begins_group(const struct setting *table, const struct setting *row)
{
	size_t length = group_length(row->key);

	for (const struct setting *before = table; before < row; before++)
		if (is_of_group(before, row->key, length))
			return false;
	return true;
}

void
settings_yaml(const struct settings_program *program, FILE *out)
{
	fprintf(out,
		"# SPDX-License-Identifier: Apache-2.0\n"
		"# Settings of %s: each key with what holds without it.  Take the "
		"\"#\" before a key "
		"away to change it.\n"
		"# An option on the command line wins over this file.  Check with: %s "
		"--config FILE "
		"--check-config\n\n",
		program->name, program->name);
	write_group(program->table, "", 0, out);
	for (const struct setting *row = program->table; row->name != NULL; row++)
		if (row->key != NULL && group_length(row->key) > 0 &&
		    begins_group(program->table, row))
			write_group(program->table, row->key, group_length(row->key),
				    out);
}
