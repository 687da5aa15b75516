/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_sigma: what detections and correlations cost a record, with the own rules and
 * with ten times as many of the same shapes.
 *
 * The copies have other ids and look for other texts and numbers, so they are other
 * rules; records are flows and TLS sessions as the month of the demo has them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/record_read.h"
#include "correlator/policy/set.h"
#include "correlator/sigma/correlating.h"

enum {
	RECORDS = 200000,
	SHAPES = 3,
	COPIES = 10,
	GROUPS = 50000,
	RULES_SIZE = 1 << 20
};

static void
ignore_finding(void *ctx, const struct finding *finding)
{
	(void)finding;
	++*(uint64_t *)ctx;
}

static void
ignore_event(void *ctx, const struct correlation_event *event)
{
	(void)event;
	++*(uint64_t *)ctx;
}

static int
ignore_hit(void *ctx, const struct correlation_hit *hit)
{
	(void)ctx;
	(void)hit;
	return 0;
}

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static const char *const lines[SHAPES] = {
	"{\"timestamp\":\"2026-11-24T03:00:00.000000+0000\",\"event_type\":\"flow\","
	"\"flow_id\":1,"
	"\"src_ip\":\"10.11.1.20\",\"src_port\":40000,\"dest_ip\":\"10.10.0.13\","
	"\"dest_port\":443,"
	"\"proto\":\"TCP\",\"app_proto\":\"tls\",\"flow\":{\"pkts_toserver\":8,\"pkts_"
	"toclient\":9,"
	"\"bytes_toserver\":2363,\"bytes_toclient\":35966,\"age\":14,\"state\":"
	"\"closed\"},"
	"\"sekisho\":{\"client\":{\"ip\":\"10.11.1.20\",\"port\":40000},"
	"\"server\":{\"ip\":\"10.10.0.13\",\"port\":443}}}",
	"{\"timestamp\":\"2026-11-24T03:00:00.000000+0000\",\"event_type\":\"tls\","
	"\"flow_id\":1,"
	"\"src_ip\":\"10.11.1.20\",\"src_port\":40000,\"dest_ip\":\"10.10.0.13\","
	"\"dest_port\":443,"
	"\"proto\":\"TCP\",\"tls\":{\"sni\":\"portal.base.example\",\"version\":\"TLS "
	"1.3\"}}",
	"{\"timestamp\":\"2026-11-24T03:00:00.000000+0000\",\"event_type\":\"flow\","
	"\"flow_id\":2,"
	"\"src_ip\":\"10.11.1.20\",\"dest_ip\":\"10.12.1.5\",\"src_port\":40001,\"dest_"
	"port\":445,"
	"\"proto\":\"TCP\",\"flow\":{\"pkts_toserver\":3,\"pkts_toclient\":0},"
	"\"sekisho\":{\"client\":{\"ip\":\"10.11.1.20\",\"port\":40001},"
	"\"server\":{\"ip\":\"10.12.1.5\",\"port\":445}}}",
};

/* 'count' rules in the three shapes most of ours have. */
static struct sigma *
make_rules(size_t count)
{
	static const char *const shapes[SHAPES] = {
		"selection: {app_proto: [telnet%zu, ftp%zu]}",
		"selection: {flow.pkts_toclient|gte: %zu, app_proto|contains: name%zu}",
		"selection: {dest_port: %zu, tls.sni|endswith: \".n%zu.example\"}",
	};
	struct error err;
	size_t used = 0;
	char *text = malloc(RULES_SIZE);
	struct rule_text files[64];
	size_t file_count = 0;

	for (size_t i = 0; i < count; i++) {
		if (i % 200 == 0)
			files[file_count++] =
				(struct rule_text){ "bench", text + used, 0 };
		char search[160];
		snprintf(search, sizeof(search), shapes[i % SHAPES], i + 1000, i);
		size_t more =
			(size_t)snprintf(text + used, RULES_SIZE - used,
					 "---\ntitle: t\nid: "
					 "00000000-0000-4000-8000-%012zx\nlevel: low\n"
					 "logsource: {product: sekisho, category: "
					 "network}\ndetection:\n  %s\n"
					 "  condition: all of them\n",
					 i, search);
		used += more;
		files[file_count - 1].size += more;
	}
	struct sigma *sigma = sigma_parse(files, file_count, NULL, 0, &err);
	if (sigma == NULL)
		fprintf(stderr, "bench_sigma: %s\n", err.text);
	free(text);
	return sigma;
}

/* Seconds a record. */
static double
measure(const struct sigma *sigma)
{
	struct record_reader *reader[SHAPES];
	struct record record[SHAPES];
	struct error err;
	uint64_t matches = 0;

	for (size_t i = 0; i < SHAPES; i++) {
		reader[i] = record_reader_new();
		if (!record_read(reader[i], lines[i], strlen(lines[i]), &record[i],
				 &err))
			fprintf(stderr, "bench_sigma: %s\n", err.text);
	}
	double begin = now();
	for (size_t i = 0; i < RECORDS; i++)
		sigma_hear(sigma, &record[i % SHAPES], NULL, ignore_finding,
			   ignore_event, &matches);
	double seconds = (now() - begin) / RECORDS;
	for (size_t i = 0; i < SHAPES; i++)
		record_reader_free(reader[i]);
	return seconds;
}

static void
measure_groups(const struct sigma *sigma)
{
	struct correlating *correlating =
		correlating_new(sigma, NULL, ignore_hit, NULL);
	struct record_name name = { { "s", "e", 0 }, 0, 0 };
	char key[64];

	double begin = now();
	for (size_t i = 0; i < GROUPS; i++) {
		int size = snprintf(key, sizeof(key), "10.%zu.%zu.%zu", i >> 16,
				    i >> 8 & 255, i & 255);
		struct correlation_event event = { .correlation =
							   sigma_correlation(sigma, 0),
						   .group = { key, (uint32_t)size },
						   .value = i };
		name.seq++;
		name.time = (int64_t)(1795143600000000 + i);
		correlating_time(correlating, "p", &name.place, name.time);
		correlating_add(correlating, "p", &name, &event);
	}
	correlating_end(correlating);
	double seconds = now() - begin;
	printf("correlation_bytes_per_group %.0f bytes %.2f\n",
	       (double)correlating_bytes(correlating) /
		       (double)correlating_groups(correlating),
	       1.0);
	printf("correlation_events %.0f events/s %.2f\n", GROUPS / seconds, 1.0);
	correlating_free(correlating);
}

int
main(void)
{
	struct error err;
	struct sigma *own = sigma_load("rules", &err), *some = make_rules(100),
		     *many = make_rules((size_t)100 * COPIES), *most = make_rules(3000);

	if (own == NULL || some == NULL || many == NULL || most == NULL) {
		fprintf(stderr, "bench_sigma: %s\n",
			own == NULL ? err.text : "no rules");
		return 1;
	}
	double cost = measure(own), few = measure(some), more = measure(many);
	double all = measure(most);
	printf("sigma_own_%zu_rules %.0f records/s %.2f\n", sigma_count(own), 1 / cost,
	       1.0);
	printf("sigma_100_rules %.0f records/s %.2f\n", 1 / few, 1.0);
	printf("sigma_1000_rules %.0f records/s %.2f\n", 1 / more, more / few);
	printf("sigma_3000_rules %.0f records/s %.2f\n", 1 / all, all / few);
	measure_groups(own);
	sigma_free(own);
	sigma_free(some);
	sigma_free(many);
	sigma_free(most);
	return 0;
}
