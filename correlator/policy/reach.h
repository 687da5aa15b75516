/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reach: which rows of a model speak of a pair of parties; selectors compiled to bits.
 *
 * One set of bits per class of participants that no selector tells apart, per
 * service, per kind of line and per event type.  A record costs one "and" of
 * six sets: 64 rows a step, whatever the selectors say.
 */
#ifndef CORRELATOR_POLICY_REACH_H
#define CORRELATOR_POLICY_REACH_H

#include "correlator/policy/model.h"

enum {
	REACH_WORDS_MAX = ROWS_MAX / 64,
	REACH_LINES = 6 /* kinds of lines, and none */
};

struct reach {
	size_t words;
	size_t participant_count;
	const uint32_t *class_of;  /* by participant's index; the last is "nobody's" */
	const uint64_t *from, *to; /* [class][words] */
	const uint64_t *service;   /* [service or the last: none][words] */
	const uint64_t *line_from[REACH_LINES], *line_to[REACH_LINES];
	const uint64_t *event[EVENT_COUNT];
	const uint64_t *draft; /* rows that are requirements not yet in force */
	bool has_drafts;
	size_t service_count;
};

/* Lives in the arena. */
void reach_compile(struct reach *reach, struct arena *arena, const struct model *model,
		   const struct inventory *inventory);
/* Writes reach->words words: the requirements in scope, and the entries that match. */
void reach_rows(const struct reach *reach, enum event event, const struct party *client,
		const struct party *server, uint64_t *rows);

static inline bool
reach_has(const uint64_t *rows, size_t row)
{
	return rows[row / 64] >> (row % 64) & 1;
}

#endif
