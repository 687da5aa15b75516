/* SPDX-License-Identifier: Apache-2.0 */
/* radius: authentication and accounting of network access (RFC 2865, 2866, 5176). */
#include <string.h>

#include "sensor/dissect/talk.h"

enum {
	HEADER = 20,
	SIZE_MOST = 4096,
	USER_NAME = 1,
	USER_PASSWORD = 2,
	CHAP_PASSWORD = 3,
	NAS_IP = 4,
	SERVICE_TYPE = 6,
	FRAMED_IP = 8,
	VENDOR = 26,
	CALLING = 31,
	NAS_IDENTIFIER = 32,
	STATUS_TYPE = 40,
	NAS_PORT_TYPE = 61,
	EAP_MESSAGE = 79,
	MESSAGE_AUTHENTICATOR = 80,
	NAS_IPV6 = 95,
	MICROSOFT = 311,
	NAME_MAX = 253
};

static const struct code {
	uint8_t code;
	const char *name;
	bool is_answer;
	uint8_t request; /* that it answers */
} codes[] = {
	{ 1, "access_request", false, 1 },     { 2, "access_accept", true, 1 },
	{ 3, "access_reject", true, 1 },       { 4, "accounting_request", false, 4 },
	{ 5, "accounting_response", true, 4 }, { 11, "access_challenge", true, 1 },
	{ 12, "status_server", false, 12 },    { 40, "disconnect_request", false, 40 },
	{ 41, "disconnect_ack", true, 40 },    { 42, "disconnect_nak", true, 40 },
	{ 43, "coa_request", false, 43 },      { 44, "coa_ack", true, 43 },
	{ 45, "coa_nak", true, 43 },
};

static const struct code *
code_of(struct bytes data)
{
	for (size_t i = 0; data.left > 0 && i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].code == data.at[0])
			return &codes[i];
	return NULL;
}

/* Its size, then attributes that fill it to the byte. */
static bool
is_message(struct bytes data)
{
	if (code_of(data) == NULL || data.left < HEADER)
		return false;
	size_t size = (size_t)data.at[2] << 8 | data.at[3];
	if (size < HEADER || size > SIZE_MOST || size != data.left)
		return false;
	bytes_take(&data, HEADER);
	while (data.left > 0) {
		uint8_t type = bytes_u8(&data), length = bytes_u8(&data);
		if (type == 0 || length < 2)
			return false;
		bytes_take(&data, length - 2u);
		if (!bytes_ok(&data))
			return false;
	}
	return true;
}

/* An answer without attributes is twenty bytes that could be anything: the request is
 * asked for first. */
static enum recognition
recognise(struct bytes first, int side)
{
	(void)side;
	return first.left > HEADER && is_message(first) ? RECOGNISED_YES
							: RECOGNISED_NO;
}

static void
tell_address(struct telling *telling, enum field_id field, struct bytes value)
{
	struct address address;

	if (value.left != 4 && value.left != 16)
		return;
	address = value.left == 4 ? address_from_ipv4(value.at)
				  : address_from_ipv6(value.at);
	record_set_address(&telling->record, field, &address);
}

static void
tell_number(struct telling *telling, enum field_id field, struct bytes value)
{
	uint32_t number = bytes_u32(&value);

	if (bytes_ok(&value))
		record_set_number(&telling->record, field, number);
}

static void
tell_method(struct telling *telling, uint8_t type, struct bytes value)
{
	if (type == EAP_MESSAGE)
		telling_name(telling, FIELD_RADIUS_METHOD, "eap");
	else if (type == USER_PASSWORD)
		telling_name(telling, FIELD_RADIUS_METHOD, "pap");
	else if (type == CHAP_PASSWORD)
		telling_name(telling, FIELD_RADIUS_METHOD, "chap");
	else if (type == VENDOR && bytes_u32(&value) == MICROSOFT) {
		uint8_t kind = bytes_u8(&value);
		if (kind == 1 || kind == 25) /* MS-CHAP-Response, MS-CHAP2-Response */
			telling_name(telling, FIELD_RADIUS_METHOD, "mschap");
	}
}

static const struct {
	uint8_t type;
	void (*tell)(struct telling *telling, enum field_id field, struct bytes value);
	enum field_id field;
} attributes[] = {
	{ NAS_IP, tell_address, FIELD_RADIUS_NAS_IP },
	{ NAS_IPV6, tell_address, FIELD_RADIUS_NAS_IP },
	{ FRAMED_IP, tell_address, FIELD_RADIUS_FRAMED },
	{ SERVICE_TYPE, tell_number, FIELD_RADIUS_SERVICE },
	{ NAS_PORT_TYPE, tell_number, FIELD_RADIUS_PORT },
	{ STATUS_TYPE, tell_number, FIELD_RADIUS_STATUS },
};

static void
tell_attribute(struct telling *telling, uint8_t type, struct bytes value)
{
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		if (attributes[i].type == type)
			attributes[i].tell(telling, attributes[i].field, value);
	if (type == USER_NAME)
		telling_text(telling, FIELD_RADIUS_USER, value, NAME_MAX);
	else if (type == NAS_IDENTIFIER)
		telling_text(telling, FIELD_RADIUS_NAS, value, NAME_MAX);
	else if (type == CALLING)
		telling_text(telling, FIELD_RADIUS_CALLING, value, NAME_MAX);
	else if (type == MESSAGE_AUTHENTICATOR)
		record_set_flag(&telling->record, FIELD_RADIUS_SIGNED, true);
	else
		tell_method(telling, type, value);
}

static void
tell_message(struct talk *talk, struct bytes data)
{
	struct telling *telling = talk_tell(talk, EVENT_RADIUS);
	const struct code *code = code_of(data);
	uint64_t key = (uint64_t)code->request << 8 | data.at[1];

	telling_name(telling, FIELD_RADIUS_CODE, code->name);
	record_set_number(&telling->record, FIELD_RADIUS_ID, data.at[1]);
	record_set_flag(&telling->record, FIELD_RADIUS_SIGNED, false);
	if (code->code == 1)
		record_set_null(&telling->record, FIELD_RADIUS_METHOD);
	talk_client_is(talk, code->is_answer ? !talk->side : talk->side);
	bytes_take(&data, HEADER);
	while (data.left > 0) {
		uint8_t type = bytes_u8(&data);
		uint8_t length = bytes_u8(&data);
		tell_attribute(telling, type, bytes_window(&data, length - 2u));
	}
	if (code->is_answer)
		talk_answer(talk, key, FIELD_RADIUS_LATENCY);
	else
		talk_ask(talk, key);
	talk_emit(talk, true);
}

static enum dissect_result
feed(void *state, int side, struct bytes data, struct instant at,
     const struct dissect_out *out)
{
	struct talk *talk = talk_hear(state, side, at, out);

	if (is_message(data)) {
		tell_message(talk, data);
	} else if (talk->is_cut) {
		talk->lane->counters.cut++;
	} else {
		talk->violation = "radius.malformed";
		return DISSECT_VIOLATION;
	}
	return DISSECT_MORE;
}

const struct dissector dissector_radius = { .name = "radius",
					    .transport = DISSECT_DATAGRAM,
					    .recognise = recognise,
					    .feed = feed,
					    TALK_ROW };
