/* SPDX-License-Identifier: Apache-2.0 */
/* position: which seqs of a lane are applied: a low-water mark and spans above it. */
#include "correlator/position.h"

#include <stdio.h>
#include <string.h>

bool
position_has(const struct position *position, uint64_t seq)
{
	if (seq <= position->low)
		return true;
	for (size_t i = 0; i < position->count; i++)
		if (seq <= position->span[i].last)
			return seq >= position->span[i].first;
	return false;
}

static void
remove_spans(struct position *position, size_t at, size_t count)
{
	memmove(&position->span[at], &position->span[at + count],
		(position->count - at - count) * sizeof(position->span[0]));
	position->count -= count;
}

/* Spans that the low-water mark has reached become part of it. */
static void
absorb(struct position *position)
{
	while (position->count > 0 && position->span[0].first <= position->low + 1) {
		if (position->span[0].last > position->low)
			position->low = position->span[0].last;
		remove_spans(position, 0, 1);
	}
}

static uint64_t
give_up_lowest_hole(struct position *position)
{
	uint64_t lost = position->span[0].first - position->low - 1;

	position->low = position->span[0].first - 1;
	absorb(position);
	return lost;
}

/* Puts first..last among the spans, as one with all it touches. */
static void
insert_span(struct position *position, uint64_t first, uint64_t last)
{
	size_t at = 0, touched = 0;

	while (at < position->count && position->span[at].last + 1 < first)
		at++;
	while (at + touched < position->count &&
	       position->span[at + touched].first <= last + 1)
		touched++;
	if (touched > 0) {
		if (position->span[at].first < first)
			first = position->span[at].first;
		if (position->span[at + touched - 1].last > last)
			last = position->span[at + touched - 1].last;
		remove_spans(position, at, touched);
	}
	memmove(&position->span[at + 1], &position->span[at],
		(position->count - at) * sizeof(position->span[0]));
	position->span[at].first = first;
	position->span[at].last = last;
	position->count++;
}

uint64_t
position_add(struct position *position, uint64_t first, uint64_t last)
{
	uint64_t lost = 0;

	if (last <= position->low || last == UINT64_MAX)
		return 0;
	if (first <= position->low + 1) {
		position->low = last;
		absorb(position);
		return 0;
	}
	if (position->count == POSITION_SPANS_MAX)
		lost = give_up_lowest_hole(position);
	if (last <= position->low)
		return lost;
	insert_span(position, first, last);
	absorb(position);
	return lost;
}

void
position_to_text(const struct position *position, char text[POSITION_TEXT_SIZE])
{
	size_t size = 0;

	text[size++] = '[';
	for (size_t i = 0; i < position->count; i++)
		size += (size_t)snprintf(text + size, POSITION_TEXT_SIZE - size,
					 "%s[%lu,%lu]", i > 0 ? "," : "",
					 position->span[i].first,
					 position->span[i].last);
	memcpy(text + size, "]", 2);
}

bool
position_from_text(struct position *position, uint64_t low, const char *text)
{
	uint64_t above = low + 1;
	int size;

	*position = (struct position){ .low = low };
	if (*text++ != '[')
		return false;
	while (*text == '[' && position->count < POSITION_SPANS_MAX) {
		uint64_t first, last;
		if (sscanf(text, "[%lu,%lu]%n", &first, &last, &size) != 2 ||
		    first <= above || last < first || last == UINT64_MAX)
			return false;
		position->span[position->count].first = first;
		position->span[position->count++].last = last;
		above = last + 1;
		text += size;
		if (*text == ',')
			text++;
	}
	return strcmp(text, "]") == 0;
}
