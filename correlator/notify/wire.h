/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire: a connection to a receiver, by TCP or TLS, with a limit to each wait.
 *
 * For the outputs' processes, which have nothing else to do than to wait.
 */
#ifndef CORRELATOR_NOTIFY_WIRE_H
#define CORRELATOR_NOTIFY_WIRE_H

#include <stddef.h>

#include "correlator/notify/notify.h"
#include "correlator/notify/target.h"

enum { WIRE_PATIENCE_SEC = 10 };

struct wire;

/* NULL with the reason.  TLS as 'target' says; its names are checked. */
struct wire *wire_open(const struct target *target,
		       const struct notify_settings *settings, struct error *err);
void wire_close(struct wire *wire);
/* STARTTLS: from now on by TLS. */
int wire_secure(struct wire *wire, const struct target *target,
		const struct notify_settings *settings, struct error *err);
int wire_write(struct wire *wire, const void *data, size_t size, struct error *err);
/* Bytes read, 0 at the orderly end, -1. */
int wire_read(struct wire *wire, void *data, size_t room, struct error *err);
/* A line without its end, into 'line'; longer ones are cut.  -1 at the end too. */
int wire_line(struct wire *wire, char *line, size_t room, struct error *err);
/*
 * Says that nothing more comes and waits until the other side has said so too:
 * 0 then, and it has read all, for it comes to our end only behind our data.
 */
int wire_finish(struct wire *wire, struct error *err);

#endif
