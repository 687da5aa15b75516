/* SPDX-License-Identifier: Apache-2.0 */
/* trial: tests that rules carry; for correlator/sigma/trial*.c. */
#ifndef CORRELATOR_SIGMA_TRIAL_H
#define CORRELATOR_SIGMA_TRIAL_H

#include "correlator/sigma/detection.h"

/* When a test's record does not say: a weekday's noon in Japan. */
#define TRIAL_TIME (INT64_C(1795143600) * INSTANT_SECOND)

/* 1 if the correlation fires on the records, 0 if not, -1 if they are none. */
int trial_correlation(const struct sigma *sigma, const struct policy *policy,
		      const struct detection *detection,
		      const struct yaml_node *records, struct error *err);

#endif
