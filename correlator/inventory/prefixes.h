/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prefixes: which of many prefixes an address lies in, the longest first.
 *
 * Prefixes live in spaces (a POI, a POI's VLAN, a participant), for private
 * addresses overlap.  One hash table for all; a space knows which lengths it
 * uses, so a search is one probe for each of those and does not grow with the
 * number of prefixes.
 */
#ifndef CORRELATOR_INVENTORY_PREFIXES_H
#define CORRELATOR_INVENTORY_PREFIXES_H

#include <stddef.h>
#include <stdint.h>

#include "common/address.h"

#define PREFIXES_NONE UINT32_MAX

struct prefix_entry {
	struct address address;
	uint32_t space;
	uint32_t owner; /* whatever the caller means by it */
	uint32_t next;  /* another owner of the same prefix, or PREFIXES_NONE */
	uint8_t bits;
};

/* { 0 } is an empty one. */
struct prefixes {
	struct prefix_entry *entry; /* owned */
	size_t count, room;
	uint32_t *slot; /* owned: first entry of a prefix */
	size_t slots;   /* 0 or a power of two */
	uint64_t (*lengths)[3]; /* owned: by space, a bit for each length in use */
	size_t spaces;
};

void prefixes_add(struct prefixes *prefixes, uint32_t space, const struct prefix *prefix,
		  uint32_t owner);
/* The first entry with exactly this prefix, or PREFIXES_NONE; the others by 'next'. */
uint32_t prefixes_same(const struct prefixes *prefixes, uint32_t space,
		       const struct prefix *prefix);
void prefixes_release(struct prefixes *prefixes);

/* A search in steps: the caller may not like what it finds and goes on. */
struct prefix_search {
	const struct prefixes *prefixes;
	struct address address;
	uint32_t space, next;
	int bits; /* lengths below this are still to be tried */
};

struct prefix_search prefixes_search(const struct prefixes *prefixes, uint32_t space,
				     const struct address *address);
/* The next entry that holds the address, never a longer one than before; NULL at the end. */
const struct prefix_entry *prefix_search_next(struct prefix_search *search);

#endif
