/* SPDX-License-Identifier: Apache-2.0 */
/* coverage: what of each interval was watched, and what of it was lost. */
#include "sensor/coverage.h"

#include <assert.h>

struct coverage
coverage_start(int64_t interval)
{
	assert(interval > 0);
	return (struct coverage){ .interval = interval };
}

static struct instant
interval_end(const struct coverage *coverage, struct instant at)
{
	int64_t past = at.usec % coverage->interval;

	if (past < 0) /* before 1970 */
		past += coverage->interval;
	return (struct instant){ at.usec - past + coverage->interval };
}

static void
open_span(struct coverage *coverage, struct instant at)
{
	coverage->span.start = at;
	coverage->span.end = interval_end(coverage, at);
	coverage->span.observed = 0;
	coverage->reached = at;
}

/* Hands the open interval on and forgets its counts. */
static void
close_span(struct coverage *coverage, coverage_sink *sink, void *ctx, bool is_last)
{
	sink(ctx, &coverage->span, is_last);
	coverage->span.counts = (struct coverage_counts){ 0 };
}

static void
watch_until(struct coverage *coverage, struct instant at)
{
	coverage->span.observed += instant_between(coverage->reached, at);
	coverage->reached = at;
}

/* The span ends where watching did: one microsecond past the last thing seen. */
static void
cut_span(struct coverage *coverage)
{
	struct instant end = instant_after(coverage->reached, 1);

	coverage->span.observed++;
	if (instant_is_before(end, coverage->span.end))
		coverage->span.end = end;
}

void
coverage_reach(struct coverage *coverage, struct instant now, coverage_sink *sink,
	       void *ctx)
{
	if (!coverage->is_started) {
		coverage->is_started = true;
		open_span(coverage, now);
		return;
	}
	if (instant_between(coverage->reached, now) > COVERAGE_SILENCE) {
		cut_span(coverage);
		close_span(coverage, sink, ctx, false);
		open_span(coverage, now);
		return;
	}
	while (!instant_is_before(now, coverage->span.end)) {
		struct instant end = coverage->span.end;
		watch_until(coverage, end);
		close_span(coverage, sink, ctx, false);
		open_span(coverage, end);
	}
	if (instant_is_before(coverage->reached, now))
		watch_until(coverage, now);
}

void
coverage_finish(struct coverage *coverage, coverage_sink *sink, void *ctx)
{
	if (!coverage->is_started)
		return;
	cut_span(coverage);
	close_span(coverage, sink, ctx, true);
	coverage->is_started = false;
}
