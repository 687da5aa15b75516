/* SPDX-License-Identifier: Apache-2.0 */
/* test_spool: seqs without a hole, order of what goes at the limit, grace, restored
 * correlators. */
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/spool.h"

struct place {
	char directory[64], path[96];
	struct spool_config config;
	struct spool *spool;
	struct frame_codec *codec;
	char raw[FRAME_RAW_MAX / 16];
};

static void
reopen(struct place *place)
{
	struct error err;

	spool_close(place->spool);
	place->spool = spool_open(&place->config, &err);
	if (place->spool == NULL)
		fail_msg("%s", err.text);
}

static int
set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	strcpy(place->directory, "/tmp/test_spool.XXXXXX");
	assert_non_null(mkdtemp(place->directory));
	snprintf(place->path, sizeof(place->path), "%s/spool.db", place->directory);
	place->config = (struct spool_config){ .path = place->path,
					       .sensor = "sensor-1",
					       .size_max = SPOOL_SIZE_MIN,
					       .grace = 60 * INSTANT_SECOND,
					       .lanes = 2 };
	place->codec = frame_codec_new();
	reopen(place);
	*state = place;
	return 0;
}

static int
tear_down(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm", ".lock" };
	struct place *place = *state;

	spool_close(place->spool);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		char path[128];
		snprintf(path, sizeof(path), "%s%s", place->path, ends[i]);
		unlink(path);
	}
	rmdir(place->directory);
	frame_codec_free(place->codec);
	free(place);
	return 0;
}

/* 'flows' flow records among 'count', each with 400 digits that zstd cannot shrink
 * much. */
static struct frame_header
lines(struct place *place, uint32_t lane, uint16_t count, uint16_t flows)
{
	static uint32_t random = 1;
	struct frame_header header = { .count = count, .lane = lane };
	size_t size = 0;

	header.first_seq = spool_lane(place->spool, lane)->next_seq;
	header.first.usec = (int64_t)header.first_seq * INSTANT_SECOND;
	header.last.usec = header.first.usec + (count - 1) * INSTANT_SECOND;
	for (uint16_t i = 0; i < count; i++) {
		size += (size_t)sprintf(place->raw + size,
					"{\"event_type\":\"%s\",\"x\":\"",
					i < flows ? "flow" : "tls");
		for (int j = 0; j < 50; j++) {
			random = random * 1664525 + 1013904223;
			size += (size_t)sprintf(place->raw + size, "%08x", random);
		}
		size += (size_t)sprintf(place->raw + size, "\"}\n");
	}
	header.raw_size = (uint32_t)size;
	return header;
}

static void
add(struct place *place, uint32_t lane, uint16_t count, uint16_t flows)
{
	struct frame_header header = lines(place, lane, count, flows);
	struct error err;

	if (spool_append(place->spool, &header, place->raw, flows > 0, &err) == -1 ||
	    spool_commit(place->spool, &err) == -1)
		fail_msg("%s", err.text);
}

static bool
next(struct place *place, int64_t after, struct spool_row *row)
{
	struct error err;
	int found = spool_next(place->spool, after, row, &err);

	if (found == -1)
		fail_msg("%s", err.text);
	return found == 1;
}

static void
clean(struct place *place, int64_t second)
{
	struct error err;

	if (spool_clean(place->spool, (struct instant){ second * INSTANT_SECOND },
			&err) == -1)
		fail_msg("%s", err.text);
}

static unsigned
frames_waiting(struct place *place)
{
	struct spool_row row;
	unsigned count = 0;

	for (int64_t after = 0; next(place, after, &row); count++)
		after = row.id;
	return count;
}

static void
an_epoch_is_random_and_lasts(void **state)
{
	struct place *place = *state;
	char epoch[SPOOL_EPOCH_SIZE];

	strcpy(epoch, spool_epoch(place->spool));
	assert_int_equal(strspn(epoch, "0123456789abcdef"), 16);
	reopen(place);
	assert_string_equal(spool_epoch(place->spool), epoch);
	spool_close(place->spool);
	place->spool = NULL;
	unlink(place->path);
	reopen(place);
	assert_string_not_equal(spool_epoch(place->spool), epoch);
}

static void
seqs_go_on_over_restarts_lane_by_lane(void **state)
{
	struct place *place = *state;

	add(place, 0, 10, 0);
	add(place, 1, 3, 0);
	reopen(place);
	assert_int_equal(spool_lane(place->spool, 0)->next_seq, 11);
	assert_int_equal(spool_lane(place->spool, 1)->next_seq, 4);
	assert_int_equal(spool_lane(place->spool, 0)->last.usec, 10 * INSTANT_SECOND);
}

static void
seqs_and_ids_go_on_after_all_is_deleted(void **state)
{
	struct place *place = *state;
	struct spool_row row, later;

	add(place, 0, 10, 0);
	assert_true(next(place, 0, &row));
	spool_position(place->spool, 0, 10);
	clean(place, 100);
	clean(place, 200);
	reopen(place);
	assert_false(next(place, 0, &later));
	add(place, 0, 1, 0);
	assert_true(next(place, 0, &later));
	assert_int_equal(later.first_seq, 11);
	assert_true(later.id > row.id);
}

static void
a_rollback_leaves_no_trace(void **state)
{
	struct place *place = *state;
	struct error err;

	add(place, 0, 5, 0);
	struct frame_header header = lines(place, 0, 7, 0);
	assert_int_equal(spool_append(place->spool, &header, place->raw, false, &err),
			 0);
	spool_rollback(place->spool);
	assert_int_equal(spool_lane(place->spool, 0)->next_seq, 6);
	assert_int_equal(frames_waiting(place), 1);
}

static void
frames_come_out_as_they_went_in(void **state)
{
	struct place *place = *state;
	struct frame_header header;
	struct spool_row row;
	const char *raw;
	struct error err;

	add(place, 1, 100, 50);
	assert_true(next(place, 0, &row));
	assert_int_equal(
		frame_open(place->codec, row.frame, row.size, &header, &raw, &err), 0);
	assert_int_equal(row.lane, 1);
	assert_int_equal(row.last_seq, 100);
	assert_int_equal(header.first_seq, 1);
	assert_memory_equal(raw, place->raw, header.raw_size);
}

static void
committed_frames_wait_out_their_grace(void **state)
{
	struct place *place = *state;

	for (int i = 0; i < 4; i++)
		add(place, 0, 10, 0);
	spool_position(place->spool, 0, 25); /* in the middle of the third */
	assert_int_equal(frames_waiting(place), 2);
	clean(place, 100);
	clean(place, 159);
	spool_position(place->spool, 0, 0); /* the correlator came back from a backup */
	assert_int_equal(frames_waiting(place), 4);
	spool_position(place->spool, 0, 25);
	clean(place, 160);
	clean(place, 221);
	spool_position(place->spool, 0, 0);
	assert_int_equal(frames_waiting(place), 2);
}

static void
a_position_past_the_end_is_cut(void **state)
{
	struct place *place = *state;

	add(place, 0, 10, 0);
	spool_position(place->spool, 0, 1000);
	assert_int_equal(spool_lane(place->spool, 0)->committed, 10);
	spool_position(place->spool, 77, 1); /* a lane that is none */
	add(place, 0, 10, 0);
	assert_int_equal(frames_waiting(place), 1);
}

static uint64_t
count_kind(struct place *place, const char *kind)
{
	struct spool_row row;
	uint64_t count = 0;

	for (int64_t after = 0; next(place, after, &row); after = row.id) {
		struct frame_header header;
		const char *raw;
		struct error err;

		assert_int_equal(frame_open(place->codec, row.frame, row.size, &header,
					    &raw, &err),
				 0);
		assert_int_equal(header.first_seq, row.first_seq);
		for (const char *at = raw; at < raw + header.raw_size;
		     at = strchr(at, '\n') + 1)
			count +=
				*at == '{' && strncmp(at + 14, kind, strlen(kind)) == 0;
	}
	return count;
}

static void
at_the_limit_flows_go_first_and_are_counted(void **state)
{
	struct place *place = *state;
	struct spool_counters counters;
	struct error err;
	uint64_t evidence = 0, flows = 0;

	while (spool_lane(place->spool, 0)->lost == 0) { /* the cap is reached */
		add(place, 0, 100, 70);
		evidence += 30;
		flows += 70;
	}
	for (int i = 0; i < 10; i++) {
		add(place, 0, 100, 70);
		evidence += 30;
		flows += 70;
	}
	const struct spool_lane *lane = spool_lane(place->spool, 0);
	assert_int_equal(count_kind(place, "\"tls"), evidence);
	assert_int_equal(count_kind(place, "\"flow"), flows - lane->lost);
	assert_int_equal(lane->untold, lane->lost);
	assert_int_equal(lane->untold_first.usec, INSTANT_SECOND);
	assert_int_equal(spool_counters(place->spool, &counters, &err), 0);
	assert_int_equal(counters.lost, lane->lost);
	assert_true(counters.bytes <= SPOOL_SIZE_MIN - SPOOL_SIZE_MIN / 8);
}

static void
without_flows_the_oldest_evidence_goes(void **state)
{
	struct place *place = *state;
	struct spool_row row;
	struct stat about;

	for (int i = 0; i < 120; i++)
		add(place, 0, 100, i % 2 ? 100 : 0);
	const struct spool_lane *lane = spool_lane(place->spool, 0);
	assert_true(lane->lost > 6000); /* all flows, and evidence */
	assert_int_equal(lane->lost % 100, 0);
	assert_true(next(place, 0, &row));
	assert_int_equal(count_kind(place, "\"tls"), 12000 - lane->lost);
	assert_int_equal(lane->next_seq, 12001);
	reopen(place); /* the log is emptied into the file */
	assert_int_equal(stat(place->path, &about), 0);
	assert_true((uint64_t)about.st_size <= SPOOL_SIZE_MIN);
}

static void
at_the_limit_committed_frames_go_before_anything_is_lost(void **state)
{
	struct place *place = *state;

	for (int i = 0; i < 60; i++) {
		add(place, 0, 100, 50);
		spool_position(place->spool, 0,
			       spool_lane(place->spool, 0)->next_seq - 1);
	}
	assert_int_equal(spool_lane(place->spool, 0)->lost, 0);
}

static void
at_the_limit_what_is_on_its_way_stays(void **state)
{
	struct place *place = *state;
	struct spool_row row;

	add(place, 0, 100, 100);
	assert_true(next(place, 0, &row));
	spool_sent(place->spool, row.id);
	for (int i = 0; i < 60; i++)
		add(place, 0, 100, 50);
	assert_true(spool_lane(place->spool, 0)->lost > 0);
	assert_true(next(place, 0, &row));
	assert_int_equal(row.first_seq, 1);
}

static void
what_is_told_is_no_longer_untold(void **state)
{
	struct place *place = *state;
	struct error err;

	while (spool_lane(place->spool, 0)->untold == 0)
		add(place, 0, 100, 70);
	reopen(place);
	uint64_t untold = spool_lane(place->spool, 0)->untold;
	assert_true(untold > 0);
	struct frame_header header = lines(place, 0, 1, 0);
	assert_int_equal(spool_append(place->spool, &header, place->raw, false, &err),
			 0);
	uint64_t more = spool_lane(place->spool, 0)->untold - untold;
	spool_told(place->spool, 0, untold);
	assert_int_equal(spool_commit(place->spool, &err), 0);
	reopen(place);
	assert_int_equal(spool_lane(place->spool, 0)->untold, more);
	assert_true(spool_lane(place->spool, 0)->lost >= untold);
}

static void
space_is_given_back(void **state)
{
	struct place *place = *state;
	struct stat full, empty;

	for (int i = 0; i < 15; i++)
		add(place, 0, 100, 0);
	reopen(place);
	assert_int_equal(stat(place->path, &full), 0);
	spool_position(place->spool, 0, 1500);
	clean(place, 100);
	clean(place, 200);
	clean(place, 201);
	reopen(place);
	assert_int_equal(stat(place->path, &empty), 0);
	assert_true(empty.st_size < full.st_size / 4);
}

static void
strangers_are_refused(void **state)
{
	struct place *place = *state;
	struct spool_config other = place->config;
	struct error err;

	assert_null(spool_open(&other, &err));
	assert_non_null(strstr(err.text, "in use by another sensor"));
	spool_close(place->spool);
	place->spool = NULL;
	other.sensor = "sensor-2";
	assert_null(spool_open(&other, &err));
	assert_non_null(strstr(err.text, "belongs to sensor \"sensor-1\""));
	other.sensor = "sensor-1";
	other.size_max = 1000;
	assert_null(spool_open(&other, &err));
	assert_non_null(strstr(err.text, "too small"));
	other.path = "/nowhere/spool.db";
	other.size_max = SPOOL_SIZE_MIN;
	assert_null(spool_open(&other, &err));
	assert_non_null(strstr(err.text, "/nowhere/spool.db"));
}

static void
lanes_of_a_larger_sensor_are_still_sent(void **state)
{
	struct place *place = *state;

	add(place, 1, 5, 0);
	place->config.lanes = 1;
	reopen(place);
	assert_int_equal(spool_lane_count(place->spool), 2);
	assert_int_equal(frames_waiting(place), 1);
}

static void
a_kill_keeps_what_was_committed(void **state)
{
	struct place *place = *state;
	int told[2];
	uint64_t last = 0;

	spool_close(place->spool);
	place->spool = NULL;
	assert_int_equal(pipe(told), 0);
	pid_t child = fork();
	if (child == 0) {
		reopen(place);
		for (;;) {
			add(place, 0, 10, 5);
			last = spool_lane(place->spool, 0)->next_seq;
			if (write(told[1], &last, sizeof(last)) < 0)
				_exit(1);
		}
	}
	for (int i = 0; i < 20; i++)
		assert_int_equal(read(told[0], &last, sizeof(last)), sizeof(last));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(told[1]);
	while (read(told[0], &last, sizeof(last)) == sizeof(last))
		;
	close(told[0]);
	reopen(place);
	assert_true(spool_lane(place->spool, 0)->next_seq >= last);
	assert_int_equal((spool_lane(place->spool, 0)->next_seq - 1) % 10, 0);
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(an_epoch_is_random_and_lasts),
		IN_PLACE(seqs_go_on_over_restarts_lane_by_lane),
		IN_PLACE(seqs_and_ids_go_on_after_all_is_deleted),
		IN_PLACE(a_rollback_leaves_no_trace),
		IN_PLACE(frames_come_out_as_they_went_in),
		IN_PLACE(committed_frames_wait_out_their_grace),
		IN_PLACE(a_position_past_the_end_is_cut),
		IN_PLACE(at_the_limit_flows_go_first_and_are_counted),
		IN_PLACE(without_flows_the_oldest_evidence_goes),
		IN_PLACE(at_the_limit_committed_frames_go_before_anything_is_lost),
		IN_PLACE(at_the_limit_what_is_on_its_way_stays),
		IN_PLACE(what_is_told_is_no_longer_untold),
		IN_PLACE(space_is_given_back),
		IN_PLACE(strangers_are_refused),
		IN_PLACE(lanes_of_a_larger_sensor_are_still_sent),
		IN_PLACE(a_kill_keeps_what_was_committed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
