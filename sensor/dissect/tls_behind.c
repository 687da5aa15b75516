/* SPDX-License-Identifier: Apache-2.0 */
/* tls_behind: TLS that may begin in a conversation another dissector reads. */
#include "sensor/dissect/tls_behind.h"

#include <stdlib.h>

#include "sensor/dissect/tls_upgrade.h"

void *
behind_lane_new(void)
{
	struct dissect_lane *begun = dissect_lane_new();
	struct behind_lane *lane = begun ? realloc(begun, sizeof(*lane)) : NULL;

	if (lane == NULL) {
		dissect_lane_free(begun);
		return NULL;
	}
	lane->tls = tls_behind_rdp.shared_new();
	if (lane->tls == NULL) {
		free(lane);
		return NULL;
	}
	return lane;
}

void
behind_lane_free(void *lane)
{
	struct behind_lane *behind = lane;

	if (behind)
		tls_behind_rdp.shared_free(behind->tls);
	free(behind);
}

bool
behind_begin(struct behind *behind, const struct dissector *part,
	     struct behind_lane *lane)
{
	*behind = (struct behind){ part, part->begin(lane->tls), false };
	return behind->state != NULL;
}

void
behind_end(struct behind *behind)
{
	behind->part->end(behind->state);
}

static bool
goes_on(struct behind *behind, enum dissect_result result)
{
	behind->is_over = result != DISSECT_MORE;
	return result != DISSECT_VIOLATION;
}

bool
behind_feed(struct behind *behind, int side, struct bytes data, struct instant at,
	    const struct dissect_out *out)
{
	return behind->is_over ||
	       goes_on(behind, behind->part->feed(behind->state, side, data, at, out));
}

bool
behind_gap(struct behind *behind, int side, uint64_t missing, struct instant at,
	   const struct dissect_out *out)
{
	return behind->is_over || goes_on(behind, behind->part->gap(behind->state, side,
								    missing, at, out));
}

void
behind_finish(struct behind *behind, struct instant at, const struct dissect_out *out)
{
	behind->part->finish(behind->state, at, out);
}

const char *
behind_violation(const struct behind *behind)
{
	return behind->part->violation(behind->state);
}

bool
behind_has_begun(const struct behind *behind, int side)
{
	return tls_behind_has_begun(behind->state, side);
}
