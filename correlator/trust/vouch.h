/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vouch: adds to a session what its certificates are worth (sekisho.trust.*).
 *
 * Sensors tell a certificate once a day; it is kept in the store and used for
 * all sessions that name its fingerprint.  Where one of a chain is not known,
 * nothing is said.
 */
#ifndef CORRELATOR_TRUST_VOUCH_H
#define CORRELATOR_TRUST_VOUCH_H

#include "common/record.h"
#include "correlator/trust/chains.h"
#include "store/store.h"

struct vouch;

/* Borrows both. */
struct vouch *vouch_new(const struct chains *chains, struct store *store);
void vouch_free(struct vouch *vouch);
/* A certificate record is learnt, a tls record gains its fields; borrows 'vouch' until
 * the next call.  -1 if the store fails. */
int vouch_add(struct vouch *vouch, struct record *record, struct error *err);

#endif
