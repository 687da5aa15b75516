/* SPDX-License-Identifier: Apache-2.0 */
/* link: finds what an inventory's parts refer to, and refuses what contradicts. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "correlator/inventory/parts.h"

static int complain_at(struct error *err, const struct origin *at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int
complain_at(struct error *err, const struct origin *at, const char *fmt, ...)
{
	struct yaml_node node = { .file = at->file,
				  .line = at->line,
				  .column = at->column };
	char what[sizeof(err->text)];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	return yaml_complain(err, &node, "%s", what);
}

/* The index of what 'id' names, or -1 with a complaint at 'from'. */
static int64_t
find(const struct list *list, const char *what, const char *id,
     const struct origin *from, struct error *err)
{
	uint32_t number = names_find(&list->names, id);

	if (number != NAMES_NONE)
		return number;
	return complain_at(err, from, "there is no %s \"%s\" in the inventory", what,
			   id);
}

static int
link_participants(struct inventory *inventory, struct error *err)
{
	for (size_t i = 0; i < inventory->participants.list.count; i++) {
		struct participant *participant = &inventory->participants.at[i];
		const struct origin *origin = &inventory->participants.list.origin[i];

		participant->partition = origin->refers;
		if (strcmp(origin->refers, "base") == 0 ||
		    strcmp(origin->refers, "external") == 0)
			continue;
		int64_t region = find(&inventory->regions.list, "region",
				      origin->refers, origin, err);
		if (region == -1)
			return -1;
		participant->partition = inventory->regions.at[region].id;
	}
	return 0;
}

static int
link_sensors(struct inventory *inventory, struct error *err)
{
	for (size_t i = 0; i < inventory->sensors.list.count; i++)
		if (find(&inventory->pois.list, "POI", inventory->sensors.at[i].poi,
			 &inventory->sensors.list.origin[i], err) == -1)
			return -1;
	return 0;
}

bool
vlan_space(char text[SPACE_TEXT_SIZE], const char *poi, const uint64_t *vlan,
	   size_t count)
{
	int used = snprintf(text, SPACE_TEXT_SIZE, "%s", poi);

	for (size_t i = 0; i < count && used < SPACE_TEXT_SIZE; i++)
		used += snprintf(text + used, (size_t)(SPACE_TEXT_SIZE - used), "/%llu",
				 (unsigned long long)vlan[i]);
	return used < SPACE_TEXT_SIZE;
}

/* The space of a line at one POI: the POI's own, or one of its VLAN stack. */
static int64_t
space_of(struct inventory *inventory, const char *poi, const struct line *line,
	 struct error *err)
{
	const struct origin *origin = &inventory->lines.list.origin[line->index];
	int64_t at = find(&inventory->pois.list, "POI", poi, origin, err);
	char text[SPACE_TEXT_SIZE];

	if (at == -1 || line->vlan_count == 0)
		return at;
	/* ids are short and tags few, so it fits */
	vlan_space(text, poi, line->vlan, line->vlan_count);
	uint32_t known = names_find(&inventory->vlans, text);
	if (known != NAMES_NONE)
		return known;
	uint32_t next = (uint32_t)(inventory->pois.list.count + inventory->vlans.count);
	names_add(&inventory->vlans, arena_text(&inventory->arena, text, strlen(text)),
		  next);
	return next;
}

static bool
overlap(const struct line *a, const struct line *b)
{
	return instant_is_before(a->valid_from, b->valid_to) &&
	       instant_is_before(b->valid_from, a->valid_to);
}

static int
complain_of_prefix(const struct inventory *inventory, const struct prefix *prefix,
		   const struct line *a, const struct line *b, const char *poi,
		   struct error *err)
{
	const struct origin *there = &inventory->lines.list.origin[b->index];
	char text[ADDRESS_TEXT_SIZE + 4];

	prefix_to_text(prefix, text, sizeof(text));
	return complain_at(
		err, &inventory->lines.list.origin[a->index],
		"line \"%s\" of %s has %s at %s, and so has line \"%s\" of %s at "
		"%s:%u:%u; at any time a prefix has one line",
		a->id, a->participant->id, text, poi, b->id, b->participant->id,
		there->file, there->line, there->column);
}

static int
add_prefixes(struct inventory *inventory, const struct line *line, const char *poi,
	     struct error *err)
{
	int64_t space = space_of(inventory, poi, line, err);

	if (space == -1)
		return -1;
	for (size_t i = 0; i < line->prefix_count; i++) {
		const struct prefix *prefix = &line->prefix[i];
		const struct prefix_entry *entry =
			prefixes_same(&inventory->addresses, (uint32_t)space, prefix);
		for (; entry != NULL;
		     entry = prefixes_next(&inventory->addresses, entry)) {
			const struct line *other = &inventory->lines.at[entry->owner];
			if (overlap(line, other))
				return complain_of_prefix(inventory, prefix, line,
							  other, poi, err);
		}
		prefixes_add(&inventory->addresses, (uint32_t)space, prefix,
			     (uint32_t)line->index);
	}
	return 0;
}

static uint32_t *
numbers(size_t count)
{
	uint32_t *number = malloc((count + 1) * sizeof(*number));

	if (number == NULL)
		log_fatal("inventory", "no memory for %zu entries", count);
	memset(number, 0xff, (count + 1) * sizeof(*number)); /* NAMES_NONE */
	return number;
}

static int
link_line(struct inventory *inventory, struct line *line, struct error *err)
{
	const struct origin *origin = &inventory->lines.list.origin[line->index];
	int64_t found = find(&inventory->participants.list, "participant",
			     origin->refers, origin, err);

	if (found == -1)
		return -1;
	const struct participant *participant = &inventory->participants.at[found];
	line->participant = participant;
	/* a line ends with its participant */
	if (instant_is_before(line->valid_from, participant->valid_from))
		line->valid_from = participant->valid_from;
	if (instant_is_before(participant->valid_to, line->valid_to))
		line->valid_to = participant->valid_to;
	if (!instant_is_before(line->valid_from, line->valid_to))
		return complain_at(err, origin,
				   "line \"%s\" is never valid while %s is", line->id,
				   participant->id);
	inventory->next_line[line->index] = inventory->first_line[found];
	inventory->first_line[found] = (uint32_t)line->index;
	return 0;
}

static int
link_lines(struct inventory *inventory, struct error *err)
{
	size_t count = inventory->lines.list.count;

	inventory->first_line = numbers(inventory->participants.list.count);
	inventory->next_line = numbers(count);
	/* from the last, so that a participant's lines come in the order written */
	for (size_t i = count; i-- > 0;)
		if (link_line(inventory, &inventory->lines.at[i], err) == -1)
			return -1;
	for (size_t i = 0; i < count; i++) {
		const struct line *line = &inventory->lines.at[i];
		if (add_prefixes(inventory, line, line->poi, err) == -1)
			return -1;
		for (size_t k = 0; k < line->also_at_count; k++)
			if (add_prefixes(inventory, line, line->also_at[k], err) == -1)
				return -1;
	}
	return 0;
}

static bool
ports_overlap(const struct service *a, const struct service *b)
{
	if (a->port_count == 0 || b->port_count == 0)
		return a->port_count ==
		       b->port_count; /* a port named wins over any port */
	for (size_t i = 0; i < a->port_count; i++)
		for (size_t k = 0; k < b->port_count; k++)
			if (a->port[i].protocol == b->port[k].protocol &&
			    a->port[i].low <= b->port[k].high &&
			    b->port[k].low <= a->port[i].high)
				return true;
	return false;
}

/* A service that no line carries could never be seen. */
static bool
is_carried(const struct inventory *inventory, const struct participant *participant,
	   const struct prefix *prefix)
{
	const struct line *line = NULL;

	while ((line = inventory_next_line(inventory, participant, line)) != NULL)
		for (size_t i = 0; i < line->prefix_count; i++)
			if (line->prefix[i].bits <= prefix->bits &&
			    prefix_contains(&line->prefix[i], &prefix->address))
				return true;
	return false;
}

static int
add_server(struct inventory *inventory, const struct service *service,
	   const struct prefix *prefix, struct error *err)
{
	const struct origin *origin = inventory->services.list.origin;
	uint32_t space = (uint32_t)service->participant->index;
	const struct prefix_entry *entry =
		prefixes_same(&inventory->servers, space, prefix);
	char text[ADDRESS_TEXT_SIZE + 4];

	prefix_to_text(prefix, text, sizeof(text));
	for (; entry != NULL; entry = prefixes_next(&inventory->servers, entry)) {
		const struct service *other = &inventory->services.at[entry->owner];
		const struct origin *there = &origin[other->index];
		if (ports_overlap(service, other))
			return complain_at(
				err, &origin[service->index],
				"service \"%s\" has a port of %s, and so has \"%s\" at "
				"%s:%u:%u; a port has one service",
				service->id, text, other->id, there->file, there->line,
				there->column);
	}
	if (!is_carried(inventory, service->participant, prefix))
		return complain_at(
			err, &origin[service->index],
			"service \"%s\" has %s, which lies in no line of its "
			"participant %s",
			service->id, text, service->participant->id);
	prefixes_add(&inventory->servers, space, prefix, (uint32_t)service->index);
	return 0;
}

static int
link_services(struct inventory *inventory, struct error *err)
{
	for (size_t i = 0; i < inventory->services.list.count; i++) {
		struct service *service = &inventory->services.at[i];
		const struct origin *origin = &inventory->services.list.origin[i];
		int64_t found = find(&inventory->participants.list, "participant",
				     origin->refers, origin, err);
		if (found == -1)
			return -1;
		service->participant = &inventory->participants.at[found];
		for (size_t k = 0; k < service->prefix_count; k++)
			if (add_server(inventory, service, &service->prefix[k], err) ==
			    -1)
				return -1;
	}
	return 0;
}

int
inventory_link(struct inventory *inventory, struct error *err)
{
	if (link_participants(inventory, err) == -1 ||
	    link_sensors(inventory, err) == -1 || link_lines(inventory, err) == -1)
		return -1;
	return link_services(inventory, err);
}
