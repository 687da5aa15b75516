/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6: messages of DHCP for IPv6 (RFC 8415), those of relays too. */
#include <string.h>

#include "sensor/dissect/dhcp.h"

enum {
	RELAY_FORWARD = 12,
	RELAY_REPLY = 13,
	RELAY_HEADER = 34,
	RELAYS_MAX = 8, /* relays behind each other (RFC 8415: HOP_COUNT_LIMIT) */
	NAME_MAX = 255
};

static const struct kind {
	const char *name;
	bool is_reply;
} kinds[] = {
	{ NULL, false },      { "solicit", false },    { "advertise", true },
	{ "request", false }, { "confirm", false },    { "renew", false },
	{ "rebind", false },  { "reply", true },       { "release", false },
	{ "decline", false }, { "reconfigure", true }, { "information_request", false },
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static struct bytes
take_option(struct bytes *data, uint16_t *code)
{
	*code = bytes_u16(data);
	uint16_t size = bytes_u16(data);

	return bytes_window(data, size);
}

static bool
are_options(struct bytes data)
{
	uint16_t code = 0;

	while (data.left > 0 && bytes_ok(&data))
		take_option(&data, &code);
	return bytes_ok(&data);
}

/* The client's message, behind the relays it went through. */
static struct bytes
behind_relays(struct bytes data)
{
	enum { RELAY_MESSAGE = 9 };

	for (int i = 0; i < RELAYS_MAX; i++) {
		struct bytes inner = { 0 };
		if (data.left < RELAY_HEADER ||
		    (data.at[0] != RELAY_FORWARD && data.at[0] != RELAY_REPLY))
			break;
		bytes_take(&data, RELAY_HEADER);
		while (data.left > 0) {
			uint16_t code = 0;
			struct bytes value = take_option(&data, &code);
			if (code == RELAY_MESSAGE && bytes_ok(&data))
				inner = value;
		}
		data = inner;
	}
	return data;
}

/* A type, and options that fill the rest, an identifier of client or server among
 * them. */
static bool
is_message(struct bytes data)
{
	enum { CLIENT_ID = 1, SERVER_ID = 2, DUID_MAX = 130 };
	bool has_id = false;

	data = behind_relays(data);
	if (data.left < 4 + 4 || data.at[0] == 0 || data.at[0] >= KINDS)
		return false;
	bytes_take(&data, 4);
	if (!are_options(data))
		return false;
	while (data.left > 0) {
		uint16_t code = 0;
		struct bytes value = take_option(&data, &code);
		if (code == 0 || code > 512)
			return false;
		has_id |= (code == CLIENT_ID || code == SERVER_ID) && value.left > 2 &&
			  value.left <= DUID_MAX && value.at[0] == 0;
	}
	return has_id;
}

static enum recognition
recognise(struct bytes first, int side)
{
	(void)side;
	return is_message(first) ? RECOGNISED_YES : RECOGNISED_NO;
}

/* DUID-LLT and DUID-LL end with the hardware address (RFC 8415 section 11). */
static void
tell_duid(struct telling *telling, struct bytes duid)
{
	enum { LLT = 1, LL = 3, ETHERNET = 1 };
	struct bytes at = duid;
	uint16_t kind = bytes_u16(&at), hardware = bytes_u16(&at);

	dhcp_tell_hex(telling, FIELD_SDHCP_DUID,
		      bytes_over(duid.at, duid.left < 64 ? duid.left : 64), "");
	if (hardware != ETHERNET || (kind != LLT && kind != LL))
		return;
	if (kind == LLT)
		bytes_take(&at, 4);
	if (bytes_ok(&at) && at.left == 6)
		dhcp_tell_mac(telling, at);
}

static void
tell_lease(struct telling *telling, struct bytes association)
{
	enum { ADDRESS_OPTION = 5, IDENTITY = 12 };

	bytes_take(&association, IDENTITY);
	while (association.left > 0) {
		uint16_t code = 0;
		struct bytes value = take_option(&association, &code);
		if (code != ADDRESS_OPTION || !bytes_ok(&association) ||
		    value.left < 24 ||
		    record_has(&telling->record, FIELD_DHCP_ASSIGNED))
			continue;
		dhcp_tell_address(telling, FIELD_DHCP_ASSIGNED,
				  bytes_window(&value, 16));
		bytes_take(&value, 4);
		record_set_number(&telling->record, FIELD_DHCP_LEASE,
				  bytes_u32(&value));
	}
}

/* Labels of a name, with dots between (RFC 4704). */
static void
tell_name(struct telling *telling, struct bytes value)
{
	char name[NAME_MAX];
	size_t size = 0;

	bytes_take(&value, 1);
	while (value.left > 0) {
		uint8_t length = bytes_u8(&value);
		const uint8_t *label = bytes_take(&value, length);
		if (label == NULL || length == 0 || size + length + 1 > sizeof(name))
			break;
		if (size > 0)
			name[size++] = '.';
		memcpy(name + size, label, length);
		size += length;
	}
	telling_text(telling, FIELD_DHCP_HOSTNAME, bytes_over(name, size), NAME_MAX);
}

static void
tell_option(struct telling *telling, uint16_t code, struct bytes value)
{
	enum { CLIENT_ID = 1, ADDRESSES = 3, STATUS = 13, DNS = 23, NAME = 39 };

	if (code == CLIENT_ID)
		tell_duid(telling, value);
	else if (code == ADDRESSES)
		tell_lease(telling, value);
	else if (code == DNS)
		dhcp_tell_addresses(telling, FIELD_DHCP_DNS, value, 16);
	else if (code == NAME)
		tell_name(telling, value);
	else if (code == STATUS && value.left >= 2)
		record_set_number(&telling->record, FIELD_SDHCP_STATUS,
				  bytes_u16(&value));
}

static void
tell_message(struct telling *telling, struct bytes data, bool is_relayed)
{
	const struct kind *kind = &kinds[data.at[0]];

	record_set_number(&telling->record, FIELD_SDHCP_VERSION, 6);
	telling_name(telling, FIELD_DHCP_TYPE, kind->is_reply ? "reply" : "request");
	telling_name(telling, FIELD_DHCP_KIND, kind->name);
	record_set_number(&telling->record, FIELD_DHCP_ID, bytes_u32(&data) & 0xffffff);
	record_set_flag(&telling->record, FIELD_SDHCP_RELAYED, is_relayed);
	while (data.left > 0) {
		uint16_t code = 0;
		struct bytes value = take_option(&data, &code);
		tell_option(telling, code, value);
	}
}

static enum dissect_result
feed(void *state, int side, struct bytes data, struct instant at,
     const struct dissect_out *out)
{
	struct talk *talk = talk_hear(state, side, at, out);

	if (!is_message(data)) {
		if (talk->is_cut)
			return DISSECT_MORE;
		talk->violation = "dhcpv6.malformed";
		return DISSECT_VIOLATION;
	}
	struct bytes inner = behind_relays(data);
	talk_client_is(talk, kinds[inner.at[0]].is_reply ? !side : side);
	tell_message(talk_tell(talk, EVENT_DHCP), inner, inner.at != data.at);
	talk_emit(talk, true);
	return DISSECT_MORE;
}

const struct dissector dissector_dhcp6 = { .name = "dhcpv6",
					   .transport = DISSECT_DATAGRAM,
					   .recognise = recognise,
					   .feed = feed,
					   TALK_ROW };
