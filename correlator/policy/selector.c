/* SPDX-License-Identifier: Apache-2.0 */
/* selector: whom a rule speaks of, by what the inventory knows. */
#include "correlator/policy/selector.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "correlator/inventory/kinds.h"

/* clang-format off */
static const struct {
	const char *key;
	const char *const *choices; /* NULL: names of the inventory */
} parts[SELECTOR_PARTS] = {
	[SELECTOR_PARTITION]    = { "partition",    NULL },
	[SELECTOR_KIND]         = { "kind",         participant_kinds },
	[SELECTOR_PARTICIPANT]  = { "participant",  NULL },
	[SELECTOR_LINE_KIND]    = { "line_kind",    line_kinds },
	[SELECTOR_SERVICE]      = { "service",      NULL },
	[SELECTOR_SERVICE_KIND] = { "service_kind", service_kinds },
};
static const char *const from_keys[] = {
	"partition", "kind", "participant", "line_kind", "unknown", NULL
};
static const char *const to_keys[] = {
	"partition", "kind", "participant", "line_kind", "service", "service_kind", "unknown", NULL
};
/* clang-format on */

static bool
is_among(const char *word, const char *const *choices)
{
	for (size_t i = 0; choices[i] != NULL; i++)
		if (strcmp(word, choices[i]) == 0)
			return true;
	return false;
}

/* Complains at the first word of 'node' that is no choice. */
static int
check_choices(const struct yaml_node *node, size_t part, struct error *err)
{
	size_t count = node->kind == YAML_LIST ? node->count : 1;

	for (size_t i = 0; i < count && parts[part].choices != NULL; i++) {
		const struct yaml_node *item =
			node->kind == YAML_LIST ? node->item[i] : node;
		if (!is_among(item->text, parts[part].choices))
			return read_not_among(item, parts[part].key,
					      parts[part].choices, err);
	}
	return 0;
}

static bool
asks_for_participant(const struct selector *selector)
{
	for (size_t part = 0; part < SELECTOR_SERVICE; part++)
		if (selector->part[part].count > 0)
			return true;
	return false;
}

static int
read_known(const struct yaml_node *node, struct selector *selector, struct error *err)
{
	const struct yaml_node *unknown = yaml_find(node, "unknown");

	if (unknown == NULL)
		return 0;
	if (unknown->kind != YAML_BOOL)
		return yaml_complain(
			err, unknown,
			"\"unknown\" is no yes or no; expected true or false");
	selector->known = unknown->flag ? UNKNOWN_ONLY : KNOWN_ONLY;
	if (unknown->flag && asks_for_participant(selector))
		return yaml_complain(
			err, unknown,
			"an unknown party has no partition, kind, id or line; "
			"expected \"unknown\" alone");
	return 0;
}

int
selector_read(struct arena *arena, const struct yaml_node *node,
	      enum selector_side side, struct selector *selector, struct error *err)
{
	*selector = (struct selector){ .at = node };
	if (node == NULL)
		return 0;
	if (node->kind != YAML_MAP || node->count == 0)
		return yaml_complain(
			err, node,
			"that selects nobody; expected such as {kind: hospital}");
	if (yaml_only(node, side == SELECTOR_FROM ? from_keys : to_keys, err) == -1)
		return -1;
	for (size_t part = 0; part < SELECTOR_PARTS; part++) {
		const struct yaml_node *words = yaml_find(node, parts[part].key);
		if (words == NULL)
			continue;
		if (read_words(arena, words, &selector->part[part], err) == -1 ||
		    check_choices(words, part, err) == -1)
			return -1;
	}
	return read_known(node, selector, err);
}

static bool
words_cover(const struct word_set *wide, const struct word_set *narrow)
{
	if (wide->count == 0)
		return true;
	for (size_t i = 0; i < narrow->count; i++)
		if (!words_have(wide, narrow->at[i]))
			return false;
	return narrow->count > 0;
}

bool
selector_covers(const struct selector *wide, const struct selector *narrow)
{
	for (size_t part = 0; part < SELECTOR_PARTS; part++)
		if (!words_cover(&wide->part[part], &narrow->part[part]))
			return false;
	if (wide->known == KNOWN_ONLY)
		return narrow->known == KNOWN_ONLY || asks_for_participant(narrow);
	return wide->known == KNOWN_OR_NOT || narrow->known == UNKNOWN_ONLY;
}

/* The node of 'word', for the place of a complaint. */
static const struct yaml_node *
place_of(const struct selector *selector, size_t part, const char *word)
{
	const struct yaml_node *node = yaml_find(selector->at, parts[part].key);

	if (node->kind != YAML_LIST)
		return node;
	for (size_t i = 0; i < node->count; i++)
		if (node->item[i]->text == word)
			return node->item[i];
	return node;
}

static bool
inventory_has(const struct inventory *inventory, size_t part, const char *word)
{
	if (part == SELECTOR_PARTITION)
		return inventory_has_partition(inventory, word);
	if (part == SELECTOR_PARTICIPANT)
		return inventory_find_participant(inventory, word) != NULL;
	if (part == SELECTOR_SERVICE)
		return inventory_find_service(inventory, word) != NULL;
	return true;
}

/* What the inventory calls its partitions, participants or services, NULL at the end;
 * to be freed. */
static const char **
names_of(const struct inventory *inventory, size_t part)
{
	size_t regions = inventory_region_count(inventory), count = 0;
	size_t participants = inventory_participant_count(inventory);
	size_t services = inventory_service_count(inventory);
	const char **names =
		calloc(regions + participants + services + 3, sizeof(*names));

	assert(names != NULL);
	for (size_t i = 0; part == SELECTOR_PARTITION && i < regions; i++)
		names[count++] = inventory_region(inventory, i)->id;
	if (part == SELECTOR_PARTITION) {
		names[count++] = "base";
		names[count++] = "external";
	}
	for (size_t i = 0; part == SELECTOR_PARTICIPANT && i < participants; i++)
		names[count++] = inventory_participant(inventory, i)->id;
	for (size_t i = 0; part == SELECTOR_SERVICE && i < services; i++)
		names[count++] = inventory_service(inventory, i)->id;
	return names;
}

static int
no_name(const struct inventory *inventory, size_t part, const struct yaml_node *at,
	const char *word, struct error *err)
{
	const char **names = names_of(inventory, part);
	char what[64];

	snprintf(what, sizeof(what), "%s of the inventory", parts[part].key);
	read_no_reference(at, what, word, names, err);
	free(names);
	return -1;
}

int
selector_check(const struct selector *selector, const struct inventory *inventory,
	       struct error *err)
{
	for (size_t part = 0; part < SELECTOR_PARTS; part++)
		for (size_t i = 0; i < selector->part[part].count; i++) {
			const char *word = selector->part[part].at[i];
			if (!inventory_has(inventory, part, word))
				return no_name(inventory, part,
					       place_of(selector, part, word), word,
					       err);
		}
	return 0;
}

static bool
is_or_any(const struct word_set *words, const char *word)
{
	return words->count == 0 || words_have(words, word);
}

bool
selector_means_participant(const struct selector *selector,
			   const struct participant *participant)
{
	if (participant == NULL)
		return selector->known != KNOWN_ONLY && !asks_for_participant(selector);
	return selector->known != UNKNOWN_ONLY &&
	       is_or_any(&selector->part[SELECTOR_PARTITION], participant->partition) &&
	       is_or_any(&selector->part[SELECTOR_KIND], participant->kind) &&
	       is_or_any(&selector->part[SELECTOR_PARTICIPANT], participant->id);
}

bool
selector_means_service(const struct selector *selector, const struct service *service)
{
	const struct word_set *id = &selector->part[SELECTOR_SERVICE];
	const struct word_set *kind = &selector->part[SELECTOR_SERVICE_KIND];

	if (service == NULL)
		return id->count == 0 && kind->count == 0;
	return is_or_any(id, service->id) && is_or_any(kind, service->kind);
}

bool
selector_means_line(const struct selector *selector, const char *line_kind)
{
	const struct word_set *kind = &selector->part[SELECTOR_LINE_KIND];

	return kind->count == 0 || (line_kind != NULL && words_have(kind, line_kind));
}
