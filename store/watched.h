/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watched: how much of a stretch of time was watched, in millionths (decisions.md 25).
 *
 * One arithmetic for reports and console, over the hours the store keeps of a
 * sensor at a POI: (time watched / time it could have watched) x (1 - loss),
 * the least over the sensors that can see the participant.  What a sensor
 * could have watched begins with its first record and ends at 'as_of'.
 * Integers only, so that every machine agrees.  Times in microseconds.
 */
#ifndef STORE_WATCHED_H
#define STORE_WATCHED_H

#include <stdbool.h>
#include <stdint.h>

enum { WATCHED_FULL = 1000000 };

/* 'observed' less the share that was lost of what was offered. */
int64_t watched_time(int64_t observed, uint64_t packets, uint64_t lost);
/* Of [from, to); 0 if the sensor was not there then, or never spoke ('first' 0). */
int64_t watched_possible(int64_t first, int64_t from, int64_t to, int64_t as_of);
/* 0 if nothing was possible. */
uint32_t watched_share(int64_t watched, int64_t possible);

/* The least over sensors; { 0 } to begin with. */
struct watched_least {
	bool is_any;
	uint32_t share; /* 0 while there is none: nobody looked */
};
/* A sensor that spoke first after the stretch has no part in it; one that never spoke
 * counts as 0. */
void watched_add(struct watched_least *least, int64_t first, int64_t watched,
		 int64_t possible);

#endif
