/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inventory: who is who: regions, participants, services, POIs, lines, prefixes.
 *
 * Loaded from YAML ("inventory/1") and immutable.  Resolves an address, within
 * a POI and VLAN stack and as of a time, to participant, partition and service
 * by longest prefix.  Two participants with the same prefix in the same POI
 * and VLAN are a load error that names both places.
 */
#ifndef CORRELATOR_INVENTORY_INVENTORY_H
#define CORRELATOR_INVENTORY_INVENTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "common/error.h"
#include "common/instant.h"

struct title {
	const char *ja, *en; /* never NULL */
};

struct region {
	const char *id;
	struct title title;
};

struct participant {
	const char *id;
	const char *kind;      /* regional_network, hospital, clinic, dental, pharmacy, care, supplier, base, ... */
	const char *partition; /* a region's id, "base" or "external" */
	struct title title;
	const char *kana, *code, *contact; /* "" if not given */
	struct instant valid_from, valid_to; /* open ends: INT64_MIN, INT64_MAX */
	size_t index;                        /* in the inventory's list */
};

struct service {
	const char *id;
	const char *kind; /* decisions.md 6 */
	const struct participant *participant; /* who offers it */
	struct title title;
	size_t index;
	const struct prefix *prefix;
	size_t prefix_count;
	const struct port_range *port;
	size_t port_count; /* 0: every port */
};

struct port_range {
	uint8_t protocol; /* IP protocol number: 6 TCP, 17 UDP, 132 SCTP */
	uint16_t low, high;
};

struct line { /* 接続回線 */
	const char *id;
	const char *kind; /* dedicated, ip_vpn, ipsec_ike, open_tls, base */
	const struct participant *participant;
	const char *poi; /* its home; coverage is that of this POI's sensors */
	struct instant valid_from, valid_to; /* within its participant's */
	const char *const *also_at; /* other POIs at which its addresses mean the same */
	size_t also_at_count;
	const uint64_t *vlan; /* the stack, outer first */
	size_t vlan_count;    /* 0: whatever the VLAN */
	const struct prefix *prefix;
	size_t prefix_count;
	size_t index;
};

struct sensor_entry {
	const char *id, *poi;
	struct instant valid_from, valid_to;
};

/* What an address is; all NULL if it is nobody's. */
struct party {
	const struct participant *participant;
	const struct line *line;
	const struct service *service; /* only if port and protocol fit one */
};

struct inventory;

/* A file, or a folder of *.yaml that together are one inventory. */
struct inventory *inventory_load(const char *path, struct error *err);
/* One file from memory; 'name' stands for it in messages. */
struct inventory *inventory_parse(const char *name, const char *text, size_t size,
				  struct error *err);
/* One that knows nobody: replay without --inventory. */
struct inventory *inventory_empty(void);
bool inventory_is_empty(const struct inventory *inventory);
void inventory_free(struct inventory *inventory);

/*
 * 'protocol': IP protocol number; 'port' of the address asked about (0: no
 * service is looked for).  'vlan': the stack as one number per tag, outer
 * first.  Costs the same whatever the inventory's size.
 */
struct party inventory_resolve(const struct inventory *inventory, const char *poi,
			       const uint64_t *vlan, size_t vlan_count,
			       const struct address *address, uint8_t protocol, uint16_t port,
			       struct instant at);

size_t inventory_region_count(const struct inventory *inventory);
const struct region *inventory_region(const struct inventory *inventory, size_t index);
size_t inventory_participant_count(const struct inventory *inventory);
const struct participant *inventory_participant(const struct inventory *inventory, size_t index);
size_t inventory_service_count(const struct inventory *inventory);
const struct service *inventory_service(const struct inventory *inventory, size_t index);
size_t inventory_line_count(const struct inventory *inventory);
const struct line *inventory_line(const struct inventory *inventory, size_t index);
size_t inventory_poi_count(const struct inventory *inventory);
const char *inventory_poi(const struct inventory *inventory, size_t index);
size_t inventory_sensor_count(const struct inventory *inventory);
const struct sensor_entry *inventory_sensor(const struct inventory *inventory, size_t index);
/* By id, or NULL. */
const struct participant *inventory_find_participant(const struct inventory *inventory, const char *id);
const struct service *inventory_find_service(const struct inventory *inventory, const char *id);
bool inventory_has_partition(const struct inventory *inventory, const char *id);
/* True if a sensor at that POI sees one of the participant's lines. */
bool inventory_sensor_sees(const struct inventory *inventory, const struct sensor_entry *sensor,
			   const struct participant *participant);
/* The participant's next line after 'before' (NULL: the first), or NULL. */
const struct line *inventory_next_line(const struct inventory *inventory,
				       const struct participant *participant,
				       const struct line *before);
/* SHA-256 over the files in order of name, hexadecimal. */
const char *inventory_sha256(const struct inventory *inventory);

#endif
