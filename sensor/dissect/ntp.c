/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ntp: time messages (RFC 5905), control (RFC 9327) and private use (ntpdc, monlist).
 *
 * A time message has no mark of its own: versions, modes, strata and root
 * delays that no clock has are refused.
 */
#include "sensor/dissect/talk.h"

enum {
	HEADER = 48,
	HEADER_MAX = 1024,
	CLIENT = 3,
	SERVER = 4,
	CONTROL = 6,
	PRIVATE = 7,
	STRATUM_MAX = 16,
	POLL_MAX = 17,
	ROOT_MAX = 16 << 16, /* 16 seconds, in units of 2^-16 */
	MONLIST = 20,
	MONLIST_1 = 42
};

static bool
is_time(struct bytes data)
{
	uint8_t mode = data.at[0] & 7;
	uint8_t version = data.at[0] >> 3 & 7;
	struct bytes rest = data;

	/* extension fields and digests come in fours (RFC 7822) */
	if (data.left < HEADER || data.left > HEADER_MAX || data.left % 4 != 0)
		return false;
	bytes_take(&rest, 4);
	uint32_t delay = bytes_u32(&rest), dispersion = bytes_u32(&rest);
	return version >= 1 && version <= 4 && mode >= 1 && mode <= 5 &&
	       data.at[1] <= STRATUM_MAX &&
	       (data.at[2] <= POLL_MAX || (int8_t)data.at[2] < 0) && delay < ROOT_MAX &&
	       dispersion < ROOT_MAX && ((int8_t)data.at[3] <= 0 || mode == CLIENT);
}

/* Its count of data bytes, padded to four, and a digest perhaps. */
static bool
is_control(struct bytes data)
{
	enum { CONTROL_HEADER = 12, DIGEST_MAX = 28, OPERATION_MAX = 12 };
	uint8_t version = data.at[0] >> 3 & 7;

	if (data.left < CONTROL_HEADER || data.at[0] >> 6 != 0 || version < 2 ||
	    version > 4 || (data.at[1] & 0x1f) > OPERATION_MAX ||
	    (data.at[1] & 0x1f) == 0)
		return false;
	size_t count = (size_t)data.at[10] << 8 | data.at[11];
	size_t size = CONTROL_HEADER + (count + 3) / 4 * 4;
	return data.left >= CONTROL_HEADER + count && data.left <= size + DIGEST_MAX;
}

/* Items of a size each; what answers has them whole. */
static bool
is_private(struct bytes data)
{
	enum { PRIVATE_HEADER = 8, CODE_MAX = 45, SIZE_MAX_ASKED = 216 };
	uint8_t version = data.at[0] >> 3 & 7;

	if (data.left < PRIVATE_HEADER || (version != 2 && version != 3) ||
	    (data.at[2] != 0 && data.at[2] != 2 && data.at[2] != 3) ||
	    data.at[3] > CODE_MAX || data.at[6] >> 4 != 0 || data.at[4] >> 4 > 7)
		return false;
	size_t count = (size_t)(data.at[4] & 15) << 8 | data.at[5];
	size_t each = (size_t)(data.at[6] & 15) << 8 | data.at[7];
	if (data.at[0] & 0x80)
		return count * each + PRIVATE_HEADER <= data.left;
	return data.left <= SIZE_MAX_ASKED && count * each <= data.left;
}

static bool
is_message(struct bytes data)
{
	if (data.left < 8)
		return false;
	switch (data.at[0] & 7) {
	case CONTROL:
		return is_control(data);
	case PRIVATE:
		return is_private(data);
	default:
		return is_time(data);
	}
}

static enum recognition
recognise(struct bytes first, int side)
{
	(void)side;
	return is_message(first) ? RECOGNISED_YES : RECOGNISED_NO;
}

static uint64_t
u64_at(struct bytes data, size_t offset)
{
	bytes_take(&data, offset);
	uint64_t high = bytes_u32(&data);
	return high << 32 | bytes_u32(&data);
}

/* Distance of an NTP time, of this era, from a packet's. */
static uint64_t
skew(uint64_t ntp, struct instant at)
{
	const int64_t from_1900 = INT64_C(2208988800);
	int64_t seconds = (int64_t)(ntp >> 32) - from_1900;
	int64_t usec =
		seconds * 1000000 + (int64_t)(((ntp & 0xffffffff) * 1000000) >> 32);
	int64_t away = usec - at.usec;

	return (uint64_t)(away < 0 ? -away : away);
}

static void
tell_reference(struct telling *telling, struct bytes data)
{
	static const char digits[] = "0123456789abcdef";
	char *at = scratch_take(&telling->scratch, 11);

	if (at == NULL)
		return;
	for (int i = 0; i < 4; i++) {
		uint8_t byte = data.at[12 + i];
		at[i * 3] = digits[byte >> 4];
		at[i * 3 + 1] = digits[byte & 15];
		if (i < 3)
			at[i * 3 + 2] = ':';
	}
	record_set_text(&telling->record, FIELD_NTP_REFERENCE, (struct text){ at, 11 });
}

/* The answer repeats the request's time of sending as its own time of origin. */
static void
tell_time(struct talk *talk, struct telling *telling, struct bytes data)
{
	enum { ORIGIN = 24, TRANSMIT = 40 };
	struct record *record = &telling->record;
	uint8_t mode = data.at[0] & 7, stratum = data.at[1];

	telling_name(telling, FIELD_SNTP_KIND, "time");
	record_set_number(record, FIELD_SNTP_LEAP, data.at[0] >> 6);
	record_set_number(record, FIELD_NTP_STRATUM, stratum);
	tell_reference(telling, data);
	if (mode == CLIENT) {
		talk_client_is(talk, talk->side);
		talk_ask(talk, u64_at(data, TRANSMIT));
	} else if (mode == SERVER) {
		talk_client_is(talk, !talk->side);
		talk_answer(talk, u64_at(data, ORIGIN), FIELD_SNTP_LATENCY);
		if (stratum == 0)
			telling_text(telling, FIELD_SNTP_KISS,
				     bytes_over(data.at + 12, 4), 16);
		else if (stratum < STRATUM_MAX)
			record_set_number(record, FIELD_SNTP_SKEW,
					  skew(u64_at(data, TRANSMIT), talk->at));
	}
}

static void
tell_management(struct talk *talk, struct telling *telling, struct bytes data)
{
	bool is_control = (data.at[0] & 7) == CONTROL;
	bool is_response = (is_control ? data.at[1] : data.at[0]) & 0x80;
	uint8_t code = is_control ? data.at[1] & 0x1f : data.at[3];

	telling_name(telling, FIELD_SNTP_KIND, is_control ? "control" : "private");
	talk_client_is(talk, is_response ? !talk->side : talk->side);
	record_set_number(&telling->record, FIELD_SNTP_CODE, code);
	record_set_flag(&telling->record, FIELD_SNTP_RESPONSE, is_response);
	record_set_flag(&telling->record, FIELD_SNTP_MONLIST,
			!is_control && (code == MONLIST || code == MONLIST_1));
}

static enum dissect_result
feed(void *state, int side, struct bytes data, struct instant at,
     const struct dissect_out *out)
{
	struct talk *talk = talk_hear(state, side, at, out);

	if (talk->is_cut && data.left < HEADER)
		return DISSECT_MORE;
	if (!is_message(data)) {
		talk->violation = "ntp.malformed";
		return DISSECT_VIOLATION;
	}
	struct telling *telling = talk_tell(talk, EVENT_NTP);
	record_set_number(&telling->record, FIELD_NTP_VERSION, data.at[0] >> 3 & 7);
	record_set_number(&telling->record, FIELD_NTP_MODE, data.at[0] & 7);
	if ((data.at[0] & 7) >= CONTROL)
		tell_management(talk, telling, data);
	else
		tell_time(talk, telling, data);
	talk_emit(talk, true);
	return DISSECT_MORE;
}

const struct dissector dissector_ntp = { .name = "ntp",
					 .transport = DISSECT_DATAGRAM,
					 .recognise = recognise,
					 .feed = feed,
					 TALK_ROW };
