/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop: sockets, signals and the commit's clock; calls intake and knows nothing of
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
struct trust;

/* SIGHUP; what goes wrong is the callee's to say. */
typedef void loop_reload(void *ctx);

/* Listens on the Unix socket 'path', removing one that nobody listens on.  NULL on
 * failure. */
struct loop *loop_new(const char *path, struct intake *intake, loop_reload *reload,
		      void *ctx, struct error *err);
/* Called now and then, from loop_run; 1: something waits for a commit, -1: the store
 * failed.  Once per loop. */
typedef int loop_poll(void *ctx, struct error *err);
void loop_poll_with(struct loop *loop, loop_poll *poll);
/* Listens for TLS on "ADDRESS:PORT" too; borrows 'trust', whose handshakes decide who a peer is. */
int loop_listen_tls(struct loop *loop, const char *address, struct trust *trust,
		    struct error *err);
/* From now on by this one; the old one may be freed.  Who is revoked is cut off. */
void loop_trust(struct loop *loop, struct trust *trust);
/* Removes the socket. */
void loop_free(struct loop *loop);
/* Until SIGTERM or SIGINT, with all committed: 0; or -1 if the store failed. */
int loop_run(struct loop *loop, struct error *err);

#endif
