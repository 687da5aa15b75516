/* SPDX-License-Identifier: Apache-2.0 */
/* test_log: what common/log promises. */
#include "common/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/exit_code.h"
#include "tests/unit/test.h"

struct heard {
	unsigned count;
	enum log_level level;
	char line[2048];
};

static void
hear(void *ctx, enum log_level level, const char *line)
{
	struct heard *heard = ctx;

	heard->count++;
	heard->level = level;
	snprintf(heard->line, sizeof(heard->line), "%s", line);
}

static void
the_sink_gets_level_subsystem_and_words(void **state)
{
	struct heard heard = { 0 };

	(void)state;
	log_to(hear, &heard);
	log_warn("spool", "only %d bytes left", 7);
	assert_int_equal(heard.level, LOG_LEVEL_WARNING);
	assert_string_equal(heard.line, "spool: only 7 bytes left");
	log_error("spool", "full");
	assert_int_equal(heard.level, LOG_LEVEL_ERROR);
	log_to(NULL, NULL);
	assert_int_equal(heard.count, 2);
}

static void
what_is_less_urgent_than_the_level_is_not_said(void **state)
{
	struct heard heard = { 0 };

	(void)state;
	log_to(hear, &heard);
	log_debug("x", "quiet by default");
	assert_int_equal(heard.count, 0);
	log_level_set(LOG_LEVEL_DEBUG);
	log_debug("x", "now said");
	assert_int_equal(heard.count, 1);
	log_level_set(LOG_LEVEL_ERROR);
	log_info("x", "not said");
	log_warn("x", "not said");
	log_error("x", "said");
	assert_int_equal(heard.count, 2);
	log_level_set(LOG_LEVEL_INFO);
	log_to(NULL, NULL);
}

static void
a_line_stays_one_line_of_bounded_size(void **state)
{
	struct heard heard = { 0 };
	char lengthy[4000];

	(void)state;
	memset(lengthy, 'a', sizeof(lengthy));
	lengthy[sizeof(lengthy) - 1] = '\0';
	log_to(hear, &heard);
	log_info("x", "a\nb\x1b[31mc");
	assert_string_equal(heard.line, "x: a b [31mc");
	log_info("x", "%s", lengthy);
	assert_int_equal(strlen(heard.line), 1023);
	log_to(NULL, NULL);
}

/* Runs log_error, then log_fatal, in a child; what it wrote, and its exit status. */
static int
say_in_child(const char *journal, char *said, size_t room)
{
	int ends[2], status;
	size_t used = 0;
	ssize_t got;

	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child != -1);
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		if (journal != NULL)
			setenv("JOURNAL_STREAM", journal, 1);
		else
			unsetenv("JOURNAL_STREAM");
		log_info("a", "one");
		log_fatal("b", "two");
	}
	close(ends[1]);
	while ((got = read(ends[0], said + used, room - 1 - used)) > 0)
		used += (size_t)got;
	said[used] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
stderr_gets_words_and_the_journal_gets_numbers(void **state)
{
	char said[256];

	(void)state;
	assert_int_equal(say_in_child(NULL, said, sizeof(said)), EXIT_CODE_ENVIRONMENT);
	assert_string_equal(said, "info: a: one\nerror: b: two\n");
	assert_int_equal(say_in_child("8:1", said, sizeof(said)),
			 EXIT_CODE_ENVIRONMENT);
	assert_string_equal(said, "<6>a: one\n<3>b: two\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sink_gets_level_subsystem_and_words),
		cmocka_unit_test(what_is_less_urgent_than_the_level_is_not_said),
		cmocka_unit_test(a_line_stays_one_line_of_bounded_size),
		cmocka_unit_test(stderr_gets_words_and_the_journal_gets_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
