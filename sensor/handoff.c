/* SPDX-License-Identifier: Apache-2.0 */
/* handoff: packets from the reader of a tap to one of its workers, through a ring. */
#include "sensor/handoff.h"

#include <string.h>

/* Before the frame. */
struct head {
	int64_t seen;
	uint64_t order, number;
	uint32_t wire_size;
	int32_t link_type;
};

_Static_assert(sizeof(struct head) + HANDOFF_FRAME_MAX <= RING_ENTRY_MAX,
	       "a frame's head has room");

static size_t
frame_size(const struct packet *packet)
{
	return packet->frame.left < HANDOFF_FRAME_MAX ? packet->frame.left
						      : HANDOFF_FRAME_MAX;
}

size_t
handoff_size(const struct packet *packet)
{
	return sizeof(struct head) + frame_size(packet);
}

bool
handoff_give(struct ring *ring, enum handoff_kind kind, const struct handoff *handoff)
{
	const struct packet *packet = &handoff->packet;
	const struct head head = {
		.seen = packet->seen.usec,
		.order = handoff->order,
		.number = packet->number,
		.wire_size = packet->wire_size,
		.link_type = packet->link_type,
	};

	return ring_write_parts(ring, kind, &head, sizeof(head), packet->frame.at,
				kind == HANDOFF_PACKET ? frame_size(packet) : 0);
}

enum handoff_kind
handoff_take(const struct ring *ring, struct ring_cursor *cursor,
	     struct handoff *handoff)
{
	struct ring_entry entry;
	struct head head;

	switch (ring_next(ring, cursor, &entry)) {
	case RING_EMPTY:
		return HANDOFF_NONE;
	case RING_DAMAGED:
		return HANDOFF_DAMAGED;
	case RING_ENTRY:
		break;
	}
	if (entry.size < sizeof(head) || entry.tag < HANDOFF_PACKET ||
	    entry.tag > HANDOFF_END)
		return HANDOFF_DAMAGED;
	memcpy(&head, entry.data, sizeof(head));
	*handoff = (struct handoff){
		.order = head.order,
		.packet = {
			.seen = { head.seen },
			.frame = bytes_over(entry.data + sizeof(head),
					    entry.size - sizeof(head)),
			.wire_size = head.wire_size,
			.link_type = head.link_type,
			.number = head.number,
		},
	};
	return (enum handoff_kind)entry.tag;
}
