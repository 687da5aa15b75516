/* SPDX-License-Identifier: Apache-2.0 */
/* load: the files of an inventory ("inventory/1"), read one item at a time. */
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/file.h"
#include "correlator/inventory/parts.h"

/* 240,000 institutions take about 60 MiB. */
#define FILE_LIMIT ((size_t)1 << 30)

struct reading {
	struct inventory *inventory;
	struct digester *digester;
	struct zone zone; /* of this file's dates */
	bool has_format, has_list;
};

static int
read_format(struct reading *reading, const struct yaml_node *value, struct error *err)
{
	if (value->text != NULL && strcmp(value->text, "inventory/1") == 0) {
		reading->has_format = true;
		return 0;
	}
	return yaml_complain(
		err, value,
		"format \"%s\" is not one this version reads; expected inventory/1",
		value->text ? value->text : "");
}

static int
read_zone(struct reading *reading, const struct yaml_node *value, struct error *err)
{
	struct error why;

	if (reading->has_list)
		return yaml_complain(
			err, value,
			"the zone comes after a list whose dates it should "
			"have been for; put it behind the format");
	if (zone_from_text(value->text ? value->text : "", &reading->zone, &why) == -1)
		return yaml_complain(err, value, "%s", why.text);
	return 0;
}

static bool
is_section(const char *name)
{
	for (size_t i = 0; section_names[i] != NULL; i++)
		if (strcmp(section_names[i], name) == 0)
			return true;
	return false;
}

static int
complain_of_key(const struct yaml_node *key, struct error *err)
{
	static const char *const known[] = { "format", "zone",         "regions",
					     "pois",   "participants", "services",
					     "lines",  "sensors",      NULL };
	const struct yaml_node *keys[] = { key };
	const struct yaml_node map = { .kind = YAML_MAP, .count = 1, .key = keys };

	return yaml_only(&map, known, err);
}

static int
on_value(void *ctx, const struct yaml_node *key, const struct yaml_node *value,
	 bool is_item, struct error *err)
{
	struct reading *reading = ctx;

	if (strcmp(key->text, "format") == 0)
		return read_format(reading, value, err);
	if (!reading->has_format)
		return yaml_complain(
			err, key,
			"\"%s\" comes before the format; expected the first line "
			"\"format: inventory/1\"",
			key->text);
	if (strcmp(key->text, "zone") == 0)
		return read_zone(reading, value, err);
	if (!is_section(key->text))
		return complain_of_key(key, err);
	reading->has_list = true;
	if (is_item)
		return section_read(reading->inventory, key->text, value, reading->zone,
				    err);
	if (value->kind == YAML_NULL || value->kind == YAML_LIST)
		return 0; /* an empty one */
	return yaml_complain(err, value,
			     "%s is no list; expected items that begin with \"- \"",
			     key->text);
}

static int
read_text(struct reading *reading, const char *path, const char *text, size_t size,
	  struct error *err)
{
	/* nodes, and so the origins of what is read, point to the name */
	struct arena *arena = &reading->inventory->arena;
	const char *name = arena_text(arena, path, strlen(path));

	digester_add(reading->digester, text, size);
	reading->zone = ZONE_TOKYO;
	reading->has_format = reading->has_list = false;
	if (yaml_stream(name, text, size, on_value, reading, err) == -1)
		return -1;
	if (!reading->has_format)
		return error_set(err,
				 "%s:1:1: no format; expected \"format: inventory/1\"",
				 name);
	return 0;
}

static int
read_file(struct reading *reading, const char *path, struct error *err)
{
	char *text;
	size_t size;

	if (file_read(path, FILE_LIMIT, &text, &size, err) == -1)
		return -1;
	int result = read_text(reading, path, text, size, err);
	free(text);
	return result;
}

static int
is_yaml(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return entry->d_name[0] != '.' && length > 5 &&
	       strcmp(entry->d_name + length - 5, ".yaml") == 0;
}

static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
read_folder(struct reading *reading, const char *path, struct error *err)
{
	struct dirent **entry;
	int count = scandir(path, &entry, is_yaml, by_bytes), result = 0;

	if (count == -1)
		return error_errno(err, "cannot read the folder %s", path);
	if (count == 0)
		result = error_set(err, "%s: no *.yaml file; expected an inventory",
				   path);
	for (int i = 0; i < count; i++) {
		char *file = NULL;
		if (result == 0 &&
		    asprintf(&file, "%s/%s", path, entry[i]->d_name) != -1)
			result = read_file(reading, file, err);
		free(file);
		free(entry[i]);
	}
	free(entry);
	return result;
}

static int
read_path(struct reading *reading, const char *path, struct error *err)
{
	struct stat about;

	if (stat(path, &about) == -1)
		return error_errno(err, "cannot open %s", path);
	return S_ISDIR(about.st_mode) ? read_folder(reading, path, err)
				      : read_file(reading, path, err);
}

static struct reading
reading_begin(void)
{
	return (struct reading){ .inventory = inventory_empty(),
				 .digester = digester_new() };
}

/* All was read, or 'result' says why not: the inventory, or NULL. */
static struct inventory *
reading_end(struct reading *reading, int result, struct error *err)
{
	struct digest digest = digester_end(reading->digester);

	digest_to_text(&digest, reading->inventory->sha256);
	if (result == 0 && inventory_link(reading->inventory, err) == 0)
		return reading->inventory;
	inventory_free(reading->inventory);
	return NULL;
}

struct inventory *
inventory_load(const char *path, struct error *err)
{
	struct reading reading = reading_begin();

	return reading_end(&reading, read_path(&reading, path, err), err);
}

struct inventory *
inventory_parse(const char *name, const char *text, size_t size, struct error *err)
{
	struct reading reading = reading_begin();

	return reading_end(&reading, read_text(&reading, name, text, size, err), err);
}
