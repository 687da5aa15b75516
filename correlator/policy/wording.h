/* SPDX-License-Identifier: Apache-2.0 */
/* wording: values and operands as short texts for people; what does not fit ends in
 * "...". */
#ifndef CORRELATOR_POLICY_WORDING_H
#define CORRELATOR_POLICY_WORDING_H

#include "common/arena.h"
#include "common/record.h"
#include "common/yaml.h"

/* A text that grows in the caller's room; always valid UTF-8 and ended by NUL. */
struct wording {
	char *out;
	size_t used, room;
	bool is_full;
};

struct wording wording_into(char *out, size_t room);
/* Appends as it is. */
void wording_add(struct wording *wording, struct text text);
/* Appends after ", " unless it is the first. */
void wording_item(struct wording *wording, struct text text);
/* A field's value; times in the zone (seconds east of UTC). */
void wording_value(struct wording *wording, enum field_id field,
		   const union value *value, int zone);
/* 'words' and the operand, such as ">= TLS 1.2"; 'set' (may be NULL) is what a
 * "$kind.name" stands for. */
const char *wording_required(struct arena *arena, const char *words,
			     const struct yaml_node *operand,
			     const struct yaml_node *set);

#endif
