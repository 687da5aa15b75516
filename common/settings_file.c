/* SPDX-License-Identifier: Apache-2.0 */
/* settings_file: the YAML file of a program's settings. */
#include "common/settings_file.h"

#include <string.h>

#include "common/settings_value.h"
#include "common/yaml.h"

enum { FILE_LIMIT = 1 << 20, KEYS_MAX = 128 };

struct filling {
	const struct settings_program *program;
	void *into;
	struct settings *settings;
	struct error *err;
};

static int
complain(const struct filling *f, const struct setting *row, const struct yaml_node *at,
	 const char *what)
{
	return yaml_complain(f->err, at, "%s: %s", row->key, what);
}

static int
store_words(const struct filling *f, const struct setting *row,
	    const struct yaml_node *list)
{
	struct error why;

	setting_store(row, "", f->into, &f->settings->arena,
		      &why); /* the file replaces */
	for (size_t i = 0; i < list->count; i++) {
		if (list->item[i]->text == NULL)
			return complain(f, row, list->item[i],
					"a list of single words was expected");
		setting_add_word(row, list->item[i]->text, f->into,
				 &f->settings->arena);
	}
	return 0;
}

static int
store(const struct filling *f, const struct setting *row, const struct yaml_node *value)
{
	struct error why;

	if (value->kind == YAML_NULL)
		return 0; /* "key:" with nothing behind it: the initial value stays */
	if (value->kind == YAML_LIST && row->type == SETTING_WORDS)
		return store_words(f, row, value);
	if (value->text == NULL)
		return complain(f, row, value, "a single value was expected");
	if (setting_store(row, value->text, f->into, &f->settings->arena, &why) == -1)
		return complain(f, row, value, why.text);
	return 0;
}

/*
 * The row of "group.key" or, without group, of "key"; '*is_group' if the name is
 * the group of some row instead.
 */
static const struct setting *
find_key(const struct setting *table, const char *group, const char *key,
	 bool *is_group)
{
	size_t prefix = group ? strlen(group) : 0;

	*is_group = false;
	for (; table->name != NULL; table++) {
		if (table->key == NULL)
			continue;
		const char *name = table->key;
		if (group != NULL) {
			if (strncmp(name, group, prefix) != 0 || name[prefix] != '.')
				continue;
			name += prefix + 1;
		}
		if (strcmp(name, key) == 0)
			return table;
		size_t length = strlen(key);
		if (group == NULL && strncmp(name, key, length) == 0 &&
		    name[length] == '.')
			*is_group = true;
	}
	return NULL;
}

/* All keys that may stand here, so that the complaint can name the nearest. */
static int
complain_of_unknown(const struct filling *f, const char *group,
		    const struct yaml_node *key)
{
	char names[KEYS_MAX][64];
	const char *known[KEYS_MAX + 1];
	size_t count = 0, prefix = group ? strlen(group) + 1 : 0;
	const struct yaml_node *keys[] = { key };
	const struct yaml_node map = { .kind = YAML_MAP, .count = 1, .key = keys };

	for (const struct setting *row = f->program->table; row->name != NULL; row++) {
		if (row->key == NULL || count == KEYS_MAX ||
		    (group && (strncmp(row->key, group, prefix - 1) != 0 ||
			       row->key[prefix - 1] != '.')))
			continue;
		const char *name = row->key + prefix;
		snprintf(names[count], sizeof(names[count]), "%.*s",
			 (int)strcspn(name, "."), name);
		size_t i = 0;
		while (i < count && strcmp(names[i], names[count]) != 0)
			i++;
		if (i == count) {
			known[count] = names[count];
			count++;
		}
	}
	known[count] = NULL;
	return yaml_only(&map, known, f->err);
}

static int
read_map(const struct filling *f, const char *group, const struct yaml_node *map)
{
	if (map->kind == YAML_NULL)
		return 0;
	if (map->kind != YAML_MAP)
		return yaml_complain(f->err, map,
				     "no map; \"key: value\" was expected");
	for (size_t i = 0; i < map->count; i++) {
		const char *key = map->key[i]->text;
		bool is_group;
		const struct setting *row =
			find_key(f->program->table, group, key, &is_group);
		int result;
		if (row != NULL)
			result = store(f, row, map->item[i]);
		else if (is_group)
			result = read_map(f, key, map->item[i]);
		else
			result = complain_of_unknown(f, group, map->key[i]);
		if (result == -1)
			return -1;
	}
	return 0;
}

int
settings_file_read(const struct settings_program *program, const char *path, void *into,
		   struct settings *settings, struct error *err)
{
	struct filling filling = { program, into, settings, err };
	struct yaml *yaml = yaml_load(path, FILE_LIMIT, err);
	int result = 0;

	if (yaml == NULL)
		return -1;
	if (yaml_document_count(yaml) > 1)
		result = yaml_complain(err, yaml_root(yaml, 1),
				       "a second document; one is expected");
	else if (yaml_document_count(yaml) == 1)
		result = read_map(&filling, NULL, yaml_root(yaml, 0));
	yaml_free(yaml);
	return result;
}
