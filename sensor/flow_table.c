/* SPDX-License-Identifier: Apache-2.0 */
/* flow_table: flows by key, a fixed number of them, and when each is due. */
#include "sensor/flow_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>

enum { WHEEL = 2048, WHEEL_WORDS = WHEEL / 64, NOWHERE = UINT16_MAX };

struct cell {
	uint32_t hash;
	uint32_t slot; /* flow + 1, 0: free */
};

struct bucket {
	uint32_t head, tail; /* flow + 1, 0: none */
};

struct flow_table {
	struct flow *flows;
	struct cell *cells; /* linear probing, at most half full */
	size_t flows_size, cells_size;
	uint32_t most, count, fresh; /* flows from 'fresh' on were never used */
	uint32_t unused;             /* list of given back flows, by next */
	uint32_t mask;
	uint64_t secret[4];
	int64_t step; /* all buckets before this one are empty */
	bool is_started;
	uint64_t filled[WHEEL_WORDS];
	struct bucket wheel[WHEEL];
};

/* Zeroed pages, touched as they are used; large ones spare most misses of the TLB. */
static void *
take_pages(size_t size)
{
	void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (pages == MAP_FAILED)
		return NULL;
	madvise(pages, size, MADV_HUGEPAGE);
	return pages;
}

static void
give_pages(void *pages, size_t size)
{
	if (pages != NULL)
		munmap(pages, size);
}

/* The kernel's sixteen random bytes for each process: no system call, so it works in a
 * sandbox. */
static void
choose_secret(uint64_t secret[4])
{
	uint64_t seed[2] = { 0 };
	const void *random = (const void *)getauxval(AT_RANDOM);

	if (random != NULL)
		memcpy(seed, random, sizeof(seed));
	secret[0] = seed[0] | 1;
	secret[1] = seed[1] | 1;
	secret[2] = (seed[0] ^ UINT64_C(0x9e3779b97f4a7c15)) | 1;
	secret[3] = (seed[1] ^ UINT64_C(0xc2b2ae3d27d4eb4f)) | 1;
}

struct flow_table *
flow_table_new(uint32_t most)
{
	struct flow_table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	table->most = most > 0 ? most : 1;
	uint32_t cells = 64;
	while (cells < table->most * UINT64_C(2) && cells < UINT32_C(1) << 31)
		cells *= 2;
	table->mask = cells - 1;
	table->flows_size = table->most * sizeof(*table->flows);
	table->cells_size = cells * sizeof(*table->cells);
	table->flows = take_pages(table->flows_size);
	table->cells = take_pages(table->cells_size);
	if (table->flows == NULL || table->cells == NULL) {
		flow_table_free(table);
		return NULL;
	}
	choose_secret(table->secret);
	return table;
}

void
flow_table_free(struct flow_table *table)
{
	if (table == NULL)
		return;
	give_pages(table->flows, table->flows_size);
	give_pages(table->cells, table->cells_size);
	free(table);
}

static uint64_t
fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint32_t
flow_table_hash(const struct flow_table *table, const struct flow_key *key)
{
	uint64_t word[6] = { 0 };
	const uint64_t *secret = table->secret;

	memcpy(word, key, sizeof(*key));
	uint64_t mixed = fold(word[0] ^ secret[0], word[1] ^ secret[1]);
	mixed = fold(word[2] ^ secret[2] ^ mixed, word[3] ^ secret[3]);
	mixed = fold(word[4] ^ secret[1] ^ mixed, word[5] ^ secret[2]);
	return (uint32_t)(mixed ^ mixed >> 32);
}

struct flow *
flow_table_find(struct flow_table *table, const struct flow_key *key, uint32_t hash)
{
	for (uint32_t at = hash & table->mask;; at = (at + 1) & table->mask) {
		const struct cell *cell = &table->cells[at];
		if (cell->slot == 0)
			return NULL;
		if (cell->hash != hash)
			continue;
		struct flow *flow = &table->flows[cell->slot - 1];
		if (memcmp(&flow->key, key, sizeof(*key)) == 0)
			return flow;
	}
}

static uint32_t
slot_of(const struct flow_table *table, const struct flow *flow)
{
	return (uint32_t)(flow - table->flows) + 1;
}

struct flow *
flow_table_add(struct flow_table *table, const struct flow_key *key, uint32_t hash)
{
	struct flow *flow;

	if (table->unused != 0) {
		flow = &table->flows[table->unused - 1];
		table->unused = flow->next;
	} else if (table->fresh < table->most) {
		flow = &table->flows[table->fresh++];
	} else {
		return NULL;
	}
	flow->key = *key;
	flow->hash = hash;
	flow->next = flow->previous = 0;
	flow->bucket = NOWHERE;
	uint32_t at = hash & table->mask;
	while (table->cells[at].slot != 0)
		at = (at + 1) & table->mask;
	table->cells[at] = (struct cell){ hash, slot_of(table, flow) };
	table->count++;
	return flow;
}

/* Takes the flow out of its bucket, if it is in one. */
static void
unlink_flow(struct flow_table *table, struct flow *flow)
{
	if (flow->bucket == NOWHERE)
		return;
	struct bucket *bucket = &table->wheel[flow->bucket];
	if (flow->previous != 0)
		table->flows[flow->previous - 1].next = flow->next;
	else
		bucket->head = flow->next;
	if (flow->next != 0)
		table->flows[flow->next - 1].previous = flow->previous;
	else
		bucket->tail = flow->previous;
	if (bucket->head == 0)
		table->filled[flow->bucket / 64] &= ~(UINT64_C(1) << flow->bucket % 64);
	flow->bucket = NOWHERE;
}

/* Closes the hole at 'at' so that no probe stops short (Knuth 6.4, algorithm R). */
static void
clear_cell(struct flow_table *table, uint32_t at)
{
	uint32_t hole = at;

	for (;;) {
		at = (at + 1) & table->mask;
		struct cell cell = table->cells[at];
		if (cell.slot == 0)
			break;
		uint32_t home = cell.hash & table->mask;
		if (((at - home) & table->mask) >= ((at - hole) & table->mask)) {
			table->cells[hole] = cell;
			hole = at;
		}
	}
	table->cells[hole].slot = 0;
}

void
flow_table_remove(struct flow_table *table, struct flow *flow)
{
	uint32_t slot = slot_of(table, flow);
	uint32_t at = flow->hash & table->mask;

	unlink_flow(table, flow);
	while (table->cells[at].slot != slot)
		at = (at + 1) & table->mask;
	clear_cell(table, at);
	flow->next = table->unused;
	table->unused = slot;
	table->count--;
}

static int64_t
step_of(struct instant at)
{
	return at.usec >= 0 ? at.usec / FLOW_TABLE_STEP : 0;
}

void
flow_table_schedule(struct flow_table *table, struct flow *flow, struct instant due)
{
	int64_t step = step_of(due);

	if (!table->is_started) {
		table->step = step_of(flow->touched);
		table->is_started = true;
	}
	if (step < table->step)
		step = table->step;
	if (step >= table->step + WHEEL)
		step = table->step + WHEEL - 1;
	unlink_flow(table, flow);
	uint16_t at = (uint16_t)(step % WHEEL);
	struct bucket *bucket = &table->wheel[at];
	uint32_t slot = slot_of(table, flow);
	flow->bucket = at;
	flow->next = 0;
	flow->previous = bucket->tail;
	if (bucket->tail != 0)
		table->flows[bucket->tail - 1].next = slot;
	else
		bucket->head = slot;
	bucket->tail = slot;
	table->filled[at / 64] |= UINT64_C(1) << at % 64;
}

/* Steps from 'table->step' to the next bucket with a flow, or WHEEL if all are empty.
 */
static int
steps_to_filled(const struct flow_table *table)
{
	unsigned start = (unsigned)(table->step % WHEEL);

	for (unsigned i = 0; i <= WHEEL_WORDS; i++) {
		unsigned word = (start / 64 + i) % WHEEL_WORDS;
		uint64_t bits = table->filled[word];
		if (i == 0)
			bits &= ~UINT64_C(0) << start % 64;
		if (bits != 0) {
			unsigned at = word * 64 + (unsigned)__builtin_ctzll(bits);
			return (int)((at + WHEEL - start) % WHEEL);
		}
	}
	return WHEEL;
}

/*
 * Whoever asks for a flow that is due describes it and removes it, and then
 * asks for the next: by then this one's cell and that one's lines are near.
 */
static struct flow *
bring_near(const struct flow_table *table, struct flow *flow)
{
	__builtin_prefetch(&table->cells[flow->hash & table->mask], 1);
	if (flow->next != 0) {
		const char *next = (const char *)&table->flows[flow->next - 1];
		for (size_t line = 0; line < sizeof(*flow); line += 64)
			__builtin_prefetch(next + line, 1);
	}
	return flow;
}

struct flow *
flow_table_due(struct flow_table *table, struct instant now)
{
	int64_t end = step_of(now);

	if (!table->is_started) {
		table->step = end;
		table->is_started = true;
	}
	if (table->step >= end)
		return NULL;
	int steps = steps_to_filled(table);
	if (steps == WHEEL || table->step + steps >= end) {
		table->step = end;
		return NULL;
	}
	table->step += steps;
	struct flow *flow = &table->flows[table->wheel[table->step % WHEEL].head - 1];
	bring_near(table, flow);
	unlink_flow(table, flow);
	return flow;
}

struct flow *
flow_table_first(struct flow_table *table)
{
	int steps = table->is_started ? steps_to_filled(table) : WHEEL;

	if (steps == WHEEL)
		return NULL;
	return bring_near(
		table,
		&table->flows[table->wheel[(table->step + steps) % WHEEL].head - 1]);
}

uint32_t
flow_table_count(const struct flow_table *table)
{
	return table->count;
}

uint32_t
flow_table_most(const struct flow_table *table)
{
	return table->most;
}

size_t
flow_table_memory(const struct flow_table *table)
{
	return sizeof(*table) + table->flows_size + table->cells_size;
}

uint32_t
flow_table_fits(uint64_t bytes)
{
	uint64_t most = 0;

	for (uint64_t cells = 64; cells <= UINT64_C(1) << 31; cells *= 2) {
		uint64_t fixed =
			sizeof(struct flow_table) + cells * sizeof(struct cell);
		if (fixed >= bytes)
			break;
		uint64_t flows = (bytes - fixed) / sizeof(struct flow);
		if (flows > cells / 2)
			flows = cells / 2;
		most = flows > most ? flows : most;
	}
	return most <= UINT32_MAX ? (uint32_t)most : UINT32_MAX;
}
