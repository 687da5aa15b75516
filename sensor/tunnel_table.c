/* SPDX-License-Identifier: Apache-2.0 */
/* tunnel_table: the tunnels of living flows, each kept once. */
#include "sensor/tunnel_table.h"

#include <stdlib.h>
#include <string.h>

#include "sensor/siphash.h"

enum { HEADS = 4096 };

struct slot {
	struct tunnel tunnel;
	uint32_t users;
	uint32_t next; /* slot, 0: none; of the chain, or of the unused */
};

struct tunnel_table {
	uint32_t heads[HEADS];
	uint32_t unused;
	uint64_t refused;
	struct slot slots[TUNNEL_TABLE_MOST + 1]; /* 0 is none */
};

struct tunnel_table *
tunnel_table_new(void)
{
	struct tunnel_table *table = calloc(1, sizeof(*table));

	for (uint32_t slot = TUNNEL_TABLE_MOST; table != NULL && slot > 0; slot--) {
		table->slots[slot].next = table->unused;
		table->unused = slot;
	}
	return table;
}

void
tunnel_table_free(struct tunnel_table *table)
{
	free(table);
}

static bool
is_same(const struct tunnel *a, const struct tunnel *b)
{
	return a->id == b->id && a->key == b->key && a->kind == b->kind &&
	       a->depth == b->depth && a->protocol == b->protocol &&
	       a->has_id == b->has_id &&
	       memcmp(&a->from, &b->from, sizeof(a->from)) == 0 &&
	       memcmp(&a->to, &b->to, sizeof(a->to)) == 0;
}

static uint32_t *
head_of(struct tunnel_table *table, const struct tunnel *tunnel)
{
	uint64_t word[6] = { (uint64_t)tunnel->key << 32 | tunnel->id, tunnel->kind };

	memcpy(word + 2, tunnel->from.byte, 16);
	memcpy(word + 4, tunnel->to.byte, 16);
	return &table->heads[siphash_words(word, 6) % HEADS];
}

uint32_t
tunnel_table_take(struct tunnel_table *table, const struct tunnel *tunnel)
{
	if (tunnel->kind == TUNNEL_NONE)
		return 0;
	uint32_t *head = head_of(table, tunnel);
	for (uint32_t slot = *head; slot != 0; slot = table->slots[slot].next)
		if (is_same(&table->slots[slot].tunnel, tunnel)) {
			table->slots[slot].users++;
			return slot;
		}
	uint32_t slot = table->unused;
	if (slot == 0) {
		table->refused++;
		return 0;
	}
	table->unused = table->slots[slot].next;
	table->slots[slot] = (struct slot){ *tunnel, 1, *head };
	*head = slot;
	return slot;
}

void
tunnel_table_give(struct tunnel_table *table, uint32_t slot)
{
	if (slot == 0 || --table->slots[slot].users > 0)
		return;
	uint32_t *link = head_of(table, &table->slots[slot].tunnel);
	while (*link != slot)
		link = &table->slots[*link].next;
	*link = table->slots[slot].next;
	table->slots[slot].next = table->unused;
	table->unused = slot;
}

const struct tunnel *
tunnel_table_at(const struct tunnel_table *table, uint32_t slot)
{
	return slot == 0 ? NULL : &table->slots[slot].tunnel;
}

uint64_t
tunnel_table_refused(const struct tunnel_table *table)
{
	return table->refused;
}

size_t
tunnel_table_memory(const struct tunnel_table *table)
{
	return sizeof(*table);
}
