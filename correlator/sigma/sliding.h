/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sliding: what one (correlation, group) remembers, and whether it holds.
 *
 * Events come in the order of their times; late ones are put where they belong
 * as far as they still count.  Exact, but for sums and averages, whose window is
 * longer by at most a 64th of the timespan, and percentiles and medians, which
 * look at the newest SLIDING_VALUES_MAX values of the window.
 */
#ifndef CORRELATOR_SIGMA_SLIDING_H
#define CORRELATOR_SIGMA_SLIDING_H

#include "correlator/sigma/correlation.h"

enum { SLIDING_BUCKETS = 64, SLIDING_VALUES_MAX = 1024 };
#define SLIDING_NEVER INT64_MIN

/*
 * event_count: newest times.  value_count: newest times of different values.
 * temporal: of each step its last time.  temporal_ordered: of each step the
 * latest start (in 'value') of a sequence that ends there, and its end.  Sums:
 * two a bucket, its number as time: the sum and how many.  Else the newest values.
 */
struct moment {
	int64_t time;
	uint64_t value;
};

struct sliding {
	uint32_t count, room;
	struct moment *at;
};

/* Entries a group of the correlation has at most. */
size_t sliding_most(const struct correlation *correlation);
/* Adds one event.  Returns by how many bytes it grew. */
size_t sliding_add(struct sliding *sliding, const struct correlation *correlation,
		   int64_t time, size_t step, uint64_t value);
/* For the window that ends at 'now'; '*value' is what is compared, as far as it is
 * known. */
bool sliding_holds(const struct sliding *sliding, const struct correlation *correlation,
		   int64_t now, uint64_t *value);
/* Makes room for so many entries, as when read back. */
size_t sliding_reserve(struct sliding *sliding, size_t count);
void sliding_free(struct sliding *sliding);

#endif
