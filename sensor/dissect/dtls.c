/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dtls: the dissector of DTLS 1.0 to 1.3 (RFC 4347, 6347, 9147): records and fragments
 * become the handshake messages of TLS, and are told as those are.
 */
#include <stdlib.h>
#include <string.h>

#include "sensor/dissect/ranged.h"
#include "sensor/dissect/tls_state.h"

enum {
	WAITING_MAX =
		8, /* messages of a side that are not whole, or before their turn */
	FRAGMENTS_MAX = 16 << 20, /* bytes all flows of a lane may hold of them */
	FRAGMENT_HEADER = 12,
	CLIENT_HELLO = 1,
	SERVER_HELLO = 2,
	VERIFY_REQUEST = 3,
	UNIFIED = 0x20, /* of DTLS 1.3: all of it is encrypted */
	UNIFIED_MASK = 0xe0,
	ACK = 26 /* RFC 9147 section 7 */
};

struct waiting {
	bool is_used;
	uint16_t number;
	uint8_t type;
	uint32_t size;
	struct ranged body;
};

struct dtls_side {
	bool has_begun;
	uint16_t next; /* number of the message whose turn it is */
	struct waiting waiting[WAITING_MAX];
};

struct dtls {
	struct tls tls; /* first: tls_end frees all of it */
	struct dtls_side side[SIDES];
};

struct fragment {
	uint8_t type;
	uint16_t number;
	uint32_t size, at; /* of the whole message; where this stands in it */
	struct bytes data;
};

/* A record header's 'data' is the record. */
struct dtls_record {
	uint8_t type;
	uint16_t version, epoch;
	struct bytes data;
};

/* False if no record of DTLS begins here. */
static bool
take_record(struct bytes *datagram, struct dtls_record *record)
{
	record->type = bytes_u8(datagram);
	record->version = bytes_u16(datagram);
	record->epoch = bytes_u16(datagram);
	bytes_take(datagram, 6); /* sequence number */
	record->data = bytes_window(datagram, bytes_u16(datagram));
	return bytes_ok(datagram) &&
	       ((record->type >= TLS_CHANGE_CIPHER && record->type <= TLS_HEARTBEAT) ||
		record->type == ACK) &&
	       (record->version == DTLS_1_0 || record->version == DTLS_1_2);
}

static uint32_t
take_u24(struct bytes *data)
{
	uint32_t high = bytes_u8(data);

	return high << 16 | bytes_u16(data);
}

static bool
take_fragment(struct bytes *record, struct fragment *fragment)
{
	fragment->type = bytes_u8(record);
	fragment->size = take_u24(record);
	fragment->number = bytes_u16(record);
	fragment->at = take_u24(record);
	uint32_t size = take_u24(record);
	fragment->data = bytes_window(record, size);
	return bytes_ok(record) && fragment->at <= fragment->size &&
	       size <= fragment->size - fragment->at;
}

/* A hello in the clear. */
static enum recognition
recognise(struct bytes first, int side)
{
	struct dtls_record record;
	struct fragment fragment;

	(void)side;
	if (!take_record(&first, &record) || record.type != TLS_HANDSHAKE ||
	    record.epoch != 0 || !take_fragment(&record.data, &fragment) ||
	    fragment.type < CLIENT_HELLO || fragment.type > VERIFY_REQUEST ||
	    fragment.number > 3 || fragment.size > TLS_MESSAGE_MAX)
		return RECOGNISED_NO;
	if (fragment.at > 0)
		return RECOGNISED_YES;
	uint16_t version = bytes_u16(&fragment.data);
	return version == DTLS_1_0 || version == DTLS_1_2 ? RECOGNISED_YES
							  : RECOGNISED_NO;
}

static void *
begin(void *shared)
{
	struct dtls *dtls = calloc(1, sizeof(*dtls));

	if (dtls) {
		dtls->tls.lane = shared;
		dtls->tls.client = -1;
		dtls->tls.is_dtls = true;
	}
	return dtls;
}

static void
forget(struct dtls *dtls, struct waiting *waiting)
{
	ranged_release(&dtls->tls.lane->fragments, &waiting->body);
	waiting->is_used = false;
}

static void
end(void *state)
{
	struct dtls *dtls = state;

	for (int side = 0; side < SIDES; side++)
		for (int i = 0; i < WAITING_MAX; i++)
			forget(dtls, &dtls->side[side].waiting[i]);
	tls_end(&dtls->tls);
}

/* The ClientHello of DTLS has a cookie that that of TLS has not (RFC 6347 section
 * 4.2.1): it is left out. */
static bool
without_cookie(struct bytes body, uint8_t out[TLS_MESSAGE_MAX], struct bytes *plain)
{
	enum { BEFORE_SESSION = 2 + 32 };
	const uint8_t *start = body.at;

	bytes_take(&body, BEFORE_SESSION);
	bytes_take(&body, bytes_u8(&body)); /* session id */
	if (!bytes_ok(&body))
		return false;
	size_t before = (size_t)(body.at - start);
	bytes_take(&body, bytes_u8(&body)); /* cookie */
	if (!bytes_ok(&body) || before + body.left > TLS_MESSAGE_MAX)
		return false;
	memcpy(out, start, before);
	memcpy(out + before, body.at, body.left);
	*plain = bytes_over(out, before + body.left);
	return true;
}

static bool
deliver(struct dtls *dtls, int side, uint8_t type, struct bytes body, struct instant at,
	const struct dissect_out *out)
{
	uint8_t hello[TLS_MESSAGE_MAX];

	dtls->side[side].next++;
	if (tls_is_encrypted(&dtls->tls, side))
		return true;
	if (type == CLIENT_HELLO && !without_cookie(body, hello, &body)) {
		dtls->tls.violation = "tls.client_hello_malformed";
		return false;
	}
	return tls_message(&dtls->tls, side, type, body, false, at, out);
}

static struct waiting *
find_waiting(struct dtls_side *from, uint16_t number)
{
	for (int i = 0; i < WAITING_MAX; i++)
		if (from->waiting[i].is_used && from->waiting[i].number == number)
			return &from->waiting[i];
	return NULL;
}

/* The place of a message that is not whole yet, or NULL: there are too many. */
static struct waiting *
find_place(struct dtls_side *from, const struct fragment *fragment)
{
	struct waiting *waiting = find_waiting(from, fragment->number);

	for (int i = 0; waiting == NULL && i < WAITING_MAX; i++)
		if (!from->waiting[i].is_used) {
			waiting = &from->waiting[i];
			*waiting = (struct waiting){ .is_used = true,
						     .number = fragment->number,
						     .type = fragment->type,
						     .size = fragment->size };
		}
	return waiting;
}

/* Those whose turn has come and that are whole. */
static bool
deliver_waiting(struct dtls *dtls, int side, struct instant at,
		const struct dissect_out *out)
{
	struct dtls_side *from = &dtls->side[side];
	struct waiting *waiting;

	while ((waiting = find_waiting(from, from->next)) != NULL) {
		struct bytes body = ranged_prefix(&waiting->body);
		if (body.left < waiting->size)
			return true;
		bool is_fine = deliver(dtls, side, waiting->type, body, at, out);
		forget(dtls, waiting);
		if (!is_fine)
			return false;
	}
	return true;
}

static bool
broken(struct dtls *dtls)
{
	dtls->tls.violation = "dtls.fragment_malformed";
	return false;
}

/* There is no room for it: nothing more is read of this side. */
static void
refuse(struct dtls *dtls, int side)
{
	struct tls_side *from = &dtls->tls.side[side];

	dtls->tls.lane->counters.cut++;
	from->is_lost = from->is_refused = true;
}

static bool
keep_fragment(struct dtls *dtls, int side, const struct fragment *fragment)
{
	struct waiting *waiting = find_place(&dtls->side[side], fragment);

	if (waiting != NULL &&
	    (waiting->size != fragment->size || waiting->type != fragment->type))
		return broken(dtls);
	if (waiting == NULL ||
	    !ranged_add(&dtls->tls.lane->fragments, &waiting->body, fragment->at,
			fragment->data, TLS_MESSAGE_MAX))
		refuse(dtls, side);
	return true;
}

/* What was handed on already comes again after a loss; what is far ahead is kept. */
static bool
take_handshake(struct dtls *dtls, int side, struct bytes record, struct instant at,
	       const struct dissect_out *out)
{
	struct dtls_side *from = &dtls->side[side];
	struct fragment fragment;

	while (record.left > 0 && !dtls->tls.side[side].is_lost) {
		if (!take_fragment(&record, &fragment))
			return broken(dtls);
		if (!from->has_begun)
			from->next = fragment.number;
		from->has_begun = true;
		if ((int16_t)(fragment.number - from->next) < 0)
			continue;
		bool is_whole = fragment.data.left == fragment.size &&
				fragment.number == from->next &&
				find_waiting(from, from->next) == NULL;
		bool is_fine = is_whole ? deliver(dtls, side, fragment.type,
						  fragment.data, at, out)
					: keep_fragment(dtls, side, &fragment);
		if (!is_fine || !deliver_waiting(dtls, side, at, out))
			return false;
	}
	return true;
}

static bool
take_plain(struct dtls *dtls, int side, const struct dtls_record *record,
	   struct instant at, const struct dissect_out *out)
{
	switch (record->type) {
	case TLS_HANDSHAKE:
		return take_handshake(dtls, side, record->data, at, out);
	case TLS_ALERT:
		tls_take_alert(&dtls->tls, side, record->data);
		return true;
	case TLS_CHANGE_CIPHER:
		tls_take_change(&dtls->tls, side);
		return true;
	default:
		return true;
	}
}

/* Records that are none are passed over with the rest of their datagram, as peers do
 * (RFC 6347 section 4.1.2.7). */
static enum dissect_result
feed(void *state, int side, struct bytes data, struct instant at,
     const struct dissect_out *out)
{
	struct dtls *dtls = state;
	struct tls_side *from = &dtls->tls.side[side];
	struct dtls_record record;

	from->is_seen = true;
	while (data.left > 0 && !dtls->tls.violation) {
		if ((data.at[0] & UNIFIED_MASK) == UNIFIED) {
			from->has_data = true;
			break;
		}
		if (!take_record(&data, &record))
			break;
		from->records++;
		if (record.epoch > 0)
			from->has_data = true;
		else if (!take_plain(dtls, side, &record, at, out))
			break;
	}
	return tls_conclude(&dtls->tls, at, out);
}

/* Of a datagram that is not whole, the last record is passed over as if it were lost.
 */
static enum dissect_result
gap(void *state, int side, uint64_t missing, struct instant at,
    const struct dissect_out *out)
{
	(void)state, (void)side, (void)missing, (void)at, (void)out;
	return DISSECT_MORE;
}

static void *
shared_new(void)
{
	struct tls_lane *lane = tls_lane_new();

	if (lane)
		lane->fragments.most = FRAGMENTS_MAX;
	return lane;
}

static struct dissect_counters
counters(const void *shared)
{
	return ((const struct tls_lane *)shared)->counters;
}

const struct dissector dissector_dtls = {
	.name = "dtls",
	.transport = DISSECT_DATAGRAM,
	.recognise = recognise,
	.begin = begin,
	.feed = feed,
	.gap = gap,
	.finish = tls_finish,
	.end = end,
	.violation = tls_violation,
	.shared_new = shared_new,
	.shared_free = tls_lane_free,
	.counters = counters,
};
