/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ring: entries from one process to one other through shared memory, in order.
 *
 * Made before fork, so that either side needs no file and no name.  An entry
 * is there as a whole or not at all, whenever its writer is killed; an entry
 * is gone only when the reader releases it, so whatever the reader had taken
 * but not released stands there again for its successor.  One writer and one
 * reader at a time.  The reader believes nothing that stands in the memory:
 * what cannot be is RING_DAMAGED, never a read outside of it.
 */
#ifndef COMMON_RING_H
#define COMMON_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

enum { RING_ENTRY_MAX = 1 << 17, RING_SIZE_MIN = 1 << 19 };

struct ring;

/* 'size' bytes, rounded up to whole pages, at least RING_SIZE_MIN.  NULL on failure. */
struct ring *ring_new(size_t size, struct error *err);
void ring_free(struct ring *ring);
size_t ring_size(const struct ring *ring);
/* As new: for when both writer and what they said is given up.  Neither side may be at work. */
void ring_reset(struct ring *ring);

/* --- writer --- */

/* False if there is no room now.  'size' is at most RING_ENTRY_MAX. */
bool ring_write(struct ring *ring, uint32_t tag, const void *data, size_t size);
/* The same for an entry of two parts in a row. */
bool ring_write_parts(struct ring *ring, uint32_t tag, const void *first,
		      size_t first_size, const void *data, size_t size);
/* Entries ever written since ring_reset: the index of the next.  Right even if a writer was killed. */
uint64_t ring_written(const struct ring *ring);
/* Asks for a wake-up when 'size' bytes can be written.  True if they can already. */
bool ring_want_room(struct ring *ring, size_t size);
/* Readable when room asked for is there; ring_calm() before looking again. */
int ring_room_descriptor(const struct ring *ring);

/* --- reader --- */

struct ring_entry {
	uint64_t index; /* from 0, no hole */
	uint32_t tag;
	uint32_t size;
	const char *data; /* in shared memory: copy before you look twice */
};

/* Where a reader stands; starts at what is not released. */
struct ring_cursor {
	uint64_t at;
};

enum ring_result { RING_EMPTY, RING_ENTRY, RING_DAMAGED };

struct ring_cursor ring_start(const struct ring *ring);
enum ring_result ring_next(const struct ring *ring, struct ring_cursor *cursor,
			   struct ring_entry *entry);
/* All before the cursor is the writer's again. */
void ring_release(struct ring *ring, struct ring_cursor cursor);
/* Bytes that are written and stand at or behind the cursor. */
size_t ring_pending(const struct ring *ring, struct ring_cursor cursor);
/* Asks for a wake-up when 'size' bytes stand behind the cursor.  True if they do already. */
bool ring_want_data(struct ring *ring, struct ring_cursor cursor, size_t size);
/* Readable when data asked for is there; ring_calm() before looking again. */
int ring_data_descriptor(const struct ring *ring);

/* Empties a descriptor of the two kinds above. */
void ring_calm(int descriptor);

#endif
