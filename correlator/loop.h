/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop: the socket, signals and the commit's clock; calls intake and knows nothing of
 * records.
 *
 * A peer's bytes are taken as they come; a peer that does not read its answers
 * is not read from until it does.
 */
#ifndef CORRELATOR_LOOP_H
#define CORRELATOR_LOOP_H

#include "common/error.h"
#include "correlator/intake.h"

struct loop;

/* SIGHUP; what goes wrong is the callee's to say. */
typedef void loop_reload(void *ctx);

/* Listens on the Unix socket 'path', removing one that nobody listens on.  NULL on
 * failure. */
struct loop *loop_new(const char *path, struct intake *intake, loop_reload *reload,
		      void *ctx, struct error *err);
/* Removes the socket. */
void loop_free(struct loop *loop);
/* Until SIGTERM or SIGINT, with all committed: 0; or -1 if the store failed. */
int loop_run(struct loop *loop, struct error *err);

#endif
