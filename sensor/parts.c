/* SPDX-License-Identifier: Apache-2.0 */
/* parts: the bytes of datagrams that are not whole yet, in chunks of a common pool. */
#include "sensor/parts.h"

#include <stdlib.h>
#include <string.h>

enum {
	CHUNK_SIZE = 2048, /* a full Ethernet frame fits one */
	CHUNK_DATA = CHUNK_SIZE - 12
};

struct chunk {
	uint32_t next; /* chunk + 1, 0: none */
	uint32_t start;
	uint32_t size;
	uint8_t data[CHUNK_DATA];
};

_Static_assert(sizeof(struct chunk) == CHUNK_SIZE, "the pool is counted in chunks");

struct parts_pool {
	struct chunk *chunks;
	uint32_t count, fresh, unused, used;
};

struct parts_pool *
parts_pool_new(uint64_t most)
{
	struct parts_pool *pool = calloc(1, sizeof(*pool));
	uint64_t count = most / CHUNK_SIZE;

	if (pool == NULL)
		return NULL;
	pool->count = count > UINT32_MAX - 1 ? UINT32_MAX - 1 : (uint32_t)count;
	pool->chunks = calloc(pool->count > 0 ? pool->count : 1, sizeof(*pool->chunks));
	if (pool->chunks == NULL) {
		free(pool);
		return NULL;
	}
	return pool;
}

void
parts_pool_free(struct parts_pool *pool)
{
	if (pool == NULL)
		return;
	free(pool->chunks);
	free(pool);
}

size_t
parts_pool_memory(const struct parts_pool *pool)
{
	return sizeof(*pool) + (size_t)pool->count * CHUNK_SIZE;
}

size_t
parts_pool_held(const struct parts_pool *pool)
{
	return (size_t)pool->used * CHUNK_SIZE;
}

/* A chunk + 1 that stands behind chunk 'before' (0: first), or 0 if the pool is empty.
 */
static uint32_t
take_chunk(struct parts_pool *pool, struct parts *parts, uint32_t before)
{
	struct chunk *chunks = pool->chunks;
	uint32_t at = pool->unused;

	if (at != 0)
		pool->unused = chunks[at - 1].next;
	else if (pool->fresh < pool->count)
		at = ++pool->fresh;
	else
		return 0;
	uint32_t *link = before ? &chunks[before - 1].next : &parts->first;
	chunks[at - 1].next = *link;
	chunks[at - 1].size = 0;
	*link = at;
	pool->used++;
	parts->chunks++;
	return at;
}

static uint32_t
lesser(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

struct parts_clash
parts_compare(const struct parts_pool *pool, const struct parts *parts, uint32_t start,
	      struct bytes data)
{
	struct parts_clash clash = { 0 };
	uint32_t end = start + (uint32_t)data.left;

	if (start >= parts->end) /* the usual: behind all that is there */
		return clash;
	for (uint32_t at = parts->first; at != 0; at = pool->chunks[at - 1].next) {
		const struct chunk *chunk = &pool->chunks[at - 1];
		uint32_t from = chunk->start > start ? chunk->start : start;
		uint32_t to = lesser(chunk->start + chunk->size, end);
		if (from >= to)
			continue;
		clash.covered += to - from;
		clash.differs |= memcmp(chunk->data + (from - chunk->start),
					data.at + (from - start), to - from) != 0;
	}
	return clash;
}

/* Puts bytes that overlap nothing behind chunk '*before' (0: first), into its rest if
 * they follow on. */
static bool
add_behind(struct parts_pool *pool, struct parts *parts, uint32_t *before,
	   uint32_t start, struct bytes data)
{
	while (data.left > 0) {
		struct chunk *chunk = *before ? &pool->chunks[*before - 1] : NULL;
		if (chunk == NULL || chunk->start + chunk->size != start ||
		    chunk->size == CHUNK_DATA) {
			uint32_t at = take_chunk(pool, parts, *before);
			if (at == 0)
				return false;
			*before = at;
			chunk = &pool->chunks[at - 1];
			chunk->start = start;
		}
		uint32_t size = lesser((uint32_t)data.left, CHUNK_DATA - chunk->size);
		memcpy(chunk->data + chunk->size, bytes_take(&data, size), size);
		chunk->size += size;
		start += size;
		parts->held += size;
		if (start > parts->end)
			parts->end = start;
	}
	return true;
}

bool
parts_add(struct parts_pool *pool, struct parts *parts, uint32_t start,
	  struct bytes data)
{
	uint32_t before = 0;

	for (uint32_t at = parts->first; at != 0 && data.left > 0;) {
		const struct chunk *chunk = &pool->chunks[at - 1];
		uint32_t next = chunk->next;
		uint32_t begin = chunk->start, end = begin + chunk->size;
		if (begin > start) {
			uint32_t ahead = lesser(begin - start, (uint32_t)data.left);
			struct bytes piece = bytes_window(&data, ahead);
			if (!add_behind(pool, parts, &before, start, piece))
				return false;
			start += ahead;
		}
		if (end > start) {
			uint32_t known = lesser(end - start, (uint32_t)data.left);
			bytes_take(&data, known);
			start += known;
		}
		before = at;
		at = next;
	}
	return add_behind(pool, parts, &before, start, data);
}

uint32_t
parts_copy(const struct parts_pool *pool, const struct parts *parts, uint8_t *out,
	   uint32_t most)
{
	uint32_t size = 0;

	for (uint32_t at = parts->first; at != 0; at = pool->chunks[at - 1].next) {
		const struct chunk *chunk = &pool->chunks[at - 1];
		if (chunk->start != size || chunk->size > most - size)
			break;
		memcpy(out + size, chunk->data, chunk->size);
		size += chunk->size;
	}
	return size;
}

void
parts_release(struct parts_pool *pool, struct parts *parts)
{
	while (parts->first != 0) {
		uint32_t at = parts->first;
		parts->first = pool->chunks[at - 1].next;
		pool->chunks[at - 1].next = pool->unused;
		pool->unused = at;
		pool->used--;
	}
	*parts = (struct parts){ 0 };
}
