/* SPDX-License-Identifier: Apache-2.0 */
/* example_record: a record as a test of a rule file writes it. */
#ifndef CORRELATOR_POLICY_EXAMPLE_RECORD_H
#define CORRELATOR_POLICY_EXAMPLE_RECORD_H

#include "common/arena.h"
#include "common/record.h"
#include "common/yaml.h"

/* 'poi' may be "".  The record borrows the tree and the arena.  -1 with the complaint.
 */
int example_record_read(struct arena *arena, const struct yaml_node *node,
			struct instant at, const char *poi, struct record *record,
			struct error *err);

#endif
