/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record_shorten: a record that is too long loses its longest lists and texts.
 *
 * Whole ones, the longest first; each is named under sekisho.unobservable as
 * "truncated".  For common/record_write.c.
 */
#ifndef COMMON_RECORD_SHORTEN_H
#define COMMON_RECORD_SHORTEN_H

#include "common/record.h"

/* A record that gets shorter, and says under unobservable what it lost. */
struct shortening {
	struct record record;
	struct text reasons[4 * FIELD_COUNT]; /* pairs */
	uint32_t count;
};

void shortening_init(struct shortening *shorter, const struct record *record);
/* Takes the longest out; false if no list and no text is left. */
bool shortening_take(struct shortening *shorter);

#endif
