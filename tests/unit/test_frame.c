/* SPDX-License-Identifier: Apache-2.0 */
/* test_frame: what is packed comes out the same; every prefix and every damage is
 * refused or harmless. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/frame.h"

static const char three[] = "{\"a\":1}\n\n{\"a\":3}\n";

struct packed {
	struct frame_codec *codec;
	struct frame_header header;
	uint8_t *frame; /* owned copy, exactly as large as the frame, so that sanitizers
			   see its end */
	size_t size;
};

static struct packed
pack(const char *raw, size_t size, uint16_t count)
{
	struct packed p = { .codec = frame_codec_new(),
			    .header = { .count = count,
					.raw_size = (uint32_t)size,
					.lane = 7,
					.first_seq = 41,
					.first = { -5 },
					.last = { 1764000000000000 } } };
	const void *frame;

	assert_non_null(p.codec);
	frame_pack(p.codec, &p.header, raw, &frame, &p.size);
	p.frame = malloc(p.size);
	memcpy(p.frame, frame, p.size);
	return p;
}

static void
done(struct packed *p)
{
	frame_codec_free(p->codec);
	free(p->frame);
}

static void
what_is_packed_comes_out_the_same(void **state)
{
	(void)state;
	struct packed p = pack(three, sizeof(three) - 1, 3);
	struct frame_header header;
	const char *raw;
	struct error err;

	assert_int_equal(frame_open(p.codec, p.frame, p.size, &header, &raw, &err), 0);
	assert_int_equal(header.raw_size, sizeof(three) - 1);
	assert_memory_equal(raw, three, header.raw_size);
	assert_int_equal(header.count, 3);
	assert_int_equal(header.lane, 7);
	assert_int_equal(header.first_seq, 41);
	assert_int_equal(header.first.usec, -5);
	assert_int_equal(header.last.usec, 1764000000000000);
	done(&p);
}

static void
the_header_stands_as_documented(void **state)
{
	(void)state;
	struct packed p = pack(three, sizeof(three) - 1, 3);
	static const uint8_t want[] = { 'S', 'K', 'F', '1', 1, 0,  0, 3,  0,   0,
					0,   17,  0,   0,   0, 17, 0, 0,  0,   7,
					0,   0,   0,   0,   0, 0,  0, 41, 0xff };

	assert_int_equal(p.size, FRAME_HEADER_SIZE + sizeof(three) - 1);
	assert_memory_equal(p.frame, want, sizeof(want));
	done(&p);
}

static void
many_alike_lines_shrink(void **state)
{
	(void)state;
	char *raw = malloc(FRAME_RECORDS_MAX * 16);
	size_t size = 0;
	struct frame_header header;
	const char *opened;
	struct error err;

	for (int i = 0; i < FRAME_RECORDS_MAX; i++)
		size += (size_t)sprintf(raw + size, "{\"seq\":%d}\n", i);
	struct packed p = pack(raw, size, FRAME_RECORDS_MAX);
	assert_int_equal(p.header.codec, 1);
	assert_true(p.size < size);
	assert_int_equal(frame_open(p.codec, p.frame, p.size, &header, &opened, &err),
			 0);
	assert_memory_equal(opened, raw, size);
	free(raw);
	done(&p);
}

static void
the_largest_frame_fits(void **state)
{
	(void)state;
	char *raw = malloc(FRAME_RAW_MAX);
	uint32_t random = 1;
	struct frame_header header;
	const char *opened;
	struct error err;

	for (size_t i = 0; i < FRAME_RAW_MAX;
	     i++) { /* nothing that zstd could shrink */
		random = random * 1664525 + 1013904223;
		raw[i] = (char)(random >> 24 | 0x80);
	}
	raw[FRAME_RAW_MAX - 1] = '\n';
	struct packed p = pack(raw, FRAME_RAW_MAX, 1);
	assert_int_equal(frame_open(p.codec, p.frame, p.size, &header, &opened, &err),
			 0);
	assert_memory_equal(opened, raw, FRAME_RAW_MAX);
	free(raw);
	done(&p);
}

static void
no_prefix_is_a_frame(void **state)
{
	(void)state;
	struct packed p = pack(three, sizeof(three) - 1, 3);

	for (size_t size = 0; size < p.size; size++) {
		uint8_t *cut = malloc(size + 1);
		struct frame_header header;
		const char *raw;
		struct error err;

		memcpy(cut, p.frame, size);
		cut = realloc(cut, size ? size : 1);
		assert_int_equal(frame_open(p.codec, cut, size, &header, &raw, &err),
				 -1);
		free(cut);
	}
	done(&p);
}

static void
what_is_open_after_a_damage_keeps_its_word(struct packed *p)
{
	struct frame_header header;
	const char *raw;
	struct error err;

	if (frame_open(p->codec, p->frame, p->size, &header, &raw, &err) == -1)
		return;
	size_t lines = 0;
	for (size_t i = 0; i < header.raw_size; i++)
		lines += raw[i] == '\n';
	assert_int_equal(lines, header.count);
	assert_int_equal(raw[header.raw_size - 1], '\n');
}

static void
every_damage_of_one_byte_is_refused_or_harmless(void **state)
{
	(void)state;
	char raw[2000];
	size_t size = 0;

	for (int i = 0; i < 60; i++)
		size += (size_t)sprintf(raw + size, "{\"flow_id\":%d}\n", i * 7919);
	struct packed p = pack(raw, size, 60);
	assert_int_equal(p.header.codec, 1);
	for (size_t i = 0; i < p.size; i++) {
		uint8_t good = p.frame[i];
		for (unsigned value = 0; value < 256; value++) {
			p.frame[i] = (uint8_t)value;
			what_is_open_after_a_damage_keeps_its_word(&p);
		}
		p.frame[i] = good;
	}
	done(&p);
}

/* clang-format off */
static const struct damage {
	const char *what;
	size_t offset;
	uint8_t value;
	const char *reason;
} damages[] = {
	{ "other magic",           0,  'X',  "no frame: it does not begin with SKF1" },
	{ "version 2",             4,  2,    "frame of version 2; expected 1" },
	{ "codec 9",               5,  9,    "frame of unknown codec 9" },
	{ "no records",            7,  0,    "frame of 0 records; 1 to 1000 are allowed" },
	{ "65283 records",         6,  255,  "frame of 65283 records; 1 to 1000 are allowed" },
	{ "4 records",             7,  4,    "frame does not hold the 4 lines it says" },
	{ "16 MiB",                8,  1,    "frame of 16777233 bytes; at most 4194304 are allowed" },
	{ "raw one larger",        11, 18,   "frame has two sizes for the same bytes" },
	{ "packed one smaller",    15, 16,   "frame holds 17 packed bytes and says 16" },
	{ "packed over raw",       15, 18,   "frame of 17 bytes packed as 18" },
	{ "seq 0",                 27, 0,    "frame has no possible first seq" },
	{ "seq over 2^63",         20, 0xff, "frame has no possible first seq" },
	{ "ends before it begins", 36, 0x80, "frame ends before it begins" },
	{ "last line unended",     60, 'x',  "frame does not hold the 3 lines it says" },
};
/* clang-format on */

static void
each_damage_has_its_reason(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		struct packed p = pack(three, sizeof(three) - 1, 3);
		struct frame_header header;
		const char *raw;
		struct error err = { "taken" };

		p.frame[damages[i].offset] = damages[i].value;
		frame_open(p.codec, p.frame, p.size, &header, &raw, &err);
		if (strcmp(err.text, damages[i].reason) != 0)
			fail_msg("%s: %s", damages[i].what, err.text);
		done(&p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_packed_comes_out_the_same),
		cmocka_unit_test(the_header_stands_as_documented),
		cmocka_unit_test(many_alike_lines_shrink),
		cmocka_unit_test(the_largest_frame_fits),
		cmocka_unit_test(no_prefix_is_a_frame),
		cmocka_unit_test(every_damage_of_one_byte_is_refused_or_harmless),
		cmocka_unit_test(each_damage_has_its_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
