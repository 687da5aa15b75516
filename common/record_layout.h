/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record_layout: the dotted paths of the field table as nested objects.
 *
 * Worked out once from common/fields.def, for the writer, the reader and the
 * documents.  Object 0 is the record itself.
 */
#ifndef COMMON_RECORD_LAYOUT_H
#define COMMON_RECORD_LAYOUT_H

#include "common/record.h"

enum {
	LAYOUT_KEY_ROOM = 40,     /* a member's name with quotes, colon and brace */
	LAYOUT_OBJECTS_MAX = 250, /* numbered in a byte */
	LAYOUT_DEPTH_MAX = 4,     /* objects open at once, the record itself left out */
	/* A member of an object is a field, or FIELD_COUNT + the number of an object.
	 */
	LAYOUT_MEMBER_COUNT = FIELD_COUNT + LAYOUT_OBJECTS_MAX,
	LAYOUT_MEMBER_NONE = LAYOUT_MEMBER_COUNT,
	LAYOUT_PLACES =
		4096 /* of the hash table: a power of two, far above the members */
};

/* The name as it stands on the line: "sni": or "tls":{ or "answers":[  padded with NUL.
 */
struct layout_key {
	uint8_t size;
	char text[LAYOUT_KEY_ROOM];
};

struct layout_object {
	struct layout_key open;
	uint8_t parent;
	uint8_t depth;    /* 0 for the record itself */
	struct text name; /* "tls"; empty for the record itself */
	/* Of an array of objects its columns: fields first to first + columns - 1. */
	uint16_t first, columns; /* 0: it is no array */
};

struct layout_field {
	struct layout_key key;
	uint8_t object;   /* the one it is a member of */
	struct text name; /* "sni" */
};

struct record_layout {
	uint8_t object_count;
	struct layout_object object[LAYOUT_OBJECTS_MAX];
	struct layout_field field[FIELD_COUNT];
	uint64_t dropped[RECORD_WORDS];    /* PRIVACY_DROP */
	uint64_t pseudonyms[RECORD_WORDS]; /* PRIVACY_PSEUDONYM */
	uint16_t place[LAYOUT_PLACES];     /* members by hash of object and name */
};

/* Never fails; the same each time. */
const struct record_layout *record_layout(void);

/* The member of 'object' with this name, or LAYOUT_MEMBER_NONE. */
unsigned record_layout_find(const struct record_layout *layout, uint8_t object,
			    struct text name);

#endif
