/* SPDX-License-Identifier: Apache-2.0 */
/* test_yaml: the tree knows kinds and lines, and each thing refused says where and why.
 */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/yaml.h"

static struct yaml *
parse(const char *text)
{
	struct error err = { "" };
	struct yaml *yaml = yaml_parse("f.yaml", text, strlen(text), &err);

	if (yaml == NULL)
		fail_msg("%s", err.text);
	return yaml;
}

static const char sample[] = "# comment\n"
			     "name: 病院\n"
			     "count: 12\n"
			     "on: true\n"
			     "list: [a, 'b', 3.5]\n"
			     "none:\n"
			     "map:\n"
			     "  deep: {x: -7}\n";

static void
a_tree_keeps_kinds_and_places(void **state)
{
	(void)state;
	struct yaml *yaml = parse(sample);
	const struct yaml_node *root = yaml_root(yaml, 0);

	assert_int_equal(yaml_document_count(yaml), 1);
	assert_int_equal(root->kind, YAML_MAP);
	assert_int_equal(root->count, 6);
	assert_string_equal(yaml_find(root, "name")->text, "病院");
	assert_int_equal(yaml_find(root, "count")->integer, 12);
	assert_true(yaml_find(root, "on")->flag);
	assert_int_equal(yaml_find(root, "none")->kind, YAML_NULL);
	const struct yaml_node *list = yaml_find(root, "list");
	assert_int_equal(list->count, 3);
	assert_string_equal(list->item[1]->text, "b");
	assert_true(list->item[2]->fraction == 3.5);
	assert_int_equal(list->line, 5);
	assert_int_equal(list->column, 7);
	const struct yaml_node *deep = yaml_find(yaml_find(root, "map"), "deep");
	assert_int_equal(yaml_find(deep, "x")->integer, -7);
	assert_null(yaml_find(root, "absent"));
	assert_string_equal(deep->file, "f.yaml");
	yaml_free(yaml);
}

/* clang-format off */
static const struct plain {
	const char *text;
	enum yaml_kind kind;
} plains[] = {
	{ "null", YAML_NULL }, { "~", YAML_NULL }, { "NULL", YAML_NULL },
	{ "True", YAML_BOOL }, { "false", YAML_BOOL }, { "yes", YAML_TEXT }, { "on", YAML_TEXT },
	{ "0", YAML_INTEGER }, { "-3", YAML_INTEGER }, { "+0012", YAML_INTEGER },
	{ "9223372036854775807", YAML_INTEGER }, { "9223372036854775808", YAML_TEXT },
	{ "0x1f", YAML_TEXT }, { "1_000", YAML_TEXT }, { "1.", YAML_FRACTION },
	{ ".5", YAML_FRACTION }, { "1e3", YAML_FRACTION }, { "1e", YAML_TEXT },
	{ "1e999", YAML_TEXT }, { ".", YAML_TEXT }, { ".inf", YAML_TEXT }, { ".nan", YAML_TEXT },
	{ "200ms", YAML_TEXT }, { "2026-11-24", YAML_TEXT }, { "10.0.0.1", YAML_TEXT },
	{ "'12'", YAML_TEXT }, { "\"true\"", YAML_TEXT }, { "''", YAML_TEXT },
};
/* clang-format on */

static void
plain_words_follow_the_core_schema(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(plains) / sizeof(plains[0]); i++) {
		struct yaml *yaml = parse(plains[i].text);
		if (yaml_root(yaml, 0)->kind != plains[i].kind)
			fail_msg("%s is kind %d", plains[i].text,
				 yaml_root(yaml, 0)->kind);
		yaml_free(yaml);
	}
}

/* clang-format off */
static const struct refusal {
	const char *text;
	const char *message; /* begins with it */
} refusals[] = {
	{ "a: &x 1\n",           "f.yaml:1:4: anchors (&) are not taken" },
	{ "a: *x\n",             "f.yaml:1:4: aliases (*) are not taken" },
	{ "a: !!str 1\n",        "f.yaml:1:4: tags (!) are not taken" },
	{ "a: !x [1]\n",         "f.yaml:1:4: tags (!) are not taken" },
	{ "a: &x {b: 1}\n",      "f.yaml:1:4: anchors (&) are not taken" },
	{ "a: 1\nb: 2\na: 3\n",  "f.yaml:3:1: \"a\" stands twice; also in line 1" },
	{ "? [a, b]\n: 1\n",     "f.yaml:1:3: a key must be one word" },
	{ "a: \"x\\0y\"\n",      "f.yaml:1:4: a NUL character is not taken" },
	{ "a: [1, 2\n",          "f.yaml:2:1: no YAML: " },
	{ "a: 1\n\tb: 2\n",      "f.yaml:2:1: no YAML: " },
	{ "a: b: c\n",           "f.yaml:1:5: no YAML: " },
	{ "a: 1\nb: x\xff y\n",  "f.yaml:2:5: no UTF-8 text" },
	{ "a: \x01\n",           "f.yaml:1:4: no UTF-8 text" },
	{ "%YAML 9.9\n--- a\n",  "f.yaml:1:1: no YAML: " },
	{ "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", "f.yaml:1:17: more than 16 levels deep" },
	{ "{a1: 1, a2: 1, a3: 1, a4: 1, a5: 1, a6: 1, a7: 1, a8: 1, a9: 1, b0: 1, b1: 1, b2: 1, b3: 1,\n"
	  " b4: 1, b5: 1, b6: 1, a7: 1}", "f.yaml:2:23: \"a7\" stands twice; also in line 1" },
};
/* clang-format on */

static void
each_thing_refused_says_where_and_why(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *r = &refusals[i];
		struct error err = { "" };
		struct yaml *yaml =
			yaml_parse("f.yaml", r->text, strlen(r->text), &err);
		if (yaml != NULL)
			fail_msg("taken: %s", r->text);
		if (strncmp(err.text, r->message, strlen(r->message)) != 0)
			fail_msg("not \"%s\" but \"%s\"", r->message, err.text);
	}
}

static void
sixteen_levels_are_taken(void **state)
{
	(void)state;
	yaml_free(parse("[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]"));
}

static void
every_truncation_is_a_tree_or_one_line(void **state)
{
	(void)state;

	for (size_t size = 0; size < sizeof(sample); size++) {
		char *copy = malloc(size ? size : 1);
		struct error err = { "" };
		memcpy(copy, sample, size);
		struct yaml *yaml = yaml_parse("f.yaml", copy, size, &err);
		if (yaml == NULL)
			assert_true(strncmp(err.text, "f.yaml:", 7) == 0 &&
				    strchr(err.text, '\n') == NULL);
		yaml_free(yaml);
		free(copy);
	}
}

static void
every_damaged_byte_is_a_tree_or_one_line(void **state)
{
	(void)state;
	static const char damage[] = { 0,   '\t', '\n', '{', '[',   '"',
				       '&', '!',  '-',  ':', '\xff' };

	for (size_t at = 0; at < sizeof(sample) - 1; at++)
		for (size_t d = 0; d < sizeof(damage); d++) {
			char copy[sizeof(sample)];
			struct error err = { "" };
			memcpy(copy, sample, sizeof(sample));
			copy[at] = damage[d];
			struct yaml *yaml =
				yaml_parse("f.yaml", copy, sizeof(copy) - 1, &err);
			assert_true(yaml != NULL || strchr(err.text, '\n') == NULL);
			yaml_free(yaml);
		}
}

static void
documents_are_counted(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t count;
	} cases[] = { { "", 0 },
		      { "# only words\n", 0 },
		      { "---\n", 1 },
		      { "a: 1\n---\nb: 2\n", 2 },
		      { "\xef\xbb\xbf"
			"a: 1\n",
			1 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct yaml *yaml = parse(cases[i].text);
		assert_int_equal(yaml_document_count(yaml), cases[i].count);
		yaml_free(yaml);
	}
}

static void
unknown_keys_are_named_with_the_nearest(void **state)
{
	(void)state;
	static const char *const known[] = { "above", "below", NULL };
	struct error err;
	struct yaml *yaml = parse("below: 1\nabvoe: 2\n");
	struct yaml *far = parse("zzz: 2\n");
	struct yaml *list = parse("[1]");
	struct yaml *good = parse("above: 2\n");

	assert_int_equal(yaml_only(yaml_root(yaml, 0), known, &err), -1);
	assert_string_equal(
		err.text, "f.yaml:2:1: unknown key \"abvoe\"; did you mean \"above\"?");
	assert_int_equal(yaml_only(yaml_root(far, 0), known, &err), -1);
	assert_string_equal(
		err.text,
		"f.yaml:1:1: unknown key \"zzz\"; expected one of: above, below");
	assert_int_equal(yaml_only(yaml_root(list, 0), known, &err), -1);
	assert_string_equal(err.text,
			    "f.yaml:1:1: no map; \"key: value\" was expected");
	assert_int_equal(yaml_only(yaml_root(good, 0), known, &err), 0);
	yaml_free(yaml);
	yaml_free(far);
	yaml_free(list);
	yaml_free(good);
}

static void
a_complaint_is_one_whole_line(void **state)
{
	(void)state;
	struct error err;
	char text[900] = "\"a\\nb\\t";

	for (size_t i = strlen(text); i + 5 < sizeof(text); i += 3)
		memcpy(text + i, "院", 4);
	strcat(text, "\"");
	struct yaml *yaml = parse(text);
	const struct yaml_node *root = yaml_root(yaml, 0);
	assert_int_equal(yaml_complain(&err, root, "bad \"%s\"", root->text), -1);
	assert_null(strchr(err.text, '\n'));
	assert_memory_equal(err.text, "f.yaml:1:1: bad \"a b 院", 24);
	size_t length = strlen(err.text);
	assert_true(length > 500 && memcmp(err.text + length - 3, "院", 3) == 0);
	yaml_free(yaml);
}

struct seen {
	char text[256];
	int stop_at;
};

static int
note(void *ctx, const struct yaml_node *key, const struct yaml_node *value,
     bool is_item, struct error *err)
{
	struct seen *seen = ctx;
	size_t used = strlen(seen->text);

	if (seen->stop_at-- == 0)
		return yaml_complain(err, value, "enough");
	snprintf(seen->text + used, sizeof(seen->text) - used, "%s%s%s@%u ", key->text,
		 is_item ? "." : "=", value->text ? value->text : "()", value->line);
	return 0;
}

static int
stream(struct seen *seen, const char *text, struct error *err)
{
	return yaml_stream("f.yaml", text, strlen(text), note, seen, err);
}

static void
a_stream_hands_over_items_one_by_one(void **state)
{
	(void)state;
	struct seen seen = { .stop_at = -1 };
	struct error err = { "" };

	assert_int_equal(stream(&seen,
				"v: 1\nlist:\n- a\n- {b: 2}\n- c\nlast: x\nno: []\n",
				&err),
			 0);
	assert_string_equal(seen.text,
			    "v=1@1 list.a@3 list.()@4 list.c@5 last=x@6 no=()@7 ");
}

static void
a_stream_ends_at_the_first_error(void **state)
{
	(void)state;
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "", "f.yaml:1:1: the file is empty" },
		{ "- a\n", "f.yaml:1:1: no map" },
		{ "a: [1]\na: 2\n", "f.yaml:2:1: \"a\" stands twice" },
		{ "a: 1\n---\nb: 2\n", "f.yaml:3:1: a second document" },
		{ "a: [1, &x 2]\n", "f.yaml:1:8: anchors" },
		{ "!x\na: 1\n", "f.yaml:1:1: tags" },
		{ "a: &x [1]\n", "f.yaml:1:4: anchors" },
		{ "a: [1, 2", "f.yaml:2:1: no YAML" },
		{ "a: [1, 2, 3, 4]\n", "f.yaml:1:14: enough" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seen seen = { .stop_at = 3 };
		struct error err = { "" };
		assert_int_equal(stream(&seen, cases[i].text, &err), -1);
		if (strncmp(err.text, cases[i].message, strlen(cases[i].message)) != 0)
			fail_msg("not \"%s\" but \"%s\"", cases[i].message, err.text);
	}
}

static void
a_missing_file_and_one_too_long_are_errors(void **state)
{
	(void)state;
	struct error err;
	char path[] = "/tmp/test_yaml_XXXXXX";
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");

	fputs("a: 12345\n", file);
	fclose(file);
	assert_null(yaml_load("/nonexistent/f.yaml", 100, &err));
	assert_non_null(strstr(err.text, "No such file"));
	assert_null(yaml_load(path, 8, &err));
	assert_non_null(strstr(err.text, "at most 8 bytes"));
	struct yaml *yaml = yaml_load(path, 9, &err);
	assert_non_null(yaml);
	yaml_free(yaml);
	remove(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tree_keeps_kinds_and_places),
		cmocka_unit_test(plain_words_follow_the_core_schema),
		cmocka_unit_test(each_thing_refused_says_where_and_why),
		cmocka_unit_test(sixteen_levels_are_taken),
		cmocka_unit_test(every_truncation_is_a_tree_or_one_line),
		cmocka_unit_test(every_damaged_byte_is_a_tree_or_one_line),
		cmocka_unit_test(documents_are_counted),
		cmocka_unit_test(unknown_keys_are_named_with_the_nearest),
		cmocka_unit_test(a_complaint_is_one_whole_line),
		cmocka_unit_test(a_stream_hands_over_items_one_by_one),
		cmocka_unit_test(a_stream_ends_at_the_first_error),
		cmocka_unit_test(a_missing_file_and_one_too_long_are_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
