/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dissect_trial: what every dissector must stand, tried with a conversation it knows.
 *
 * A conversation is a file of tests/fuzz/corpus, as dissect_fuzz.h has it, so
 * that what real peers said serves both.  Each trial begins and ends whole
 * flows, and checks that nothing stays held.
 */
#ifndef TESTS_UNIT_DISSECT_TRIAL_H
#define TESTS_UNIT_DISSECT_TRIAL_H

#include <glob.h>

#include "tests/unit/dissect_play.h"

#include "common/file.h"
#include "sensor/dissect/telling.h"

enum { TRIAL_PIECES = 4096, TRIAL_BYTES = 1 << 20, TRIAL_RANDOM = 10000 };

struct trial_piece {
	int side;
	bool is_gap;
	const uint8_t *at;
	size_t size;
};

struct trial {
	const struct dissector *dissector;
	struct dissect_lane *lane; /* every shared state begins with one */
	struct trial_piece piece[TRIAL_PIECES];
	size_t count;
	uint8_t *bytes; /* owned: the file */
	size_t size;
	struct play play, other;
};

static inline void
trial_load(struct trial *trial, const struct dissector *dissector, const char *path)
{
	char *data = NULL;
	struct error err;
	size_t at = 0;

	trial->dissector = dissector;
	trial->lane = dissector->shared_new();
	trial->count = 0;
	assert_non_null(trial->lane);
	if (file_read(path, TRIAL_BYTES, &data, &trial->size, &err) == -1)
		fail_msg("%s", path);
	trial->bytes = (uint8_t *)data;
	while (at < trial->size) {
		uint8_t head = trial->bytes[at++];
		size_t size = (size_t)(head & 0x3f) * 32 + 1;
		bool is_gap = head & 0x40;
		if (!is_gap && size > trial->size - at)
			size = trial->size - at;
		assert_true(trial->count < TRIAL_PIECES);
		trial->piece[trial->count++] =
			(struct trial_piece){ head >> 7, is_gap, trial->bytes + at,
					      size };
		at += is_gap ? 0 : size;
	}
}

static inline void
trial_free(struct trial *trial)
{
	assert_int_equal(trial->lane->budget.held, 0);
	trial->dissector->shared_free(trial->lane);
	free(trial->bytes);
}

static inline void
trial_say(struct play *play, const struct trial_piece *piece, size_t step)
{
	if (piece->is_gap) {
		play_gap(play, piece->side, piece->size);
		return;
	}
	for (size_t at = 0; at < piece->size; at += step)
		play_bytes(play, piece->side, piece->at + at,
			   step < piece->size - at ? step : piece->size - at);
}

static inline void
trial_begin(struct trial *trial)
{
	play_begin(&trial->play, trial->dissector, trial->lane);
}

static inline void
trial_end(struct trial *trial)
{
	play_end(&trial->play);
	assert_int_equal(trial->lane->budget.held, 0);
}

/* As it was said; trial->play holds the records. */
static inline void
trial_whole(struct trial *trial)
{
	trial_begin(trial);
	for (size_t i = 0; i < trial->count; i++)
		trial_say(&trial->play, &trial->piece[i], SIZE_MAX / 2);
	trial_end(trial);
}

/* Byte by byte it is told the same. */
static inline void
trial_bytewise(struct trial *trial)
{
	trial_whole(trial);
	memcpy(&trial->other, &trial->play, sizeof(trial->play));
	for (unsigned i = 0; i < trial->other.count; i++)
		trial->other.line[i] =
			trial->other.text + (trial->play.line[i] - trial->play.text);
	trial_begin(trial);
	for (size_t i = 0; i < trial->count; i++)
		trial_say(&trial->play, &trial->piece[i], 1);
	trial_end(trial);
	assert_int_equal(trial->play.count, trial->other.count);
	for (unsigned i = 0; i < trial->play.count; i++)
		assert_string_equal(trial->play.line[i], trial->other.line[i]);
}

/* Cut after any byte, it ends without harm. */
static inline void
trial_prefixes(struct trial *trial)
{
	for (size_t last = 0; last < trial->count; last++)
		for (size_t size = 0; size < trial->piece[last].size; size++) {
			struct trial_piece part = trial->piece[last];
			trial_begin(trial);
			for (size_t i = 0; i < last; i++)
				trial_say(&trial->play, &trial->piece[i], SIZE_MAX / 2);
			part.size = size;
			if (!part.is_gap)
				trial_say(&trial->play, &part, SIZE_MAX / 2);
			trial_end(trial);
		}
}

/* Any one byte may be another. */
static inline void
trial_damages(struct trial *trial)
{
	static const uint8_t masks[] = { 0x01, 0x80, 0xff };

	for (size_t at = 0; at < trial->size; at++)
		for (size_t i = 0; i < sizeof(masks); i++) {
			trial->bytes[at] ^= masks[i];
			trial_whole(trial);
			trial->bytes[at] ^= masks[i];
		}
}

/* Any piece may be lost, and either side's all. */
static inline void
trial_gaps(struct trial *trial)
{
	for (size_t lost = 0; lost < trial->count; lost++) {
		bool was = trial->piece[lost].is_gap;
		trial->piece[lost].is_gap = true;
		trial_whole(trial);
		trial->piece[lost].is_gap = was;
	}
	for (int side = 0; side < SIDES; side++) {
		trial_begin(trial);
		trial->play.is_unseen[!side] = true;
		for (size_t i = 0; i < trial->count; i++)
			if (trial->piece[i].side == side)
				trial_say(&trial->play, &trial->piece[i], SIZE_MAX / 2);
		trial_end(trial);
	}
}

/* What the first of 'side' says is known by its first bytes, however few come at first.
 */
static inline void
trial_recognised(struct trial *trial, int side)
{
	uint8_t first[2048];
	size_t size = 0, yes = 0;

	for (size_t i = 0; i < trial->count && size < sizeof(first); i++) {
		const struct trial_piece *piece = &trial->piece[i];
		size_t part = piece->size < sizeof(first) - size ? piece->size
								 : sizeof(first) - size;
		if (piece->side != side || piece->is_gap)
			continue;
		memcpy(first + size, piece->at, part);
		size += part;
	}
	if (trial->dissector->transport == DISSECT_DATAGRAM)
		yes = trial->piece[0].size - 1; /* shown whole */
	while (yes < size && trial->dissector->recognise(bytes_over(first, yes + 1),
							 side) == RECOGNISED_MAYBE)
		yes++;
	assert_int_equal(trial->dissector->recognise(bytes_over(first, yes + 1), side),
			 RECOGNISED_YES);
}

/* Random bytes are not, and no other protocol's are: files under other folders of the
 * corpus than those that begin with 'own'. */
static inline void
trial_strangers(struct trial *trial, const char *own)
{
	uint32_t seed = 1;
	uint8_t noise[64];
	glob_t found;

	for (int round = 0; round < TRIAL_RANDOM; round++) {
		for (size_t i = 0; i < sizeof(noise); i++) {
			seed = seed * 1664525 + 1013904223;
			noise[i] = (uint8_t)(seed >> 24);
		}
		assert_int_not_equal(trial->dissector->recognise(
					     bytes_over(noise, sizeof(noise)), 0),
				     RECOGNISED_YES);
	}
	assert_int_equal(glob("tests/fuzz/corpus/*/*", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *path = found.gl_pathv[i];
		char *data = NULL;
		size_t size = 0;
		struct error err;
		if (strncmp(path + strlen("tests/fuzz/corpus/"), own, strlen(own)) == 0)
			continue;
		assert_int_equal(file_read(path, TRIAL_BYTES, &data, &size, &err), 0);
		/* as conversations have it, behind the head of the first piece */
		if (size > 1 &&
		    trial->dissector->recognise(bytes_over(data + 1, size - 1), 0) ==
			    RECOGNISED_YES)
			fail_msg("%s is taken for %s", path, own);
		free(data);
	}
	globfree(&found);
}

/* All of the above, for one conversation. */
static inline void
trial_all(const struct dissector *dissector, const char *path, const char *own)
{
	static struct trial trial;

	trial_load(&trial, dissector, path);
	trial_recognised(&trial, trial.piece[0].side);
	trial_prefixes(&trial);
	trial_damages(&trial);
	trial_gaps(&trial);
	if (dissector->transport == DISSECT_STREAM)
		trial_bytewise(&trial);
	trial_strangers(&trial, own);
	trial_free(&trial);
}

#endif
