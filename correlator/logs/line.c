/* SPDX-License-Identifier: Apache-2.0 */
/* line: one line of a log as a record, by its mapping. */
#include "correlator/logs/line.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/arena.h"

struct log_reader {
	struct arena arena;
	json_t *json; /* of the line at hand, or NULL */
};

/* A line at hand. */
struct source {
	struct log_reader *reader;
	const struct log_mapping *mapping;
	struct text line;
};

struct log_reader *
log_reader_new(void)
{
	struct log_reader *reader = calloc(1, sizeof(*reader));

	assert(reader != NULL);
	return reader;
}

void
log_reader_free(struct log_reader *reader)
{
	if (reader == NULL)
		return;
	json_decref(reader->json);
	arena_release(&reader->arena);
	free(reader);
}

/* A member by its name as written, dots and all, else by the path the dots make. */
static json_t *
find_json(json_t *object, const char *path)
{
	json_t *found = json_object_get(object, path);
	char name[128];

	for (const char *dot; found == NULL && (dot = strchr(path, '.')) != NULL;) {
		size_t size = (size_t)(dot - path);
		if (size >= sizeof(name))
			return NULL;
		memcpy(name, path, size);
		name[size] = '\0';
		object = json_object_get(object, name);
		path = dot + 1;
		found = json_object_get(object, path);
	}
	return found;
}

/* A scalar as its text; false if it is none. */
static bool
scalar_text(struct source *source, const json_t *json, struct text *text)
{
	char out[64];
	int size = -1;

	if (json_is_string(json)) {
		*text = (struct text){ json_string_value(json),
				       (uint32_t)json_string_length(json) };
		return memchr(text->at, '\0', text->size) == NULL;
	}
	if (json_is_integer(json))
		size = snprintf(out, sizeof(out), "%" JSON_INTEGER_FORMAT,
				json_integer_value(json));
	else if (json_is_real(json))
		size = snprintf(out, sizeof(out), "%.6f", json_real_value(json));
	else if (json_is_boolean(json))
		size = snprintf(out, sizeof(out), "%s",
				json_is_true(json) ? "true" : "false");
	if (size < 0 || size >= (int)sizeof(out))
		return false;
	*text = (struct text){ arena_text(&source->reader->arena, out, (size_t)size),
			       (uint32_t)size };
	return true;
}

/* The text under a name; false if there is none. */
static bool
find_text(struct source *source, const char *name, struct text *text)
{
	if (source->mapping->is_text)
		return pattern_group(source->mapping->pattern, name, source->line,
				     text);
	return scalar_text(source, find_json(source->reader->json, name), text);
}

static bool
to_number(struct text text, uint64_t *number)
{
	*number = 0;
	for (uint32_t i = 0; i < text.size; i++) {
		if (text.at[i] < '0' || text.at[i] > '9' ||
		    *number > UINT64_MAX / 10 - 9)
			return false;
		*number = *number * 10 + (uint64_t)(text.at[i] - '0');
	}
	return text.size > 0;
}

/* "1732441234.123456" as microseconds; 'unit' is what one of the whole part is. */
static bool
to_usec(struct text text, int64_t unit, int64_t *usec)
{
	const char *dot = memchr(text.at, '.', text.size);
	uint32_t whole = dot != NULL ? (uint32_t)(dot - text.at) : text.size;
	int64_t part = unit;
	uint64_t number;

	if (whole > 13 || !to_number((struct text){ text.at, whole }, &number))
		return false;
	*usec = (int64_t)number * unit;
	for (uint32_t i = whole + 1; i < text.size && part >= 10; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		part /= 10;
		*usec += (text.at[i] - '0') * part;
	}
	return true;
}

static bool
set_text(struct record *record, enum field_id field, struct text text)
{
	uint64_t number;
	struct instant at;
	struct address address;

	switch (record_fields[field].type) {
	case TYPE_TEXT:
		record_set_text(record, field, text);
		return true;
	case TYPE_NUMBER:
		if (!to_number(text, &number))
			return false;
		record_set_number(record, field, number);
		return true;
	case TYPE_BOOL:
		if (!text_is(text, "true") && !text_is(text, "false"))
			return false;
		record_set_flag(record, field, text_is(text, "true"));
		return true;
	case TYPE_ADDRESS:
		if (!address_from_text(text, &address))
			return false;
		record_set_address(record, field, &address);
		return true;
	case TYPE_TIME:
		if (!instant_from_text(text.at, text.size, &at))
			return false;
		record_set_time(record, field, at);
		return true;
	default:
		return false;
	}
}

static bool
set_list(struct source *source, struct record *record, enum field_id field,
	 const json_t *list)
{
	size_t count = json_array_size(list);
	bool is_text = record_fields[field].type == TYPE_TEXTS;
	struct text *text = arena_take(&source->reader->arena, count * sizeof(*text));
	uint64_t *number = arena_take(&source->reader->arena, count * sizeof(*number));

	for (size_t i = 0; i < count; i++)
		if (!scalar_text(source, json_array_get(list, i), &text[i]) ||
		    (!is_text && !to_number(text[i], &number[i])))
			return false;
	if (is_text)
		record_set_texts(record, field, text, (uint32_t)count);
	else
		record_set_numbers(record, field, number, (uint32_t)count);
	return true;
}

static bool
is_list(enum field_id field)
{
	return record_fields[field].type == TYPE_TEXTS ||
	       record_fields[field].type == TYPE_NUMBERS;
}

/* What the log's word means, NULL for null; the word itself if nothing is said. */
static const struct translation *
translate(const struct log_value *value, struct text word)
{
	for (size_t i = 0; i < value->translation_count; i++)
		if (text_is(word, value->translation[i].from))
			return &value->translation[i];
	return value->otherwise;
}

static bool
set_value(struct source *source, const struct log_value *value, struct record *record)
{
	struct text text;

	if (value->constant != NULL)
		return set_text(record, value->field, text_of(value->constant));
	if (is_list(value->field)) {
		const json_t *list = find_json(source->reader->json, value->from);
		return !json_is_array(list) ||
		       set_list(source, record, value->field, list);
	}
	if (!find_text(source, value->from, &text))
		return true;
	const struct translation *meant = translate(value, text);
	if (meant != NULL && meant->to == NULL) {
		record_set_null(record, value->field);
		return true;
	}
	return set_text(record, value->field,
			meant != NULL ? text_of(meant->to) : text);
}

/* EVE's own names: whatever of ours is there under the same path. */
static void
set_same(struct source *source, struct record *record)
{
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		enum field_id field = (enum field_id)i;
		const char *path = record_fields[i].path;
		struct text text;
		if (field == FIELD_EVENT_TYPE || field == FIELD_TIMESTAMP ||
		    strncmp(path, "sekisho.", 8) == 0)
			continue;
		const json_t *json = find_json(source->reader->json, path);
		if (json_is_array(json) && is_list(field))
			set_list(source, record, field, json);
		else if (scalar_text(source, json, &text))
			set_text(record, field, text);
	}
}

static bool
find_time(struct source *source, struct record *record)
{
	const struct log_mapping *mapping = source->mapping;
	int64_t unit = mapping->time_form == LOG_TIME_SECONDS ? INSTANT_SECOND : 1000;
	int64_t usec, minus = 0;
	struct instant at;
	struct text text;

	if (!find_text(source, mapping->time_from, &text))
		return false;
	if (mapping->time_form == LOG_TIME_RFC3339) {
		if (!instant_from_text(text.at, text.size, &at))
			return false;
		usec = at.usec;
	} else if (!to_usec(text, unit, &usec)) {
		return false;
	}
	if (mapping->time_minus[0] != '\0' &&
	    (!find_text(source, mapping->time_minus, &text) ||
	     !to_usec(text, INSTANT_SECOND, &minus)))
		minus = 0;
	record_set_time(record, FIELD_TIMESTAMP, (struct instant){ usec - minus });
	if (mapping->is_evidence)
		record_set_time(record, FIELD_EVIDENCE_UNTIL, (struct instant){ usec });
	return true;
}

static enum event
find_event(struct source *source)
{
	const struct log_mapping *mapping = source->mapping;
	struct text text;

	if (mapping->event_from == NULL)
		return mapping->event;
	return find_text(source, mapping->event_from, &text) ? record_event_find(text)
							     : EVENT_COUNT;
}

static bool
has_needs(struct source *source)
{
	struct text text;

	for (size_t i = 0; i < source->mapping->need_count; i++)
		if (!find_text(source, source->mapping->need[i], &text) ||
		    text.size == 0 || text_is(text, "-"))
			return false;
	return true;
}

static enum log_result
open_line(struct source *source)
{
	struct log_reader *reader = source->reader;

	json_decref(reader->json);
	reader->json = NULL;
	arena_reset(&reader->arena);
	if (!text_is_valid(source->line.at, source->line.size))
		return LOG_REFUSED;
	if (source->mapping->is_text)
		return pattern_match(source->mapping->pattern, source->line) ==
				       OUTCOME_GOOD
			       ? LOG_RECORD
			       : LOG_OTHER;
	reader->json = json_loadb(source->line.at, source->line.size,
				  JSON_REJECT_DUPLICATES, NULL);
	return json_is_object(reader->json) ? LOG_RECORD : LOG_REFUSED;
}

static void
set_origin(const struct log_mapping *mapping, const char *poi, struct record *record)
{
	record_set_number(record, FIELD_SEKISHO_V, 1);
	if (poi[0] != '\0' && !record_has(record, FIELD_SEKISHO_POI))
		record_set_text(record, FIELD_SEKISHO_POI, text_of(poi));
	if (!mapping->is_evidence)
		return;
	record_set_text(record, FIELD_EVIDENCE_CLASS,
			text_of(mapping->is_attested ? "attested" : "declared"));
	record_set_text(record, FIELD_EVIDENCE_BY, text_of(mapping->id));
}

enum log_result
log_read(struct log_reader *reader, const struct log_mapping *mapping, const char *poi,
	 const char *line, size_t size, struct record *record)
{
	struct source source = { reader, mapping, { line, (uint32_t)size } };
	enum log_result result = size > LOG_LINE_MAX ? LOG_REFUSED : open_line(&source);

	if (result != LOG_RECORD)
		return result;
	enum event event = find_event(&source);
	if (event == EVENT_COUNT || !has_needs(&source))
		return LOG_OTHER;
	record_begin(record, event);
	if (!find_time(&source, record))
		return LOG_REFUSED;
	if (mapping->takes_same)
		set_same(&source, record);
	for (size_t i = 0; i < mapping->value_count; i++)
		if (!set_value(&source, &mapping->value[i], record))
			return LOG_REFUSED;
	set_origin(mapping, poi, record);
	return LOG_RECORD;
}
