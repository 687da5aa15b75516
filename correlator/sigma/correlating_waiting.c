/* SPDX-License-Identifier: Apache-2.0 */
/* correlating_waiting: events that wait for the watermark, as a heap. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "correlator/sigma/correlating_parts.h"

/* By (time, sensor, lane, seq), then in the order of the rules, later steps first: so
 * one record never fills two steps of an order. */
static bool
is_before(const struct stage *stage, const struct waiting *a, const struct waiting *b)
{
	const struct place *one = &stage->place[a->record.place],
			   *other = &stage->place[b->record.place];

	if (a->record.time != b->record.time)
		return a->record.time < b->record.time;
	if (one != other) {
		int order = strcmp(one->sensor, other->sensor);
		if (order != 0)
			return order < 0;
		if (one->lane != other->lane)
			return one->lane < other->lane;
		return strcmp(one->epoch, other->epoch) < 0;
	}
	if (a->record.seq != b->record.seq)
		return a->record.seq < b->record.seq;
	if (a->correlation != b->correlation)
		return a->correlation < b->correlation;
	return a->step > b->step;
}

void
waiting_hold(struct correlating *correlating, struct stage *stage,
	     struct waiting waiting)
{
	size_t at = stage->waiting_count++;

	if (at == stage->waiting_room) {
		stage->waiting_room = 2 * stage->waiting_room + 16;
		stage->waiting = reallocarray(stage->waiting, stage->waiting_room,
					      sizeof(*stage->waiting));
		assert(stage->waiting != NULL);
	}
	correlating->waiting++;
	for (; at > 0 && is_before(stage, &waiting, &stage->waiting[(at - 1) / 2]);
	     at = (at - 1) / 2)
		stage->waiting[at] = stage->waiting[(at - 1) / 2];
	stage->waiting[at] = waiting;
}

struct waiting
waiting_next(struct correlating *correlating, struct stage *stage)
{
	struct waiting next = stage->waiting[0];
	struct waiting last = stage->waiting[--stage->waiting_count];
	size_t at = 0;

	correlating->waiting--;
	for (size_t below = 1; below < stage->waiting_count; below = 2 * at + 1) {
		if (below + 1 < stage->waiting_count &&
		    is_before(stage, &stage->waiting[below + 1],
			      &stage->waiting[below]))
			below++;
		if (!is_before(stage, &stage->waiting[below], &last))
			break;
		stage->waiting[at] = stage->waiting[below];
		at = below;
	}
	if (stage->waiting_count > 0)
		stage->waiting[at] = last;
	return next;
}
