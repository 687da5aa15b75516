/* SPDX-License-Identifier: Apache-2.0 */
/* pieces: cuts a stream into lines, or into messages that tell their size. */
#include "sensor/dissect/pieces.h"

#include <string.h>

/* Room that stays with an idle stream. */
enum { ROOM_KEPT = 512 };

/* What was handed out in the last call is let go. */
static void
forget(struct pieces *pieces, struct kept_budget *budget)
{
	if (!pieces->is_handed_out)
		return;
	if (pieces->kept.room > ROOM_KEPT)
		kept_release(budget, &pieces->kept);
	pieces->kept.size = 0;
	pieces->size = 0;
	pieces->has_size = pieces->is_cut = pieces->is_handed_out = false;
}

static enum pieces_result
hand_out(struct pieces *pieces, struct bytes data, struct piece *piece)
{
	*piece = (struct piece){ data, pieces->size, pieces->is_cut };
	pieces->is_handed_out = true;
	return PIECES_ONE;
}

static struct bytes
kept_bytes(const struct pieces *pieces)
{
	return bytes_over(pieces->kept.at, pieces->kept.size);
}

static struct bytes
without_cr(struct bytes line)
{
	if (line.left > 0 && line.at[line.left - 1] == '\r')
		line.left--;
	return line;
}

enum pieces_result
pieces_line(struct pieces *pieces, struct kept_budget *budget, struct bytes *data,
	    uint32_t most, struct piece *piece)
{
	forget(pieces, budget);
	const uint8_t *end = data->left ? memchr(data->at, '\n', data->left) : NULL;
	struct bytes part =
		bytes_window(data, end ? (size_t)(end - data->at) : data->left);
	if (end)
		bytes_take(data, 1);
	bool is_here = end && pieces->size == 0 && part.left <= most;
	pieces->size += part.left;
	if (is_here)
		return hand_out(pieces, without_cr(part), piece);
	if (!pieces->is_cut)
		pieces->is_cut = !kept_add(budget, &pieces->kept, part, most);
	if (!end)
		return PIECES_NONE;
	struct bytes line = kept_bytes(pieces);
	return hand_out(pieces, pieces->is_cut ? line : without_cr(line), piece);
}

/* The header began in an earlier segment: byte by byte, until its size is known. */
static bool
find_size_kept(struct pieces *pieces, struct kept_budget *budget,
	       uint64_t (*size_of)(struct bytes first), uint32_t header_max,
	       struct bytes *data)
{
	pieces->size = PIECE_UNKNOWN;
	while (data->left > 0 && pieces->size == PIECE_UNKNOWN) {
		if (!kept_add(budget, &pieces->kept, bytes_window(data, 1), header_max))
			return false;
		pieces->size = size_of(kept_bytes(pieces));
	}
	return pieces->size == PIECE_UNKNOWN || pieces->size >= pieces->kept.size;
}

static bool
find_size(struct pieces *pieces, struct kept_budget *budget,
	  uint64_t (*size_of)(struct bytes first), uint32_t header_max,
	  struct bytes *data)
{
	if (pieces->kept.size > 0)
		return find_size_kept(pieces, budget, size_of, header_max, data);
	pieces->size = size_of(*data);
	return pieces->size != PIECE_UNKNOWN ||
	       kept_add(budget, &pieces->kept, bytes_window(data, data->left),
			header_max);
}

static void
pass_over(struct pieces *pieces, struct bytes *data)
{
	size_t size = pieces->skip < data->left ? (size_t)pieces->skip : data->left;

	bytes_take(data, size);
	pieces->skip -= size;
}

/* As much of the message as is wanted is there, or there is no memory for it. */
static bool
is_enough(struct pieces *pieces, struct kept_budget *budget, uint64_t told,
	  struct bytes *data)
{
	uint64_t wanted = told - pieces->kept.size;
	struct bytes part =
		bytes_window(data, wanted < data->left ? (size_t)wanted : data->left);
	uint64_t seen = pieces->kept.size + part.left;

	if (!kept_add(budget, &pieces->kept, part, (uint32_t)told)) {
		pieces->is_cut = true;
		pieces->skip = pieces->size - seen;
		return true;
	}
	pieces->skip = pieces->size - told;
	return seen == told;
}

enum pieces_result
pieces_message(struct pieces *pieces, struct kept_budget *budget,
	       uint64_t (*size_of)(struct bytes first), uint32_t header_max,
	       uint32_t most, struct bytes *data, struct piece *piece)
{
	forget(pieces, budget);
	pass_over(pieces, data);
	if (data->left == 0)
		return PIECES_NONE;
	if (!pieces->has_size) {
		if (!find_size(pieces, budget, size_of, header_max, data) ||
		    pieces->size == PIECE_BROKEN)
			return PIECES_BROKEN;
		if (pieces->size == PIECE_UNKNOWN)
			return PIECES_NONE;
		pieces->has_size = true;
		pieces->is_cut = pieces->size > most;
	}
	uint64_t told = pieces->size < most ? pieces->size : most;
	if (pieces->kept.size == 0 && data->left >= told) {
		pieces->skip = pieces->size - told;
		return hand_out(pieces, bytes_window(data, (size_t)told), piece);
	}
	if (!is_enough(pieces, budget, told, data)) {
		pieces->skip = 0;
		return PIECES_NONE;
	}
	return hand_out(pieces, kept_bytes(pieces), piece);
}

bool
pieces_gap(struct pieces *pieces, struct kept_budget *budget, uint64_t missing)
{
	if (missing <= pieces->skip) {
		pieces->skip -= missing;
		return true;
	}
	pieces_release(pieces, budget);
	return false;
}

void
pieces_release(struct pieces *pieces, struct kept_budget *budget)
{
	kept_release(budget, &pieces->kept);
	*pieces = (struct pieces){ 0 };
}
