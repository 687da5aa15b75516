/* SPDX-License-Identifier: Apache-2.0 */
/* test_inventory_csv: a table goes out and comes back the same, and a bad cell says
 * where it is. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "correlator/inventory/csv.h"

static const char nation[] =
	"format: inventory/1\n"
	"regions: [{id: ra, title: {ja: あ, en: A}}]\n"
	"pois: [{id: e, title: {ja: 東, en: E}}, {id: w, title: {ja: 西, en: W}}]\n";

static const char people[] =
	"format: inventory/1\nparticipants:\n"
	"- {id: p, kind: clinic, partition: ra, title: {ja: \"「医院」, 分院\", en: 'A "
	"\"quoted\" \\ one'}, kana: カナ,\n"
	"   code: '0012', contact: x, valid: {from: 2026-04-01, to: "
	"2027-01-01T00:00:00Z}}\n"
	"- {id: q, kind: hospital, partition: base, title: {ja: q, en: q}}\n"
	"lines:\n"
	"- {id: l, kind: ip_vpn, participant: p, poi: e, also_at: [w], vlan: [100, "
	"20], prefixes: [10.0.0.0/8, '2001:db8::/32']}\n"
	"- {id: m, kind: base, participant: p, poi: w, prefixes: [172.16.0.0/12], "
	"valid: {to: 2026-12-01}}\n";

static struct inventory *
load(const char *yaml)
{
	struct error err = { "" };
	char *whole;
	size_t size;
	FILE *out = open_memstream(&whole, &size);

	/* the header of the second file is not repeated inside one */
	fprintf(out, "%s%s", nation, yaml + strlen("format: inventory/1\n"));
	fclose(out);
	struct inventory *inventory = inventory_parse("i.yaml", whole, size, &err);
	free(whole);
	if (inventory == NULL)
		fail_msg("%s in %s", err.text, yaml);
	return inventory;
}

static char *
to_csv(const struct inventory *inventory)
{
	char *csv;
	size_t size;
	FILE *out = open_memstream(&csv, &size);

	inventory_to_csv(inventory, out);
	fclose(out);
	return csv;
}

/* YAML of a table, or NULL with '*err'. */
static char *
to_yaml(const char *csv, size_t size, size_t *rows, struct error *err)
{
	char *yaml;
	size_t length;
	FILE *out = open_memstream(&yaml, &length);
	int result = inventory_csv_to_yaml("t.csv", csv, size, out, rows, err);

	fclose(out);
	if (result == 0)
		return yaml;
	assert_int_equal(length, 0);
	free(yaml);
	return NULL;
}

static void
a_table_goes_out_and_comes_back_the_same(void **state)
{
	(void)state;
	struct error err = { "" };
	size_t rows;
	struct inventory *first = load(people);
	char *csv = to_csv(first);
	char *yaml = to_yaml(csv, strlen(csv), &rows, &err);

	if (yaml == NULL)
		fail_msg("%s in %s", err.text, csv);
	assert_int_equal(rows, 3);
	struct inventory *second = load(yaml);
	char *again = to_csv(second);
	assert_string_equal(csv, again);
	const struct participant *p = inventory_find_participant(second, "p");
	assert_string_equal(p->title.en, "A \"quoted\" \\ one");
	assert_string_equal(p->title.ja, "「医院」, 分院");
	assert_string_equal(p->code, "0012");
	const struct line *line = inventory_next_line(second, p, NULL);
	assert_int_equal(line->vlan_count, 2);
	assert_int_equal(line->prefix_count, 2);
	assert_int_equal(line->valid_from.usec, p->valid_from.usec);
	free(again);
	free(yaml);
	free(csv);
	inventory_free(first);
	inventory_free(second);
}

/* clang-format off */
static const struct { const char *csv, *message; } refusals[] = {
	{ "", "t.csv:1:1: the file is empty" },
	{ "id,knd\n", "t.csv:1:4: unknown key \"knd\"; did you mean \"kind\"?" },
	{ "id,id\n", "t.csv:1:4: the column \"id\" stands twice" },
	{ "id,kind\na,\"clinic\n", "t.csv:2:3: the quote is not closed" },
	{ "id,kind\na,\"clinic\"x\n", "t.csv:2:3: something follows the closing quote" },
	{ "id,kind\na,clinic,z\n", "t.csv:2:10: more cells than the header has (2)" },
	{ "id,kind\na,clinc\n", "t.csv:2:3: kind \"clinc\" is not known; did you mean \"clinic\"?" },
	{ "id,kind\na,clinic\n", "t.csv:2:1: \"partition\" is missing" },
	{ "id,kind,partition,title_ja\na,clinic,ra,x\n", "t.csv:2:1: title needs both" },
	{ "kind\nclinic\n", "t.csv:2:1: \"id\" is missing" },
	{ "id,kind,partition,title_ja,title_en\na,clinic,ra,x,y\na,clinic,ra,x,y\n",
	  "t.csv:3:1: participant \"a\" stands twice; also at t.csv:2:1" },
	{ "id,kind,partition,title_ja,title_en,line,line_kind,poi,prefixes\na,clinic,ra,x,y,l,ip_vpn,e,10.0.0.0/8 10.0.0.1/8\n",
	  "t.csv:2:28: \"10.0.0.1/8\" is no prefix" },
	{ "id,kind\na,\x95\x61\n", "t.csv:1:1: no UTF-8 text; save it as \"CSV UTF-8\"" },
};
/* clang-format on */

static void
each_bad_cell_says_where_it_is(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct error err = { "" };
		const char *want = refusals[i].message;
		size_t rows;
		char *yaml =
			to_yaml(refusals[i].csv, strlen(refusals[i].csv), &rows, &err);
		if (yaml != NULL || strncmp(err.text, want, strlen(want)) != 0)
			fail_msg("not \"%s\" but \"%s\"", want, err.text);
	}
}

static void
what_spreadsheets_write_is_taken(void **state)
{
	(void)state;
	static const char csv[] =
		"\xef\xbb\xbf"
		"title_en,title_ja,id,partition,kind\r\n"
		"\"a, b\",あ,x,base,clinic\r\n,,,,\r\nc,い,y,base,dental";
	struct error err = { "" };
	size_t rows;
	char *yaml = to_yaml(csv, strlen(csv), &rows, &err);

	if (yaml == NULL)
		fail_msg("%s", err.text);
	struct inventory *inventory = load(yaml);
	assert_int_equal(inventory_participant_count(inventory), 2);
	assert_string_equal(inventory_participant(inventory, 0)->title.en, "a, b");
	assert_string_equal(inventory_participant(inventory, 1)->kind, "dental");
	inventory_free(inventory);
	free(yaml);
}

static void
every_truncation_and_damage_is_a_table_or_one_line(void **state)
{
	(void)state;
	struct inventory *inventory = load(people);
	char *csv = to_csv(inventory);
	size_t size = strlen(csv), rows;

	for (size_t i = 0; i < size; i++) {
		static const char damage[] = { '"', ',', '\n', '\0', '\xff' };
		struct error err = { "" };
		char *copy = malloc(i ? i : 1), was = csv[i];
		memcpy(copy, csv, i);
		char *cut = to_yaml(copy, i, &rows, &err);
		assert_true(cut != NULL || strncmp(err.text, "t.csv:", 6) == 0);
		free(cut);
		free(copy);
		for (size_t d = 0; d < sizeof(damage); d++) {
			csv[i] = damage[d];
			char *damaged = to_yaml(csv, size, &rows, &err);
			assert_true(damaged != NULL ||
				    strncmp(err.text, "t.csv:", 6) == 0);
			free(damaged);
		}
		csv[i] = was;
	}
	free(csv);
	inventory_free(inventory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_goes_out_and_comes_back_the_same),
		cmocka_unit_test(each_bad_cell_says_where_it_is),
		cmocka_unit_test(what_spreadsheets_write_is_taken),
		cmocka_unit_test(every_truncation_and_damage_is_a_table_or_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
