/* SPDX-License-Identifier: Apache-2.0 */
/* signals: what was asked of this process since it looked last. */
#ifndef SENSOR_SIGNALS_H
#define SENSOR_SIGNALS_H

#include <stdbool.h>

struct signals {
	bool stop;     /* SIGTERM */
	bool counters; /* SIGUSR1 */
	bool reopen;   /* SIGHUP */
};

/*
 * For a child: notes SIGTERM, SIGUSR1 and SIGHUP from now on and ignores
 * SIGINT (a terminal sends it to all; the parent decides) and SIGPIPE.  They
 * were blocked by the parent and are let through here.
 */
void signals_watch(void);
/* What came; counters and reopen are then forgotten, stop stays. */
struct signals signals_take(void);

#endif
