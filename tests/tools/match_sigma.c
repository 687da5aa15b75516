/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match_sigma: which detections each record of a file matches, for oracles.
 * usage: match_sigma RULES.yml RECORDS.ndjson
 * Prints "SKIP id reason" for rules that are not loaded, then a line a record: the ids that match.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "common/record_read.h"
#include "correlator/sigma/sigma.h"

enum { FILE_MAX = 64 << 20 };

static void
print_match(void *ctx, const struct finding *finding)
{
	(void)ctx;
	printf(" %s", finding->requirement->id);
}

static void
match_lines(const struct sigma *sigma, char *line, size_t size)
{
	struct record_reader *reader = record_reader_new();
	struct error err;
	struct record record;

	for (char *end = line + size, *stop; line < end; line = stop + 1) {
		stop = memchr(line, '\n', (size_t)(end - line));
		if (stop == NULL)
			stop = end;
		if (!record_read(reader, line, (size_t)(stop - line), &record, &err))
			printf(" REFUSED");
		else
			sigma_judge(sigma, &record, NULL, print_match, NULL);
		putchar('\n');
	}
	if (record_reader_counters(reader).bad_members > 0)
		fprintf(stderr, "match_sigma: members of the records were refused\n");
	record_reader_free(reader);
}

static int
run(const char *name, char *rules, size_t rules_size, char *records, size_t records_size)
{
	struct rule_text file = { name, rules, rules_size };
	struct error err;
	struct sigma *sigma = sigma_parse(&file, 1, NULL, 0, &err);

	if (sigma == NULL) {
		fprintf(stderr, "%s\n", err.text);
		return 3;
	}
	for (size_t i = 0; i < sigma_count(sigma); i++)
		if (sigma_row(sigma, i)->state != DETECTION_LOADED)
			printf("SKIP %s %s\n", sigma_row(sigma, i)->about.id, sigma_row(sigma, i)->reason);
	match_lines(sigma, records, records_size);
	sigma_free(sigma);
	return 0;
}

int
main(int argc, char **argv)
{
	char *rules = NULL, *records = NULL;
	size_t rules_size, records_size;
	struct error err;
	int status = 3;

	if (argc != 3) {
		fprintf(stderr, "usage: match_sigma RULES.yml RECORDS.ndjson\n");
		return 2;
	}
	if (file_read(argv[1], FILE_MAX, &rules, &rules_size, &err) == -1 ||
	    file_read(argv[2], FILE_MAX, &records, &records_size, &err) == -1)
		fprintf(stderr, "%s\n", err.text);
	else
		status = run(argv[1], rules, rules_size, records, records_size);
	free(rules);
	free(records);
	return status;
}
