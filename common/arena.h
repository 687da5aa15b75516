/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena: memory for many small things that live and die together.
 *
 * For what is built once and then only read: a YAML tree, an inventory, a rule
 * set.  Nothing is freed alone, so nothing can be forgotten or freed twice.
 * No memory at all ends the program (log_fatal).
 */
#ifndef COMMON_ARENA_H
#define COMMON_ARENA_H

#include <stddef.h>

struct arena_block;

/* { 0 } is an empty one. */
struct arena {
	struct arena_block *newest; /* owned */
	size_t bytes;               /* handed out since the last reset */
};

/* Zeroed, aligned for any type; lives until reset or release.  A size of 0 is fine. */
void *arena_take(struct arena *arena, size_t size);
/* A copy with a NUL behind it. */
char *arena_text(struct arena *arena, const char *text, size_t size);
/* Everything handed out is gone; one block is kept for what comes next. */
void arena_reset(struct arena *arena);
void arena_release(struct arena *arena);

#endif
