/* SPDX-License-Identifier: Apache-2.0 */
/* hl7: the dissector of HL7 v2 over MLLP: blocks, segments, messages and their answers.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/dissect/hl7_state.h"

enum {
	BLOCK_START = 0x0b,
	BLOCK_END = 0x1c,
	MLLP_ACK = 0x06, /* a block of MLLP release 2 that only says: taken */
	MLLP_NAK = 0x15
};

static const struct {
	const char *name;
	enum hl7_segment segment;
	bool is_beginning; /* a block may begin with it */
} segments[] = {
	{ "MSH", HL7_MSH, true }, { "MSA", HL7_MSA, false }, { "FHS", HL7_FHS, true },
	{ "BHS", HL7_BHS, true }, { "BTS", HL7_BTS, true },  { "FTS", HL7_FTS, true },
};

enum { SEGMENTS = sizeof(segments) / sizeof(segments[0]), NAME_SIZE = 3 };

/* Row of the segment, or SEGMENTS for one that is passed over. */
static size_t
find_segment(const uint8_t *name)
{
	size_t i = 0;

	while (i < SEGMENTS && memcmp(segments[i].name, name, NAME_SIZE) != 0)
		i++;
	return i;
}

/* By <VT>, the name of a header and a delimiter; never by port. */
static enum recognition
recognise(struct bytes first, int side)
{
	(void)side;
	if (first.left == 0)
		return RECOGNISED_MAYBE;
	if (bytes_u8(&first) != BLOCK_START)
		return RECOGNISED_NO;
	for (size_t i = 0; i < SEGMENTS; i++) {
		size_t size = first.left < NAME_SIZE ? first.left : NAME_SIZE;
		if (!segments[i].is_beginning ||
		    (size > 0 && memcmp(first.at, segments[i].name, size) != 0))
			continue;
		if (first.left <= NAME_SIZE)
			return RECOGNISED_MAYBE;
		return first.at[NAME_SIZE] < 0x80 && ispunct(first.at[NAME_SIZE])
			       ? RECOGNISED_YES
			       : RECOGNISED_NO;
	}
	return RECOGNISED_NO;
}

static void *
begin(void *shared)
{
	struct hl7 *hl7 = calloc(1, sizeof(*hl7));

	if (hl7)
		hl7->lane = shared;
	return hl7;
}

static void
end(void *state)
{
	struct hl7 *hl7 = state;

	for (int i = 0; i < SIDES; i++) {
		kept_release(&hl7->lane->budget, &hl7->side[i].head);
		kept_release(&hl7->lane->budget, &hl7->side[i].answer);
		hl7_waiting_release(hl7, i);
	}
	free(hl7);
}

static struct hl7_side *
side_of(const struct hl7_call *call)
{
	return &call->hl7->side[call->side];
}

static bool
violate(struct hl7_call *call, const char *how)
{
	call->hl7->violation = how;
	return false;
}

/* The message under way, if there is one, is told; 'why' it is not whole, or NULL. */
static void
end_message(struct hl7_call *call, const char *why, bool is_over)
{
	struct hl7_side *side = side_of(call);

	if (side->has_head)
		hl7_report_message(call, why, is_over);
	side->messages += side->has_head;
	side->batch_messages += side->has_head;
	side->has_head = side->has_answer = side->is_head_cut = false;
	side->size = 0;
}

static bool
end_header(struct hl7_call *call)
{
	struct hl7_side *side = side_of(call);
	struct bytes head = bytes_over(side->head.at, side->head.size);

	if (!hl7_delimiters_read(&head, &side->delimiters))
		/* without memory for it the segment is passed over, and counted */
		return side->is_cut || violate(call, "hl7.delimiters");
	if (side->segment == HL7_MSH) {
		side->has_head = true;
		side->is_head_cut = side->is_cut;
		return true;
	}
	if (side->segment == HL7_FHS)
		side->file_batches = 0;
	else
		side->file_batches++;
	side->batch_messages = 0;
	hl7_report_batch(call);
	return true;
}

/* Its last byte has been seen. */
static bool
end_segment(struct hl7_call *call)
{
	struct hl7_side *side = side_of(call);
	bool is_fine = true;

	if (side->is_cut)
		call->hl7->lane->counters.cut++;
	switch (side->segment) {
	case HL7_MSH:
	case HL7_FHS:
	case HL7_BHS:
		is_fine = end_header(call);
		break;
	case HL7_BTS:
	case HL7_FTS:
		hl7_report_batch(call);
		break;
	case HL7_MSA:
		side->has_answer = side->has_head;
		side->is_answer_cut = side->is_cut;
		break;
	case HL7_OTHER:
		break;
	}
	side->segment = HL7_OTHER;
	side->name_size = 0;
	side->is_cut = false;
	return is_fine;
}

/* The segment's name is whole: is it one that is read? */
static bool
begin_segment(struct hl7_call *call)
{
	struct hl7_side *side = side_of(call);
	size_t row = find_segment(side->name);
	bool is_beginning = row < SEGMENTS && segments[row].is_beginning;

	side->segment = row < SEGMENTS ? segments[row].segment : HL7_OTHER;
	if (side->is_first && !is_beginning) {
		if (!side->is_resync)
			return violate(call, "hl7.first_segment");
		side->phase = HL7_LOST; /* that was no beginning after all */
		return true;
	}
	side->is_first = side->is_resync = false;
	if (side->segment == HL7_MSA) {
		side->answer.size = 0;
	} else if (is_beginning) {
		side->size -= NAME_SIZE;
		end_message(call, NULL, false);
		side->head.size = 0;
		side->size = NAME_SIZE;
	}
	return true;
}

/* Bytes of one segment, without its end. */
static bool
take_segment(struct hl7_call *call, struct bytes part)
{
	struct hl7_side *side = side_of(call);

	while (part.left > 0 && side->name_size < NAME_SIZE) {
		uint8_t byte = bytes_u8(&part);
		side->size++;
		side->name[side->name_size++] = byte;
		if (side->name_size == NAME_SIZE && !begin_segment(call))
			return false;
		if (side->phase == HL7_LOST)
			return true;
	}
	side->size += part.left;
	struct kept *kept = side->segment == HL7_MSA ? &side->answer : &side->head;
	if (side->segment != HL7_OTHER && part.left > 0 && !side->is_cut)
		side->is_cut = !kept_add(&call->hl7->lane->budget, kept, part,
					 HL7_SEGMENT_MAX);
	return true;
}

static void
begin_block(struct hl7_side *side)
{
	side->is_resync = side->phase == HL7_LOST;
	side->phase = HL7_IN_BLOCK;
	side->is_first = true;
	side->name_size = 0;
	side->segment = HL7_OTHER;
	side->is_cut = false;
	side->size = 0;
}

/* <CR> belongs behind a block; it may lack, or be followed by <LF>. */
static bool
take_between(struct hl7_call *call, struct bytes *data)
{
	uint8_t byte = bytes_u8(data);

	if (byte == BLOCK_START)
		begin_block(side_of(call));
	else if (byte != '\r' && byte != '\n')
		return violate(call, "hl7.block_start");
	return true;
}

/* After a gap: the next block is the next thing that can be known. */
static void
take_lost(struct hl7_call *call, struct bytes *data)
{
	const uint8_t *start = memchr(data->at, BLOCK_START, data->left);

	if (start == NULL) {
		bytes_take(data, data->left);
		return;
	}
	bytes_take(data, (size_t)(start - data->at) + 1);
	begin_block(side_of(call));
}

static bool
end_block(struct hl7_call *call)
{
	struct hl7_side *side = side_of(call);

	bool is_commit = side->name_size == 1 &&
			 (side->name[0] == MLLP_ACK || side->name[0] == MLLP_NAK);

	if (side->is_first && !side->is_resync && !is_commit)
		return violate(call, "hl7.first_segment");
	if (side->name_size == NAME_SIZE && !end_segment(call)) /* its <CR> lacks */
		return false;
	end_message(call, NULL, false);
	side->phase = HL7_BETWEEN;
	return true;
}

/*
 * Some end their segments by <LF>, or <CR> <LF>.  If <LF> did not end one, the
 * PID behind it would be read as the last fields of MSH.
 */
static bool
is_boundary(uint8_t byte)
{
	return byte == '\r' || byte == '\n' || byte == BLOCK_END || byte == BLOCK_START;
}

static size_t
segment_size(struct bytes data)
{
	size_t size = 0;

	while (size < data.left && !is_boundary(data.at[size]))
		size++;
	return size;
}

static bool
take_block(struct hl7_call *call, struct bytes *data)
{
	struct hl7_side *side = side_of(call);

	if (!take_segment(call, bytes_window(data, segment_size(*data))))
		return false;
	if (data->left == 0 || side->phase == HL7_LOST)
		return true;
	switch (bytes_u8(data)) {
	case BLOCK_END:
		return end_block(call);
	case BLOCK_START:
		return violate(call, "hl7.block_in_block");
	default:
		side->size++;
		if (side->name_size == NAME_SIZE)
			return end_segment(call);
		side->name_size = 0; /* an empty line, or less than a name */
		return true;
	}
}

static enum dissect_result
feed(void *state, int side, struct bytes data, struct instant at,
     const struct dissect_out *out)
{
	struct hl7_call call = { state, side, at, out };
	struct hl7_side *from = side_of(&call);
	bool is_fine = true;

	while (is_fine && data.left > 0) {
		if (from->phase == HL7_BETWEEN)
			is_fine = take_between(&call, &data);
		else if (from->phase == HL7_LOST)
			take_lost(&call, &data);
		else
			is_fine = take_block(&call, &data);
	}
	return is_fine ? DISSECT_MORE : DISSECT_VIOLATION;
}

static enum dissect_result
gap(void *state, int side, uint64_t missing, struct instant at,
    const struct dissect_out *out)
{
	struct hl7_call call = { state, side, at, out };
	struct hl7_side *from = side_of(&call);

	(void)missing;
	end_message(&call, "loss", false);
	from->gaps++;
	from->phase = HL7_LOST;
	return DISSECT_MORE;
}

static void
finish(void *state, struct instant at, const struct dissect_out *out)
{
	for (int side = 0; side < SIDES; side++) {
		struct hl7_call call = { state, side, at, out };
		end_message(&call, "truncated", true);
	}
	for (int side = 0; side < SIDES; side++) {
		struct hl7_call call = { state, side, at, out };
		hl7_give_up(&call);
	}
}

static const char *
violation(const void *state)
{
	return ((const struct hl7 *)state)->violation;
}

const struct dissector dissector_hl7 = {
	.name = "hl7",
	.recognise = recognise,
	.begin = begin,
	.feed = feed,
	.gap = gap,
	.finish = finish,
	.end = end,
	.violation = violation,
	.shared_new = dissect_lane_new,
	.shared_free = dissect_lane_free,
	.counters = dissect_lane_counters,
};
