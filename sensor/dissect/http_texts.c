/* SPDX-License-Identifier: Apache-2.0 */
/* http_texts: named texts and short lists that outlive their packet, bounded. */
#include "sensor/dissect/http_texts.h"

#include <string.h>
#include <strings.h>

enum { ITEM_MAX = 255 };

void
http_texts_set(struct http_texts *texts, struct kept_budget *budget, unsigned which,
	       struct bytes value, size_t most)
{
	if (http_texts_has(texts, which))
		return;
	texts->has |= UINT64_C(1) << which;
	if (value.left > most) {
		texts->is_cut = true;
		value.left = most;
	}
	texts->value[which].at = (uint16_t)texts->kept.size;
	if (value.left > HTTP_TEXTS_ROOM - texts->kept.size ||
	    !kept_add(budget, &texts->kept, value, HTTP_TEXTS_ROOM)) {
		texts->is_cut = true;
		value.left = 0;
	}
	texts->value[which].size = (uint16_t)value.left;
}

struct bytes
http_texts_get(const struct http_texts *texts, unsigned which)
{
	if (!http_texts_has(texts, which) || texts->value[which].size == 0)
		return bytes_over(NULL, 0);
	return bytes_over(texts->kept.at + texts->value[which].at,
			  texts->value[which].size);
}

void
http_texts_release(struct http_texts *texts, struct kept_budget *budget)
{
	kept_release(budget, &texts->kept);
	texts->has = 0;
}

bool
http_list_next(const struct http_list *list, size_t *at, struct bytes *value)
{
	if (*at >= list->kept.size)
		return false;
	*value = bytes_over(list->kept.at + *at + 1, list->kept.at[*at]);
	*at += 1 + value->left;
	return true;
}

void
http_list_add(struct http_list *list, struct kept_budget *budget, struct bytes value,
	      unsigned most)
{
	struct bytes other;
	uint8_t size = (uint8_t)(value.left < ITEM_MAX ? value.left : ITEM_MAX);

	if (value.left == 0)
		return;
	for (size_t at = 0; http_list_next(list, &at, &other);)
		if (other.left == size && memcmp(other.at, value.at, size) == 0)
			return;
	list->is_cut |= size < value.left;
	value.left = size;
	if (list->count == most || size + 1u > HTTP_LIST_ROOM - list->kept.size ||
	    !kept_add(budget, &list->kept, bytes_over(&size, 1), HTTP_LIST_ROOM)) {
		list->is_cut = true;
		return;
	}
	if (kept_add(budget, &list->kept, value, HTTP_LIST_ROOM)) {
		list->count++;
		return;
	}
	list->kept.size--;
	list->is_cut = true;
}

void
http_list_release(struct http_list *list, struct kept_budget *budget)
{
	kept_release(budget, &list->kept);
	list->count = 0;
}

static bool
is_blank(uint8_t byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

struct bytes
http_trim(struct bytes value)
{
	while (value.left > 0 && is_blank(value.at[0]))
		bytes_take(&value, 1);
	while (value.left > 0 && is_blank(value.at[value.left - 1]))
		value.left--;
	return value;
}

struct bytes
http_until(struct bytes *rest, uint8_t end)
{
	const uint8_t *found = rest->left ? memchr(rest->at, end, rest->left) : NULL;
	struct bytes part =
		bytes_window(rest, found ? (size_t)(found - rest->at) : rest->left);

	if (found)
		bytes_take(rest, 1);
	return part;
}

bool
http_is(struct bytes value, const char *word)
{
	size_t size = strlen(word);

	return value.left == size &&
	       (size == 0 || strncasecmp((const char *)value.at, word, size) == 0);
}

bool
http_begins(struct bytes value, const char *word)
{
	size_t size = strlen(word);

	return value.left >= size &&
	       strncasecmp((const char *)value.at, word, size) == 0;
}

bool
http_ends(struct bytes value, const char *word)
{
	size_t size = strlen(word);

	return value.left >= size &&
	       strncasecmp((const char *)value.at + value.left - size, word, size) == 0;
}

/* The next of the parameters, each behind a semicolon that stands in no quotes. */
static struct bytes
next_parameter(struct bytes *rest)
{
	bool is_quoted = false;
	size_t size = 0;

	while (size < rest->left && (is_quoted || rest->at[size] != ';')) {
		if (rest->at[size] == '"')
			is_quoted = !is_quoted;
		else if (rest->at[size] == '\\' && is_quoted && size + 1 < rest->left)
			size++;
		size++;
	}
	struct bytes part = bytes_window(rest, size);
	if (rest->left > 0)
		bytes_take(rest, 1);
	return part;
}

struct bytes
http_parameter(struct bytes value, const char *name)
{
	next_parameter(&value);
	while (value.left > 0) {
		struct bytes one = next_parameter(&value);
		struct bytes key = http_trim(http_until(&one, '='));
		if (!http_is(key, name))
			continue;
		one = http_trim(one);
		if (one.left >= 2 && one.at[0] == '"' && one.at[one.left - 1] == '"')
			return bytes_over(one.at + 1, one.left - 2);
		return one;
	}
	return bytes_over(NULL, 0);
}
