/* SPDX-License-Identifier: Apache-2.0 */
/*
 * position: which seqs of a lane are applied: a low-water mark and spans above it.
 *
 * Order is not kept when a broker fails over, so "seq <= last means seen" would
 * drop records (distribution.md 1).  At the cap of spans the hole below the
 * lowest span is given up: its seqs count as applied, and as lost.
 */
#ifndef CORRELATOR_POSITION_H
#define CORRELATOR_POSITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	POSITION_SPANS_MAX = 256,
	POSITION_TEXT_SIZE = POSITION_SPANS_MAX * 44 + 3 /* "[first,last]," each */
};

struct position {
	uint64_t low; /* every seq <= low is applied */
	size_t count;
	struct {
		uint64_t first, last;
	} span[POSITION_SPANS_MAX]; /* applied above low; apart, rising */
};

bool position_has(const struct position *position, uint64_t seq);
/* Adds first..last, parts of which may be there.  Returns how many seqs were given up.
 */
uint64_t position_add(struct position *position, uint64_t first, uint64_t last);

/* The spans as a JSON list of [first,last]. */
void position_to_text(const struct position *position, char text[POSITION_TEXT_SIZE]);
/* Reads what position_to_text wrote; false if it is anything else. */
bool position_from_text(struct position *position, uint64_t low, const char *text);

#endif
