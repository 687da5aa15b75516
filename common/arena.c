/* SPDX-License-Identifier: Apache-2.0 */
/* arena: memory for many small things that live and die together. */
#include "common/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"

enum { BLOCK_BYTES = 64 << 10 };

struct arena_block {
	struct arena_block *older; /* owned */
	size_t used, size;
	_Alignas(max_align_t) char memory[];
};

static struct arena_block *
block_new(size_t size, struct arena_block *older)
{
	struct arena_block *block = NULL;

	if (size <= SIZE_MAX - sizeof(*block))
		block = malloc(sizeof(*block) + size);
	if (block == NULL)
		log_fatal("arena", "no memory for %zu bytes", size);
	*block = (struct arena_block){ .older = older, .size = size };
	return block;
}

void *
arena_take(struct arena *arena, size_t size)
{
	size_t align = _Alignof(max_align_t);
	size_t padded = (size + align - 1) & ~(align - 1);
	struct arena_block *block = arena->newest;

	if (padded < size)
		log_fatal("arena", "no memory for %zu bytes", size);
	if (block == NULL || padded > block->size - block->used) {
		size_t room = padded > BLOCK_BYTES ? padded : BLOCK_BYTES;
		block = arena->newest = block_new(room, block);
	}
	void *taken = block->memory + block->used;
	block->used += padded;
	arena->bytes += padded;
	return memset(taken, 0, size);
}

char *
arena_text(struct arena *arena, const char *text, size_t size)
{
	char *copy = arena_take(arena, size + 1);

	if (size > 0)
		memcpy(copy, text, size);
	return copy;
}

void
arena_reset(struct arena *arena)
{
	struct arena_block *kept = arena->newest;

	if (kept == NULL)
		return;
	struct arena older = { .newest = kept->older };
	arena_release(&older);
	kept->older = NULL;
	kept->used = 0;
	arena->bytes = 0;
}

void
arena_release(struct arena *arena)
{
	struct arena_block *next;

	for (struct arena_block *block = arena->newest; block != NULL; block = next) {
		next = block->older;
		free(block);
	}
	*arena = (struct arena){ 0 };
}
