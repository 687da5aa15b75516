/* SPDX-License-Identifier: Apache-2.0 */
/* settings_help: a program's options for people: --help, and the man page's OPTIONS. */
#include <string.h>

#include "common/settings_file.h"
#include "common/settings_value.h"

enum { COLUMN = 30 }; /* where the meaning begins */

/* "-i, --interface NAME" */
static int
write_option(const struct setting *row, FILE *out)
{
	const char *value = setting_placeholder(row);
	int used = row->letter ? fprintf(out, "  -%c, ", row->letter)
			       : fprintf(out, "      ");

	return used + fprintf(out, "--%s%s%s", row->name, value[0] ? " " : "", value);
}

/* "default 10; 1 to 64; in the file: a.b", joined into 'text'. */
static const char *
describe(const struct setting *row, char *text, size_t room)
{
	char expects[256] = "";
	const char *parts[6];
	size_t count = 0, used = 0;

	text[0] = '\0';
	if (row->initial != NULL && row->initial[0] != '\0') {
		parts[count++] = "default ";
		parts[count++] = row->initial;
	}
	if (row->type == SETTING_CHOICE || row->least != 0 || row->most != 0) {
		parts[count] = count ? "; " : "";
		count++;
		parts[count++] = setting_expects(row, expects, sizeof(expects));
	}
	if (row->key != NULL) {
		parts[count] = count ? "; in the file " : "in the file ";
		count++;
		parts[count++] = row->key;
	}
	for (size_t i = 0; i < count && used < room; i++)
		used += (size_t)snprintf(text + used, room - used, "%s", parts[i]);
	return text;
}

static void
write_row(const struct setting *row, FILE *out)
{
	char more[512];
	int used = write_option(row, out);

	if (used + 2 > COLUMN) {
		fputc('\n', out);
		used = 0;
	}
	fprintf(out, "%*s%s\n", COLUMN - used, "", row->meaning);
	if (describe(row, more, sizeof(more))[0] != '\0')
		fprintf(out, "%*s(%s)\n", COLUMN, "", more);
}

static void
write_table(const struct setting *row, FILE *out)
{
	const char *group = "";

	for (; row->name != NULL; row++) {
		if (row->group == NULL)
			continue;
		if (strcmp(group, row->group) != 0)
			fprintf(out, "\n%s\n", row->group);
		group = row->group;
		write_row(row, out);
	}
}

void
settings_help(const struct settings_program *program, FILE *out)
{
	fprintf(out, "usage: %s [OPTION...]%s%s\n%s\n", program->name,
		program->arguments[0] ? " " : "", program->arguments, program->purpose);
	write_table(program->table, out);
	write_table(settings_common(program), out);
	fprintf(out,
		"\nA switch is turned off by --no-NAME.%s\n"
		"Exit status: 0 ok, 1 the answer is no, 2 usage, 3 bad input, 4 "
		"environment, "
		"5 incomplete.\n",
		program->has_no_file ? "" : "  Order: option, file, default.");
}

/* A hyphen of an option is a minus in roff, and a line must not begin with a dot. */
static void
write_roff(const char *text, FILE *out)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", out);
	for (; *text != '\0'; text++)
		if (*text == '-')
			fputs("\\-", out);
		else if (*text == '\\')
			fputs("\\e", out);
		else
			fputc(*text, out);
}

static void
write_man_row(const struct setting *row, FILE *out)
{
	const char *value = setting_placeholder(row);
	char more[512];

	fputs(".TP\n", out);
	if (row->letter)
		fprintf(out, "\\fB\\-%c\\fR, ", row->letter);
	fputs("\\fB\\-\\-", out);
	write_roff(row->name, out);
	fputs("\\fR", out);
	if (value[0] != '\0')
		fprintf(out, " \\fI%s\\fR", value);
	fputc('\n', out);
	write_roff(row->meaning, out);
	if (describe(row, more, sizeof(more))[0] != '\0') {
		fputs("\n(", out);
		write_roff(more, out);
		fputc(')', out);
	}
	fputs(".\n", out);
}

static void
write_man_table(const struct setting *row, FILE *out)
{
	const char *group = "";

	for (; row->name != NULL; row++) {
		if (row->group == NULL)
			continue;
		if (strcmp(group, row->group) != 0)
			fprintf(out, ".SS %s\n", row->group);
		group = row->group;
		write_man_row(row, out);
	}
}

void
settings_man(const struct settings_program *program, FILE *out)
{
	fputs(".SH OPTIONS\n", out);
	write_man_table(program->table, out);
	write_man_table(settings_common(program), out);
}
