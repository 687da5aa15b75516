/* SPDX-License-Identifier: Apache-2.0 */
/*
 * handoff: packets from the reader of a tap to one of its workers, through a ring.
 *
 * Besides packets cross marks of time, which all workers get, so that the time
 * of a capture file goes on in each, and the end.  The worker copies nothing:
 * what it looks at stays until it takes the next.
 */
#ifndef SENSOR_HANDOFF_H
#define SENSOR_HANDOFF_H

#include "common/ring.h"
#include "sensor/packet.h"

enum handoff_kind {
	HANDOFF_NONE,
	HANDOFF_PACKET,
	HANDOFF_TIME,
	HANDOFF_END,
	HANDOFF_DAMAGED
};

/* Of a frame that is longer than an entry of a ring so much is handed over: it is
 * snapped there. */
enum { HANDOFF_FRAME_MAX = RING_ENTRY_MAX - 64 };

struct handoff {
	uint64_t order;       /* see struct reading of sensor/share.h */
	struct packet packet; /* of HANDOFF_TIME only 'seen' */
};

/* False if the ring has no room now. */
bool handoff_give(struct ring *ring, enum handoff_kind kind,
		  const struct handoff *handoff);
/* Room that the packet takes, to wait for. */
size_t handoff_size(const struct packet *packet);

/* Moves the cursor; the ring keeps the frame until ring_release. */
enum handoff_kind handoff_take(const struct ring *ring, struct ring_cursor *cursor,
			       struct handoff *handoff);

#endif
