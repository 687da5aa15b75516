/* SPDX-License-Identifier: Apache-2.0 */
/* condition: "selection and not 1 of filter_*" as a tree over searches. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "correlator/sigma/detection.h"

enum { WORD_MAX = 128, NESTING_MAX = 32, PARTS_MAX = 256 };

/* The text and where it is being read.  A token is a parenthesis or a word. */
struct parsing {
	struct reading *reading;
	const struct yaml_node *node;
	const char *next;     /* behind the token */
	char token[WORD_MAX]; /* "" at the end */
	const char *begin;    /* of the token */
	unsigned depth;
};

static const struct tree *parse_any(struct parsing *parsing);

static const struct tree *
complain(struct parsing *parsing, const char *what)
{
	yaml_complain(parsing->reading->err, parsing->node,
		      "%s at character %td of the condition", what,
		      parsing->begin - parsing->node->text + 1);
	return NULL;
}

static bool
is_word_part(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '*';
}

static void
advance(struct parsing *parsing)
{
	const char *at = parsing->next;
	size_t size = 0;

	while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')
		at++;
	parsing->begin = at;
	if (*at != '\0' && !is_word_part(*at))
		size = 1;
	while (is_word_part(at[size]) && (size > 0 ? is_word_part(at[size - 1]) : true))
		size++;
	size_t kept = size < WORD_MAX ? size : WORD_MAX - 1;
	memcpy(parsing->token, at, kept);
	parsing->token[kept] = '\0';
	parsing->next = at + size;
}

static bool
token_is(const struct parsing *parsing, const char *word)
{
	return strcmp(parsing->token, word) == 0;
}

/* "them", or a pattern; what begins with '_' only answers to a pattern that does. */
static bool
is_chosen(const struct glob *glob, const char *pattern, const char *name)
{
	bool is_hidden = name[0] == '_';

	if (strcmp(name, "condition") == 0)
		return false;
	if (strcmp(pattern, "them") == 0)
		return !is_hidden;
	return (!is_hidden || pattern[0] == '_') && glob_match(glob, text_of(name));
}

static const struct tree *
parse_selector(struct parsing *parsing, enum tree_kind kind)
{
	const struct yaml_node *searches = parsing->reading->searches;
	const struct tree **part;
	size_t count = 0;

	advance(parsing);
	if (parsing->token[0] == '\0' || strchr(parsing->token, '-') != NULL ||
	    token_is(parsing, "(") || token_is(parsing, ")"))
		return complain(
			parsing,
			"no selector; expected \"them\" or a pattern such as filter_*");
	struct arena *arena = &parsing->reading->sigma->arena;
	struct glob glob = glob_read(arena, text_of(parsing->token));
	part = arena_take(arena, searches->count * sizeof(*part));
	for (size_t i = 0; i < searches->count; i++)
		if (is_chosen(&glob, parsing->token, searches->key[i]->text))
			part[count++] = parsing->reading->search[i];
	if (count == 0)
		return complain(parsing,
				"the selector fits no search; expected one that does");
	advance(parsing);
	return tree_of(parsing->reading, kind, part, count);
}

static const struct tree *
parse_word(struct parsing *parsing)
{
	static const char *const reserved[] = { "and", "or", "not", "of", "" };
	char word[WORD_MAX];

	for (size_t i = 0; i < READ_COUNT(reserved); i++)
		if (token_is(parsing, reserved[i]))
			return complain(parsing, "no search; expected a name, \"(\", "
						 "\"not\" or \"1 of\"");
	if (token_is(parsing, "|"))
		return complain(parsing, "an aggregation, which Sigma 2 no longer has; "
					 "expected a correlation");
	if (!is_word_part(parsing->token[0]) || strchr(parsing->token, '*') != NULL)
		return complain(parsing, "no name of a search; expected letters, "
					 "digits, \"_\" and \"-\"");
	memcpy(word, parsing->token, sizeof(word));
	struct parsing before = *parsing;
	advance(parsing);
	bool is_one = strcmp(word, "1") == 0 || strcmp(word, "any") == 0;
	if (token_is(parsing, "of") && (is_one || strcmp(word, "all") == 0))
		return parse_selector(parsing, is_one ? TREE_ANY : TREE_ALL);
	const struct yaml_node *searches = parsing->reading->searches;
	for (size_t i = 0; i < searches->count; i++)
		if (strcmp(word, "condition") != 0 &&
		    strcmp(word, searches->key[i]->text) == 0)
			return parsing->reading->search[i];
	return complain(&before, "no such search; expected one of the detection's");
}

static const struct tree *
parse_not(struct parsing *parsing)
{
	const struct tree *inner;

	if (++parsing->depth > NESTING_MAX)
		return complain(parsing, "nested too deep; expected at most 32 levels");
	if (token_is(parsing, "not")) {
		advance(parsing);
		inner = parse_not(parsing);
		if (inner != NULL)
			inner = tree_of(parsing->reading, TREE_NOT, &inner, 1);
	} else if (token_is(parsing, "(")) {
		advance(parsing);
		inner = parse_any(parsing);
		if (inner != NULL && !token_is(parsing, ")"))
			return complain(parsing,
					"a parenthesis stays open; expected \")\"");
		advance(parsing);
	} else {
		inner = parse_word(parsing);
	}
	parsing->depth--;
	return inner;
}

typedef const struct tree *parse(struct parsing *parsing);

/* inner { word inner } */
static const struct tree *
parse_chain(struct parsing *parsing, parse *inner, const char *word,
	    enum tree_kind kind)
{
	const struct tree *part[PARTS_MAX];
	size_t count = 0;

	for (;;) {
		if (count == PARTS_MAX)
			return complain(parsing,
					"too many parts; expected at most 256");
		part[count] = inner(parsing);
		if (part[count++] == NULL)
			return NULL;
		if (!token_is(parsing, word))
			return tree_of(parsing->reading, kind, part, count);
		advance(parsing);
	}
}

static const struct tree *
parse_all(struct parsing *parsing)
{
	return parse_chain(parsing, parse_not, "and", TREE_ALL);
}

static const struct tree *
parse_any(struct parsing *parsing)
{
	return parse_chain(parsing, parse_all, "or", TREE_ANY);
}

static const struct tree *
parse_one(struct reading *reading, const struct yaml_node *node)
{
	struct parsing parsing = { .reading = reading,
				   .node = node,
				   .next = node->text };

	if (node->kind == YAML_LIST || node->kind == YAML_MAP ||
	    node->kind == YAML_NULL) {
		yaml_complain(reading->err, node, "no condition; expected a text");
		return NULL;
	}
	advance(&parsing);
	const struct tree *tree = parse_any(&parsing);
	if (tree == NULL || parsing.token[0] == '\0')
		return tree;
	return complain(
		&parsing,
		token_is(&parsing, "|")
			? "an aggregation, which Sigma 2 no longer has; expected a "
			  "correlation"
			: "something behind the end; expected \"and\" or \"or\"");
}

const struct tree *
condition_read(struct reading *reading, const struct yaml_node *condition)
{
	if (condition->kind != YAML_LIST)
		return parse_one(reading, condition);
	const struct tree **part =
		arena_take(&reading->sigma->arena, condition->count * sizeof(*part));
	for (size_t i = 0; i < condition->count; i++)
		if ((part[i] = parse_one(reading, condition->item[i])) == NULL)
			return NULL;
	if (condition->count == 0) {
		yaml_complain(reading->err, condition,
			      "no condition; expected at least one");
		return NULL;
	}
	return tree_of(reading, TREE_ANY, part, condition->count);
}
