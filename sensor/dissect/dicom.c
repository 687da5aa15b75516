/* SPDX-License-Identifier: Apache-2.0 */
/* dicom: the dissector of the DICOM upper layer: PDUs, fragments, the life of an
 * association. */
#include <stdlib.h>
#include <string.h>

#include "sensor/dissect/dicom_state.h"

enum {
	HEADER = 6,     /* of a PDU, and of a PDV with its length */
	FIXED = 4,      /* bytes of all PDUs that are neither data nor about contexts */
	ASSOCIATE = 68, /* bytes of a request or its answer before the items */
	PDV_INNER = 2,  /* bytes of a PDV's length that are id and control */
	IS_COMMAND = 1, /* PS3.8 annex E.2 */
	IS_LAST = 2,
	PLAUSIBLE = 1 << 20 /* bytes of a request; more is not taken for one */
};

static bool
is_title(const uint8_t *title)
{
	for (int i = 0; i < DICOM_AE_SIZE; i++)
		if (title[i] < ' ' || title[i] > '~')
			return false;
	return true;
}

/* Request or acceptance: version 1, printable titles, and the application context comes
 * first. */
static enum recognition
recognise_associate(struct bytes first, uint32_t size)
{
	enum { APPLICATION = 0x10 };

	if (size < ASSOCIATE || size > PLAUSIBLE)
		return RECOGNISED_NO;
	uint16_t version = bytes_u16(&first);
	bytes_u16(&first);
	const uint8_t *called = bytes_take(&first, DICOM_AE_SIZE);
	const uint8_t *calling = bytes_take(&first, DICOM_AE_SIZE);
	bytes_take(&first, 32);
	uint8_t item = bytes_u8(&first);
	if (called != NULL && !is_title(called))
		return RECOGNISED_NO;
	if (!bytes_ok(&first))
		return RECOGNISED_MAYBE;
	return (version & 1) && is_title(calling) && item == APPLICATION
		       ? RECOGNISED_YES
		       : RECOGNISED_NO;
}

static enum recognition
recognise_reject(struct bytes first, uint32_t size)
{
	uint8_t zero = bytes_u8(&first), result = bytes_u8(&first);
	uint8_t source = bytes_u8(&first), reason = bytes_u8(&first);

	if (size != FIXED)
		return RECOGNISED_NO;
	if (!bytes_ok(&first))
		return RECOGNISED_MAYBE;
	bool is_one = zero == 0 && result >= 1 && result <= 2 && source >= 1 &&
		      source <= 3 && reason <= 10 && first.left == 0;
	return is_one ? RECOGNISED_YES : RECOGNISED_NO;
}

/* The middle of an association: the first fragment of a command set, which begins with
 * its length. */
static enum recognition
recognise_data(struct bytes first, uint32_t size)
{
	static const uint8_t beginning[] = { 0, 0, 0, 0, 4, 0, 0, 0 };
	uint32_t pdv = bytes_u32(&first);
	uint8_t id = bytes_u8(&first), control = bytes_u8(&first);
	const uint8_t *set = bytes_take(&first, sizeof(beginning));

	if (size < HEADER + sizeof(beginning))
		return RECOGNISED_NO;
	if (!bytes_ok(&first))
		return RECOGNISED_MAYBE;
	return pdv <= size - 4 && id % 2 == 1 && (control & ~IS_LAST) == IS_COMMAND &&
			       memcmp(set, beginning, sizeof(beginning)) == 0
		       ? RECOGNISED_YES
		       : RECOGNISED_NO;
}

/* By what stands in the first PDU of either side; never by port. */
static enum recognition
recognise(struct bytes first, int side)
{
	uint8_t type = bytes_u8(&first), zero = bytes_u8(&first);
	uint32_t size = bytes_u32(&first);

	(void)side;
	if (first.left == 0 && first.is_short)
		return type <= DICOM_DATA && zero == 0 ? RECOGNISED_MAYBE
						       : RECOGNISED_NO;
	if (zero != 0)
		return RECOGNISED_NO;
	switch (type) {
	case DICOM_REQUEST:
	case DICOM_ACCEPT:
		return recognise_associate(first, size);
	case DICOM_REJECT:
		return recognise_reject(first, size);
	case DICOM_DATA:
		return recognise_data(first, size);
	default:
		return RECOGNISED_NO;
	}
}

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

bool
dicom_client_is(struct dicom_call *call, int side)
{
	if (call->dicom->client != -1)
		return call->dicom->client == side;
	call->dicom->client = side;
	call->out->client_is(call->out->ctx, side);
	return true;
}

/* Keeps the body of a request or its answer, and whom it names. */
static bool
keep_associate(struct dicom_call *call, struct kept *kept)
{
	struct dicom *dicom = call->dicom;
	struct dicom_side *side = side_of(call);
	struct dicom_associate associate;
	const char *how =
		dicom_associate_read(bytes_over(side->body.at, side->body.size),
				     side->is_body_cut, &associate);

	/* without memory for it nothing of it was kept: that is no fault of the sender
	 */
	if (how != NULL && !side->is_body_cut)
		return violate(call, how);
	if (how == NULL && !dicom->has_titles) {
		memcpy(dicom->called, associate.called, DICOM_AE_SIZE);
		memcpy(dicom->calling, associate.calling, DICOM_AE_SIZE);
		dicom->has_titles = true;
	}
	*kept = side->body;
	side->body = (struct kept){ 0 };
	return true;
}

static bool
take_request(struct dicom_call *call)
{
	struct dicom *dicom = call->dicom;

	if (dicom->has_request || dicom->has_answer || dicom->is_told ||
	    !dicom_client_is(call, call->side))
		return violate(call, "dicom.unexpected_pdu");
	dicom->has_request = true;
	dicom->is_request_cut = side_of(call)->is_body_cut;
	return keep_associate(call, &dicom->request);
}

static bool
take_accept(struct dicom_call *call)
{
	struct dicom *dicom = call->dicom;

	if (dicom->has_answer || dicom->is_told || !dicom_client_is(call, !call->side))
		return violate(call, "dicom.unexpected_pdu");
	dicom->has_answer = dicom->is_accepted = true;
	dicom->is_answer_cut = side_of(call)->is_body_cut;
	if (!keep_associate(call, &dicom->answer))
		return false;
	dicom_report_association(call, "accepted");
	return true;
}

/* Data flow without a word of how the association came about: it was accepted, unseen.
 */
static void
tell_accepted(struct dicom_call *call)
{
	if (call->dicom->client == -1) /* not even a command says who asked */
		dicom_client_is(call, call->side);
	if (!call->dicom->is_told)
		dicom_report_association(call, "accepted");
}

/* Both see it as over. */
static void
conclude(struct dicom_call *call, const char *outcome)
{
	if (call->dicom->is_accepted) {
		tell_accepted(call);
		dicom_report_end(call, outcome);
	} else {
		dicom_report_association(call, outcome);
	}
	call->dicom->is_over = true;
}

static bool
take_reject(struct dicom_call *call, struct bytes body)
{
	struct dicom *dicom = call->dicom;

	if (dicom->has_answer || dicom->is_told || !dicom_client_is(call, !call->side))
		return violate(call, "dicom.unexpected_pdu");
	bytes_u8(&body);
	for (size_t i = 0; i < sizeof(dicom->reject); i++)
		dicom->reject[i] = bytes_u8(&body);
	conclude(call, "rejected");
	return true;
}

static bool
take_abort(struct dicom_call *call, struct bytes body)
{
	if (call->dicom->client == -1)
		return violate(call, "dicom.unexpected_pdu");
	bytes_u16(&body);
	call->dicom->abort[0] = bytes_u8(&body);
	call->dicom->abort[1] = bytes_u8(&body);
	conclude(call, "aborted");
	return true;
}

static bool
take_release(struct dicom_call *call)
{
	struct dicom *dicom = call->dicom;
	bool is_answer = side_of(call)->type == DICOM_RELEASED;

	if (!dicom->is_accepted)
		return violate(call, "dicom.unexpected_pdu");
	if (!is_answer) {
		dicom->is_release_asked = true;
		dicom->release_side = call->side;
		return true;
	}
	conclude(call, "released");
	return true;
}

/* A PDU without data is whole. */
static bool
end_pdu(struct dicom_call *call)
{
	struct dicom_side *side = side_of(call);
	struct bytes body = bytes_over(side->body.at, side->body.size);
	bool is_fine = true;

	if (side->is_body_cut)
		call->dicom->lane->counters.associations_cut++;
	switch (side->type) {
	case DICOM_REQUEST:
		is_fine = take_request(call);
		break;
	case DICOM_ACCEPT:
		is_fine = take_accept(call);
		break;
	case DICOM_REJECT:
		is_fine = take_reject(call, body);
		break;
	case DICOM_ABORT:
		is_fine = take_abort(call, body);
		break;
	case DICOM_RELEASE:
	case DICOM_RELEASED:
		is_fine = take_release(call);
		break;
	default: /* data: its last PDV has to end here too */
		if (side->pdv_size > 0)
			is_fine = violate(call, "dicom.pdv_length");
	}
	kept_release(&call->dicom->lane->budget, &side->body);
	side->type = 0;
	side->is_body_cut = false;
	return is_fine;
}

static bool
begin_pdu(struct dicom_call *call)
{
	struct dicom_side *side = side_of(call);
	struct bytes header = bytes_over(side->header, HEADER);
	bool is_fixed;

	side->header_size = 0;
	side->type = bytes_u8(&header);
	bytes_u8(&header);
	side->left = bytes_u32(&header);
	if (side->type < DICOM_REQUEST || side->type > DICOM_ABORT)
		return violate(call, "dicom.pdu_type");
	is_fixed = side->type == DICOM_REJECT || side->type > DICOM_DATA;
	if (is_fixed ? side->left != FIXED
		     : side->left < (side->type == DICOM_DATA ? HEADER : ASSOCIATE))
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
	struct bytes header = bytes_over(side->pdv, HEADER);
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
		call->dicom->lane->counters.commands_cut++;
		call->dicom->is_command_lost = true;
	} else {
		how = dicom_command(call,
				    bytes_over(side->command.at, side->command.size));
	}
	side->command.size = 0;
	side->is_command_cut = false;
	if (how != NULL)
		return violate(call, how);
	tell_accepted(call);
	return true;
}

/* Bytes of the PDV under way; of a data set they are counted only. */
static bool
take_pdv(struct dicom_call *call, struct bytes part)
{
	struct dicom_side *side = side_of(call);
	uint8_t control = side->pdv[HEADER - 1];

	side->pdv_left -= (uint32_t)part.left;
	if (!(control & IS_COMMAND))
		side->data_bytes += part.left;
	else if (!side->is_command_cut)
		side->is_command_cut =
			!kept_add(&call->dicom->lane->budget, &side->command, part,
				  DICOM_COMMAND_MAX);
	if (side->pdv_left > 0)
		return true;
	side->pdv_size = 0;
	return (control & (IS_COMMAND | IS_LAST)) != (IS_COMMAND | IS_LAST) ||
	       end_command(call);
}

static bool
take_data(struct dicom_call *call, struct bytes *data)
{
	struct dicom_side *side = side_of(call);

	if (side->pdv_size < HEADER) {
		side->pdv[side->pdv_size++] = bytes_u8(data);
		side->left--;
		if (side->pdv_size < HEADER)
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
		return side->header_size < HEADER || begin_pdu(call);
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
	bool is_data = from->type == DICOM_DATA && from->pdv_size == HEADER &&
		       !(from->pdv[HEADER - 1] & IS_COMMAND);

	if (!is_data || missing >= from->pdv_left) {
		from->is_lost = true;
		return DISSECT_MORE;
	}
	from->pdv_left -= (uint32_t)missing;
	from->left -= (uint32_t)missing;
	from->data_bytes += missing;
	return DISSECT_MORE;
}

/* How an association that is still open ended, as far as that can be known. */
static const char *
last_outcome(const struct dicom_call *call)
{
	const struct dicom *dicom = call->dicom;
	bool has_lost = dicom->side[0].is_lost || dicom->side[1].is_lost;

	if (dicom->violation)
		return NULL;
	if (dicom->is_release_asked &&
	    !call->out->is_seen(call->out->ctx, !dicom->release_side))
		return "released";
	if (has_lost)
		return NULL;
	if (dicom->is_accepted)
		return "closed";
	return call->out->is_seen(call->out->ctx, !dicom->client) ? "unanswered" : NULL;
}

static void
finish(void *state, struct instant at, const struct dissect_out *out)
{
	struct dicom_call call = { state, 0, at, out };
	struct dicom *dicom = call.dicom;

	if (dicom->is_over || !(dicom->has_request || dicom->is_accepted))
		return;
	conclude(&call, last_outcome(&call));
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

const struct dissector dissector_dicom = {
	.name = "dicom",
	.recognise = recognise,
	.begin = begin,
	.feed = feed,
	.gap = gap,
	.finish = finish,
	.end = end,
	.violation = violation,
	.shared_new = shared_new,
	.shared_free = shared_free,
};
