/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake: the correlator's side of the conversation with sensors
 * (common/intake_protocol.h).
 *
 * Bytes in, bytes out, no sockets: loop.c owns those.  A peer is a stranger:
 * what it sends wrongly ends its connection, is counted, and said when it is
 * another fault than the last one.  Of a peer that is bound to a certificate, a
 * frame that holds a record of another POI is refused whole.
 * COMMITTED goes out after a commit and never before.
 */
#ifndef CORRELATOR_INTAKE_H
#define CORRELATOR_INTAKE_H

#include <stddef.h>
#include <stdint.h>

#include "common/bytes.h"
#include "common/error.h"
#include "common/instant.h"

struct trust_identity;
struct engine; /* correlator/engine.h, whose enum event is not libevent's struct */

enum { INTAKE_PEERS_MAX = 256, INTAKE_COMMIT_RECORDS = 5000 };

struct intake;
struct intake_peer;

/* How bytes for the peer leave; 'ctx' is the peer's. */
typedef void intake_send(void *ctx, const void *data, size_t size);

/* Borrows the engine. */
struct intake *intake_new(struct engine *engine);
/* All peers must be gone. */
void intake_free(struct intake *intake);
/* After a reload; the old engine has committed. */
void intake_use(struct intake *intake, struct engine *engine);

/* NULL, with REFUSED sent, at INTAKE_PEERS_MAX. */
struct intake_peer *intake_peer_new(struct intake *intake, intake_send *send,
				    void *ctx);
void intake_peer_free(struct intake_peer *peer);
/* The peer has shown a sensor's certificate: it is believed for that sensor and these POIs only; copied. */
void intake_peer_bind(struct intake_peer *peer, const struct trust_identity *identity);

/* A connection that never became a peer: it had no certificate that holds. */
void intake_refuse_stranger(struct intake *intake);

enum intake_result {
	INTAKE_OK,
	INTAKE_CLOSE, /* end the connection once what was sent is out */
	INTAKE_FAILED /* the store failed: end the program */
};

/* Takes the whole messages at the front of 'input'. */
enum intake_result intake_feed(struct intake_peer *peer, struct bytes *input,
			       struct error *err);

/* The correlator's clock, for the engine.  1 if a commit is due. */
int intake_tick(struct intake *intake, struct instant now, struct error *err);
/* Records that wait for a commit. */
uint32_t intake_waiting(const struct intake *intake);
/* Commits and tells all peers. */
int intake_commit(struct intake *intake, struct error *err);

#endif
