/* SPDX-License-Identifier: Apache-2.0 */
/* record_layout: the dotted paths of the field table as nested objects. */
#include "common/record_layout.h"

#include <pthread.h>

static struct layout_key
key_of(struct text name, const char *after)
{
	struct layout_key key = { .size = (uint8_t)(name.size + 2 + strlen(after)) };

	assert(key.size <= LAYOUT_KEY_ROOM);
	key.text[0] = '"';
	memcpy(key.text + 1, name.at, name.size);
	key.text[name.size + 1] = '"';
	memcpy(key.text + name.size + 2, after, strlen(after));
	return key;
}

/* The object 'name' in 'parent', made if it is new. */
static uint8_t
object_in(struct record_layout *layout, uint8_t parent, struct text name)
{
	for (uint8_t i = 1; i < layout->object_count; i++)
		if (layout->object[i].parent == parent &&
		    text_equal(layout->object[i].name, name))
			return i;
	assert(layout->object_count < LAYOUT_OBJECTS_MAX);
	struct layout_object *object = &layout->object[layout->object_count];
	object->open = key_of(name, ":{");
	object->parent = parent;
	object->depth = (uint8_t)(layout->object[parent].depth + 1);
	object->name = name;
	assert(object->depth <= LAYOUT_DEPTH_MAX);
	return layout->object_count++;
}

static void
add_column(struct layout_object *array, size_t field)
{
	if (array->columns == 0) {
		array->open = key_of(array->name, ":[");
		array->first = (uint16_t)field;
	}
	assert(field == (size_t)array->first + array->columns);
	array->columns++;
}

static void
add_field(struct record_layout *layout, size_t field)
{
	const char *at = record_fields[field].path, *dot;
	uint8_t object = 0;

	for (; (dot = strchr(at, '.')) != NULL; at = dot + 1)
		object = object_in(layout, object,
				   (struct text){ at, (uint32_t)(dot - at) });
	layout->field[field].object = object;
	if (field_is_column((enum field_id)field))
		add_column(&layout->object[object], field);
	layout->field[field].name = text_of(at);
	layout->field[field].key = key_of(text_of(at), ":");
	if (record_fields[field].privacy == PRIVACY_DROP)
		layout->dropped[field / 64] |= UINT64_C(1) << field % 64;
	if (record_fields[field].privacy == PRIVACY_PSEUDONYM)
		layout->pseudonyms[field / 64] |= UINT64_C(1) << field % 64;
}

static size_t
place_of(uint8_t object, struct text name)
{
	uint32_t hash = 2166136261u ^ object;

	for (uint32_t i = 0; i < name.size; i++)
		hash = (hash ^ (uint8_t)name.at[i]) * 16777619u;
	return (hash ^ hash >> 15) % LAYOUT_PLACES;
}

static struct text
member_name(const struct record_layout *layout, unsigned member)
{
	return member < FIELD_COUNT ? layout->field[member].name
				    : layout->object[member - FIELD_COUNT].name;
}

static uint8_t
member_object(const struct record_layout *layout, unsigned member)
{
	return member < FIELD_COUNT ? layout->field[member].object
				    : layout->object[member - FIELD_COUNT].parent;
}

static void
add_member(struct record_layout *layout, unsigned member)
{
	size_t place =
		place_of(member_object(layout, member), member_name(layout, member));

	while (layout->place[place] != LAYOUT_MEMBER_NONE)
		place = (place + 1) % LAYOUT_PLACES;
	layout->place[place] = (uint16_t)member;
}

static struct record_layout made;

static void
make(void)
{
	made.object_count = 1;
	for (size_t field = 0; field < FIELD_COUNT; field++)
		add_field(&made, field);
	for (size_t i = 0; i < LAYOUT_PLACES; i++)
		made.place[i] = LAYOUT_MEMBER_NONE;
	for (unsigned i = 0; i < FIELD_COUNT; i++)
		add_member(&made, i);
	for (unsigned i = 1; i < made.object_count; i++)
		add_member(&made, FIELD_COUNT + i);
}

const struct record_layout *
record_layout(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make);
	return &made;
}

unsigned
record_layout_find(const struct record_layout *layout, uint8_t object, struct text name)
{
	size_t place = place_of(object, name);

	for (; layout->place[place] != LAYOUT_MEMBER_NONE;
	     place = (place + 1) % LAYOUT_PLACES) {
		unsigned member = layout->place[place];

		if (member_object(layout, member) == object &&
		    text_equal(member_name(layout, member), name))
			return member;
	}
	return LAYOUT_MEMBER_NONE;
}
