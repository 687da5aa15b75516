/* SPDX-License-Identifier: Apache-2.0 */
/* clear_lines: conversations in lines that may turn to TLS: SMTP, FTP, POP3, IMAP. */
#include "sensor/dissect/clear_lines.h"

#include <stdlib.h>
#include <strings.h>

void *
clear_lines_begin(void *shared, const struct clear_protocol *protocol)
{
	struct clear_lines *lines = calloc(1, protocol->size);

	if (lines == NULL)
		return NULL;
	lines->protocol = protocol;
	lines->lane = shared;
	lines->client = -1;
	if (!behind_begin(&lines->tls, protocol->part, lines->lane)) {
		free(lines);
		return NULL;
	}
	return lines;
}

static void
call(struct clear_lines *lines, struct instant at, const struct dissect_out *out)
{
	lines->at = at;
	lines->out = out;
}

/* Bytes of no line, or of a line whose beginning was lost. */
static void
pass_over(struct clear_lines *lines, int side, struct bytes *data)
{
	uint64_t size = lines->skip[side] < data->left ? lines->skip[side] : data->left;

	bytes_take(data, (size_t)size);
	lines->skip[side] -= size;
	if (!lines->is_lost[side] || data->left == 0)
		return;
	const uint8_t *end = memchr(data->at, '\n', data->left);
	bytes_take(data, end ? (size_t)(end - data->at) + 1 : data->left);
	lines->is_lost[side] = end == NULL;
}

static void
read_lines(struct clear_lines *lines, int side, struct bytes data)
{
	struct kept_budget *budget = &lines->lane->lane.budget;
	struct piece piece;

	while (data.left > 0) {
		pass_over(lines, side, &data);
		if (data.left == 0 || pieces_line(&lines->pieces[side], budget, &data,
						  LINE_MOST, &piece) != PIECES_ONE)
			return;
		lines->lane->lane.counters.cut += piece.is_cut;
		lines->protocol->line(lines, side, piece.data);
	}
}

static bool
may_turn(const struct clear_lines *lines, int side)
{
	return lines->protocol->may_turn == NULL ||
	       lines->protocol->may_turn(lines, side);
}

enum dissect_result
clear_lines_feed(void *state, int side, struct bytes data, struct instant at,
		 const struct dissect_out *out)
{
	struct clear_lines *lines = state;

	call(lines, at, out);
	if (may_turn(lines, side) && !behind_feed(&lines->tls, side, data, at, out)) {
		lines->violation = behind_violation(&lines->tls);
		return DISSECT_VIOLATION;
	}
	lines->is_secure |= behind_has_begun(&lines->tls, side);
	if (lines->is_secure)
		return lines->tls.is_over ? DISSECT_DONE : DISSECT_MORE;
	read_lines(lines, side, data);
	return DISSECT_MORE;
}

/* Which command a reply is for is not known any more. */
enum dissect_result
clear_lines_gap(void *state, int side, uint64_t missing, struct instant at,
		const struct dissect_out *out)
{
	struct clear_lines *lines = state;

	call(lines, at, out);
	if (!behind_gap(&lines->tls, side, missing, at, out)) {
		lines->violation = behind_violation(&lines->tls);
		return DISSECT_VIOLATION;
	}
	if (lines->is_secure)
		return lines->tls.is_over ? DISSECT_DONE : DISSECT_MORE;
	pieces_release(&lines->pieces[side], &lines->lane->lane.budget);
	lines->has_gap = true;
	if (missing < lines->skip[side]) {
		lines->skip[side] -= missing;
		return DISSECT_MORE;
	}
	lines->skip[side] = 0;
	lines->is_lost[side] = true;
	lines->count = 0;
	return DISSECT_MORE;
}

void
clear_lines_finish(void *state, struct instant at, const struct dissect_out *out)
{
	struct clear_lines *lines = state;

	call(lines, at, out);
	behind_finish(&lines->tls, at, out);
	lines->protocol->finish(lines);
}

void
clear_lines_end(void *state)
{
	struct clear_lines *lines = state;

	for (int side = 0; side < SIDES; side++)
		pieces_release(&lines->pieces[side], &lines->lane->lane.budget);
	behind_end(&lines->tls);
	free(lines);
}

const char *
clear_lines_violation(const void *state)
{
	return ((const struct clear_lines *)state)->violation;
}

void
clear_lines_client_is(struct clear_lines *lines, int side)
{
	if (lines->client >= 0)
		return;
	lines->client = side;
	lines->out->client_is(lines->out->ctx, side);
}

void
clear_lines_ask(struct clear_lines *lines, uint8_t command)
{
	if (lines->count == LINES_PENDING) {
		lines->lane->lane.counters.dropped++;
		lines->first = (lines->first + 1) % LINES_PENDING;
		lines->count--;
	}
	lines->pending[(lines->first + lines->count++) % LINES_PENDING] = command;
}

uint8_t
clear_lines_answered(struct clear_lines *lines)
{
	if (lines->count == 0)
		return 0;
	uint8_t command = lines->pending[lines->first];
	lines->first = (lines->first + 1) % LINES_PENDING;
	lines->count--;
	return command;
}

struct telling *
clear_lines_telling(struct clear_lines *lines)
{
	return &lines->lane->lane.telling;
}

struct bytes
clear_lines_word(struct bytes *line)
{
	size_t size = 0;

	while (line->left > 0 && line->at[0] == ' ')
		bytes_take(line, 1);
	while (size < line->left && line->at[size] > ' ')
		size++;
	return bytes_window(line, size);
}

bool
clear_lines_is(struct bytes word, const char *name)
{
	return word.left == strlen(name) &&
	       strncasecmp((const char *)word.at, name, word.left) == 0;
}

bool
clear_lines_begins(struct bytes line, const char *with)
{
	size_t size = strlen(with);

	return line.left >= size && strncasecmp((const char *)line.at, with, size) == 0;
}

bool
clear_lines_has(struct bytes line, const char *name)
{
	while (line.left > 0) {
		if (clear_lines_is(clear_lines_word(&line), name))
			return true;
		if (line.left > 0)
			bytes_take(&line, 1);
	}
	return false;
}
