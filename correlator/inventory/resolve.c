/* SPDX-License-Identifier: Apache-2.0 */
/* resolve: from an address at a POI and a time to whose it is and what it serves. */
#include "correlator/inventory/parts.h"

static bool
is_valid(const struct line *line, struct instant at)
{
	return !instant_is_before(at, line->valid_from) &&
	       instant_is_before(at, line->valid_to);
}

/* The line with the longest prefix of the space that was valid then. */
static const struct line *
find_line(const struct inventory *inventory, uint32_t space,
	  const struct address *address, struct instant at)
{
	struct prefix_search search =
		prefixes_search(&inventory->addresses, space, address);
	const struct prefix_entry *entry;

	while ((entry = prefix_search_next(&search)) != NULL)
		if (is_valid(&inventory->lines.at[entry->owner], at))
			return &inventory->lines.at[entry->owner];
	return NULL;
}

/* A stack that was registered wins over lines that did not name one. */
static const struct line *
find_line_at(const struct inventory *inventory, const char *poi, const uint64_t *vlan,
	     size_t vlan_count, const struct address *address, struct instant at)
{
	uint32_t any = names_find(&inventory->pois.list.names, poi);
	char text[SPACE_TEXT_SIZE];

	if (any == NAMES_NONE)
		return NULL;
	if (vlan_count > 0 && inventory->vlans.count > 0 &&
	    vlan_space(text, poi, vlan, vlan_count)) {
		uint32_t space = names_find(&inventory->vlans, text);
		const struct line *line =
			space == NAMES_NONE ? NULL
					    : find_line(inventory, space, address, at);
		if (line != NULL)
			return line;
	}
	return find_line(inventory, any, address, at);
}

static bool
serves(const struct service *service, uint8_t protocol, uint16_t port)
{
	for (size_t i = 0; i < service->port_count; i++)
		if (service->port[i].protocol == protocol &&
		    service->port[i].low <= port && port <= service->port[i].high)
			return true;
	return false;
}

static const struct service *
find_service(const struct inventory *inventory, const struct participant *participant,
	     const struct address *address, uint8_t protocol, uint16_t port)
{
	/* the index without a look at the participant, which is far away */
	uint32_t space = (uint32_t)(participant - inventory->participants.at);
	struct prefix_search search =
		prefixes_search(&inventory->servers, space, address);
	const struct prefix_entry *entry;
	const struct service *any_port = NULL;
	uint8_t any_bits = 0;

	while ((entry = prefix_search_next(&search)) != NULL) {
		const struct service *service = &inventory->services.at[entry->owner];
		if (any_port != NULL && entry->bits < any_bits)
			break; /* the longer prefix has spoken */
		if (serves(service, protocol, port))
			return service;
		if (service->port_count == 0 && any_port == NULL) {
			any_port = service;
			any_bits = entry->bits;
		}
	}
	return any_port;
}

struct party
inventory_resolve(const struct inventory *inventory, const char *poi,
		  const uint64_t *vlan, size_t vlan_count,
		  const struct address *address, uint8_t protocol, uint16_t port,
		  struct instant at)
{
	struct party party = { 0 };

	party.line = find_line_at(inventory, poi, vlan, vlan_count, address, at);
	if (party.line == NULL)
		return party;
	party.participant = party.line->participant;
	if (port != 0)
		party.service = find_service(inventory, party.participant, address,
					     protocol, port);
	return party;
}
