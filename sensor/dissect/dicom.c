/* SPDX-License-Identifier: Apache-2.0 */
/* dicom: the dissector of the DICOM upper layer: PDUs, fragments, the life of an
 * association. */
#include <stdlib.h>
#include <string.h>

#include "sensor/dissect/dicom_state.h"

enum {
	PDV_INNER = 2 /* bytes of a PDV's length that are id and control */
};

static void *
begin(void *shared)
{
	struct dicom *dicom = calloc(1, sizeof(*dicom));

	if (dicom) {
		dicom->lane = shared;
		dicom->client = -1;
	}
	return dicom;
}

static void
end(void *state)
{
	struct dicom *dicom = state;
	struct kept_budget *budget = &dicom->lane->budget;

	for (int i = 0; i < SIDES; i++) {
		kept_release(budget, &dicom->side[i].body);
		kept_release(budget, &dicom->side[i].command);
	}
	kept_release(budget, &dicom->request);
	kept_release(budget, &dicom->answer);
	free(dicom);
}

static struct dicom_side *
side_of(const struct dicom_call *call)
{
	return &call->dicom->side[call->side];
}

static bool
violate(struct dicom_call *call, const char *how)
{
	call->dicom->violation = how;
	return false;
}

/* A PDU without data is whole. */
static bool
end_pdu(struct dicom_call *call)
{
	struct dicom_side *side = side_of(call);
	struct bytes body = bytes_over(side->body.at, side->body.size);
	bool is_fine = true;

	if (side->is_body_cut)
		call->dicom->lane->counters.cut++;
	if (side->type == DICOM_DATA &&
	    side->pdv_size > 0) /* its last PDV has to end here too */
		is_fine = violate(call, "dicom.pdv_length");
	else if (side->type != DICOM_DATA)
		is_fine = dicom_pdu(call, body);
	kept_release(&call->dicom->lane->budget, &side->body);
	side->type = 0;
	side->is_body_cut = false;
	return is_fine;
}

static bool
begin_pdu(struct dicom_call *call)
{
	struct dicom_side *side = side_of(call);
	struct bytes header = bytes_over(side->header, DICOM_HEADER);
	bool is_fixed;

	side->header_size = 0;
	side->type = bytes_u8(&header);
	bytes_u8(&header);
	side->left = bytes_u32(&header);
	if (side->type < DICOM_REQUEST || side->type > DICOM_ABORT)
		return violate(call, "dicom.pdu_type");
	is_fixed = side->type == DICOM_REJECT || side->type > DICOM_DATA;
	if (is_fixed ? side->left != DICOM_FIXED
		     : side->left < (side->type == DICOM_DATA ? DICOM_HEADER
							      : DICOM_ASSOCIATE))
		return violate(call, "dicom.pdu_length");
	if (side->type == DICOM_DATA)
		call->dicom->is_accepted = true; /* whether that was seen or not */
	return true;
}

/* The header of a PDV is whole. */
static bool
begin_pdv(struct dicom_call *call)
{
	struct dicom_side *side = side_of(call);
	struct bytes header = bytes_over(side->pdv, DICOM_HEADER);
	uint32_t size = bytes_u32(&header);
	uint8_t id = bytes_u8(&header);

	if (size < PDV_INNER || size - PDV_INNER > side->left)
		return violate(call, "dicom.pdv_length");
	if (id % 2 == 0)
		return violate(call, "dicom.context_id");
	side->pdv_left = size - PDV_INNER;
	return true;
}

/* The command set is whole. */
static bool
end_command(struct dicom_call *call)
{
	struct dicom_side *side = side_of(call);
	const char *how = NULL;

	if (side->is_command_cut) {
		call->dicom->lane->counters.cut++;
		call->dicom->is_command_lost = true;
	} else {
		how = dicom_command(call,
				    bytes_over(side->command.at, side->command.size));
	}
	side->command.size = 0;
	side->is_command_cut = false;
	if (how != NULL)
		return violate(call, how);
	dicom_tell_accepted(call);
	return true;
}

/* Bytes of the PDV under way; of a data set they are counted only. */
static bool
take_pdv(struct dicom_call *call, struct bytes part)
{
	struct dicom_side *side = side_of(call);
	uint8_t control = side->pdv[DICOM_HEADER - 1];

	side->pdv_left -= (uint32_t)part.left;
	if (!(control & DICOM_IS_COMMAND))
		side->data_bytes += part.left;
	else if (!side->is_command_cut)
		side->is_command_cut =
			!kept_add(&call->dicom->lane->budget, &side->command, part,
				  DICOM_COMMAND_MAX);
	if (side->pdv_left > 0)
		return true;
	side->pdv_size = 0;
	return (control & (DICOM_IS_COMMAND | DICOM_IS_LAST)) !=
		       (DICOM_IS_COMMAND | DICOM_IS_LAST) ||
	       end_command(call);
}

static bool
take_data(struct dicom_call *call, struct bytes *data)
{
	struct dicom_side *side = side_of(call);

	if (side->pdv_size < DICOM_HEADER) {
		side->pdv[side->pdv_size++] = bytes_u8(data);
		side->left--;
		if (side->pdv_size < DICOM_HEADER)
			return true;
		if (!begin_pdv(call))
			return false;
		return side->pdv_left > 0 || take_pdv(call, (struct bytes){ 0 });
	}
	size_t size = data->left < side->pdv_left ? data->left : side->pdv_left;
	side->left -= (uint32_t)size;
	return take_pdv(call, bytes_window(data, size));
}

static void
take_body(struct dicom_call *call, struct bytes *data)
{
	struct dicom_side *side = side_of(call);
	size_t size = data->left < side->left ? data->left : side->left;
	struct bytes part = bytes_window(data, size);

	side->left -= (uint32_t)size;
	if (!side->is_body_cut)
		side->is_body_cut = !kept_add(&call->dicom->lane->budget, &side->body,
					      part, DICOM_ASSOCIATE_MAX);
}

/* One step: a byte of a header, or as much of a body as is there. */
static bool
take(struct dicom_call *call, struct bytes *data)
{
	struct dicom_side *side = side_of(call);

	if (side->type == 0) {
		side->header[side->header_size++] = bytes_u8(data);
		return side->header_size < DICOM_HEADER || begin_pdu(call);
	}
	if (side->type != DICOM_DATA)
		take_body(call, data);
	else if (!take_data(call, data))
		return false;
	return side->left > 0 || end_pdu(call);
}

static enum dissect_result
feed(void *state, int side, struct bytes data, struct instant at,
     const struct dissect_out *out)
{
	struct dicom_call call = { state, side, at, out };
	struct dicom *dicom = call.dicom;

	while (data.left > 0 && !dicom->side[side].is_lost && !dicom->is_over)
		if (!take(&call, &data))
			return DISSECT_VIOLATION;
	return dicom->is_over ? DISSECT_DONE : DISSECT_MORE;
}

/* Inside a data set nothing is lost by bytes that are not seen: how many they were is
 * known. */
static enum dissect_result
gap(void *state, int side, uint64_t missing, struct instant at,
    const struct dissect_out *out)
{
	struct dicom_call call = { state, side, at, out };
	struct dicom_side *from = side_of(&call);
	bool is_data = from->type == DICOM_DATA && from->pdv_size == DICOM_HEADER &&
		       !(from->pdv[DICOM_HEADER - 1] & DICOM_IS_COMMAND);

	if (!is_data || missing >= from->pdv_left) {
		from->is_lost = true;
		return DISSECT_MORE;
	}
	from->pdv_left -= (uint32_t)missing;
	from->left -= (uint32_t)missing;
	from->data_bytes += missing;
	return DISSECT_MORE;
}

static void
finish(void *state, struct instant at, const struct dissect_out *out)
{
	struct dicom_call call = { state, 0, at, out };
	struct dicom *dicom = call.dicom;

	if (dicom->is_over || !(dicom->has_request || dicom->is_accepted))
		return;
	dicom_give_up(&call);
}

static const char *
violation(const void *state)
{
	return ((const struct dicom *)state)->violation;
}

static void
shared_free(void *shared)
{
	struct dicom_lane *lane = shared;

	if (lane)
		dicom_report_free(lane->report);
	free(lane);
}

static void *
shared_new(void)
{
	struct dicom_lane *lane = calloc(1, sizeof(*lane));

	if (lane == NULL)
		return NULL;
	lane->budget.most = DICOM_HELD_MAX;
	lane->report = dicom_report_new();
	if (lane->report == NULL) {
		shared_free(lane);
		return NULL;
	}
	return lane;
}

static struct dissect_counters
counters(const void *shared)
{
	return ((const struct dicom_lane *)shared)->counters;
}

const struct dissector dissector_dicom = {
	.name = "dicom",
	.recognise = dicom_recognise,
	.begin = begin,
	.feed = feed,
	.gap = gap,
	.finish = finish,
	.end = end,
	.violation = violation,
	.shared_new = shared_new,
	.shared_free = shared_free,
	.counters = counters,
};
