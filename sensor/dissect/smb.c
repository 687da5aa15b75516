/* SPDX-License-Identifier: Apache-2.0 */
/* smb: log-ins and shares of SMB 1, 2 and 3 (MS-CIFS, MS-SMB2), over TCP and NetBIOS.
 */
#include <stdlib.h>
#include <string.h>

#include "sensor/dissect/smb_state.h"

enum { FRAME = 4, SESSION_MESSAGE = 0, SESSION_REQUEST = 0x81, KEEP_ALIVE = 0x85 };

/* A frame of a NetBIOS session request (RFC 1002 section 4.3.2): two encoded names. */
static enum recognition
recognise_session_request(struct bytes first)
{
	static const uint8_t begin[] = { SESSION_REQUEST, 0, 0, 68, 32 };

	for (size_t i = 0; i < sizeof(begin) && i < first.left; i++)
		if (first.at[i] != begin[i])
			return RECOGNISED_NO;
	for (size_t i = sizeof(begin); i < first.left && i < sizeof(begin) + 32; i++)
		if (first.at[i] < 'A' || first.at[i] > 'P')
			return RECOGNISED_NO;
	return first.left >= sizeof(begin) + 32 ? RECOGNISED_YES : RECOGNISED_MAYBE;
}

static enum recognition
recognise(struct bytes first, int side)
{
	(void)side;
	if (first.left == 0)
		return RECOGNISED_MAYBE;
	if (first.at[0] != SESSION_MESSAGE)
		return recognise_session_request(first);
	if (first.left > 4 && first.at[4] < 0xfd)
		return RECOGNISED_NO;
	for (size_t i = 5; i < first.left && i < 8; i++)
		if (first.at[i] != "SMB"[i - 5])
			return RECOGNISED_NO;
	return first.left >= 8 ? RECOGNISED_YES : RECOGNISED_MAYBE;
}

static void *
begin(void *shared)
{
	struct dissect_lane *lane = shared;
	struct smb *smb = calloc(1, sizeof(*smb));

	if (smb == NULL) {
		lane->counters.no_memory++;
		return NULL;
	}
	smb->lane = lane;
	smb->client = -1;
	return smb;
}

void
smb_client_is(struct smb *smb, int side, const struct dissect_out *out)
{
	if (smb->client >= 0)
		return;
	smb->client = side;
	out->client_is(out->ctx, side);
}

static uint64_t
size_of(struct bytes first)
{
	uint8_t type = bytes_u8(&first);
	uint32_t size = bytes_u8(&first);

	size = size << 16 | bytes_u16(&first);
	if (!bytes_ok(&first))
		return PIECE_UNKNOWN;
	bool is_frame = type == SESSION_MESSAGE ||
			(type >= SESSION_REQUEST && type <= KEEP_ALIVE);
	return is_frame ? FRAME + (uint64_t)size : PIECE_BROKEN;
}

static void
take_frame(struct smb *smb, int side, struct bytes data, struct instant at,
	   const struct dissect_out *out)
{
	if (data.at[0] != SESSION_MESSAGE)
		return;
	bytes_take(&data, FRAME);
	if (data.left < 4)
		return;
	if (memcmp(data.at + 1, "SMB", 3) != 0) {
		smb->violation = "smb.malformed_data";
		return;
	}
	switch (data.at[0]) {
	case 0xff:
		smb1_message(smb, side, data, at, out);
		return;
	case 0xfe:
		smb2_message(smb, side, data, at, out);
		return;
	case 0xfd:
		smb->is_encrypted = smb->is_smb2 = true;
		return;
	default: /* compressed */
		return;
	}
}

static enum dissect_result
conclude(const struct smb *smb)
{
	if (smb->violation)
		return DISSECT_VIOLATION;
	return smb->is_lost[0] && smb->is_lost[1] ? DISSECT_DONE : DISSECT_MORE;
}

static enum dissect_result
feed(void *state, int side, struct bytes data, struct instant at,
     const struct dissect_out *out)
{
	struct smb *smb = state;
	struct piece piece;

	while (!smb->is_lost[side] && smb->violation == NULL)
		switch (pieces_message(&smb->pieces[side], &smb->lane->budget, size_of,
				       FRAME, SMB_KEPT_MAX, &data, &piece)) {
		case PIECES_ONE:
			take_frame(smb, side, piece.data, at, out);
			break;
		case PIECES_BROKEN:
			smb->violation = "smb.malformed_nbss";
			break;
		case PIECES_NONE:
			return conclude(smb);
		}
	return conclude(smb);
}

/* Lost within a message that is passed over, nothing is lost. */
static enum dissect_result
gap(void *state, int side, uint64_t missing, struct instant at,
    const struct dissect_out *out)
{
	struct smb *smb = state;

	(void)at;
	(void)out;
	smb->is_lost[side] |=
		!pieces_gap(&smb->pieces[side], &smb->lane->budget, missing);
	return conclude(smb);
}

static void
finish(void *state, struct instant at, const struct dissect_out *out)
{
	struct smb *smb = state;

	if (!smb->is_session_told &&
	    (smb->has_request || smb->has_answer || smb->is_encrypted))
		smb_report_session(smb, false, 0, 0, at, out);
	for (int i = 0; i < SMB_TREES_MAX; i++)
		if (smb->tree[i])
			smb_tree_over(smb, smb->tree[i], at, out);
}

static void
end(void *state)
{
	struct smb *smb = state;

	for (int side = 0; side < SIDES; side++)
		pieces_release(&smb->pieces[side], &smb->lane->budget);
	for (int i = 0; i < SMB_TREES_MAX; i++) {
		if (smb->tree[i])
			smb->lane->budget.held -= sizeof(*smb->tree[i]);
		free(smb->tree[i]);
	}
	free(smb);
}

static const char *
violation(const void *state)
{
	return ((const struct smb *)state)->violation;
}

const struct dissector dissector_smb = {
	.name = "smb",
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
