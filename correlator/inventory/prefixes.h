/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prefixes: which of many prefixes an address lies in, the longest first.
 *
 * Prefixes live in spaces (a POI, a POI's VLAN, a participant), for private
 * addresses overlap.  One hash table for all; a space knows which lengths of
 * IPv4 and of IPv6 it uses, so a search is one probe for each of those and does
 * not grow with the number of prefixes.
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
	uint32_t owner; /* whatever the caller means by it; PREFIXES_NONE: a free slot */
	uint32_t next;  /* in 'more': another owner of the same prefix, or PREFIXES_NONE */
	uint8_t bits;
};

/* { 0 } is an empty one. */
struct prefixes {
	struct prefix_entry *slot; /* owned: the last owner of each prefix, by hash */
	size_t count, slots;       /* slots: 0 or a power of two */
	struct prefix_entry *more; /* owned: the owners before it */
	size_t more_count, more_room;
	struct prefix_lengths *lengths; /* owned: by space */
	size_t spaces;
};

void prefixes_add(struct prefixes *prefixes, uint32_t space, const struct prefix *prefix,
		  uint32_t owner);
/* An entry with exactly this prefix, or NULL; the others by prefixes_next(). */
const struct prefix_entry *prefixes_same(const struct prefixes *prefixes, uint32_t space,
					 const struct prefix *prefix);
const struct prefix_entry *prefixes_next(const struct prefixes *prefixes,
					 const struct prefix_entry *entry);
void prefixes_release(struct prefixes *prefixes);

/* A search in steps: the caller may not like what it finds and goes on. */
struct prefix_search {
	const struct prefixes *prefixes;
	struct address address;
	uint64_t left[3]; /* lengths still to be tried, a bit each */
	uint32_t space;
	const struct prefix_entry *next; /* of the length tried last, or NULL */
};

struct prefix_search prefixes_search(const struct prefixes *prefixes, uint32_t space,
				     const struct address *address);
/* The next entry that holds the address, never a longer one than before; NULL at the end. */
const struct prefix_entry *prefix_search_next(struct prefix_search *search);

#endif
