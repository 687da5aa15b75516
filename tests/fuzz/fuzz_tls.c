/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_tls: two sides' bytes in any order and in any pieces, with gaps.
 *
 * Input: pieces of one byte (bit 7 the side, bit 6 a gap, the rest the size in
 * units of 32 and one more), each followed by its bytes unless it is a gap.
 */
#include <assert.h>
#include <stdlib.h>

#include "common/record_write.h"
#include "sensor/dissect/dissector.h"

extern const struct dissector dissector_tls;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
on_record(void *ctx, struct instant at, struct record *record)
{
	static char line[RECORD_SIZE_MAX];

	(void)at;
	*(unsigned *)ctx += record_event(record) == EVENT_TLS;
	assert(record_write(record, NULL, line) > 0);
}

static void
on_client(void *ctx, int side)
{
	(void)ctx;
	assert(side == 0 || side == 1);
}

static enum dissect_result
play(void *state, struct bytes *input, const struct dissect_out *out)
{
	uint8_t head = bytes_u8(input);
	size_t size = (size_t)(head & 0x3f) * 32 + 1;
	struct instant at = { 0 };

	if (head & 0x40)
		return dissector_tls.gap(state, head >> 7, size, at, out);
	struct bytes piece =
		bytes_window(input, size < input->left ? size : input->left);
	return dissector_tls.feed(state, head >> 7, piece, at, out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void *shared;
	unsigned count = 0;
	struct bytes input = bytes_over(data, size);
	struct dissect_out out = { .ctx = &count,
				   .emit = on_record,
				   .client_is = on_client };
	enum dissect_result result = DISSECT_MORE;

	if (shared == NULL)
		shared = dissector_tls.shared_new();
	dissector_tls.recognise(input, 0);
	void *state = dissector_tls.begin(shared);
	while (input.left > 0 && result == DISSECT_MORE)
		result = play(state, &input, &out);
	assert((result == DISSECT_VIOLATION) ==
	       (dissector_tls.violation(state) != NULL));
	dissector_tls.finish(state, (struct instant){ 0 }, &out);
	dissector_tls.end(state);
	assert(count <= 1);
	return 0;
}
