/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read: members of a YAML map as the types rules are made of.
 *
 * Each returns -1 with "file:line:col: what; expected" in '*err'.  A missing
 * required member is complained about at its map.  Texts borrow the tree.
 */
#ifndef CORRELATOR_POLICY_READ_H
#define CORRELATOR_POLICY_READ_H

#include "common/arena.h"
#include "common/instant.h"
#include "common/yaml.h"
#include "correlator/inventory/inventory.h"

#define READ_COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct word_set {
	size_t count;
	const char *const *at; /* sorted */
};

/* A scalar as written; empty and null are refused. */
int read_text(const struct yaml_node *map, const char *key, const char **text,
	      struct error *err);
/* The same, '' if missing. */
int read_text_if_any(const struct yaml_node *map, const char *key, const char **text,
		     struct error *err);
/* {ja:, en:}, both required. */
int read_title(const struct yaml_node *map, const char *key, struct title *title,
	       struct error *err);
int read_title_if_any(const struct yaml_node *map, const char *key, struct title *title,
		      struct error *err);
/* Place in 'choices' (NULL at the end); 'otherwise' if missing, or -1 if it must be
 * there. */
int read_choice(const struct yaml_node *map, const char *key,
		const char *const *choices, int otherwise, int *choice,
		struct error *err);
/* A fraction from 0 to 1 in millionths; untouched if missing. */
int read_share(const struct yaml_node *map, const char *key, uint32_t *millionths,
	       struct error *err);
/* RFC 3339 with an offset. */
int read_instant(const struct yaml_node *map, const char *key, struct instant *at,
		 struct error *err);
/* A scalar, or a list of scalars without repetition. */
int read_words(struct arena *arena, const struct yaml_node *node,
	       struct word_set *words, struct error *err);
/* True if 'word' is among them. */
bool words_have(const struct word_set *words, const char *word);

/* "file:line:col: what" with "; expected one of: ..." or the nearest word.  Returns -1.
 */
int read_not_among(const struct yaml_node *node, const char *what,
		   const char *const *choices, struct error *err);

/* The same for names that are not a fixed list: "did you mean", or "expected one that
 * is".  Returns -1. */
int read_no_reference(const struct yaml_node *node, const char *what, const char *word,
		      const char *const *names, struct error *err);

#endif
