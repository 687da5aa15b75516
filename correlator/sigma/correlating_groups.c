/* SPDX-License-Identifier: Apache-2.0 */
/* correlating_groups: the groups of a stage: found by name, forgotten when over or for
 * want of room. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/digest.h"
#include "correlator/sigma/correlating_parts.h"

enum { SLOTS_LEAST = 64, CITED_FIRST = 4 };

/* Names come from the wire: nobody can choose some that collide. */
static uint64_t
hash_of(struct correlating *correlating, uint32_t correlation, const char *key,
	size_t size)
{
	uint8_t hash[DIGEST_SIZE];
	uint64_t number;

	digester_add(correlating->digester, &correlation, sizeof(correlation));
	digester_add(correlating->digester, key, size);
	digester_take(correlating->digester, hash);
	memcpy(&number, hash, sizeof(number));
	return number;
}

static size_t
bytes_of(const struct kept_group *group)
{
	return sizeof(*group) + group->key_size +
	       group->cited_room * sizeof(*group->cited) +
	       group->sliding.room * sizeof(*group->sliding.at);
}

static void
account(struct correlating *correlating, struct stage *stage, size_t bytes)
{
	correlating->bytes += bytes;
	stage->bytes += bytes;
}

static void
unlink_group(struct stage *stage, struct kept_group *group)
{
	struct kept_groups *of = &stage->of[group->correlation];

	*(group->older != NULL ? &group->older->newer : &of->oldest) = group->newer;
	*(group->newer != NULL ? &group->newer->older : &of->newest) = group->older;
}

static void
link_newest(struct stage *stage, struct kept_group *group)
{
	struct kept_groups *of = &stage->of[group->correlation];

	group->older = of->newest;
	group->newer = NULL;
	*(of->newest != NULL ? &of->newest->newer : &of->oldest) = group;
	of->newest = group;
}

void
group_touch(struct stage *stage, struct kept_group *group)
{
	if (group->newer == NULL)
		return;
	unlink_group(stage, group);
	link_newest(stage, group);
}

void
group_free(struct correlating *correlating, struct stage *stage,
	   struct kept_group *group)
{
	struct kept_group **at = &stage->slot[group->hash & (stage->slots - 1)];
	size_t bytes = bytes_of(group);

	while (*at != group)
		at = &(*at)->next;
	*at = group->next;
	unlink_group(stage, group);
	stage->of[group->correlation].count--;
	stage->group_count--;
	correlating->groups--;
	correlating->bytes -= bytes;
	stage->bytes -= bytes;
	sliding_free(&group->sliding);
	free(group->cited);
	free(group);
}

static void
widen(struct stage *stage)
{
	size_t slots = stage->slots == 0 ? SLOTS_LEAST : 2 * stage->slots;
	struct kept_group **slot = calloc(slots, sizeof(struct kept_group *));

	assert(slot != NULL);
	for (size_t i = 0; i < stage->slots; i++)
		for (struct kept_group *group = stage->slot[i], *next; group != NULL;
		     group = next) {
			next = group->next;
			group->next = slot[group->hash & (slots - 1)];
			slot[group->hash & (slots - 1)] = group;
		}
	free(stage->slot);
	stage->slot = slot;
	stage->slots = slots;
}

static bool
is_over(const struct correlating *correlating, const struct stage *stage,
	const struct kept_group *group)
{
	const struct correlation *correlation =
		sigma_correlation(correlating->sigma, group->correlation);

	/* sums look back a bucket further than the timespan */
	int64_t kept =
		correlation->timespan + correlation->timespan / SLIDING_BUCKETS + 1;
	return stage->taken != INT64_MIN && group->newest < stage->taken - kept;
}

static void
evict(struct correlating *correlating, struct stage *stage, struct kept_group *group)
{
	correlating->count[CORRELATING_EVICTED] += !correlating->is_replaying;
	group_free(correlating, stage, group);
}

/* Of the stage that has most, the group whose last event lies furthest back, but
 * 'kept'. */
static bool
evict_oldest(struct correlating *correlating, const struct kept_group *kept)
{
	struct stage *most = NULL;
	struct kept_group *oldest = NULL;

	for (size_t i = 0; i < correlating->stage_count; i++)
		if (most == NULL || correlating->stage[i]->bytes > most->bytes)
			most = correlating->stage[i];
	for (size_t i = 0; i < sigma_correlation_count(correlating->sigma); i++) {
		struct kept_group *group = most->of[i].oldest;
		if (group == kept && group != NULL)
			group = group->newer;
		if (group != NULL && (oldest == NULL || group->newest < oldest->newest))
			oldest = group;
	}
	if (oldest != NULL)
		evict(correlating, most, oldest);
	return oldest != NULL;
}

static void
make_room(struct correlating *correlating, struct stage *stage, uint32_t correlation)
{
	struct kept_groups *of = &stage->of[correlation];

	for (int i = 0;
	     i < 2 && of->oldest != NULL && is_over(correlating, stage, of->oldest);
	     i++)
		group_free(correlating, stage, of->oldest);
	while (of->count >= correlating->limits.groups)
		evict(correlating, stage, of->oldest);
}

void
group_grown(struct correlating *correlating, struct stage *stage,
	    const struct kept_group *group, size_t bytes)
{
	account(correlating, stage, bytes);
	while (correlating->bytes > correlating->limits.bytes &&
	       evict_oldest(correlating, group))
		;
}

struct kept_group *
group_take(struct correlating *correlating, struct stage *stage, uint32_t correlation,
	   const char *key, size_t size)
{
	uint64_t hash = hash_of(correlating, correlation, key, size);
	struct kept_group *group =
		stage->slots > 0 ? stage->slot[hash & (stage->slots - 1)] : NULL;

	while (group != NULL &&
	       (group->hash != hash || group->correlation != correlation ||
		group->key_size != size || memcmp(group->key, key, size) != 0))
		group = group->next;
	if (group != NULL && !is_over(correlating, stage, group))
		return group;
	if (group != NULL)
		group_free(correlating, stage, group);
	make_room(correlating, stage, correlation);
	if (stage->group_count >= stage->slots)
		widen(stage);
	group = calloc(1, sizeof(*group) + size);
	assert(group != NULL);
	group->hash = hash;
	group->correlation = correlation;
	group->key_size = (uint32_t)size;
	group->newest = group->fired = SLIDING_NEVER;
	memcpy(group->key, key, size);
	group->next = stage->slot[hash & (stage->slots - 1)];
	stage->slot[hash & (stage->slots - 1)] = group;
	link_newest(stage, group);
	stage->of[correlation].count++;
	stage->group_count++;
	correlating->groups++;
	group_grown(correlating, stage, group, bytes_of(group));
	return group;
}

void
group_cite(struct correlating *correlating, struct stage *stage,
	   struct kept_group *group, const struct cited *record)
{
	if (group->cited_count > 0) {
		const struct cited *last = &group->cited[group->cited_count - 1];
		if (last->place == record->place && last->seq == record->seq)
			return;
	}
	if (group->cited_count == CORRELATING_RECORDS_MAX) {
		memmove(group->cited, group->cited + 1,
			(CORRELATING_RECORDS_MAX - 1) * sizeof(*group->cited));
		group->cited_count--;
	} else if (group->cited_count == group->cited_room) {
		uint8_t room = group->cited_room == 0
				       ? CITED_FIRST
				       : (uint8_t)(2 * group->cited_room);
		size_t more = (size_t)(room - group->cited_room);
		group->cited = reallocarray(group->cited, room, sizeof(*group->cited));
		assert(group->cited != NULL);
		group->cited_room = room;
		account(correlating, stage, more * sizeof(*group->cited));
	}
	group->cited[group->cited_count++] = *record;
}
