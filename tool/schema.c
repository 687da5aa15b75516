/* SPDX-License-Identifier: Apache-2.0 */
/* schema: 'sekisho schema': what a record may hold, as a JSON schema or a page. */
#include "tool/schema.h"

#include <stdio.h>
#include <string.h>

#include "common/exit_code.h"
#include "common/record_docs.h"

static const char usage[] =
	"usage: sekisho schema [--markdown]\n"
	"\n"
	"Prints the JSON schema (draft 2020-12) of a record, or with\n"
	"--markdown the page docs/RECORDS.md.\n";

int
command_schema(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		fputs(usage, stdout);
		return EXIT_CODE_OK;
	}
	if (argc == 2 && strcmp(argv[1], "--markdown") == 0) {
		record_docs_page(stdout);
	} else if (argc == 1) {
		record_docs_schema(stdout);
	} else {
		fprintf(stderr,
			"sekisho schema: '%s' is not known; expected --markdown\n",
			argv[1]);
		return EXIT_CODE_USAGE;
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("sekisho schema: cannot write");
		return EXIT_CODE_ENVIRONMENT;
	}
	return EXIT_CODE_OK;
}
