/* SPDX-License-Identifier: Apache-2.0 */
/* rdp: how a remote desktop is negotiated (MS-RDPBCGR 1.3.1.1), and TLS behind it. */
#include <stdlib.h>
#include <string.h>

#include "sensor/dissect/rdp_state.h"
#include "sensor/dissect/tls_upgrade.h"
#include "sensor/dissect/utf16.h"

enum {
	TPKT = 3,
	TLS_FIRST = 20, /* types of TLS records: an alert may be all there is of it */
	TLS_LAST = 24,
	TPKT_HEADER = 4,
	CONNECTION_REQUEST = 0xe0, /* X.224 section 13.3 */
	CONNECTION_CONFIRM = 0xd0,
	DATA = 0xf0,
	NEGOTIATION_REQUEST = 1,
	NEGOTIATION_RESPONSE = 2,
	NEGOTIATION_FAILURE = 3,
	NEGOTIATION_SIZE = 8,
	CONNECT_REQUEST = 0x65, /* T.125, behind 0x7f */
	CONNECT_RESPONSE = 0x66
};

/* A confirm with nothing but what the server chose. */
static enum recognition
recognise_confirm(struct bytes first)
{
	static const uint8_t begin[] = { TPKT, 0, 0, 19, 14, CONNECTION_CONFIRM };

	for (size_t i = 0; i < sizeof(begin) && i < first.left; i++)
		if (first.at[i] != begin[i])
			return RECOGNISED_NO;
	if (first.left < 19)
		return RECOGNISED_MAYBE;
	const uint8_t *end = first.at + 19 - NEGOTIATION_SIZE;
	bool is_ours = end[0] == NEGOTIATION_RESPONSE || end[0] == NEGOTIATION_FAILURE;
	return is_ours && end[2] == NEGOTIATION_SIZE && end[3] == 0 ? RECOGNISED_YES
								    : RECOGNISED_NO;
}

static enum recognition
recognise(struct bytes first, int side)
{
	enum recognition confirm = recognise_confirm(first);

	return confirm != RECOGNISED_NO ? confirm
					: tls_behind_rdp.recognise(first, side);
}

static void *
begin(void *shared)
{
	struct behind_lane *lane = shared;
	struct rdp *rdp = calloc(1, sizeof(*rdp));

	if (rdp == NULL || !behind_begin(&rdp->tls, &tls_behind_rdp, lane)) {
		lane->lane.counters.no_memory++;
		free(rdp);
		return NULL;
	}
	rdp->lane = lane;
	rdp->client = -1;
	return rdp;
}

static void
client_is(struct rdp *rdp, int side, const struct dissect_out *out)
{
	if (rdp->client < 0)
		out->client_is(out->ctx, side);
	rdp->client = side;
}

static void
reach(struct rdp *rdp, enum rdp_stage stage)
{
	if (stage > rdp->stage)
		rdp->stage = stage;
}

/* "Cookie: mstshash=name" and CR LF, or a load balancer's token in its place. */
static void
take_cookie(struct rdp_request *request, struct bytes *data)
{
	static const char name[] = "Cookie: mstshash=";
	size_t size = strlen(name);
	const uint8_t *end = memmem(data->at, data->left, "\r\n", 2);

	if (end == NULL)
		return;
	struct bytes line = bytes_window(data, (size_t)(end - data->at));
	bytes_take(data, 2);
	request->has_token = line.left < size || memcmp(line.at, name, size) != 0;
	if (request->has_token)
		return;
	bytes_take(&line, size);
	request->has_cookie = true;
	request->cookie_size =
		(uint8_t)(line.left < RDP_COOKIE_MAX ? line.left : RDP_COOKIE_MAX);
	memcpy(request->cookie, line.at, request->cookie_size);
}

static void
take_request(struct rdp *rdp, int side, struct bytes data,
	     const struct dissect_out *out)
{
	struct rdp_request *request = &rdp->request;

	client_is(rdp, side, out);
	reach(rdp, RDP_REQUEST);
	if (request->is_seen)
		return;
	request->is_seen = true;
	if (data.left > 0)
		take_cookie(request, &data);
	uint8_t type = bytes_u8(&data);
	uint8_t flags = bytes_u8(&data);
	bytes_take(&data, 2);
	uint32_t protocols = bytes_u32le(&data);
	if (!bytes_ok(&data) || type != NEGOTIATION_REQUEST)
		return;
	request->has_negotiation = true;
	request->flags = flags;
	request->protocols = protocols;
}

/* Without a negotiation a server of old means its own security. */
static void
take_confirm(struct rdp *rdp, int side, struct bytes data,
	     const struct dissect_out *out)
{
	struct rdp_answer *answer = &rdp->answer;

	client_is(rdp, !side, out);
	reach(rdp, RDP_RESPONSE);
	if (answer->is_seen)
		return;
	answer->is_seen = true;
	uint8_t type = bytes_u8(&data);
	bytes_take(&data, 3);
	uint32_t code = bytes_u32le(&data);
	if (!bytes_ok(&data))
		return;
	answer->is_failure = type == NEGOTIATION_FAILURE;
	answer->code = code;
}

static void
take_data(struct rdp *rdp, struct bytes data)
{
	uint8_t application = bytes_u8(&data);
	uint8_t tag = bytes_u8(&data);

	if (!bytes_ok(&data) || application != 0x7f)
		return;
	if (tag == CONNECT_REQUEST && rdp->stage < RDP_CONNECT_REQUEST) {
		reach(rdp, RDP_CONNECT_REQUEST);
		rdp_connect_request(rdp, data);
	} else if (tag == CONNECT_RESPONSE && rdp->stage < RDP_CONNECT_RESPONSE) {
		reach(rdp, RDP_CONNECT_RESPONSE);
		rdp_connect_response(rdp, data);
	}
}

static void
take_tpkt(struct rdp *rdp, int side, struct bytes data, const struct dissect_out *out)
{
	bytes_take(&data, TPKT_HEADER);
	uint8_t size = bytes_u8(&data);
	uint8_t code = bytes_u8(&data);

	if (code == DATA) {
		bytes_take(&data, 1);
		take_data(rdp, data);
		return;
	}
	bytes_take(&data, 5);
	if (!bytes_ok(&data) || size < 6)
		return;
	struct bytes rest =
		bytes_window(&data, data.left < size - 6u ? data.left : size - 6u);
	if (code == CONNECTION_REQUEST)
		take_request(rdp, side, rest, out);
	else if (code == CONNECTION_CONFIRM)
		take_confirm(rdp, side, rest, out);
}

static uint64_t
size_of(struct bytes first)
{
	uint8_t version = bytes_u8(&first);
	bytes_u8(&first);
	uint16_t size = bytes_u16(&first);

	if (version != TPKT)
		return PIECE_BROKEN;
	if (!bytes_ok(&first))
		return PIECE_UNKNOWN;
	return size < TPKT_HEADER + 3 ? PIECE_BROKEN : size;
}

/* The negotiation is over: TLS begins, the server refused, or all was said in the
 * clear. */
static bool
is_settled(const struct rdp *rdp)
{
	return behind_has_begun(&rdp->tls, 0) || behind_has_begun(&rdp->tls, 1) ||
	       rdp->answer.is_failure || rdp->stage == RDP_CONNECT_RESPONSE;
}

static enum dissect_result
conclude(struct rdp *rdp, bool is_good, struct instant at,
	 const struct dissect_out *out)
{
	if (is_settled(rdp) || rdp->tls.is_over)
		rdp_report(rdp, at, out);
	if (!is_good)
		rdp->violation = behind_violation(&rdp->tls);
	if (rdp->violation)
		return DISSECT_VIOLATION;
	bool is_over = rdp->answer.is_failure || rdp->stage == RDP_CONNECT_RESPONSE ||
		       rdp->tls.is_over;
	return is_over ? DISSECT_DONE : DISSECT_MORE;
}

/* TLS, which is no TPKT, stands where one would begin. */
static bool
is_tls_next(const struct rdp *rdp, int side, struct bytes data)
{
	const struct pieces *pieces = &rdp->pieces[side];
	bool is_between = pieces->is_handed_out || pieces->kept.size == 0;

	return pieces->skip == 0 && is_between && data.left > 0 &&
	       data.at[0] >= TLS_FIRST && data.at[0] <= TLS_LAST;
}

static void
take_clear(struct rdp *rdp, int side, struct bytes data, const struct dissect_out *out)
{
	struct piece piece;

	while (rdp->stage < RDP_CONNECT_RESPONSE && !is_tls_next(rdp, side, data))
		switch (pieces_message(&rdp->pieces[side], &rdp->lane->lane.budget,
				       size_of, TPKT_HEADER, RDP_KEPT_MAX, &data,
				       &piece)) {
		case PIECES_ONE:
			rdp->lane->lane.counters.cut += piece.is_cut;
			take_tpkt(rdp, side, piece.data, out);
			break;
		case PIECES_BROKEN:
			rdp->violation = "rdp.invalid_tpkt";
			return;
		case PIECES_NONE:
			return;
		}
}

static enum dissect_result
feed(void *state, int side, struct bytes data, struct instant at,
     const struct dissect_out *out)
{
	struct rdp *rdp = state;
	bool was_tls = behind_has_begun(&rdp->tls, side);
	bool is_good = behind_feed(&rdp->tls, side, data, at, out);

	if (!was_tls && !rdp->is_lost[side])
		take_clear(rdp, side, data, out);
	return conclude(rdp, is_good, at, out);
}

static enum dissect_result
gap(void *state, int side, uint64_t missing, struct instant at,
    const struct dissect_out *out)
{
	struct rdp *rdp = state;
	bool is_good = behind_gap(&rdp->tls, side, missing, at, out);

	rdp->is_lost[side] = true;
	pieces_release(&rdp->pieces[side], &rdp->lane->lane.budget);
	return conclude(rdp, is_good, at, out);
}

static void
finish(void *state, struct instant at, const struct dissect_out *out)
{
	struct rdp *rdp = state;

	rdp_report(rdp, at, out);
	behind_finish(&rdp->tls, at, out);
}

static void
end(void *state)
{
	struct rdp *rdp = state;

	for (int side = 0; side < SIDES; side++)
		pieces_release(&rdp->pieces[side], &rdp->lane->lane.budget);
	behind_end(&rdp->tls);
	free(rdp);
}

static const char *
violation(const void *state)
{
	return ((const struct rdp *)state)->violation;
}

const struct dissector dissector_rdp = {
	.name = "rdp",
	.recognise = recognise,
	.begin = begin,
	.feed = feed,
	.gap = gap,
	.finish = finish,
	.end = end,
	.violation = violation,
	.shared_new = behind_lane_new,
	.shared_free = behind_lane_free,
	.counters = dissect_lane_counters,
};
