/* SPDX-License-Identifier: Apache-2.0 */
/* yaml: a YAML file as a tree that knows its lines; the only door to libyaml. */
#include "common/yaml.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "common/arena.h"
#include "common/file.h"
#include "common/yaml_scalar.h"

enum { DEPTH_MAX = 16 };

struct nodes { /* grows; owned */
	const struct yaml_node **node;
	size_t count, room;
};

struct yaml {
	struct arena arena;
	struct nodes roots;
};

struct builder {
	yaml_parser_t parser;
	struct arena *arena;
	const char *file; /* as nodes carry it: in the arena, or the caller's */
	const char *text;
	size_t size;
	struct nodes pending; /* children of the collections that are still open */
	unsigned depth;
	struct error *err;
};

static int build(struct builder *b, yaml_event_t *event, const struct yaml_node **made);

static void
nodes_add(struct nodes *nodes, const struct yaml_node *node)
{
	if (nodes->count == nodes->room) {
		size_t room = nodes->room ? nodes->room * 2 : 64;
		const struct yaml_node **more =
			realloc(nodes->node, room * sizeof(*nodes->node));
		assert(more !=
		       NULL); /* as in arena: without memory there is no going on */
		nodes->node = more;
		nodes->room = room;
	}
	nodes->node[nodes->count++] = node;
}

static struct yaml_node
place(const struct builder *b, yaml_mark_t mark)
{
	return (struct yaml_node){ .file = b->file,
				   .line = (unsigned)mark.line + 1,
				   .column = (unsigned)mark.column + 1 };
}

/* libyaml's reader knows only the offset of a byte it cannot read. */
static yaml_mark_t
mark_of_offset(const struct builder *b, size_t offset)
{
	yaml_mark_t mark = { 0 };

	for (size_t i = 0; i < offset && i < b->size; i++) {
		mark.column = b->text[i] == '\n' ? 0 : mark.column + 1;
		mark.line += b->text[i] == '\n';
	}
	return mark;
}

static int
complain_of_parser(struct builder *b)
{
	const yaml_parser_t *p = &b->parser;
	const char *problem = p->problem ? p->problem : "unreadable";

	if (p->error == YAML_READER_ERROR) {
		struct yaml_node at = place(b, mark_of_offset(b, p->problem_offset));
		return yaml_complain(b->err, &at,
				     "no UTF-8 text (%s); save the file as UTF-8",
				     problem);
	}
	struct yaml_node at = place(b, p->problem_mark);
	return yaml_complain(b->err, &at, "no YAML: %s%s%s", problem,
			     p->context ? ", " : "", p->context ? p->context : "");
}

static int
next_event(struct builder *b, yaml_event_t *event)
{
	return yaml_parser_parse(&b->parser, event) ? 0 : complain_of_parser(b);
}

static int
refuse_anchor_or_tag(struct builder *b, yaml_mark_t mark, const void *anchor,
		     const void *tag)
{
	struct yaml_node at = place(b, mark);

	if (anchor != NULL)
		return yaml_complain(b->err, &at,
				     "anchors (&) are not taken; write it out");
	if (tag != NULL)
		return yaml_complain(b->err, &at,
				     "tags (!) are not taken; leave it out");
	return 0;
}

static int
build_scalar(struct builder *b, const yaml_event_t *event, struct yaml_node *node)
{
	const char *value = (const char *)event->data.scalar.value;
	size_t length = event->data.scalar.length;

	if (refuse_anchor_or_tag(b, event->start_mark, event->data.scalar.anchor,
				 event->data.scalar.tag) == -1)
		return -1;
	if (memchr(value, '\0', length) != NULL)
		return yaml_complain(b->err, node, "a NUL character is not taken");
	node->text = arena_text(b->arena, value, length);
	node->kind = YAML_TEXT;
	if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		yaml_scalar_resolve(node);
	return 0;
}

/* 'count' pending nodes from 'mark' on, every 'step'th, as an array of the arena. */
static const struct yaml_node *const *
settle(struct builder *b, size_t mark, size_t step, size_t count)
{
	const struct yaml_node **array = arena_take(b->arena, count * sizeof(*array));

	for (size_t i = 0; i < count; i++)
		array[i] = b->pending.node[mark + i * step];
	return array;
}

/* All nodes up to the event 'end' onto the pending ones. */
static int
build_children(struct builder *b, yaml_event_type_t end)
{
	for (;;) {
		yaml_event_t event;
		const struct yaml_node *child;

		if (next_event(b, &event) == -1)
			return -1;
		if (event.type == end) {
			yaml_event_delete(&event);
			return 0;
		}
		if (build(b, &event, &child) == -1)
			return -1;
		nodes_add(&b->pending, child);
	}
}

static int
build_list(struct builder *b, const yaml_event_t *event, struct yaml_node *node)
{
	size_t mark = b->pending.count;

	if (refuse_anchor_or_tag(b, event->start_mark,
				 event->data.sequence_start.anchor,
				 event->data.sequence_start.tag) == -1 ||
	    build_children(b, YAML_SEQUENCE_END_EVENT) == -1)
		return -1;
	node->kind = YAML_LIST;
	node->count = b->pending.count - mark;
	node->item = settle(b, mark, 1, node->count);
	b->pending.count = mark;
	return 0;
}

static int
build_map(struct builder *b, const yaml_event_t *event, struct yaml_node *node)
{
	size_t mark = b->pending.count;

	if (refuse_anchor_or_tag(b, event->start_mark, event->data.mapping_start.anchor,
				 event->data.mapping_start.tag) == -1 ||
	    build_children(b, YAML_MAPPING_END_EVENT) == -1)
		return -1;
	node->kind = YAML_MAP;
	node->count = (b->pending.count - mark) / 2;
	node->key = settle(b, mark, 2, node->count);
	node->item = settle(b, mark + 1, 2, node->count);
	b->pending.count = mark;
	return yaml_keys_check(node, b->err);
}

static int
build_open(struct builder *b, const yaml_event_t *event, struct yaml_node *node)
{
	if (b->depth == DEPTH_MAX)
		return yaml_complain(b->err, node, "more than %d levels deep",
				     DEPTH_MAX);
	b->depth++;
	int result = event->type == YAML_MAPPING_START_EVENT
			     ? build_map(b, event, node)
			     : build_list(b, event, node);
	b->depth--;
	return result;
}

/* Takes the event; on 0 '*made' is a whole node. */
static int
build(struct builder *b, yaml_event_t *event, const struct yaml_node **made)
{
	struct yaml_node *node = arena_take(b->arena, sizeof(*node));
	int result;

	*node = place(b, event->start_mark);
	*made = node;
	if (event->type == YAML_SCALAR_EVENT)
		result = build_scalar(b, event, node);
	else if (event->type == YAML_ALIAS_EVENT)
		result = yaml_complain(b->err, node,
				       "aliases (*) are not taken; write it out");
	else
		result = build_open(b, event, node);
	yaml_event_delete(event);
	return result;
}

static void
builder_init(struct builder *b, const char *text, size_t size)
{
	int ok = yaml_parser_initialize(&b->parser);

	assert(ok); /* fails only without memory */
	b->text = text;
	b->size = size;
	yaml_parser_set_input_string(&b->parser, (const unsigned char *)text, size);
	yaml_parser_set_encoding(&b->parser, YAML_UTF8_ENCODING);
}

static void
builder_release(struct builder *b)
{
	yaml_parser_delete(&b->parser);
	free(b->pending.node);
}

/*
 * Passes over the stream's and documents' borders.  1: '*event' begins a root;
 * 0: the stream is over.
 */
static int
next_root(struct builder *b, yaml_event_t *event)
{
	for (;;) {
		if (next_event(b, event) == -1)
			return -1;
		yaml_event_type_t type = event->type;
		if (type != YAML_STREAM_START_EVENT && type != YAML_STREAM_END_EVENT &&
		    type != YAML_DOCUMENT_START_EVENT &&
		    type != YAML_DOCUMENT_END_EVENT)
			return 1;
		yaml_event_delete(event);
		if (type == YAML_STREAM_END_EVENT)
			return 0;
	}
}

struct yaml *
yaml_parse(const char *name, const char *text, size_t size, struct error *err)
{
	struct yaml *yaml = calloc(1, sizeof(*yaml));
	const struct yaml_node *root;
	yaml_event_t event;
	int more;

	assert(yaml != NULL);
	struct builder b = { .arena = &yaml->arena, .err = err };
	b.file = arena_text(&yaml->arena, name, strlen(name));
	builder_init(&b, text, size);
	while ((more = next_root(&b, &event)) == 1 &&
	       (more = build(&b, &event, &root)) == 0)
		nodes_add(&yaml->roots, root);
	builder_release(&b);
	if (more == 0)
		return yaml;
	yaml_free(yaml);
	return NULL;
}

struct yaml *
yaml_load(const char *path, size_t limit, struct error *err)
{
	char *text;
	size_t size;

	if (file_read(path, limit, &text, &size, err) == -1)
		return NULL;
	struct yaml *yaml = yaml_parse(path, text, size, err);
	free(text);
	return yaml;
}

void
yaml_free(struct yaml *yaml)
{
	if (yaml == NULL)
		return;
	arena_release(&yaml->arena);
	free(yaml->roots.node);
	free(yaml);
}

size_t
yaml_document_count(const struct yaml *yaml)
{
	return yaml->roots.count;
}

const struct yaml_node *
yaml_root(const struct yaml *yaml, size_t index)
{
	assert(index < yaml->roots.count);
	return yaml->roots.node[index];
}

/* The next item into 'items'.  1: there is one; 0: the list is over. */
static int
stream_item(struct builder *b, const struct yaml_node **item)
{
	yaml_event_t event;

	if (next_event(b, &event) == -1)
		return -1;
	if (event.type != YAML_SEQUENCE_END_EVENT)
		return build(b, &event, item) == -1 ? -1 : 1;
	yaml_event_delete(&event);
	return 0;
}

/* Items of the list 'empty', whose start was just read; each is forgotten after its
 * turn. */
static int
stream_items(struct builder *b, struct arena *items, const struct yaml_node *key,
	     const struct yaml_node *empty, yaml_sink *sink, void *ctx)
{
	struct arena *keys = b->arena;
	const struct yaml_node *item;
	size_t count = 0;
	int more;

	b->arena = items;
	for (; (more = stream_item(b, &item)) == 1; count++) {
		int result = sink(ctx, key, item, true, b->err);
		arena_reset(items);
		if (result == -1)
			return -1;
	}
	b->arena = keys;
	if (more == 0 && count == 0)
		return sink(ctx, key, empty, false, b->err);
	return more;
}

static int
stream_value(struct builder *b, struct arena *items, const struct yaml_node *key,
	     yaml_sink *sink, void *ctx)
{
	const struct yaml_node *value;
	yaml_event_t event;

	if (next_event(b, &event) == -1)
		return -1;
	if (event.type == YAML_SEQUENCE_START_EVENT &&
	    event.data.sequence_start.anchor == NULL &&
	    event.data.sequence_start.tag == NULL) {
		struct yaml_node empty = place(b, event.start_mark);
		empty.kind = YAML_LIST;
		yaml_event_delete(&event);
		return stream_items(b, items, key, &empty, sink, ctx);
	}
	if (build(b, &event, &value) == -1)
		return -1;
	return sink(ctx, key, value, false, b->err);
}

/* The pairs of the root, whose start was just read. */
static int
stream_pairs(struct builder *b, struct arena *items, yaml_sink *sink, void *ctx)
{
	b->depth = 2; /* the root and the list whose items come alone */
	for (;;) {
		const struct yaml_node *key;
		yaml_event_t event;

		if (next_event(b, &event) == -1)
			return -1;
		if (event.type == YAML_MAPPING_END_EVENT) {
			yaml_event_delete(&event);
			return 0;
		}
		if (build(b, &event, &key) == -1)
			return -1;
		nodes_add(&b->pending, key);
		struct yaml_node seen = { .kind = YAML_MAP,
					  .count = b->pending.count,
					  .key = b->pending.node };
		if (yaml_keys_check(&seen, b->err) == -1 ||
		    stream_value(b, items, key, sink, ctx) == -1)
			return -1;
	}
}

static int
stream_root(struct builder *b, struct arena *items, yaml_sink *sink, void *ctx)
{
	yaml_event_t event = { 0 };
	int more = next_root(b, &event);
	struct yaml_node at = place(b, event.start_mark);

	if (more == -1)
		return -1;
	if (more == 0)
		return yaml_complain(b->err, &at,
				     "the file is empty; a map was expected");
	int result = event.type == YAML_MAPPING_START_EVENT
			     ? refuse_anchor_or_tag(b, event.start_mark,
						    event.data.mapping_start.anchor,
						    event.data.mapping_start.tag)
			     : yaml_complain(b->err, &at,
					     "no map; \"key: value\" was expected");
	yaml_event_delete(&event);
	if (result == -1)
		return -1;
	if (stream_pairs(b, items, sink, ctx) == -1)
		return -1;
	more = next_root(b, &event);
	if (more != 1)
		return more;
	at = place(b, event.start_mark);
	yaml_event_delete(&event);
	return yaml_complain(b->err, &at, "a second document; one is expected");
}

int
yaml_stream(const char *name, const char *text, size_t size, yaml_sink *sink, void *ctx,
	    struct error *err)
{
	struct arena keys = { 0 }, items = { 0 };
	struct builder b = { .arena = &keys, .file = name, .err = err };

	builder_init(&b, text, size);
	int result = stream_root(&b, &items, sink, ctx);
	builder_release(&b);
	arena_release(&keys);
	arena_release(&items);
	return result;
}
