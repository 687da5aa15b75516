/* SPDX-License-Identifier: Apache-2.0 */
/* test_pieces: lines and messages come out the same, however the stream is cut. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "sensor/dissect/pieces.h"

enum { MOST = 8, TOLD = 512 };

/* Two bytes of size, header included; 0xffff is none. */
static uint64_t
size_of(struct bytes first)
{
	uint16_t size = bytes_u16(&first);

	if (!bytes_ok(&first))
		return PIECE_UNKNOWN;
	return size == 0xffff ? PIECE_BROKEN : size;
}

struct play {
	struct pieces pieces;
	struct kept_budget budget;
	bool is_lines, is_broken;
	char told[TOLD];
	size_t size;
};

static enum pieces_result
next(struct play *play, struct bytes *data, struct piece *piece)
{
	return play->is_lines
		       ? pieces_line(&play->pieces, &play->budget, data, MOST, piece)
		       : pieces_message(&play->pieces, &play->budget, size_of, 2, MOST,
					data, piece);
}

static void
show(struct play *play, const struct piece *piece)
{
	play->size +=
		(size_t)snprintf(play->told + play->size, TOLD - play->size,
				 "[%.*s|%u%s]", (int)piece->data.left,
				 piece->data.left ? (const char *)piece->data.at : "",
				 (unsigned)piece->size, piece->is_cut ? "!" : "");
}

/* A heap copy of just these bytes, so that the sanitizer sees a read beyond them. */
static void
feed(struct play *play, const char *at, size_t size)
{
	char *copy = malloc(size ? size : 1);
	struct piece piece;
	enum pieces_result result;

	assert_non_null(copy);
	memcpy(copy, at, size);
	struct bytes data = bytes_over(copy, size);
	while ((result = next(play, &data, &piece)) == PIECES_ONE)
		show(play, &piece);
	if (result == PIECES_BROKEN)
		play->is_broken = true;
	else
		assert_int_equal(data.left, 0);
	free(copy);
}

static struct play
start(bool is_lines, size_t budget)
{
	return (struct play){ .is_lines = is_lines, .budget.most = budget };
}

static void
stop(struct play *play)
{
	pieces_release(&play->pieces, &play->budget);
	assert_int_equal(play->budget.held, 0);
}

/* Whole, and cut in three at every two places. */
static void
expect(bool is_lines, const char *stream, size_t size, const char *told)
{
	for (size_t i = 0; i <= size; i++)
		for (size_t j = i; j <= size; j++) {
			struct play play = start(is_lines, 4096);
			feed(&play, stream, i);
			feed(&play, stream + i, j - i);
			feed(&play, stream + j, size - j);
			assert_string_equal(play.told, told);
			stop(&play);
		}
}

static void
lines_end_with_lf_or_cr_lf(void **state)
{
	static const char stream[] = "a\r\nbc\n\n\r\ndef";

	(void)state;
	expect(true, stream, sizeof(stream) - 1, "[a|2][bc|2][|0][|1]");
}

static void
a_long_line_is_cut_and_the_next_is_whole(void **state)
{
	static const char stream[] = "0123456789\r\nab\n01234567\n";

	(void)state;
	expect(true, stream, sizeof(stream) - 1, "[01234567|11!][ab|2][01234567|8]");
}

static void
messages_tell_their_size(void **state)
{
	static const char stream[] = "\0\5abc\0\2\0\3d\0\xc"
				     "0123456789\0\4ef\0\4g";

	(void)state;
	for (size_t i = 0; i < sizeof(stream); i++) {
		struct play play = start(false, 4096);
		feed(&play, stream, i);
		feed(&play, stream + i, sizeof(stream) - 1 - i);
		/* the header's zero ends the text of %.*s */
		assert_string_equal(play.told, "[|5][|2][|3][|12!][|4]");
		stop(&play);
	}
}

static void
a_messages_bytes_are_its_own(void **state)
{
	static const char stream[] = "\1\1abcdefgh";
	struct play play = start(false, 4096);

	(void)state;
	feed(&play, stream, 3);
	feed(&play, stream + 3, 7);
	assert_string_equal(play.told, "[\1\1abcdef|257!]");
	assert_int_equal(play.pieces.skip, 257 - 10 + 2 - 2);
	stop(&play);
}

static void
what_is_no_message_is_broken(void **state)
{
	struct play play = start(false, 4096), small = start(false, 4096);

	(void)state;
	feed(&play, "\xff", 1);
	feed(&play, "\xff", 1);
	assert_true(play.is_broken);
	stop(&play);
	/* a size smaller than the header it stands in */
	feed(&small, "\0", 1);
	feed(&small, "\1", 1);
	assert_true(small.is_broken);
	stop(&small);
}

static void
without_memory_a_message_is_cut_and_the_next_is_found(void **state)
{
	struct play play = start(false, 0), lines = start(true, 0);

	(void)state;
	feed(&play, "\0\5a", 3);
	feed(&play, "bc\0\2", 4);
	assert_string_equal(play.told, "[|5!][|2]");
	stop(&play);
	feed(&lines, "ab", 2);
	feed(&lines, "c\nde\n", 5);
	assert_string_equal(lines.told, "[|3!][de|2]");
	stop(&lines);
}

static void
a_gap_in_what_is_passed_over_loses_no_message(void **state)
{
	struct play play = start(false, 4096), lost = start(false, 4096);

	(void)state;
	feed(&play,
	     "\0\x14"
	     "abcdef",
	     8); /* 20 bytes, of which 8 are told */
	assert_true(pieces_gap(&play.pieces, &play.budget, 7));
	feed(&play, "ghijk\0\2", 7);
	assert_string_equal(play.told, "[|20!][|2]");
	stop(&play);
	feed(&lost,
	     "\0\x14"
	     "abcdef",
	     8);
	assert_false(pieces_gap(&lost.pieces, &lost.budget, 13));
	assert_int_equal(lost.budget.held, 0);
	assert_int_equal(lost.pieces.skip, 0);
	stop(&lost);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_end_with_lf_or_cr_lf),
		cmocka_unit_test(a_long_line_is_cut_and_the_next_is_whole),
		cmocka_unit_test(messages_tell_their_size),
		cmocka_unit_test(a_messages_bytes_are_its_own),
		cmocka_unit_test(a_gap_in_what_is_passed_over_loses_no_message),
		cmocka_unit_test(what_is_no_message_is_broken),
		cmocka_unit_test(without_memory_a_message_is_cut_and_the_next_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
