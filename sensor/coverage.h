/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coverage: what of each interval was watched, and what of it was lost.
 *
 * Intervals are aligned to their length, so that those of all lanes and
 * sensors lie side by side; the first begins where watching began and the
 * last ends where it ended (half-open: a packet is evidence for its own
 * microsecond).  A silence of more than COVERAGE_SILENCE may be a capture
 * that stood still, or two captures in one file: it was not watched.
 */
#ifndef SENSOR_COVERAGE_H
#define SENSOR_COVERAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/instant.h"

#define COVERAGE_SILENCE (60 * INSTANT_SECOND)

struct coverage_counts {
	uint64_t packets;
	uint64_t lost_interface, lost_kernel, lost_worker, lost_stream, lost_flow, lost_output;
	uint64_t unseen_segments, unseen_bytes; /* unseen.h's estimate */
};

/* One interval, as it goes out. */
struct coverage_span {
	struct instant start, end;
	int64_t observed; /* microseconds */
	struct coverage_counts counts;
};

typedef void coverage_sink(void *ctx, const struct coverage_span *span, bool is_last);

struct coverage {
	int64_t interval;
	bool is_started;
	struct instant reached; /* watched until here */
	struct coverage_span span;
};

/* 'interval' is positive, in microseconds. */
struct coverage coverage_start(int64_t interval);
/* It was watched until 'now'; hands on each interval that is over. */
void coverage_reach(struct coverage *coverage, struct instant now, coverage_sink *sink,
		    void *ctx);
/* Hands on the interval that is open, if there is one. */
void coverage_finish(struct coverage *coverage, coverage_sink *sink, void *ctx);

#endif
