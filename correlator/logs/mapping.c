/* SPDX-License-Identifier: Apache-2.0 */
/* mapping: how lines of another device's log become records ("evidence/1"). */
#include "correlator/logs/mapping.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "correlator/policy/read.h"

enum { MAPPINGS_MAX = 256 };

struct log_mappings {
	struct arena arena;
	size_t yaml_count;
	struct yaml *yaml[MAPPING_FILES_MAX];
	size_t count;
	struct log_mapping mapping[MAPPINGS_MAX];
	struct pattern *pattern[MAPPINGS_MAX]; /* owned, or NULL */
};

static const char *const inputs[] = { "json", "text", NULL };
static const char *const gives[] = { "evidence", "records", NULL };
static const char *const classes[] = { "attested", "declared", NULL };
static const char *const forms[] = { "rfc3339", "seconds", "milliseconds", NULL };

static int
read_translations(struct arena *arena, const struct yaml_node *map,
		  struct log_value *value, struct error *err)
{
	if (map->kind != YAML_MAP)
		return yaml_complain(
			err, map, "\"values\" is no map; expected {WORD: VALUE, ...}");
	struct translation *list = arena_take(arena, map->count * sizeof(*list));
	for (size_t i = 0; i < map->count; i++) {
		const struct yaml_node *to = map->item[i];
		if (to->kind == YAML_LIST || to->kind == YAML_MAP)
			return yaml_complain(
				err, to, "that is no value; expected a scalar or null");
		list[i] =
			(struct translation){ map->key[i]->text,
					      to->kind == YAML_NULL ? NULL : to->text };
		if (strcmp(list[i].from, "*") == 0)
			value->otherwise = &list[i];
	}
	value->translation = list;
	value->translation_count = map->count;
	return 0;
}

static int
read_value(struct arena *arena, const struct yaml_node *key,
	   const struct yaml_node *node, struct log_value *value, struct error *err)
{
	static const char *const known[] = { "from", "value", "values", NULL };
	const char *paths[FIELD_COUNT + 1] = { NULL };
	const char *from, *constant;

	for (size_t i = 0; i < FIELD_COUNT; i++)
		paths[i] = record_fields[i].path;
	*value = (struct log_value){ .field = record_field_find(text_of(key->text)) };
	if (value->field == FIELD_COUNT)
		return read_not_among(key, "field", paths, err);
	if (yaml_only(node, known, err) == -1 ||
	    read_text_if_any(node, "from", &from, err) == -1 ||
	    read_text_if_any(node, "value", &constant, err) == -1)
		return -1;
	if ((from[0] == '\0') == (constant[0] == '\0'))
		return yaml_complain(err, node,
				     "\"from\" or \"value\"; expected one of the two");
	value->from = from[0] != '\0' ? from : NULL;
	value->constant = constant[0] != '\0' ? constant : NULL;
	const struct yaml_node *values = yaml_find(node, "values");
	return values == NULL ? 0 : read_translations(arena, values, value, err);
}

static int
read_values(struct arena *arena, const struct yaml_node *node,
	    struct log_mapping *mapping, struct error *err)
{
	const struct yaml_node *fields = yaml_find(node, "fields");

	if (fields == NULL && mapping->takes_same)
		return 0;
	if (fields == NULL || fields->kind != YAML_MAP)
		return yaml_complain(
			err, node,
			"\"fields\" is missing; expected {PATH: {from: NAME}}");
	struct log_value *list = arena_take(arena, fields->count * sizeof(*list));
	for (size_t i = 0; i < fields->count; i++)
		if (read_value(arena, fields->key[i], fields->item[i], &list[i], err) ==
		    -1)
			return -1;
	mapping->value = list;
	mapping->value_count = fields->count;
	return 0;
}

static int
read_time(const struct yaml_node *node, struct log_mapping *mapping, struct error *err)
{
	static const char *const known[] = { "from", "form", "minus", NULL };
	const struct yaml_node *time = yaml_find(node, "time");
	int form;

	if (time == NULL)
		return yaml_complain(
			err, node,
			"\"time\" is missing; expected {from: NAME, form: ...}");
	if (yaml_only(time, known, err) == -1 ||
	    read_text(time, "from", &mapping->time_from, err) == -1 ||
	    read_text_if_any(time, "minus", &mapping->time_minus, err) == -1 ||
	    read_choice(time, "form", forms, -1, &form, err) == -1)
		return -1;
	mapping->time_form = (enum log_time)form;
	return 0;
}

static int
read_event(const struct yaml_node *node, struct log_mapping *mapping, struct error *err)
{
	static const char *const known[] = { "from", NULL };
	const char *names[EVENT_COUNT + 1] = { NULL };
	const struct yaml_node *event = yaml_find(node, "event");

	for (int i = 0; i < EVENT_COUNT; i++)
		names[i] = record_event_name((enum event)i);
	if (event == NULL)
		return yaml_complain(err, node,
				     "\"event\" is missing; expected an event type");
	if (event->kind == YAML_MAP)
		return yaml_only(event, known, err) == -1
			       ? -1
			       : read_text(event, "from", &mapping->event_from, err);
	mapping->event = event->text != NULL ? record_event_find(text_of(event->text))
					     : EVENT_COUNT;
	return mapping->event != EVENT_COUNT
		       ? 0
		       : read_not_among(event, "event type", names, err);
}

static int
read_pattern(struct log_mappings *mappings, const struct yaml_node *node,
	     struct log_mapping *mapping, struct error *err)
{
	const struct yaml_node *at = yaml_find(node, "pattern");
	struct error why;
	const char *text;

	if (!mapping->is_text)
		return at == NULL ? 0
				  : yaml_complain(err, at,
						  "\"pattern\" goes with input: text; "
						  "expected none");
	if (read_text(node, "pattern", &text, err) == -1)
		return -1;
	struct pattern *pattern = pattern_new_long(text, &why);
	if (pattern == NULL)
		return yaml_complain(err, at,
				     "%s; expected a regular expression of PCRE2",
				     why.text);
	mappings->pattern[mappings->count] = pattern;
	mapping->pattern = pattern;
	return 0;
}

static int
read_flags(struct log_mappings *mappings, const struct yaml_node *node,
	   struct log_mapping *mapping, struct error *err)
{
	const struct yaml_node *same = yaml_find(node, "same");
	const struct yaml_node *needs = yaml_find(node, "needs");
	struct word_set words = { 0 };
	int input, gift, class;

	if (read_choice(node, "input", inputs, -1, &input, err) == -1 ||
	    read_choice(node, "gives", gives, -1, &gift, err) == -1 ||
	    read_choice(node, "class", classes, 0, &class, err) == -1)
		return -1;
	if (same != NULL && same->kind != YAML_BOOL)
		return yaml_complain(
			err, same, "\"same\" is no yes or no; expected true or false");
	if (needs != NULL && read_words(&mappings->arena, needs, &words, err) == -1)
		return -1;
	mapping->is_text = input == 1;
	mapping->is_evidence = gift == 0;
	mapping->is_attested = class == 0;
	mapping->takes_same = same != NULL && same->flag;
	mapping->need_count = words.count;
	mapping->need = words.at;
	return 0;
}

/* Letters of an id, which becomes part of a sensor's name. */
static bool
is_name(const char *id)
{
	size_t size = strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return size > 0 && size <= MAPPING_NAME_MAX && id[size] == '\0';
}

static int
read_mapping(struct log_mappings *mappings, const struct yaml_node *node,
	     struct error *err)
{
	static const char *const known[] = { "id",      "title", "input",  "gives",
					     "class",   "event", "needs",  "time",
					     "pattern", "same",  "fields", NULL };
	struct log_mapping *mapping = &mappings->mapping[mappings->count];
	struct title title;

	if (mappings->count == MAPPINGS_MAX)
		return yaml_complain(err, node,
				     "too many mappings; expected at most %d",
				     MAPPINGS_MAX);
	*mapping = (struct log_mapping){ 0 };
	if (yaml_only(node, known, err) == -1 ||
	    read_text(node, "id", &mapping->id, err) == -1 ||
	    read_title(node, "title", &title, err) == -1)
		return -1;
	if (!is_name(mapping->id))
		return yaml_complain(
			err, yaml_find(node, "id"),
			"\"%s\" is no id; expected a-z, 0-9 and -, at most %d",
			mapping->id, MAPPING_NAME_MAX);
	for (size_t i = 0; i < mappings->count; i++)
		if (strcmp(mappings->mapping[i].id, mapping->id) == 0)
			return yaml_complain(err, yaml_find(node, "id"),
					     "\"%s\" stands twice; expected once",
					     mapping->id);
	if (read_flags(mappings, node, mapping, err) == -1 ||
	    read_event(node, mapping, err) == -1 ||
	    read_time(node, mapping, err) == -1 ||
	    read_values(&mappings->arena, node, mapping, err) == -1 ||
	    read_pattern(mappings, node, mapping, err) == -1)
		return -1;
	mappings->count++;
	return 0;
}

static int
read_root(struct log_mappings *mappings, const struct yaml_node *root,
	  struct error *err)
{
	static const char *const known[] = { "format", "mappings", NULL };
	const struct yaml_node *list = yaml_find(root, "mappings");
	const char *format;

	if (yaml_only(root, known, err) == -1 ||
	    read_text(root, "format", &format, err) == -1)
		return -1;
	if (strcmp(format, "evidence/1") != 0)
		return yaml_complain(err, yaml_find(root, "format"),
				     "\"%s\" is no format of this version; expected "
				     "\"evidence/1\"",
				     format);
	if (list == NULL || list->kind != YAML_LIST)
		return yaml_complain(err, root,
				     "\"mappings\" is missing; expected a list");
	for (size_t i = 0; i < list->count; i++)
		if (read_mapping(mappings, list->item[i], err) == -1)
			return -1;
	return 0;
}

static int
read_text_file(struct log_mappings *mappings, const char *name, const char *text,
	       size_t size, struct error *err)
{
	struct yaml *yaml = yaml_parse(name, text, size, err);

	if (yaml == NULL)
		return -1;
	mappings->yaml[mappings->yaml_count++] = yaml;
	if (yaml_document_count(yaml) != 1)
		return error_set(err, "%s:1:1: no mappings; expected one document",
				 name);
	return read_root(mappings, yaml_root(yaml, 0), err);
}

static struct log_mappings *
make(void)
{
	struct log_mappings *mappings = calloc(1, sizeof(*mappings));

	assert(mappings != NULL);
	return mappings;
}

struct log_mappings *
log_mappings_parse(const char *name, const char *text, size_t size, struct error *err)
{
	struct log_mappings *mappings = make();

	if (read_text_file(mappings, name, text, size, err) == 0)
		return mappings;
	log_mappings_free(mappings);
	return NULL;
}

static int
is_yaml(const struct dirent *entry)
{
	size_t size = strlen(entry->d_name);

	return entry->d_name[0] != '.' && size > 5 &&
	       strcmp(entry->d_name + size - 5, ".yaml") == 0;
}

static int
load_file(struct log_mappings *mappings, const char *folder, const char *name,
	  struct error *err)
{
	char *path, *text;
	size_t size;
	int result = -1;

	if (mappings->yaml_count == MAPPING_FILES_MAX)
		return error_set(err, "%s: too many files; expected at most %d", folder,
				 MAPPING_FILES_MAX);
	if (asprintf(&path, "%s/%s", folder, name) == -1)
		return error_set(err, "no memory for %s", folder);
	if (file_read(path, MAPPING_FILE_SIZE_MAX, &text, &size, err) == 0) {
		result = read_text_file(mappings, path, text, size, err);
		free(text);
	}
	free(path);
	return result;
}

struct log_mappings *
log_mappings_load(const char *folder, struct error *err)
{
	struct log_mappings *mappings = make();
	struct dirent **entry = NULL;
	int count = scandir(folder, &entry, is_yaml, alphasort);
	int result = 0;

	if (count == -1 && errno != ENOENT)
		result = error_errno(err, "cannot read %s", folder);
	for (int i = 0; i < count; i++) {
		if (result == 0)
			result = load_file(mappings, folder, entry[i]->d_name, err);
		free(entry[i]);
	}
	free(entry);
	if (result == 0)
		return mappings;
	log_mappings_free(mappings);
	return NULL;
}

void
log_mappings_free(struct log_mappings *mappings)
{
	if (mappings == NULL)
		return;
	for (size_t i = 0; i < MAPPINGS_MAX; i++)
		pattern_free(mappings->pattern[i]);
	for (size_t i = 0; i < mappings->yaml_count; i++)
		yaml_free(mappings->yaml[i]);
	arena_release(&mappings->arena);
	free(mappings);
}

const struct log_mapping *
log_mappings_find(const struct log_mappings *mappings, const char *id,
		  struct error *err)
{
	const char *ids[MAPPINGS_MAX + 1] = { NULL };

	for (size_t i = 0; i < mappings->count; i++) {
		if (strcmp(mappings->mapping[i].id, id) == 0)
			return &mappings->mapping[i];
		ids[i] = mappings->mapping[i].id;
	}
	const char *nearest = yaml_nearest(id, ids);
	error_set(err, "\"%s\" is no mapping of evidence/; %s%s", id,
		  nearest != NULL ? "did you mean " : "expected one that is",
		  nearest != NULL ? nearest : "");
	return NULL;
}
