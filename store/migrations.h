/* SPDX-License-Identifier: Apache-2.0 */
/* migrations: what brings correlator.db to the version all programs expect; a new one is a line here. */
#ifndef STORE_MIGRATIONS_H
#define STORE_MIGRATIONS_H

#include "schema.h"

/* clang-format off */
#define CORRELATOR_MIGRATIONS \
	schema_correlator_001, \
	schema_correlator_002, \
	schema_correlator_003, \
	schema_correlator_004, \
	schema_correlator_005, \
	schema_correlator_006, \
	schema_correlator_007, \
	schema_correlator_008
/* clang-format on */

enum {
	CORRELATOR_DB_VERSION =
		sizeof((const char *const[]){ CORRELATOR_MIGRATIONS }) / sizeof(char *)
};

#endif
