/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker: a lane's process: packets in, lines into its ring, and no right to anything else.
 *
 * Live: it never waits for the spool; what the ring has no room for is counted
 * and reported as coverage.lost.output.  From a file: it waits, nothing is
 * lost.  The first record of a worker that follows another is the gap between
 * them.
 */
#ifndef SENSOR_WORKER_H
#define SENSOR_WORKER_H

#include <stddef.h>

#include "sensor/capture.h"
#include "sensor/config.h"
#include "sensor/share.h"

struct pseudonym_key;

struct worker_task {
	const struct config *config;
	const struct pseudonym_key *key; /* may be NULL */
	struct link link;
	uint32_t lane;
	const char *interface; /* NULL: files */
	struct capture *const *captures; /* interfaces of a tap, or files in order; */
	size_t capture_count;            /* none if a reader hands over packets */
	const struct reading *reading;   /* that reader's, or NULL */
	struct instant since; /* packets of before are another's: the group grew */
};

/* Runs in the forked child, enters the sandbox, returns its exit status. */
int worker_run(const struct worker_task *task);

#endif
