/* SPDX-License-Identifier: Apache-2.0 */
/* mapping: whose records a detection is about, and what its fields are called here. */
#include <stdio.h>
#include <string.h>

#include "correlator/sigma/detection.h"

struct logsource {
	const char *category, *product, *service; /* "" if not said */
};

/* "when" such a logsource: these events, these names. */
struct logsource_map {
	struct logsource when;
	uint64_t events; /* 0: we have no such records */
	const char *why;
	const struct yaml_node *fields, *where; /* or NULL */
};

const char *const virtual_paths[FIELDS_ALL - FIELD_COUNT] = {
	"sekisho.client.participant", "sekisho.client.partition",
	"sekisho.client.kind",        "sekisho.client.is_registered",
	"sekisho.server.participant", "sekisho.server.partition",
	"sekisho.server.kind",        "sekisho.server.is_registered",
	"sekisho.server.service",     "sekisho.server.service_kind",
	"sekisho.same_participant",   "sekisho.same_partition",
};

unsigned
field_of_path(const char *path)
{
	unsigned field = record_field_find(text_of(path));

	for (unsigned i = 0; field == FIELD_COUNT && i < FIELDS_ALL - FIELD_COUNT; i++)
		if (strcmp(virtual_paths[i], path) == 0)
			return FIELD_COUNT + i;
	return field == FIELD_COUNT ? FIELDS_ALL : field;
}

const char *
path_of_field(unsigned field)
{
	return field < FIELD_COUNT ? record_fields[field].path
				   : virtual_paths[field - FIELD_COUNT];
}

static int
read_logsource(const struct yaml_node *node, struct logsource *logsource,
	       struct error *err)
{
	if (node->kind != YAML_MAP)
		return yaml_complain(
			err, node,
			"no logsource; expected category, product or service");
	if (read_text_if_any(node, "category", &logsource->category, err) == -1 ||
	    read_text_if_any(node, "product", &logsource->product, err) == -1 ||
	    read_text_if_any(node, "service", &logsource->service, err) == -1)
		return -1;
	if (logsource->category[0] == '\0' && logsource->product[0] == '\0' &&
	    logsource->service[0] == '\0')
		return yaml_complain(
			err, node,
			"an empty logsource; expected category, product or service");
	return 0;
}

/* Paths of a mapping must be ours, or a rule would wait for ever. */
static int
check_fields(const struct yaml_node *fields, struct error *err)
{
	static const char *const known[] = { "path", "values", "constant", NULL };

	if (fields->kind != YAML_MAP)
		return yaml_complain(err, fields, "no fields; expected {name: path}");
	for (size_t i = 0; i < fields->count; i++) {
		const struct yaml_node *to = fields->item[i], *path = to;
		if (to->kind == YAML_MAP) {
			if (yaml_only(to, known, err) == -1)
				return -1;
			path = yaml_find(to, "path");
			const struct yaml_node *values = yaml_find(to, "values");
			if (values != NULL && values->kind != YAML_MAP)
				return yaml_complain(
					err, values,
					"no table; expected {theirs: ours}");
			if (path == NULL && yaml_find(to, "constant") != NULL)
				continue;
		}
		if (path == NULL || path->kind != YAML_TEXT ||
		    field_of_path(path->text) == FIELDS_ALL)
			return yaml_complain(
				err, to,
				"no field of ours; expected a path of docs/RECORDS.md");
	}
	return 0;
}

static int
read_events(const struct yaml_node *list, struct logsource_map *map, struct error *err)
{
	if (list == NULL || list->kind != YAML_LIST)
		return yaml_complain(err, list != NULL ? list : map->fields,
				     "no events; expected a list");
	for (size_t i = 0; i < list->count; i++) {
		enum event event = record_event_find(text_of(list->item[i]->text));
		if (event == EVENT_COUNT)
			return yaml_complain(
				err, list->item[i],
				"no event type; expected one of docs/RECORDS.md");
		map->events |= UINT64_C(1) << event;
	}
	return 0;
}

static int
read_map(const struct yaml_node *node, struct logsource_map *map, struct error *err)
{
	static const char *const known[] = { "when",  "events", "fields",
					     "where", "why",    NULL };

	if (node->kind != YAML_MAP)
		return yaml_complain(
			err, node,
			"no mapping; expected {when: ..., events: ..., fields: ...}");
	if (yaml_only(node, known, err) == -1)
		return -1;
	const struct yaml_node *when = yaml_find(node, "when");
	map->fields = yaml_find(node, "fields");
	map->where = yaml_find(node, "where");
	if (when == NULL)
		return yaml_complain(err, node,
				     "\"when\" is missing; expected a logsource");
	if (read_logsource(when, &map->when, err) == -1 ||
	    read_text_if_any(node, "why", &map->why, err) == -1)
		return -1;
	if (map->fields == NULL)
		map->fields = node;
	if (read_events(yaml_find(node, "events"), map, err) == -1)
		return -1;
	if (map->fields == node) {
		map->fields = NULL;
		return map->events == 0 && map->why[0] != '\0'
			       ? 0
			       : yaml_complain(err, node,
					       "no fields; expected them, or no events "
					       "and \"why\"");
	}
	return check_fields(map->fields, err);
}

int
mapping_read(struct sigma *sigma, const struct yaml_node *root, struct error *err)
{
	static const char *const known[] = { "format", "logsources", NULL };
	const char *format;

	if (root->kind != YAML_MAP || yaml_only(root, known, err) == -1)
		return root->kind == YAML_MAP
			       ? -1
			       : yaml_complain(err, root,
					       "no mapping file; expected a map");
	if (read_text(root, "format", &format, err) == -1)
		return -1;
	if (strcmp(format, "sigma-mapping/1") != 0)
		return yaml_complain(err, root,
				     "format \"%s\"; expected sigma-mapping/1", format);
	const struct yaml_node *list = yaml_find(root, "logsources");
	if (list == NULL || list->kind != YAML_LIST)
		return yaml_complain(err, root,
				     "\"logsources\" is missing; expected a list");
	struct logsource_map *maps = arena_take(
		&sigma->arena, (sigma->map_count + list->count) * sizeof(*maps));
	if (sigma->map_count > 0)
		memcpy(maps, sigma->map, sigma->map_count * sizeof(*maps));
	sigma->map = maps;
	for (size_t i = 0; i < list->count; i++)
		if (read_map(list->item[i], &maps[sigma->map_count++], err) == -1)
			return -1;
	return 0;
}

/* How many members of 'when' the rule has; -1 if it lacks or contradicts one. */
static int
specificity(const struct logsource *when, const struct logsource *of)
{
	const char *const pairs[][2] = { { when->category, of->category },
					 { when->product, of->product },
					 { when->service, of->service } };
	int members = 0;

	for (size_t i = 0; i < READ_COUNT(pairs); i++) {
		if (pairs[i][0][0] == '\0')
			continue;
		if (strcmp(pairs[i][0], pairs[i][1]) != 0)
			return -1;
		members++;
	}
	return members;
}

/* product sekisho, category network: our records by their own names. */
static int
route_own(struct reading *reading, const struct yaml_node *node,
	  const struct logsource *logsource)
{
	static const enum event events[] = { EVENT_TICK, EVENT_STATS, EVENT_ALERT,
					     EVENT_COVERAGE };
	uint64_t never = 0;

	for (size_t i = 0; i < READ_COUNT(events); i++)
		never |= UINT64_C(1) << events[i];
	if (strcmp(logsource->category, "network") != 0)
		return yaml_complain(
			reading->err, node,
			"category \"%s\" of product sekisho; expected network",
			logsource->category);
	enum event event = record_event_find(text_of(logsource->service));
	if (logsource->service[0] == '\0')
		reading->detection->events =
			((UINT64_C(1) << EVENT_COUNT) - 1) & ~never;
	else if (event != EVENT_COUNT && !(never >> event & 1))
		reading->detection->events = UINT64_C(1) << event;
	else
		return yaml_complain(
			reading->err, node,
			"service \"%s\" of product sekisho; expected flow, tls, "
			"certificate, anomaly or another event type",
			logsource->service);
	return 0;
}

int
mapping_route(struct reading *reading, const struct yaml_node *node,
	      const struct yaml_node **where)
{
	struct logsource logsource;
	int best = 0;

	*where = NULL;
	if (read_logsource(node, &logsource, reading->err) == -1)
		return -1;
	if (strcmp(logsource.product, "sekisho") == 0)
		return route_own(reading, node, &logsource);
	for (size_t i = 0; i < reading->sigma->map_count; i++) {
		int members = specificity(&reading->sigma->map[i].when, &logsource);
		if (members > best) {
			best = members;
			reading->map = &reading->sigma->map[i];
		}
	}
	if (best == 0 || reading->map->events == 0)
		return reading_refuse(reading, DETECTION_NOT_APPLICABLE,
				      "%s%s%s %s%s: %s", logsource.category,
				      logsource.category[0] != '\0' ? " " : "",
				      logsource.product, logsource.service,
				      logsource.service[0] != '\0' ? "" : "-",
				      best == 0 ? "no records of ours are such a log"
						: reading->map->why);
	reading->detection->events = reading->map->events;
	*where = reading->map->where;
	return 0;
}

/* True if a record of one of the events can hold the field. */
static bool
is_produced(unsigned field, uint64_t events)
{
	if (field >= FIELD_COUNT)
		return true;
	for (int event = 0; event < EVENT_COUNT; event++)
		if (events >> event & 1 &&
		    record_event_carries((enum event)event, &record_fields[field]))
			return true;
	return false;
}

int
mapping_field(struct reading *reading, const char *name, const struct yaml_node *at,
	      struct item *item, const struct yaml_node **values)
{
	const char *path = name;

	(void)at;
	*values = NULL;
	if (reading->map != NULL) {
		const struct yaml_node *to = yaml_find(reading->map->fields, name);
		if (to == NULL)
			return reading_refuse(reading, DETECTION_NO_FIELD, "%s", name);
		path = to->text;
		if (to->kind == YAML_MAP) {
			const struct yaml_node *constant = yaml_find(to, "constant");
			if (constant != NULL) {
				item->field = FIELD_CONSTANT;
				item->constant = constant->text;
				return 0;
			}
			path = yaml_find(to, "path")->text;
			*values = yaml_find(to, "values");
		}
	}
	item->field = field_of_path(path);
	if (item->field == FIELDS_ALL)
		return reading_refuse(reading, DETECTION_NO_FIELD, "%s", name);
	if (!is_produced(item->field, reading->detection->events))
		return reading_refuse(reading, DETECTION_NO_FIELD,
				      "%s: no record of this logsource has it", name);
	return 0;
}
