/* SPDX-License-Identifier: Apache-2.0 */
/* registry: writes inventory and requirements into the store, for readers that have no
 * YAML. */
#ifndef CORRELATOR_REGISTRY_H
#define CORRELATOR_REGISTRY_H

#include "common/error.h"
#include "correlator/policy/policy.h"
#include "store/store.h"

/* Replaces what is there, in a transaction of its own. */
int registry_write(struct store *store, const struct inventory *inventory,
		   const struct policy *policy, struct error *err);

#endif
