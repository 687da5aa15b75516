/* SPDX-License-Identifier: Apache-2.0 */
/* glob: a text of a rule with wildcards, as Sigma reads it. */
#include "correlator/sigma/glob.h"

#include "correlator/sigma/fold.h"

struct glob
glob_read(struct arena *arena, struct text text)
{
	uint16_t *at = arena_take(arena, (text.size + 1) * sizeof(*at));
	uint32_t size = 0;
	bool is_escaped = false;

	for (uint32_t i = 0; i < text.size; i++) {
		char c = text.at[i];
		bool is_special = c == '*' || c == '?' || c == '\\';
		if (is_escaped) {
			if (!is_special)
				at[size++] = '\\';
			at[size++] = (unsigned char)c;
			is_escaped = false;
		} else if (c == '\\') {
			is_escaped = true;
		} else if (is_special) {
			at[size++] = c == '*' ? GLOB_ANY : GLOB_ONE;
		} else {
			at[size++] = (unsigned char)c;
		}
	}
	if (is_escaped)
		at[size++] = '\\';
	return (struct glob){ at, size, false };
}

struct glob
glob_plain(struct arena *arena, struct text text)
{
	uint16_t *at = arena_take(arena, (text.size + 1) * sizeof(*at));

	for (uint32_t i = 0; i < text.size; i++)
		at[i] = (unsigned char)text.at[i];
	return (struct glob){ at, text.size, false };
}

struct glob
glob_around(struct arena *arena, struct glob glob, bool before, bool behind)
{
	uint16_t *at = arena_take(arena, (glob.size + 2) * sizeof(*at));
	uint32_t size = 0;

	if (before && (glob.size == 0 || glob.at[0] != GLOB_ANY))
		at[size++] = GLOB_ANY;
	for (uint32_t i = 0; i < glob.size; i++)
		at[size++] = glob.at[i];
	if (behind && (size == 0 || at[size - 1] != GLOB_ANY))
		at[size++] = GLOB_ANY;
	return (struct glob){ at, size, glob.is_raw };
}

/* The run of bytes from 'from' on, into 'out'. */
static uint32_t
run_at(struct glob glob, uint32_t from, char *out)
{
	uint32_t size = 0;

	while (from + size < glob.size && glob.at[from + size] < GLOB_ANY) {
		out[size] = (char)glob.at[from + size];
		size++;
	}
	return size;
}

struct glob
glob_fold(struct arena *arena, struct glob glob)
{
	char *run = arena_take(arena, glob.size + 1);
	char *folded = arena_take(arena, FOLD_ROOM(glob.size));
	uint16_t *at = arena_take(arena, FOLD_ROOM(glob.size) * sizeof(*at));
	uint32_t size = 0;

	for (uint32_t i = 0; i < glob.size;) {
		if (glob.at[i] >= GLOB_ANY) {
			at[size++] = glob.at[i++];
			continue;
		}
		uint32_t length = run_at(glob, i, run);
		size_t bytes = fold_text((struct text){ run, length }, folded);
		for (size_t b = 0; b < bytes; b++)
			at[size++] = (unsigned char)folded[b];
		i += length;
	}
	return (struct glob){ at, size, glob.is_raw };
}

bool
glob_has_wildcards(struct glob glob)
{
	for (uint32_t i = 0; i < glob.size; i++)
		if (glob.at[i] >= GLOB_ANY)
			return true;
	return false;
}

struct text
glob_text(struct arena *arena, struct glob glob)
{
	char *text = arena_take(arena, glob.size + 1);

	return (struct text){ text, run_at(glob, 0, text) };
}

struct text
glob_longest(struct arena *arena, struct glob glob)
{
	char *best = arena_take(arena, glob.size + 1);
	char *run = arena_take(arena, glob.size + 1);
	struct text longest = { best, 0 };

	for (uint32_t i = 0; i < glob.size; i++) {
		uint32_t size = run_at(glob, i, run);
		if (size > longest.size) {
			memcpy(best, run, size);
			longest.size = size;
		}
		i += size;
	}
	return longest;
}

/* Bytes of the character at 'at', never past the end. */
static uint32_t
step(struct text text, uint32_t at)
{
	uint32_t size = 1;

	while (at + size < text.size &&
	       ((unsigned char)text.at[at + size] & 0xc0) == 0x80)
		size++;
	return size;
}

bool
glob_match(const struct glob *glob, struct text text)
{
	uint32_t g = 0, t = 0, star = UINT32_MAX, mark = 0;

	while (t < text.size) {
		uint16_t symbol = g < glob->size ? glob->at[g] : UINT16_MAX;
		if (symbol == GLOB_ANY) {
			star = g++;
			mark = t;
		} else if (symbol == GLOB_ONE) {
			t += step(text, t);
			g++;
		} else if (symbol == (unsigned char)text.at[t]) {
			t++;
			g++;
		} else if (star != UINT32_MAX) {
			g = star + 1;
			mark += step(text, mark);
			t = mark;
		} else {
			return false;
		}
	}
	while (g < glob->size && glob->at[g] == GLOB_ANY)
		g++;
	return g == glob->size;
}
