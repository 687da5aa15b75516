/* SPDX-License-Identifier: Apache-2.0 */
/* inventory_show: an inventory in words on standard output, for 'sekisho inventory'. */
#ifndef TOOL_INVENTORY_SHOW_H
#define TOOL_INVENTORY_SHOW_H

#include "common/settings.h"
#include "correlator/inventory/inventory.h"

/* Options of the question whose an address is. */
struct question {
	const char *at, *port; /* or NULL */
	struct words vlan;
};

/* What it holds on stdout, what is odd but no error on stderr. */
void show_check(const struct inventory *inventory, const char *path);
/* These return the exit status. */
int show_all(const struct inventory *inventory);
int show_id(const struct inventory *inventory, const char *id);
int show_address(const struct inventory *inventory, const char *address_at_poi,
		 const struct question *question);

#endif
