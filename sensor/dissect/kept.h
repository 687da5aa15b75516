/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kept: bytes that outlive their packet, bounded for one piece and for all flows of a
 * lane.
 */
#ifndef SENSOR_DISSECT_KEPT_H
#define SENSOR_DISSECT_KEPT_H

#include "common/bytes.h"

struct kept {
	uint8_t *at; /* owned, or NULL */
	uint32_t size, room;
};

/* What all flows of a lane hold together, and may. */
struct kept_budget {
	size_t held, most; /* bytes */
};

/*
 * Appends as much of 'more' as stays below 'most' bytes in all.  False if not
 * all did, or if there was no memory: then nothing was appended.
 */
bool kept_add(struct kept_budget *budget, struct kept *kept, struct bytes more,
	      uint32_t most);
void kept_release(struct kept_budget *budget, struct kept *kept);

#endif
