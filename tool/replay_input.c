/* SPDX-License-Identifier: Apache-2.0 */
/* replay_input: packets or lines of a file as records of a lane. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/digest.h"
#include "common/record_read.h"
#include "common/record_write.h"
#include "sensor/capture.h"
#include "sensor/pipeline.h"
#include "tool/replay.h"

enum { PACKETS_A_TURN = 1000, LINES_A_TURN = 5000, PROGRESS_LEAST = 4 << 20 };

void
replay_progress(const struct replay *replay, const char *path, uint64_t done,
		uint64_t total)
{
	if (replay->is_quiet || total < PROGRESS_LEAST)
		return;
	if (done >= total)
		fprintf(stderr, "\r\033[K");
	else
		fprintf(stderr, "\r%s: %3" PRIu64 " %%", path, done * 100 / total);
}

/* A capture on its way through the pipeline. */
struct passage {
	struct replay *replay;
	struct pipeline *pipeline;
	const char *epoch;
	uint64_t seq;
	char line[RECORD_SIZE_MAX];
	struct error *err;
	int result;
};

static int
hand_on(struct replay *replay, const char *sensor, const char *epoch, uint32_t lane,
	uint64_t seq, enum event event, const char *line, size_t size,
	struct error *err)
{
	replay->counts.records++;
	replay->counts.of_event[event]++;
	if (replay->records != NULL) {
		fwrite(line, 1, size, replay->records);
		fputc('\n', replay->records);
	}
	return batch_add(replay->batch, sensor, epoch, lane, seq, line, size, err);
}

static void
on_record(void *ctx, const struct record *from)
{
	struct passage *passage = ctx;
	struct record record = *from;

	if (passage->result == -1)
		return;
	record_set_text(&record, FIELD_SEKISHO_EPOCH, text_of(passage->epoch));
	record_set_number(&record, FIELD_SEKISHO_SEQ, ++passage->seq);
	size_t size = record_write(&record, NULL, passage->line);
	passage->result = hand_on(
		passage->replay, passage->replay->sensor, passage->epoch, 0,
		passage->seq, record_event(&record), passage->line, size, passage->err);
}

static void
on_packet(void *ctx, const struct packet *packet)
{
	struct passage *passage = ctx;

	pipeline_packet(passage->pipeline, packet);
}

static int
pass_packets(struct passage *passage, struct capture *capture, const char *path)
{
	uint64_t done, total;

	while (!capture_is_over(capture) && passage->result == 0) {
		if (capture_read(capture, PACKETS_A_TURN, on_packet, passage,
				 passage->err) == -1)
			return -1;
		if (capture_progress(capture, &done, &total))
			replay_progress(passage->replay, path, done, total);
	}
	pipeline_finish(passage->pipeline);
	return passage->result;
}

static void
add_counts(struct replay_counts *counts, const struct pipeline_counters *more)
{
	counts->packets += more->packets;
	counts->bytes += more->bytes;
	counts->flows += more->flows;
	counts->invalid += more->invalid;
	counts->not_ip += more->not_ip;
	counts->fragments += more->fragments;
	counts->evicted += more->evicted;
	counts->violations += more->violations;
}

int
replay_capture(struct replay *replay, const char *path, const char *epoch,
	       struct error *err)
{
	struct pipeline_config config = pipeline_defaults;
	struct capture_config from = { .file = path };
	struct passage *passage = calloc(1, sizeof(*passage));
	int result = -1;

	struct capture *capture = passage != NULL ? capture_open(&from, err) : NULL;
	if (capture == NULL)
		goto out;
	*passage = (struct passage){ .replay = replay, .epoch = epoch, .err = err };
	config.sensor = replay->sensor;
	config.poi = replay->poi;
	passage->pipeline = pipeline_new(&config, on_record, passage, err);
	if (passage->pipeline == NULL)
		goto out;
	result = pass_packets(passage, capture, path);
	struct pipeline_counters more = pipeline_counters(passage->pipeline);
	add_counts(&replay->counts, &more);
out:
	if (passage != NULL)
		pipeline_free(passage->pipeline);
	capture_close(capture);
	free(passage);
	return result;
}

static const char *
name_of(const struct record *record, enum field_id field, const char *otherwise,
	char out[BATCH_NAME_SIZE])
{
	if (!record_has(record, field) || record->value[field].text.size == 0)
		return otherwise;
	struct text text = text_from_bytes(record->value[field].text.at,
					   record->value[field].text.size, out,
					   BATCH_NAME_SIZE - 1, NULL);
	out[text.size] = '\0';
	return out;
}

/* A record that says where it stands keeps its place; any other gets the next of lane
 * 0. */
static int
place_line(struct replay *replay, const struct record *record, const char *epoch,
	   uint64_t *next_seq, const char *line, size_t size, struct error *err)
{
	char sensor_name[BATCH_NAME_SIZE], epoch_name[BATCH_NAME_SIZE];
	const char *sensor =
		name_of(record, FIELD_SEKISHO_SENSOR, replay->sensor, sensor_name);

	if (record_has(record, FIELD_SEKISHO_EPOCH) &&
	    record_has(record, FIELD_SEKISHO_SEQ))
		return hand_on(
			replay, sensor,
			name_of(record, FIELD_SEKISHO_EPOCH, epoch, epoch_name),
			record_has(record, FIELD_SEKISHO_LANE)
				? (uint32_t)record->value[FIELD_SEKISHO_LANE].number
				: 0,
			record->value[FIELD_SEKISHO_SEQ].number, record_event(record),
			line, size, err);
	return hand_on(replay, sensor, epoch, 0, (*next_seq)++, record_event(record),
		       line, size, err);
}

/* How far the file is read; a pipe has no size and shows nothing. */
static void
show_progress(const struct replay *replay, FILE *file, const char *path)
{
	struct stat about;
	off_t done = ftello(file);

	if (done >= 0 && fstat(fileno(file), &about) == 0 && S_ISREG(about.st_mode))
		replay_progress(replay, path, (uint64_t)done, (uint64_t)about.st_size);
}

int
replay_records(struct replay *replay, FILE *file, const char *path, const char *epoch,
	       struct error *err)
{
	uint64_t lines = 0;
	struct record_reader *reader = record_reader_new();
	char *line = NULL;
	size_t room = 0;
	uint64_t next_seq = 1;
	int result = 0;

	for (ssize_t length;
	     result == 0 && (length = getline(&line, &room, file)) > 0;) {
		struct record record;
		struct error why;
		size_t size = (size_t)length - (line[length - 1] == '\n');
		if (++lines % LINES_A_TURN == 0)
			show_progress(replay, file, path);
		if (size == 0)
			continue;
		if (record_read(reader, line, size, &record, &why))
			result = place_line(replay, &record, epoch, &next_seq, line,
					    size, err);
		else
			replay->counts.refused++;
	}
	show_progress(replay, file, path);
	free(line);
	record_reader_free(reader);
	return result;
}

/* The first 16 digits of the content's SHA-256: the same file is never applied twice to
 * a store. */
static int
find_epoch(FILE *file, char epoch[REPLAY_EPOCH_SIZE])
{
	char text[DIGEST_TEXT_SIZE], block[65536];
	struct digester *digester = digester_new();

	for (size_t size; (size = fread(block, 1, sizeof(block), file)) > 0;)
		digester_add(digester, block, size);
	struct digest digest = digester_end(digester);
	digest_to_text(&digest, text);
	memcpy(epoch, text, REPLAY_EPOCH_SIZE - 1);
	epoch[REPLAY_EPOCH_SIZE - 1] = '\0';
	int result = ferror(file) ? -1 : 0;
	rewind(file);
	return result;
}

int
replay_file(struct replay *replay, const char *path, struct error *err)
{
	char epoch[REPLAY_EPOCH_SIZE] = "0000000000000000";
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *file = is_stdin ? stdin : fopen(path, "re");
	int result = -1;

	if (file == NULL)
		return error_errno(err, "cannot open %s", path);
	int first = getc(file);
	if (first != EOF)
		ungetc(first, file);
	replay->counts.files++;
	if (first == EOF)
		error_set(err,
			  "%s is empty or cannot be read; expected pcap, pcapng or "
			  "records",
			  path);
	else if (!is_stdin && (rewind(file), find_epoch(file, epoch) == -1))
		error_errno(err, "cannot read %s", path);
	else if (first == '{')
		result = replay_records(replay, file, path, epoch, err);
	else /* libpcap reads the same stdin, so the byte that was looked at is not lost
	      */
		result = replay_capture(replay, path, epoch, err);
	if (!is_stdin)
		fclose(file);
	return result;
}
