/* SPDX-License-Identifier: Apache-2.0 */
/* test_settings: option over file over initial; every bad one is one line that says
 * what would be right. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/settings.h"

struct config {
	const char *name, *path;
	int64_t count, wait, room;
	bool loud, calm;
	int mode;
	struct words words;
};

static const char *const modes[] = { "slow", "fast", NULL };

#define INTO(member) offsetof(struct config, member)
/* clang-format off */
static const struct setting table[] = {
	{ "Main", "name", 'n', SETTING_TEXT, INTO(name), .key = "name", .placeholder = "NAME", .meaning = "a name" },
	{ "Main", "path", 0, SETTING_PATH, INTO(path), .initial = "/tmp/x", .key = "store.path", .meaning = "a path" },
	{ "Main", "count", 'c', SETTING_NUMBER, INTO(count), .initial = "7", .least = 1, .most = 64,
	  .key = "limits.count", .meaning = "how many" },
	{ "Time", "wait", 'w', SETTING_DURATION, INTO(wait), .initial = "200ms", .least = 1000,
	  .most = INT64_C(300000000), .key = "limits.wait", .meaning = "how long" },
	{ "Time", "room", 0, SETTING_SIZE, INTO(room), .initial = "64MiB", .key = "limits.room", .meaning = "how much" },
	{ "Time", "loud", 'l', SETTING_BOOL, INTO(loud), .key = "loud", .meaning = "say more" },
	{ "Time", "calm", 0, SETTING_BOOL, INTO(calm), .initial = "true", .meaning = "be calm" },
	{ "Time", "mode", 0, SETTING_CHOICE, INTO(mode), .initial = "fast", .choices = modes, .key = "mode", .meaning = "which" },
	{ "Time", "words", 0, SETTING_WORDS, INTO(words), .initial = "x,y", .key = "words", .meaning = "some words" },
	{ 0 },
};
/* clang-format on */

static int
check(const void *into, struct error *err)
{
	const struct config *config = into;

	return config->count == 13 ? error_set(err, "13 brings bad luck") : 0;
}

static const struct settings_program program = {
	.name = "prog",
	.purpose = "Tests settings.",
	.arguments = "FILE [FILE]",
	.arguments_most = 2,
	.table = table,
	.check = check,
};

struct run {
	struct config config;
	struct settings settings;
	struct error err;
	char *out;
	enum settings_result result;
};

/* Splits 'line' at blanks, and runs it. */
static struct run
run(const char *line)
{
	struct run run = { .err = { "" } };
	char *copy = strdup(line), *argv[32];
	int argc = 0;
	size_t size;
	FILE *out = open_memstream(&run.out, &size);

	for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
		argv[argc++] = strcmp(word, "EMPTY") == 0 ? (char *)"" : word;
	argv[argc] = NULL;
	run.result = settings_parse(&program, argc, argv, &run.config, &run.settings,
				    out, &run.err);
	fclose(out);
	/* the arguments borrow argv, which goes now */
	run.settings.argument = NULL;
	free(copy);
	return run;
}

static void
end(struct run *run)
{
	settings_release(&run->settings);
	free(run->out);
}

static char folder[] = "/tmp/test_settings_XXXXXX";
static char file[64];

static void
put(const char *text, size_t size)
{
	FILE *out = fopen(file, "w");

	assert_non_null(out);
	fwrite(text, 1, size, out);
	fclose(out);
}

static struct run
run_with_file(const char *text, const char *more)
{
	char line[200];

	put(text, strlen(text));
	snprintf(line, sizeof(line), "prog --config %s %s", file, more);
	return run(line);
}

static void
the_table_says_what_holds_if_nobody_else_does(void **state)
{
	(void)state;
	struct run r = run("prog");

	assert_int_equal(r.result, SETTINGS_GO);
	assert_null(r.config.name);
	assert_string_equal(r.config.path, "/tmp/x");
	assert_int_equal(r.config.count, 7);
	assert_int_equal(r.config.wait, 200000);
	assert_int_equal(r.config.room, 64 << 20);
	assert_false(r.config.loud);
	assert_true(r.config.calm);
	assert_int_equal(r.config.mode, 1);
	assert_int_equal(r.config.words.count, 2);
	assert_string_equal(r.config.words.word[1], "y");
	end(&r);
}

static void
each_form_of_an_option_is_read(void **state)
{
	(void)state;
	struct run r = run("prog a --name=b --count 3 -w 5m --room 1GiB -ln c "
			   "--no-calm --mode slow "
			   "--words p,q --words r,s -- --z");

	if (r.result != SETTINGS_GO)
		fail_msg("%s", r.err.text);
	assert_string_equal(r.config.name, "c");
	assert_int_equal(r.config.count, 3);
	assert_int_equal(r.config.wait, 300000000);
	assert_int_equal(r.config.room, 1 << 30);
	assert_true(r.config.loud);
	assert_false(r.config.calm);
	assert_int_equal(r.config.mode, 0);
	assert_int_equal(r.config.words.count, 4);
	assert_string_equal(r.config.words.word[3], "s");
	assert_int_equal(r.settings.argument_count, 2);
	end(&r);
	r = run("prog -c9 --wait 0 --room=0");
	assert_int_equal(r.result, SETTINGS_USAGE); /* wait has a least of 1ms */
	assert_string_equal(
		r.err.text,
		"prog: --wait: \"0\" is no duration here; expected 1ms to 5m");
	end(&r);
}

static void
options_win_over_the_file_and_the_file_over_the_table(void **state)
{
	(void)state;
	struct run r = run_with_file(
		"name: f\nlimits:\n  count: 5\n  wait: 2s\nloud: true\nmode: slow\n"
		"words: [a, 'b,c']\nstore:\n",
		"--count 9 --words w");

	if (r.result != SETTINGS_GO)
		fail_msg("%s", r.err.text);
	assert_string_equal(r.config.name, "f");
	assert_int_equal(r.config.count, 9);
	assert_int_equal(r.config.wait, 2000000);
	assert_true(r.config.loud);
	assert_int_equal(r.config.mode, 0);
	assert_string_equal(r.config.path, "/tmp/x");
	assert_int_equal(r.config.words.count, 1);
	end(&r);
	r = run_with_file("words: [a, 'b,c']\n", "");
	assert_int_equal(r.config.words.count, 2);
	assert_string_equal(r.config.words.word[1], "b,c");
	end(&r);
	r = run_with_file("words: one\n", "--no-loud");
	assert_int_equal(r.config.words.count, 1);
	end(&r);
}

/* clang-format off */
static const struct { const char *line, *message; } usages[] = {
	{ "prog --nmae x",        "prog: no option --nmae; did you mean --name?" },
	{ "prog --zzzzzz",        "prog: no option --zzzzzz; --help lists them all" },
	{ "prog --no-name",       "prog: no option --no-name; --help lists them all" },
	{ "prog --man-option",    "prog: no option --man-option; --help lists them all" },
	{ "prog -z",              "prog: no option -z; --help lists them all" },
	{ "prog --count",         "prog: --count has no value; expected --count NUMBER (1 to 64)" },
	{ "prog -n",              "prog: --name has no value; expected --name NAME" },
	{ "prog --count 0",       "prog: --count: \"0\" is no number here; expected 1 to 64" },
	{ "prog --count 12x",     "prog: --count: \"12x\" is no number here; expected 1 to 64" },
	{ "prog --count -1",      "prog: --count: \"-1\" is no number here; expected 1 to 64" },
	{ "prog --count=",        "prog: --count: \"\" is no number here; expected 1 to 64" },
	{ "prog --count 99999999999999999999", "prog: --count: \"99999999999999999999\" is no number here; expected 1 to 64" },
	{ "prog --wait 30",       "prog: --wait: \"30\" has no unit; expected a duration such as 200ms, 10s, 5m, 1h, 30d" },
	{ "prog --wait 30sec",    "prog: --wait: \"30sec\" has an unknown unit; expected a duration such as" },
	{ "prog --wait 6m",       "prog: --wait: \"6m\" is no duration here; expected 1ms to 5m" },
	{ "prog --room 64MB",     "prog: --room: \"64MB\" has an unknown unit; expected a size such as 64KiB, 64MiB, 10GiB" },
	{ "prog --room 99999999TiB", "prog: --room: \"99999999TiB\"" },
	{ "prog --room x",        "prog: --room: \"x\" is no size here; expected a size such as" },
	{ "prog --loud=maybe",    "prog: --loud: \"maybe\" is no yes or no here; expected true or false" },
	{ "prog --mode quick",    "prog: --mode: \"quick\" is no choice here; expected one of: slow, fast" },
	{ "prog --count 13",      "prog: 13 brings bad luck" },
	{ "prog a b c",           "prog: \"c\" is too much; expected FILE [FILE]" },
}, inputs[] = {
	{ "nmae: x\n",            ":1:1: unknown key \"nmae\"; did you mean \"name\"?" },
	{ "limits:\n  cuont: 3\n", ":2:3: unknown key \"cuont\"; did you mean \"count\"?" },
	{ "qqqqqq: 1\n",          ":1:1: unknown key \"qqqqqq\"; expected one of: name, store, limits, loud, mode, words" },
	{ "limits: 3\n",          ":1:9: no map; \"key: value\" was expected" },
	{ "limits:\n  count: 99\n", ":2:10: limits.count: \"99\" is no number here; expected 1 to 64" },
	{ "limits:\n  count: [1]\n", ":2:10: limits.count: a single value was expected" },
	{ "limits:\n  wait: 30\n", ":2:9: limits.wait: \"30\" has no unit" },
	{ "words: [[a]]\n",       ":1:9: words: a list of single words was expected" },
	{ "- a\n",                ":1:1: no map" },
	{ "name: x\nname: y\n",   ":2:1: \"name\" stands twice; also in line 1" },
	{ "name: x\n---\na: b\n", ":3:1: a second document" },
	{ "name: \xff\n",         ":1:7: no UTF-8 text" },
	{ "limits: {count: 13}\n", ": 13 brings bad luck" },
};
/* clang-format on */

static void
each_bad_option_is_one_line_and_usage(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(usages) / sizeof(usages[0]); i++) {
		struct run r = run(usages[i].line);
		if (r.result != SETTINGS_USAGE ||
		    strncmp(r.err.text, usages[i].message, strlen(usages[i].message)) !=
			    0)
			fail_msg("%s: %d \"%s\"", usages[i].line, r.result, r.err.text);
		end(&r);
	}
}

static void
each_bad_file_is_one_line_with_its_place_and_input(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
		struct run r = run_with_file(inputs[i].line, "");
		char want[300];
		snprintf(want, sizeof(want), "%s%s", file, inputs[i].message);
		if (r.result != SETTINGS_INPUT ||
		    strncmp(r.err.text, want, strlen(want)) != 0)
			fail_msg("%s: %d \"%s\"", inputs[i].line, r.result, r.err.text);
		end(&r);
	}
}

static void
empty_huge_and_missing_files_have_their_answer(void **state)
{
	(void)state;
	struct run r = run_with_file("", "--check-config");
	char *huge = malloc(2 << 20), line[200];

	assert_int_equal(r.result, SETTINGS_DONE);
	assert_non_null(strstr(r.out, "the configuration is good"));
	end(&r);
	memset(huge, '#', 2 << 20);
	put(huge, 2 << 20);
	free(huge);
	snprintf(line, sizeof(line), "prog --config %s", file);
	r = run(line);
	assert_int_equal(r.result, SETTINGS_INPUT);
	assert_non_null(strstr(r.err.text, "at most 1048576 bytes"));
	end(&r);
	r = run("prog --config /nonexistent/f.yaml");
	assert_int_equal(r.result, SETTINGS_INPUT);
	assert_non_null(strstr(r.err.text, "No such file"));
	end(&r);
}

static void
help_version_and_man_page_come_from_the_table(void **state)
{
	(void)state;
	struct run r = run("prog --help");

	assert_int_equal(r.result, SETTINGS_DONE);
	assert_non_null(strstr(
		r.out,
		"usage: prog [OPTION...] FILE [FILE]\nTests settings.\n\nMain\n"));
	assert_non_null(strstr(r.out,
			       "  -n, --name NAME             a name\n"
			       "                              (in the file name)\n"));
	assert_non_null(
		strstr(r.out, "(default 7; 1 to 64; in the file limits.count)"));
	assert_non_null(
		strstr(r.out, "(default 200ms; 1ms to 5m; in the file limits.wait)"));
	assert_non_null(strstr(r.out, "--check-config"));
	assert_null(strstr(r.out, "man-options"));
	end(&r);
	r = run("prog --version --mode fast");
	assert_string_equal(r.out, "prog " SEKISHO_VERSION "\n");
	end(&r);
	r = run("prog --man-options");
	assert_non_null(strstr(r.out, ".SH OPTIONS\n.SS Main\n.TP\n\\fB\\-n\\fR, "
				      "\\fB\\-\\-name\\fR \\fINAME\\fR\n"
				      "a name\n(in the file name).\n"));
	assert_non_null(strstr(r.out, "\\fB\\-\\-check\\-config\\fR\n"));
	end(&r);
}

/* The example says nothing as it stands, and with its keys let loose what the table
 * says. */
static void
the_example_file_is_one_it_would_read(void **state)
{
	(void)state;
	struct run example = run("prog --config-example");
	char *loose = calloc(1, strlen(example.out) + 1), *to = loose;

	assert_non_null(
		strstr(example.out, "\nlimits:\n  # how many; 1 to 64\n  #count: 7\n"));
	assert_non_null(
		strstr(example.out, "\n# which; one of: slow, fast\n#mode: fast\n"));
	struct run r = run_with_file(example.out, "--check-config");
	if (r.result != SETTINGS_DONE)
		fail_msg("%s", r.err.text);
	end(&r);
	for (const char *from = example.out; *from != '\0'; from++)
		if (*from != '#' || from[1] == ' ')
			*to++ = *from;
	r = run_with_file(loose, "");
	if (r.result != SETTINGS_GO)
		fail_msg("%s", r.err.text);
	assert_int_equal(r.config.count, 7);
	assert_int_equal(r.config.wait, 200000);
	assert_int_equal(r.config.words.count, 2);
	end(&r);
	end(&example);
	free(loose);
}

static int
make_folder(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(file, sizeof(file), "%s/f.yaml", folder);
	return 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	remove(file);
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_says_what_holds_if_nobody_else_does),
		cmocka_unit_test(each_form_of_an_option_is_read),
		cmocka_unit_test(options_win_over_the_file_and_the_file_over_the_table),
		cmocka_unit_test(each_bad_option_is_one_line_and_usage),
		cmocka_unit_test(each_bad_file_is_one_line_with_its_place_and_input),
		cmocka_unit_test(empty_huge_and_missing_files_have_their_answer),
		cmocka_unit_test(the_example_file_is_one_it_would_read),
		cmocka_unit_test(help_version_and_man_page_come_from_the_table),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
