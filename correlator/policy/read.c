/* SPDX-License-Identifier: Apache-2.0 */
/* read: members of a YAML map as the types rules are made of. */
#include "correlator/policy/read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
is_scalar(const struct yaml_node *node)
{
	return node->kind != YAML_LIST && node->kind != YAML_MAP &&
	       node->kind != YAML_NULL && node->text[0] != '\0';
}

int
read_text_if_any(const struct yaml_node *map, const char *key, const char **text,
		 struct error *err)
{
	const struct yaml_node *node = yaml_find(map, key);

	*text = "";
	if (node == NULL)
		return 0;
	if (!is_scalar(node))
		return yaml_complain(
			err, node, "\"%s\" is empty or no text; expected a text", key);
	*text = node->text;
	return 0;
}

int
read_text(const struct yaml_node *map, const char *key, const char **text,
	  struct error *err)
{
	if (yaml_find(map, key) == NULL)
		return yaml_complain(err, map, "\"%s\" is missing; expected a text",
				     key);
	return read_text_if_any(map, key, text, err);
}

int
read_title_if_any(const struct yaml_node *map, const char *key, struct title *title,
		  struct error *err)
{
	static const char *const known[] = { "ja", "en", NULL };
	const struct yaml_node *node = yaml_find(map, key);

	*title = (struct title){ "", "" };
	if (node == NULL)
		return 0;
	if (node->kind != YAML_MAP)
		return yaml_complain(
			err, node,
			"\"%s\" is not in two languages; expected {ja: ..., en: ...}",
			key);
	if (yaml_only(node, known, err) == -1 ||
	    read_text(node, "ja", &title->ja, err) == -1)
		return -1;
	return read_text(node, "en", &title->en, err);
}

int
read_title(const struct yaml_node *map, const char *key, struct title *title,
	   struct error *err)
{
	if (yaml_find(map, key) == NULL)
		return yaml_complain(err, map,
				     "\"%s\" is missing; expected {ja: ..., en: ...}",
				     key);
	return read_title_if_any(map, key, title, err);
}

/* "a, b or c" of 'choices'; what does not fit is left out. */
static void
list_choices(const char *const *choices, char *out, size_t room)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; choices[i] != NULL && used < room; i++) {
		const char *before = i == 0                   ? ""
				     : choices[i + 1] == NULL ? " or "
							      : ", ";
		used += (size_t)snprintf(out + used, room - used, "%s%s", before,
					 choices[i]);
	}
}

int
read_not_among(const struct yaml_node *node, const char *what,
	       const char *const *choices, struct error *err)
{
	char list[256];
	bool is_word = node->kind != YAML_LIST && node->kind != YAML_MAP;
	const char *word = is_word ? node->text : "that";
	const char *nearest = is_word ? yaml_nearest(word, choices) : NULL;

	if (nearest != NULL)
		return yaml_complain(err, node, "\"%s\" is no %s; did you mean \"%s\"?",
				     word, what, nearest);
	list_choices(choices, list, sizeof(list));
	return yaml_complain(err, node, "\"%s\" is no %s; expected %s", word, what,
			     list);
}

int
read_choice(const struct yaml_node *map, const char *key, const char *const *choices,
	    int otherwise, int *choice, struct error *err)
{
	char list[256];
	const struct yaml_node *node = yaml_find(map, key);

	*choice = otherwise;
	if (node == NULL && otherwise >= 0)
		return 0;
	if (node == NULL) {
		list_choices(choices, list, sizeof(list));
		return yaml_complain(err, map, "\"%s\" is missing; expected %s", key,
				     list);
	}
	for (int i = 0; choices[i] != NULL && is_scalar(node); i++)
		if (strcmp(choices[i], node->text) == 0) {
			*choice = i;
			return 0;
		}
	return read_not_among(node, key, choices, err);
}

int
read_share(const struct yaml_node *map, const char *key, uint32_t *millionths,
	   struct error *err)
{
	const struct yaml_node *node = yaml_find(map, key);

	if (node == NULL)
		return 0;
	bool is_number = node->kind == YAML_INTEGER || node->kind == YAML_FRACTION;
	if (!is_number || !(node->fraction >= 0 && node->fraction <= 1))
		return yaml_complain(
			err, node, "\"%s\" is no share; expected a number from 0 to 1",
			key);
	*millionths = (uint32_t)(node->fraction * 1000000 + 0.5);
	return 0;
}

int
read_instant(const struct yaml_node *map, const char *key, struct instant *at,
	     struct error *err)
{
	const char *text;

	if (read_text(map, key, &text, err) == -1)
		return -1;
	if (!instant_from_text(text, strlen(text), at))
		return yaml_complain(err, yaml_find(map, key),
				     "\"%s\" is no time; expected such as "
				     "\"2026-09-01T00:00:00+09:00\"",
				     text);
	return 0;
}

static int
by_spelling(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int
read_words(struct arena *arena, const struct yaml_node *node, struct word_set *words,
	   struct error *err)
{
	bool is_list = node->kind == YAML_LIST;
	size_t count = is_list ? node->count : 1;
	const char **word = arena_take(arena, count * sizeof(*word));

	if (count == 0)
		return yaml_complain(err, node,
				     "the list is empty; expected at least one word");
	for (size_t i = 0; i < count; i++) {
		const struct yaml_node *item = is_list ? node->item[i] : node;
		if (!is_scalar(item))
			return yaml_complain(err, item,
					     "that is no word; expected a word");
		word[i] = item->text;
	}
	qsort(word, count, sizeof(*word), by_spelling);
	for (size_t i = 1; i < count; i++)
		if (strcmp(word[i - 1], word[i]) == 0)
			return yaml_complain(err, node,
					     "\"%s\" is listed twice; expected once",
					     word[i]);
	*words = (struct word_set){ count, word };
	return 0;
}

bool
words_have(const struct word_set *words, const char *word)
{
	return words->count > 0 && bsearch(&word, words->at, words->count, sizeof(word),
					   by_spelling) != NULL;
}

int
read_no_reference(const struct yaml_node *node, const char *what, const char *word,
		  const char *const *names, struct error *err)
{
	const char *nearest = yaml_nearest(word, names);

	if (nearest != NULL)
		return yaml_complain(err, node, "\"%s\" is no %s; did you mean \"%s\"?",
				     word, what, nearest);
	return yaml_complain(err, node, "\"%s\" is no %s; expected one that is", word,
			     what);
}
