/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts: what an inventory is made of, for the files that load it, link it and
 * resolve with it; everybody else sees inventory.h.
 */
#ifndef CORRELATOR_INVENTORY_PARTS_H
#define CORRELATOR_INVENTORY_PARTS_H

#include <stdio.h>

#include "common/arena.h"
#include "common/calendar.h"
#include "common/digest.h"
#include "common/yaml.h"
#include "common/yaml_scalar.h"
#include "correlator/inventory/inventory.h"
#include "correlator/inventory/names.h"
#include "correlator/inventory/prefixes.h"

/* Where a thing was written, and the names it refers to, until link.c has found them. */
struct origin {
	const char *file;
	unsigned line, column;
	const char *refers; /* id of a participant, partition or POI */
};

/* What all lists have. Each thing and its origin have the same index. */
struct list {
	struct origin *origin; /* owned */
	size_t count, room;
	struct names names; /* from id to index */
};

/* A list and its things: regions.at[regions.list.count - 1]. */
#define PARTS_OF(type, name)             \
	struct {                         \
		struct type *at; /* owned */ \
		struct list list;        \
	} name

struct poi {
	const char *id;
	struct title title;
};

struct inventory {
	struct arena arena; /* all text, and what belongs to one thing */
	PARTS_OF(region, regions);
	PARTS_OF(poi, pois);
	PARTS_OF(participant, participants);
	PARTS_OF(service, services);
	PARTS_OF(line, lines);
	PARTS_OF(sensor_entry, sensors);
	uint32_t *first_line;      /* by participant: its first line, or NAMES_NONE */
	uint32_t *next_line;       /* by line: its participant's next one */
	struct names vlans;        /* "poi/100/20": spaces beyond those of the POIs */
	struct prefixes addresses; /* space: POI's index or one of 'vlans'; owner: line */
	struct prefixes servers;   /* space: participant; owner: service */
	char sha256[DIGEST_TEXT_SIZE];
};

enum { VLANS_MAX = 4, SPACE_TEXT_SIZE = 160 };

/* sections.c: takes one item of one of the lists. */
int section_read(struct inventory *inventory, const char *section, const struct yaml_node *item,
		 struct zone zone, struct error *err);
/* NULL at the end. */
extern const char *const section_names[];

/* link.c: finds what is referred to, refuses what contradicts, builds the tables of prefixes. */
int inventory_link(struct inventory *inventory, struct error *err);

/* write.c: participants and lines, linked or not, as inventory/1. */
void inventory_to_yaml(const struct inventory *inventory, FILE *out);

/* The text by which 'vlans' knows a stack at a POI; false if it is too long. */
bool vlan_space(char text[SPACE_TEXT_SIZE], const char *poi, const uint64_t *vlan, size_t count);

#endif
