/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml: a YAML file as a tree that knows its lines; the only door to libyaml.
 *
 * For configuration, inventory and rules, which people write: so every node
 * keeps file, line and column, and every complaint is one line
 * "file:line:col: what; expected".  Plain scalars follow the YAML 1.2 core
 * schema (null, true/false, decimal integers and fractions); anything else is
 * text.  Refused, with the place: aliases and anchors, tags, duplicate keys,
 * keys that are no scalars, depth over 16, files over the limit, no UTF-8.
 */
#ifndef COMMON_YAML_H
#define COMMON_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

enum yaml_kind { YAML_NULL, YAML_BOOL, YAML_INTEGER, YAML_FRACTION, YAML_TEXT, YAML_LIST, YAML_MAP };

/* Owned by its document; values, so members are read directly. */
struct yaml_node {
	enum yaml_kind kind;
	const char *file; /* as given to the loader */
	unsigned line;    /* from 1 */
	unsigned column;  /* from 1 */
	const char *text; /* scalars: as written, NUL-terminated, valid UTF-8 */
	bool flag;        /* YAML_BOOL */
	int64_t integer;  /* YAML_INTEGER */
	double fraction;  /* YAML_FRACTION, and YAML_INTEGER */
	size_t count;     /* YAML_LIST: items; YAML_MAP: pairs */
	const struct yaml_node *const *item;   /* YAML_LIST, and the values of a YAML_MAP */
	const struct yaml_node *const *key;    /* YAML_MAP: scalar nodes in the order written */
};

struct yaml; /* owns all nodes of a file, which may hold several documents */

/* Limit in bytes.  NULL on failure, with the one-line message in '*err'. */
struct yaml *yaml_load(const char *path, size_t limit, struct error *err);
/* The same from memory; 'name' stands for the file in messages. */
struct yaml *yaml_parse(const char *name, const char *text, size_t size, struct error *err);
/* Takes NULL.  Has a symbol of its own because libyaml calls one named yaml_free: ours must not answer. */
void yaml_free(struct yaml *yaml) __asm__("sekisho_yaml_free");
size_t yaml_document_count(const struct yaml *yaml);
/* The root of a document; never NULL for index < count. An empty file has no document. */
const struct yaml_node *yaml_root(const struct yaml *yaml, size_t index);

/*
 * For long files: reads one document that is a map and hands each value of it
 * over as soon as it is read, the items of a list one by one ('is_item'; an
 * empty list comes as itself), so that memory holds one at a time.  'key' and 'value' live until the sink
 * returns; the sink's -1, with '*err' filled, ends the reading.
 */
typedef int yaml_sink(void *ctx, const struct yaml_node *key, const struct yaml_node *value,
		      bool is_item, struct error *err);
int yaml_stream(const char *name, const char *text, size_t size, yaml_sink *sink, void *ctx,
		struct error *err);

/* The value of 'key' in a map, or NULL. */
const struct yaml_node *yaml_find(const struct yaml_node *map, const char *key);

/* Fills '*err' with "file:line:col: what" of this node.  Returns -1. */
int yaml_complain(struct error *err, const struct yaml_node *at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * 0 if 'map' is a map and has only keys of 'known' (NULL at the end).  Else
 * -1: names the unknown key and, if one is near, the word that was meant.
 */
int yaml_only(const struct yaml_node *map, const char *const *known, struct error *err);

/* The word of 'known' (NULL at the end) nearest to 'word' (edit distance <= 1/3 of its length), or NULL. */
const char *yaml_nearest(const char *word, const char *const *known);

#endif
