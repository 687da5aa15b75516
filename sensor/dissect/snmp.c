/* SPDX-License-Identifier: Apache-2.0 */
/* snmp: messages of version 1, 2c (RFC 3416) and 3 (RFC 3412, 3414). */
#include <string.h>

#include "sensor/dissect/talk.h"

enum { INTEGER = 2, OCTETS = 4, SEQUENCE = 0x30, FIRST_PDU = 0xa0, LAST_PDU = 0xa8 };

enum { GET, GET_NEXT, RESPONSE, SET, TRAP_V1, GET_BULK, INFORM, TRAP_V2, REPORT };

static const char *const pdu_names[] = {
	[GET] = "get_request",       [GET_NEXT] = "get_next_request",
	[RESPONSE] = "response",     [SET] = "set_request",
	[TRAP_V1] = "trap_v1",       [GET_BULK] = "get_bulk_request",
	[INFORM] = "inform_request", [TRAP_V2] = "trap_v2",
	[REPORT] = "report",
};

struct snmp_message {
	uint64_t version;
	struct bytes community;    /* 1 and 2 */
	uint64_t flags, model;     /* 3 */
	struct bytes engine, user; /* 3 */
	bool has_pdu;              /* in the clear */
	uint8_t pdu;
	uint64_t request_id, error, variables;
};

/* BER (X.690), definite lengths, long forms too: agents pad them.  Short after a tag
 * that is not 'tag'. */
static struct bytes
take(struct bytes *data, uint8_t tag)
{
	uint8_t have = bytes_u8(data);
	size_t size = bytes_u8(data);

	if (size & 0x80) {
		size_t count = size & 0x7f;
		size = 0;
		if (count == 0 || count > 4)
			data->is_short = true;
		for (size_t i = 0; i < count && bytes_ok(data); i++)
			size = size << 8 | bytes_u8(data);
	}
	if (have != tag)
		data->is_short = true;
	return bytes_window(data, size);
}

/* Negative ones do not matter here: they come out large. */
static uint64_t
take_integer(struct bytes *data)
{
	struct bytes digits = take(data, INTEGER);
	uint64_t value = 0;

	if (digits.left == 0 || digits.left > 5)
		data->is_short = true;
	while (digits.left > 0)
		value = value << 8 | bytes_u8(&digits);
	return value;
}

static bool
read_pdu(struct bytes *data, struct snmp_message *message)
{
	uint8_t tag = data->left ? data->at[0] : 0;

	if (tag < FIRST_PDU || tag > LAST_PDU)
		return false;
	struct bytes pdu = take(data, tag);
	message->pdu = tag - FIRST_PDU;
	message->has_pdu = true;
	if (message->pdu == TRAP_V1)
		return bytes_ok(data);
	message->request_id = take_integer(&pdu);
	message->error = take_integer(&pdu);
	take_integer(&pdu); /* error index, or repetitions of a bulk */
	struct bytes variables = take(&pdu, SEQUENCE);
	while (variables.left > 0 && bytes_ok(&variables)) {
		take(&variables, SEQUENCE);
		message->variables += bytes_ok(&variables);
	}
	return bytes_ok(data) && bytes_ok(&pdu);
}

static bool
read_v3(struct bytes *data, struct snmp_message *message)
{
	enum { PRIVACY = 2 };
	struct bytes header = take(data, SEQUENCE);
	struct bytes security = take(data, OCTETS);

	take_integer(&header); /* id */
	take_integer(&header); /* greatest size */
	struct bytes flags = take(&header, OCTETS);
	message->flags = bytes_u8(&flags);
	message->model = take_integer(&header);
	if (!bytes_ok(data) || !bytes_ok(&header) || !bytes_ok(&flags))
		return false;
	struct bytes usm = take(&security, SEQUENCE);
	message->engine = take(&usm, OCTETS);
	take_integer(&usm); /* boots */
	take_integer(&usm); /* time */
	message->user = take(&usm, OCTETS);
	if (message->flags & PRIVACY)
		return data->left > 0 && data->at[0] == OCTETS;
	struct bytes scoped = take(data, SEQUENCE);
	take(&scoped, OCTETS); /* context engine */
	take(&scoped, OCTETS); /* context name */
	return bytes_ok(&scoped) && read_pdu(&scoped, message);
}

/* Whole, and nothing behind it. */
static bool
read_message(struct bytes data, struct snmp_message *message)
{
	static const uint8_t versions[] = { 1, 2, 0, 3 };

	*message = (struct snmp_message){ 0 };
	struct bytes body = take(&data, SEQUENCE);
	if (!bytes_ok(&data) || data.left > 0)
		return false;
	uint64_t version = take_integer(&body);
	if (!bytes_ok(&body) || version > 3 || versions[version] == 0)
		return false;
	message->version = versions[version];
	if (version == 3)
		return read_v3(&body, message);
	message->community = take(&body, OCTETS);
	return bytes_ok(&body) && read_pdu(&body, message);
}

static enum recognition
recognise(struct bytes first, int side)
{
	struct snmp_message message;

	(void)side;
	return read_message(first, &message) ? RECOGNISED_YES : RECOGNISED_NO;
}

static const char *
community_kind(struct bytes community)
{
	static const char *const known[] = { "public", "private" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (community.left == strlen(known[i]) &&
		    memcmp(community.at, known[i], community.left) == 0)
			return known[i];
	return community.left == 0 ? "empty" : "other";
}

static void
tell_engine(struct telling *telling, struct bytes engine)
{
	static const char digits[] = "0123456789abcdef";
	size_t size = engine.left < 32 ? engine.left : 32; /* RFC 3411 */
	char *at = scratch_take(&telling->scratch, size * 2);

	if (size == 0)
		record_set_null(&telling->record, FIELD_SSNMP_ENGINE);
	if (at == NULL || size == 0)
		return;
	for (size_t i = 0; i < size; i++) {
		at[i * 2] = digits[engine.at[i] >> 4];
		at[i * 2 + 1] = digits[engine.at[i] & 15];
	}
	record_set_text(&telling->record, FIELD_SSNMP_ENGINE,
			(struct text){ at, (uint32_t)size * 2 });
}

static void
tell_v3(struct telling *telling, const struct snmp_message *message)
{
	static const char *const levels[] = { "noAuthNoPriv", "authNoPriv", "invalid",
					      "authPriv" };

	telling_name(telling, FIELD_SSNMP_LEVEL, levels[message->flags & 3]);
	record_set_number(&telling->record, FIELD_SSNMP_MODEL, message->model);
	tell_engine(telling, message->engine);
	telling_text(telling, FIELD_SNMP_USM, message->user, 64);
	if (!message->has_pdu)
		telling_hide(telling, "snmp.pdu", "encrypted");
}

/* A report answers a request that named no engine; its id need not be the request's. */
static void
tell_pdu(struct talk *talk, struct telling *telling, const struct snmp_message *message)
{
	struct record *record = &telling->record;
	bool is_answer = message->pdu == RESPONSE || message->pdu == REPORT;

	telling_name(telling, FIELD_SNMP_PDU, pdu_names[message->pdu]);
	talk_client_is(talk, is_answer ? !talk->side : talk->side);
	if (message->pdu == TRAP_V1)
		return;
	record_set_number(record, FIELD_SSNMP_VARS, message->variables);
	if (is_answer) {
		record_set_number(record, FIELD_SSNMP_ERROR, message->error);
		talk_answer(talk, message->request_id, FIELD_SSNMP_LATENCY);
	} else if (message->pdu != TRAP_V2) {
		talk_ask(talk, message->request_id);
	}
}

static enum dissect_result
feed(void *state, int side, struct bytes data, struct instant at,
     const struct dissect_out *out)
{
	struct talk *talk = talk_hear(state, side, at, out);
	struct snmp_message message;

	if (!read_message(data, &message)) {
		if (talk->is_cut) {
			talk->lane->counters.cut++;
			return DISSECT_MORE;
		}
		talk->violation = "snmp.malformed_data";
		return DISSECT_VIOLATION;
	}
	struct telling *telling = talk_tell(talk, EVENT_SNMP);
	record_set_number(&telling->record, FIELD_SNMP_VERSION, message.version);
	if (message.version == 3) {
		tell_v3(telling, &message);
	} else {
		telling_text(telling, FIELD_SNMP_COMMUNITY, message.community, 128);
		telling_name(telling, FIELD_SSNMP_COMMUNITY,
			     community_kind(message.community));
	}
	if (message.has_pdu)
		tell_pdu(talk, telling, &message);
	talk_emit(talk, true);
	return DISSECT_MORE;
}

const struct dissector dissector_snmp = { .name = "snmp",
					  .transport = DISSECT_DATAGRAM,
					  .recognise = recognise,
					  .feed = feed,
					  TALK_ROW };
