/* SPDX-License-Identifier: Apache-2.0 */
/* krb5: requests to a Kerberos KDC and its answers, over UDP and TCP (RFC 4120). */
#include <stdlib.h>
#include <string.h>

#include "sensor/dissect/krb5_state.h"

enum { LENGTH = 4, HEAD_MAX = 17 /* to behind the version, with long lengths */ };

/* Tag, length, sequence, and the version as the first field: "a1 03 02 01 05" of
 * requests, "a0 ..." of the others. */
static enum recognition
recognise_message(struct bytes first, size_t size)
{
	static const uint8_t tags[] = { 0x6a, 0x6b, 0x6c, 0x6d, 0x7e };
	static const uint8_t version[] = { 0x03, 0x02, 0x01, 0x05 };
	uint8_t tag = first.left ? first.at[0] : 0x6a;

	if (memchr(tags, tag, sizeof(tags)) == NULL || size < HEAD_MAX)
		return RECOGNISED_NO;
	if (first.left < HEAD_MAX)
		return RECOGNISED_MAYBE;
	bytes_take(&first, 1);
	for (int i = 0; i < 2; i++) {
		uint8_t length = bytes_u8(&first);
		if (length > 0x84)
			return RECOGNISED_NO;
		if (length > 0x80)
			bytes_take(&first, length & 0x7f);
		if (i == 0 && bytes_u8(&first) != 0x30)
			return RECOGNISED_NO;
	}
	uint8_t field = bytes_u8(&first);
	const uint8_t *at = bytes_take(&first, sizeof(version));
	bool is_request = tag == 0x6a || tag == 0x6c;
	return at && field == (is_request ? 0xa1 : 0xa0) &&
			       memcmp(at, version, sizeof(version)) == 0
		       ? RECOGNISED_YES
		       : RECOGNISED_NO;
}

static enum recognition
recognise_stream(struct bytes first, int side)
{
	struct bytes from = first;
	uint32_t size = bytes_u32(&from);

	(void)side;
	if (!bytes_ok(&from))
		return first.left > 0 && first.at[0] != 0 ? RECOGNISED_NO
							  : RECOGNISED_MAYBE;
	if (size > KRB5_MESSAGE_MAX)
		return RECOGNISED_NO;
	return recognise_message(from, size);
}

static enum recognition
recognise_datagram(struct bytes first, int side)
{
	struct krb5_message message;

	(void)side;
	return recognise_message(first, first.left) == RECOGNISED_YES &&
			       krb5_message(first, &message)
		       ? RECOGNISED_YES
		       : RECOGNISED_NO;
}

static void *
begin(void *shared)
{
	struct dissect_lane *lane = shared;
	struct krb5 *krb5 = calloc(1, sizeof(*krb5));

	if (krb5 == NULL) {
		lane->counters.no_memory++;
		return NULL;
	}
	krb5->lane = lane;
	krb5->client = -1;
	return krb5;
}

static bool
is_request(const struct krb5_message *message)
{
	return message->type == KRB5_AS_REQ || message->type == KRB5_TGS_REQ;
}

static bool
is_repeated(const struct krb5_message *one, const struct krb5_message *other)
{
	return one->type == other->type && one->nonce == other->nonce &&
	       one->is_preauthenticated == other->is_preauthenticated;
}

static void
take(struct krb5 *krb5, int side, struct bytes data, struct instant at,
     const struct dissect_out *out)
{
	struct krb5_message message;

	if (!krb5_message(data, &message)) {
		krb5->violation = "krb5.malformed_data";
		return;
	}
	int client = is_request(&message) ? side : !side;
	if (krb5->client < 0) {
		krb5->client = client;
		out->client_is(out->ctx, client);
	}
	if (!is_request(&message)) {
		krb5_report(krb5, &message, at, out);
		krb5->request.type = 0;
		return;
	}
	if (krb5->request.type != 0 && !is_repeated(&krb5->request, &message))
		krb5_report(krb5, NULL, at, out);
	krb5->request = message;
}

static uint64_t
size_of(struct bytes first)
{
	uint32_t size = bytes_u32(&first);

	if (!bytes_ok(&first))
		return PIECE_UNKNOWN;
	return size == 0 || size > KRB5_MESSAGE_MAX ? PIECE_BROKEN
						    : LENGTH + (uint64_t)size;
}

static void
take_piece(struct krb5 *krb5, int side, struct piece *piece, struct instant at,
	   const struct dissect_out *out)
{
	bytes_take(&piece->data, LENGTH);
	if (piece->is_cut)
		krb5->lane->counters.cut++;
	else
		take(krb5, side, piece->data, at, out);
}

static enum dissect_result
conclude(const struct krb5 *krb5)
{
	if (krb5->violation)
		return DISSECT_VIOLATION;
	return krb5->is_lost[0] && krb5->is_lost[1] ? DISSECT_DONE : DISSECT_MORE;
}

static enum dissect_result
feed_stream(void *state, int side, struct bytes data, struct instant at,
	    const struct dissect_out *out)
{
	struct krb5 *krb5 = state;
	struct piece piece;

	while (!krb5->is_lost[side] && krb5->violation == NULL)
		switch (pieces_message(&krb5->pieces[side], &krb5->lane->budget,
				       size_of, LENGTH, KRB5_KEPT_MAX, &data, &piece)) {
		case PIECES_ONE:
			take_piece(krb5, side, &piece, at, out);
			break;
		case PIECES_BROKEN:
			krb5->violation = "krb5.malformed_data";
			break;
		case PIECES_NONE:
			return conclude(krb5);
		}
	return conclude(krb5);
}

static enum dissect_result
gap_stream(void *state, int side, uint64_t missing, struct instant at,
	   const struct dissect_out *out)
{
	struct krb5 *krb5 = state;

	(void)at;
	(void)out;
	krb5->is_lost[side] |=
		!pieces_gap(&krb5->pieces[side], &krb5->lane->budget, missing);
	return conclude(krb5);
}

/* One that was cut is not read: what is missing decides. */
static enum dissect_result
feed_datagram(void *state, int side, struct bytes data, struct instant at,
	      const struct dissect_out *out)
{
	struct krb5 *krb5 = state;

	if (krb5->is_cut)
		krb5->lane->counters.cut++;
	else
		take(krb5, side, data, at, out);
	krb5->is_cut = false;
	return conclude(krb5);
}

static enum dissect_result
gap_datagram(void *state, int side, uint64_t missing, struct instant at,
	     const struct dissect_out *out)
{
	(void)side;
	(void)missing;
	(void)at;
	(void)out;
	((struct krb5 *)state)->is_cut = true;
	return DISSECT_MORE;
}

static void
finish(void *state, struct instant at, const struct dissect_out *out)
{
	struct krb5 *krb5 = state;

	if (krb5->request.type != 0)
		krb5_report(krb5, NULL, at, out);
}

static void
end(void *state)
{
	struct krb5 *krb5 = state;

	for (int side = 0; side < SIDES; side++)
		pieces_release(&krb5->pieces[side], &krb5->lane->budget);
	free(krb5);
}

static const char *
violation(const void *state)
{
	return ((const struct krb5 *)state)->violation;
}

const struct dissector dissector_krb5_tcp = {
	.name = "kerberos",
	.recognise = recognise_stream,
	.begin = begin,
	.feed = feed_stream,
	.gap = gap_stream,
	.finish = finish,
	.end = end,
	.violation = violation,
	.shared_new = dissect_lane_new,
	.shared_free = dissect_lane_free,
	.counters = dissect_lane_counters,
};

const struct dissector dissector_krb5_udp = {
	.name = "kerberos",
	.transport = DISSECT_DATAGRAM,
	.recognise = recognise_datagram,
	.begin = begin,
	.feed = feed_datagram,
	.gap = gap_datagram,
	.finish = finish,
	.end = end,
	.violation = violation,
	.shared_new = dissect_lane_new,
	.shared_free = dissect_lane_free,
	.counters = dissect_lane_counters,
};
