/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spooler: the process that keeps and sends what the workers write; sees no packet.
 *
 * ring -> frame -> spool -> sender.  An entry leaves its ring only when its
 * frame is committed to disk, and the spool knows its seq, so a spooler that is
 * killed at any instant loses and doubles nothing as long as the ring lives.
 * It ends when the 'alive' pipe says that nobody is left who could write.
 */
#ifndef SENSOR_SPOOLER_H
#define SENSOR_SPOOLER_H

#include "sensor/config.h"
#include "sensor/share.h"

struct spooler_task {
	const struct config *config;
	const struct link *links; /* one a lane */
	uint32_t lanes;
	const struct reading *reading; /* of the reader, or NULL */
	int alive;  /* read end; end of file = parent and workers are done */
	int output; /* descriptor of --output, or -1 */
};

/* Runs in the forked child, enters the sandbox, returns its exit status. */
int spooler_run(const struct spooler_task *task);

#endif
