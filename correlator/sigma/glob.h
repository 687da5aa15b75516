/* SPDX-License-Identifier: Apache-2.0 */
/*
 * glob: a text of a rule with wildcards, as Sigma reads it.
 *
 * '*' is any run of characters, '?' exactly one.  A backslash takes their
 * meaning from '*', '?' and itself, and is an ordinary character before
 * anything else and at the end (the state machine of pySigma's SigmaString).
 */
#ifndef CORRELATOR_SIGMA_GLOB_H
#define CORRELATOR_SIGMA_GLOB_H

#include <stdbool.h>

#include "common/arena.h"
#include "common/text.h"

enum {
	GLOB_ANY = 256,
	GLOB_ONE = 257,
	GLOB_SIZE_MAX = 8192,    /* symbols of one value */
	GLOB_VARIANTS_MAX = 625, /* of windash: four dashes of five kinds */
};

/* Bytes of UTF-8, GLOB_ANY and GLOB_ONE; owned by an arena. */
struct glob {
	const uint16_t *at;
	uint32_t size;
	bool is_raw; /* UTF-16, which only base64 makes text of again */
};

struct glob glob_read(struct arena *arena, struct text text);
/* Every character is itself. */
struct glob glob_plain(struct arena *arena, struct text text);
/* Adds '*' before or behind, unless there is one. */
struct glob glob_around(struct arena *arena, struct glob glob, bool before,
			bool behind);
struct glob glob_fold(struct arena *arena, struct glob glob);
bool glob_has_wildcards(struct glob glob);
/* The bytes of one without wildcards. */
struct text glob_text(struct arena *arena, struct glob glob);
/* Its longest run without wildcards: what matches it holds this. */
struct text glob_longest(struct arena *arena, struct glob glob);
/* Dot and line end are characters like any other.  'text' is valid UTF-8. */
bool glob_match(const struct glob *glob, struct text text);

/* Modifiers that change the text.  Of one without wildcards: */
struct glob glob_base64(struct arena *arena, struct glob glob);
/* As it stands in base64 when 'offset' (0 to 2) bytes lie before it. */
struct glob glob_base64_at(struct arena *arena, struct glob glob, unsigned offset);
enum glob_order {
	GLOB_LITTLE,
	GLOB_BIG,
	GLOB_MARKED /* byte order mark, then little */
};
struct glob glob_utf16(struct arena *arena, struct glob glob, enum glob_order order);
/* Every dash or slash that begins a word, as each of five dashes.  Returns how many are
 * in 'out', or 0 if there would be more than GLOB_VARIANTS_MAX. */
size_t glob_windash(struct arena *arena, struct glob glob,
		    struct glob out[GLOB_VARIANTS_MAX]);

#endif
