/* SPDX-License-Identifier: Apache-2.0 */
/* quic: the dissector of QUIC: which packets of a flow begin a connection, and the
 * handshake in them. */
#include <stdlib.h>
#include <string.h>

#include "common/digest.h"
#include "sensor/dissect/quic_state.h"

enum { CLIENT_HELLO = 1, SERVER_HELLO = 2, MESSAGE_HEADER = 4 };

/* A server that knows none of the client's versions names its own: at least one of
 * ours. */
static bool
is_negotiation(struct bytes versions)
{
	bool has_known = false;

	if (versions.left == 0 || versions.left % 4 != 0)
		return false;
	while (versions.left > 0)
		has_known |= quic_version_is_known(bytes_u32(&versions));
	return has_known;
}

static enum recognition
recognise(struct bytes first, int side)
{
	enum { FIXED = 0x40 };
	bool is_fixed = first.left > 0 && first.at[0] & FIXED;
	struct quic_packet packet = quic_packet_take(&first);
	bool is_ours = (packet.kind == QUIC_INITIAL && is_fixed) ||
		       (packet.kind == QUIC_NEGOTIATION && packet.to.left > 0 &&
			is_negotiation(packet.versions));

	(void)side;
	return is_ours ? RECOGNISED_YES : RECOGNISED_NO;
}

static void *
begin(void *shared)
{
	struct quic *quic = calloc(1, sizeof(*quic));

	if (quic) {
		quic->lane = shared;
		quic->client = -1;
	}
	return quic;
}

static void
end(void *state)
{
	struct quic *quic = state;

	for (int side = 0; side < SIDES; side++)
		ranged_release(&quic->lane->lane.budget, &quic->side[side].crypto);
	free(quic);
}

static void
set_client(struct quic *quic, int side, const struct dissect_out *out)
{
	if (quic->client != -1)
		return;
	quic->client = side;
	out->client_is(out->ctx, side);
}

static void
take_crypto(struct quic *quic, struct quic_side *side, uint64_t at, struct bytes data)
{
	if (ranged_add(&quic->lane->lane.budget, &side->crypto, at, data,
		       QUIC_CRYPTO_MAX))
		return;
	quic->lane->lane.counters.cut += !side->is_cut;
	side->is_cut = true;
}

static void
pass_ack(struct bytes *frames, bool has_ecn)
{
	quic_number(frames); /* largest */
	quic_number(frames); /* delay */
	uint64_t ranges = quic_number(frames);
	quic_number(frames);
	for (; ranges > 0 && bytes_ok(frames); ranges--) {
		quic_number(frames);
		quic_number(frames);
	}
	for (int i = 0; has_ecn && i < 3; i++)
		quic_number(frames);
}

/* What an Initial packet may hold (RFC 9000 section 12.4); false if it is broken. */
static bool
take_frames(struct quic *quic, struct quic_side *side, struct bytes frames)
{
	enum { PADDING, PING, ACK, ACK_ECN, CRYPTO = 6, CLOSE = 0x1c };

	while (frames.left > 0) {
		uint64_t type = quic_number(&frames);
		if (type == ACK || type == ACK_ECN) {
			pass_ack(&frames, type == ACK_ECN);
		} else if (type == CRYPTO) {
			uint64_t at = quic_number(&frames), size = quic_number(&frames);
			struct bytes data = bytes_window(
				&frames, size < SIZE_MAX ? (size_t)size : SIZE_MAX);
			if (bytes_ok(&frames))
				take_crypto(quic, side, at, data);
		} else if (type == CLOSE) {
			return true;
		} else if (type != PADDING && type != PING) {
			return false;
		}
	}
	return bytes_ok(&frames);
}

static void
make_keys(struct quic *quic, uint32_t version)
{
	quic_keys_make(version, bytes_over(quic->id, quic->id_size), quic->keys);
	quic->keys_version = version;
	quic->has_keys = true;
}

/* What keys are of: the client's first destination, behind a Retry the server's new
 * id. */
static void
set_id(struct quic *quic, struct bytes id, uint32_t version)
{
	memcpy(quic->id, id.at, id.left);
	quic->id_size = (uint8_t)id.left;
	make_keys(quic, version);
}

/* The client's first packet may be lost, or behind a Retry: then what it names now is
 * tried. */
static bool
open_client(struct quic *quic, const struct quic_packet *packet, struct bytes *plain)
{
	if (quic->has_keys && quic_open(quic->lane, &quic->keys[0], packet, plain))
		return true;
	if (quic->has_opened && !quic->is_retried)
		return false;
	set_id(quic, packet->to, packet->version);
	return quic_open(quic->lane, &quic->keys[0], packet, plain);
}

/* Whose packet it is: the keys tell, where the sides are not known yet. */
static bool
open_packet(struct quic *quic, int side, const struct quic_packet *packet,
	    struct bytes *plain)
{
	if (quic->has_keys && packet->version != quic->keys_version)
		make_keys(quic, packet->version);
	if (quic->client == !side)
		return quic->has_keys &&
		       quic_open(quic->lane, &quic->keys[1], packet, plain);
	return open_client(quic, packet, plain);
}

static bool
take_initial(struct quic *quic, int side, const struct quic_packet *packet,
	     const struct dissect_out *out)
{
	struct quic_side *from = &quic->side[side];
	struct bytes plain;

	quic->version = packet->version;
	if (!open_packet(quic, side, packet, &plain)) {
		from->is_sealed = true;
		return true;
	}
	quic->has_opened = true;
	set_client(quic, side, out); /* only a client's own id opens its packet */
	if (take_frames(quic, from, plain))
		return true;
	quic->violation = "quic.error_on_data";
	return false;
}

static void
take_negotiation(struct quic *quic, int side, struct bytes versions,
		 const struct dissect_out *out)
{
	quic->has_negotiation = true;
	set_client(quic, !side, out);
	quic->negotiated_count = 0;
	while (versions.left >= 4 && quic->negotiated_count < QUIC_VERSIONS_MAX) {
		uint32_t version = bytes_u32(&versions);
		if ((version & 0x0f0f0f0f) != 0x0a0a0a0a)
			quic->negotiated[quic->negotiated_count++] = version;
	}
}

/* False if it is broken. */
static bool
take_packet(struct quic *quic, int side, const struct quic_packet *packet,
	    const struct dissect_out *out)
{
	switch (packet->kind) {
	case QUIC_INITIAL:
		return take_initial(quic, side, packet, out);
	case QUIC_RETRY:
		quic->is_retried = true;
		set_client(quic, !side, out);
		return true;
	case QUIC_NEGOTIATION:
		take_negotiation(quic, side, packet->versions, out);
		return true;
	case QUIC_HANDSHAKE:
	case QUIC_SHORT:
		quic->side[side].has_data = true;
		return true;
	default:
		return true;
	}
}

bool
quic_message_take(struct bytes *handshake, uint8_t type, struct bytes *body)
{
	while (handshake->left >= MESSAGE_HEADER) {
		uint8_t this_type = bytes_u8(handshake);
		size_t size = (size_t)bytes_u8(handshake) << 16;
		size |= bytes_u16(handshake);
		*body = bytes_window(handshake, size);
		if (!bytes_ok(body))
			return false;
		if (this_type == type)
			return true;
	}
	return false;
}

/* Both hellos are here, or what follows them is: nothing more can be learnt. */
static bool
is_over(const struct quic *quic)
{
	struct bytes body;

	if (quic->datagrams >= QUIC_DATAGRAMS_MAX ||
	    (quic->side[0].has_data && quic->side[1].has_data))
		return true;
	if (quic->client == -1)
		return false;
	struct bytes client = ranged_prefix(&quic->side[quic->client].crypto),
		     server = ranged_prefix(&quic->side[!quic->client].crypto);
	struct tls_server_hello hello;
	if (!quic_message_take(&client, CLIENT_HELLO, &body))
		return false;
	while (quic_message_take(&server, SERVER_HELLO, &body))
		if (tls_server_hello_read(body, &hello) && !hello.is_retry)
			return true;
	return false;
}

static enum dissect_result
feed(void *state, int side, struct bytes data, struct instant at,
     const struct dissect_out *out)
{
	struct quic *quic = state;

	quic->side[side].is_seen = true;
	quic->datagrams++;
	while (data.left > 0) {
		struct quic_packet packet = quic_packet_take(&data);
		if (!take_packet(quic, side, &packet, out))
			return DISSECT_VIOLATION;
	}
	if (!is_over(quic))
		return DISSECT_MORE;
	quic_report(quic, at, out);
	return DISSECT_DONE;
}

static enum dissect_result
gap(void *state, int side, uint64_t missing, struct instant at,
    const struct dissect_out *out)
{
	struct quic *quic = state;

	(void)missing, (void)at, (void)out;
	quic->side[side].is_cut = true;
	return DISSECT_MORE;
}

static void
finish(void *state, struct instant at, const struct dissect_out *out)
{
	quic_report(state, at, out);
}

static const char *
violation(const void *state)
{
	return ((const struct quic *)state)->violation;
}

static void
shared_free(void *shared)
{
	struct quic_lane *lane = shared;

	if (lane == NULL)
		return;
	cipher_free(lane->cipher);
	digester_free(lane->sha256);
	digester_free(lane->md5);
	free(lane);
}

static void *
shared_new(void)
{
	enum { HELD_MAX = 16 << 20 };
	struct quic_lane *lane = calloc(1, sizeof(*lane));

	if (lane == NULL)
		return NULL;
	lane->lane.budget.most = HELD_MAX;
	lane->sha256 = digester_of(DIGEST_SHA256);
	lane->md5 = digester_of(DIGEST_MD5);
	lane->cipher = cipher_new();
	if (lane->cipher == NULL) {
		shared_free(lane);
		return NULL;
	}
	return lane;
}

const struct dissector dissector_quic = {
	.name = "quic",
	.transport = DISSECT_DATAGRAM,
	.recognise = recognise,
	.begin = begin,
	.feed = feed,
	.gap = gap,
	.finish = finish,
	.end = end,
	.violation = violation,
	.shared_new = shared_new,
	.shared_free = shared_free,
	.counters = dissect_lane_counters,
};
