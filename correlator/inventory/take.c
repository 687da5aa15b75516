/* SPDX-License-Identifier: Apache-2.0 */
/* take: the members of one item of an inventory, checked, into memory that lasts. */
#include "correlator/inventory/take.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ID_MAX = 64, TEXT_MAX = 1000, VLAN_MAX = 4094, LIST_MAX = 100000 };

static int
missing(const struct taker *taker, const char *key)
{
	return yaml_complain(taker->err, taker->map, "\"%s\" is missing", key);
}

static const char *
keep(const struct taker *taker, const char *text)
{
	return arena_text(taker->arena, text, strlen(text));
}

static bool
is_id(const char *text)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789._-";
	size_t length = strspn(text, letters);

	return length > 0 && length <= ID_MAX && text[length] == '\0' && text[0] != '-';
}

static int
check_id(const struct taker *taker, const char *key, const struct yaml_node *node)
{
	if (node->text != NULL && is_id(node->text))
		return 0;
	return yaml_complain(
		taker->err, node,
		"%s \"%s\" is no id; expected 1 to %d letters, digits, \".\", \"_\", "
		"\"-\"",
		key, node->text ? node->text : "", ID_MAX);
}

int
take_id(const struct taker *taker, const char *key, const char **id)
{
	const struct yaml_node *node = yaml_find(taker->map, key);

	if (node == NULL)
		return missing(taker, key);
	if (check_id(taker, key, node) == -1)
		return -1;
	*id = keep(taker, node->text);
	return 0;
}

int
take_kind(const struct taker *taker, const char *key, const char *const *words,
	  const char **word)
{
	const struct yaml_node *node = yaml_find(taker->map, key);

	if (node == NULL)
		return missing(taker, key);
	for (size_t i = 0; node->text != NULL && words[i] != NULL; i++)
		if (strcmp(words[i], node->text) == 0) {
			*word = words[i];
			return 0;
		}
	const char *text = node->text ? node->text : "";
	const char *meant = yaml_nearest(text, words);
	char list[256] = "";
	for (size_t i = 0, used = 0; words[i] != NULL && used < sizeof(list); i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
					 i ? ", " : "", words[i]);
	if (meant != NULL)
		return yaml_complain(taker->err, node,
				     "%s \"%s\" is not known; did you mean \"%s\"?",
				     key, text, meant);
	return yaml_complain(taker->err, node,
			     "%s \"%s\" is not known; expected one of: %s", key, text,
			     list);
}

int
take_text(const struct taker *taker, const char *key, const char **text)
{
	const struct yaml_node *node = yaml_find(taker->map, key);

	*text = "";
	if (node == NULL || node->kind == YAML_NULL)
		return 0;
	if (node->text == NULL || strlen(node->text) > TEXT_MAX)
		return yaml_complain(taker->err, node,
				     "%s is no text of at most %d bytes", key,
				     TEXT_MAX);
	for (const char *p = node->text; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return yaml_complain(taker->err, node,
					     "%s is more than one line", key);
	*text = keep(taker, node->text);
	return 0;
}

int
take_title(const struct taker *taker, const char *key, struct title *title)
{
	static const char *const known[] = { "ja", "en", NULL };
	const struct yaml_node *node = yaml_find(taker->map, key);

	if (node == NULL)
		return missing(taker, key);
	if (yaml_only(node, known, taker->err) == -1)
		return -1;
	struct taker inner = *taker;
	inner.map = node;
	if (take_text(&inner, "ja", &title->ja) == -1 ||
	    take_text(&inner, "en", &title->en) == -1)
		return -1;
	if (title->ja[0] == '\0' || title->en[0] == '\0')
		return yaml_complain(taker->err, node,
				     "%s needs both \"ja\" and \"en\"", key);
	return 0;
}

static int
take_instant(const struct taker *taker, const char *key, struct instant *at)
{
	const struct yaml_node *node = yaml_find(taker->map, key);
	struct date date;

	if (node == NULL || node->kind == YAML_NULL)
		return 0;
	if (node->text != NULL && date_from_text(node->text, &date)) {
		*at = calendar_begin(date, taker->zone);
		return 0;
	}
	if (node->text != NULL && instant_from_text(node->text, strlen(node->text), at))
		return 0;
	return yaml_complain(taker->err, node,
			     "\"%s\" is no date; expected 2026-04-01 or "
			     "2026-04-01T09:00:00+09:00",
			     node->text ? node->text : "");
}

int
take_valid(const struct taker *taker, const char *key, struct instant *from,
	   struct instant *to)
{
	static const char *const known[] = { "from", "to", NULL };
	const struct yaml_node *node = yaml_find(taker->map, key);

	from->usec = INT64_MIN;
	to->usec = INT64_MAX;
	if (node == NULL || node->kind == YAML_NULL)
		return 0;
	if (yaml_only(node, known, taker->err) == -1)
		return -1;
	struct taker inner = *taker;
	inner.map = node;
	if (take_instant(&inner, "from", from) == -1 ||
	    take_instant(&inner, "to", to) == -1)
		return -1;
	if (!instant_is_before(*from, *to))
		return yaml_complain(
			taker->err, node,
			"%s ends before it begins; the day of \"to\" is not part of it",
			key);
	return 0;
}

/* A list, or one item without brackets. Room for the array, by the one who knows its
 * type. */
struct listing {
	const struct yaml_node *const *item;
	const struct yaml_node *one;
	size_t count; /* 0: not given, or [] */
};

static int
take_list(const struct taker *taker, const char *key, struct listing *list)
{
	*list = (struct listing){ .one = yaml_find(taker->map, key) };
	if (list->one == NULL || list->one->kind == YAML_NULL)
		return 0;
	list->item = list->one->kind == YAML_LIST ? list->one->item : &list->one;
	list->count = list->one->kind == YAML_LIST ? list->one->count : 1;
	if (list->count > LIST_MAX)
		return yaml_complain(taker->err, list->one, "%s has more than %d items",
				     key, LIST_MAX);
	for (size_t i = 0; i < list->count; i++)
		if (list->item[i]->text == NULL)
			return yaml_complain(taker->err, list->item[i],
					     "%s: a list of single words was expected",
					     key);
	return 0;
}

int
take_prefixes(const struct taker *taker, const char *key, const struct prefix **prefix,
	      size_t *count)
{
	struct listing list;

	if (take_list(taker, key, &list) == -1)
		return -1;
	struct prefix *array = arena_take(taker->arena, list.count * sizeof(*array));

	if (list.count == 0)
		return missing(taker, key);
	for (size_t i = 0; i < list.count; i++)
		if (!prefix_from_text(text_of(list.item[i]->text), &array[i]))
			return yaml_complain(
				taker->err, list.item[i],
				"\"%s\" is no prefix; expected 192.0.2.0/24 or "
				"2001:db8::/32, no bits set past its length",
				list.item[i]->text);
	*prefix = array;
	*count = list.count;
	return 0;
}

static const struct {
	const char *name;
	uint8_t number;
} protocols[] = { { "tcp", 6 }, { "udp", 17 }, { "sctp", 132 } };

/* Up to 65535, and what stands behind it; -1 if it is none. */
static int
read_port(const char **text)
{
	int port = 0;
	const char *p = *text;

	for (; *p >= '0' && *p <= '9' && port <= 65535; p++)
		port = port * 10 + (*p - '0');
	if (p == *text || port > 65535 || port == 0)
		return -1;
	*text = p;
	return port;
}

bool
port_range_from_text(const char *text, struct port_range *range)
{
	const char *slash = strchr(text, '/');

	for (size_t i = 0;
	     slash != NULL && i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		size_t length = strlen(protocols[i].name);
		if (length != (size_t)(slash - text) ||
		    memcmp(text, protocols[i].name, length) != 0)
			continue;
		const char *p = slash + 1;
		int low = read_port(&p), high = low;
		if (low != -1 && *p == '-') {
			p++;
			high = read_port(&p);
		}
		if (low == -1 || high < low || *p != '\0')
			return false;
		*range = (struct port_range){ protocols[i].number, (uint16_t)low,
					      (uint16_t)high };
		return true;
	}
	return false;
}

size_t
port_range_to_text(const struct port_range *range, char *text, size_t room)
{
	const char *name = "?";

	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (protocols[i].number == range->protocol)
			name = protocols[i].name;
	if (range->low == range->high)
		return (size_t)snprintf(text, room, "%s/%u", name, range->low);
	return (size_t)snprintf(text, room, "%s/%u-%u", name, range->low, range->high);
}

int
take_ports(const struct taker *taker, const char *key, const struct port_range **port,
	   size_t *count)
{
	struct listing list;

	if (take_list(taker, key, &list) == -1)
		return -1;
	struct port_range *array =
		arena_take(taker->arena, list.count * sizeof(*array));

	for (size_t i = 0; i < list.count; i++)
		if (!port_range_from_text(list.item[i]->text, &array[i]))
			return yaml_complain(
				taker->err, list.item[i],
				"\"%s\" is no port; expected tcp/443, udp/53 or "
				"tcp/5000-5010",
				list.item[i]->text);
	*port = array;
	*count = list.count;
	return 0;
}

int
take_vlans(const struct taker *taker, const char *key, const uint64_t **vlan,
	   size_t *count)
{
	struct listing list;

	if (take_list(taker, key, &list) == -1)
		return -1;
	uint64_t *array = arena_take(taker->arena, list.count * sizeof(*array));

	if (list.count > VLANS_MAX)
		return yaml_complain(taker->err, taker->map, "%s has more than %d tags",
				     key, VLANS_MAX);
	for (size_t i = 0; i < list.count; i++) {
		if (list.item[i]->kind != YAML_INTEGER || list.item[i]->integer < 1 ||
		    list.item[i]->integer > VLAN_MAX)
			return yaml_complain(taker->err, list.item[i],
					     "\"%s\" is no VLAN; expected 1 to %d",
					     list.item[i]->text, VLAN_MAX);
		array[i] = (uint64_t)list.item[i]->integer;
	}
	*vlan = array;
	*count = list.count;
	return 0;
}

int
take_ids(const struct taker *taker, const char *key, const char *const **id,
	 size_t *count)
{
	struct listing list;

	if (take_list(taker, key, &list) == -1)
		return -1;
	const char **array = arena_take(taker->arena, list.count * sizeof(*array));

	for (size_t i = 0; i < list.count; i++) {
		if (check_id(taker, key, list.item[i]) == -1)
			return -1;
		array[i] = keep(taker, list.item[i]->text);
	}
	*id = array;
	*count = list.count;
	return 0;
}
