/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tap: several interfaces that see one line, read as one: packets in the order of their time.
 *
 * The kernel hands packets over in blocks, each interface's when it is full or
 * TAP_PATIENCE / 2 old.  So a packet waits until every other interface shows a
 * later one, or until it is TAP_PATIENCE old: then none of before can come.
 */
#ifndef SENSOR_TAP_H
#define SENSOR_TAP_H

#include "sensor/capture.h"

#define TAP_PATIENCE (INSTANT_SECOND / 5)
/* As 'now' at the end: nothing is waited for. */
#define TAP_END ((struct instant){ INT64_MAX / 2 })

/* Hands at most 'most' packets to the sink; how many, or -1 with '*err'.  One interface
 * alone is read as it comes. */
int tap_read(struct capture *const *captures, size_t count, int most, struct instant now,
	     packet_sink *sink, void *ctx, struct error *err);
/* True if a packet waits for others: sleep a little, a descriptor would wake at once. */
bool tap_waits(struct capture *const *captures, size_t count);

#endif
