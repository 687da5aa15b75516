/* SPDX-License-Identifier: Apache-2.0 */
/* test_intake_protocol: what is written reads the same; no prefix is a message; each
 * damage has its reason. */
#include "test.h"

#include <stdlib.h>

#include "common/intake_protocol.h"

static const struct intake_hello hello = {
	.version = 1,
	.sensor = "sensor-1",
	.poi = "東京",
	.epoch = "0123456789abcdef",
	.lane_count = 2,
	.lane = { 0, 7 },
};

static struct bytes
body_of(const uint8_t *message, size_t size, enum intake_type type)
{
	struct bytes input = bytes_over(message, size);
	struct intake_header header;
	struct bytes body;
	struct error err;

	assert_int_equal(intake_next(&input, &header, &body, &err), 1);
	assert_int_equal(header.type, type);
	assert_int_equal(input.left, 0);
	return body;
}

static void
what_is_written_reads_the_same(void **state)
{
	(void)state;
	uint8_t m[INTAKE_SMALL_MAX];
	struct error err;

	struct intake_hello h;
	size_t size = intake_write_hello(&hello, m);
	assert_int_equal(intake_read_hello(body_of(m, size, INTAKE_HELLO), &h, &err),
			 0);
	assert_string_equal(h.sensor, hello.sensor);
	assert_string_equal(h.poi, hello.poi);
	assert_string_equal(h.epoch, hello.epoch);
	assert_int_equal(h.lane_count, 2);
	assert_int_equal(h.lane[1], 7);

	const struct intake_position position = { 7, UINT64_C(1) << 40, 12 };
	struct intake_position p;
	size = intake_write_position(INTAKE_COMMITTED, &position, m);
	assert_int_equal(
		intake_read_position(body_of(m, size, INTAKE_COMMITTED), &p, &err), 0);
	assert_int_equal(p.lane, position.lane);
	assert_int_equal(p.effects, position.effects);
	assert_int_equal(p.checkpoint, position.checkpoint);

	const struct intake_heartbeat beat = { { -3 }, 5, 9 };
	struct intake_heartbeat b;
	size = intake_write_heartbeat(&beat, m);
	assert_int_equal(
		intake_read_heartbeat(body_of(m, size, INTAKE_HEARTBEAT), &b, &err), 0);
	assert_memory_equal(&b, &beat, sizeof(b));

	const struct intake_refused no = { INTAKE_REFUSED_BUSY, "the store is full" };
	struct intake_refused r;
	size = intake_write_refused(&no, m);
	assert_int_equal(
		intake_read_refused(body_of(m, size, INTAKE_REFUSED), &r, &err), 0);
	assert_int_equal(r.code, INTAKE_REFUSED_BUSY);
	assert_string_equal(r.reason, no.reason);
}

static void
a_frame_message_holds_row_and_frame(void **state)
{
	(void)state;
	uint8_t m[INTAKE_FRAME_HEAD + FRAME_HEADER_SIZE + 3];
	struct intake_frame frame;
	struct error err;

	size_t size = intake_write_frame_head(77, FRAME_HEADER_SIZE + 3, m);
	assert_int_equal(size, INTAKE_FRAME_HEAD);
	memset(m + size, 'x', FRAME_HEADER_SIZE + 3);
	assert_int_equal(
		intake_read_frame(body_of(m, sizeof(m), INTAKE_FRAME), &frame, &err),
		0);
	assert_int_equal(frame.row, 77);
	assert_int_equal(frame.frame.left, FRAME_HEADER_SIZE + 3);
	assert_ptr_equal(frame.frame.at, m + INTAKE_FRAME_HEAD);
}

static void
no_prefix_is_a_message(void **state)
{
	(void)state;
	uint8_t m[INTAKE_SMALL_MAX];
	size_t size = intake_write_hello(&hello, m);

	for (size_t cut = 0; cut < size; cut++) {
		uint8_t *part = malloc(cut ? cut : 1);
		struct bytes input = bytes_over(part, cut), body;
		struct intake_header header;
		struct error err;

		memcpy(part, m, cut);
		assert_int_equal(intake_next(&input, &header, &body, &err), 0);
		assert_int_equal(input.left, cut); /* nothing was taken */
		free(part);
	}
}

static void
no_prefix_of_a_body_is_read(void **state)
{
	(void)state;
	uint8_t m[INTAKE_SMALL_MAX];
	struct error err;
	struct intake_hello h;
	struct intake_position p = { 0 };
	struct intake_heartbeat b = { 0 };
	struct intake_frame f;

	size_t size = intake_write_hello(&hello, m);
	for (size_t cut = 0; cut < size - INTAKE_HEADER_SIZE; cut++)
		assert_int_equal(
			intake_read_hello(bytes_over(m + INTAKE_HEADER_SIZE, cut), &h,
					  &err),
			-1);
	for (size_t cut = 0; cut < 20; cut++)
		assert_int_equal(intake_read_position(bytes_over(m, cut), &p, &err),
				 -1);
	for (size_t cut = 0; cut < 24; cut++)
		assert_int_equal(intake_read_heartbeat(bytes_over(m, cut), &b, &err),
				 -1);
	for (size_t cut = 0; cut < 8 + FRAME_HEADER_SIZE; cut++)
		assert_int_equal(intake_read_frame(bytes_over(m, cut), &f, &err), -1);
}

static void
what_is_longer_than_we_know_is_read(void **state)
{
	(void)state;
	uint8_t m[INTAKE_SMALL_MAX] = { 0 };
	struct intake_position p;
	struct error err;

	intake_write_position(INTAKE_POSITION, &(struct intake_position){ 1, 2, 2 }, m);
	assert_int_equal(
		intake_read_position(bytes_over(m + INTAKE_HEADER_SIZE, 40), &p, &err),
		0);
	assert_int_equal(p.effects, 2);
}

/* clang-format off */
static const struct damage {
	const char *what;
	size_t offset; /* in the message */
	uint8_t value;
	const char *reason;
} damages[] = {
	{ "sensor without a name",    10, 0,    "HELLO has a bad sensor, poi or epoch" },
	{ "sensor too long",          10, 65,   "HELLO has a bad sensor, poi or epoch" },
	{ "sensor that is no UTF-8",  11, 0xff, "HELLO has a bad sensor, poi or epoch" },
	{ "sensor with a NUL",        11, 0,    "HELLO has a bad sensor, poi or epoch" },
	{ "epoch of 15",              26, 15,   "HELLO has a bad sensor, poi or epoch" },
	{ "epoch in capitals",        37, 'A',  "HELLO has a bad sensor, poi or epoch" },
	{ "no lanes",                 44, 0,    "HELLO has 0 lanes; 1 to 64 are allowed" },
	{ "258 lanes",                43, 1,    "HELLO has 258 lanes; 1 to 64 are allowed" },
	{ "more lanes than follow",   44, 3,    "HELLO ends early" },
};
/* clang-format on */

static void
each_damage_has_its_reason(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		uint8_t m[INTAKE_SMALL_MAX];
		struct intake_hello h;
		struct error err = { "taken" };
		size_t size = intake_write_hello(&hello, m);

		m[damages[i].offset] = damages[i].value;
		intake_read_hello(
			bytes_over(m + INTAKE_HEADER_SIZE, size - INTAKE_HEADER_SIZE),
			&h, &err);
		if (strcmp(err.text, damages[i].reason) != 0)
			fail_msg("%s: %s", damages[i].what, err.text);
	}
}

static void
every_damage_of_one_byte_ends_or_is_bounded(void **state)
{
	(void)state;
	uint8_t m[INTAKE_SMALL_MAX];
	size_t size = intake_write_hello(&hello, m);

	for (size_t i = 0; i < size; i++)
		for (unsigned value = 0; value < 256; value++) {
			struct bytes input = bytes_over(m, size), body;
			struct intake_header header;
			struct intake_hello h;
			struct error err;
			uint8_t good = m[i];

			m[i] = (uint8_t)value;
			if (intake_next(&input, &header, &body, &err) == 1 &&
			    intake_read_hello(body, &h, &err) == 0) {
				assert_in_range(h.lane_count, 1, INTAKE_LANES_MAX);
				assert_in_range(strlen(h.sensor), 1, INTAKE_NAME_MAX);
			}
			m[i] = good;
		}
}

static void
a_message_too_large_ends_the_connection(void **state)
{
	(void)state;
	static const uint8_t m[8] = { 0x7f, 0xff, 0xff, 0xff, 0, 3, 0, 0 };
	struct bytes input = bytes_over(m, sizeof(m)), body;
	struct intake_header header;
	struct error err;

	assert_int_equal(intake_next(&input, &header, &body, &err), -1);
}

static void
impossible_positions_are_refused(void **state)
{
	(void)state;
	static const struct intake_position bad[] = {
		{ 0, 5, 6 },          /* a checkpoint ahead of the effects */
		{ 0, UINT64_MAX, 0 }, /* no store has such a seq */
	};

	for (size_t i = 0; i < 2; i++) {
		uint8_t m[INTAKE_SMALL_MAX];
		struct intake_position p;
		struct error err;
		size_t size = intake_write_position(INTAKE_POSITION, &bad[i], m);

		assert_int_equal(intake_read_position(body_of(m, size, INTAKE_POSITION),
						      &p, &err),
				 -1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_reads_the_same),
		cmocka_unit_test(a_frame_message_holds_row_and_frame),
		cmocka_unit_test(no_prefix_is_a_message),
		cmocka_unit_test(no_prefix_of_a_body_is_read),
		cmocka_unit_test(what_is_longer_than_we_know_is_read),
		cmocka_unit_test(each_damage_has_its_reason),
		cmocka_unit_test(every_damage_of_one_byte_ends_or_is_bounded),
		cmocka_unit_test(a_message_too_large_ends_the_connection),
		cmocka_unit_test(impossible_positions_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
