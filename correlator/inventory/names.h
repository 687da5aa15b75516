/* SPDX-License-Identifier: Apache-2.0 */
/*
 * names: from a text to a small number, for ids; the same order on every machine.
 *
 * Holds the texts' addresses, not copies: they must outlive it.
 */
#ifndef CORRELATOR_INVENTORY_NAMES_H
#define CORRELATOR_INVENTORY_NAMES_H

#include <stddef.h>
#include <stdint.h>

#define NAMES_NONE UINT32_MAX

/* { 0 } is an empty one. */
struct names {
	struct names_slot *slot; /* owned */
	size_t count, room;      /* room: 0 or a power of two */
};

/* The number 'name' has already, or NAMES_NONE after it got 'number'. */
uint32_t names_add(struct names *names, const char *name, uint32_t number);
/* NAMES_NONE if it is not there. */
uint32_t names_find(const struct names *names, const char *name);
void names_release(struct names *names);

#endif
