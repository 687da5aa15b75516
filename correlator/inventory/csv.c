/* SPDX-License-Identifier: Apache-2.0 */
/* csv: an inventory's institutions and lines as a table (RFC 4180, UTF-8), and back. */
#include "correlator/inventory/csv.h"

#include <string.h>

#include "common/text.h"
#include "correlator/inventory/parts.h"

/* clang-format off */
enum column {
	ID, KIND, PARTITION, TITLE_JA, TITLE_EN, KANA, CODE, CONTACT, VALID_FROM, VALID_TO,
	LINE, LINE_KIND, POI, ALSO_AT, VLAN, PREFIXES, LINE_FROM, LINE_TO, COLUMN_COUNT
};

const char *const csv_columns[] = {
	"id", "kind", "partition", "title_ja", "title_en", "kana", "code", "contact",
	"valid_from", "valid_to", "line", "line_kind", "poi", "also_at", "vlan", "prefixes",
	"line_from", "line_to", NULL,
};
/* clang-format on */

/* A row as YAML nodes, so that the sections check it as if it had been YAML. */
struct row {
	struct yaml_node cell[COLUMN_COUNT]; /* text NULL: empty or not there */
	unsigned line;
};

struct table {
	const char *at, *end; /* unread */
	const char *line_begin;
	unsigned line;
	const char *name;
	struct arena arena;               /* of the row */
	enum column column[COLUMN_COUNT]; /* what the header says of each */
	size_t columns;
	struct error *err;
};

static struct yaml_node
place(const struct table *t)
{
	return (struct yaml_node){ .kind = YAML_TEXT,
				   .file = t->name,
				   .line = t->line,
				   .column = (unsigned)(t->at - t->line_begin) + 1 };
}

static void
begin_line(struct table *t)
{
	t->line++;
	t->line_begin = t->at;
}

/* Up to the quote that ends the cell, "" being one quote. */
static int
read_quoted(struct table *t, struct yaml_node *cell)
{
	const char *line_end = memchr(t->at, '\n', (size_t)(t->end - t->at));
	char *text = arena_take(&t->arena,
				(size_t)((line_end ? line_end : t->end) - t->at) + 1);
	size_t size = 0;

	for (t->at++; t->at < t->end; t->at++) {
		if (*t->at == '"' && (t->at + 1 == t->end || t->at[1] != '"')) {
			t->at++;
			cell->text = text;
			return 0;
		}
		t->at += *t->at == '"';
		if (*t->at == '\n')
			break; /* no cell of ours has two lines, so the quote is missing
				*/
		text[size++] = *t->at;
	}
	return yaml_complain(t->err, cell, "the quote is not closed");
}

static void
read_plain(struct table *t, struct yaml_node *cell)
{
	const char *begin = t->at;

	while (t->at < t->end && *t->at != ',' && *t->at != '\n' && *t->at != '\r')
		t->at++;
	cell->text = arena_text(&t->arena, begin, (size_t)(t->at - begin));
}

/* 1: another cell follows in this row; 0: the row is over. */
static int
read_cell(struct table *t, struct yaml_node *cell)
{
	*cell = place(t);
	if (t->at < t->end && *t->at == '"') {
		if (read_quoted(t, cell) == -1)
			return -1;
	} else {
		read_plain(t, cell);
	}
	if (t->at < t->end && *t->at == ',') {
		t->at++;
		return 1;
	}
	if (t->at < t->end && *t->at == '\r')
		t->at++;
	if (t->at < t->end && *t->at == '\n') {
		t->at++;
		begin_line(t);
	} else if (t->at < t->end) {
		return yaml_complain(t->err, cell,
				     "something follows the closing quote");
	}
	return 0;
}

static int
read_header(struct table *t)
{
	bool seen[COLUMN_COUNT] = { false };
	int more = 1;

	while (more == 1) {
		struct yaml_node cell;
		const struct yaml_node *keys[] = { &cell };
		const struct yaml_node map = { .kind = YAML_MAP,
					       .count = 1,
					       .key = keys };
		size_t i = 0;
		more = read_cell(t, &cell);
		if (more == -1 || yaml_only(&map, csv_columns, t->err) == -1)
			return -1;
		while (strcmp(csv_columns[i], cell.text) != 0)
			i++;
		if (seen[i])
			return yaml_complain(t->err, &cell,
					     "the column \"%s\" stands twice",
					     cell.text);
		seen[i] = true;
		t->column[t->columns++] = (enum column)i;
	}
	return 0;
}

static int
read_row(struct table *t, struct row *row)
{
	int more = 1;

	*row = (struct row){ .line = t->line };
	for (size_t i = 0; more == 1; i++) {
		struct yaml_node cell;
		more = read_cell(t, &cell);
		if (more == -1)
			return -1;
		if (i >= t->columns)
			return yaml_complain(t->err, &cell,
					     "more cells than the header has (%zu)",
					     t->columns);
		if (cell.text[0] != '\0')
			row->cell[t->column[i]] = cell;
	}
	return 0;
}

/* A map being built in the arena; the most members of any map here. */
struct building {
	struct yaml_node map;
	const struct yaml_node *key[12], *item[12];
};

static struct building *
begin_map(struct table *t, unsigned line)
{
	struct building *b = arena_take(&t->arena, sizeof(*b));

	b->map = (struct yaml_node){
		.kind = YAML_MAP, .file = t->name, .line = line, .column = 1
	};
	b->map.key = b->key;
	b->map.item = b->item;
	return b;
}

static void
add(struct table *t, struct building *b, const char *key, const struct yaml_node *item)
{
	struct yaml_node *name = arena_take(&t->arena, sizeof(*name));

	if (item->text == NULL && item->count == 0)
		return; /* an empty cell, or a map of such */
	*name = (struct yaml_node){ .kind = YAML_TEXT,
				    .file = item->file,
				    .line = item->line,
				    .column = item->column,
				    .text = key };
	b->key[b->map.count] = name;
	b->item[b->map.count++] = item;
}

static void
add_pair(struct table *t, struct building *b, const char *key,
	 const struct yaml_node *one, const struct yaml_node *two,
	 const char *const names[2])
{
	struct building *inner = begin_map(t, b->map.line);

	add(t, inner, names[0], one);
	add(t, inner, names[1], two);
	add(t, b, key, &inner->map);
}

/* Words between blanks; numbers become numbers, for VLANs. */
static void
add_list(struct table *t, struct building *b, const char *key,
	 const struct yaml_node *cell)
{
	struct yaml_node *list = arena_take(&t->arena, sizeof(*list));
	size_t room = cell->text ? strlen(cell->text) / 2 + 1 : 0;
	const struct yaml_node **item = arena_take(&t->arena, room * sizeof(*item));
	const char *p = cell->text ? cell->text : "";

	*list = (struct yaml_node){ .kind = YAML_LIST,
				    .file = cell->file,
				    .line = cell->line,
				    .column = cell->column,
				    .item = item };
	for (p += strspn(p, " "); *p != '\0'; p += strspn(p, " ")) {
		struct yaml_node *word = arena_take(&t->arena, sizeof(*word));
		size_t length = strcspn(p, " ");
		*word = *cell;
		word->text = arena_text(&t->arena, p, length);
		yaml_scalar_resolve(word);
		item[list->count++] = word;
		p += length;
	}
	add(t, b, key, list);
}

static const char *const title_names[2] = { "ja", "en" }, *const valid_names[2] = {
	"from", "to"
};

static int
take_participant(struct table *t, struct inventory *inventory, const struct row *row)
{
	struct building *b = begin_map(t, row->line);

	add(t, b, "id", &row->cell[ID]);
	add(t, b, "kind", &row->cell[KIND]);
	add(t, b, "partition", &row->cell[PARTITION]);
	add_pair(t, b, "title", &row->cell[TITLE_JA], &row->cell[TITLE_EN],
		 title_names);
	add(t, b, "kana", &row->cell[KANA]);
	add(t, b, "code", &row->cell[CODE]);
	add(t, b, "contact", &row->cell[CONTACT]);
	add_pair(t, b, "valid", &row->cell[VALID_FROM], &row->cell[VALID_TO],
		 valid_names);
	return section_read(inventory, "participants", &b->map, ZONE_TOKYO, t->err);
}

static int
take_line(struct table *t, struct inventory *inventory, const struct row *row)
{
	struct building *b = begin_map(t, row->line);

	add(t, b, "id", &row->cell[LINE]);
	add(t, b, "kind", &row->cell[LINE_KIND]);
	add(t, b, "participant", &row->cell[ID]);
	add(t, b, "poi", &row->cell[POI]);
	add_list(t, b, "also_at", &row->cell[ALSO_AT]);
	add_list(t, b, "vlan", &row->cell[VLAN]);
	add_list(t, b, "prefixes", &row->cell[PREFIXES]);
	add_pair(t, b, "valid", &row->cell[LINE_FROM], &row->cell[LINE_TO],
		 valid_names);
	return section_read(inventory, "lines", &b->map, ZONE_TOKYO, t->err);
}

static bool
is_blank(const struct row *row)
{
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		if (row->cell[i].text != NULL)
			return false;
	return true;
}

static int
take_row(struct table *t, struct inventory *inventory, const struct row *row)
{
	if (is_blank(row))
		return 0;
	bool has_line = row->cell[LINE].text != NULL;
	bool is_known = row->cell[ID].text != NULL &&
			names_find(&inventory->participants.list.names,
				   row->cell[ID].text) != NAMES_NONE;

	if ((!is_known || !has_line) && take_participant(t, inventory, row) == -1)
		return -1;
	return has_line ? take_line(t, inventory, row) : 0;
}

static int
read_table(struct table *t, struct inventory *inventory, size_t *rows)
{
	struct yaml_node here = place(t);

	if (!text_is_valid(t->at, (size_t)(t->end - t->at)))
		return yaml_complain(
			t->err, &here,
			"no UTF-8 text; save it as \"CSV UTF-8\", not as Shift_JIS");
	if (t->end - t->at >= 3 && memcmp(t->at, "\xef\xbb\xbf", 3) == 0)
		t->at += 3;
	if (t->at == t->end)
		return yaml_complain(t->err, &here,
				     "the file is empty; a header was expected");
	int result = read_header(t);
	for (*rows = 0; result == 0 && t->at < t->end; ++*rows) {
		struct row row;
		result = read_row(t, &row);
		if (result == 0)
			result = take_row(t, inventory, &row);
		arena_reset(&t->arena);
	}
	return result;
}

int
inventory_csv_to_yaml(const char *name, const char *text, size_t size, FILE *out,
		      size_t *rows, struct error *err)
{
	struct inventory *inventory = inventory_empty();
	struct table t = { .at = text,
			   .end = text + size,
			   .line_begin = text,
			   .line = 1,
			   .name = name,
			   .err = err };

	int result = read_table(&t, inventory, rows);
	if (result == 0)
		inventory_to_yaml(inventory, out);
	arena_release(&t.arena);
	inventory_free(inventory);
	return result;
}
