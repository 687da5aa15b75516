/* SPDX-License-Identifier: Apache-2.0 */
/*
 * carry: what a coverage record told that found no room, for the next one to tell.
 *
 * Intervals are joined and counts summed, so that a loss is never lost itself.
 */
#ifndef SENSOR_CARRY_H
#define SENSOR_CARRY_H

#include "common/record.h"

enum { CARRY_COUNTS = 11 };

/* { 0 } carries nothing. */
struct carry {
	bool holds;
	struct instant start;
	uint64_t count[CARRY_COUNTS];
};

/* Adds to a coverage record what is carried. */
void carry_add(const struct carry *carry, struct record *record);
/* The coverage record, carry_add done, was not written. */
void carry_keep(struct carry *carry, const struct record *record);

#endif
