/* SPDX-License-Identifier: Apache-2.0 */
/* ranged: bytes that come in pieces, in any order and more than once, put together. */
#include "sensor/dissect/ranged.h"

#include <string.h>

/* Joins the piece with those it touches; false if there are too many. */
static bool
add_range(struct ranged *ranged, uint32_t from, uint32_t to)
{
	uint32_t first = 0, last;

	while (first < ranged->count && ranged->range[first].to < from)
		first++;
	for (last = first; last < ranged->count && ranged->range[last].from <= to;
	     last++) {
		if (ranged->range[last].from < from)
			from = ranged->range[last].from;
		if (ranged->range[last].to > to)
			to = ranged->range[last].to;
	}
	if (first == last && ranged->count == RANGED_MAX)
		return false;
	memmove(&ranged->range[first + 1], &ranged->range[last],
		(ranged->count - last) * sizeof(ranged->range[0]));
	ranged->range[first].from = from;
	ranged->range[first].to = to;
	ranged->count = ranged->count - (last - first) + 1;
	return true;
}

/* Grows what is kept up to 'size' with zeros. */
static bool
make_room(struct kept_budget *budget, struct kept *kept, uint32_t size, uint32_t most)
{
	static const uint8_t zeros[1024];

	while (kept->size < size) {
		size_t more = size - kept->size;
		if (more > sizeof(zeros))
			more = sizeof(zeros);
		if (!kept_add(budget, kept, bytes_over(zeros, more), most))
			return false;
	}
	return true;
}

bool
ranged_add(struct kept_budget *budget, struct ranged *ranged, uint64_t at,
	   struct bytes data, uint32_t most)
{
	if (data.left == 0)
		return true;
	if (at > most || data.left > most - at ||
	    !make_room(budget, &ranged->kept, (uint32_t)(at + data.left), most) ||
	    !add_range(ranged, (uint32_t)at, (uint32_t)(at + data.left)))
		return false;
	memcpy(ranged->kept.at + at, data.at, data.left);
	return true;
}

struct bytes
ranged_prefix(const struct ranged *ranged)
{
	bool has_first = ranged->count > 0 && ranged->range[0].from == 0;

	return bytes_over(ranged->kept.at, has_first ? ranged->range[0].to : 0);
}

void
ranged_release(struct kept_budget *budget, struct ranged *ranged)
{
	kept_release(budget, &ranged->kept);
	ranged->count = 0;
}
