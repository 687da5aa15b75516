/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow_table: flows by key, a fixed number of them, and when each is due.
 *
 * All memory is taken in flow_table_new; pages are touched as flows come.
 * The look-up is keyed with numbers of this process, so that nobody can
 * make flows collide; nothing that goes out depends on them.  What is due
 * stands in a wheel of FLOW_TABLE_STEP buckets, first in first out, so order
 * is that of time.  Moving a flow's due time forward costs nothing until the
 * wheel reaches it.
 */
#ifndef SENSOR_FLOW_TABLE_H
#define SENSOR_FLOW_TABLE_H

#include "sensor/flow.h"

/* Microseconds a bucket of the wheel holds: due times are kept to this. */
#define FLOW_TABLE_STEP ((int64_t)262144)

struct flow_table;

/* NULL if there is no memory.  'most' flows, at least 1. */
struct flow_table *flow_table_new(uint32_t most);
void flow_table_free(struct flow_table *table);

uint32_t flow_table_hash(const struct flow_table *table, const struct flow_key *key);
/* NULL if there is none. */
struct flow *flow_table_find(struct flow_table *table, const struct flow_key *key,
			     uint32_t hash);
/* A flow with key and hash set and nothing else, in no bucket yet.  NULL if the table
 * is full. */
struct flow *flow_table_add(struct flow_table *table, const struct flow_key *key,
			    uint32_t hash);
void flow_table_remove(struct flow_table *table, struct flow *flow);

/* Says when the flow is to be looked at (again).  Later than the wheel reaches means:
 * at its end. */
void flow_table_schedule(struct flow_table *table, struct flow *flow,
			 struct instant due);
/*
 * The next flow whose bucket is over at 'now', taken out of its bucket, or
 * NULL.  The caller removes it or schedules it again.  'now' never goes back.
 */
struct flow *flow_table_due(struct flow_table *table, struct instant now);
/* The flow that is due first, left where it is.  NULL if there is none. */
struct flow *flow_table_first(struct flow_table *table);

uint32_t flow_table_count(const struct flow_table *table);
uint32_t flow_table_most(const struct flow_table *table);
/* How many flows a table of at most so many bytes can hold; 0: none. */
uint32_t flow_table_fits(uint64_t bytes);
/* Bytes taken at start. */
size_t flow_table_memory(const struct flow_table *table);

#endif
