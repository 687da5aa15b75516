/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limit: how often somebody may try something, in a table of fixed size.
 *
 * A key has so many tries, then a wait that doubles with each further one up
 * to a most.  Ten minutes of quiet, or limit_forget, give the tries back.  At
 * the cap the key that tried longest ago makes room.  Time comes as data.
 */
#ifndef DASHBOARDS_CONSOLE_LIMIT_H
#define DASHBOARDS_CONSOLE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

enum { LIMIT_KEYS_MAX = 1024 };

struct limiter {
	uint8_t key[16];               /* of the hash: strangers choose the keys */
	int tries;                     /* free ones */
	int64_t wait_first, wait_most; /* microseconds */
	struct {
		uint64_t hash; /* 0: empty */
		int tried;
		int64_t last;
	} entry[LIMIT_KEYS_MAX];
};

/* True, and counted, if 'key' may try at 'now'; else '*wait' says how long not yet. */
bool limit_try(struct limiter *limiter, const char *key, int64_t now, int64_t *wait);
void limit_forget(struct limiter *limiter, const char *key);

#endif
