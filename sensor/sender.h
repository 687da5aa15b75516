/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sender: frames from the spool to the correlator.
 *
 * Speaks common/intake_protocol.h as docs/PROTOCOL.md has it.  Never waits:
 * its owner polls what sender_descriptor names and calls sender_run.  Frames
 * that are under way and not committed are bounded in number and bytes.
 * Whatever goes wrong, and 10 s without a word of the correlator, which answers
 * each heartbeat, ends the connection; it tries again after 0.1 to 5 s and goes
 * on where the correlator says.
 */
#ifndef SENSOR_SENDER_H
#define SENSOR_SENDER_H

#include "common/instant.h"
#include "sensor/wire.h"
#include "store/spool.h"

enum { SENDER_FRAMES_MAX = 256, SENDER_BYTES_MAX = 16 << 20 };

struct sender_config {
	const char *name; /* of the socket or address, for messages */
	struct wire_target target;
	const char *sensor, *poi;
};

struct sender;

/* Borrows config and spool.  NULL if there is no memory. */
struct sender *sender_new(const struct sender_config *config, struct spool *spool);
void sender_free(struct sender *sender);

/* The socket, or -1; '*events' is what to poll it for. */
int sender_descriptor(const struct sender *sender, short *events);
/* When to call sender_run at the latest, on the clock of its 'mono'. */
int64_t sender_due(const struct sender *sender);
/* Connects, receives, sends.  'mono': microseconds that never go back; 'now': the wall clock, for heartbeats. */
void sender_run(struct sender *sender, int64_t mono, struct instant now);
bool sender_is_connected(const struct sender *sender);

#endif
