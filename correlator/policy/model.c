/* SPDX-License-Identifier: Apache-2.0 */
/* model: a rule set as its files say it, before it meets an inventory. */
#include "correlator/policy/model.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/calendar.h"

static const char *const sections[] = { "format",     "policy",      "sources",
					"sets",       "connections", "requirements",
					"exceptions", "tests",       NULL };

static int
check_file(const struct source_file *file, struct error *err)
{
	const struct yaml_node *format = yaml_find(file->root, "format");

	if (file->root->kind != YAML_MAP)
		return yaml_complain(
			err, file->root,
			"that is no rule file; expected \"format: policy/1\"");
	if (format == NULL)
		return yaml_complain(
			err, file->root,
			"\"format\" is missing; expected \"format: policy/1\"");
	if (format->kind != YAML_TEXT || strcmp(format->text, "policy/1") != 0)
		return yaml_complain(err, format,
				     "\"%s\" is no format of this version; expected "
				     "\"policy/1\"",
				     format->text != NULL ? format->text : "that");
	return yaml_only(file->root, sections, err);
}

static int
read_zone(struct model *model, struct error *err)
{
	struct zone zone;
	struct error why;
	const char *name;

	if (read_text(model->header, "timezone", &name, err) == -1)
		return -1;
	if (zone_from_text(name, &zone, &why) == -1)
		return yaml_complain(err, yaml_find(model->header, "timezone"), "%s",
				     why.text);
	model->zone = zone.offset;
	return 0;
}

/* Paths in a rule file are meant from its own folder. */
static const char *
beside(struct arena *arena, const char *file, const char *path)
{
	char *copy = arena_text(arena, file, strlen(file));
	const char *folder = dirname(copy);
	char *joined = arena_take(arena, strlen(folder) + strlen(path) + 2);

	if (path[0] == '/')
		return path;
	sprintf(joined, "%s/%s", folder, path);
	return joined;
}

static int
read_test_setup(struct model *model, struct error *err)
{
	static const char *const known[] = { "inventory", "poi", NULL };
	const struct yaml_node *node = yaml_find(model->header, "tests");
	const char *path;

	model->test_poi = "";
	if (node == NULL)
		return 0;
	if (yaml_only(node, known, err) == -1 ||
	    read_text_if_any(node, "poi", &model->test_poi, err) == -1 ||
	    read_text_if_any(node, "inventory", &path, err) == -1)
		return -1;
	if (path[0] != '\0')
		model->test_inventory = beside(&model->arena, node->file, path);
	return 0;
}

/* The one "policy" among the files. */
static int
read_header(struct model *model, struct error *err)
{
	static const char *const known[] = { "id",    "version", "title", "timezone",
					     "owner", "tests",   NULL };
	struct title title;
	const char *owner;

	for (size_t i = 0; i < model->file_count; i++) {
		const struct yaml_node *header =
			yaml_find(model->file[i].root, "policy");
		if (header != NULL && model->header != NULL)
			return yaml_complain(
				err, header,
				"\"policy\" stands in %s too; expected once",
				model->header->file);
		if (header != NULL)
			model->header = header;
	}
	if (model->header == NULL)
		return yaml_complain(
			err, model->file[0].root,
			"\"policy\" is missing; expected it in one of the files");
	if (yaml_only(model->header, known, err) == -1 ||
	    read_text(model->header, "id", &model->id, err) == -1 ||
	    read_text(model->header, "version", &model->version, err) == -1 ||
	    read_title(model->header, "title", &title, err) == -1 ||
	    read_text_if_any(model->header, "owner", &owner, err) == -1 ||
	    read_zone(model, err) == -1)
		return -1;
	return read_test_setup(model, err);
}

/* No two files' maps 'section' have a key in common. */
static int
check_keys_once(const struct model *model, const char *section, struct error *err)
{
	for (size_t i = 0; i < model->file_count; i++) {
		const struct yaml_node *map = yaml_find(model->file[i].root, section);
		if (map == NULL)
			continue;
		if (map->kind != YAML_MAP)
			return yaml_complain(err, map,
					     "\"%s\" is no map; expected NAME: ...",
					     section);
		for (size_t key = 0; key < map->count; key++)
			for (size_t other = 0; other < i; other++) {
				const struct yaml_node *root = model->file[other].root;
				const struct yaml_node *first =
					yaml_find(root, section);
				if (first != NULL &&
				    yaml_find(first, map->key[key]->text))
					return yaml_complain(err, map->key[key],
							     "\"%s\" stands in %s too; "
							     "expected once",
							     map->key[key]->text,
							     root->file);
			}
	}
	return 0;
}

static int
check_sources(const struct model *model, struct error *err)
{
	static const char *const known[] = { "title", "edition", NULL };
	struct title title;
	const char *edition;

	if (check_keys_once(model, "sources", err) == -1)
		return -1;
	for (size_t i = 0; i < model->file_count; i++) {
		const struct yaml_node *map = yaml_find(model->file[i].root, "sources");
		for (size_t item = 0; map != NULL && item < map->count; item++)
			if (yaml_only(map->item[item], known, err) == -1 ||
			    read_title(map->item[item], "title", &title, err) == -1 ||
			    read_text_if_any(map->item[item], "edition", &edition,
					     err) == -1)
				return -1;
	}
	return 0;
}

const struct yaml_node *
model_find(const struct model *model, const char *section, const char *key)
{
	for (size_t i = 0; i < model->file_count; i++) {
		const struct yaml_node *map = yaml_find(model->file[i].root, section);
		const struct yaml_node *found =
			map != NULL ? yaml_find(map, key) : NULL;
		if (found != NULL)
			return found;
	}
	return NULL;
}

const struct yaml_node *
model_set(const struct model *model, const struct yaml_node *name, struct error *err)
{
	char kind[64];
	const char *dot = strchr(name->text, '.');
	size_t size = dot != NULL ? (size_t)(dot - name->text - 1) : sizeof(kind);

	if (size < sizeof(kind)) {
		memcpy(kind, name->text + 1, size);
		kind[size] = '\0';
		const struct yaml_node *sets = model_find(model, "sets", kind);
		const struct yaml_node *set =
			sets != NULL ? yaml_find(sets, dot + 1) : NULL;
		if (set != NULL)
			return set;
	}
	yaml_complain(err, name, "\"%s\" names no set; expected $KIND.NAME of \"sets\"",
		      name->text);
	return NULL;
}

int
model_each(struct model *model, const char *section, model_item *each, void *ctx,
	   struct error *err)
{
	for (size_t i = 0; i < model->file_count; i++) {
		const struct yaml_node *list = yaml_find(model->file[i].root, section);
		if (list == NULL)
			continue;
		if (list->kind != YAML_LIST)
			return yaml_complain(err, list,
					     "\"%s\" is no list; expected items that "
					     "begin with \"- \"",
					     section);
		for (size_t item = 0; item < list->count; item++)
			if (each(model, list->item[item], ctx, err) == -1)
				return -1;
	}
	return 0;
}

size_t
model_count(const struct model *model, const char *section)
{
	size_t count = 0;

	for (size_t i = 0; i < model->file_count; i++) {
		const struct yaml_node *node = yaml_find(model->file[i].root, section);
		count += node != NULL ? node->count : 0;
	}
	return count;
}

void
model_keep_pattern(struct model *model, struct pattern *pattern)
{
	size_t size = (model->pattern_count + 1) * sizeof(pattern);
	struct pattern **more = realloc(model->pattern, size);

	assert(more != NULL);
	more[model->pattern_count++] = pattern;
	model->pattern = more;
}

int
model_read(struct model *model, struct error *err)
{
	if (model->file_count == 0)
		return error_set(err, "no rule file; expected at least one *.yaml");
	for (size_t i = 0; i < model->file_count; i++)
		if (check_file(&model->file[i], err) == -1)
			return -1;
	if (read_header(model, err) == -1 || check_sources(model, err) == -1 ||
	    check_keys_once(model, "sets", err) == -1 ||
	    check_keys_once(model, "connections", err) == -1 ||
	    model_read_matrices(model, err) == -1 ||
	    model_read_requirements(model, err) == -1)
		return -1;
	return model_read_exceptions(model, err);
}

void
model_release(struct model *model)
{
	for (size_t i = 0; i < model->pattern_count; i++)
		pattern_free(model->pattern[i]);
	free(model->pattern);
	for (size_t i = 0; i < model->file_count; i++)
		yaml_free(model->yaml[i]);
	arena_release(&model->arena);
}
