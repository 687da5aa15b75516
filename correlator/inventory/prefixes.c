/* SPDX-License-Identifier: Apache-2.0 */
/* prefixes: which of many prefixes an address lies in, the longest first. */
#include "correlator/inventory/prefixes.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"

enum {
	IPV4_BITS = 96
}; /* an IPv4 address lies in no prefix shorter than ::ffff:0:0/96 */

static void *
enlarge(void *array, size_t count, size_t size)
{
	void *more = reallocarray(array, count, size);

	if (more == NULL)
		log_fatal("inventory", "no memory for %zu prefixes", count);
	return more;
}

static struct address
cut(const struct address *address, unsigned bits)
{
	struct address short_one = { { 0 } };

	memcpy(short_one.byte, address->byte, bits / 8);
	if (bits % 8 != 0)
		short_one.byte[bits / 8] =
			(uint8_t)(address->byte[bits / 8] & 0xff00 >> bits % 8);
	return short_one;
}

/* The finalizer of splitmix64 over both halves: near prefixes must not share slots. */
static uint64_t
mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static uint64_t
hash_of(uint32_t space, const struct address *address, unsigned bits)
{
	uint64_t half[2];

	memcpy(half, address->byte, sizeof(half));
	return mix(mix(half[0] + 0x9e3779b97f4a7c15u) ^ half[1] ^
		   ((uint64_t)space << 8 | bits));
}

/* The slot of a prefix, or the free one where it would go. There is always a free one.
 */
static size_t
slot_of(const struct prefixes *p, uint32_t space, const struct address *address,
	unsigned bits)
{
	size_t at = hash_of(space, address, bits) & (p->slots - 1);

	for (;; at = (at + 1) & (p->slots - 1)) {
		if (p->slot[at] == PREFIXES_NONE)
			return at;
		const struct prefix_entry *entry = &p->entry[p->slot[at]];
		if (entry->bits == bits && entry->space == space &&
		    address_compare(&entry->address, address) == 0)
			return at;
	}
}

static void
grow_slots(struct prefixes *p)
{
	uint32_t *old = p->slot;
	size_t count = p->slots;

	p->slots = count ? count * 2 : 64;
	p->slot = enlarge(NULL, p->slots, sizeof(*p->slot));
	memset(p->slot, 0xff, p->slots * sizeof(*p->slot));
	for (size_t i = 0; i < count; i++)
		if (old[i] != PREFIXES_NONE) {
			const struct prefix_entry *entry = &p->entry[old[i]];
			p->slot[slot_of(p, entry->space, &entry->address,
					entry->bits)] = old[i];
		}
	free(old);
}

static void
note_length(struct prefixes *p, uint32_t space, unsigned bits)
{
	if (space >= p->spaces) {
		size_t spaces = (size_t)space + 1 + space / 2;
		p->lengths = enlarge(p->lengths, spaces, sizeof(*p->lengths));
		memset(p->lengths + p->spaces, 0,
		       (spaces - p->spaces) * sizeof(*p->lengths));
		p->spaces = spaces;
	}
	p->lengths[space][bits / 64] |= UINT64_C(1) << bits % 64;
}

void
prefixes_add(struct prefixes *p, uint32_t space, const struct prefix *prefix,
	     uint32_t owner)
{
	if (p->count == p->room) {
		p->room = p->room ? p->room * 2 : 64;
		p->entry = enlarge(p->entry, p->room, sizeof(*p->entry));
	}
	if (p->count * 2 >= p->slots)
		grow_slots(p);
	size_t slot = slot_of(p, space, &prefix->address, prefix->bits);
	p->entry[p->count] = (struct prefix_entry){ .address = prefix->address,
						    .space = space,
						    .owner = owner,
						    .next = p->slot[slot],
						    .bits = prefix->bits };
	p->slot[slot] = (uint32_t)p->count++;
	note_length(p, space, prefix->bits);
}

uint32_t
prefixes_same(const struct prefixes *p, uint32_t space, const struct prefix *prefix)
{
	if (p->slots == 0)
		return PREFIXES_NONE;
	return p->slot[slot_of(p, space, &prefix->address, prefix->bits)];
}

void
prefixes_release(struct prefixes *p)
{
	free(p->entry);
	free(p->slot);
	free(p->lengths);
	*p = (struct prefixes){ 0 };
}

struct prefix_search
prefixes_search(const struct prefixes *p, uint32_t space, const struct address *address)
{
	return (struct prefix_search){ .prefixes = p,
				       .address = *address,
				       .space = space,
				       .next = PREFIXES_NONE,
				       .bits = space < p->spaces ? 129 : 0 };
}

/* The greatest length in use below 'bits', or -1. */
static int
length_below(const uint64_t lengths[3], int bits)
{
	for (int word = (bits - 1) / 64; bits > 0 && word >= 0; word--) {
		int top = bits - word * 64; /* bits of this word that are below */
		uint64_t left = lengths[word];
		if (top < 64)
			left &= (UINT64_C(1) << top) - 1;
		if (left != 0)
			return word * 64 + 63 - __builtin_clzll(left);
	}
	return -1;
}

const struct prefix_entry *
prefix_search_next(struct prefix_search *search)
{
	const struct prefixes *p = search->prefixes;
	int least = address_is_ipv4(&search->address) ? IPV4_BITS : 0;

	while (search->next == PREFIXES_NONE) {
		if (search->bits <= least)
			return NULL;
		int bits = length_below(p->lengths[search->space], search->bits);
		search->bits = bits;
		if (bits < least)
			return NULL;
		struct address key = cut(&search->address, (unsigned)bits);
		search->next = p->slot[slot_of(p, search->space, &key, (unsigned)bits)];
	}
	const struct prefix_entry *found = &p->entry[search->next];
	search->next = found->next;
	return found;
}
