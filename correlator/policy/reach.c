/* SPDX-License-Identifier: Apache-2.0 */
/* reach: which rows of a model speak of a pair of parties; selectors compiled to bits.
 */
#include "correlator/policy/reach.h"

#include <assert.h>
#include <string.h>

#include "correlator/inventory/kinds.h"

/* While classes are made: an open-addressed table from what selectors can see to a
 * class. */
struct classes {
	const struct model *model;
	const struct inventory *inventory;
	bool *is_named;                /* by participant: a selector names its id */
	const struct participant **at; /* one of each class; the last NULL: nobody's */
	uint32_t count, *slot, slots;  /* slot: class + 1, or 0 */
};

static uint64_t *
take_bits(struct arena *arena, size_t sets, size_t words)
{
	return arena_take(arena, sets * words * sizeof(uint64_t));
}

static void
set_bit(uint64_t *bits, size_t row, bool holds)
{
	bits[row / 64] |= (uint64_t)holds << (row % 64);
}

static void
mark_named(struct classes *classes, const struct selector *selector)
{
	const struct word_set *ids = &selector->part[SELECTOR_PARTICIPANT];

	for (size_t i = 0; i < ids->count; i++) {
		const struct participant *participant =
			inventory_find_participant(classes->inventory, ids->at[i]);
		if (participant != NULL) /* none in an empty inventory */
			classes->is_named[participant->index] = true;
	}
}

/* FNV-1a over both words. */
static uint32_t
hash_of(const struct participant *participant)
{
	uint32_t hash = 2166136261U;

	for (const char *at = participant->kind; *at != '\0'; at++)
		hash = (hash ^ (uint8_t)*at) * 16777619U;
	hash = (hash ^ '/') * 16777619U;
	for (const char *at = participant->partition; *at != '\0'; at++)
		hash = (hash ^ (uint8_t)*at) * 16777619U;
	return hash;
}

static bool
are_alike(const struct participant *a, const struct participant *b)
{
	return strcmp(a->kind, b->kind) == 0 && strcmp(a->partition, b->partition) == 0;
}

static uint32_t
class_of(struct classes *classes, const struct participant *participant)
{
	if (classes->is_named[participant->index]) { /* a class of its own, not in the
							table */
		classes->at[classes->count] = participant;
		return classes->count++;
	}
	uint32_t slot = hash_of(participant) & (classes->slots - 1);
	while (classes->slot[slot] != 0) {
		uint32_t found = classes->slot[slot] - 1;
		if (are_alike(classes->at[found], participant))
			return found;
		slot = (slot + 1) & (classes->slots - 1);
	}
	classes->at[classes->count] = participant;
	classes->slot[slot] = ++classes->count;
	return classes->count - 1;
}

static void
prepare(struct classes *classes, struct arena *arena, size_t participants)
{
	classes->slots = 16;
	while (classes->slots < 2 * participants)
		classes->slots *= 2;
	classes->slot = arena_take(arena, classes->slots * sizeof(*classes->slot));
	classes->is_named =
		arena_take(arena, participants * sizeof(*classes->is_named));
	classes->at = arena_take(arena, (participants + 1) * sizeof(*classes->at));
	for (size_t row = 0; row < classes->model->row_count; row++) {
		mark_named(classes, &classes->model->row[row].from);
		mark_named(classes, &classes->model->row[row].to);
	}
}

static void
compile_participants(struct reach *reach, struct arena *arena,
		     const struct model *model, const struct inventory *inventory)
{
	struct arena scratch = { 0 };
	struct classes classes = { .model = model, .inventory = inventory };
	uint32_t *class_table = arena_take(arena, (reach->participant_count + 1) *
							  sizeof(*class_table));

	prepare(&classes, &scratch, reach->participant_count);
	for (size_t i = 0; i < reach->participant_count; i++)
		class_table[i] =
			class_of(&classes, inventory_participant(inventory, i));
	class_table[reach->participant_count] = classes.count++;

	uint64_t *from = take_bits(arena, classes.count, reach->words);
	uint64_t *to = take_bits(arena, classes.count, reach->words);
	for (size_t i = 0; i < classes.count; i++)
		for (size_t row = 0; row < model->row_count; row++) {
			const struct row *pair = &model->row[row];
			set_bit(from + i * reach->words, row,
				selector_means_participant(&pair->from, classes.at[i]));
			set_bit(to + i * reach->words, row,
				selector_means_participant(&pair->to, classes.at[i]));
		}
	reach->class_of = class_table;
	reach->from = from;
	reach->to = to;
	arena_release(&scratch);
}

static void
compile_services(struct reach *reach, struct arena *arena, const struct model *model,
		 const struct inventory *inventory)
{
	uint64_t *bits = take_bits(arena, reach->service_count + 1, reach->words);

	for (size_t i = 0; i <= reach->service_count; i++) {
		const struct service *service =
			i < reach->service_count ? inventory_service(inventory, i)
						 : NULL;
		for (size_t row = 0; row < model->row_count; row++)
			set_bit(bits + i * reach->words, row,
				selector_means_service(&model->row[row].to, service));
	}
	reach->service = bits;
}

static void
compile_lines(struct reach *reach, struct arena *arena, const struct model *model)
{
	assert(line_kinds[REACH_LINES - 1] == NULL);
	for (size_t i = 0; i < REACH_LINES; i++) {
		uint64_t *from = take_bits(arena, 1, reach->words);
		uint64_t *to = take_bits(arena, 1, reach->words);
		/* the list's last is NULL: no line */
		for (size_t row = 0; row < model->row_count; row++) {
			set_bit(from, row,
				selector_means_line(&model->row[row].from,
						    line_kinds[i]));
			set_bit(to, row,
				selector_means_line(&model->row[row].to,
						    line_kinds[i]));
		}
		reach->line_from[i] = from;
		reach->line_to[i] = to;
	}
}

/* A requirement speaks of its event types unless it is retired; entries speak of all. */
static void
compile_events(struct reach *reach, struct arena *arena, const struct model *model)
{
	for (size_t event = 0; event < EVENT_COUNT; event++) {
		uint64_t *bits = take_bits(arena, 1, reach->words);
		for (size_t row = 0; row < model->row_count; row++) {
			bool is_rule = row < model->rule_count;
			const struct rule *rule = &model->rule[row];
			set_bit(bits, row,
				!is_rule ||
					((rule->events >> event & 1) &&
					 (requirement_is_active(&rule->requirement) ||
					  requirement_is_draft(&rule->requirement))));
		}
		reach->event[event] = bits;
	}
}

static void
compile_drafts(struct reach *reach, struct arena *arena, const struct model *model)
{
	uint64_t *bits = take_bits(arena, 1, reach->words);

	for (size_t row = 0; row < model->rule_count; row++) {
		bool is_draft = requirement_is_draft(&model->rule[row].requirement);
		set_bit(bits, row, is_draft);
		reach->has_drafts |= is_draft;
	}
	reach->draft = bits;
}

void
reach_compile(struct reach *reach, struct arena *arena, const struct model *model,
	      const struct inventory *inventory)
{
	*reach = (struct reach){
		.words = (model->row_count + 63) / 64,
		.participant_count = inventory_participant_count(inventory),
		.service_count = inventory_service_count(inventory),
	};
	compile_participants(reach, arena, model, inventory);
	compile_services(reach, arena, model, inventory);
	compile_lines(reach, arena, model);
	compile_events(reach, arena, model);
	compile_drafts(reach, arena, model);
}

static const uint64_t *
participant_bits(const struct reach *reach, const uint64_t *bits,
		 const struct party *party)
{
	size_t index = party->participant != NULL ? party->participant->index
						  : reach->participant_count;

	return bits + reach->class_of[index] * reach->words;
}

static size_t
line_of(const struct party *party)
{
	size_t i = 0;

	if (party->line == NULL)
		return REACH_LINES - 1;
	while (i < REACH_LINES - 1 && strcmp(line_kinds[i], party->line->kind) != 0)
		i++;
	return i;
}

void
reach_rows(const struct reach *reach, enum event event, const struct party *client,
	   const struct party *server, uint64_t *rows)
{
	const uint64_t *from = participant_bits(reach, reach->from, client);
	const uint64_t *to = participant_bits(reach, reach->to, server);
	size_t index =
		server->service != NULL ? server->service->index : reach->service_count;
	const uint64_t *service = reach->service + index * reach->words;
	const uint64_t *line_from = reach->line_from[line_of(client)];
	const uint64_t *line_to = reach->line_to[line_of(server)];
	const uint64_t *events = reach->event[event];

	for (size_t i = 0; i < reach->words; i++)
		rows[i] = from[i] & to[i] & service[i] & line_from[i] & line_to[i] &
			  events[i];
}
