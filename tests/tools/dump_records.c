/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dump_records: the records of a capture as JSON lines on standard output.
 *
 * usage: dump_records FILE.pcap [KEY]   The whole pipeline, with its defaults; KEY is a
 * file as common/pseudonym.h has it.
 */
#include <stdio.h>

#include "common/exit_code.h"
#include "common/pseudonym.h"
#include "common/record_write.h"
#include "sensor/capture.h"
#include "sensor/pipeline.h"

struct dump {
	uint64_t seq;
	struct pseudonym_key *key; /* owned, or NULL */
	char line[RECORD_SIZE_MAX];
};

/* The sink owns sekisho.seq; the rest is the pipeline's. */
static void
on_record(void *ctx, const struct record *record)
{
	struct dump *dump = ctx;
	struct record numbered = *record;

	record_set_number(&numbered, FIELD_SEKISHO_SEQ, ++dump->seq);
	size_t size = record_write(&numbered, dump->key, dump->line);
	fwrite(dump->line, 1, size, stdout);
	putchar('\n');
}

static void
on_packet(void *ctx, const struct packet *packet)
{
	pipeline_packet(ctx, packet);
}

static int
run(struct capture *capture, const char *key, struct error *err)
{
	static struct dump dump;
	int count = 0;

	if (key != NULL && (dump.key = pseudonym_key_load(key, err)) == NULL)
		return -1;
	struct pipeline *pipeline =
		pipeline_new(&pipeline_defaults, on_record, &dump, err);
	if (pipeline == NULL)
		return -1;
	while (count >= 0 && !capture_is_over(capture))
		count = capture_read(capture, 1024, on_packet, pipeline, err);
	pipeline_finish(pipeline);
	pipeline_free(pipeline);
	pseudonym_key_free(dump.key);
	return count < 0 ? -1 : 0;
}

int
main(int argc, char **argv)
{
	struct error err;
	struct capture_config config = { .file = argc > 1 ? argv[1] : NULL,
					 .snap_length = 262144 };

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: dump_records FILE.pcap [KEY]\n");
		return EXIT_CODE_USAGE;
	}
	struct capture *capture = capture_open(&config, &err);
	int result = capture ? run(capture, argv[2], &err) : -1;
	if (capture)
		capture_close(capture);
	if (result == -1) {
		fprintf(stderr, "dump_records: %s\n", err.text);
		return EXIT_CODE_ENVIRONMENT;
	}
	return EXIT_CODE_OK;
}
