/* SPDX-License-Identifier: Apache-2.0 */
/* tls: the dissector of SSLv3 to TLS 1.3 over a stream: records, messages, the end of
 * the visible part. */
#include <stdlib.h>
#include <string.h>

#include "common/digest.h"
#include "sensor/dissect/tls_state.h"

enum { MESSAGE_HEADER = 4, V2_HEADER = 2, HEADER = 5 };

bool
tls_keep(struct tls_lane *lane, struct tls_bytes *kept, struct bytes more,
	 uint32_t most)
{
	size_t size = more.left < most - kept->size ? more.left : most - kept->size;
	size_t wanted = kept->size + size;

	if (wanted > kept->room) {
		size_t room = kept->room ? kept->room * 2 : 512;
		room = room > most ? most : room < wanted ? wanted : room;
		uint8_t *at = lane->held + room - kept->room <= TLS_HELD_MAX
				      ? realloc(kept->at, room)
				      : NULL;
		if (at == NULL)
			return false;
		lane->held += room - kept->room;
		kept->at = at;
		kept->room = (uint32_t)room;
	}
	if (size > 0)
		memcpy(kept->at + kept->size, more.at, size);
	kept->size = (uint32_t)wanted;
	return size == more.left;
}

void
tls_release(struct tls_lane *lane, struct tls_bytes *kept)
{
	lane->held -= kept->room;
	free(kept->at);
	*kept = (struct tls_bytes){ 0 };
}

void
tls_lane_free(void *shared)
{
	struct tls_lane *lane = shared;

	if (lane == NULL)
		return;
	certificate_cache_free(lane->cache);
	tls_report_free(lane->report);
	digester_free(lane->sha256);
	digester_free(lane->md5);
	free(lane);
}

void *
tls_lane_new(void)
{
	struct tls_lane *lane = calloc(1, sizeof(*lane));

	if (lane == NULL)
		return NULL;
	lane->sha256 = digester_of(DIGEST_SHA256);
	lane->md5 = digester_of(DIGEST_MD5);
	lane->cache = certificate_cache_new();
	lane->report = tls_report_new();
	if (lane->cache == NULL || lane->report == NULL) {
		tls_lane_free(lane);
		return NULL;
	}
	return lane;
}

void *
tls_begin(void *shared)
{
	struct tls *tls = calloc(1, sizeof(*tls));

	if (tls) {
		tls->lane = shared;
		tls->client = -1;
	}
	return tls;
}

void
tls_end(void *state)
{
	struct tls *tls = state;

	for (int i = 0; i < SIDES; i++) {
		tls_release(tls->lane, &tls->side[i].message);
		for (uint32_t j = 0; j < tls->chain[i].count; j++)
			certificate_drop(tls->chain[i].certificate[j]);
	}
	tls_release(tls->lane, &tls->client_hello);
	tls_release(tls->lane, &tls->server_hello);
	free(tls);
}

static bool
violate(struct tls *tls, const char *how)
{
	tls->violation = how;
	return false;
}

bool
tls_is_encrypted(const struct tls *tls, int side)
{
	if (!tls->side[side].is_changed)
		return false;
	/* In TLS 1.3 ChangeCipherSpec means nothing (RFC 8446 appendix D.4). */
	return tls->has_server_hello ? !tls_version_hides(tls->version)
				     : !tls->is_retried;
}

/* Hands a whole message on and forgets it. */
static bool
finish_message(struct tls *tls, int side, struct instant at,
	       const struct dissect_out *out)
{
	struct tls_side *from = &tls->side[side];
	struct bytes message = bytes_over(from->message.at, from->message.size);
	bool is_cut = from->message.size < from->message_size, is_fine;

	if (from->record_type == TLS_V2) {
		is_fine = tls_message_v2(tls, side, message, is_cut, out);
	} else {
		uint8_t type = bytes_u8(&message);
		bytes_take(&message, MESSAGE_HEADER - 1);
		is_fine = tls_message(tls, side, type, message, is_cut, at, out);
	}
	tls_release(tls->lane, &from->message);
	from->message_seen = from->message_size = 0;
	return is_fine;
}

/* Size with header of the message that begins here, 0 if its header is not whole. */
static uint32_t
message_size(struct bytes header)
{
	bytes_u8(&header);
	uint32_t high = bytes_u8(&header);
	uint32_t size = high << 16 | bytes_u16(&header);

	return bytes_ok(&header) ? size + MESSAGE_HEADER : 0;
}

/* A message that crosses records or segments: kept until it is whole. */
static bool
gather(struct tls *tls, int side, struct bytes *data, struct instant at,
       const struct dissect_out *out)
{
	struct tls_side *from = &tls->side[side];
	uint32_t wanted = from->message_size ? from->message_size : MESSAGE_HEADER;
	size_t size = wanted - from->message_seen;
	struct bytes part = bytes_window(data, size < data->left ? size : data->left);

	/* Once something was left out nothing follows it: what is kept has no holes. */
	if (from->message.size == from->message_seen)
		tls_keep(tls->lane, &from->message, part, TLS_MESSAGE_MAX);
	from->message_seen += (uint32_t)part.left;
	if (from->message_size == 0 && from->message.size < from->message_seen) {
		from->is_lost = from->is_refused = true; /* not even for its header */
		return true;
	}
	if (from->message_size == 0)
		from->message_size =
			message_size(bytes_over(from->message.at, from->message.size));
	if (from->message_size == 0 || from->message_seen < from->message_size)
		return true;
	return finish_message(tls, side, at, out);
}

static bool
take_handshake(struct tls *tls, int side, struct bytes data, struct instant at,
	       const struct dissect_out *out)
{
	struct tls_side *from = &tls->side[side];

	while (data.left > 0 && !from->is_lost && !tls_is_encrypted(tls, side)) {
		uint32_t size = from->message_seen ? 0 : message_size(data);
		bool is_fine;

		if (size > 0 &&
		    size <= data.left) { /* the usual case: nothing is copied */
			uint8_t type = bytes_u8(&data);
			bytes_take(&data, MESSAGE_HEADER - 1);
			struct bytes body = bytes_window(&data, size - MESSAGE_HEADER);
			is_fine = tls_message(tls, side, type, body, false, at, out);
		} else {
			is_fine = gather(tls, side, &data, at, out);
		}
		if (!is_fine)
			return false;
	}
	return true;
}

/* Only an alert that ends the handshake is kept; SSLv3 says by a warning that it has no
 * certificate. */
void
tls_take_alert(struct tls *tls, int side, struct bytes data)
{
	enum { CLOSE = 0, NO_CERTIFICATE = 41, USER_CANCELED = 90, FATAL = 2 };
	struct tls_side *from = &tls->side[side];

	while (data.left > 0 && from->alert_size < sizeof(from->alert))
		from->alert[from->alert_size++] = bytes_u8(&data);
	if (from->alert_size < sizeof(from->alert))
		return;
	from->alert_size = 0;
	uint8_t level = from->alert[0], alert = from->alert[1];
	if (alert == NO_CERTIFICATE && level != FATAL && side == tls->client)
		tls->chain[TLS_CLIENT].is_seen = true;
	bool is_end = level == FATAL || alert == CLOSE ||
		      (tls_version_hides(tls->version) && alert != USER_CANCELED);
	if (is_end && !tls->has_alert) {
		tls->has_alert = true;
		tls->alert = alert;
	}
}

void
tls_take_change(struct tls *tls, int side)
{
	tls->side[side].is_changed = true;
	if (tls->has_server_hello && side != tls->client && !tls->has_server_done &&
	    !tls_version_hides(tls->version))
		tls->is_abbreviated = true;
}

static bool
take_record_part(struct tls *tls, int side, struct bytes data, struct instant at,
		 const struct dissect_out *out)
{
	switch (tls->side[side].record_type) {
	case TLS_HANDSHAKE:
		return take_handshake(tls, side, data, at, out);
	case TLS_V2:
		return gather(tls, side, &data, at, out);
	case TLS_ALERT:
		if (!tls_is_encrypted(tls, side))
			tls_take_alert(tls, side, data);
		return true;
	case TLS_CHANGE_CIPHER:
		tls_take_change(tls, side);
		return true;
	default: /* encrypted, and noted as such by its header */
		return true;
	}
}

/* A whole header: what kind of record follows, and how much of it. */
static bool
begin_record(struct tls *tls, int side)
{
	struct tls_side *from = &tls->side[side];
	struct bytes header = bytes_over(from->header, from->header_size);

	from->header_size = 0;
	from->records++;
	if (from->header[0] & 0x80) {
		from->record_type = TLS_V2;
		from->record_left = bytes_u16(&header) & 0x7fff;
		from->message_size = from->record_left;
		return from->record_left > 0 || violate(tls, "tls.record_empty");
	}
	from->record_type = bytes_u8(&header);
	uint16_t version = bytes_u16(&header);
	from->record_left = bytes_u16(&header);
	if (from->record_type < TLS_CHANGE_CIPHER || from->record_type > TLS_HEARTBEAT)
		return violate(tls, "tls.record_type");
	if (version >> 8 != 3)
		return violate(tls, "tls.record_version");
	if (from->record_left > TLS_RECORD_MAX)
		return violate(tls, "tls.record_too_long");
	if (from->record_type == TLS_DATA ||
	    (from->record_type == TLS_HANDSHAKE && tls_is_encrypted(tls, side)))
		from->has_data = true;
	return true;
}

static bool
take_header(struct tls *tls, int side, struct bytes *data)
{
	struct tls_side *from = &tls->side[side];

	from->header[from->header_size++] = bytes_u8(data);
	/* Only the very first record of a stream can be SSLv2's. */
	bool is_v2 = from->header[0] & 0x80 && from->records == 0;
	if (from->header_size < (is_v2 ? V2_HEADER : HEADER))
		return true;
	return begin_record(tls, side);
}

/* Nothing more of the handshake can be seen of this side. */
static bool
is_settled(const struct tls_side *side)
{
	return side->has_data || side->is_lost;
}

static bool
is_over(const struct tls *tls)
{
	if (tls->has_alert || tls->is_ssl2 || tls->is_given_up)
		return true;
	if (!is_settled(&tls->side[0]) || !is_settled(&tls->side[1]))
		return false;
	/* Early data (RFC 8446 section 2.3) runs ahead of the ServerHello. */
	return tls->has_server_hello || tls->side[0].is_lost || tls->side[1].is_lost;
}

enum dissect_result
tls_conclude(struct tls *tls, struct instant at, const struct dissect_out *out)
{
	if (tls->violation)
		return DISSECT_VIOLATION;
	if (!is_over(tls))
		return DISSECT_MORE;
	tls_report(tls, at, out);
	return DISSECT_DONE;
}

enum dissect_result
tls_feed(void *state, int side, struct bytes data, struct instant at,
	 const struct dissect_out *out)
{
	struct tls *tls = state;
	struct tls_side *from = &tls->side[side];

	while (data.left > 0 && !from->is_lost && !is_over(tls)) {
		if (from->is_clear) {
			tls_upgrade_pass(tls, side, &data);
			continue;
		}
		from->is_seen = true;
		if (from->record_left == 0) {
			if (!take_header(tls, side, &data))
				break;
			continue;
		}
		size_t size =
			data.left < from->record_left ? data.left : from->record_left;
		struct bytes part = bytes_window(&data, size);
		from->record_left = (uint16_t)(from->record_left - size);
		if (!take_record_part(tls, side, part, at, out))
			break;
	}
	return tls_conclude(tls, at, out);
}

enum dissect_result
tls_gap(void *state, int side, uint64_t missing, struct instant at,
	const struct dissect_out *out)
{
	struct tls *tls = state;
	struct tls_side *from = &tls->side[side];
	bool is_passed_over =
		from->record_type == TLS_DATA || tls_is_encrypted(tls, side);

	if (from->is_clear)
		tls_upgrade_gap(tls, side, missing);
	else if (is_passed_over && missing <= from->record_left)
		from->record_left = (uint16_t)(from->record_left - missing);
	else
		from->is_lost = true;
	return tls_conclude(tls, at, out);
}

void
tls_finish(void *state, struct instant at, const struct dissect_out *out)
{
	tls_report(state, at, out);
}

const char *
tls_violation(const void *state)
{
	return ((const struct tls *)state)->violation;
}

const struct dissector dissector_tls = {
	.name = "tls",
	.recognise = tls_recognise,
	.begin = tls_begin,
	.feed = tls_feed,
	.gap = tls_gap,
	.finish = tls_finish,
	.end = tls_end,
	.violation = tls_violation,
	.shared_new = tls_lane_new,
	.shared_free = tls_lane_free,
};
