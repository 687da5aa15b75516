/* SPDX-License-Identifier: Apache-2.0 */
/*
 * take: the members of one item of an inventory, checked, into memory that lasts.
 *
 * Each takes the item's map and the member's key; -1 with "file:line:col: ..."
 * in '*err'.  A member that is not given leaves the value alone (0, "", open
 * ends) unless it is said to be required.
 */
#ifndef CORRELATOR_INVENTORY_TAKE_H
#define CORRELATOR_INVENTORY_TAKE_H

#include "correlator/inventory/parts.h"

struct taker {
	struct arena *arena;
	const struct yaml_node *map;
	struct zone zone;
	struct error *err;
};

/* Required: letters, digits, ".", "_" and "-", at most 64, which is also safe in URLs and CSV. */
int take_id(const struct taker *taker, const char *key, const char **id);
/* Required: one word of 'words', which is what '*word' then points to. */
int take_kind(const struct taker *taker, const char *key, const char *const *words,
	      const char **word);
/* Required: {ja: ..., en: ...}. */
int take_title(const struct taker *taker, const char *key, struct title *title);
/* One line of text; "" if it is not there. */
int take_text(const struct taker *taker, const char *key, const char **text);
/* {from: 2026-04-01, to: 2027-04-01}: dates of the zone or instants; the end is not part of it. */
int take_valid(const struct taker *taker, const char *key, struct instant *from,
	       struct instant *to);
/* Required, one at least. */
int take_prefixes(const struct taker *taker, const char *key, const struct prefix **prefix,
		  size_t *count);
/* [tcp/443, udp/5000-5010] */
int take_ports(const struct taker *taker, const char *key, const struct port_range **port,
	       size_t *count);
int take_vlans(const struct taker *taker, const char *key, const uint64_t **vlan, size_t *count);
int take_ids(const struct taker *taker, const char *key, const char *const **id, size_t *count);

/* For import of CSV, which has the same words: false if it is none. */
bool port_range_from_text(const char *text, struct port_range *range);
/* "tcp/443"; returns the characters written. */
size_t port_range_to_text(const struct port_range *range, char *text, size_t room);

#endif
