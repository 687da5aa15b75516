/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settle: what TLS 1.3 and IKE hide, settled by logs of the devices that saw it
 * (decisions.md 26).
 *
 * A session of which something is unknown, and a line of a log, wait for each
 * other in the store for SETTLE_WAIT of record time, up to SETTLE_WAITING_MAX a
 * service; beyond it the newcomer is not kept, and counted.  They fit if server,
 * client and the ports both know are equal and their times lie within SETTLE_SKEW.
 * The first line settles a session; it may come before or after it.
 */
#ifndef CORRELATOR_SETTLE_H
#define CORRELATOR_SETTLE_H

#include <stdbool.h>

#include "common/error.h"
#include "common/instant.h"
#include "common/text.h"
#include "store/store.h"

/* 5 s, and what two clocks may differ by that are kept by NTP. */
#define SETTLE_SKEW (7 * INSTANT_SECOND)
#define SETTLE_WAIT INSTANT_HOUR
enum {
	SETTLE_WAITING_MAX = 1 << 16,
	SETTLE_SERVICES_MAX = 4096,
	SETTLE_NAMES_MAX = 256
};

struct settle;

struct settle *settle_new(struct store *store);
void settle_free(struct settle *settle);
/* 1, and one more waits for the server and port; 0 if it is full; -1 if the store
 * fails. */
int settle_take(struct settle *settle, const char *server, uint16_t port,
		struct error *err);
/* One fewer waits. */
void settle_give(struct settle *settle, const char *server, uint16_t port);
/* A lasting copy of a mapping's name. */
const char *settle_name(struct settle *settle, struct text name);
/* Lets go what has waited too long at this watermark, once a minute of it. */
int settle_forget(struct settle *settle, int64_t watermark, struct error *err);

#endif
