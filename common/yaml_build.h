/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_build: from libyaml's events to nodes, for yaml.c (all at once) and
 * yaml_stream.c (item by item); nobody else includes it.
 */
#ifndef COMMON_YAML_BUILD_H
#define COMMON_YAML_BUILD_H

#include <yaml.h>

#include "common/arena.h"
#include "common/yaml.h"

struct yaml_nodes { /* grows; owned */
	const struct yaml_node **node;
	size_t count, room;
};

struct yaml_builder {
	yaml_parser_t parser;
	struct arena *arena;
	const char *file; /* as nodes carry it: in the arena, or the caller's */
	const char *text;
	size_t size;
	struct yaml_nodes pending; /* children of the collections that are still open */
	unsigned depth;
	struct error *err;
};

void yaml_nodes_add(struct yaml_nodes *nodes, const struct yaml_node *node);

/* Borrows the text until release; 'arena', 'file' and 'err' are set by the caller before. */
void yaml_builder_init(struct yaml_builder *b, const char *text, size_t size);
void yaml_builder_release(struct yaml_builder *b);

/* -1 with the complaint in '*b->err'; else the event is the caller's to delete. */
int yaml_next_event(struct yaml_builder *b, yaml_event_t *event);
/*
 * Passes over the stream's and documents' borders.  1: '*event' begins a root;
 * 0: the stream is over.
 */
int yaml_next_root(struct yaml_builder *b, yaml_event_t *event);
/* Takes the event; on 0 '*made' is a whole node. */
int yaml_build(struct yaml_builder *b, yaml_event_t *event, const struct yaml_node **made);
/* A node without kind at this place, to complain with or to fill. */
struct yaml_node yaml_place(const struct yaml_builder *b, yaml_mark_t mark);
/* -1 with a complaint if either is there. */
int yaml_refuse_marks(struct yaml_builder *b, yaml_mark_t mark, const void *anchor, const void *tag);

#endif
