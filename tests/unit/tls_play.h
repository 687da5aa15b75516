/* SPDX-License-Identifier: Apache-2.0 */
/* tls_play: plays bytes of two sides to the TLS dissector and keeps the records as JSON
 * lines. */
#ifndef TESTS_UNIT_TLS_PLAY_H
#define TESTS_UNIT_TLS_PLAY_H

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/test.h"

#include "common/record_write.h"
#include "sensor/dissect/dissector.h"

extern const struct dissector dissector_tls;

enum { PLAY_LINES = 16 };

struct play {
	void *shared, *state;
	struct instant at;
	enum dissect_result result;
	int client; /* as the dissector said, or -1 */
	char tls[RECORD_SIZE_MAX +
		 1]; /* the last tls record, empty if there was none */
	unsigned tls_count, certificate_count;
	char *certificate; /* the last certificate record, owned */
	char violation[64];
};

static void
play_emit(void *ctx, struct instant at, struct record *record)
{
	struct play *play = ctx;
	char line[RECORD_SIZE_MAX + 1];

	(void)at;
	size_t size = record_write(record, NULL, line);
	line[size] = '\0';
	if (record_event(record) == EVENT_TLS) {
		play->tls_count++;
		memcpy(play->tls, line, size + 1);
	} else {
		play->certificate_count++;
		free(play->certificate);
		play->certificate = strdup(line);
	}
}

static void
play_client_is(void *ctx, int side)
{
	((struct play *)ctx)->client = side;
}

static inline struct dissect_out
play_out(struct play *play)
{
	return (struct dissect_out){ .ctx = play,
				     .emit = play_emit,
				     .client_is = play_client_is };
}

/* 2026-11-24T06:00:00, when the certificates of the tests are valid. */
#define PLAY_NOW ((struct instant){ INT64_C(1795500000) * INSTANT_SECOND })

static inline void
play_begin(struct play *play, void *shared)
{
	memset(play, 0, offsetof(struct play, tls) + 1);
	play->tls_count = play->certificate_count = 0;
	play->certificate = NULL;
	play->violation[0] = '\0';
	play->shared = shared;
	play->state = dissector_tls.begin(shared);
	play->at = PLAY_NOW;
	play->client = -1;
	assert_non_null(play->state);
}

static inline void
play_note(struct play *play)
{
	if (play->result != DISSECT_VIOLATION)
		return;
	const char *violation = dissector_tls.violation(play->state);
	assert_non_null(violation);
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
		play->result = dissector_tls.feed(
			play->state, side, bytes_over(copy, size), play->at, &out);
		play_note(play);
	}
	free(copy);
}

static inline void
play_gap(struct play *play, int side, uint64_t missing)
{
	struct dissect_out out = play_out(play);

	if (play->result == DISSECT_MORE)
		play->result =
			dissector_tls.gap(play->state, side, missing, play->at, &out);
}

static inline void
play_end(struct play *play)
{
	struct dissect_out out = play_out(play);

	dissector_tls.finish(play->state, play->at, &out);
	dissector_tls.end(play->state);
	assert_true(play->tls_count <= 1);
}

static inline void
play_free(struct play *play)
{
	free(play->certificate);
	play->certificate = NULL;
}

static inline void
assert_says(const char *line, const char *part)
{
	if (strstr(line, part) == NULL)
		fail_msg("%s is not in %s", part, line);
}

static inline void
assert_does_not_say(const char *line, const char *part)
{
	if (strstr(line, part) != NULL)
		fail_msg("%s is in %s", part, line);
}

#endif
