/* SPDX-License-Identifier: Apache-2.0 */
/*
 * touched: stretches of time whose windows must be judged again before the commit.
 *
 * A bounded set: past its cap stretches become one, which judges more than it
 * must and never less.
 */
#ifndef CORRELATOR_TOUCHED_H
#define CORRELATOR_TOUCHED_H

#include <stddef.h>
#include <stdint.h>

enum { TOUCHED_MAX = 64 };

struct touched {
	size_t count;
	struct {
		int64_t from, to; /* [from, to) */
	} stretch[TOUCHED_MAX];
};

/* Nothing happens if 'to' is not past 'from'. */
void touched_add(struct touched *touched, int64_t from, int64_t to);
void touched_join(struct touched *touched, const struct touched *more);
/* Between two values of one boundary, whichever is greater. */
void touched_between(struct touched *touched, int64_t a, int64_t b);

#endif
