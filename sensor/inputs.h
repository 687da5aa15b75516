/* SPDX-License-Identifier: Apache-2.0 */
/* inputs: what a sensor reads: interfaces, or files and directories of files, opened by the parent. */
#ifndef SENSOR_INPUTS_H
#define SENSOR_INPUTS_H

#include "common/arena.h"
#include "sensor/capture.h"
#include "sensor/config.h"

/*
 * Puts in place of each directory its files in the order of their first
 * packets' times, then of their names; names that begin with a dot are left out.  The words live in the arena.
 */
int inputs_expand(struct config *config, struct arena *arena, struct error *err);

/* The names of the interfaces, as records tell them; in the arena.  NULL if files are read. */
const char *inputs_tap(const struct config *config, struct arena *arena);

/*
 * All interfaces of the tap, each in 'group' if there is one, or all files in
 * their order.  NULL on failure; the array and what it holds is the caller's.
 */
struct capture **inputs_open(const struct config *config, struct capture_group *group,
			     size_t *count, struct error *err);
/* Takes NULL. */
void inputs_close(struct capture **captures, size_t count);

#endif
