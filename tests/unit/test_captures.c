/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_captures: real captures, whole, cut and damaged, through the whole lane.
 *
 * Those that stand in SEKISHO_CAPTURES (../shared/captures if not set)
 * are taken; without them the tests say that they are skipped.  Damage is
 * seeded: each run does the same.
 */
#include "tests/unit/test.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "common/record_write.h"
#include "tests/fuzz/pcap_bytes.h"

enum {
	DAMAGES = 200,
	MOST_BYTES = 256 << 10 /* of one capture per kind of damage and round */
};

struct output {
	uint64_t records, sum;
	struct instant last;
	char line[RECORD_SIZE_MAX];
};

static void
on_record(void *ctx, const struct record *record)
{
	struct output *output = ctx;
	struct instant at = record->value[FIELD_TIMESTAMP].time;
	size_t size = record_write(record, NULL, output->line);

	assert_true(size > 0);
	assert_true(text_is_valid(output->line, size));
	assert_false(instant_is_before(at, output->last));
	output->last = at;
	output->records++;
	for (size_t i = 0; i < size; i++) /* FNV-1a over all that is written */
		output->sum = (output->sum ^ (uint8_t)output->line[i]) *
			      UINT64_C(1099511628211);
}

static struct pipeline *
small_pipeline(struct output *output)
{
	struct pipeline_config config = pipeline_defaults;
	struct error err;

	config.flows_max = 1024;
	config.undecided_max = 64;
	config.stream_bytes_max = 1 << 20;
	*output = (struct output){ .last = { INT64_MIN } };
	struct pipeline *pipeline = pipeline_new(&config, on_record, output, &err);
	assert_non_null(pipeline);
	return pipeline;
}

static void
find_captures(glob_t *found)
{
	const char *folder = getenv("SEKISHO_CAPTURES");
	char pattern[512];

	snprintf(pattern, sizeof(pattern), "%s/*.pcap*",
		 folder ? folder : "../shared/captures");
	if (glob(pattern, 0, NULL, found) != 0)
		skip();
}

static uint8_t *
load(const char *path, size_t *size)
{
	char *data = NULL;
	struct error err;

	assert_int_equal(file_read(path, 16 << 20, &data, size, &err), 0);
	return (uint8_t *)data;
}

static uint32_t
next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static void
the_same_capture_gives_the_same_bytes(void **state)
{
	glob_t found;
	struct output output[2];
	(void)state;

	find_captures(&found);
	for (int round = 0; round < 2; round++) {
		struct pipeline *pipeline = small_pipeline(&output[round]);
		for (size_t i = 0; i < found.gl_pathc; i++) {
			size_t size;
			uint8_t *data = load(found.gl_pathv[i], &size);
			assert_true(pcap_bytes_replay(pipeline, data, size) > 0);
			pipeline_finish(pipeline);
			free(data);
		}
		pipeline_free(pipeline);
	}
	assert_true(output[0].records > 1000);
	assert_int_equal(output[0].records, output[1].records);
	assert_true(output[0].sum == output[1].sum);
	globfree(&found);
}

static void
cut_anywhere_a_capture_does_no_harm(void **state)
{
	glob_t found;
	struct output output;
	uint32_t random = 1;
	(void)state;

	find_captures(&found);
	struct pipeline *pipeline = small_pipeline(&output);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		size_t size;
		uint8_t *data = load(found.gl_pathv[i], &size);
		size_t within = size < MOST_BYTES ? size : MOST_BYTES;
		for (int cut = 0; cut < DAMAGES; cut++) {
			pcap_bytes_replay(pipeline, data,
					  next_random(&random) % within);
			pipeline_finish(pipeline);
		}
		free(data);
	}
	assert_true(output.records > 0);
	pipeline_free(pipeline);
	globfree(&found);
}

static void
with_any_byte_changed_a_capture_does_no_harm(void **state)
{
	glob_t found;
	struct output output;
	uint32_t random = 2;
	(void)state;

	find_captures(&found);
	struct pipeline *pipeline = small_pipeline(&output);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		size_t size;
		uint8_t *data = load(found.gl_pathv[i], &size);
		size_t within = size < MOST_BYTES / 8 ? size : MOST_BYTES / 8;
		for (int flip = 0; flip < DAMAGES; flip++) {
			size_t at = next_random(&random) % within;
			uint8_t kept = data[at];
			data[at] ^= (uint8_t)(1 + next_random(&random) % 255);
			pcap_bytes_replay(pipeline, data, within);
			pipeline_finish(pipeline);
			data[at] = kept;
		}
		free(data);
	}
	assert_true(output.records > 0);
	pipeline_free(pipeline);
	globfree(&found);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_capture_gives_the_same_bytes),
		cmocka_unit_test(cut_anywhere_a_capture_does_no_harm),
		cmocka_unit_test(with_any_byte_changed_a_capture_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
