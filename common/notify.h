/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notify: tells systemd that a program is ready, alive or stopping (sd_notify(3)'s datagrams).
 *
 * The socket is named by the environment and opened before any sandbox is
 * entered.  Without a service manager every call does nothing.
 */
#ifndef COMMON_NOTIFY_H
#define COMMON_NOTIFY_H

#include <stdint.h>

struct notify {
	int fd;           /* -1: nobody wants to know */
	int64_t watchdog; /* microseconds within which he wants a sign of life; 0: he does not */
};

struct notify notify_open(void);
/* "READY=1", "WATCHDOG=1", "STOPPING=1"; never waits. */
void notify_say(const struct notify *notify, const char *what);

#endif
