/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parent: opens captures, forks the spool, the workers and their reader, and puts them up again when they fall.
 *
 * Keeps CAP_NET_RAW alone and touches no packet byte.  When a worker or the
 * reader dies, the others end in order and all start anew, with captures of
 * their own: flows would move otherwise.  Each reports the gap; a spool that dies by one that
 * goes on where the last commit was.  SIGTERM and SIGINT end in order: workers
 * finish their flows, then the spool keeps what they wrote.  A second one does
 * not wait.  SIGUSR1: counters to stderr.  SIGHUP: --output is opened
 * anew and the settings are read again (reload.h); if they changed, the workers
 * start anew, as one gap.
 */
#ifndef SENSOR_PARENT_H
#define SENSOR_PARENT_H

#include "sensor/config.h"

struct pseudonym_key;
struct reload;

/* Runs until all is done; the exit status. */
int parent_run(struct reload *reload, const struct pseudonym_key *key);

#endif
