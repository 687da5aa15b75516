/* SPDX-License-Identifier: Apache-2.0 */
/* correlating: the state of all correlations: who waits, who remembers what, what
 * fires. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/digest.h"
#include "correlator/sigma/correlating_parts.h"

const struct correlating_limits correlating_limits_default = {
	.groups = 100000, .bytes = (size_t)256 << 20, .waiting = 200000
};

struct correlating *
correlating_new(const struct sigma *sigma, const struct correlating_limits *limits,
		correlation_hit_sink *sink, void *ctx)
{
	struct correlating *correlating = calloc(1, sizeof(*correlating));

	assert(correlating != NULL);
	correlating->sigma = sigma;
	correlating->limits = limits != NULL ? *limits : correlating_limits_default;
	correlating->sink = sink;
	correlating->ctx = ctx;
	correlating->minute = INT64_MIN;
	correlating->digester = digester_of(DIGEST_SHA256);
	return correlating;
}

static void
free_stage(struct correlating *correlating, struct stage *stage)
{
	for (size_t i = 0; i < sigma_correlation_count(correlating->sigma); i++)
		while (stage->of[i].oldest != NULL)
			group_free(correlating, stage, stage->of[i].oldest);
	for (size_t i = 0; i < stage->waiting_count; i++)
		free(stage->waiting[i].key);
	free(stage->waiting);
	free(stage->place);
	free(stage->slot);
	free(stage->of);
	free(stage->journal.at);
	free(stage);
}

void
correlating_free(struct correlating *correlating)
{
	if (correlating == NULL)
		return;
	for (size_t i = 0; i < correlating->stage_count; i++)
		free_stage(correlating, correlating->stage[i]);
	digester_free(correlating->digester);
	free(correlating->scratch.at);
	free(correlating);
}

struct stage *
stage_find(struct correlating *correlating, const char *poi)
{
	size_t last = correlating->last;

	if (last < correlating->stage_count &&
	    strcmp(correlating->stage[last]->poi, poi) == 0)
		return correlating->stage[last];
	for (size_t i = 0; i < correlating->stage_count; i++)
		if (strcmp(correlating->stage[i]->poi, poi) == 0) {
			correlating->last = i;
			return correlating->stage[i];
		}
	if (correlating->stage_count == CORRELATING_STAGES_MAX)
		return NULL;
	struct stage *stage = calloc(1, sizeof(*stage));
	assert(stage != NULL);
	snprintf(stage->poi, sizeof(stage->poi), "%s", poi);
	stage->watermark = stage->taken = INT64_MIN;
	stage->of = calloc(sigma_correlation_count(correlating->sigma) + 1,
			   sizeof(*stage->of));
	assert(stage->of != NULL);
	correlating->stage[correlating->stage_count++] = stage;
	return stage;
}

static bool
is_place(const struct place *place, const struct record_place *record)
{
	return place->lane == record->lane &&
	       strcmp(place->sensor, record->sensor) == 0 &&
	       strcmp(place->epoch, record->epoch) == 0;
}

uint32_t
stage_place(struct correlating *correlating, struct stage *stage,
	    const struct record_place *record)
{
	for (size_t i = 0; i < stage->place_count; i++)
		if (is_place(&stage->place[i], record))
			return (uint32_t)i;
	if (stage->place_count == stage->place_room) {
		stage->place_room = 2 * stage->place_room + 4;
		stage->place = reallocarray(stage->place, stage->place_room,
					    sizeof(*stage->place));
		assert(stage->place != NULL);
	}
	struct place *place = &stage->place[stage->place_count];
	*place = (struct place){ .lane = record->lane };
	snprintf(place->sensor, sizeof(place->sensor), "%s", record->sensor);
	snprintf(place->epoch, sizeof(place->epoch), "%s", record->epoch);
	if (!correlating->is_replaying)
		journal_place(stage, place);
	return (uint32_t)stage->place_count++;
}

static void
name_record(const struct stage *stage, const struct cited *cited,
	    struct record_name *name)
{
	const struct place *place = &stage->place[cited->place];

	*name = (struct record_name){ .place = { place->sensor, place->epoch,
						 place->lane },
				      .seq = cited->seq,
				      .time = cited->time };
}

static int give(struct correlating *correlating, struct stage *stage,
		const struct waiting *waiting);

/* To the correlations that look for this one, in this stage or the one over all.  The
 * group may be forgotten on the way. */
static int
pass_on(struct correlating *correlating, struct stage *stage,
	const struct kept_group *group, const struct waiting *cause)
{
	const struct correlation *from =
		sigma_correlation(correlating->sigma, group->correlation);
	char key[CORRELATION_GROUP_SIZE], room[CORRELATION_GROUP_SIZE];
	struct text whole = { key, group->key_size };
	struct record_name record;
	int result = 0;

	memcpy(key, group->key, group->key_size);
	name_record(stage, &cause->record, &record);
	record.time = group->newest;
	for (size_t i = 0; i < from->feed_count && result == 0; i++) {
		struct correlation_event event;
		bool is_elsewhere = from->feed[i].correlation->is_across &&
				    strcmp(stage->poi, CORRELATING_ACROSS) != 0;
		if (!correlation_pass_on(whole, &from->feed[i], room, &event))
			continue;
		struct waiting next = { .record = cause->record,
					.correlation =
						(uint32_t)event.correlation->place,
					.step = (uint32_t)event.step,
					.value = event.value,
					.key_size = event.group.size,
					.key = room };
		next.record.time = record.time;
		if (!is_elsewhere)
			result = give(correlating, stage, &next);
		else if (!correlating->is_replaying)
			result = correlating_add(correlating, stage->poi, &record,
						 &event);
	}
	return result;
}

static int
tell(struct correlating *correlating, const struct stage *stage,
     const struct kept_group *group, uint64_t value)
{
	const struct correlation *correlation =
		sigma_correlation(correlating->sigma, group->correlation);
	struct correlation_hit hit = {
		.correlation = correlation,
		.about = &sigma_row(correlating->sigma, correlation->rule)->about,
		.poi = stage->poi,
		.group = { group->key, group->key_size },
		.now = group->newest,
		.first = group->newest,
		.value = value,
	};

	for (size_t i = 0; i < group->cited_count; i++) {
		if (group->cited[i].time < group->newest - correlation->timespan)
			continue;
		name_record(stage, &group->cited[i], &hit.record[hit.record_count++]);
		if (group->cited[i].time < hit.first)
			hit.first = group->cited[i].time;
	}
	if (correlation->type <= CORRELATION_VALUES && group->sliding.count > 0)
		hit.first = group->sliding.at[0].time;
	return correlating->sink(correlating->ctx, &hit);
}

/* Fires when it begins to hold, and again if it still does a timespan later. */
static int
judge(struct correlating *correlating, struct stage *stage, struct kept_group *group,
      const struct waiting *cause)
{
	const struct correlation *correlation =
		sigma_correlation(correlating->sigma, group->correlation);
	uint64_t value;
	bool was_holding = group->is_holding;

	group->is_holding =
		sliding_holds(&group->sliding, correlation, group->newest, &value);
	if (!group->is_holding ||
	    (was_holding && group->newest - group->fired < correlation->timespan))
		return 0;
	group->fired = group->newest;
	if (!correlating->is_replaying) {
		correlating->count[CORRELATING_FIRED]++;
		if (sigma_alerts(correlating->sigma, correlation) &&
		    tell(correlating, stage, group, value) == -1)
			return -1;
	}
	return pass_on(correlating, stage, group, cause);
}

/* An event to its group. */
static int
give(struct correlating *correlating, struct stage *stage,
     const struct waiting *waiting)
{
	const struct correlation *correlation =
		sigma_correlation(correlating->sigma, waiting->correlation);
	if (waiting->record.time > stage->taken)
		stage->taken = waiting->record.time;
	struct kept_group *group = group_take(correlating, stage, waiting->correlation,
					      waiting->key, waiting->key_size);

	if (waiting->record.time > group->newest)
		group->newest = waiting->record.time;
	group_touch(stage, group);
	group_cite(correlating, stage, group, &waiting->record);
	size_t grown = sliding_add(&group->sliding, correlation, waiting->record.time,
				   waiting->step, waiting->value);
	group_grown(correlating, stage, group, grown);
	return judge(correlating, stage, group, waiting);
}

/* Of all that waits anywhere the stage's next is taken early, if there is no room. */
static int
make_room(struct correlating *correlating, struct stage *stage)
{
	if (correlating->waiting < correlating->limits.waiting ||
	    stage->waiting_count == 0)
		return 0;
	struct waiting next = waiting_next(correlating, stage);
	if (next.record.time > stage->watermark)
		stage->watermark = next.record.time;
	correlating->count[CORRELATING_HURRIED] += !correlating->is_replaying;
	int result = give(correlating, stage, &next);
	free(next.key);
	return result;
}

int
stage_move(struct correlating *correlating, struct stage *stage, int64_t watermark)
{
	int result = 0;

	if (watermark > stage->watermark)
		stage->watermark = watermark;
	while (result == 0 && stage->waiting_count > 0 &&
	       stage->waiting[0].record.time <= stage->watermark) {
		struct waiting next = waiting_next(correlating, stage);
		result = give(correlating, stage, &next);
		free(next.key);
	}
	return result;
}

int
stage_take(struct correlating *correlating, struct stage *stage, int64_t watermark,
	   struct waiting waiting)
{
	const struct correlation *correlation =
		sigma_correlation(correlating->sigma, waiting.correlation);

	if (stage_move(correlating, stage, watermark) == -1 ||
	    make_room(correlating, stage) == -1)
		return -1;
	if (waiting.record.time > stage->watermark) {
		char *key = malloc(waiting.key_size + 1);
		assert(key != NULL);
		memcpy(key, waiting.key, waiting.key_size);
		waiting.key = key;
		waiting_hold(correlating, stage, waiting);
		return 0;
	}
	correlating->count[CORRELATING_LATE] += !correlating->is_replaying;
	if (waiting.record.time < stage->watermark - correlation->timespan)
		return 0;
	return give(correlating, stage, &waiting);
}

/* Least time of the lanes that are not too far behind, less the lateness. */
static int64_t
watermark_of(const struct stage *stage)
{
	int64_t furthest = 0, least = INT64_MAX;

	for (size_t i = 0; i < stage->place_count; i++)
		if (stage->place[i].time > furthest)
			furthest = stage->place[i].time;
	for (size_t i = 0; i < stage->place_count; i++) {
		int64_t time = stage->place[i].time;
		if (time > 0 && time >= furthest - CORRELATING_BEHIND && time < least)
			least = time;
	}
	return least == INT64_MAX ? INT64_MIN : least - CORRELATING_LATENESS;
}

static int64_t
watermark_across(const struct correlating *correlating)
{
	int64_t furthest = INT64_MIN, least = INT64_MAX;

	for (size_t i = 0; i < correlating->stage_count; i++) {
		int64_t time = watermark_of(correlating->stage[i]);
		if (time > furthest)
			furthest = time;
	}
	for (size_t i = 0; i < correlating->stage_count; i++) {
		int64_t time = watermark_of(correlating->stage[i]);
		if (time != INT64_MIN &&
		    time >= furthest - CORRELATING_LATENESS_ACROSS && time < least)
			least = time;
	}
	return least == INT64_MAX ? INT64_MIN : least - CORRELATING_LATENESS_ACROSS;
}

static int
move_to(struct correlating *correlating, struct stage *stage, int64_t watermark)
{
	if (stage->waiting_count == 0 || stage->waiting[0].record.time > watermark)
		return 0;
	journal_move(stage, watermark);
	return stage_move(correlating, stage, watermark);
}

/* Once a minute is enough where ten of them are waited for. */
static int
move_across(struct correlating *correlating, int64_t time)
{
	int64_t minute = time / INSTANT_MINUTE;

	if (minute <= correlating->minute)
		return 0;
	correlating->minute = minute;
	for (size_t i = 0; i < correlating->stage_count; i++)
		if (strcmp(correlating->stage[i]->poi, CORRELATING_ACROSS) == 0)
			return move_to(correlating, correlating->stage[i],
				       watermark_across(correlating));
	return 0;
}

int
correlating_time(struct correlating *correlating, const char *poi,
		 const struct record_place *record, int64_t time)
{
	struct stage *stage = stage_find(correlating, poi);

	if (stage == NULL)
		return 0;
	uint32_t at = stage_place(correlating, stage, record);
	struct place *place = &stage->place[at]; /* it may have moved */
	if (time <= place->time)
		return 0;
	place->time = time;
	if (stage->waiting_count > 0 &&
	    move_to(correlating, stage, watermark_of(stage)) == -1)
		return -1;
	return move_across(correlating, time);
}

int
correlating_add(struct correlating *correlating, const char *poi,
		const struct record_name *record, const struct correlation_event *event)
{
	bool is_across = event->correlation->is_across;
	struct stage *stage =
		stage_find(correlating, is_across ? CORRELATING_ACROSS : poi);

	if (stage == NULL) {
		correlating->count[CORRELATING_STAGES]++;
		return 0;
	}
	correlating->count[CORRELATING_EVENTS]++;
	struct waiting waiting = { .record = { .time = record->time,
					       .seq = record->seq,
					       .place = stage_place(correlating, stage,
								    &record->place) },
				   .correlation = (uint32_t)event->correlation->place,
				   .step = (uint32_t)event->step,
				   .value = event->value,
				   .key_size = event->group.size,
				   .key = (char *)event->group.at };
	int64_t watermark = is_across ? stage->watermark : watermark_of(stage);
	journal_event(correlating, stage, watermark, &waiting);
	return stage_take(correlating, stage, watermark, waiting);
}

int
correlating_end(struct correlating *correlating)
{
	struct stage *across = NULL;

	for (size_t i = 0; i < correlating->stage_count; i++) {
		struct stage *stage = correlating->stage[i];
		if (strcmp(stage->poi, CORRELATING_ACROSS) == 0)
			across = stage;
		else if (move_to(correlating, stage, INT64_MAX) == -1)
			return -1;
	}
	/* made by what the others fired, perhaps */
	for (size_t i = 0; across == NULL && i < correlating->stage_count; i++)
		if (strcmp(correlating->stage[i]->poi, CORRELATING_ACROSS) == 0)
			across = correlating->stage[i];
	return across != NULL ? move_to(correlating, across, INT64_MAX) : 0;
}

uint64_t
correlating_counter(const struct correlating *correlating, enum correlating_count count)
{
	return count == CORRELATING_MISSING ? sigma_missing_groups(correlating->sigma)
					    : correlating->count[count];
}

size_t
correlating_bytes(const struct correlating *correlating)
{
	return correlating->bytes;
}

size_t
correlating_groups(const struct correlating *correlating)
{
	return correlating->groups;
}
