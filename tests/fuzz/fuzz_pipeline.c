/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_pipeline: any bytes as a capture file give valid records in order of time, and
 * no crash.
 *
 * One pipeline serves all inputs, since nDPI takes long to start; it is
 * finished, and so emptied of flows, after each.
 */
#include <assert.h>
#include <string.h>

#include "common/record_write.h"
#include "tests/fuzz/pcap_bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
on_record(void *ctx, const struct record *record)
{
	static char line[RECORD_SIZE_MAX];
	struct instant *last = ctx;
	struct instant at = record->value[FIELD_TIMESTAMP].time;
	size_t written = record_write(record, NULL, line);

	assert(written > 0 && text_is_valid(line, written));
	assert(!instant_is_before(at, *last));
	*last = at;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pipeline *pipeline;
	static struct instant last = { INT64_MIN };
	struct pipeline_config config = pipeline_defaults;
	struct error err;

	if (pipeline == NULL) {
		config.flows_max = 64;
		config.undecided_max = 8;
		config.stream_bytes_max = 64 << 10;
		config.stream_flow_max = 16 << 10;
		pipeline = pipeline_new(&config, on_record, &last, &err);
		assert(pipeline != NULL);
	}
	pcap_bytes_replay(pipeline, data, size);
	pipeline_finish(pipeline);
	return 0;
}
