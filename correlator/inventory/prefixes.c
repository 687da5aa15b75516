/* SPDX-License-Identifier: Apache-2.0 */
/* prefixes: which of many prefixes an address lies in, the longest first. */
#include "correlator/inventory/prefixes.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"

#define IPV4_BITS 96 /* ::ffff:0:0/96, where IPv4 lives */

/* A bit for each length in use; an IPv4 /24 is bit 24 of 'ipv4'. */
struct prefix_lengths {
	uint64_t ipv4, ipv6[3];
};

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

static uint32_t
hash_of(uint32_t space, const struct address *address, unsigned bits)
{
	uint64_t half[2];

	memcpy(half, address->byte, sizeof(half));
	return (uint32_t)mix(mix(half[0] + 0x9e3779b97f4a7c15u) ^ half[1] ^
			     ((uint64_t)space << 8 | bits));
}

/*
 * The slot of a prefix, or the free one where it would go.  There is always a
 * free one.  The entry stands in the slot itself: with many institutions each
 * further look is a wait for memory.
 */
static struct prefix_entry *
slot_of(const struct prefixes *p, uint32_t space, const struct address *address,
	unsigned bits)
{
	size_t at = hash_of(space, address, bits) & (p->slots - 1);

	for (;; at = (at + 1) & (p->slots - 1)) {
		struct prefix_entry *slot = &p->slot[at];
		if (slot->owner == PREFIXES_NONE ||
		    (slot->bits == bits && slot->space == space &&
		     address_compare(&slot->address, address) == 0))
			return slot;
	}
}

static void
grow_slots(struct prefixes *p)
{
	struct prefix_entry *old = p->slot;
	size_t count = p->slots;

	p->slots = count ? count * 2 : 64;
	p->slot = enlarge(NULL, p->slots, sizeof(*p->slot));
	memset(p->slot, 0xff, p->slots * sizeof(*p->slot)); /* owner: PREFIXES_NONE */
	for (size_t i = 0; i < count; i++)
		if (old[i].owner != PREFIXES_NONE)
			*slot_of(p, old[i].space, &old[i].address, old[i].bits) =
				old[i];
	free(old);
}

static void
note_length(struct prefixes *p, uint32_t space, const struct prefix *prefix)
{
	if (space >= p->spaces) {
		size_t spaces = (size_t)space + 1 + space / 2;
		p->lengths = enlarge(p->lengths, spaces, sizeof(*p->lengths));
		memset(p->lengths + p->spaces, 0,
		       (spaces - p->spaces) * sizeof(*p->lengths));
		p->spaces = spaces;
	}
	if (prefix->bits >= IPV4_BITS && address_is_ipv4(&prefix->address))
		p->lengths[space].ipv4 |= UINT64_C(1) << (prefix->bits - IPV4_BITS);
	else
		p->lengths[space].ipv6[prefix->bits / 64] |= UINT64_C(1)
							     << prefix->bits % 64;
}

/* Moves what a slot holds to 'more'; returns where. */
static uint32_t
move_aside(struct prefixes *p, const struct prefix_entry *entry)
{
	if (p->more_count == p->more_room) {
		p->more_room = p->more_room ? p->more_room * 2 : 16;
		p->more = enlarge(p->more, p->more_room, sizeof(*p->more));
	}
	p->more[p->more_count] = *entry;
	return (uint32_t)p->more_count++;
}

void
prefixes_add(struct prefixes *p, uint32_t space, const struct prefix *prefix,
	     uint32_t owner)
{
	if (p->count * 2 >= p->slots)
		grow_slots(p);
	struct prefix_entry *slot = slot_of(p, space, &prefix->address, prefix->bits);
	uint32_t next = PREFIXES_NONE;
	if (slot->owner != PREFIXES_NONE)
		next = move_aside(p, slot);
	else
		p->count++;
	*slot = (struct prefix_entry){ .address = prefix->address,
				       .space = space,
				       .owner = owner,
				       .next = next,
				       .bits = prefix->bits };
	note_length(p, space, prefix);
}

const struct prefix_entry *
prefixes_same(const struct prefixes *p, uint32_t space, const struct prefix *prefix)
{
	if (p->slots == 0)
		return NULL;
	const struct prefix_entry *slot =
		slot_of(p, space, &prefix->address, prefix->bits);
	return slot->owner == PREFIXES_NONE ? NULL : slot;
}

const struct prefix_entry *
prefixes_next(const struct prefixes *p, const struct prefix_entry *entry)
{
	return entry->next == PREFIXES_NONE ? NULL : &p->more[entry->next];
}

void
prefixes_release(struct prefixes *p)
{
	free(p->slot);
	free(p->more);
	free(p->lengths);
	*p = (struct prefixes){ 0 };
}

struct prefix_search
prefixes_search(const struct prefixes *p, uint32_t space, const struct address *address)
{
	struct prefix_search search = { .prefixes = p,
					.address = *address,
					.space = space };

	if (space >= p->spaces)
		return search;
	/* IPv4 is not inside ::/0, and IPv6 has nothing to do with IPv4's lengths */
	if (address_is_ipv4(address)) {
		search.left[1] = p->lengths[space].ipv4 << (IPV4_BITS - 64);
		search.left[2] = p->lengths[space].ipv4 >> (128 - IPV4_BITS);
	} else {
		memcpy(search.left, p->lengths[space].ipv6, sizeof(search.left));
	}
	return search;
}

/* Takes the greatest length out of 'left', or -1. */
static int
take_longest(uint64_t left[3])
{
	for (int word = 2; word >= 0; word--)
		if (left[word] != 0) {
			int bit = 63 - __builtin_clzll(left[word]);
			left[word] &= ~(UINT64_C(1) << bit);
			return word * 64 + bit;
		}
	return -1;
}

const struct prefix_entry *
prefix_search_next(struct prefix_search *search)
{
	const struct prefix_entry *found = search->next;

	while (found == NULL) {
		int bits = take_longest(search->left);
		if (bits == -1)
			return NULL;
		struct prefix prefix = { cut(&search->address, (unsigned)bits),
					 (uint8_t)bits };
		found = prefixes_same(search->prefixes, search->space, &prefix);
	}
	search->next = prefixes_next(search->prefixes, found);
	return found;
}
