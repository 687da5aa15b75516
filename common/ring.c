/* SPDX-License-Identifier: Apache-2.0 */
/* ring: entries from one process to one other through shared memory, in order. */
#include "common/ring.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * Positions only grow; the place in memory is the position modulo size.  The
 * memory is mapped twice in a row, so that no entry is ever cut in two.
 */
struct shared {
	_Atomic uint64_t head; /* end of what is written */
	/* What head was and how many entries it was after.  The one for the next head
	 * is written before head is, the one for the present head stays untouched. */
	struct {
		_Atomic uint64_t head, count;
	} written[2];
	/* tail that wakes the writer; 0: it does not wait */
	_Atomic uint64_t room_wanted;
	/* begin of what is not released; in a line of its own, the reader's */
	_Alignas(64) _Atomic uint64_t tail;
	/* head that wakes the reader; 0: it does not wait */
	_Atomic uint64_t data_wanted;
};

struct ring {
	struct shared *shared;
	uint8_t *memory; /* twice 'size' */
	size_t size;
	int data_fd, room_fd;
};

/* Before each entry; entries begin at multiples of 8. */
struct entry_header {
	uint32_t size, tag;
	uint64_t index;
};

static size_t
entry_room(size_t size)
{
	return (sizeof(struct entry_header) + size + 7) & ~(size_t)7;
}

static int
map_twice(struct ring *ring)
{
	int fd = memfd_create("sekisho-ring", MFD_CLOEXEC);
	int result = -1;

	if (fd == -1)
		return -1;
	uint8_t *place = mmap(NULL, 2 * ring->size, PROT_NONE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (place != MAP_FAILED) {
		int how = PROT_READ | PROT_WRITE;
		ring->memory = place;
		if (ftruncate(fd, (off_t)ring->size) == 0 &&
		    mmap(place, ring->size, how, MAP_SHARED | MAP_FIXED, fd, 0) ==
			    place &&
		    mmap(place + ring->size, ring->size, how, MAP_SHARED | MAP_FIXED,
			 fd, 0) == place + ring->size)
			result = 0;
	}
	close(fd);
	return result;
}

struct ring *
ring_new(size_t size, struct error *err)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct ring *ring = calloc(1, sizeof(*ring));

	if (ring == NULL) {
		error_set(err, "no memory for a ring");
		return NULL;
	}
	ring->size =
		size < RING_SIZE_MIN ? RING_SIZE_MIN : (size + page - 1) / page * page;
	ring->data_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ring->room_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ring->shared = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (ring->shared == MAP_FAILED)
		ring->shared = NULL;
	if (ring->data_fd == -1 || ring->room_fd == -1 || ring->shared == NULL ||
	    map_twice(ring) == -1) {
		error_errno(err, "cannot make a ring of %zu bytes", ring->size);
		ring_free(ring);
		return NULL;
	}
	return ring;
}

void
ring_free(struct ring *ring)
{
	if (ring == NULL)
		return;
	if (ring->memory != NULL)
		munmap(ring->memory, 2 * ring->size);
	if (ring->shared != NULL)
		munmap(ring->shared, sizeof(struct shared));
	if (ring->data_fd > 0)
		close(ring->data_fd);
	if (ring->room_fd > 0)
		close(ring->room_fd);
	free(ring);
}

size_t
ring_size(const struct ring *ring)
{
	return ring->size;
}

void
ring_reset(struct ring *ring)
{
	struct shared *s = ring->shared;

	atomic_store(&s->head, 0);
	for (int i = 0; i < 2; i++) {
		atomic_store(&s->written[i].head, 0);
		atomic_store(&s->written[i].count, 0);
	}
	atomic_store(&s->tail, 0);
	atomic_store(&s->room_wanted, 0);
	atomic_store(&s->data_wanted, 0);
}

static void
wake(int descriptor)
{
	uint64_t one = 1;

	if (write(descriptor, &one, sizeof(one)) < 0)
		return; /* it is full: awake already */
}

void
ring_calm(int descriptor)
{
	uint64_t count;

	if (read(descriptor, &count, sizeof(count)) < 0)
		return; /* nothing was there */
}

uint64_t
ring_written(const struct ring *ring)
{
	struct shared *s = ring->shared;
	int now = atomic_load(&s->head) == atomic_load(&s->written[0].head) ? 0 : 1;

	return atomic_load(&s->written[now].count);
}

bool
ring_write(struct ring *ring, uint32_t tag, const void *data, size_t size)
{
	return ring_write_parts(ring, tag, NULL, 0, data, size);
}

bool
ring_write_parts(struct ring *ring, uint32_t tag, const void *first, size_t first_size,
		 const void *data, size_t size)
{
	struct shared *s = ring->shared;
	uint64_t head = atomic_load_explicit(&s->head, memory_order_relaxed);
	uint64_t tail = atomic_load_explicit(&s->tail, memory_order_acquire);
	size_t whole = first_size + size;
	size_t room = entry_room(whole);

	assert(whole <= RING_ENTRY_MAX);
	if (head - tail + room > ring->size)
		return false;
	struct entry_header header = { (uint32_t)whole, tag, ring_written(ring) };
	uint8_t *at = ring->memory + head % ring->size;
	memcpy(at, &header, sizeof(header));
	at += sizeof(header);
	if (first_size > 0)
		memcpy(at, first, first_size);
	if (size > 0)
		memcpy(at + first_size, data, size);
	int next = (header.index + 1) % 2;
	atomic_store(&s->written[next].head, head + room);
	atomic_store(&s->written[next].count, header.index + 1);
	atomic_store(&s->head, head + room);
	uint64_t wanted = atomic_load(&s->data_wanted);
	if (wanted != 0 && head + room >= wanted &&
	    atomic_compare_exchange_strong(&s->data_wanted, &wanted, 0))
		wake(ring->data_fd);
	return true;
}

bool
ring_want_room(struct ring *ring, size_t size)
{
	struct shared *s = ring->shared;
	uint64_t wanted = atomic_load(&s->head) + entry_room(size) - ring->size;

	/* stored first and looked at then, so that no release falls in between */
	atomic_store(&s->room_wanted, wanted);
	if ((int64_t)(atomic_load(&s->tail) - wanted) < 0)
		return false;
	atomic_store(&s->room_wanted, 0);
	return true;
}

int
ring_room_descriptor(const struct ring *ring)
{
	return ring->room_fd;
}

struct ring_cursor
ring_start(const struct ring *ring)
{
	return (struct ring_cursor){ atomic_load(&ring->shared->tail) };
}

size_t
ring_pending(const struct ring *ring, struct ring_cursor cursor)
{
	uint64_t pending = atomic_load(&ring->shared->head) - cursor.at;

	return pending <= ring->size ? (size_t)pending : ring->size;
}

enum ring_result
ring_next(const struct ring *ring, struct ring_cursor *cursor, struct ring_entry *entry)
{
	uint64_t pending =
		atomic_load_explicit(&ring->shared->head, memory_order_acquire) -
		cursor->at;
	struct entry_header header;

	if (pending == 0)
		return RING_EMPTY;
	if (pending > ring->size || pending < sizeof(header) || pending % 8 != 0)
		return RING_DAMAGED;
	const uint8_t *at = ring->memory + cursor->at % ring->size;
	memcpy(&header, at, sizeof(header)); /* read once: its writer may change it */
	if (header.size > RING_ENTRY_MAX || entry_room(header.size) > pending)
		return RING_DAMAGED;
	*entry = (struct ring_entry){ .index = header.index,
				      .tag = header.tag,
				      .size = header.size,
				      .data = (const char *)at + sizeof(header) };
	cursor->at += entry_room(header.size);
	return RING_ENTRY;
}

void
ring_release(struct ring *ring, struct ring_cursor cursor)
{
	struct shared *s = ring->shared;

	atomic_store(&s->tail, cursor.at);
	uint64_t wanted = atomic_load(&s->room_wanted);
	if (wanted != 0 && cursor.at >= wanted &&
	    atomic_compare_exchange_strong(&s->room_wanted, &wanted, 0))
		wake(ring->room_fd);
}

bool
ring_want_data(struct ring *ring, struct ring_cursor cursor, size_t size)
{
	struct shared *s = ring->shared;
	uint64_t wanted = cursor.at + (size ? size : 1);

	atomic_store(&s->data_wanted, wanted);
	if (atomic_load(&s->head) < wanted)
		return false;
	atomic_store(&s->data_wanted, 0);
	return true;
}

int
ring_data_descriptor(const struct ring *ring)
{
	return ring->data_fd;
}
