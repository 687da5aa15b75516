/* SPDX-License-Identifier: Apache-2.0 */
/*
 * output: the process that writes EVE lines to a file instead of a spool.
 *
 * For other readers of EVE (jq, Filebeat, EveBox).  The epoch is zeros and
 * seqs begin at 1, so the same capture gives the same bytes.  After a kill the
 * last lines may come twice: a file knows no commit.  SIGHUP opens it anew.
 */
#ifndef SENSOR_OUTPUT_H
#define SENSOR_OUTPUT_H

#include "common/error.h"
#include "sensor/spooler.h"

/* For the parent, with the rights it still has.  "-" is standard output.  -1 on failure. */
int output_open(const char *path, struct error *err);
/* As spooler_run. */
int output_run(const struct spooler_task *task);

#endif
