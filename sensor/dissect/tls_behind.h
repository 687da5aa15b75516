/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_behind: TLS that may begin in a conversation another dissector reads.
 *
 * The dissector hands each piece on; what comes of TLS is told by its own
 * records.  Its lane begins with a struct dissect_lane, as every other.
 */
#ifndef SENSOR_DISSECT_TLS_BEHIND_H
#define SENSOR_DISSECT_TLS_BEHIND_H

#include "sensor/dissect/telling.h"

struct behind_lane {
	struct dissect_lane lane;
	void *tls; /* of the parts of all flows */
};

/* For shared_new and shared_free. */
void *behind_lane_new(void);
void behind_lane_free(void *lane);

struct behind {
	const struct dissector *part; /* a row of tls_upgrade.h */
	void *state;
	bool is_over; /* nothing more is to be learnt of TLS */
};

/* False if there is no memory. */
bool behind_begin(struct behind *behind, const struct dissector *part,
		  struct behind_lane *lane);
void behind_end(struct behind *behind);

/* False if TLS was broken: then behind_violation says how. */
bool behind_feed(struct behind *behind, int side, struct bytes data, struct instant at,
		 const struct dissect_out *out);
bool behind_gap(struct behind *behind, int side, uint64_t missing, struct instant at,
		const struct dissect_out *out);
void behind_finish(struct behind *behind, struct instant at,
		   const struct dissect_out *out);
const char *behind_violation(const struct behind *behind);
/* TLS has begun on this side: nothing of it is the dissector's any more. */
bool behind_has_begun(const struct behind *behind, int side);

#endif
