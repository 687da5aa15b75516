/* SPDX-License-Identifier: Apache-2.0 */
/* dicom_life: the life of an association: asked for, answered, used, released or broken
 * off. */
#include <string.h>

#include "sensor/dissect/dicom_state.h"

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

void
dicom_tell_accepted(struct dicom_call *call)
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
		dicom_tell_accepted(call);
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

bool
dicom_pdu(struct dicom_call *call, struct bytes body)
{
	switch (side_of(call)->type) {
	case DICOM_REQUEST:
		return take_request(call);
	case DICOM_ACCEPT:
		return take_accept(call);
	case DICOM_REJECT:
		return take_reject(call, body);
	case DICOM_ABORT:
		return take_abort(call, body);
	case DICOM_RELEASE:
	case DICOM_RELEASED:
		return take_release(call);
	default: /* data */
		return true;
	}
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
	if (has_lost || call->out->is_cut)
		return NULL;
	if (dicom->is_accepted)
		return "closed";
	return call->out->is_seen(call->out->ctx, !dicom->client) ? "unanswered" : NULL;
}

void
dicom_give_up(struct dicom_call *call)
{
	conclude(call, last_outcome(call));
}
