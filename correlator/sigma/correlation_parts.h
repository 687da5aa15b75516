/* SPDX-License-Identifier: Apache-2.0 */
/* correlation_parts: what reading a correlation needs, for correlation*.c only. */
#ifndef CORRELATOR_SIGMA_CORRELATION_PARTS_H
#define CORRELATOR_SIGMA_CORRELATION_PARTS_H

#include "correlator/sigma/correlation.h"

/* What is the same while one correlation is resolved. */
struct resolving {
	struct sigma *sigma;
	struct detection *detection;
	struct correlation *correlation;
	const struct yaml_node *node; /* the map "correlation" */
	struct error *err;
};

/* Not applied, for a reason.  Returns -1. */
int correlation_refuse(struct resolving *resolving, const char *what,
		       const char *reason);
int correlation_timespan(struct resolving *resolving);
/* "least" stays UINT64_MAX if nothing is said. */
int correlation_condition(struct resolving *resolving);
bool correlation_needs_value(const struct correlation *correlation);

#endif
