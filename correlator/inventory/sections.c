/* SPDX-License-Identifier: Apache-2.0 */
/* sections: the lists of an inventory file, one table of what each item holds. */
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "correlator/inventory/kinds.h"
#include "correlator/inventory/take.h"

typedef int section_reader(struct inventory *inventory, const struct taker *taker);

static section_reader read_region, read_poi, read_participant, read_service, read_line,
	read_sensor;

/* clang-format off */
const char *const section_names[] = { "regions", "pois", "participants", "services", "lines", "sensors", NULL };

static const struct section {
	section_reader *read;
	const char *const *keys;
} sections[] = { /* in the order of section_names */
	{ read_region,      (const char *const[]){ "id", "title", NULL } },
	{ read_poi,         (const char *const[]){ "id", "title", NULL } },
	{ read_participant, (const char *const[]){ "id", "kind", "partition", "title", "kana", "code",
						   "contact", "valid", NULL } },
	{ read_service,     (const char *const[]){ "id", "kind", "at", "title", "prefixes", "ports", NULL } },
	{ read_line,        (const char *const[]){ "id", "kind", "participant", "poi", "also_at", "vlan",
						   "prefixes", "valid", NULL } },
	{ read_sensor,      (const char *const[]){ "id", "poi", "valid", NULL } },
};
/* clang-format on */

static void *
enlarge(void *array, size_t count, size_t size)
{
	void *more = reallocarray(array, count, size);

	if (more == NULL)
		log_fatal("inventory", "no memory for %zu entries", count);
	return more;
}

/* The array of a list's things with room for one more. */
static void *
list_room(struct list *list, void *at, size_t size)
{
	if (list->count < list->room)
		return at;
	list->room = list->room ? list->room * 2 : 16;
	list->origin = enlarge(list->origin, list->room, sizeof(*list->origin));
	return enlarge(at, list->room, size);
}

/* Takes the thing that was put behind the last; what is refused names here and there.
 */
static int
list_add(struct list *list, const char *id, const char *what, const char *refers,
	 const struct taker *taker)
{
	struct origin here = { taker->map->file, taker->map->line, taker->map->column,
			       refers };
	uint32_t number = names_add(&list->names, id, (uint32_t)list->count);

	if (number == NAMES_NONE) {
		list->origin[list->count++] = here;
		return 0;
	}
	const struct origin *there = &list->origin[number];
	return yaml_complain(taker->err, taker->map,
			     "%s \"%s\" stands twice; also at %s:%u:%u", what, id,
			     there->file, there->line, there->column);
}

#define APPEND(part, item, what, refers)                               \
	((part).at = list_room(&(part).list, (part).at, sizeof(item)), \
	 (part).at[(part).list.count] = (item),                        \
	 list_add(&(part).list, (item).id, (what), (refers), taker))

static int
read_region(struct inventory *inventory, const struct taker *taker)
{
	struct region region = { 0 };

	if (take_id(taker, "id", &region.id) == -1 ||
	    take_title(taker, "title", &region.title) == -1)
		return -1;
	if (strcmp(region.id, "base") == 0 || strcmp(region.id, "external") == 0)
		return yaml_complain(
			taker->err, taker->map,
			"a region cannot be called \"%s\"; that partition is always "
			"there",
			region.id);
	return APPEND(inventory->regions, region, "region", NULL);
}

static int
read_poi(struct inventory *inventory, const struct taker *taker)
{
	struct poi poi = { 0 };

	if (take_id(taker, "id", &poi.id) == -1 ||
	    take_title(taker, "title", &poi.title) == -1)
		return -1;
	return APPEND(inventory->pois, poi, "POI", NULL);
}

static int
read_participant(struct inventory *inventory, const struct taker *taker)
{
	struct participant participant = { .index =
						   inventory->participants.list.count };
	const char *partition;

	if (take_id(taker, "id", &participant.id) == -1 ||
	    take_kind(taker, "kind", participant_kinds, &participant.kind) == -1 ||
	    take_id(taker, "partition", &partition) == -1 ||
	    take_title(taker, "title", &participant.title) == -1 ||
	    take_text(taker, "kana", &participant.kana) == -1 ||
	    take_text(taker, "code", &participant.code) == -1 ||
	    take_text(taker, "contact", &participant.contact) == -1 ||
	    take_valid(taker, "valid", &participant.valid_from,
		       &participant.valid_to) == -1)
		return -1;
	return APPEND(inventory->participants, participant, "participant", partition);
}

static int
read_service(struct inventory *inventory, const struct taker *taker)
{
	struct service service = { .index = inventory->services.list.count };
	const char *participant;

	if (take_id(taker, "id", &service.id) == -1 ||
	    take_kind(taker, "kind", service_kinds, &service.kind) == -1 ||
	    take_id(taker, "at", &participant) == -1 ||
	    take_title(taker, "title", &service.title) == -1 ||
	    take_prefixes(taker, "prefixes", &service.prefix, &service.prefix_count) ==
		    -1 ||
	    take_ports(taker, "ports", &service.port, &service.port_count) == -1)
		return -1;
	return APPEND(inventory->services, service, "service", participant);
}

static int
read_line(struct inventory *inventory, const struct taker *taker)
{
	struct line line = { .index = inventory->lines.list.count };
	const char *participant;

	if (take_id(taker, "id", &line.id) == -1 ||
	    take_kind(taker, "kind", line_kinds, &line.kind) == -1 ||
	    take_id(taker, "participant", &participant) == -1 ||
	    take_id(taker, "poi", &line.poi) == -1 ||
	    take_ids(taker, "also_at", &line.also_at, &line.also_at_count) == -1 ||
	    take_vlans(taker, "vlan", &line.vlan, &line.vlan_count) == -1 ||
	    take_prefixes(taker, "prefixes", &line.prefix, &line.prefix_count) == -1 ||
	    take_valid(taker, "valid", &line.valid_from, &line.valid_to) == -1)
		return -1;
	return APPEND(inventory->lines, line, "line", participant);
}

static int
read_sensor(struct inventory *inventory, const struct taker *taker)
{
	struct sensor_entry sensor = { 0 };

	if (take_id(taker, "id", &sensor.id) == -1 ||
	    take_id(taker, "poi", &sensor.poi) == -1 ||
	    take_valid(taker, "valid", &sensor.valid_from, &sensor.valid_to) == -1)
		return -1;
	return APPEND(inventory->sensors, sensor, "sensor", NULL);
}

int
section_read(struct inventory *inventory, const char *section,
	     const struct yaml_node *item, struct zone zone, struct error *err)
{
	size_t i = 0;

	while (strcmp(section_names[i], section) != 0)
		i++;
	if (yaml_only(item, sections[i].keys, err) == -1)
		return -1;
	struct taker taker = { &inventory->arena, item, zone, err };
	return sections[i].read(inventory, &taker);
}
