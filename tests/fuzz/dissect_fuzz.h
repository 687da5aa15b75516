/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dissect_fuzz: two sides' bytes in any order and in any pieces, with gaps, for one
 * dissector.
 *
 * Input: pieces of one byte (bit 7 the side, bit 6 a gap, the rest the size in
 * units of 32 and one more), each followed by its bytes unless it is a gap.
 */
#ifndef TESTS_FUZZ_DISSECT_FUZZ_H
#define TESTS_FUZZ_DISSECT_FUZZ_H

#include <assert.h>
#include <stdlib.h>

#include "common/record_write.h"
#include "sensor/dissect/dissector.h"

struct fuzz_count {
	unsigned records, final;
};

static void
fuzz_record(void *ctx, struct instant at, struct record *record)
{
	static char line[RECORD_SIZE_MAX];
	struct fuzz_count *count = ctx;

	(void)at;
	count->records++;
	count->final += record_has(record, FIELD_SEKISHO_IS_FINAL) &&
			record->value[FIELD_SEKISHO_IS_FINAL].flag;
	assert(record_write(record, NULL, line) > 0);
}

static void
fuzz_client(void *ctx, int side)
{
	(void)ctx;
	assert(side == 0 || side == 1);
}

static bool
fuzz_is_seen(void *ctx, int side)
{
	(void)ctx;
	return side == 0;
}

static enum dissect_result
fuzz_piece(const struct dissector *dissector, void *state, struct bytes *input,
	   const struct dissect_out *out)
{
	uint8_t head = bytes_u8(input);
	size_t size = (size_t)(head & 0x3f) * 32 + 1;
	struct instant at = { 0 };

	if (head & 0x40)
		return dissector->gap(state, head >> 7, size, at, out);
	struct bytes piece =
		bytes_window(input, size < input->left ? size : input->left);
	return dissector->feed(state, head >> 7, piece, at, out);
}

static struct fuzz_count
fuzz_dissector(const struct dissector *dissector, void *shared, struct bytes input)
{
	struct fuzz_count count = { 0 };
	struct dissect_out out = { .ctx = &count,
				   .emit = fuzz_record,
				   .client_is = fuzz_client,
				   .is_seen = fuzz_is_seen };
	enum dissect_result result = DISSECT_MORE;

	dissector->recognise(input, 0);
	void *state = dissector->begin(shared);
	while (input.left > 0 && result == DISSECT_MORE)
		result = fuzz_piece(dissector, state, &input, &out);
	assert((result == DISSECT_VIOLATION) == (dissector->violation(state) != NULL));
	dissector->finish(state, (struct instant){ 0 }, &out);
	dissector->end(state);
	return count;
}

#endif
