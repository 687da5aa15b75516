/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tail: follows logs of other devices and hands their lines to the engine as records.
 *
 * How far a log is applied (inode and offset) is written in the transaction of
 * what its lines did, so each line counts once whatever is killed when.  A log
 * that was renamed is read to its end before its successor; one that was cut
 * is read from its start; a last line without its end waits.
 */
#ifndef CORRELATOR_LOGS_TAIL_H
#define CORRELATOR_LOGS_TAIL_H

#include "correlator/engine.h"
#include "correlator/logs/mapping.h"
#include "store/store.h"

enum { TAIL_SOURCES_MAX = 64, TAIL_BYTES_A_POLL = 1 << 20 };

struct tails;

/* "MAPPING=PATH" or "MAPPING@POI=PATH"; borrows mappings and store.  NULL with the
 * complaint. */
struct tails *tails_new(const char *const *source, size_t count,
			const struct log_mappings *mappings, struct store *store,
			struct error *err);
void tails_free(struct tails *tails);
/*
 * Applies what is new, at most TAIL_BYTES_A_POLL of each.  A log that cannot be
 * read is told once and tried again.  1 if anything was, 0 if not, -1 if the store
 * failed.
 */
int tails_poll(struct tails *tails, struct engine *engine, struct error *err);

struct tails_counters {
	uint64_t records, others, refused, too_long;
};
struct tails_counters tails_counters(const struct tails *tails);

#endif
