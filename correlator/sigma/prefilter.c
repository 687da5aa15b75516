/* SPDX-License-Identifier: Apache-2.0 */
/* prefilter: which detections a record can match at all. */
#include "correlator/sigma/prefilter.h"

#include <stdlib.h>
#include <string.h>

enum { PART_MIN = 3, NEEDS_MAX = 4096, GRAM_BITS = 1 << 16 };

/* A literal one detection waits for. */
struct need {
	unsigned field; /* FIELD_KEYWORDS: in any string */
	bool is_whole;
	struct text text;
	uint32_t detection;
	uint32_t next; /* of the same hash, index + 1; 0 ends */
};

struct needs {
	size_t count, room;
	struct need *at;
};

struct prefilter {
	size_t detections, words;
	uint64_t *of_event[EVENT_COUNT]; /* detections about it */
	uint64_t *always;                /* without a literal to wait for */
	uint64_t *chosen;
	struct needs needs;
	size_t slots; /* a power of two */
	uint32_t *slot;
	bool has_whole[FIELDS_ALL], has_parts[FIELDS_ALL];
	bool has_keywords;
	uint64_t grams[GRAM_BITS / 64]; /* of parts: is there any that begins so */
};

static uint64_t
mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * UINT64_C(0x9E3779B97F4A7C15);
	return hash ^ hash >> 29;
}

static uint64_t
hash_whole(unsigned field, struct text text)
{
	uint64_t hash = mix(field + 1, text.size);
	uint64_t word;

	while (text.size >= sizeof(word)) {
		memcpy(&word, text.at, sizeof(word));
		hash = mix(hash, word);
		text.at += sizeof(word);
		text.size -= (uint32_t)sizeof(word);
	}
	word = 0;
	if (text.size > 0)
		memcpy(&word, text.at, text.size);
	return mix(hash, word);
}

static uint32_t
gram_at(const char *at)
{
	return (uint32_t)(unsigned char)at[0] | (uint32_t)(unsigned char)at[1] << 8 |
	       (uint32_t)(unsigned char)at[2] << 16;
}

static uint64_t
hash_gram(uint32_t gram)
{
	return mix(UINT64_C(0x5A17), gram);
}

static bool
add(struct needs *needs, const struct item *item, const struct want *want,
    uint32_t detection)
{
	bool is_part = !want->is_whole;

	if (want->kind != WANT_TEXT || (is_part && want->needed.size < PART_MIN) ||
	    needs->count >= needs->room)
		return false;
	needs->at[needs->count++] = (struct need){ item->field, want->is_whole,
						   want->needed, detection, 0 };
	return true;
}

static bool
add_group(struct needs *needs, const struct item *item, const struct group *group,
	  uint32_t detection)
{
	for (size_t i = 0; i < group->count; i++)
		if (!add(needs, item, &group->want[i], detection))
			return false;
	return true;
}

/* Appends literals one of which every match of the item has.  False, and nothing
 * appended, if there are none. */
static bool
needs_of_item(struct needs *needs, const struct item *item, uint32_t detection)
{
	size_t before = needs->count;

	if (item->is_not || item->field == FIELD_CONSTANT)
		return false;
	for (size_t i = 0; i < item->count; i++) {
		bool is_added = add_group(needs, item, &item->group[i], detection);
		if (is_added && item->is_all)
			return true; /* each is needed, so one is enough */
		if (!is_added)
			needs->count = before;
		if (!is_added && !item->is_all)
			return false;
	}
	return needs->count > before;
}

static bool needs_of(struct needs *needs, const struct tree *tree, uint32_t detection);

/* Of parts that must all hold those with the fewest literals. */
static bool
needs_of_all(struct needs *needs, const struct tree *tree, uint32_t detection)
{
	size_t before = needs->count, best = SIZE_MAX, least = SIZE_MAX;

	for (size_t i = 0; i < tree->count; i++) {
		bool is_found = needs_of(needs, tree->part[i], detection);
		size_t size = needs->count - before;
		needs->count = before;
		if (is_found && size < least) {
			least = size;
			best = i;
		}
	}
	return best != SIZE_MAX && needs_of(needs, tree->part[best], detection);
}

static bool
needs_of_any(struct needs *needs, const struct tree *tree, uint32_t detection)
{
	size_t before = needs->count;

	for (size_t i = 0; i < tree->count; i++)
		if (!needs_of(needs, tree->part[i], detection)) {
			needs->count = before;
			return false;
		}
	return true;
}

static bool
needs_of(struct needs *needs, const struct tree *tree, uint32_t detection)
{
	if (tree->kind == TREE_ITEM)
		return needs_of_item(needs, tree->item, detection);
	if (tree->kind == TREE_NOT)
		return false;
	return tree->kind == TREE_ALL ? needs_of_all(needs, tree, detection)
				      : needs_of_any(needs, tree, detection);
}

static void *
take(size_t count, size_t size)
{
	void *memory = calloc(count + 1, size);

	assert(memory != NULL);
	return memory;
}

/* Literals of one detection, kept; 'scratch' has room for what is tried. */
static void
gather(struct prefilter *prefilter, struct needs *scratch,
       const struct detection *detection, uint32_t index)
{
	struct needs *needs = &prefilter->needs;
	uint64_t bit = UINT64_C(1) << (index % 64);

	for (unsigned event = 0; event < EVENT_COUNT; event++)
		if (detection->events >> event & 1)
			prefilter->of_event[event][index / 64] |= bit;
	scratch->count = 0;
	if (!needs_of(scratch, detection->tree, index)) {
		prefilter->always[index / 64] |= bit;
		return;
	}
	if (needs->count + scratch->count > needs->room) {
		needs->room = 2 * (needs->count + scratch->count);
		needs->at = reallocarray(needs->at, needs->room, sizeof(*needs->at));
		assert(needs->at != NULL);
	}
	memcpy(needs->at + needs->count, scratch->at,
	       scratch->count * sizeof(*needs->at));
	needs->count += scratch->count;
}

static void
index_need(struct prefilter *prefilter, uint32_t index)
{
	struct need *need = &prefilter->needs.at[index];
	uint64_t hash = need->is_whole ? hash_whole(need->field, need->text)
				       : hash_gram(gram_at(need->text.at));
	uint32_t *slot = &prefilter->slot[hash & (prefilter->slots - 1)];

	need->next = *slot;
	*slot = index + 1;
	if (!need->is_whole)
		prefilter->grams[hash % GRAM_BITS / 64] |= UINT64_C(1) << (hash % 64);
	if (need->field == FIELD_KEYWORDS)
		prefilter->has_keywords = true;
	else
		(need->is_whole ? prefilter->has_whole
				: prefilter->has_parts)[need->field] = true;
}

struct prefilter *
prefilter_new(const struct sigma *sigma)
{
	struct prefilter *prefilter = take(1, sizeof(*prefilter));
	struct needs scratch = { .room = NEEDS_MAX,
				 .at = take(NEEDS_MAX, sizeof(struct need)) };

	prefilter->detections = sigma->count;
	prefilter->words = (sigma->count + 63) / 64;
	for (unsigned event = 0; event < EVENT_COUNT; event++)
		prefilter->of_event[event] = take(prefilter->words, sizeof(uint64_t));
	prefilter->always = take(prefilter->words, sizeof(uint64_t));
	prefilter->chosen = take(prefilter->words, sizeof(uint64_t));
	for (size_t i = 0; i < sigma->count; i++)
		if (detection_is_live(&sigma->detection[i]))
			gather(prefilter, &scratch, &sigma->detection[i], (uint32_t)i);
	free(scratch.at);
	for (prefilter->slots = 64; prefilter->slots < 2 * prefilter->needs.count;)
		prefilter->slots *= 2;
	prefilter->slot = take(prefilter->slots, sizeof(*prefilter->slot));
	for (size_t i = 0; i < prefilter->needs.count; i++)
		index_need(prefilter, (uint32_t)i);
	return prefilter;
}

void
prefilter_free(struct prefilter *prefilter)
{
	if (prefilter == NULL)
		return;
	for (unsigned event = 0; event < EVENT_COUNT; event++)
		free(prefilter->of_event[event]);
	free(prefilter->always);
	free(prefilter->chosen);
	free(prefilter->needs.at);
	free(prefilter->slot);
	free(prefilter);
}

size_t
prefilter_words(const struct prefilter *prefilter)
{
	return prefilter->words;
}

static void
choose(struct prefilter *prefilter, const struct need *need)
{
	prefilter->chosen[need->detection / 64] |= UINT64_C(1)
						   << (need->detection % 64);
}

static void
look_whole(struct prefilter *prefilter, unsigned field, struct text text)
{
	uint32_t at = prefilter->slot[hash_whole(field, text) & (prefilter->slots - 1)];

	for (; at != 0; at = prefilter->needs.at[at - 1].next) {
		const struct need *need = &prefilter->needs.at[at - 1];
		if (need->is_whole && need->field == field &&
		    text_equal(need->text, text))
			choose(prefilter, need);
	}
}

static void
look_at(struct prefilter *prefilter, unsigned field, bool is_string, const char *at,
	size_t left)
{
	uint64_t hash = hash_gram(gram_at(at));

	if (!(prefilter->grams[hash % GRAM_BITS / 64] >> (hash % 64) & 1))
		return;
	uint32_t next = prefilter->slot[hash & (prefilter->slots - 1)];
	for (; next != 0; next = prefilter->needs.at[next - 1].next) {
		const struct need *need = &prefilter->needs.at[next - 1];
		bool is_here = need->field == field ||
			       (need->field == FIELD_KEYWORDS && is_string);
		if (!need->is_whole && is_here && need->text.size <= left &&
		    memcmp(need->text.at, at, need->text.size) == 0)
			choose(prefilter, need);
	}
}

static void
look(struct prefilter *prefilter, struct view *view, unsigned field)
{
	const struct values *values = view_values(view, field);
	bool has_keywords = prefilter->has_keywords && field < FIELD_COUNT;

	for (size_t i = 0; i < values->count; i++) {
		struct text text = values->at[i].folded;
		bool is_string = values->at[i].is_string;
		if (prefilter->has_whole[field])
			look_whole(prefilter, field, text);
		if (prefilter->has_parts[field] || (has_keywords && is_string))
			for (uint32_t at = 0; at + PART_MIN <= text.size; at++)
				look_at(prefilter, field, is_string, text.at + at,
					text.size - at);
	}
}

static bool
is_asked(const struct prefilter *prefilter, const struct view *view, unsigned field)
{
	if (field < FIELD_COUNT && !record_has(view->record, (enum field_id)field))
		return false;
	return prefilter->has_whole[field] || prefilter->has_parts[field] ||
	       (prefilter->has_keywords && field < FIELD_COUNT);
}

const uint64_t *
prefilter_choose(struct prefilter *prefilter, struct view *view)
{
	const uint64_t *of_event = prefilter->of_event[record_event(view->record)];

	for (size_t i = 0; i < prefilter->words; i++)
		prefilter->chosen[i] = prefilter->always[i];
	for (unsigned field = 0; field < FIELDS_ALL; field++)
		if (is_asked(prefilter, view, field))
			look(prefilter, view, field);
	for (size_t i = 0; i < prefilter->words; i++)
		prefilter->chosen[i] &= of_event[i];
	return prefilter->chosen;
}
