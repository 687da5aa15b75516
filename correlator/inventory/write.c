/* SPDX-License-Identifier: Apache-2.0 */
/* write: participants and lines of an inventory as YAML or CSV. */
#include <string.h>

#include "correlator/inventory/csv.h"
#include "correlator/inventory/parts.h"

/* Between double quotes, which YAML and CSV escape differently. */
static void
write_quoted(FILE *out, const char *text, bool is_yaml)
{
	fputc('"', out);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			fputc(is_yaml ? '\\' : '"', out);
		else if (*text == '\\' && is_yaml)
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

/* A date if it is midnight in Japan, else the instant; nothing for an open end. */
static const char *
date_of(struct instant at, char text[CALENDAR_TEXT_SIZE])
{
	text[0] = '\0';
	if (at.usec == INT64_MIN || at.usec == INT64_MAX)
		return text;
	struct date date = calendar_date(at, ZONE_TOKYO);
	if (calendar_begin(date, ZONE_TOKYO).usec == at.usec)
		date_to_text(date, text);
	else
		instant_to_text(at, text);
	return text;
}

static void
write_yaml_member(FILE *out, const char *key, const char *text)
{
	if (text[0] == '\0')
		return;
	fprintf(out, "  %s: ", key);
	write_quoted(out, text, true);
	fputc('\n', out);
}

static void
write_yaml_valid(FILE *out, struct instant from, struct instant to)
{
	char begin[CALENDAR_TEXT_SIZE], end[CALENDAR_TEXT_SIZE];

	date_of(from, begin);
	date_of(to, end);
	if (begin[0] != '\0' || end[0] != '\0')
		fprintf(out, "  valid: {%s%s%s%s%s}\n", begin[0] ? "from: " : "", begin,
			begin[0] && end[0] ? ", " : "", end[0] ? "to: " : "", end);
}

static void
write_yaml_line(const struct line *line, const char *participant, FILE *out)
{
	fprintf(out, "- id: \"%s\"\n  kind: %s\n  participant: \"%s\"\n  poi: \"%s\"\n",
		line->id, line->kind, participant, line->poi);
	for (size_t i = 0; i < line->also_at_count; i++)
		fprintf(out, "%s\"%s\"%s", i ? ", " : "  also_at: [", line->also_at[i],
			i + 1 == line->also_at_count ? "]\n" : "");
	for (size_t i = 0; i < line->vlan_count; i++)
		fprintf(out, "%s%llu%s", i ? ", " : "  vlan: [",
			(unsigned long long)line->vlan[i],
			i + 1 == line->vlan_count ? "]\n" : "");
	for (size_t i = 0; i < line->prefix_count; i++) {
		char prefix[ADDRESS_TEXT_SIZE + 4];
		prefix_to_text(&line->prefix[i], prefix, sizeof(prefix));
		fprintf(out, "%s\"%s\"%s", i ? ", " : "  prefixes: [", prefix,
			i + 1 == line->prefix_count ? "]\n" : "");
	}
	write_yaml_valid(out, line->valid_from, line->valid_to);
}

void
inventory_to_yaml(const struct inventory *inventory, FILE *out)
{
	fputs("format: inventory/1\nparticipants:\n", out);
	for (size_t i = 0; i < inventory->participants.list.count; i++) {
		const struct participant *p = &inventory->participants.at[i];
		fprintf(out,
			"- id: \"%s\"\n  kind: %s\n  partition: \"%s\"\n  title: {ja: ",
			p->id, p->kind, inventory->participants.list.origin[i].refers);
		write_quoted(out, p->title.ja, true);
		fputs(", en: ", out);
		write_quoted(out, p->title.en, true);
		fputs("}\n", out);
		write_yaml_member(out, "kana", p->kana);
		write_yaml_member(out, "code", p->code);
		write_yaml_member(out, "contact", p->contact);
		write_yaml_valid(out, p->valid_from, p->valid_to);
	}
	fputs("lines:\n", out);
	for (size_t i = 0; i < inventory->lines.list.count; i++)
		write_yaml_line(&inventory->lines.at[i],
				inventory->lines.list.origin[i].refers, out);
}

static void
write_csv_participant(const struct participant *p, FILE *out)
{
	char from[CALENDAR_TEXT_SIZE], to[CALENDAR_TEXT_SIZE];
	const char *cells[] = { p->id,
				p->kind,
				p->partition,
				p->title.ja,
				p->title.en,
				p->kana,
				p->code,
				p->contact,
				date_of(p->valid_from, from),
				date_of(p->valid_to, to) };

	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		write_quoted(out, cells[i], false);
		fputc(',', out);
	}
}

static void
write_csv_line(const struct line *line, FILE *out)
{
	char from[CALENDAR_TEXT_SIZE], to[CALENDAR_TEXT_SIZE];

	fprintf(out, "%s,%s,%s,", line->id, line->kind, line->poi);
	for (size_t i = 0; i < line->also_at_count; i++)
		fprintf(out, "%s%s", i ? " " : "", line->also_at[i]);
	fputc(',', out);
	for (size_t i = 0; i < line->vlan_count; i++)
		fprintf(out, "%s%llu", i ? " " : "", (unsigned long long)line->vlan[i]);
	fputc(',', out);
	for (size_t i = 0; i < line->prefix_count; i++) {
		char prefix[ADDRESS_TEXT_SIZE + 4];
		prefix_to_text(&line->prefix[i], prefix, sizeof(prefix));
		fprintf(out, "%s%s", i ? " " : "", prefix);
	}
	fprintf(out, ",%s,%s\r\n", date_of(line->valid_from, from),
		date_of(line->valid_to, to));
}

void
inventory_to_csv(const struct inventory *inventory, FILE *out)
{
	for (size_t i = 0; csv_columns[i] != NULL; i++)
		fprintf(out, "%s%s", i ? "," : "", csv_columns[i]);
	fputs("\r\n", out);
	for (size_t i = 0; i < inventory_participant_count(inventory); i++) {
		const struct participant *participant =
			inventory_participant(inventory, i);
		const struct line *line =
			inventory_next_line(inventory, participant, NULL);
		if (line == NULL) {
			write_csv_participant(participant, out);
			fputs(",,,,,,,\r\n", out);
		}
		for (; line != NULL;
		     line = inventory_next_line(inventory, participant, line)) {
			write_csv_participant(participant, out);
			write_csv_line(line, out);
		}
	}
}
