/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox: gives up, for good, every right that a process does not need.
 *
 * sandbox_become: another user, and of all capabilities at most CAP_NET_RAW.
 * sandbox_enter: no capability, no_new_privs, no file but below the named
 * directories (Landlock, where the kernel has it), no system call but those of
 * the list of its kind (seccomp): any other ends the process with SIGSYS.
 * A process may enter again: its children then get less, never more.
 *
 * Sanitizers need calls that we refuse; with SEKISHO_SANITIZED the list is
 * turned around: what nobody here may ever do ends the process, the rest may.
 */
#ifndef COMMON_SANDBOX_H
#define COMMON_SANDBOX_H

#include <stdbool.h>

#include "common/error.h"

enum sandbox_kind {
	SANDBOX_WORKER, /* reads what it holds open, writes to its ring: opens nothing */
	SANDBOX_SPOOL,  /* files, and Unix sockets as a client */
	SANDBOX_PARENT, /* forks, opens captures; runs no program.  Keeps its capabilities */
	SANDBOX_UPLINK  /* SANDBOX_SPOOL, and connections over IP: a spool that sends by TLS */
};

/*
 * Becomes 'user' if we are root; NULL: stays who we are.  Keeps CAP_NET_RAW if
 * wanted and there, and no other capability.  -1 if the user does not exist.
 */
int sandbox_become(const char *user, bool keeps_net_raw, struct error *err);
bool sandbox_user_exists(const char *user);

/*
 * 'directories' end with NULL, and may be NULL: no file at all (not for
 * SANDBOX_PARENT, which Landlock leaves alone, because captures need /sys).
 * What is open stays usable.  '*has_landlock' (may be NULL) says whether the
 * kernel took the directories.
 */
int sandbox_enter(enum sandbox_kind kind, const char *const *directories,
		  bool *has_landlock, struct error *err);

#endif
