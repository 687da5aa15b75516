/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reader: the process that reads a tap, or files, for several workers; it hashes, they
 * decode.
 *
 * One reads all interfaces of a tap, so that both directions of a flow come to
 * the same worker in the order of their time (decisions.md 18).  Live, it never
 * waits for a worker: what its ring has no room for is counted
 * (coverage.lost.worker).  From files it waits, and nothing is lost.
 */
#ifndef SENSOR_READER_H
#define SENSOR_READER_H

#include <stddef.h>

#include "sensor/capture.h"
#include "sensor/config.h"
#include "sensor/share.h"

struct reader_task {
	const struct config *config;
	const struct link *links; /* one a worker */
	uint32_t lanes;
	struct reading *reading;
	struct capture *const *captures; /* interfaces of a tap, or files in order */
	size_t capture_count;
};

/* Runs in the forked child, enters the sandbox, returns its exit status. */
int reader_run(const struct reader_task *task);

#endif
