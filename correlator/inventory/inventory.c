/* SPDX-License-Identifier: Apache-2.0 */
/* inventory: who is who: regions, participants, services, POIs, lines, prefixes. */
#include "correlator/inventory/inventory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "correlator/inventory/parts.h"

struct inventory *
inventory_empty(void)
{
	struct inventory *inventory = calloc(1, sizeof(*inventory));

	assert(inventory != NULL);
	struct digest nothing = digest_of("", 0);
	digest_to_text(&nothing, inventory->sha256);
	return inventory;
}

bool
inventory_is_empty(const struct inventory *inventory)
{
	return inventory->participants.list.count == 0;
}

static void
list_release(struct list *list, void *at)
{
	free(at);
	free(list->origin);
	names_release(&list->names);
}

void
inventory_free(struct inventory *inventory)
{
	if (inventory == NULL)
		return;
	list_release(&inventory->regions.list, inventory->regions.at);
	list_release(&inventory->pois.list, inventory->pois.at);
	list_release(&inventory->participants.list, inventory->participants.at);
	list_release(&inventory->services.list, inventory->services.at);
	list_release(&inventory->lines.list, inventory->lines.at);
	list_release(&inventory->sensors.list, inventory->sensors.at);
	free(inventory->first_line);
	free(inventory->next_line);
	names_release(&inventory->vlans);
	prefixes_release(&inventory->addresses);
	prefixes_release(&inventory->servers);
	arena_release(&inventory->arena);
	free(inventory);
}

size_t
inventory_region_count(const struct inventory *inventory)
{
	return inventory->regions.list.count;
}

const struct region *
inventory_region(const struct inventory *inventory, size_t index)
{
	assert(index < inventory->regions.list.count);
	return &inventory->regions.at[index];
}

size_t
inventory_participant_count(const struct inventory *inventory)
{
	return inventory->participants.list.count;
}

const struct participant *
inventory_participant(const struct inventory *inventory, size_t index)
{
	assert(index < inventory->participants.list.count);
	return &inventory->participants.at[index];
}

size_t
inventory_service_count(const struct inventory *inventory)
{
	return inventory->services.list.count;
}

const struct service *
inventory_service(const struct inventory *inventory, size_t index)
{
	assert(index < inventory->services.list.count);
	return &inventory->services.at[index];
}

size_t
inventory_line_count(const struct inventory *inventory)
{
	return inventory->lines.list.count;
}

const struct line *
inventory_line(const struct inventory *inventory, size_t index)
{
	assert(index < inventory->lines.list.count);
	return &inventory->lines.at[index];
}

size_t
inventory_poi_count(const struct inventory *inventory)
{
	return inventory->pois.list.count;
}

const char *
inventory_poi(const struct inventory *inventory, size_t index)
{
	assert(index < inventory->pois.list.count);
	return inventory->pois.at[index].id;
}

size_t
inventory_sensor_count(const struct inventory *inventory)
{
	return inventory->sensors.list.count;
}

const struct sensor_entry *
inventory_sensor(const struct inventory *inventory, size_t index)
{
	assert(index < inventory->sensors.list.count);
	return &inventory->sensors.at[index];
}

const struct participant *
inventory_find_participant(const struct inventory *inventory, const char *id)
{
	uint32_t found = names_find(&inventory->participants.list.names, id);

	return found == NAMES_NONE ? NULL : &inventory->participants.at[found];
}

const struct service *
inventory_find_service(const struct inventory *inventory, const char *id)
{
	uint32_t found = names_find(&inventory->services.list.names, id);

	return found == NAMES_NONE ? NULL : &inventory->services.at[found];
}

bool
inventory_has_partition(const struct inventory *inventory, const char *id)
{
	return strcmp(id, "base") == 0 || strcmp(id, "external") == 0 ||
	       names_find(&inventory->regions.list.names, id) != NAMES_NONE;
}

const struct line *
inventory_next_line(const struct inventory *inventory,
		    const struct participant *participant, const struct line *before)
{
	if (inventory->lines.list.count == 0)
		return NULL;
	uint32_t next = before != NULL ? inventory->next_line[before->index]
				       : inventory->first_line[participant->index];
	return next == NAMES_NONE ? NULL : &inventory->lines.at[next];
}

bool
inventory_sensor_sees(const struct inventory *inventory,
		      const struct sensor_entry *sensor,
		      const struct participant *participant)
{
	const struct line *line = NULL;

	while ((line = inventory_next_line(inventory, participant, line)) != NULL)
		if (strcmp(line->poi, sensor->poi) == 0)
			return true;
	return false;
}

const char *
inventory_sha256(const struct inventory *inventory)
{
	return inventory->sha256;
}
