/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bucket: token buckets by rule and participant; what overflows is summed, never lost.
 *
 * A bucket begins full.  A notice that finds no token is held back and counted;
 * when a token is there again, one summary tells how many of that kind there
 * were.  At BUCKETS_MAX the bucket that was used longest ago goes, its summary
 * at once.
 */
#ifndef CORRELATOR_NOTIFY_BUCKET_H
#define CORRELATOR_NOTIFY_BUCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "correlator/notify/notice.h"

enum { BUCKETS_MAX = 256 };

struct bucket {
	char rule[128], participant[128];
	int64_t tokens; /* microseconds of refill; 'refill' of them are one notice */
	int64_t at;     /* when they were counted */
	uint64_t held;  /* notices since the last summary */
	uint64_t seq;   /* of the newest held notice */
};

struct buckets {
	size_t count;
	struct bucket bucket[BUCKETS_MAX];
};

enum bucket_answer { BUCKET_SEND, BUCKET_HELD, BUCKET_FULL };

/* BUCKET_FULL: all hold something back, so a summary (buckets_due) has to go first. */
enum bucket_answer buckets_ask(struct buckets *buckets,
			       const struct notify_settings *settings,
			       const struct notice *notice, int64_t now);
/* The bucket whose summary is due, or NULL: one with a token, or any at the cap. */
struct bucket *buckets_due(struct buckets *buckets,
			   const struct notify_settings *settings, int64_t now);
/* Its summary was told. */
void bucket_told(struct bucket *bucket, const struct notify_settings *settings);

#endif
