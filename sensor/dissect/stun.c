/* SPDX-License-Identifier: Apache-2.0 */
/* stun: STUN (RFC 8489) and TURN (RFC 8656) by their magic cookie; what else crosses in
 * the flow is passed over. */
#include <string.h>

#include "sensor/dissect/talk.h"

enum {
	HEADER = 20,
	TOLD_MAX = 64, /* messages told of a flow: connectivity checks go on for ever */
	TOLD = 0       /* note */
};

static const uint8_t cookie[4] = { 0x21, 0x12, 0xa4, 0x42 };

static bool
is_message(struct bytes data)
{
	if (data.left < HEADER || data.at[0] & 0xc0 ||
	    memcmp(data.at + 4, cookie, 4) != 0)
		return false;
	size_t size = (size_t)data.at[2] << 8 | data.at[3];
	return size % 4 == 0 && size == data.left - HEADER;
}

static enum recognition
recognise(struct bytes first, int side)
{
	(void)side;
	return is_message(first) ? RECOGNISED_YES : RECOGNISED_NO;
}

/* The bits of class and method are interleaved (RFC 8489 section 5). */
static unsigned
class_of(struct bytes data)
{
	return (data.at[0] & 1u) << 1 | (data.at[1] >> 4 & 1u);
}

static const char *
method_name(struct bytes data)
{
	static const char *const names[] = {
		[1] = "binding",      [3] = "allocate", [4] = "refresh",
		[6] = "send",         [7] = "data",     [8] = "create_permission",
		[9] = "channel_bind",
	};
	unsigned type = (unsigned)data.at[0] << 8 | data.at[1];
	unsigned method = (type & 0xf) | (type >> 1 & 0x70) | (type >> 2 & 0xf80);

	return method < sizeof(names) / sizeof(names[0]) && names[method]
		       ? names[method]
		       : "other";
}

static void
tell_address(struct telling *telling, enum field_id field, struct bytes value,
	     const uint8_t *mask)
{
	enum { IPV4 = 1, IPV6 = 2 };
	uint8_t byte[16], family = value.left > 1 ? value.at[1] : 0;
	size_t size = family == IPV4 ? 4 : family == IPV6 ? 16 : 0;
	struct address address;

	bytes_take(&value, 4);
	const uint8_t *at = bytes_take(&value, size);
	if (size == 0 || at == NULL)
		return;
	for (size_t i = 0; i < size; i++)
		byte[i] = mask ? at[i] ^ mask[i] : at[i];
	address = size == 4 ? address_from_ipv4(byte) : address_from_ipv6(byte);
	record_set_address(&telling->record, field, &address);
}

/* 'mask': the cookie and the transaction's id. */
static void
tell_attribute(struct telling *telling, uint16_t type, struct bytes value,
	       const uint8_t *mask)
{
	enum { NAME_MAX = 255 };

	switch (type) {
	case 0x0001:
		tell_address(telling, FIELD_STUN_MAPPED, value, NULL);
		break;
	case 0x0020:
		tell_address(telling, FIELD_STUN_MAPPED, value, mask);
		break;
	case 0x0012:
		tell_address(telling, FIELD_STUN_PEER, value, mask);
		break;
	case 0x0016:
		tell_address(telling, FIELD_STUN_RELAYED, value, mask);
		break;
	case 0x0006:
		telling_text(telling, FIELD_STUN_USER, value, NAME_MAX);
		break;
	case 0x0014:
		telling_text(telling, FIELD_STUN_REALM, value, NAME_MAX);
		break;
	case 0x8022:
		telling_text(telling, FIELD_STUN_SOFTWARE, value, NAME_MAX);
		break;
	case 0x0009:
		if (value.left >= 4)
			record_set_number(&telling->record, FIELD_STUN_ERROR,
					  (value.at[2] & 7u) * 100u + value.at[3]);
		break;
	default:
		break;
	}
}

static uint64_t
transaction(struct bytes data)
{
	uint64_t key = 0;

	for (int i = 8; i < HEADER; i++)
		key = key * 31 + data.at[i];
	return key;
}

static void
tell_message(struct talk *talk, struct bytes data)
{
	static const char *const classes[] = { "request", "indication", "success",
					       "error" };
	struct telling *telling = talk_tell(talk, EVENT_STUN);
	unsigned class = class_of(data);
	struct bytes rest = data;

	telling_name(telling, FIELD_STUN_CLASS, classes[class]);
	telling_name(telling, FIELD_STUN_METHOD, method_name(data));
	if (class == 0) {
		talk_client_is(talk, talk->side);
		talk_ask(talk, transaction(data));
	} else if (class >= 2) {
		talk_client_is(talk, !talk->side);
		talk_answer(talk, transaction(data), FIELD_STUN_LATENCY);
	}
	bytes_take(&rest, HEADER);
	while (rest.left > 0) {
		uint16_t type = bytes_u16(&rest), size = bytes_u16(&rest);
		struct bytes value = bytes_window(&rest, size);
		bytes_take(&rest, (4u - size % 4u) % 4u);
		if (bytes_ok(&value))
			tell_attribute(telling, type, value, data.at + 4);
	}
	talk_emit(talk, true);
}

static enum dissect_result
feed(void *state, int side, struct bytes data, struct instant at,
     const struct dissect_out *out)
{
	struct talk *talk = talk_hear(state, side, at, out);

	if (!is_message(data))
		return DISSECT_MORE;
	if (talk->note[TOLD]++ == TOLD_MAX) {
		talk->lane->counters.dropped++;
		return DISSECT_DONE;
	}
	tell_message(talk, data);
	return DISSECT_MORE;
}

const struct dissector dissector_stun = { .name = "stun",
					  .transport = DISSECT_DATAGRAM,
					  .recognise = recognise,
					  .feed = feed,
					  TALK_ROW };
