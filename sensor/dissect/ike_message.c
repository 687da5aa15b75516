/* SPDX-License-Identifier: Apache-2.0 */
/* ike_message: reads one IKE message: header, payloads, proposals (RFC 7296 section 3,
 * RFC 2408 section 3). */
#include <string.h>

#include "sensor/dissect/ike_state.h"

enum {
	V1_SA = 1,
	V1_NOTIFY = 11,
	V1_VENDOR = 13,
	V2_SA = 33,
	V2_NOTIFY = 41,
	V2_VENDOR = 43,
	V2_ENCRYPTED = 46,
	V2_ENCRYPTED_FRAGMENT = 53,
	DOI_IPSEC = 1,
	SITUATION_IDENTITY = 1, /* RFC 2407 section 4.2.1; the others carry labels */
	PROTOCOL_IKE = 1,
	ATTRIBUTE_KEY_LENGTH = 14,
	ATTRIBUTE_LIFE_TYPE = 11,
	ATTRIBUTE_LIFE = 12,
	LIFE_SECONDS = 1
};

static struct bytes
read_header(struct bytes data, struct ike_message *message)
{
	memset(message, 0, sizeof(*message));
	message->init_spi = (uint64_t)bytes_u32(&data) << 32;
	message->init_spi |= bytes_u32(&data);
	message->resp_spi = (uint64_t)bytes_u32(&data) << 32;
	message->resp_spi |= bytes_u32(&data);
	message->first = bytes_u8(&data);
	uint8_t version = bytes_u8(&data);
	message->major = version >> 4;
	message->minor = version & 15;
	message->exchange = bytes_u8(&data);
	message->flags = bytes_u8(&data);
	message->id = bytes_u32(&data);
	message->length = bytes_u32(&data);
	return data;
}

/* Bits that are to be sent as zero, and are what tells IKE from chance. */
static bool
are_flags_known(const struct ike_message *message)
{
	return (message->flags & (message->major == 1 ? 0xf8 : 0xc7)) == 0;
}

static bool
is_known(const struct ike_message *message)
{
	return message->init_spi != 0 && (message->major == 1 || message->major == 2) &&
	       message->minor == 0 && are_flags_known(message) &&
	       ike_exchange_name(message->major, message->exchange) != NULL &&
	       (message->first == 0 ||
		ike_payload_name(message->major, message->first) != NULL);
}

bool
ike_is_message(struct bytes data)
{
	struct ike_message message;
	size_t size = data.left;
	struct bytes rest = read_header(data, &message);

	return bytes_ok(&rest) && is_known(&message) && message.length >= size &&
	       message.length <= UINT16_MAX;
}

static void
offer(struct ike_message *message, enum ike_transform kind, struct ike_choice choice)
{
	struct ike_offer *offered = &message->offer[kind];

	for (uint32_t i = 0; i < offered->count; i++)
		if (offered->at[i].id == choice.id &&
		    offered->at[i].key_length == choice.key_length)
			return;
	if (offered->count == IKE_OFFERS_MAX) {
		message->is_cut = true;
		return;
	}
	offered->at[offered->count++] = choice;
}

/* RFC 7296 section 3.3.5; the bytes of a long value are left in '*value' when they are
 * at most eight. */
static bool
take_attribute(struct bytes *rest, uint16_t *type, uint64_t *value)
{
	*type = bytes_u16(rest);
	*value = bytes_u16(rest);
	if (!(*type & 0x8000)) {
		struct bytes octets = bytes_window(rest, (size_t)*value);
		bool is_long = octets.left > sizeof(*value);
		*value = 0;
		while (octets.left > 0)
			*value = *value << 8 | bytes_u8(&octets);
		if (is_long)
			*value = UINT64_MAX;
	}
	*type &= 0x7fff;
	return bytes_ok(rest);
}

/* RFC 7296 section 3.3.2 */
static const char *
read_v2_transform(struct bytes body, struct ike_message *message)
{
	static const enum ike_transform kinds[] = {
		[1] = IKE_ENCR,        [2] = IKE_PRF,         [3] = IKE_INTEG,
		[4] = IKE_GROUP,       [6] = IKE_ADDITIONAL,  [7] = IKE_ADDITIONAL,
		[8] = IKE_ADDITIONAL,  [9] = IKE_ADDITIONAL,  [10] = IKE_ADDITIONAL,
		[11] = IKE_ADDITIONAL, [12] = IKE_ADDITIONAL,
	};
	uint8_t type = bytes_u8(&body);
	bytes_u8(&body);
	struct ike_choice choice = { .id = bytes_u16(&body) };

	while (body.left > 0) {
		uint16_t attribute;
		uint64_t value;
		if (!take_attribute(&body, &attribute, &value))
			return "ike.attribute";
		if (attribute == ATTRIBUTE_KEY_LENGTH)
			choice.key_length = (uint16_t)value;
	}
	/* 5 is the extended sequence numbers of a child SA */
	if (type != 0 && type != 5 && type < sizeof(kinds) / sizeof(kinds[0]))
		offer(message, kinds[type], choice);
	return bytes_ok(&body) ? NULL : "ike.transform";
}

struct v1_transform {
	struct ike_choice choice[IKE_TRANSFORMS];
	bool has[IKE_TRANSFORMS];
	uint16_t key_length;
	bool is_life_seconds;
	uint64_t life;
};

static void
take_v1_attribute(struct v1_transform *transform, uint16_t type, uint64_t value)
{
	static const struct {
		uint16_t type;
		enum ike_transform kind;
	} kinds[] = {
		{ 1, IKE_ENCR }, { 2, IKE_PRF }, { 3, IKE_AUTH }, { 4, IKE_GROUP }
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].type == type) {
			transform->has[kinds[i].kind] = true;
			transform->choice[kinds[i].kind].id =
				ike_transform_from_v1(kinds[i].kind, (uint16_t)value);
		}
	if (type == ATTRIBUTE_KEY_LENGTH)
		transform->key_length = (uint16_t)value;
	else if (type == ATTRIBUTE_LIFE_TYPE)
		transform->is_life_seconds = value == LIFE_SECONDS;
	else if (type == ATTRIBUTE_LIFE && transform->is_life_seconds)
		transform->life = value;
}

/* RFC 2408 section 3.6, RFC 2409 appendix A: one transform is a whole suite */
static const char *
read_v1_transform(struct bytes body, struct ike_message *message)
{
	struct v1_transform transform = { 0 };

	bytes_take(&body, 4); /* number, KEY_IKE, reserved */
	while (body.left > 0) {
		uint16_t type;
		uint64_t value;
		if (!take_attribute(&body, &type, &value))
			return "ike.attribute";
		take_v1_attribute(&transform, type, value);
	}
	if (!bytes_ok(&body))
		return "ike.transform";
	transform.choice[IKE_ENCR].key_length = transform.key_length;
	for (int kind = 0; kind < IKE_TRANSFORMS; kind++)
		if (transform.has[kind])
			offer(message, (enum ike_transform)kind,
			      transform.choice[kind]);
	if (message->life == 0)
		message->life = transform.life;
	return NULL;
}

/* The next of a chain of substructures: last or more, reserved, length. */
static bool
take_link(struct bytes *rest, struct bytes *body)
{
	bytes_u16(rest);
	uint16_t size = bytes_u16(rest);

	if (!bytes_ok(rest) || size < 4 || size - 4u > rest->left)
		return false;
	*body = bytes_window(rest, size - 4u);
	return true;
}

static const char *
read_proposal(struct bytes body, struct ike_message *message)
{
	bytes_u8(&body); /* its number */
	uint8_t protocol = bytes_u8(&body);
	uint8_t spi_size = bytes_u8(&body);
	bytes_u8(&body); /* how many transforms */
	bytes_take(&body, spi_size);
	if (!bytes_ok(&body))
		return "ike.proposal";
	message->proposals++;
	while (body.left > 0) {
		struct bytes transform;
		const char *broken;
		if (!take_link(&body, &transform))
			return "ike.transform";
		if (protocol != PROTOCOL_IKE)
			continue;
		broken = message->major == 1 ? read_v1_transform(transform, message)
					     : read_v2_transform(transform, message);
		if (broken)
			return broken;
	}
	return NULL;
}

static const char *
read_sa(struct bytes body, struct ike_message *message)
{
	message->has_sa = true;
	if (message->major == 1) {
		message->doi = bytes_u32(&body);
		uint32_t situation = bytes_u32(&body);
		if (!bytes_ok(&body))
			return "ike.sa";
		if (message->doi != DOI_IPSEC || situation != SITUATION_IDENTITY) {
			message->is_cut =
				true; /* what follows is not IKE's, or labelled */
			return NULL;
		}
	}
	while (body.left > 0) {
		struct bytes proposal;
		if (!take_link(&body, &proposal))
			return "ike.proposal";
		const char *broken = read_proposal(proposal, message);
		if (broken)
			return broken;
	}
	return NULL;
}

static const char *
read_notify(struct bytes body, struct ike_message *message)
{
	if (message->major == 1)
		bytes_u32(&body); /* DOI */
	bytes_u16(&body);         /* protocol, size of SPI */
	uint16_t type = bytes_u16(&body);
	if (!bytes_ok(&body))
		return "ike.notify";
	message->errors += type < IKE_FIRST_STATUS;
	message->knows_nat |= message->major == 2 && type == IKE_NAT_DETECTION_SOURCE;
	if (message->notify_count < IKE_NOTIFIES_MAX)
		message->notifies[message->notify_count++] = type;
	else
		message->is_cut = true;
	return NULL;
}

static const char *
read_vendor(struct bytes body, struct ike_message *message)
{
	message->knows_nat |= ike_vendor_is_nat(body);
	if (message->vendor_count < IKE_VENDORS_MAX)
		message->vendors[message->vendor_count++] = body;
	else
		message->is_cut = true;
	return NULL;
}

static const struct {
	uint8_t major, type;
	const char *(*read)(struct bytes body, struct ike_message *message);
} readers[] = {
	{ 1, V1_SA, read_sa },         { 1, V1_NOTIFY, read_notify },
	{ 1, V1_VENDOR, read_vendor }, { 2, V2_SA, read_sa },
	{ 2, V2_NOTIFY, read_notify }, { 2, V2_VENDOR, read_vendor },
};

static const char *
read_payload(uint8_t type, struct bytes body, struct ike_message *message)
{
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (readers[i].major == message->major && readers[i].type == type)
			return readers[i].read(body, message);
	return NULL;
}

static bool
is_encrypted(const struct ike_message *message, uint8_t type)
{
	if (message->major == 1)
		return message->flags & IKE_FLAG_V1_ENCRYPTED;
	return type == V2_ENCRYPTED || type == V2_ENCRYPTED_FRAGMENT;
}

static const char *
read_payloads(struct bytes body, struct ike_message *message)
{
	uint8_t next = message->first;

	while (next != 0) {
		uint8_t type = next;
		if (message->payload_count == IKE_PAYLOADS_MAX) {
			message->is_cut = true;
			return NULL;
		}
		message->payloads[message->payload_count++] = type;
		if (is_encrypted(message, type)) {
			message->is_encrypted = true;
			return NULL;
		}
		next = bytes_u8(&body);
		bytes_u8(&body);
		uint16_t size = bytes_u16(&body);
		if (!bytes_ok(&body) || size < 4 || size - 4u > body.left)
			return message->is_snapped ? NULL : "ike.payload_length";
		const char *broken =
			read_payload(type, bytes_window(&body, size - 4u), message);
		if (broken)
			return broken;
	}
	return NULL;
}

const char *
ike_message_read(struct bytes data, bool is_snapped, struct ike_message *message)
{
	size_t size = data.left;
	struct bytes body = read_header(data, message);

	message->is_snapped = message->is_cut = is_snapped;
	if (!bytes_ok(&body) || !is_known(message))
		return "ike.header";
	if (is_snapped ? message->length < size : message->length != size)
		return "ike.length";
	return read_payloads(body, message);
}
