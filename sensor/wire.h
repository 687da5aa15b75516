/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire: the sender's connection, over a Unix socket or over TLS 1.3, without ever
 * waiting.
 *
 * Bytes in, bytes out; what they say is the sender's.  Over TLS the other side must
 * show the correlator's certificate (common/trust.h) before a byte of ours goes out.
 */
#ifndef SENSOR_WIRE_H
#define SENSOR_WIRE_H

#include <stddef.h>
#include <sys/types.h>

#include "common/endpoint.h"
#include "common/error.h"
#include "common/trust.h"

struct wire_target {
	const char *path; /* of the Unix socket; not looked at if there is trust */
	struct endpoint endpoint; /* of TLS */
	struct trust *trust;      /* borrowed; NULL: the Unix socket */
};

struct wire;

/* Borrows the target.  NULL if there is no memory. */
struct wire *wire_new(const struct wire_target *target);
void wire_free(struct wire *wire);

/* Begins to connect; wire_close first if it is open.  -1 if that fails at once. */
int wire_open(struct wire *wire, struct error *err);
void wire_close(struct wire *wire);

/* -1 if it is closed; '*events' is what to poll it for, 'has_output' whether there is
 * more to send. */
int wire_descriptor(const struct wire *wire, bool has_output, short *events);

/* Bytes moved; 0 = none now; -1 = the connection is over, '*err' says why. */
ssize_t wire_receive(struct wire *wire, void *into, size_t room, struct error *err);
ssize_t wire_send(struct wire *wire, const void *from, size_t size, struct error *err);

#endif
