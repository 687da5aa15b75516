/* SPDX-License-Identifier: Apache-2.0 */
/* names: from a text to a small number, for ids; the same order on every machine. */
#include "correlator/inventory/names.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"

struct names_slot {
	const char *name; /* NULL: free */
	uint32_t hash, number;
};

/* FNV-1a */
static uint32_t
hash_of(const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name != '\0'; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return hash;
}

/* The slot of 'name', or the free one where it would go. There is always a free one. */
static struct names_slot *
slot_of(const struct names *names, const char *name, uint32_t hash)
{
	size_t at = hash & (names->room - 1);

	while (names->slot[at].name != NULL &&
	       (names->slot[at].hash != hash ||
		strcmp(names->slot[at].name, name) != 0))
		at = (at + 1) & (names->room - 1);
	return &names->slot[at];
}

static void
grow(struct names *names)
{
	struct names more = { .count = names->count,
			      .room = names->room ? names->room * 2 : 64 };

	more.slot = calloc(more.room, sizeof(*more.slot));
	if (more.slot == NULL)
		log_fatal("inventory", "no memory for %zu names", more.room);
	for (size_t i = 0; i < names->room; i++)
		if (names->slot[i].name != NULL)
			*slot_of(&more, names->slot[i].name, names->slot[i].hash) =
				names->slot[i];
	free(names->slot);
	*names = more;
}

uint32_t
names_add(struct names *names, const char *name, uint32_t number)
{
	uint32_t hash = hash_of(name);

	if (names->count * 2 >= names->room)
		grow(names);
	struct names_slot *slot = slot_of(names, name, hash);
	if (slot->name != NULL)
		return slot->number;
	*slot = (struct names_slot){ .name = name, .hash = hash, .number = number };
	names->count++;
	return NAMES_NONE;
}

uint32_t
names_find(const struct names *names, const char *name)
{
	if (names->room == 0)
		return NAMES_NONE;
	const struct names_slot *slot = slot_of(names, name, hash_of(name));
	return slot->name != NULL ? slot->number : NAMES_NONE;
}

void
names_release(struct names *names)
{
	free(names->slot);
	*names = (struct names){ 0 };
}
