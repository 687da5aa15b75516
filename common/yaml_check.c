/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_check: to find in a YAML tree, and to complain about it in one line. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/yaml.h"

enum { WORD_MAX = 63 }; /* longer ones are not typing errors of our keys */

const struct yaml_node *
yaml_find(const struct yaml_node *map, const char *key)
{
	if (map->kind != YAML_MAP)
		return NULL;
	for (size_t i = 0; i < map->count; i++)
		if (strcmp(map->key[i]->text, key) == 0)
			return map->item[i];
	return NULL;
}

/* Text of the file may hold line ends, and a message that was cut may end inside a
 * character. */
static void
make_one_line(char *text)
{
	size_t size = strlen(text), end = size;

	for (size_t i = 0; i < size; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			text[i] = ' ';
	while (end > 0 && ((unsigned char)text[end - 1] & 0xc0) == 0x80)
		end--;
	if (end == 0 || (unsigned char)text[end - 1] < 0xc0)
		return;
	unsigned char lead = (unsigned char)text[end - 1];
	size_t want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
	if (size - (end - 1) < want)
		text[end - 1] = '\0';
}

int
yaml_complain(struct error *err, const struct yaml_node *at, const char *fmt, ...)
{
	char what[sizeof(err->text)];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	error_set(err, "%s:%u:%u: %s", at->file, at->line, at->column, what);
	make_one_line(err->text);
	return -1;
}

static int
complain_of_unknown(const struct yaml_node *key, const char *const *known,
		    struct error *err)
{
	char list[256];
	size_t used = 0;
	const char *meant = yaml_nearest(key->text, known);

	if (meant != NULL)
		return yaml_complain(err, key,
				     "unknown key \"%s\"; did you mean \"%s\"?",
				     key->text, meant);
	list[0] = '\0';
	for (size_t i = 0; known[i] != NULL && used < sizeof(list); i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
					 i > 0 ? ", " : "", known[i]);
	return yaml_complain(err, key, "unknown key \"%s\"; expected one of: %s",
			     key->text, list);
}

int
yaml_only(const struct yaml_node *map, const char *const *known, struct error *err)
{
	if (map->kind != YAML_MAP)
		return yaml_complain(err, map, "no map; \"key: value\" was expected");
	for (size_t i = 0; i < map->count; i++) {
		size_t k = 0;
		while (known[k] != NULL && strcmp(known[k], map->key[i]->text) != 0)
			k++;
		if (known[k] == NULL)
			return complain_of_unknown(map->key[i], known, err);
	}
	return 0;
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Insertions, deletions, changes and swaps of neighbours that make 'b' of 'a'. */
static size_t
edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t row[3][WORD_MAX + 1];

	for (size_t j = 0; j <= b_length; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		size_t *now = row[i % 3], *before = row[(i + 2) % 3],
		       *long_ago = row[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			size_t change = before[j - 1] + (a[i - 1] != b[j - 1]);
			now[j] = least(change, least(before[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				now[j] = least(now[j], long_ago[j - 2] + 1);
		}
	}
	return row[a_length % 3][b_length];
}

const char *
yaml_nearest(const char *word, const char *const *known)
{
	size_t length = strlen(word), best = length / 3 + 1;
	const char *nearest = NULL;

	if (length > WORD_MAX)
		return NULL;
	for (size_t i = 0; known[i] != NULL; i++) {
		size_t other = strlen(known[i]);
		if (other > WORD_MAX)
			continue;
		size_t distance = edit_distance(word, length, known[i], other);
		if (distance < best) {
			best = distance;
			nearest = known[i];
		}
	}
	return nearest;
}
