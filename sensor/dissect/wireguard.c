/* SPDX-License-Identifier: Apache-2.0 */
/* wireguard: handshakes and data by their types and sizes; all else is encrypted
 * (wireguard.com/protocol). */
#include "sensor/dissect/talk.h"

enum { INITIATION = 1, RESPONSE = 2, COOKIE = 3, DATA = 4 };
enum { EMPTY_DATA = 32 /* header, counter and tag of a keepalive */ };
enum { INITIATIONS, RESPONSES, COOKIES, DATAS, KEEPALIVES, NOTES }; /* notes */

/* 0 if it is none of its messages. */
static uint8_t
type_of(struct bytes data)
{
	static const size_t sizes[] = {
		[INITIATION] = 148, [RESPONSE] = 92, [COOKIE] = 64
	};

	if (data.left < EMPTY_DATA || data.at[0] < INITIATION || data.at[0] > DATA ||
	    data.at[1] != 0 || data.at[2] != 0 || data.at[3] != 0)
		return 0;
	if (data.at[0] != DATA)
		return data.left == sizes[data.at[0]] ? data.at[0] : 0;
	/* a counter that has come far is none: keys last two minutes */
	bool is_sane = data.at[13] == 0 && data.at[14] == 0 && data.at[15] == 0;
	return data.left % 16 == 0 && is_sane ? DATA : 0;
}

static enum recognition
recognise(struct bytes first, int side)
{
	(void)side;
	return type_of(first) != 0 ? RECOGNISED_YES : RECOGNISED_NO;
}

static void
tell(struct talk *talk, bool is_end)
{
	static const enum field_id fields[NOTES] = {
		[INITIATIONS] = FIELD_WG_INITIATIONS, [RESPONSES] = FIELD_WG_RESPONSES,
		[COOKIES] = FIELD_WG_COOKIES,         [DATAS] = FIELD_WG_DATA,
		[KEEPALIVES] = FIELD_WG_KEEPALIVES,
	};
	struct telling *telling = talk_tell(talk, EVENT_WIREGUARD);

	telling_name(telling, FIELD_WG_KIND, is_end ? "end" : "handshake");
	for (int i = 0; i < NOTES; i++)
		record_set_number(&telling->record, fields[i], talk->note[i]);
	talk_emit(talk, is_end);
}

static enum dissect_result
feed(void *state, int side, struct bytes data, struct instant at,
     const struct dissect_out *out)
{
	struct talk *talk = talk_hear(state, side, at, out);

	switch (talk->is_cut ? 0 : type_of(data)) {
	case INITIATION:
		talk->note[INITIATIONS]++;
		talk_client_is(talk, side);
		break;
	case RESPONSE:
		talk_client_is(talk, !side);
		if (talk->note[RESPONSES]++ == 0)
			tell(talk, false);
		break;
	case COOKIE:
		talk->note[COOKIES]++;
		break;
	case DATA:
		talk->note[DATAS]++;
		talk->note[KEEPALIVES] += data.left == EMPTY_DATA;
		break;
	default:
		break;
	}
	return DISSECT_MORE;
}

static void
finish(void *state, struct instant at, const struct dissect_out *out)
{
	struct talk *talk = talk_hear(state, 0, at, out);

	tell(talk, true);
}

const struct dissector dissector_wireguard = { .name = "wireguard",
					       .transport = DISSECT_DATAGRAM,
					       .recognise = recognise,
					       .begin = talk_begin,
					       .feed = feed,
					       .gap = talk_gap,
					       .finish = finish,
					       .end = talk_end,
					       .violation = talk_violation,
					       .shared_new = dissect_lane_new,
					       .shared_free = dissect_lane_free,
					       .counters = dissect_lane_counters };
