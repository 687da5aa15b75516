/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_scalar: what a plain word of YAML means, and whether a map's keys are sound. */
#include "common/yaml_scalar.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FEW_KEYS = 16 }; /* so few are compared each with each */

static const struct word {
	const char *text;
	enum yaml_kind kind;
	bool flag;
} words[] = {
	{ "", YAML_NULL, false },      { "~", YAML_NULL, false },
	{ "null", YAML_NULL, false },  { "Null", YAML_NULL, false },
	{ "NULL", YAML_NULL, false },  { "true", YAML_BOOL, true },
	{ "True", YAML_BOOL, true },   { "TRUE", YAML_BOOL, true },
	{ "false", YAML_BOOL, false }, { "False", YAML_BOOL, false },
	{ "FALSE", YAML_BOOL, false },
};

static const char *
skip_digits(const char *p)
{
	return p + strspn(p, "0123456789");
}

/* [-+]? digits [ . digits ] [ e [-+]? digits ], with at least one digit before the e */
static bool
is_number(const char *text, bool *is_integer)
{
	const char *digits = text + (*text == '-' || *text == '+');
	const char *p = skip_digits(digits);
	size_t count = (size_t)(p - digits);

	*is_integer = true;
	if (*p == '.') {
		const char *end = skip_digits(p + 1);
		count += (size_t)(end - p - 1);
		p = end;
		*is_integer = false;
	}
	if (count == 0)
		return false;
	if (*p == 'e' || *p == 'E') {
		p++;
		p += *p == '-' || *p == '+';
		*is_integer = false;
		if (skip_digits(p) == p)
			return false;
		p = skip_digits(p);
	}
	return *p == '\0';
}

/* What does not fit its type stays text: a number that is silently another one is
 * worse. */
static void
resolve_number(struct yaml_node *node, bool is_integer)
{
	errno = 0;
	node->fraction = strtod(node->text, NULL);
	if (!__builtin_isfinite(node->fraction)) {
		node->fraction = 0;
		return;
	}
	if (!is_integer) {
		node->kind = YAML_FRACTION;
		return;
	}
	errno = 0;
	node->integer = strtoll(node->text, NULL, 10);
	if (errno == 0)
		node->kind = YAML_INTEGER;
	else
		node->integer = 0;
}

void
yaml_scalar_resolve(struct yaml_node *node)
{
	bool is_integer;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].text, node->text) == 0) {
			node->kind = words[i].kind;
			node->flag = words[i].flag;
			return;
		}
	if (is_number(node->text, &is_integer))
		resolve_number(node, is_integer);
}

static int
complain_of_twice(const struct yaml_node *first, const struct yaml_node *second,
		  struct error *err)
{
	return yaml_complain(err, second, "\"%s\" stands twice; also in line %u",
			     second->text, first->line);
}

static int
compare_keys(const void *left, const void *right)
{
	const struct yaml_node *a = *(const struct yaml_node *const *)left;
	const struct yaml_node *b = *(const struct yaml_node *const *)right;
	int order = strcmp(a->text, b->text);

	if (order != 0)
		return order;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return a->column < b->column ? -1 : a->column > b->column;
}

static int
check_many(const struct yaml_node *map, struct error *err)
{
	const struct yaml_node **sorted = calloc(map->count, sizeof(*sorted));
	int result = 0;

	assert(sorted != NULL);
	memcpy(sorted, map->key, map->count * sizeof(*sorted));
	qsort(sorted, map->count, sizeof(*sorted), compare_keys);
	for (size_t i = 1; i < map->count && result == 0; i++)
		if (strcmp(sorted[i - 1]->text, sorted[i]->text) == 0)
			result = complain_of_twice(sorted[i - 1], sorted[i], err);
	free(sorted);
	return result;
}

int
yaml_keys_check(const struct yaml_node *map, struct error *err)
{
	for (size_t i = 0; i < map->count; i++)
		if (map->key[i]->kind == YAML_LIST || map->key[i]->kind == YAML_MAP)
			return yaml_complain(err, map->key[i],
					     "a key must be one word");
	if (map->count > FEW_KEYS)
		return check_many(map, err);
	for (size_t i = 1; i < map->count; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(map->key[i]->text, map->key[j]->text) == 0)
				return complain_of_twice(map->key[j], map->key[i], err);
	return 0;
}
