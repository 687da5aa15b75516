/* SPDX-License-Identifier: Apache-2.0 */
/* yaml: a YAML file as a tree that knows its lines; the only door to libyaml. */
#include "common/yaml.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "common/yaml_build.h"
#include "common/yaml_scalar.h"

#define DEPTH_MAX 16

struct yaml {
	struct arena arena;
	struct yaml_nodes roots;
};

void
yaml_nodes_add(struct yaml_nodes *nodes, const struct yaml_node *node)
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

struct yaml_node
yaml_place(const struct yaml_builder *b, yaml_mark_t mark)
{
	return (struct yaml_node){ .file = b->file,
				   .line = (unsigned)mark.line + 1,
				   .column = (unsigned)mark.column + 1 };
}

/* libyaml's reader knows only the offset of a byte it cannot read. */
static yaml_mark_t
mark_of_offset(const struct yaml_builder *b, size_t offset)
{
	yaml_mark_t mark = { 0 };

	for (size_t i = 0; i < offset && i < b->size; i++) {
		mark.column = b->text[i] == '\n' ? 0 : mark.column + 1;
		mark.line += b->text[i] == '\n';
	}
	return mark;
}

static int
complain_of_parser(struct yaml_builder *b)
{
	const yaml_parser_t *p = &b->parser;
	const char *problem = p->problem ? p->problem : "unreadable";

	if (p->error == YAML_READER_ERROR) {
		struct yaml_node at =
			yaml_place(b, mark_of_offset(b, p->problem_offset));
		return yaml_complain(b->err, &at,
				     "no UTF-8 text (%s); save the file as UTF-8",
				     problem);
	}
	struct yaml_node at = yaml_place(b, p->problem_mark);
	return yaml_complain(b->err, &at, "no YAML: %s%s%s", problem,
			     p->context ? ", " : "", p->context ? p->context : "");
}

int
yaml_next_event(struct yaml_builder *b, yaml_event_t *event)
{
	return yaml_parser_parse(&b->parser, event) ? 0 : complain_of_parser(b);
}

int
yaml_refuse_marks(struct yaml_builder *b, yaml_mark_t mark, const void *anchor,
		  const void *tag)
{
	struct yaml_node at = yaml_place(b, mark);

	if (anchor != NULL)
		return yaml_complain(b->err, &at,
				     "anchors (&) are not taken; write it out");
	if (tag != NULL)
		return yaml_complain(b->err, &at,
				     "tags (!) are not taken; leave it out");
	return 0;
}

static int
build_scalar(struct yaml_builder *b, const yaml_event_t *event, struct yaml_node *node)
{
	const char *value = (const char *)event->data.scalar.value;
	size_t length = event->data.scalar.length;

	if (yaml_refuse_marks(b, event->start_mark, event->data.scalar.anchor,
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
settle(struct yaml_builder *b, size_t mark, size_t step, size_t count)
{
	const struct yaml_node **array = arena_take(b->arena, count * sizeof(*array));

	for (size_t i = 0; i < count; i++)
		array[i] = b->pending.node[mark + i * step];
	return array;
}

/* All nodes up to the event 'end' onto the pending ones. */
static int
build_children(struct yaml_builder *b, yaml_event_type_t end)
{
	for (;;) {
		yaml_event_t event;
		const struct yaml_node *child;

		if (yaml_next_event(b, &event) == -1)
			return -1;
		if (event.type == end) {
			yaml_event_delete(&event);
			return 0;
		}
		if (yaml_build(b, &event, &child) == -1)
			return -1;
		yaml_nodes_add(&b->pending, child);
	}
}

static int
build_list(struct yaml_builder *b, const yaml_event_t *event, struct yaml_node *node)
{
	size_t mark = b->pending.count;

	if (yaml_refuse_marks(b, event->start_mark, event->data.sequence_start.anchor,
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
build_map(struct yaml_builder *b, const yaml_event_t *event, struct yaml_node *node)
{
	size_t mark = b->pending.count;

	if (yaml_refuse_marks(b, event->start_mark, event->data.mapping_start.anchor,
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
build_open(struct yaml_builder *b, const yaml_event_t *event, struct yaml_node *node)
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

int
yaml_build(struct yaml_builder *b, yaml_event_t *event, const struct yaml_node **made)
{
	struct yaml_node *node = arena_take(b->arena, sizeof(*node));
	int result;

	*node = yaml_place(b, event->start_mark);
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

void
yaml_builder_init(struct yaml_builder *b, const char *text, size_t size)
{
	int ok = yaml_parser_initialize(&b->parser);

	assert(ok); /* fails only without memory */
	b->text = text;
	b->size = size;
	yaml_parser_set_input_string(&b->parser, (const unsigned char *)text, size);
	yaml_parser_set_encoding(&b->parser, YAML_UTF8_ENCODING);
}

void
yaml_builder_release(struct yaml_builder *b)
{
	yaml_parser_delete(&b->parser);
	free(b->pending.node);
}

int
yaml_next_root(struct yaml_builder *b, yaml_event_t *event)
{
	for (;;) {
		if (yaml_next_event(b, event) == -1)
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
	struct yaml_builder b = { .arena = &yaml->arena, .err = err };
	b.file = arena_text(&yaml->arena, name, strlen(name));
	yaml_builder_init(&b, text, size);
	while ((more = yaml_next_root(&b, &event)) == 1 &&
	       (more = yaml_build(&b, &event, &root)) == 0)
		yaml_nodes_add(&yaml->roots, root);
	yaml_builder_release(&b);
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
