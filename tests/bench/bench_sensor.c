/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_sensor: a capture file through capture, pipeline and record_write, and what it
 * cost.
 *
 * usage: bench_sensor FILE [OUT [FLOWS]]   records go to OUT (/dev/null)
 * Prints packets, flows, records, seconds of CPU, packets a second and peak memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "common/record_write.h"
#include "sensor/capture.h"
#include "sensor/pipeline.h"

static void
on_record(void *ctx, const struct record *record)
{
	static char line[RECORD_SIZE_MAX + 1];
	size_t size = record_write(record, NULL, line);

	line[size++] = '\n';
	fwrite(line, 1, size, ctx);
}

static void
on_packet(void *ctx, const struct packet *packet)
{
	pipeline_packet(ctx, packet);
}

static int
run(const char *path, FILE *out, const char *flows, struct error *err)
{
	struct pipeline_config config = pipeline_defaults;
	struct capture_config from = { .file = path };
	int result = -1;

	if (flows != NULL)
		config.flows_max = (uint32_t)strtoul(flows, NULL, 10);
	struct pipeline *pipeline = pipeline_new(&config, on_record, out, err);
	struct capture *capture = capture_open(&from, err);
	if (pipeline == NULL || capture == NULL)
		goto end;
	do {
		result = capture_read(capture, 4096, on_packet, pipeline, err);
	} while (result > 0);
	pipeline_finish(pipeline);
	struct pipeline_counters counters = pipeline_counters(pipeline);
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		     (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
	fprintf(stderr,
		"packets %llu flows %llu records %llu evicted %llu cpu %.2f s "
		"packets/s %.0f "
		"peak %ld kB\n",
		(unsigned long long)counters.packets,
		(unsigned long long)counters.flows,
		(unsigned long long)counters.records,
		(unsigned long long)counters.evicted, cpu,
		(double)counters.packets / cpu, usage.ru_maxrss);
end:
	capture_close(capture);
	pipeline_free(pipeline);
	return result;
}

int
main(int argc, char **argv)
{
	struct error err = { "" };

	if (argc < 2) {
		fputs("usage: bench_sensor FILE [OUT [FLOWS]]\n", stderr);
		return 2;
	}
	FILE *out = fopen(argc > 2 ? argv[2] : "/dev/null", "w");
	if (out == NULL || run(argv[1], out, argc > 3 ? argv[3] : NULL, &err) == -1) {
		fprintf(stderr, "bench_sensor: %s\n", err.text);
		return 4;
	}
	return fclose(out) == 0 ? 0 : 4;
}
