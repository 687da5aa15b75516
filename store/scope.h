/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scope: whose rows a reader may see.  Every function that reads the store
 * takes one as its second argument; there is no call that can forget it.
 */
#ifndef STORE_SCOPE_H
#define STORE_SCOPE_H

#include <stdbool.h>

struct scope {
	bool is_all;           /* the SOC, operators, auditors */
	const char *partition; /* else exactly this partition; borrowed; NULL or "" sees
				  nothing */
};

#endif
