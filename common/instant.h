/* SPDX-License-Identifier: Apache-2.0 */
/*
 * instant: a point in time, in microseconds since 1970 UTC.
 *
 * A struct and not an integer, so that the compiler keeps it apart from
 * durations, counters and seconds.  Instants come from packets and ticks;
 * below a program's main.c nothing asks the clock, so the same capture gives
 * the same records each time.  Durations are plain int64_t microseconds.
 */
#ifndef COMMON_INSTANT_H
#define COMMON_INSTANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INSTANT_SECOND ((int64_t)1000000)
#define INSTANT_MINUTE (60 * INSTANT_SECOND)
#define INSTANT_HOUR (60 * INSTANT_MINUTE)
#define INSTANT_DAY (24 * INSTANT_HOUR)

/* "2026-11-24T06:30:00.000000+0000" and its NUL */
#define INSTANT_TEXT_SIZE 32

struct instant {
	int64_t usec;
};

/* Microseconds from 'earlier' to 'later'; negative if the order is the other. */
static inline int64_t
instant_between(struct instant earlier, struct instant later)
{
	return later.usec - earlier.usec;
}

static inline bool
instant_is_before(struct instant a, struct instant b)
{
	return a.usec < b.usec;
}

static inline struct instant
instant_after(struct instant at, int64_t usec)
{
	return (struct instant){ at.usec + usec };
}

/*
 * EVE's form, always UTC: 2016-05-27T06:56:11.304062+0000.  Instants outside
 * the years 0000-9999 are written as the nearest that is inside.  Returns the
 * number of characters written, without the NUL.
 */
size_t instant_to_text(struct instant at, char text[INSTANT_TEXT_SIZE]);

/*
 * Reads RFC 3339 and EVE's form: an offset (Z, +09:00, +0900) is required,
 * up to nine digits of a second are taken and cut to microseconds.  False,
 * and '*at' untouched, if 'text' is anything else.
 */
bool instant_from_text(const char *text, size_t length, struct instant *at);

#endif
