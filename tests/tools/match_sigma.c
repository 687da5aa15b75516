/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match_sigma: which detections each record of a file matches, and which correlations fire, for oracles.
 * usage: match_sigma RULES.yml RECORDS.ndjson [RESTART]
 * Prints "SKIP id reason" for rules that are not loaded, then a line a record: the ids that match; of a set with
 * correlations instead "FIRE id time seq value group" for each.  With RESTART the state goes through its kept bytes
 * every so many records.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "common/record_read.h"
#include "correlator/sigma/correlating.h"

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

/* Correlations over a file, and what they kept. */
struct trial {
	const struct sigma *sigma;
	struct correlating *correlating;
	char poi[CORRELATING_NAME_SIZE];
	struct record_name name;
	size_t kept_count, kept_room;
	struct kept {
		char poi[CORRELATING_NAME_SIZE];
		bool is_whole;
		uint8_t *data;
		size_t size;
	} *kept;
};

static int
print_hit(void *ctx, const struct correlation_hit *hit)
{
	(void)ctx;
	printf("FIRE %s %lld %llu %llu ", hit->about->id, (long long)hit->now,
	       (unsigned long long)hit->record[hit->record_count - 1].seq, (unsigned long long)hit->value);
	for (size_t i = 0; i < hit->group.size; i++)
		putchar(hit->group.at[i] == CORRELATION_SEPARATOR ? '|' : hit->group.at[i]);
	putchar('\n');
	return 0;
}

static void
ignore(void *ctx, const struct finding *finding)
{
	(void)ctx;
	(void)finding;
}

static void
add_event(void *ctx, const struct correlation_event *event)
{
	struct trial *trial = ctx;

	correlating_add(trial->correlating, trial->poi, &trial->name, event);
}

static int
keep(void *ctx, const char *poi, bool is_whole, const uint8_t *data, size_t size)
{
	struct trial *trial = ctx;

	if (trial->kept_count == trial->kept_room) {
		trial->kept_room = 2 * trial->kept_room + 16;
		trial->kept = reallocarray(trial->kept, trial->kept_room, sizeof(*trial->kept));
	}
	struct kept *kept = &trial->kept[trial->kept_count++];
	*kept = (struct kept){ .is_whole = is_whole, .size = size, .data = malloc(size) };
	snprintf(kept->poi, sizeof(kept->poi), "%s", poi);
	memcpy(kept->data, data, size);
	return 0;
}

/* Single lanes a sensor here: where each stands is not asked again. */
static int64_t
clock_of(void *ctx, const struct record_place *place)
{
	(void)place;
	return *(const int64_t *)ctx;
}

static void
restart(struct trial *trial, int64_t now)
{
	correlating_keep(trial->correlating, keep, trial);
	correlating_free(trial->correlating);
	trial->correlating = correlating_new(trial->sigma, NULL, print_hit, trial);
	for (size_t i = 0; i < trial->kept_count; i++) {
		const struct kept *kept = &trial->kept[i];
		bool is_replaced = false;
		for (size_t later = i + 1; later < trial->kept_count; later++)
			is_replaced |= trial->kept[later].is_whole && strcmp(trial->kept[later].poi, kept->poi) == 0;
		if (!is_replaced && !correlating_load(trial->correlating, kept->poi, kept->is_whole, kept->data, kept->size))
			fprintf(stderr, "match_sigma: what was kept cannot be read\n");
	}
	correlating_resume(trial->correlating, clock_of, &now);
}

static void
correlate(const struct sigma *sigma, char *line, size_t size, unsigned long every)
{
	struct record_reader *reader = record_reader_new();
	struct trial trial = { .sigma = sigma };
	struct error err;
	struct record record;
	unsigned long count = 0;
	int64_t furthest = 0;

	trial.correlating = correlating_new(sigma, NULL, print_hit, &trial);
	for (char *end = line + size, *stop; line < end; line = stop + 1) {
		stop = memchr(line, '\n', (size_t)(end - line));
		if (stop == NULL)
			stop = end;
		if (!record_read(reader, line, (size_t)(stop - line), &record, &err)) {
			fprintf(stderr, "match_sigma: %s\n", err.text);
			continue;
		}
		struct text poi = record.value[FIELD_SEKISHO_POI].text;
		snprintf(trial.poi, sizeof(trial.poi), "%.*s", (int)poi.size, poi.at);
		trial.name = (struct record_name){ { "s", "e", 0 }, ++count, record.value[FIELD_TIMESTAMP].time.usec };
		if (trial.name.time > furthest)
			furthest = trial.name.time;
		correlating_time(trial.correlating, trial.poi, &trial.name.place, trial.name.time);
		sigma_hear(sigma, &record, NULL, ignore, add_event, &trial);
		if (every > 0 && count % every == 0)
			restart(&trial, furthest);
	}
	correlating_end(trial.correlating);
	correlating_free(trial.correlating);
	for (size_t i = 0; i < trial.kept_count; i++)
		free(trial.kept[i].data);
	free(trial.kept);
	record_reader_free(reader);
}

static int
run(const char *name, char *rules, size_t rules_size, char *records, size_t records_size, unsigned long every)
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
	if (sigma_correlation_count(sigma) > 0)
		correlate(sigma, records, records_size, every);
	else
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

	if (argc != 3 && argc != 4) {
		fprintf(stderr, "usage: match_sigma RULES.yml RECORDS.ndjson [RESTART]\n");
		return 2;
	}
	if (file_read(argv[1], FILE_MAX, &rules, &rules_size, &err) == -1 ||
	    file_read(argv[2], FILE_MAX, &records, &records_size, &err) == -1)
		fprintf(stderr, "%s\n", err.text);
	else
		status = run(argv[1], rules, rules_size, records, records_size,
			     argc == 4 ? strtoul(argv[3], NULL, 10) : 0);
	free(rules);
	free(records);
	return status;
}
