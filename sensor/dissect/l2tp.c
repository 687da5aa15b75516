/* SPDX-License-Identifier: Apache-2.0 */
/* l2tp: control messages of version 2 (RFC 2661) and 3 over UDP (RFC 3931); data is
 * passed over. */
#include "sensor/dissect/talk.h"

enum {
	CONTROL = 0xc800, /* type, length and sequence, all there must be */
	VERSION = 0x000f,
	HEADER = 12,
	MESSAGE_TYPE = 0,
	NAME_MAX = 128
};

static const char *const messages[] = {
	[1] = "SCCRQ", [2] = "SCCRP", [3] = "SCCCN", [4] = "StopCCN", [6] = "HELLO",
	[7] = "OCRQ",  [8] = "OCRP",  [9] = "OCCN",  [10] = "ICRQ",   [11] = "ICRP",
	[12] = "ICCN", [14] = "CDN",  [15] = "WEN",  [16] = "SLI",
};

static uint16_t
flags_of(struct bytes data)
{
	return bytes_u16(&data);
}

/* A header that tells its size, and AVPs that fill it. */
static bool
is_control(struct bytes data)
{
	uint16_t flags = bytes_u16(&data), size = bytes_u16(&data);

	if ((flags & ~VERSION) != CONTROL ||
	    ((flags & VERSION) != 2 && (flags & VERSION) != 3) || size < HEADER ||
	    size != data.left + 4)
		return false;
	bytes_take(&data, HEADER - 4);
	while (data.left > 0) {
		uint16_t head = bytes_u16(&data);
		uint16_t length = head & 0x3ff;
		if (length < 6 || (head & 0x3c00) != 0)
			return false;
		bytes_take(&data, length - 2u);
	}
	return bytes_ok(&data);
}

/* An acknowledgement alone has no AVP and could be anything. */
static enum recognition
recognise(struct bytes first, int side)
{
	(void)side;
	return first.left > HEADER && is_control(first) ? RECOGNISED_YES
							: RECOGNISED_NO;
}

static void
tell_number(struct telling *telling, enum field_id field, struct bytes value)
{
	uint64_t number = value.left >= 4 ? bytes_u32(&value) : bytes_u16(&value);

	record_set_number(&telling->record, field, number);
}

static void
tell_avp(struct telling *telling, uint16_t type, struct bytes value)
{
	switch (type) {
	case 1: /* Result Code, an error code and a message behind it */
		record_set_number(&telling->record, FIELD_L2TP_RESULT,
				  bytes_u16(&value));
		break;
	case 7:
		telling_text(telling, FIELD_L2TP_HOST, value, NAME_MAX);
		break;
	case 8:
		telling_text(telling, FIELD_L2TP_VENDOR, value, NAME_MAX);
		break;
	case 9:
	case 61:
		tell_number(telling, FIELD_L2TP_ASSIGNED, value);
		break;
	case 11:
		record_set_flag(&telling->record, FIELD_L2TP_CHALLENGE, true);
		break;
	case 14:
	case 63:
		tell_number(telling, FIELD_L2TP_ASSIGNED_SESSION, value);
		break;
	case 22:
		telling_text(telling, FIELD_L2TP_CALLING, value, NAME_MAX);
		break;
	case 30:
		telling_text(telling, FIELD_L2TP_USER, value, NAME_MAX);
		break;
	default:
		break;
	}
}

static void
tell_type(struct talk *talk, struct telling *telling, uint16_t type)
{
	enum { SCCRQ = 1, SCCRP = 2 };
	bool is_known = type < sizeof(messages) / sizeof(messages[0]) && messages[type];

	telling_name(telling, FIELD_L2TP_MESSAGE, is_known ? messages[type] : "other");
	if (type == SCCRQ)
		talk_client_is(talk, talk->side);
	else if (type == SCCRP)
		talk_client_is(talk, !talk->side);
}

/* Hidden AVPs are encrypted with the tunnel's secret. */
static void
tell_avps(struct talk *talk, struct telling *telling, struct bytes data)
{
	enum { HIDDEN = 0x4000 };

	while (data.left > 0) {
		uint16_t head = bytes_u16(&data);
		uint16_t vendor = bytes_u16(&data), type = bytes_u16(&data);
		struct bytes value = bytes_window(&data, (head & 0x3ffu) - 6u);
		if (vendor != 0)
			continue;
		if (head & HIDDEN)
			telling_hide(telling, "l2tp", "encrypted");
		else if (type == MESSAGE_TYPE)
			tell_type(talk, telling, bytes_u16(&value));
		else
			tell_avp(telling, type, value);
	}
}

static void
tell_message(struct talk *talk, struct bytes data)
{
	struct telling *telling = talk_tell(talk, EVENT_L2TP);
	struct record *record = &telling->record;
	uint8_t version = flags_of(data) & VERSION;

	record_set_number(record, FIELD_L2TP_VERSION, version);
	record_set_flag(record, FIELD_L2TP_CHALLENGE, false);
	bytes_take(&data, 4);
	if (version == 3) {
		record_set_number(record, FIELD_L2TP_TUNNEL, bytes_u32(&data));
	} else {
		record_set_number(record, FIELD_L2TP_TUNNEL, bytes_u16(&data));
		record_set_number(record, FIELD_L2TP_SESSION, bytes_u16(&data));
	}
	bytes_take(&data, 4); /* sequence numbers */
	tell_avps(talk, telling, data);
	talk_emit(talk, true);
}

/* HELLO keeps a tunnel alive, again and again: it is not told. */
static bool
is_hello(struct bytes data)
{
	enum { HELLO = 6 };

	bytes_take(&data, HEADER + 6);
	return bytes_u16(&data) == HELLO;
}

static enum dissect_result
feed(void *state, int side, struct bytes data, struct instant at,
     const struct dissect_out *out)
{
	enum { IS_CONTROL = 0x8000 };
	struct talk *talk = talk_hear(state, side, at, out);

	if (talk->is_cut || !(flags_of(data) & IS_CONTROL))
		return DISSECT_MORE;
	if (!is_control(data)) {
		talk->violation = "l2tp.malformed";
		return DISSECT_VIOLATION;
	}
	if (data.left > HEADER && !is_hello(data))
		tell_message(talk, data);
	return DISSECT_MORE;
}

const struct dissector dissector_l2tp = { .name = "l2tp",
					  .transport = DISSECT_DATAGRAM,
					  .recognise = recognise,
					  .feed = feed,
					  TALK_ROW };
