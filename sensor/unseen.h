/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unseen: what a TCP receiver acknowledged and the tap never saw.
 *
 * An estimate of loss that asks neither kernel nor card: whoever acknowledges
 * bytes has them, so the tap missed them.  Counted for every TCP flow of which
 * both sides are seen (of a one-sided capture everything would be unseen),
 * without holding a byte: of each side the highest number, how many bytes
 * below it are missing, and how far below it the last of them lies.  What
 * comes late fills what is missing; an acknowledgement past a hole makes it a
 * loss.  Eight bytes a side, so the distance is kept in units of 64.
 */
#ifndef SENSOR_UNSEEN_H
#define SENSOR_UNSEEN_H

#include "sensor/decode.h"

struct unseen_side {
	uint32_t end;    /* number behind the highest byte that was seen */
	uint16_t hole;   /* bytes missing below it; more than fit are lost at once */
	uint16_t behind; /* 64s of bytes from the last hole's end to 'end' */
};

/* All zero before the first segment. */
struct unseen {
	struct unseen_side side[2];
};

/* A TCP segment of 'side'; 'seen' says of which sides there were segments before it.
 * Returns the bytes that have now proved lost. */
uint32_t unseen_count(struct unseen *unseen, int side, const struct headers *headers,
		      const bool seen[2]);

/* Segments that so many bytes would be, at 1460 bytes each; at least 1. */
static inline uint32_t
unseen_segments(uint32_t bytes)
{
	return bytes / 1460 + (bytes % 1460 != 0);
}

#endif
