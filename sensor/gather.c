/* SPDX-License-Identifier: Apache-2.0 */
/* gather: a lane's ring entries, put together to frames. */
#include "sensor/gather.h"

#include <stdlib.h>
#include <string.h>

int
gather_init(struct gather *gather, struct link link, uint32_t lane)
{
	*gather = (struct gather){ .link = link, .header.lane = lane };
	gather->raw = malloc(FRAME_RAW_MAX);
	return gather->raw == NULL ? -1 : 0;
}

void
gather_free(struct gather *gather)
{
	free(gather->raw);
}

static void
begin_frame(struct gather *gather, uint64_t first_seq)
{
	gather->header = (struct frame_header){ .lane = gather->header.lane,
						.first_seq = first_seq };
	gather->has_flows = gather->has_note = gather->is_full = false;
}

void
gather_restart(struct gather *gather, uint64_t next_seq)
{
	gather->cursor = gather->appended = ring_start(gather->link.ring);
	gather->note_appended = false;
	begin_frame(gather, next_seq);
}

/* A line without control characters, its time, a tag of ours: else no worker of ours
 * wrote it. */
static bool
is_sound(const struct ring_entry *entry, const char *line, size_t size)
{
	return entry->tag < SHARE_TAGS && size > 0 && size <= RECORD_SIZE_MAX &&
	       memchr(line, '\n', size) == NULL;
}

static bool
add(struct gather *gather, const struct ring_entry *entry, int64_t mono)
{
	struct frame_header *header = &gather->header;
	size_t size = entry->size - sizeof(struct share_head);
	char *line = gather->raw + header->raw_size;
	struct share_head head;

	/* copied before it is looked at: the worker could still change it */
	memcpy(&head, entry->data, sizeof(head));
	memcpy(line, entry->data + sizeof(head), size);
	struct instant time = { head.time };
	if (!is_sound(entry, line, size))
		return false;
	line[size] = '\n';
	header->raw_size += (uint32_t)size + 1;
	if (header->count == 0) {
		header->first = header->last = time;
		gather->since = mono;
	}
	if (instant_is_before(time, header->first))
		header->first = time;
	if (instant_is_before(header->last, time))
		header->last = time;
	header->count++;
	gather->has_flows |= entry->tag == SHARE_FLOW;
	gather->has_note |= entry->tag == SHARE_NOTE;
	gather->is_full = header->count == FRAME_RECORDS_MAX ||
			  (header->count >= GATHER_RECORDS_LEAST &&
			   header->raw_size >= GATHER_RAW_ENOUGH);
	return true;
}

bool
gather_take(struct gather *gather, int64_t mono)
{
	struct ring_cursor before = gather->cursor;
	struct ring_entry entry;
	enum ring_result result = RING_EMPTY;

	while (!gather->is_full &&
	       (result = ring_next(gather->link.ring, &gather->cursor, &entry)) ==
		       RING_ENTRY) {
		uint64_t seq = gather->link.share->first_seq + entry.index;
		uint64_t wanted = gather->header.first_seq + gather->header.count;

		if (seq > wanted || entry.size <= sizeof(struct share_head) ||
		    entry.size > SHARE_ENTRY_MAX)
			return false;
		if (seq < wanted) { /* kept, by a spool that died before it let it go */
			gather->note_appended |= entry.tag == SHARE_NOTE;
		} else if (gather->header.raw_size + entry.size > FRAME_RAW_MAX) {
			gather->cursor = before;
			gather->is_full = true;
		} else if (!add(gather, &entry, mono)) {
			return false;
		}
		before = gather->cursor;
	}
	if (gather->header.count == 0)
		gather->appended = gather->cursor;
	return result != RING_DAMAGED;
}

bool
gather_is_due(const struct gather *gather, int64_t mono)
{
	return gather->is_full ||
	       (gather->header.count > 0 && mono - gather->since >= GATHER_AGE_MAX);
}

void
gather_appended(struct gather *gather)
{
	gather->appended = gather->cursor;
	gather->note_appended |= gather->has_note;
	begin_frame(gather, gather->header.first_seq + gather->header.count);
}

void
gather_release(struct gather *gather)
{
	/* before the ring lets the answer go, or a new worker would answer again */
	if (gather->note_appended)
		gather->link.share->note_is_open = 0;
	gather->note_appended = false;
	ring_release(gather->link.ring, gather->appended);
}
