/* SPDX-License-Identifier: Apache-2.0 */
/* encode: modifiers of Sigma that change a text: base64, UTF-16, dashes. */
#include "correlator/sigma/fold.h"
#include "correlator/sigma/glob.h"

static const char letters[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Base64 (RFC 4648 section 4) of 'before' blanks and the glob's bytes. */
static struct glob
encode(struct arena *arena, struct glob glob, unsigned before)
{
	uint32_t count = glob.size + before;
	uint16_t *at = arena_take(arena, ((count + 2) / 3 * 4 + 1) * sizeof(*at));
	uint32_t size = 0;

	for (uint32_t i = 0; i < count; i += 3) {
		uint32_t three = 0;
		for (uint32_t b = i; b < i + 3; b++)
			three = three << 8 | (b < before  ? ' '
					      : b < count ? glob.at[b - before]
							  : 0U);
		for (uint32_t c = 0; c < 4; c++)
			at[size++] =
				i + c <= count
					? (unsigned char)
						  letters[three >> (18 - 6 * c) & 63]
					: '=';
	}
	return (struct glob){ at, size, false };
}

struct glob
glob_base64(struct arena *arena, struct glob glob)
{
	return encode(arena, glob, 0);
}

struct glob
glob_base64_at(struct arena *arena, struct glob glob, unsigned offset)
{
	/* Letters that what lies before, or behind, has a part in are left out. */
	static const uint32_t starts[] = { 0, 2, 3 }, ends[] = { 0, 3, 2 };
	struct glob whole = encode(arena, glob, offset);
	uint32_t end = ends[(glob.size + offset) % 3];

	if (whole.size < starts[offset] + end)
		return (struct glob){ whole.at, 0, false };
	return (struct glob){ whole.at + starts[offset],
			      whole.size - starts[offset] - end, false };
}

static void
put_unit(uint16_t *at, uint32_t *size, uint32_t unit, bool is_big)
{
	at[(*size)++] = (uint16_t)(is_big ? unit >> 8 : unit & 0xff);
	at[(*size)++] = (uint16_t)(is_big ? unit & 0xff : unit >> 8);
}

struct glob
glob_utf16(struct arena *arena, struct glob glob, enum glob_order order)
{
	struct text text = glob_text(arena, glob);
	uint16_t *at = arena_take(arena, (2 * (size_t)text.size + 2) * sizeof(*at));
	uint32_t size = 0, point;
	bool is_big = order == GLOB_BIG;

	if (order == GLOB_MARKED)
		put_unit(at, &size, 0xfeff, false);
	for (size_t i = 0; i < text.size;) {
		i += fold_take(text.at + i, &point);
		if (point >= 0x10000) {
			put_unit(at, &size, 0xd800 + ((point - 0x10000) >> 10), is_big);
			put_unit(at, &size, 0xdc00 + ((point - 0x10000) & 0x3ff),
				 is_big);
		} else {
			put_unit(at, &size, point, is_big);
		}
	}
	return (struct glob){ at, size, true };
}

/* What a word is made of; beyond ASCII all but the dashes themselves. */
static bool
is_word(uint16_t symbol)
{
	return symbol < GLOB_ANY &&
	       (symbol >= 0x80 || symbol == '_' || (symbol >= '0' && symbol <= '9') ||
		(symbol >= 'A' && symbol <= 'Z') || (symbol >= 'a' && symbol <= 'z'));
}

/* A dash or slash with no word before it and a word behind it; a wildcard is an end. */
static bool
begins_word(struct glob glob, uint32_t i)
{
	if (glob.at[i] != '-' && glob.at[i] != '/')
		return false;
	return (i == 0 || !is_word(glob.at[i - 1])) && i + 1 < glob.size &&
	       is_word(glob.at[i + 1]);
}

size_t
glob_windash(struct arena *arena, struct glob glob, struct glob out[GLOB_VARIANTS_MAX])
{
	static const char *const dashes[] = { "-", "/", "–", "—", "―" };
	uint32_t places = 0;
	size_t variants = 1;

	for (uint32_t i = 0; i < glob.size; i++)
		if (begins_word(glob, i)) {
			places++;
			variants *= 5;
			if (variants > GLOB_VARIANTS_MAX)
				return 0;
		}
	for (size_t v = 0; v < variants; v++) {
		uint16_t *at = arena_take(arena, (glob.size + 2 * (size_t)places + 1) *
							 sizeof(*at));
		uint32_t size = 0;
		size_t choice = v;
		for (uint32_t i = 0; i < glob.size; i++) {
			if (!begins_word(glob, i)) {
				at[size++] = glob.at[i];
				continue;
			}
			for (const char *c = dashes[choice % 5]; *c != '\0'; c++)
				at[size++] = (unsigned char)*c;
			choice /= 5;
		}
		out[v] = (struct glob){ at, size, false };
	}
	return variants;
}
