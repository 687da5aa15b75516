/* SPDX-License-Identifier: Apache-2.0 */
/* test_intake: what a peer sends wrongly ends its connection; COMMITTED follows a
 * commit and never goes before. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/file.h"
#include "common/intake_protocol.h"
#include "common/log.h"
#include "common/trust.h"
#include "correlator/engine.h"
#include "correlator/intake.h"
#include "correlator/inventory/inventory.h"
#include "correlator/policy/policy.h"
#include "store/reads.h"
#include "store/store.h"
#include "tool/place.h"

enum { OUTPUT_MAX = 1 << 16 };

struct fixture {
	char directory[PLACE_SIZE];
	struct inventory *inventory;
	struct policy *policy;
	struct store *store;
	struct engine *engine;
	struct intake *intake;
	struct error err;
	uint8_t output[OUTPUT_MAX];
	size_t output_size;
};

static void
say_nothing(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	(void)level;
	(void)line;
}

static void
take_output(void *ctx, const void *data, size_t size)
{
	struct fixture *f = ctx;

	assert_true(f->output_size + size <= OUTPUT_MAX);
	memcpy(f->output + f->output_size, data, size);
	f->output_size += size;
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	log_to(say_nothing, NULL);
	assert_int_equal(place_make_temporary(f->directory, &f->err), 0);
	f->inventory = inventory_load("rules/inventory-example", &f->err);
	assert_non_null(f->inventory);
	f->policy = policy_load("rules", f->inventory, &f->err);
	assert_non_null(f->policy);
	f->store = store_open(f->directory, STORE_TEMPORARY, &f->err);
	assert_non_null(f->store);
	f->engine = engine_new(f->inventory, f->policy, f->store, ENGINE_LIVE, &f->err);
	assert_non_null(f->engine);
	f->intake = intake_new(f->engine);
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	intake_free(f->intake);
	engine_free(f->engine);
	store_close(f->store);
	policy_free(f->policy);
	inventory_free(f->inventory);
	place_remove_temporary(f->directory);
	log_to(NULL, NULL);
	free(f);
	return 0;
}

static size_t
hello(uint8_t *out, const char *sensor)
{
	struct intake_hello hello = { .version = INTAKE_VERSION,
				      .lane_count = 2,
				      .lane = { 0, 1 } };

	snprintf(hello.sensor, sizeof(hello.sensor), "%s", sensor);
	snprintf(hello.poi, sizeof(hello.poi), "poi-east");
	snprintf(hello.epoch, sizeof(hello.epoch), "00000000000000aa");
	return intake_write_hello(&hello, out);
}

/* A frame of ticks, which are the shortest records. */
static size_t
frame(uint8_t *out, uint32_t lane, uint64_t first_seq, uint16_t count)
{
	static char raw[FRAME_RECORDS_MAX * 100];
	struct frame_codec *codec = frame_codec_new();
	const void *packed;
	size_t size = 0, packed_size;

	for (uint16_t i = 0; i < count; i++)
		size += (size_t)snprintf(
			raw + size, sizeof(raw) - size,
			"{\"timestamp\":\"2026-11-24T00:00:00.%06u+0000\","
			"\"event_type\":\"tick\"}\n",
			(unsigned)i);
	struct frame_header header = { .version = 1,
				       .codec = 1,
				       .count = count,
				       .raw_size = (uint32_t)size,
				       .lane = lane,
				       .first_seq = first_seq };
	frame_pack(codec, &header, raw, &packed, &packed_size);
	size_t head = intake_write_frame_head(1, packed_size, out);
	memcpy(out + head, packed, packed_size);
	frame_codec_free(codec);
	return head + packed_size;
}

static enum intake_result
feed(struct fixture *f, struct intake_peer *peer, const uint8_t *data, size_t size)
{
	struct bytes input = bytes_over(data, size);

	enum intake_result result = intake_feed(peer, &input, &f->err);
	if (result == INTAKE_OK)
		assert_int_equal(input.left, 0);
	return result;
}

/* The answers since the last call: how many of 'type', and the last position of lane 0.
 */
static int
answers(struct fixture *f, enum intake_type type, uint64_t *effects)
{
	struct bytes output = bytes_over(f->output, f->output_size), body;
	struct intake_position position;
	struct intake_header header;
	int count = 0;

	while (intake_next(&output, &header, &body, &f->err) == 1) {
		count += header.type == type;
		if ((header.type == INTAKE_POSITION ||
		     header.type == INTAKE_COMMITTED) &&
		    intake_read_position(body, &position, &f->err) == 0 &&
		    position.lane == 0)
			*effects = position.effects;
	}
	f->output_size = 0;
	return count;
}

static void
committed_is_said_after_the_commit_and_not_before(void **state)
{
	struct fixture *f = *state;
	static uint8_t message[INTAKE_BODY_MAX];
	struct intake_peer *peer = intake_peer_new(f->intake, take_output, f);
	uint64_t effects = 99;

	assert_int_equal(feed(f, peer, message, hello(message, "sensor-east")),
			 INTAKE_OK);
	assert_int_equal(answers(f, INTAKE_POSITION, &effects), 2);
	assert_int_equal(effects, 0);
	assert_int_equal(feed(f, peer, message, frame(message, 0, 1, 10)), INTAKE_OK);
	assert_int_equal(intake_waiting(f->intake), 10);
	assert_int_equal(answers(f, INTAKE_COMMITTED, &effects), 0);
	assert_int_equal(intake_commit(f->intake, &f->err), 0);
	assert_int_equal(answers(f, INTAKE_COMMITTED, &effects), 2);
	assert_int_equal(effects, 10);
	assert_int_equal(intake_waiting(f->intake), 0);
	intake_peer_free(peer);
}

/* Another connection of the sensor is told what is committed, also what this moment had
 * not been. */
static void
a_new_connection_is_told_a_committed_position(void **state)
{
	struct fixture *f = *state;
	static uint8_t message[INTAKE_BODY_MAX];
	struct intake_peer *first = intake_peer_new(f->intake, take_output, f);
	struct intake_peer *second = intake_peer_new(f->intake, take_output, f);
	uint64_t effects = 0;

	feed(f, first, message, hello(message, "sensor-east"));
	feed(f, first, message, frame(message, 0, 1, 7));
	answers(f, INTAKE_POSITION, &effects);
	assert_int_equal(feed(f, second, message, hello(message, "sensor-east")),
			 INTAKE_OK);
	assert_int_equal(intake_waiting(f->intake), 0);
	assert_int_equal(answers(f, INTAKE_POSITION, &effects), 2);
	assert_int_equal(effects, 7);
	intake_peer_free(first);
	intake_peer_free(second);
}

static void
many_records_are_committed_at_once(void **state)
{
	struct fixture *f = *state;
	static uint8_t message[INTAKE_BODY_MAX];
	struct intake_peer *peer = intake_peer_new(f->intake, take_output, f);
	uint64_t effects = 0;

	feed(f, peer, message, hello(message, "sensor-east"));
	answers(f, INTAKE_POSITION, &effects);
	for (uint64_t i = 0; i < INTAKE_COMMIT_RECORDS / FRAME_RECORDS_MAX; i++)
		assert_int_equal(feed(f, peer, message,
				      frame(message, 0, i * FRAME_RECORDS_MAX + 1,
					    FRAME_RECORDS_MAX)),
				 INTAKE_OK);
	assert_int_equal(answers(f, INTAKE_COMMITTED, &effects), 2);
	assert_int_equal(effects, INTAKE_COMMIT_RECORDS);
	intake_peer_free(peer);
}

/* Each way to be wrong: refused in words, and whoever else is connected goes on. */
static void
what_breaks_the_protocol_ends_the_connection(void **state)
{
	struct fixture *f = *state;
	static uint8_t message[INTAKE_BODY_MAX];
	uint64_t effects;
	size_t size;

	for (int way = 0; way < 6; way++) {
		struct intake_peer *peer = intake_peer_new(f->intake, take_output, f);
		if (way > 1)
			assert_int_equal(
				feed(f, peer, message, hello(message, "sensor-east")),
				INTAKE_OK);
		f->output_size = 0;
		if (way == 0)
			size = frame(message, 0, 1, 1); /* before HELLO */
		else if (way == 1)
			size = hello(message, "a/b");
		else if (way == 2)
			size = hello(message, "sensor-east"); /* twice */
		else
			size = frame(message, way == 3 ? 9 : 0, 1,
				     3); /* a lane nobody named */
		if (way == 4)
			message[INTAKE_FRAME_HEAD + FRAME_HEADER_SIZE + 9] ^= 0xff;
		if (way == 5)
			memset(message, 0xff, 4); /* a size nobody may send */
		assert_int_equal(feed(f, peer, message, size), INTAKE_CLOSE);
		assert_int_equal(answers(f, INTAKE_REFUSED, &effects), 1);
		intake_peer_free(peer);
	}
}

static void
messages_cut_anywhere_wait_for_the_rest(void **state)
{
	struct fixture *f = *state;
	static uint8_t message[INTAKE_BODY_MAX];
	struct intake_peer *peer = intake_peer_new(f->intake, take_output, f);
	size_t size = hello(message, "sensor-east");

	size += frame(message + size, 0, 1, 5);
	size_t taken = 0;
	for (size_t upto = 1; upto <= size; upto++) {
		struct bytes input = bytes_over(message + taken, upto - taken);
		assert_int_equal(intake_feed(peer, &input, &f->err), INTAKE_OK);
		taken = upto - input.left;
	}
	assert_int_equal(taken, size);
	assert_int_equal(intake_waiting(f->intake), 5);
	intake_peer_free(peer);
}

static void
a_peer_too_many_is_refused(void **state)
{
	struct fixture *f = *state;
	static struct intake_peer *peer[INTAKE_PEERS_MAX];
	uint64_t effects;

	for (size_t i = 0; i < INTAKE_PEERS_MAX; i++)
		assert_non_null(peer[i] = intake_peer_new(f->intake, take_output, f));
	assert_int_equal(answers(f, INTAKE_REFUSED, &effects), 0);
	assert_null(intake_peer_new(f->intake, take_output, f));
	assert_int_equal(answers(f, INTAKE_REFUSED, &effects), 1);
	for (size_t i = 0; i < INTAKE_PEERS_MAX; i++)
		intake_peer_free(peer[i]);
}

struct wanted_counter {
	const char *name;
	uint64_t value;
};

static bool
keep_counter(void *ctx, const struct counter_row *row)
{
	struct wanted_counter *wanted = ctx;

	if (strcmp(row->name, wanted->name) == 0)
		wanted->value = row->value;
	return true;
}

static uint64_t
counted(struct fixture *f, const char *name)
{
	static const struct scope all = { .is_all = true };
	struct wanted_counter wanted = { name, 0 };

	assert_true(store_each_counter(f->store, &all, keep_counter, &wanted,
				       &f->err) >= 0);
	return wanted.value;
}

/* What a sensor of another minor version says (tests/fixtures/intake/make.py), by TLS
 * or by socket. */
static void
hear_fixture(struct fixture *f, const char *path, bool is_bound)
{
	static const struct trust_identity identity = { .sensor = "sensor-east",
							.poi = { "poi-east" },
							.poi_count = 1 };
	struct intake_peer *peer = intake_peer_new(f->intake, take_output, f);
	char *whole;
	size_t size;

	assert_int_equal(file_read(path, 1 << 16, &whole, &size, &f->err), 0);
	if (is_bound)
		intake_peer_bind(peer, &identity);
	if (feed(f, peer, (const uint8_t *)whole, size) != INTAKE_OK)
		fail_msg("%s: %s", path, f->err.text);
	assert_int_equal(intake_commit(f->intake, &f->err), 0);
	intake_peer_free(peer);
	free(whole);
}

static void
a_sensor_one_minor_version_newer_works(void **state)
{
	struct fixture *f = *state;
	uint64_t effects = 0;

	for (int is_bound = 0; is_bound < 2; is_bound++) {
		hear_fixture(f, "tests/fixtures/intake/newer.bin", is_bound);
		assert_int_equal(answers(f, INTAKE_REFUSED, &effects), 0);
		assert_int_equal(effects, 5);
	}
	/* four of five records; the event of later is one line refused, its members are
	 * skipped */
	assert_int_equal(counted(f, "records"), 4);
	assert_int_equal(counted(f, "lines_refused"), 1);
	assert_int_equal(counted(f, "members_unknown"), 2);
	assert_int_equal(counted(f, "frames_refused"), 0);
	assert_int_equal(counted(f, "records_again"), 5);
}

static void
a_sensor_one_minor_version_older_works(void **state)
{
	struct fixture *f = *state;
	uint64_t effects = 0;

	hear_fixture(f, "tests/fixtures/intake/older.bin", false);
	assert_int_equal(answers(f, INTAKE_REFUSED, &effects), 0);
	assert_int_equal(effects, 3);
	assert_int_equal(counted(f, "records"), 3);
	assert_int_equal(counted(f, "lines_refused"), 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(committed_is_said_after_the_commit_and_not_before),
		TEST(a_new_connection_is_told_a_committed_position),
		TEST(many_records_are_committed_at_once),
		TEST(what_breaks_the_protocol_ends_the_connection),
		TEST(messages_cut_anywhere_wait_for_the_rest),
		TEST(a_peer_too_many_is_refused),
		TEST(a_sensor_one_minor_version_newer_works),
		TEST(a_sensor_one_minor_version_older_works),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
