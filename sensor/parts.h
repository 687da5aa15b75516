/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts: the bytes of datagrams that are not whole yet, in chunks of a common pool.
 *
 * A list's chunks stand in the order of their bytes and never overlap: what is
 * there already stays.  Whether that is wanted is the caller's to ask first,
 * with parts_compare.
 */
#ifndef SENSOR_PARTS_H
#define SENSOR_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/bytes.h"

struct parts_pool;

/* NULL if there is no memory.  'most' bytes are taken here. */
struct parts_pool *parts_pool_new(uint64_t most);
void parts_pool_free(struct parts_pool *pool);
size_t parts_pool_memory(const struct parts_pool *pool);
/* Bytes of chunks in use. */
size_t parts_pool_held(const struct parts_pool *pool);

/* All zero holds nothing. */
struct parts {
	uint32_t first;  /* chunk + 1, 0: none */
	uint32_t chunks; /* how many */
	uint32_t held;   /* bytes in them */
	uint32_t end;    /* behind the last byte */
};

struct parts_clash {
	uint32_t covered; /* bytes that are there already */
	bool differs;     /* some of them with another value */
};
struct parts_clash parts_compare(const struct parts_pool *pool,
				 const struct parts *parts, uint32_t start,
				 struct bytes data);

/* Holds what of the data is not there.  False if there is no chunk for all of it; then
 * some of it may be held, and a call with the same piece goes on. */
bool parts_add(struct parts_pool *pool, struct parts *parts, uint32_t start,
	       struct bytes data);

/* Copies the bytes from 0 up to the first that is missing and returns how many. */
uint32_t parts_copy(const struct parts_pool *pool, const struct parts *parts,
		    uint8_t *out, uint32_t most);

/* Gives back what is held. */
void parts_release(struct parts_pool *pool, struct parts *parts);

#endif
