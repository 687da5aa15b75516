/* SPDX-License-Identifier: Apache-2.0 */
/* quic_packet: datagrams taken apart into packets, and Initial ones opened. */
#include <stdio.h>
#include <string.h>

#include "sensor/dissect/quic_state.h"

/* The bit that is fixed in RFC 9000 is anything in RFC 9287. */
enum { LONG = 0x80, FIXED = 0x40, SALT_SIZE = 20, SAMPLE_AT = 4 };

/* RFC 9001 section 5.2, RFC 9369 section 3; the drafts as they were. */
static const struct version {
	uint32_t version;
	const char *name;
	uint8_t salt[SALT_SIZE];
	const char *key, *iv, *hp;
	enum quic_kind kinds[4]; /* by the type bits of a long header */
} versions[] = {
	{ QUIC_V1,
	  "1",
	  { 0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
	    0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a },
	  "quic key",
	  "quic iv",
	  "quic hp",
	  { QUIC_INITIAL, QUIC_ZERO_RTT, QUIC_HANDSHAKE, QUIC_RETRY } },
	{ QUIC_V2,
	  "2",
	  { 0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
	    0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9 },
	  "quicv2 key",
	  "quicv2 iv",
	  "quicv2 hp",
	  { QUIC_RETRY, QUIC_INITIAL, QUIC_ZERO_RTT, QUIC_HANDSHAKE } },
	{ QUIC_DRAFT_29,
	  "draft-29",
	  { 0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97,
	    0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99 },
	  "quic key",
	  "quic iv",
	  "quic hp",
	  { QUIC_INITIAL, QUIC_ZERO_RTT, QUIC_HANDSHAKE, QUIC_RETRY } },
};

static const struct version *
find_version(uint32_t version)
{
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		if (versions[i].version == version)
			return &versions[i];
	return NULL;
}

bool
quic_version_is_known(uint32_t version)
{
	return find_version(version) != NULL;
}

struct text
quic_version_text(uint32_t version, struct scratch *scratch)
{
	const struct version *known = find_version(version);
	char text[16];

	if (known)
		return text_of(known->name);
	snprintf(text, sizeof(text), "0x%08x", (unsigned)version);
	return scratch_copy(scratch, text_of(text));
}

uint64_t
quic_number(struct bytes *data)
{
	uint8_t first = bytes_u8(data);
	uint64_t number = first & 0x3f;

	for (int more = (1 << (first >> 6)) - 1; more > 0; more--)
		number = number << 8 | bytes_u8(data);
	return number;
}

static struct bytes
take_id(struct bytes *at)
{
	struct bytes id = bytes_window(at, bytes_u8(at));

	if (id.left > QUIC_ID_MAX)
		at->is_short = true;
	return id;
}

/* Behind the connection ids, of versions whose types are known. */
static void
take_rest(struct bytes *at, struct quic_packet *packet, const struct bytes *start)
{
	if (packet->kind == QUIC_RETRY) {
		bytes_take(at, at->left);
		return;
	}
	if (packet->kind == QUIC_INITIAL) {
		uint64_t token = quic_number(at);
		bytes_take(at, token < at->left ? (size_t)token : at->left);
	}
	uint64_t size = quic_number(at);
	packet->header = bytes_over(start->at, (size_t)(at->at - start->at));
	if (size > at->left)
		at->is_short = true;
	packet->sealed = bytes_window(at, bytes_ok(at) ? (size_t)size : 0);
}

struct quic_packet
quic_packet_take(struct bytes *datagram)
{
	struct quic_packet packet = { .kind = QUIC_UNKNOWN };
	struct bytes at = *datagram, start = at;
	uint8_t first = bytes_u8(&at);

	*datagram = bytes_over(datagram->at, 0); /* unless another one follows */
	if (!(first & LONG)) {
		packet.kind = first & FIXED ? QUIC_SHORT : QUIC_UNKNOWN; /* padding */
		return packet;
	}
	packet.version = bytes_u32(&at);
	packet.to = take_id(&at);
	packet.from = take_id(&at);
	const struct version *version = find_version(packet.version);
	if (!bytes_ok(&at))
		return packet;
	if (packet.version == 0) {
		packet.kind = QUIC_NEGOTIATION;
		packet.versions = at;
		return packet;
	}
	if (version == NULL)
		return packet;
	packet.kind = version->kinds[first >> 4 & 3];
	take_rest(&at, &packet, &start);
	if (!bytes_ok(&at))
		packet.kind = QUIC_UNKNOWN;
	else
		*datagram = at;
	return packet;
}

void
quic_keys_make(uint32_t version, struct bytes id, struct quic_keys keys[2])
{
	static const char *const sides[2] = { "client in", "server in" };
	const struct version *known = find_version(version);
	uint8_t initial[CIPHER_SECRET], secret[CIPHER_SECRET];

	if (known == NULL)
		return;
	cipher_extract(known->salt, SALT_SIZE, id.at, id.left, initial);
	for (int i = 0; i < 2; i++) {
		cipher_expand(initial, sides[i], secret, sizeof(secret));
		cipher_expand(secret, known->key, keys[i].key, sizeof(keys[i].key));
		cipher_expand(secret, known->iv, keys[i].iv, sizeof(keys[i].iv));
		cipher_expand(secret, known->hp, keys[i].hp, sizeof(keys[i].hp));
	}
}

/*
 * The protection of the header is taken off (RFC 9001 section 5.4), then that of
 * the payload.  Of the packet number only what is sent is known, which is all of it
 * in a handshake.
 */
bool
quic_open(struct quic_lane *lane, const struct quic_keys *keys,
	  const struct quic_packet *packet, struct bytes *plain)
{
	uint8_t mask[CIPHER_BLOCK], nonce[CIPHER_NONCE];
	size_t header = packet->header.left, sealed = packet->sealed.left;

	if (sealed < SAMPLE_AT + CIPHER_BLOCK || header + sealed > QUIC_PACKET_MAX)
		return false;
	memcpy(lane->packet, packet->header.at, header);
	memcpy(lane->packet + header, packet->sealed.at, sealed);
	cipher_block(lane->cipher, keys->hp, packet->sealed.at + SAMPLE_AT, mask);
	lane->packet[0] ^= mask[0] & 0x0f;
	size_t number_size = (lane->packet[0] & 3u) + 1;
	memcpy(nonce, keys->iv, sizeof(nonce));
	for (size_t i = 0; i < number_size; i++) {
		lane->packet[header + i] ^= mask[1 + i];
		nonce[CIPHER_NONCE - number_size + i] ^= lane->packet[header + i];
	}
	header += number_size;
	sealed -= number_size;
	if (!cipher_open(lane->cipher, keys->key, nonce, lane->packet, header,
			 lane->packet + header, sealed, lane->plain))
		return false;
	*plain = bytes_over(lane->plain, sealed - CIPHER_TAG);
	return true;
}
