/* SPDX-License-Identifier: Apache-2.0 */
/*
 * selector: whom a rule speaks of, by what the inventory knows.
 *
 * Members are joined by "and", the words of one member by "or".  None at all
 * means anyone, addresses that are nobody's included; a selector that asks for
 * a participant's partition, kind, id or line never means an unknown one.
 */
#ifndef CORRELATOR_POLICY_SELECTOR_H
#define CORRELATOR_POLICY_SELECTOR_H

#include "correlator/policy/read.h"

enum selector_side { SELECTOR_FROM, SELECTOR_TO };

enum selector_part {
	SELECTOR_PARTITION,
	SELECTOR_KIND,
	SELECTOR_PARTICIPANT,
	SELECTOR_LINE_KIND,
	SELECTOR_SERVICE,
	SELECTOR_SERVICE_KIND,
	SELECTOR_PARTS
};

enum selector_known { KNOWN_OR_NOT, KNOWN_ONLY, UNKNOWN_ONLY };

struct selector {
	const struct yaml_node *at; /* NULL if not written */
	enum selector_known known;
	struct word_set part[SELECTOR_PARTS];
};

/* 'node' may be NULL: anyone. */
int selector_read(struct arena *arena, const struct yaml_node *node,
		  enum selector_side side, struct selector *selector,
		  struct error *err);
/* Everyone 'narrow' means, 'wide' means too, whatever the inventory. */
bool selector_covers(const struct selector *wide, const struct selector *narrow);
/* -1 if it names a partition, participant or service the inventory lacks. */
int selector_check(const struct selector *selector, const struct inventory *inventory,
		   struct error *err);

/* 'participant', 'service' and 'line_kind' may be NULL: nobody's, none. */
bool selector_means_participant(const struct selector *selector,
				const struct participant *participant);
bool selector_means_service(const struct selector *selector,
			    const struct service *service);
bool selector_means_line(const struct selector *selector, const char *line_kind);

#endif
