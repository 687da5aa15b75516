/* SPDX-License-Identifier: Apache-2.0 */
/* sliding: what one (correlation, group) remembers, and whether it holds. */
#include "correlator/sigma/sliding.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef unsigned __int128 wide; /* products that 64 bits do not hold */

size_t
sliding_most(const struct correlation *correlation)
{
	switch (correlation->type) {
	case CORRELATION_EVENTS:
	case CORRELATION_VALUES:
		return (size_t)correlation->least;
	case CORRELATION_TOGETHER:
	case CORRELATION_ORDERED:
		return correlation->step_count;
	case CORRELATION_SUM:
	case CORRELATION_AVERAGE:
		return 2 * (SLIDING_BUCKETS + 1);
	case CORRELATION_PERCENTILE:
	case CORRELATION_MEDIAN:
		break;
	}
	return SLIDING_VALUES_MAX;
}

size_t
sliding_reserve(struct sliding *sliding, size_t count)
{
	size_t before = sliding->room;

	if (count <= sliding->room)
		return 0;
	sliding->at = reallocarray(sliding->at, count, sizeof(*sliding->at));
	assert(sliding->at != NULL);
	sliding->room = (uint32_t)count;
	return (count - before) * sizeof(*sliding->at);
}

void
sliding_free(struct sliding *sliding)
{
	free(sliding->at);
	*sliding = (struct sliding){ 0 };
}

static size_t
grow(struct sliding *sliding, size_t most)
{
	size_t room = sliding->room == 0 ? 4 : 2 * (size_t)sliding->room;

	return sliding->count < sliding->room
		       ? 0
		       : sliding_reserve(sliding, room < most ? room : most);
}

static void
remove_at(struct sliding *sliding, size_t at, size_t count)
{
	sliding->count -= (uint32_t)count;
	memmove(&sliding->at[at], &sliding->at[at + count],
		(sliding->count - at) * sizeof(*sliding->at));
}

/* Behind the last that is not newer.  When full the oldest goes, which may be this one.
 */
static size_t
insert(struct sliding *sliding, size_t most, struct moment entry)
{
	size_t at = sliding->count, grown = 0;

	while (at > 0 && sliding->at[at - 1].time > entry.time)
		at--;
	if (sliding->count == most) {
		if (at == 0)
			return 0;
		remove_at(sliding, 0, 1);
		at--;
	} else {
		grown = grow(sliding, most);
	}
	memmove(&sliding->at[at + 1], &sliding->at[at],
		(sliding->count - at) * sizeof(*sliding->at));
	sliding->at[at] = entry;
	sliding->count++;
	return grown;
}

static size_t
add_value(struct sliding *sliding, size_t most, struct moment entry)
{
	for (size_t i = sliding->count; i-- > 0;) {
		if (sliding->at[i].value != entry.value)
			continue;
		if (sliding->at[i].time >= entry.time)
			return 0;
		remove_at(sliding, i, 1);
		break;
	}
	return insert(sliding, most, entry);
}

/* temporal and temporal_ordered: an entry a step, from the start. */
static size_t
take_steps(struct sliding *sliding, const struct correlation *correlation)
{
	size_t grown = 0;

	if (sliding->count > 0)
		return 0;
	grown = sliding_reserve(sliding, correlation->step_count);
	sliding->count = (uint32_t)correlation->step_count;
	for (size_t i = 0; i < sliding->count; i++)
		sliding->at[i] = (struct moment){ SLIDING_NEVER, 0 };
	return grown;
}

static size_t
add_together(struct sliding *sliding, const struct correlation *correlation,
	     int64_t time, size_t step)
{
	size_t grown = take_steps(sliding, correlation);

	if (sliding->at[step].time < time)
		sliding->at[step].time = time;
	return grown;
}

static size_t
add_ordered(struct sliding *sliding, const struct correlation *correlation,
	    int64_t time, size_t step)
{
	size_t grown = take_steps(sliding, correlation);
	struct moment *entry = &sliding->at[step];
	int64_t start = time;

	if (step > 0) {
		const struct moment *before = &sliding->at[step - 1];
		start = (int64_t)before->value;
		if (before->time == SLIDING_NEVER || before->time > time ||
		    start < time - correlation->timespan)
			return grown;
	}
	if (entry->time == SLIDING_NEVER || start > (int64_t)entry->value)
		*entry = (struct moment){ time, (uint64_t)start };
	return grown;
}

static int64_t
bucket_of(const struct correlation *correlation, int64_t time)
{
	int64_t width = (correlation->timespan + SLIDING_BUCKETS - 1) / SLIDING_BUCKETS;

	return time / width - (time % width < 0);
}

static uint64_t
add_up(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static size_t
add_sum(struct sliding *sliding, const struct correlation *correlation, int64_t time,
	uint64_t value)
{
	int64_t bucket = bucket_of(correlation, time);
	size_t at = sliding->count, grown, most = sliding_most(correlation);

	while (at > 0 && sliding->at[at - 2].time > bucket)
		at -= 2;
	if (at > 0 && sliding->at[at - 2].time == bucket) {
		sliding->at[at - 2].value = add_up(sliding->at[at - 2].value, value);
		sliding->at[at - 1].value++;
		return 0;
	}
	if (sliding->count == most) {
		if (at == 0)
			return 0;
		remove_at(sliding, 0, 2);
		at -= 2;
	}
	grown = grow(sliding, most) + grow(sliding, most);
	if (sliding->room < sliding->count + 2)
		grown += sliding_reserve(sliding, sliding->count + 2);
	memmove(&sliding->at[at + 2], &sliding->at[at],
		(sliding->count - at) * sizeof(*sliding->at));
	sliding->at[at] = (struct moment){ bucket, value };
	sliding->at[at + 1] = (struct moment){ bucket, 1 };
	sliding->count += 2;
	return grown;
}

size_t
sliding_add(struct sliding *sliding, const struct correlation *correlation,
	    int64_t time, size_t step, uint64_t value)
{
	struct moment entry = { time, value };

	switch (correlation->type) {
	case CORRELATION_VALUES:
		return add_value(sliding, sliding_most(correlation), entry);
	case CORRELATION_TOGETHER:
		return add_together(sliding, correlation, time, step);
	case CORRELATION_ORDERED:
		return add_ordered(sliding, correlation, time, step);
	case CORRELATION_SUM:
	case CORRELATION_AVERAGE:
		return add_sum(sliding, correlation, time, value);
	case CORRELATION_EVENTS:
	case CORRELATION_PERCENTILE:
	case CORRELATION_MEDIAN:
		break;
	}
	return insert(sliding, sliding_most(correlation), entry);
}

/* Of entries in the order of their times. */
static uint64_t
count_since(const struct sliding *sliding, int64_t from)
{
	size_t low = 0, high = sliding->count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (sliding->at[middle].time < from)
			low = middle + 1;
		else
			high = middle;
	}
	return sliding->count - low;
}

static uint64_t
count_steps(const struct sliding *sliding, int64_t from)
{
	uint64_t count = 0;

	for (size_t i = 0; i < sliding->count; i++)
		count += sliding->at[i].time >= from;
	return count;
}

static bool
exceeds(const struct correlation *correlation, uint64_t value)
{
	return correlation->is_more ? value > correlation->least
				    : value >= correlation->least;
}

static bool
sum_holds(const struct sliding *sliding, const struct correlation *correlation,
	  int64_t now, uint64_t *value)
{
	int64_t from = bucket_of(correlation, now - correlation->timespan);
	uint64_t sum = 0, number = 0;

	for (size_t i = 0; i < sliding->count; i += 2) {
		if (sliding->at[i].time < from)
			continue;
		sum = add_up(sum, sliding->at[i].value);
		number += sliding->at[i + 1].value;
	}
	*value = sum;
	if (correlation->type == CORRELATION_SUM)
		return number > 0 && exceeds(correlation, sum);
	*value = number > 0 ? sum / number : 0;
	wide least = (wide)correlation->least * number;
	return number > 0 && (correlation->is_more ? sum > least : sum >= least);
}

static int
compare_numbers(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;

	return (one > other) - (one < other);
}

/* Nearest rank: the least value that so many hundredths do not exceed; a median of an
 * even number is the mean of the two in the middle. */
static bool
rank_holds(const struct sliding *sliding, const struct correlation *correlation,
	   int64_t now, uint64_t *value)
{
	uint64_t sorted[SLIDING_VALUES_MAX];
	size_t count = 0;

	for (size_t i = 0; i < sliding->count; i++)
		if (sliding->at[i].time >= now - correlation->timespan)
			sorted[count++] = sliding->at[i].value;
	if (count == 0)
		return false;
	qsort(sorted, count, sizeof(*sorted), compare_numbers);
	if (correlation->type == CORRELATION_PERCENTILE) {
		*value = sorted[(correlation->percentile * count + 99) / 100 - 1];
		return exceeds(correlation, *value);
	}
	uint64_t low = sorted[(count - 1) / 2], high = sorted[count / 2];
	*value = low + (high - low) / 2;
	wide twice = (wide)low + high, least = (wide)correlation->least * 2;
	return correlation->is_more ? twice > least : twice >= least;
}

bool
sliding_holds(const struct sliding *sliding, const struct correlation *correlation,
	      int64_t now, uint64_t *value)
{
	int64_t from = now - correlation->timespan;

	switch (correlation->type) {
	case CORRELATION_EVENTS:
	case CORRELATION_VALUES:
		*value = count_since(sliding, from);
		return *value >= correlation->least;
	case CORRELATION_TOGETHER:
		*value = count_steps(sliding, from);
		return *value >= correlation->least;
	case CORRELATION_ORDERED:
		*value = correlation->step_count;
		return sliding->count > 0 &&
		       sliding->at[sliding->count - 1].time != SLIDING_NEVER &&
		       (int64_t)sliding->at[sliding->count - 1].value >= from;
	case CORRELATION_SUM:
	case CORRELATION_AVERAGE:
		return sum_holds(sliding, correlation, now, value);
	case CORRELATION_PERCENTILE:
	case CORRELATION_MEDIAN:
		break;
	}
	return rank_holds(sliding, correlation, now, value);
}
