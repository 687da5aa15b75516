/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp: messages of DHCP for IPv4 (RFC 2131, 2132); those for IPv6 are dhcp6.c's. */
#include "sensor/dissect/dhcp.h"

#include <string.h>

enum {
	FIXED = 236, /* bytes before the magic */
	REQUEST = 1,
	NAME_MAX = 255
};

static const uint8_t magic[4] = { 0x63, 0x82, 0x53, 0x63 };

static const char *const kinds[] = { NULL,           "discover",   "offer",
				     "request",      "decline",    "ack",
				     "nak",          "release",    "inform",
				     "forcerenew",   "leasequery", "leaseunassigned",
				     "leaseunknown", "leaseactive" };

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static bool
is_message(struct bytes data)
{
	return data.left >= FIXED + sizeof(magic) &&
	       (data.at[0] == 1 || data.at[0] == 2) && data.at[2] <= 16 &&
	       memcmp(data.at + FIXED, magic, sizeof(magic)) == 0;
}

static enum recognition
recognise(struct bytes first, int side)
{
	(void)side;
	return is_message(first) ? RECOGNISED_YES : RECOGNISED_NO;
}

void
dhcp_tell_mac(struct telling *telling, struct bytes mac)
{
	dhcp_tell_hex(telling, FIELD_DHCP_MAC, mac, ":");
}

void
dhcp_tell_hex(struct telling *telling, enum field_id field, struct bytes data,
	      const char *between)
{
	static const char digits[] = "0123456789abcdef";
	size_t gap = strlen(between);
	size_t size = data.left * (2 + gap) - (data.left ? gap : 0);
	char *at = data.left > 0 ? scratch_take(&telling->scratch, size) : NULL;

	if (at == NULL)
		return;
	for (size_t i = 0; i < data.left; i++) {
		char *to = at + i * (2 + gap);
		to[0] = digits[data.at[i] >> 4];
		to[1] = digits[data.at[i] & 15];
		if (i + 1 < data.left)
			memcpy(to + 2, between, gap);
	}
	record_set_text(&telling->record, field, (struct text){ at, (uint32_t)size });
}

void
dhcp_tell_address(struct telling *telling, enum field_id field, struct bytes value)
{
	static const uint8_t none[4];
	struct address address;

	if ((value.left != 4 && value.left != 16) ||
	    (value.left == 4 && memcmp(value.at, none, 4) == 0))
		return;
	address = value.left == 4 ? address_from_ipv4(value.at)
				  : address_from_ipv6(value.at);
	record_set_address(&telling->record, field, &address);
}

void
dhcp_tell_addresses(struct telling *telling, enum field_id field, struct bytes value,
		    size_t each)
{
	enum { MOST = 16 };
	struct text *items = telling_items(telling, MOST);
	uint32_t count = 0;

	while (items != NULL && value.left >= each && count < MOST) {
		const uint8_t *at = bytes_take(&value, each);
		struct address address =
			each == 4 ? address_from_ipv4(at) : address_from_ipv6(at);
		char text[ADDRESS_TEXT_SIZE];
		size_t size = address_to_text(&address, text);
		items[count++] = scratch_copy(&telling->scratch,
					      (struct text){ text, (uint32_t)size });
	}
	telling->scratch.is_cut |= value.left >= each;
	if (count > 0)
		record_set_texts(&telling->record, field, items, count);
}

static void
tell_option(struct telling *telling, uint8_t code, struct bytes value)
{
	switch (code) {
	case 1:
		dhcp_tell_address(telling, FIELD_DHCP_MASK, value);
		break;
	case 3:
		dhcp_tell_addresses(telling, FIELD_DHCP_ROUTERS, value, 4);
		break;
	case 6:
		dhcp_tell_addresses(telling, FIELD_DHCP_DNS, value, 4);
		break;
	case 12:
		telling_text(telling, FIELD_DHCP_HOSTNAME, value, NAME_MAX);
		break;
	case 50:
		dhcp_tell_address(telling, FIELD_DHCP_REQUESTED, value);
		break;
	case 51:
		record_set_number(&telling->record, FIELD_DHCP_LEASE,
				  bytes_u32(&value));
		break;
	case 53:
		if (value.left == 1 && value.at[0] < KINDS && value.at[0] > 0)
			telling_name(telling, FIELD_DHCP_KIND, kinds[value.at[0]]);
		break;
	case 54:
		dhcp_tell_address(telling, FIELD_SDHCP_SERVER, value);
		break;
	case 60:
		telling_text(telling, FIELD_DHCP_VENDOR, value, NAME_MAX);
		break;
	default:
		break;
	}
}

/* False if an option goes past the end. */
static bool
tell_options(struct telling *telling, struct bytes data)
{
	enum { PAD = 0, END = 255 };

	while (data.left > 0) {
		uint8_t code = bytes_u8(&data);
		if (code == PAD)
			continue;
		if (code == END)
			return true;
		uint8_t size = bytes_u8(&data);
		struct bytes value = bytes_window(&data, size);
		if (!bytes_ok(&data))
			return false;
		tell_option(telling, code, value);
	}
	return true;
}

static void
tell_fixed(struct telling *telling, struct bytes data)
{
	struct record *record = &telling->record;
	struct bytes at = data;

	record_set_number(record, FIELD_SDHCP_VERSION, 4);
	telling_name(telling, FIELD_DHCP_TYPE,
		     data.at[0] == REQUEST ? "request" : "reply");
	record_set_null(record, FIELD_DHCP_KIND);
	bytes_take(&at, 4);
	record_set_number(record, FIELD_DHCP_ID, bytes_u32(&at));
	bytes_take(&at, 4);
	dhcp_tell_address(telling, FIELD_DHCP_CLIENT_IP, bytes_window(&at, 4));
	dhcp_tell_address(telling, FIELD_DHCP_ASSIGNED, bytes_window(&at, 4));
	dhcp_tell_address(telling, FIELD_DHCP_NEXT, bytes_window(&at, 4));
	dhcp_tell_address(telling, FIELD_DHCP_RELAY, bytes_window(&at, 4));
	record_set_flag(record, FIELD_SDHCP_RELAYED,
			record_has(record, FIELD_DHCP_RELAY));
	dhcp_tell_mac(telling, bytes_over(at.at, data.at[2]));
}

static enum dissect_result
feed(void *state, int side, struct bytes data, struct instant at,
     const struct dissect_out *out)
{
	struct talk *talk = talk_hear(state, side, at, out);

	if (!is_message(data)) {
		if (talk->is_cut)
			return DISSECT_MORE;
		talk->violation = "dhcp.malformed";
		return DISSECT_VIOLATION;
	}
	struct telling *telling = talk_tell(talk, EVENT_DHCP);
	talk_client_is(talk, data.at[0] == REQUEST ? side : !side);
	tell_fixed(telling, data);
	bytes_take(&data, FIXED + sizeof(magic));
	if (!tell_options(telling, data) && !talk->is_cut) {
		talk->violation = "dhcp.malformed_options";
		return DISSECT_VIOLATION;
	}
	talk_emit(talk, true);
	return DISSECT_MORE;
}

const struct dissector dissector_dhcp = { .name = "dhcp",
					  .transport = DISSECT_DATAGRAM,
					  .recognise = recognise,
					  .feed = feed,
					  TALK_ROW };
