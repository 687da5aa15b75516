/* SPDX-License-Identifier: Apache-2.0 */
/* loop_private: what loop.c (signals, commits) and loop_connection.c (sockets, TLS)
 * share. */
#ifndef CORRELATOR_LOOP_PRIVATE_H
#define CORRELATOR_LOOP_PRIVATE_H

#include <stdbool.h>
#include <sys/time.h>
#include <sys/un.h>

#include "correlator/loop.h"

enum { LOOP_SIGNALS = 3 };

struct connection;

struct loop {
	struct event_base *base;
	struct evconnlistener *listener, *tls_listener;
	struct trust *trust; /* borrowed; NULL: no TLS */
	struct event *signal[LOOP_SIGNALS];
	struct event *commit, *tick;
	struct event *poll_time; /* NULL: nothing is polled */
	loop_poll *poll;
	struct intake *intake;
	loop_reload *reload;
	void *ctx;
	struct connection *first;
	unsigned handshakes;    /* connections whose TLS does not stand yet */
	struct timeval said_at; /* when a stranger's failure was said last */
	struct error *err;
	bool has_failed;
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
};

/* The store failed: the loop ends. */
void loop_fail(struct loop *loop);
/* Something waits for a commit, which is due soon. */
void loop_commit_soon(struct loop *loop);

int loop_listen_socket(struct loop *loop, const char *path, struct error *err);
void loop_close_connections(struct loop *loop);

#endif
