/* SPDX-License-Identifier: Apache-2.0 */
/* dissect_play: plays bytes of two sides to one dissector and keeps its records as JSON
 * lines. */
#ifndef TESTS_UNIT_DISSECT_PLAY_H
#define TESTS_UNIT_DISSECT_PLAY_H

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/test.h"

#include "common/record_write.h"
#include "sensor/dissect/dissector.h"

enum { PLAY_LINES = 256, PLAY_TEXT = 1 << 20 };

struct play {
	const struct dissector *dissector;
	void *shared, *state;
	struct instant at;
	enum dissect_result result;
	int client;            /* as the dissector said, or -1 */
	bool is_cut;           /* as dissect_out.is_cut */
	bool is_unseen[SIDES]; /* as dissect_out.is_seen has it, the other way round */
	unsigned count;        /* records */
	const char *line[PLAY_LINES];
	size_t used;
	char text[PLAY_TEXT];
	char violation[64];
};

static void
play_emit(void *ctx, struct instant at, struct record *record)
{
	struct play *play = ctx;

	(void)at;
	assert_true(play->count < PLAY_LINES);
	assert_true(play->used + RECORD_SIZE_MAX < PLAY_TEXT);
	char *line = play->text + play->used;
	size_t size = record_write(record, NULL, line);
	assert_true(size > 0);
	line[size] = '\0';
	play->line[play->count++] = line;
	play->used += size + 1;
}

static void
play_client_is(void *ctx, int side)
{
	((struct play *)ctx)->client = side;
}

static bool
play_is_seen(void *ctx, int side)
{
	return !((struct play *)ctx)->is_unseen[side];
}

static inline struct dissect_out
play_out(struct play *play)
{
	return (struct dissect_out){ .ctx = play,
				     .emit = play_emit,
				     .client_is = play_client_is,
				     .is_seen = play_is_seen,
				     .is_cut = play->is_cut };
}

static inline void
play_begin(struct play *play, const struct dissector *dissector, void *shared)
{
	memset(play, 0, offsetof(struct play, text));
	play->violation[0] = '\0';
	play->dissector = dissector;
	play->shared = shared;
	play->state = dissector->begin(shared);
	play->client = -1;
	assert_non_null(play->state);
}

static inline void
play_note(struct play *play)
{
	const char *violation = play->dissector->violation(play->state);

	assert_int_equal(violation != NULL, play->result == DISSECT_VIOLATION);
	if (violation != NULL)
		snprintf(play->violation, sizeof(play->violation), "%s", violation);
}

static inline void
play_bytes(struct play *play, int side, const void *data, size_t size)
{
	struct dissect_out out = play_out(play);
	/* Its own allocation, so that a read past the end is seen. */
	uint8_t *copy = malloc(size ? size : 1);

	if (play->result == DISSECT_MORE) {
		memcpy(copy, data, size);
		play->result = play->dissector->feed(
			play->state, side, bytes_over(copy, size), play->at, &out);
		play_note(play);
	}
	free(copy);
}

static inline void
play_text(struct play *play, int side, const char *text)
{
	play_bytes(play, side, text, strlen(text));
}

static inline void
play_gap(struct play *play, int side, uint64_t missing)
{
	struct dissect_out out = play_out(play);

	if (play->result == DISSECT_MORE)
		play->result = play->dissector->gap(play->state, side, missing,
						    play->at, &out);
}

static inline void
play_end(struct play *play)
{
	struct dissect_out out = play_out(play);

	play->dissector->finish(play->state, play->at, &out);
	play->dissector->end(play->state);
}

static inline void
assert_says(const char *line, const char *part)
{
	if (line == NULL || strstr(line, part) == NULL)
		fail_msg("%s is not in %s", part, line ? line : "(no record)");
}

static inline void
assert_does_not_say(const char *line, const char *part)
{
	if (strstr(line, part) != NULL)
		fail_msg("%s is in %s", part, line);
}

#endif
