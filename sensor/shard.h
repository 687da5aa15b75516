/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shard: which worker a packet belongs to: always the same one for a flow, both
 * directions.
 *
 * By the flow's key, so the innermost packet of a tunnel counts; the same on
 * every machine.  Pieces of a datagram follow the first one, which has the
 * ports.  If another piece comes first, all go to the worker that their
 * addresses name, which may not be their flow's: such are counted.
 */
#ifndef SENSOR_SHARD_H
#define SENSOR_SHARD_H

#include "sensor/packet.h"

struct shard;

/* NULL if there is no memory.  'workers' is at least 1. */
struct shard *shard_new(uint32_t workers);
void shard_free(struct shard *shard);
/* From 0 to workers - 1. */
uint32_t shard_of(struct shard *shard, const struct packet *packet);
/* Packets that may not have gone to their flow's worker. */
uint64_t shard_astray(const struct shard *shard);

#endif
