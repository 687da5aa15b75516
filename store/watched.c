/* SPDX-License-Identifier: Apache-2.0 */
/* watched: how much of a stretch of time was watched, in millionths (decisions.md 25).
 */
#include "store/watched.h"

int64_t
watched_time(int64_t observed, uint64_t packets, uint64_t lost)
{
	uint64_t all = packets + lost;

	return all == 0 ? observed : (int64_t)((__int128)observed * packets / all);
}

int64_t
watched_possible(int64_t first, int64_t from, int64_t to, int64_t as_of)
{
	int64_t begin = from > first ? from : first;
	int64_t end = to < as_of ? to : as_of;

	return first > 0 && end > begin ? end - begin : 0;
}

uint32_t
watched_share(int64_t watched, int64_t possible)
{
	if (possible <= 0 || watched <= 0)
		return 0;
	return watched >= possible
		       ? WATCHED_FULL
		       : (uint32_t)((__int128)watched * WATCHED_FULL / possible);
}

void
watched_add(struct watched_least *least, int64_t first, int64_t watched,
	    int64_t possible)
{
	if (first > 0 && possible <= 0)
		return;
	uint32_t share = watched_share(watched, possible);
	if (!least->is_any || share < least->share)
		least->share = share;
	least->is_any = true;
}
