/* SPDX-License-Identifier: Apache-2.0 */
/* inputs: what a sensor reads: interfaces, or files and directories of files, opened by the parent. */
#ifndef SENSOR_INPUTS_H
#define SENSOR_INPUTS_H

#include "common/arena.h"
#include "sensor/capture.h"
#include "sensor/config.h"

/*
 * Puts in place of each directory its files in the order of their names;
 * names that begin with a dot are left out.  The words live in the arena.
 */
int inputs_expand(struct config *config, struct arena *arena, struct error *err);

/* One interface, or all files in their order.  NULL on failure; the array and what it holds is the caller's. */
struct capture **inputs_open(const struct config *config, const char *interface,
			     size_t *count, struct error *err);
/* Takes NULL. */
void inputs_close(struct capture **captures, size_t count);

#endif
