/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_stream: a long YAML map value by value, so that memory holds one at a time. */
#include "common/yaml_build.h"
#include "common/yaml_scalar.h"

/* The next item into 'items'.  1: there is one; 0: the list is over. */
static int
stream_item(struct yaml_builder *b, const struct yaml_node **item)
{
	yaml_event_t event;

	if (yaml_next_event(b, &event) == -1)
		return -1;
	if (event.type != YAML_SEQUENCE_END_EVENT)
		return yaml_build(b, &event, item) == -1 ? -1 : 1;
	yaml_event_delete(&event);
	return 0;
}

/* Items of the list 'empty', whose start was just read; each is forgotten after its
 * turn. */
static int
stream_items(struct yaml_builder *b, struct arena *items, const struct yaml_node *key,
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
stream_value(struct yaml_builder *b, struct arena *items, const struct yaml_node *key,
	     yaml_sink *sink, void *ctx)
{
	const struct yaml_node *value;
	yaml_event_t event;

	if (yaml_next_event(b, &event) == -1)
		return -1;
	if (event.type == YAML_SEQUENCE_START_EVENT &&
	    event.data.sequence_start.anchor == NULL &&
	    event.data.sequence_start.tag == NULL) {
		struct yaml_node empty = yaml_place(b, event.start_mark);
		empty.kind = YAML_LIST;
		yaml_event_delete(&event);
		return stream_items(b, items, key, &empty, sink, ctx);
	}
	if (yaml_build(b, &event, &value) == -1)
		return -1;
	return sink(ctx, key, value, false, b->err);
}

/* The pairs of the root, whose start was just read. */
static int
stream_pairs(struct yaml_builder *b, struct arena *items, yaml_sink *sink, void *ctx)
{
	b->depth = 2; /* the root and the list whose items come alone */
	for (;;) {
		const struct yaml_node *key;
		yaml_event_t event;

		if (yaml_next_event(b, &event) == -1)
			return -1;
		if (event.type == YAML_MAPPING_END_EVENT) {
			yaml_event_delete(&event);
			return 0;
		}
		if (yaml_build(b, &event, &key) == -1)
			return -1;
		yaml_nodes_add(&b->pending, key);
		struct yaml_node seen = { .kind = YAML_MAP,
					  .count = b->pending.count,
					  .key = b->pending.node };
		if (yaml_keys_check(&seen, b->err) == -1 ||
		    stream_value(b, items, key, sink, ctx) == -1)
			return -1;
	}
}

static int
stream_root(struct yaml_builder *b, struct arena *items, yaml_sink *sink, void *ctx)
{
	yaml_event_t event = { 0 };
	int more = yaml_next_root(b, &event);
	struct yaml_node at = yaml_place(b, event.start_mark);

	if (more == -1)
		return -1;
	if (more == 0)
		return yaml_complain(b->err, &at,
				     "the file is empty; a map was expected");
	int result = event.type == YAML_MAPPING_START_EVENT
			     ? yaml_refuse_marks(b, event.start_mark,
						 event.data.mapping_start.anchor,
						 event.data.mapping_start.tag)
			     : yaml_complain(b->err, &at,
					     "no map; \"key: value\" was expected");
	yaml_event_delete(&event);
	if (result == -1)
		return -1;
	if (stream_pairs(b, items, sink, ctx) == -1)
		return -1;
	more = yaml_next_root(b, &event);
	if (more != 1)
		return more;
	at = yaml_place(b, event.start_mark);
	yaml_event_delete(&event);
	return yaml_complain(b->err, &at, "a second document; one is expected");
}

int
yaml_stream(const char *name, const char *text, size_t size, yaml_sink *sink, void *ctx,
	    struct error *err)
{
	struct arena keys = { 0 }, items = { 0 };
	struct yaml_builder b = { .arena = &keys, .file = name, .err = err };

	yaml_builder_init(&b, text, size);
	int result = stream_root(&b, &items, sink, ctx);
	yaml_builder_release(&b);
	arena_release(&keys);
	arena_release(&items);
	return result;
}
