/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ranged: bytes that come in pieces, in any order and more than once, put together.
 *
 * For CRYPTO frames of QUIC and fragments of DTLS.  Of bytes that come twice
 * the later ones count.  All zero at first.
 */
#ifndef SENSOR_DISSECT_RANGED_H
#define SENSOR_DISSECT_RANGED_H

#include "sensor/dissect/kept.h"

enum { RANGED_MAX = 32 /* pieces with holes between them */ };

struct ranged {
	struct kept kept;
	struct {
		uint32_t from, to;
	} range[RANGED_MAX]; /* by 'from', none touches another */
	uint32_t count;
};

/*
 * False, and nothing is added, if it does not lie below 'most', leaves more than
 * RANGED_MAX pieces, or there is no room in the budget.
 */
bool ranged_add(struct kept_budget *budget, struct ranged *ranged, uint64_t at,
		struct bytes data, uint32_t most);
/* What is there from the beginning on. */
struct bytes ranged_prefix(const struct ranged *ranged);
void ranged_release(struct kept_budget *budget, struct ranged *ranged);

#endif
