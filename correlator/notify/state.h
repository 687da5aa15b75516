/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state: how far one output has come, in the file STORE/notify/NAME.json.
 *
 * Replaced as a whole, so that a death at any instant leaves the old or the new one.
 */
#ifndef CORRELATOR_NOTIFY_STATE_H
#define CORRELATOR_NOTIFY_STATE_H

#include "correlator/notify/bucket.h"

struct notify_state {
	uint64_t position; /* seq of the last settled transition */
	uint64_t delivered, refused, summarised, failures;
	int64_t told;    /* microseconds: last delivery by this host's clock; 0: none */
	char error[256]; /* why the last attempt failed; "" if it did not */
	struct buckets buckets;
};

/* 1, 0 if there is none yet, -1 with the reason. */
int notify_state_read(struct notify_state *state, const char *directory,
		      const char *name, struct error *err);
int notify_state_write(const struct notify_state *state, const char *directory,
		       const char *name, struct error *err);

#endif
