/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_inventory: any bytes are an inventory or one line; one that loads answers every
 * question. */
#include <assert.h>
#include <string.h>

#include "correlator/inventory/inventory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every prefix's first address must be somebody's at the line's POI and time. */
static void
ask(const struct inventory *inventory)
{
	for (size_t i = 0; i < inventory_line_count(inventory); i++) {
		const struct line *line = inventory_line(inventory, i);
		for (size_t k = 0; k < line->prefix_count; k++) {
			struct party party = inventory_resolve(
				inventory, line->poi, line->vlan, line->vlan_count,
				&line->prefix[k].address, 6, 443, line->valid_from);
			/* ::/0 and the like do not hold IPv4, and 0:0:0:0:0:ffff::/80
			 * begins with one */
			assert(party.line != NULL ||
			       (line->prefix[k].bits < 96 &&
				address_is_ipv4(&line->prefix[k].address)));
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { "" };
	struct inventory *inventory =
		inventory_parse("fuzz", (const char *)data, size, &err);

	assert(inventory != NULL || strncmp(err.text, "fuzz:", 5) == 0);
	assert(strchr(err.text, '\n') == NULL);
	if (inventory != NULL)
		ask(inventory);
	inventory_free(inventory);
	return 0;
}
