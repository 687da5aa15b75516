/* SPDX-License-Identifier: Apache-2.0 */
/* unseen: what a TCP receiver acknowledged and the tap never saw. */
#include "sensor/unseen.h"

enum {
	UNIT = 64,
	FARTHEST = 1 << 30 /* RFC 7323, section 2.3: the largest window */
};

static int32_t
distance(uint32_t from, uint32_t to)
{
	return (int32_t)(to - from);
}

static bool
is_ahead(int32_t bytes)
{
	return bytes > 0 && bytes < FARTHEST;
}

static uint16_t
at_most(uint32_t value)
{
	return (uint16_t)(value < UINT16_MAX ? value : UINT16_MAX);
}

static uint32_t
give_hole_up(struct unseen_side *side)
{
	uint32_t lost = side->hole;

	side->hole = side->behind = 0;
	return lost;
}

/* What lies between the highest byte and 'start' is missing for now. */
static uint32_t
open_hole(struct unseen_side *side, uint32_t missing)
{
	uint32_t hole = side->hole + missing;

	side->hole = at_most(hole);
	side->behind = 0;
	return hole - side->hole;
}

static void
fill_hole(struct unseen_side *side, uint32_t start, uint32_t size)
{
	int32_t below = distance(start, side->end);

	if ((uint32_t)below > (uint32_t)side->behind * UNIT)
		side->hole -= at_most(size < side->hole ? size : side->hole);
}

static uint32_t
take_segment(struct unseen_side *side, const struct headers *headers, bool is_first)
{
	uint8_t flags = headers->tcp_flags;
	uint32_t start = headers->tcp_sequence, lost = 0;
	uint32_t end = start + headers->payload_size + (flags & TCP_SYN ? 1 : 0) +
		       (flags & TCP_FIN ? 1 : 0);

	if (is_first) {
		side->end = end;
		return 0;
	}
	int32_t ahead = distance(side->end, start);
	if (is_ahead(ahead)) {
		lost = open_hole(side, (uint32_t)ahead);
		side->end = start;
	} else if (side->hole > 0 && is_ahead(-ahead)) {
		fill_hole(side, start, headers->payload_size);
	}
	int32_t grown = distance(side->end, end);
	if (is_ahead(grown)) {
		side->end = end;
		if (side->hole > 0)
			side->behind = at_most(side->behind +
					       ((uint32_t)grown + UNIT - 1) / UNIT);
	}
	return lost;
}

static uint32_t
take_acknowledgement(struct unseen_side *side, uint32_t acknowledged)
{
	int32_t past = distance(side->end, acknowledged);

	if (is_ahead(past)) {
		side->end = acknowledged;
		/* a FIN takes a number and has no byte: one alone says nothing */
		return give_hole_up(side) + (past > 1 ? (uint32_t)past : 0);
	}
	if (side->hole == 0 || past <= -FARTHEST ||
	    (uint32_t)-past > (uint32_t)side->behind * UNIT)
		return 0;
	return give_hole_up(side);
}

uint32_t
unseen_count(struct unseen *unseen, int side, const struct headers *headers,
	     const bool seen[2])
{
	uint8_t flags = headers->tcp_flags;

	if (flags & TCP_RST) /* its numbers may be anything */
		return 0;
	uint32_t lost = take_segment(&unseen->side[side], headers, !seen[side]);
	if (!seen[!side])
		return 0;
	if (flags & TCP_ACK)
		lost += take_acknowledgement(&unseen->side[!side],
					     headers->tcp_acknowledged);
	return lost;
}
