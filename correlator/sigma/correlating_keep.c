/* SPDX-License-Identifier: Apache-2.0 */
/*
 * correlating_keep: the state of correlations as bytes: a journal of calls, and now and
 * then the whole.
 *
 * A journal holds 'P' (a new place), 'E' (an event, and how far time had come) and 'W'
 * (time went on and something was taken).  A whole one begins with 'C'.  Correlations
 * are named by their print, so what has changed since is left out.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/bytes.h"
#include "correlator/sigma/correlating_parts.h"

enum { VERSION = 1, WHOLE_LEAST = 1 << 16, GROUPS_END = 0, GROUP_HERE = 1 };

static void
put(struct buffer *buffer, const void *data, size_t size)
{
	if (buffer->size + size > buffer->room) {
		buffer->room = 2 * buffer->room + size + 256;
		buffer->at = realloc(buffer->at, buffer->room);
		assert(buffer->at != NULL);
	}
	if (size > 0)
		memcpy(buffer->at + buffer->size, data, size);
	buffer->size += size;
}

static void
put_u32(struct buffer *buffer, uint32_t number)
{
	uint8_t byte[4] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16),
			    (uint8_t)(number >> 8), (uint8_t)number };

	put(buffer, byte, sizeof(byte));
}

static void
put_u8(struct buffer *buffer, uint8_t number)
{
	put(buffer, &number, 1);
}

static void
put_u64(struct buffer *buffer, uint64_t number)
{
	put_u32(buffer, (uint32_t)(number >> 32));
	put_u32(buffer, (uint32_t)number);
}

static void
put_text(struct buffer *buffer, const char *text, size_t size)
{
	put_u32(buffer, (uint32_t)size);
	put(buffer, text, size);
}

static uint64_t
get_u64(struct bytes *bytes)
{
	uint64_t high = bytes_u32(bytes);

	return high << 32 | bytes_u32(bytes);
}

static void
put_place(struct buffer *buffer, const struct place *place)
{
	put_text(buffer, place->sensor, strlen(place->sensor));
	put_text(buffer, place->epoch, strlen(place->epoch));
	put_u32(buffer, place->lane);
}

static void
put_cited(struct buffer *buffer, const struct cited *cited)
{
	put_u64(buffer, (uint64_t)cited->time);
	put_u64(buffer, cited->seq);
	put_u32(buffer, cited->place);
}

static void
put_waiting(const struct correlating *correlating, struct buffer *buffer,
	    const struct waiting *waiting)
{
	const struct correlation *correlation =
		sigma_correlation(correlating->sigma, waiting->correlation);

	put(buffer, correlation->print, sizeof(correlation->print));
	put_cited(buffer, &waiting->record);
	put_u32(buffer, waiting->step);
	put_u64(buffer, waiting->value);
	put_text(buffer, waiting->key, waiting->key_size);
}

void
journal_place(struct stage *stage, const struct place *place)
{
	put_u8(&stage->journal, 'P');
	put_place(&stage->journal, place);
}

void
journal_event(const struct correlating *correlating, struct stage *stage,
	      int64_t watermark, const struct waiting *waiting)
{
	put_u8(&stage->journal, 'E');
	put_u64(&stage->journal, (uint64_t)watermark);
	put_waiting(correlating, &stage->journal, waiting);
}

void
journal_move(struct stage *stage, int64_t watermark)
{
	put_u8(&stage->journal, 'W');
	put_u64(&stage->journal, (uint64_t)watermark);
}

static void
put_group(struct buffer *buffer, const struct kept_group *group)
{
	put_u8(buffer, GROUP_HERE);
	put_text(buffer, group->key, group->key_size);
	put_u64(buffer, (uint64_t)group->newest);
	put_u64(buffer, (uint64_t)group->fired);
	put_u8(buffer, group->is_holding);
	put_u8(buffer, group->cited_count);
	for (size_t i = 0; i < group->cited_count; i++)
		put_cited(buffer, &group->cited[i]);
	put_u32(buffer, group->sliding.count);
	for (size_t i = 0; i < group->sliding.count; i++) {
		put_u64(buffer, (uint64_t)group->sliding.at[i].time);
		put_u64(buffer, group->sliding.at[i].value);
	}
}

static void
put_whole(const struct correlating *correlating, const struct stage *stage,
	  struct buffer *buffer)
{
	put_u8(buffer, 'C');
	put_u8(buffer, VERSION);
	put_u64(buffer, (uint64_t)stage->watermark);
	put_u64(buffer, (uint64_t)stage->taken);
	put_u32(buffer, (uint32_t)stage->place_count);
	for (size_t i = 0; i < stage->place_count; i++)
		put_place(buffer, &stage->place[i]);
	put_u32(buffer, (uint32_t)stage->waiting_count);
	for (size_t i = 0; i < stage->waiting_count; i++)
		put_waiting(correlating, buffer, &stage->waiting[i]);
	size_t count = sigma_correlation_count(correlating->sigma);
	put_u32(buffer, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		put(buffer, sigma_correlation(correlating->sigma, i)->print, 8);
		for (const struct kept_group *group = stage->of[i].oldest;
		     group != NULL; group = group->newer)
			put_group(buffer, group);
		put_u8(buffer, GROUPS_END);
	}
}

int
correlating_keep(struct correlating *correlating, correlating_sink *sink, void *ctx)
{
	for (size_t i = 0; i < correlating->stage_count; i++) {
		struct stage *stage = correlating->stage[i];
		struct buffer *journal = &stage->journal;
		if (journal->size == 0)
			continue;
		stage->journaled += journal->size;
		bool is_whole = stage->journaled > WHOLE_LEAST &&
				stage->journaled > 2 * stage->whole;
		if (is_whole) {
			journal->size = 0;
			put_whole(correlating, stage, journal);
			stage->whole = journal->size;
			stage->journaled = 0;
		}
		if (sink(ctx, stage->poi, is_whole, journal->at, journal->size) == -1)
			return -1;
		journal->size = 0;
	}
	return 0;
}

static bool
get_name(struct bytes *bytes, char name[CORRELATING_NAME_SIZE])
{
	uint32_t size = bytes_u32(bytes);
	const uint8_t *at =
		size < CORRELATING_NAME_SIZE ? bytes_take(bytes, size) : NULL;

	if (at == NULL)
		return false;
	memcpy(name, at, size);
	name[size] = '\0';
	return true;
}

static bool
get_place(struct correlating *correlating, struct stage *stage, struct bytes *bytes)
{
	char sensor[CORRELATING_NAME_SIZE], epoch[CORRELATING_NAME_SIZE];

	if (!get_name(bytes, sensor) || !get_name(bytes, epoch))
		return false;
	struct record_place place = { sensor, epoch, bytes_u32(bytes) };
	size_t before = stage->place_count;
	return bytes_ok(bytes) && stage_place(correlating, stage, &place) == before;
}

static bool
get_cited(const struct stage *stage, struct bytes *bytes, struct cited *cited)
{
	cited->time = (int64_t)get_u64(bytes);
	cited->seq = get_u64(bytes);
	cited->place = bytes_u32(bytes);
	return bytes_ok(bytes) && cited->place < stage->place_count;
}

/* NULL: it is there no more, or means something else now. */
static const struct correlation *
find_print(const struct correlating *correlating, const uint8_t *print)
{
	for (size_t i = 0; i < sigma_correlation_count(correlating->sigma); i++) {
		const struct correlation *correlation =
			sigma_correlation(correlating->sigma, i);
		if (memcmp(correlation->print, print, sizeof(correlation->print)) == 0)
			return correlation;
	}
	return NULL;
}

/* '*is_known' false: of a rule that is no more. */
static bool
get_waiting(struct correlating *correlating, const struct stage *stage,
	    struct bytes *bytes, struct waiting *waiting, bool *is_known)
{
	const uint8_t *print = bytes_take(bytes, 8);

	*waiting = (struct waiting){ 0 };
	if (print == NULL || !get_cited(stage, bytes, &waiting->record))
		return false;
	waiting->step = bytes_u32(bytes);
	waiting->value = get_u64(bytes);
	waiting->key_size = bytes_u32(bytes);
	waiting->key = (char *)bytes_take(bytes, waiting->key_size);
	const struct correlation *correlation = find_print(correlating, print);
	*is_known = correlation != NULL;
	if (correlation != NULL)
		waiting->correlation = (uint32_t)correlation->place;
	return bytes_ok(bytes) && waiting->key_size <= CORRELATION_GROUP_SIZE &&
	       (correlation == NULL || waiting->step < correlation->step_count);
}

static bool
play(struct correlating *correlating, struct stage *stage, struct bytes *bytes)
{
	while (bytes->left > 0) {
		uint8_t what = bytes_u8(bytes);
		if (what == 'P' && get_place(correlating, stage, bytes))
			continue;
		if (what != 'E' && what != 'W')
			return false;
		int64_t watermark = (int64_t)get_u64(bytes);
		struct waiting waiting;
		bool is_known = false;
		if (what == 'E' &&
		    !get_waiting(correlating, stage, bytes, &waiting, &is_known))
			return false;
		if (!bytes_ok(bytes))
			return false;
		if (is_known)
			stage_take(correlating, stage, watermark, waiting);
		else
			stage_move(correlating, stage, watermark);
	}
	return true;
}

static bool
get_entries(struct correlating *correlating, struct stage *stage,
	    struct kept_group *group, uint8_t cited_count, struct bytes *bytes)
{
	const struct correlation *correlation =
		sigma_correlation(correlating->sigma, group->correlation);

	for (size_t i = 0; i < cited_count; i++) {
		struct cited cited;
		if (!get_cited(stage, bytes, &cited))
			return false;
		group_cite(correlating, stage, group, &cited);
	}
	uint32_t count = bytes_u32(bytes);
	if (count > sliding_most(correlation) || count > bytes->left / 16)
		return false;
	group_grown(correlating, stage, group, sliding_reserve(&group->sliding, count));
	group->sliding.count = count;
	for (size_t i = 0; i < count; i++) {
		group->sliding.at[i].time = (int64_t)get_u64(bytes);
		group->sliding.at[i].value = get_u64(bytes);
	}
	return bytes_ok(bytes);
}

/* 'correlation' NULL: read and left out. */
static bool
get_group(struct correlating *correlating, struct stage *stage,
	  const struct correlation *correlation, struct bytes *bytes)
{
	uint32_t size = bytes_u32(bytes);
	const char *key = (const char *)bytes_take(bytes, size);
	int64_t newest = (int64_t)get_u64(bytes), fired = (int64_t)get_u64(bytes);
	bool is_holding = bytes_u8(bytes) != 0;
	uint8_t cited_count = bytes_u8(bytes);

	if (!bytes_ok(bytes) || size > CORRELATION_GROUP_SIZE ||
	    cited_count > CORRELATING_RECORDS_MAX)
		return false;
	if (correlation == NULL) {
		bytes_take(bytes, (size_t)cited_count * 20);
		bytes_take(bytes, (size_t)bytes_u32(bytes) * 16);
		return bytes_ok(bytes);
	}
	struct kept_group *group =
		group_take(correlating, stage, (uint32_t)correlation->place, key, size);
	group->newest = newest;
	group->fired = fired;
	group->is_holding = is_holding;
	return get_entries(correlating, stage, group, cited_count, bytes);
}

static bool
get_groups(struct correlating *correlating, struct stage *stage, struct bytes *bytes)
{
	uint32_t count = bytes_u32(bytes);

	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *print = bytes_take(bytes, 8);
		if (print == NULL)
			return false;
		const struct correlation *correlation = find_print(correlating, print);
		uint8_t more;
		while ((more = bytes_u8(bytes)) == GROUP_HERE)
			if (!get_group(correlating, stage, correlation, bytes))
				return false;
		if (more != GROUPS_END)
			return false;
	}
	return bytes_ok(bytes) && bytes->left == 0;
}

static bool
get_whole(struct correlating *correlating, struct stage *stage, struct bytes *bytes)
{
	if (bytes_u8(bytes) != 'C' || bytes_u8(bytes) != VERSION)
		return false;
	int64_t watermark = (int64_t)get_u64(bytes);
	stage->taken = (int64_t)get_u64(bytes);
	uint32_t places = bytes_u32(bytes);
	for (uint32_t i = 0; i < places; i++)
		if (!get_place(correlating, stage, bytes))
			return false;
	uint32_t count = bytes_u32(bytes);
	for (uint32_t i = 0; i < count; i++) {
		struct waiting waiting;
		bool is_known;
		if (!get_waiting(correlating, stage, bytes, &waiting, &is_known))
			return false;
		if (is_known)
			stage_take(correlating, stage, watermark, waiting);
	}
	stage->watermark = watermark;
	return get_groups(correlating, stage, bytes);
}

bool
correlating_load(struct correlating *correlating, const char *poi, bool is_whole,
		 const uint8_t *data, size_t size)
{
	struct stage *stage = stage_find(correlating, poi);
	struct bytes bytes = bytes_over(data, size);

	if (stage == NULL)
		return false;
	correlating->is_replaying = true;
	bool is_good = is_whole ? get_whole(correlating, stage, &bytes)
				: play(correlating, stage, &bytes);
	correlating->is_replaying = false;
	*(is_whole ? &stage->whole : &stage->journaled) += size;
	return is_good;
}

void
correlating_resume(struct correlating *correlating, correlating_clock *clock, void *ctx)
{
	for (size_t i = 0; i < correlating->stage_count; i++) {
		struct stage *stage = correlating->stage[i];
		/* the stage over all moves by the others' lanes */
		if (strcmp(stage->poi, CORRELATING_ACROSS) == 0)
			continue;
		for (size_t p = 0; p < stage->place_count; p++) {
			struct place *place = &stage->place[p];
			struct record_place name = { place->sensor, place->epoch,
						     place->lane };
			place->time = clock(ctx, &name);
			if (place->time / INSTANT_MINUTE > correlating->minute)
				correlating->minute = place->time / INSTANT_MINUTE;
		}
	}
}
