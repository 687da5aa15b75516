/* SPDX-License-Identifier: Apache-2.0 */
/*
 * openvpn: the beginning of a session over datagrams and streams, and how its control
 * channel is protected.
 *
 * A first packet is recognised by its kind and its whole layout: session,
 * then nothing (none), a digest and a packet number of 1 (tls-auth), or a
 * packet number of 1 and a tag (tls-crypt).  Over a stream each packet stands
 * behind its size.
 */
#include <stdlib.h>

#include "sensor/dissect/pieces.h"
#include "sensor/dissect/talk.h"

enum opcode {
	RESET_CLIENT_V1 = 1,
	RESET_SERVER_V1 = 2,
	SOFT_RESET = 3,
	CONTROL = 4,
	ACKNOWLEDGEMENT = 5,
	DATA_V1 = 6,
	RESET_CLIENT_V2 = 7,
	RESET_SERVER_V2 = 8,
	DATA_V2 = 9,
	RESET_CLIENT_V3 = 10,
	CONTROL_WRAPPED = 11
};

enum {
	SESSION = 8,
	CRYPT_TAG = 32,
	PACKET_MAX = 512, /* bytes kept of a packet in a stream: the first is shorter */
	HELD = 5          /* bytes of acknowledgements and packet number, none inside */
};

enum { KIND, DIGEST, METHOD, RESETS, ANSWERS, CONTROLS, DATAS, NOTES }; /* notes */
enum protection { UNKNOWN, NONE, TLS_AUTH, TLS_CRYPT, TLS_CRYPT_V2 };

struct reset {
	bool is_client;
	enum protection protection;
	uint8_t digest, method;
};

static const char *const protections[] = {
	[NONE] = "none",
	[TLS_AUTH] = "tls-auth",
	[TLS_CRYPT] = "tls-crypt",
	[TLS_CRYPT_V2] = "tls-crypt-v2",
};

/* Acknowledgements and the number of the packet, which is 0, fill the rest. */
static bool
is_start(struct bytes data)
{
	uint8_t count = bytes_u8(&data);

	if (count > 8)
		return false;
	if (count > 0)
		bytes_take(&data, count * 4u + SESSION);
	uint32_t number = bytes_u32(&data);
	return bytes_ok(&data) && number == 0 && data.left == 0;
}

/* The number is 1, its highest byte a mark of version 2.6; then the time. */
static bool
is_first_number(struct bytes data)
{
	uint32_t number = bytes_u32(&data), time = bytes_u32(&data);
	const uint32_t year_2001 = 1000000000;

	return bytes_ok(&data) && (number & 0xffffff) == 1 &&
	       (number >> 24 == 0 || number >> 24 == 0x0f) && time >= year_2001;
}

static bool
find_protection(struct bytes rest, struct reset *reset)
{
	static const uint8_t digests[] = { 16, 20, 28, 32, 48, 64 };

	if (is_start(rest)) {
		reset->protection = NONE;
		return true;
	}
	if (rest.left >= 8 + CRYPT_TAG + HELD && is_first_number(rest)) {
		reset->protection = reset->method == 3 ? TLS_CRYPT_V2 : TLS_CRYPT;
		return true;
	}
	for (size_t i = 0; i < sizeof(digests); i++) {
		struct bytes behind = rest;
		bytes_take(&behind, digests[i]);
		struct bytes number = bytes_window(&behind, 8);
		if (!bytes_ok(&behind) || !is_first_number(number) || !is_start(behind))
			continue;
		reset->protection = TLS_AUTH;
		reset->digest = digests[i];
		return true;
	}
	return false;
}

/* Is it the first packet of a side? */
static bool
is_reset(struct bytes data, struct reset *reset)
{
	uint8_t head = bytes_u8(&data);
	enum opcode opcode = head >> 3;

	*reset = (struct reset){ .method = 2 };
	if ((head & 7) != 0)
		return false;
	reset->is_client = opcode == RESET_CLIENT_V1 || opcode == RESET_CLIENT_V2 ||
			   opcode == RESET_CLIENT_V3;
	if (!reset->is_client && opcode != RESET_SERVER_V1 && opcode != RESET_SERVER_V2)
		return false;
	if (opcode == RESET_CLIENT_V1 || opcode == RESET_SERVER_V1)
		reset->method = 1;
	else if (opcode == RESET_CLIENT_V3)
		reset->method = 3;
	bytes_take(&data, SESSION);
	return bytes_ok(&data) && find_protection(data, reset);
}

static enum recognition
recognise_datagram(struct bytes first, int side)
{
	struct reset reset;

	(void)side;
	return is_reset(first, &reset) ? RECOGNISED_YES : RECOGNISED_NO;
}

static enum recognition
recognise_stream(struct bytes first, int side)
{
	enum { SMALLEST = 1 + SESSION + HELD, LARGEST = 1024 };
	static const uint8_t opcodes[] = { RESET_CLIENT_V1, RESET_SERVER_V1,
					   RESET_CLIENT_V2, RESET_SERVER_V2,
					   RESET_CLIENT_V3 };
	struct bytes rest = first;
	uint16_t size = bytes_u16(&rest);
	struct reset reset;

	(void)side;
	if (first.at[0] > LARGEST >> 8)
		return RECOGNISED_NO;
	if (first.left < 3)
		return RECOGNISED_MAYBE;
	if (size < SMALLEST || size > LARGEST || (rest.at[0] & 7) != 0)
		return RECOGNISED_NO;
	for (size_t i = 0; i < sizeof(opcodes); i++)
		if (rest.at[0] >> 3 == opcodes[i]) {
			if (rest.left < size)
				return RECOGNISED_MAYBE;
			return is_reset(bytes_window(&rest, size), &reset)
				       ? RECOGNISED_YES
				       : RECOGNISED_NO;
		}
	return RECOGNISED_NO;
}

static void
tell(struct talk *talk, bool is_end)
{
	struct telling *telling = talk_tell(talk, EVENT_OPENVPN);
	struct record *record = &telling->record;

	telling_name(telling, FIELD_OVPN_KIND, is_end ? "end" : "start");
	if (talk->note[KIND] != UNKNOWN)
		telling_name(telling, FIELD_OVPN_PROTECTION,
			     protections[talk->note[KIND]]);
	if (talk->note[DIGEST] > 0)
		record_set_number(record, FIELD_OVPN_DIGEST, talk->note[DIGEST]);
	if (talk->note[METHOD] > 0)
		record_set_number(record, FIELD_OVPN_METHOD, talk->note[METHOD]);
	record_set_flag(record, FIELD_OVPN_ANSWERED, talk->note[ANSWERS] > 0);
	record_set_number(record, FIELD_OVPN_RESETS, talk->note[RESETS]);
	record_set_number(record, FIELD_OVPN_CONTROL, talk->note[CONTROLS]);
	record_set_number(record, FIELD_OVPN_DATA, talk->note[DATAS]);
	talk_emit(talk, is_end);
}

/* The client's own first packet says most of the protection: the server answers
 * version 3 by version 2. */
static void
take_reset(struct talk *talk, const struct reset *reset)
{
	if (reset->is_client || talk->note[KIND] == UNKNOWN) {
		talk->note[KIND] = reset->protection;
		talk->note[DIGEST] = reset->digest;
		talk->note[METHOD] = reset->method;
	}
	talk_client_is(talk, reset->is_client ? talk->side : !talk->side);
	if (reset->is_client)
		talk->note[RESETS]++;
	else if (talk->note[ANSWERS]++ == 0)
		tell(talk, false);
}

static void
take_packet(struct talk *talk, struct bytes data)
{
	enum opcode opcode = data.left ? data.at[0] >> 3 : 0;
	struct reset reset;

	if (opcode == DATA_V1 || opcode == DATA_V2) {
		talk->note[DATAS]++;
		return;
	}
	talk->note[CONTROLS]++;
	if (is_reset(data, &reset))
		take_reset(talk, &reset);
}

static enum dissect_result
feed_datagram(void *state, int side, struct bytes data, struct instant at,
	      const struct dissect_out *out)
{
	take_packet(talk_hear(state, side, at, out), data);
	return DISSECT_MORE;
}

static void
finish_datagram(void *state, struct instant at, const struct dissect_out *out)
{
	tell(talk_hear(state, 0, at, out), true);
}

struct stream {
	struct talk *talk;
	struct pieces pieces[SIDES];
	bool is_lost[SIDES];
};

static uint64_t
size_of(struct bytes first)
{
	uint16_t size = bytes_u16(&first);

	if (!bytes_ok(&first))
		return PIECE_UNKNOWN;
	return size == 0 ? PIECE_BROKEN : size + UINT64_C(2);
}

static enum dissect_result
feed_stream(void *state, int side, struct bytes data, struct instant at,
	    const struct dissect_out *out)
{
	struct stream *stream = state;
	struct talk *talk = talk_hear(stream->talk, side, at, out);
	struct piece piece;
	enum pieces_result result;

	if (stream->is_lost[side])
		return DISSECT_MORE;
	while ((result = pieces_message(&stream->pieces[side], &talk->lane->budget,
					size_of, 2, PACKET_MAX, &data, &piece)) ==
	       PIECES_ONE) {
		bytes_take(&piece.data, 2);
		take_packet(talk, piece.data);
	}
	if (result == PIECES_BROKEN) {
		talk->violation = "openvpn.bad_length";
		return DISSECT_VIOLATION;
	}
	return DISSECT_MORE;
}

/* Where the next packet begins is not known: what was counted is told. */
static enum dissect_result
gap_stream(void *state, int side, uint64_t missing, struct instant at,
	   const struct dissect_out *out)
{
	struct stream *stream = state;

	(void)missing, (void)at, (void)out;
	pieces_release(&stream->pieces[side], &stream->talk->lane->budget);
	stream->is_lost[side] = true;
	return stream->is_lost[!side] ? DISSECT_DONE : DISSECT_MORE;
}

static void *
begin_stream(void *shared)
{
	struct stream *stream = calloc(1, sizeof(*stream));

	if (stream == NULL)
		return NULL;
	stream->talk = talk_begin(shared);
	if (stream->talk == NULL) {
		free(stream);
		return NULL;
	}
	return stream;
}

static void
finish_stream(void *state, struct instant at, const struct dissect_out *out)
{
	struct stream *stream = state;

	finish_datagram(stream->talk, at, out);
}

static void
end_stream(void *state)
{
	struct stream *stream = state;

	for (int side = 0; side < SIDES; side++)
		pieces_release(&stream->pieces[side], &stream->talk->lane->budget);
	talk_end(stream->talk);
	free(stream);
}

static const char *
violation_stream(const void *state)
{
	return ((const struct stream *)state)->talk->violation;
}

/* clang-format off */
const struct dissector dissector_openvpn_udp = {
	.name = "openvpn", .transport = DISSECT_DATAGRAM, .recognise = recognise_datagram, .begin = talk_begin,
	.feed = feed_datagram, .gap = talk_gap, .finish = finish_datagram, .end = talk_end, .violation = talk_violation,
	.shared_new = dissect_lane_new, .shared_free = dissect_lane_free, .counters = dissect_lane_counters,
};
const struct dissector dissector_openvpn_tcp = {
	.name = "openvpn", .transport = DISSECT_STREAM, .recognise = recognise_stream, .begin = begin_stream,
	.feed = feed_stream, .gap = gap_stream, .finish = finish_stream, .end = end_stream, .violation = violation_stream,
	.shared_new = dissect_lane_new, .shared_free = dissect_lane_free, .counters = dissect_lane_counters,
};
/* clang-format on */
