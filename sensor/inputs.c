/* SPDX-License-Identifier: Apache-2.0 */
/* inputs: what a sensor reads: interfaces, or files and directories of files, opened by
 * the parent. */
#include "sensor/inputs.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct list {
	const char *word[CONFIG_FILES_MAX];
	size_t count;
	struct arena *arena;
};

static int
add(struct list *list, const char *path, struct error *err)
{
	if (list->count == CONFIG_FILES_MAX)
		return error_set(
			err, "more than %d capture files; give them in several runs",
			CONFIG_FILES_MAX);
	list->word[list->count++] = arena_text(list->arena, path, strlen(path));
	return 0;
}

static int
is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Not alphasort, which follows the locale. */
static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* All regular files of the directory, in the order of their names. */
static int
add_files(struct list *list, const char *directory, struct error *err)
{
	struct dirent **entries;
	int found = scandir(directory, &entries, is_shown, by_name);
	int result = 0;

	if (found == -1)
		return error_errno(err, "cannot read directory %s", directory);
	for (int i = 0; i < found; i++) {
		char path[4096];
		struct stat about;

		snprintf(path, sizeof(path), "%s/%s", directory, entries[i]->d_name);
		if (result == 0 && stat(path, &about) == 0 && S_ISREG(about.st_mode))
			result = add(list, path, err);
		free(entries[i]);
	}
	free(entries);
	return result;
}

struct dated {
	struct instant first;
	const char *path;
};

static int
by_time(const void *a, const void *b)
{
	const struct dated *one = a, *other = b;

	if (one->first.usec != other->first.usec)
		return one->first.usec < other->first.usec ? -1 : 1;
	return strcmp(one->path, other->path);
}

/* Whoever rotates files by time may name them as he likes. */
static int
add_directory(struct list *list, const char *directory, struct error *err)
{
	size_t before = list->count;
	struct dated dated[CONFIG_FILES_MAX];

	if (add_files(list, directory, err) == -1)
		return -1;
	size_t count = list->count - before;
	if (count == 0)
		return error_set(err, "directory %s holds no file", directory);
	for (size_t i = 0; i < count; i++) {
		const char *path = list->word[before + i];
		dated[i] = (struct dated){ capture_first_time(path), path };
	}
	qsort(dated, count, sizeof(dated[0]), by_time);
	for (size_t i = 0; i < count; i++)
		list->word[before + i] = dated[i].path;
	return 0;
}

int
inputs_expand(struct config *config, struct arena *arena, struct error *err)
{
	struct list list = { .arena = arena };
	struct stat about;

	for (size_t i = 0; i < config->files.count; i++) {
		const char *path = config->files.word[i];
		bool is_directory = stat(path, &about) == 0 && S_ISDIR(about.st_mode);

		if ((is_directory ? add_directory : add)(&list, path, err) == -1)
			return -1;
	}
	const char **word = arena_take(arena, list.count * sizeof(*word));
	memcpy(word, list.word, list.count * sizeof(*word));
	config->files = (struct words){ word, list.count };
	return 0;
}

const char *
inputs_tap(const struct config *config, struct arena *arena)
{
	char names[CONFIG_INTERFACES_MAX * 16] = "";
	size_t used = 0;

	for (size_t i = 0; i < config->interfaces.count && used < sizeof(names); i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
					 i > 0 ? "," : "", config->interfaces.word[i]);
	return used > 0 ? arena_text(arena, names, strlen(names)) : NULL;
}

struct capture **
inputs_open(const struct config *config, struct capture_group *group, size_t *count,
	    struct error *err)
{
	const struct words *names = &config->interfaces;
	bool is_live = names->count > 0;
	size_t wanted = is_live ? names->count : config->files.count;
	struct capture **captures = calloc(wanted, sizeof(struct capture *));

	if (captures == NULL) {
		error_set(err, "no memory for captures");
		return NULL;
	}
	for (*count = 0; *count < wanted; (*count)++) {
		const struct capture_config settings = {
			.interface = is_live ? names->word[*count] : NULL,
			.file = is_live ? NULL : config->files.word[*count],
			.group = group,
			.filter = config->filter,
			.snap_length = (uint32_t)config->snap_length,
			.buffer_bytes = (uint32_t)config->buffer_bytes,
		};
		captures[*count] = capture_open(&settings, err);
		if (captures[*count] == NULL) {
			inputs_close(captures, *count);
			return NULL;
		}
	}
	return captures;
}

void
inputs_close(struct capture **captures, size_t count)
{
	for (size_t i = 0; captures != NULL && i < count; i++)
		capture_close(captures[i]);
	free(captures);
}
