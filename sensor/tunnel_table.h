/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tunnel_table: the tunnels of living flows, each kept once.
 *
 * A flow has room for a number only.  There are far fewer tunnels than flows;
 * when TUNNEL_TABLE_MOST are in use, a new one is counted and gets 0: its flows
 * stay apart by their key and their records do not tell the tunnel.
 */
#ifndef SENSOR_TUNNEL_TABLE_H
#define SENSOR_TUNNEL_TABLE_H

#include "sensor/decode.h"

enum { TUNNEL_TABLE_MOST = 4096 };

struct tunnel_table;

/* NULL if there is no memory. */
struct tunnel_table *tunnel_table_new(void);
void tunnel_table_free(struct tunnel_table *table);

/* From 1; 0 if the table is full or the packet was in no tunnel.  Each is given back
 * once. */
uint32_t tunnel_table_take(struct tunnel_table *table, const struct tunnel *tunnel);
/* 'slot' may be 0. */
void tunnel_table_give(struct tunnel_table *table, uint32_t slot);
/* NULL for 0; until the slot is given back. */
const struct tunnel *tunnel_table_at(const struct tunnel_table *table, uint32_t slot);

uint64_t tunnel_table_refused(const struct tunnel_table *table);
size_t tunnel_table_memory(const struct tunnel_table *table);

#endif
