/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_engine: records a second through engine_apply and engine_commit, durable, with
 * the shipped rules.
 *
 * A session is a tls and a flow record; 40 clients and 4 services of the example
 * inventory over a day.  The floor it is compared to is the store alone: the
 * same lines as raw records in one table, committed as often.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/record_read.h"
#include "common/record_write.h"
#include "correlator/engine.h"
#include "correlator/inventory/inventory.h"
#include "correlator/policy/policy.h"
#include "store/effects.h"
#include "store/store.h"
#include "tool/place.h"

enum { RECORDS = 200000, FRAME = 500, FRAMES_A_COMMIT = 10, LINE_SIZE = 4096 };

/* 2026-11-24T00:00:00 in Tokyo */
#define MIDNIGHT INT64_C(1795446000000000)

struct text_block {
	char *at;
	size_t size;
};

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
give_up(const struct error *err)
{
	fprintf(stderr, "bench_engine: %s\n", err->text);
	exit(1);
}

static int
make_line(char line[LINE_SIZE], size_t i)
{
	char text[INSTANT_TEXT_SIZE];
	size_t session = i / 2, client = session % 40, server = 10 + session % 4;
	int64_t at = MIDNIGHT + (int64_t)session * (INSTANT_DAY / (RECORDS / 2));
	bool is_flow = i % 2 == 1;

	instant_to_text((struct instant){ at }, text);
	return snprintf(
		line, LINE_SIZE,
		"{\"timestamp\":\"%s\",\"flow_id\":%zu,\"host\":\"sensor-east\","
		"\"event_type\":\"%s\","
		"\"src_ip\":\"10.11.%zu.20\",\"src_port\":%zu,\"dest_ip\":\"10.10.0.%"
		"zu\","
		"\"dest_port\":443,\"proto\":\"TCP\",\"ip_v\":4,\"app_proto\":\"tls\","
		"\"community_id\":\"1:AAAAAAAAAAAAAAAAAAAAAAAAAAA=\",%s,"
		"\"sekisho\":{\"v\":1,\"poi\":\"poi-east\",\"sensor\":\"sensor-east\","
		"\"client\":{\"ip\":\"10.11.%zu.20\",\"port\":%zu},"
		"\"server\":{\"ip\":\"10.10.0.%zu\",\"port\":443},\"direction_"
		"confidence\":\"syn\","
		"\"is_final\":true}}",
		text, session + 1, is_flow ? "flow" : "tls", client % 3,
		1024 + session % 60000, server,
		is_flow ? "\"flow\":{\"pkts_toserver\":12,\"pkts_toclient\":20,"
			  "\"bytes_toserver\":2500,\"bytes_toclient\":40000,\"state\":"
			  "\"closed\"}"
			: "\"tls\":{\"sni\":\"portal.base.example\",\"version\":\"TLS "
			  "1.3\","
			  "\"cipher_suite\":\"TLS_AES_256_GCM_SHA384\",\"group\":"
			  "\"x25519\"}",
		client % 3, 1024 + session % 60000, server);
}

/* Frames of canonical lines, as a sensor writes them. */
static void
make_frames(struct text_block frames[RECORDS / FRAME])
{
	struct record_reader *reader = record_reader_new();
	static char line[LINE_SIZE], canonical[RECORD_SIZE_MAX];
	struct record record;
	struct error err;

	for (size_t i = 0; i < RECORDS; i++) {
		struct text_block *frame = &frames[i / FRAME];
		if (i % FRAME == 0)
			*frame = (struct text_block){ .at = malloc((size_t)FRAME *
								   LINE_SIZE) };
		int size = make_line(line, i);
		if (!record_read(reader, line, (size_t)size, &record, &err))
			give_up(&err);
		size_t written = record_write(&record, NULL, canonical);
		memcpy(frame->at + frame->size, canonical, written);
		frame->at[frame->size + written] = '\n';
		frame->size += written + 1;
	}
	record_reader_free(reader);
}

static double
run_engine(const struct text_block *frames, const struct inventory *inventory,
	   const struct policy *policy, struct store *store)
{
	struct error err;
	struct engine *engine = engine_new(inventory, policy, store, ENGINE_LIVE, &err);
	if (engine == NULL)
		give_up(&err);
	double begin = seconds();

	for (size_t i = 0; i < RECORDS / FRAME; i++) {
		if (engine_apply(engine, "sensor-east", "aa", 0, i * FRAME + 1, FRAME,
				 frames[i].at, frames[i].size, &err) == -1)
			give_up(&err);
		if (i % FRAMES_A_COMMIT == FRAMES_A_COMMIT - 1 &&
		    engine_commit(engine, &err) == -1)
			give_up(&err);
	}
	double took = seconds() - begin;
	struct engine_counters counters = engine_counters(engine);
	fprintf(stderr,
		"bench_engine: %" PRIu64 " records, %" PRIu64 " findings, %" PRIu64
		" alerts\n",
		counters.records, counters.findings, counters.alerts);
	engine_free(engine);
	return took;
}

static double
run_floor(const struct text_block *frames, struct store *store)
{
	struct error err;
	double begin = seconds();

	for (size_t i = 0; i < RECORDS / FRAME; i++) {
		const char *at = frames[i].at;
		if (store_begin(store, &err) == -1)
			give_up(&err);
		for (size_t j = 0; j < FRAME; j++) {
			const char *end = strchr(at, '\n');
			struct record_row row = { .sensor = "sensor-east",
						  .epoch = "aa",
						  .seq = i * FRAME + j + 1,
						  .time = { MIDNIGHT },
						  .event = "flow",
						  .line = at,
						  .size = (size_t)(end - at) };
			if (store_add_record(store, &row, &err) == -1)
				give_up(&err);
			at = end + 1;
		}
		if (i % FRAMES_A_COMMIT == FRAMES_A_COMMIT - 1 &&
		    store_commit(store, &err) == -1)
			give_up(&err);
	}
	return seconds() - begin;
}

/* A store of its own for each run, gone afterwards. */
static struct store *
new_store(char directory[PLACE_SIZE])
{
	struct error err;
	struct store *store = NULL;

	if (place_make_temporary(directory, &err) == 0)
		store = store_open(directory, STORE_WRITE, &err);
	if (store == NULL)
		give_up(&err);
	return store;
}

int
main(void)
{
	static struct text_block frames[RECORDS / FRAME];
	char directory[PLACE_SIZE];
	struct error err;
	struct inventory *inventory = inventory_load("rules/inventory-example", &err);
	struct policy *policy =
		inventory != NULL ? policy_load("rules", inventory, &err) : NULL;

	if (policy == NULL)
		give_up(&err);
	make_frames(frames);
	struct store *store = new_store(directory);
	double floor = run_floor(frames, store);
	store_close(store);
	place_remove_temporary(directory);
	store = new_store(directory);
	double engine = run_engine(frames, inventory, policy, store);
	store_close(store);
	place_remove_temporary(directory);
	printf("raw_records_alone %.0f records/s 1.00\n", RECORDS / floor);
	printf("engine_apply_commit %.0f records/s %.2f\n", RECORDS / engine,
	       floor / engine);
	for (size_t i = 0; i < RECORDS / FRAME; i++)
		free(frames[i].at);
	policy_free(policy);
	inventory_free(inventory);
	return 0;
}
