/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syslog: messages over datagrams (RFC 5426) and streams (RFC 6587), audit messages
 * told as such.
 *
 * Over a stream each message is framed by its length or by a line end, and
 * senders may change between the two.  Only the side that sends is read.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/dissect/atna.h"
#include "sensor/dissect/pieces.h"
#include "sensor/dissect/syslog_message.h"

enum {
	MESSAGE_MAX = 128 << 10, /* bytes kept of one message; the rest is cut */
	HELD_MAX = 16 << 20,     /* bytes all flows of a lane keep */
	LENGTH_DIGITS = 8,       /* RFC 6587 sets no limit; 100 MB is none of ours */
	STRANGE_MAX = 64,        /* lines in a row without a priority */
	NAME_MAX = 255           /* bytes told of a host's or program's name */
};

struct syslog_lane {
	struct dissect_lane lane; /* first: dissect_lane_counters */
	struct xml *xml;
};

struct syslog {
	struct syslog_lane *lane;
	struct pieces pieces;
	enum { BETWEEN, IN_LINE, IN_COUNTED, LOST } phase;
	int side; /* that sends, -1 = not known yet */
	uint32_t strange;
	bool is_snapped; /* the next datagram lacks its end */
	const char *violation;
};

/* One message of a flow on its way into a record. */
struct syslog_call {
	struct syslog *syslog;
	const struct dissect_out *out;
	struct instant at;
	const char *framing, *cut; /* why its end is missing, or NULL */
	uint64_t size;
};

static void
tell_header(struct telling *telling, const struct syslog_message *message,
	    const struct syslog_call *call)
{
	struct record *record = &telling->record;

	record_set_number(record, FIELD_SYSLOG_FACILITY, message->facility);
	record_set_number(record, FIELD_SYSLOG_SEVERITY, message->severity);
	record_set_number(record, FIELD_SYSLOG_SIZE, call->size);
	telling_name(telling, FIELD_SYSLOG_FORM,
		     message->is_5424 ? "rfc5424" : "rfc3164");
	telling_name(telling, FIELD_SYSLOG_FRAMING, call->framing);
	telling_text(telling, FIELD_SYSLOG_TIME, message->time, NAME_MAX);
	telling_text(telling, FIELD_SYSLOG_HOSTNAME, message->host, NAME_MAX);
	telling_text(telling, FIELD_SYSLOG_APP, message->app, NAME_MAX);
	telling_text(telling, FIELD_SYSLOG_MSGID, message->msgid, NAME_MAX);
}

static bool
is_audit_id(struct bytes msgid)
{
	static const char *const ids[] = { "IHE+RFC-3881", "IHE+DICOM",
					   "DICOM+RFC3881" };

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (msgid.left == strlen(ids[i]) &&
		    memcmp(msgid.at, ids[i], msgid.left) == 0)
			return true;
	return false;
}

static void
tell_audit(struct syslog_call *call, const struct syslog_message *message,
	   struct bytes document)
{
	struct syslog_lane *lane = call->syslog->lane;
	struct telling *telling = &lane->lane.telling;

	telling_begin(telling, EVENT_ATNA);
	if (!atna_tell(telling, lane->xml, document)) {
		telling_hide(telling, "atna", call->cut ? call->cut : "truncated");
		record_set_flag(&telling->record, FIELD_SEKISHO_TRUNCATED, true);
	}
	tell_header(telling, message, call);
}

/* False if it is no message at all. */
static bool
tell(struct syslog_call *call, struct bytes data)
{
	struct telling *telling = &call->syslog->lane->lane.telling;
	struct syslog_message message;

	if (!syslog_message_read(data, &message))
		return false;
	struct bytes document = atna_document(message.text);
	if (document.left > 0 || is_audit_id(message.msgid)) {
		tell_audit(call, &message, document);
	} else {
		telling_begin(telling, EVENT_SYSLOG);
		tell_header(telling, &message, call);
	}
	if (call->cut)
		record_set_flag(&telling->record, FIELD_SEKISHO_TRUNCATED, true);
	telling_emit(telling, call->out, call->at, true);
	return true;
}

/* The length in front of a message, its blank included (RFC 6587 section 3.4.1). */
static uint64_t
size_of(struct bytes first)
{
	uint64_t size = 0;

	for (size_t i = 0; i < first.left; i++) {
		uint8_t c = first.at[i];
		if (c == ' ' && i > 0)
			return size + i + 1;
		if (!isdigit(c) || i == LENGTH_DIGITS)
			return PIECE_BROKEN;
		size = size * 10 + (c - '0');
	}
	return PIECE_UNKNOWN;
}

static struct bytes
behind_length(struct bytes data)
{
	while (data.left > 0 && bytes_u8(&data) != ' ')
		;
	return data;
}

static bool
is_broken(struct syslog *syslog, const char *violation)
{
	syslog->violation = violation;
	return false;
}

/* What is no message may be the rest of one with line ends inside; many are none. */
static bool
on_message(struct syslog_call *call, struct bytes data)
{
	struct syslog *syslog = call->syslog;

	if (tell(call, data)) {
		syslog->strange = 0;
		return true;
	}
	if (data.left == 0)
		return true;
	syslog->lane->lane.counters.dropped++;
	if (++syslog->strange > STRANGE_MAX)
		return is_broken(syslog, "syslog.no_priority");
	return true;
}

static bool
on_piece(struct syslog_call *call, const struct piece *piece)
{
	struct syslog *syslog = call->syslog;
	bool is_counted = syslog->phase == IN_COUNTED;
	struct bytes data = is_counted ? behind_length(piece->data) : piece->data;

	call->framing = is_counted ? "octet_counting" : "newline";
	call->cut = piece->is_cut ? "truncated" : NULL;
	call->size = piece->size - (piece->data.left - data.left);
	syslog->lane->lane.counters.cut += piece->is_cut;
	if (syslog->pieces.skip == 0)
		syslog->phase = BETWEEN;
	return on_message(call, data);
}

/* Framing of the message that begins here, or of the rest that is passed over. */
static void
begin_message(struct syslog *syslog, struct bytes data)
{
	if (syslog->phase == LOST) {
		/* a line end is sure; that a count stands here is only likely */
		if (syslog_message_recognise(data) == RECOGNISED_YES)
			syslog->phase = BETWEEN;
		else
			syslog->phase = IN_LINE;
	}
	if (syslog->phase == BETWEEN)
		syslog->phase = isdigit(data.at[0]) ? IN_COUNTED : IN_LINE;
}

static bool
read_stream(struct syslog_call *call, struct bytes data)
{
	struct syslog *syslog = call->syslog;
	struct kept_budget *budget = &syslog->lane->lane.budget;

	while (data.left > 0) {
		struct piece piece;
		enum pieces_result result;
		begin_message(syslog, data);
		result = syslog->phase == IN_COUNTED
				 ? pieces_message(&syslog->pieces, budget, size_of,
						  LENGTH_DIGITS + 1, MESSAGE_MAX, &data,
						  &piece)
				 : pieces_line(&syslog->pieces, budget, &data,
					       MESSAGE_MAX, &piece);
		if (result == PIECES_BROKEN)
			return is_broken(syslog, "syslog.bad_length");
		if (result == PIECES_ONE && !on_piece(call, &piece))
			return false;
		if (result == PIECES_NONE && syslog->phase == IN_COUNTED &&
		    syslog->pieces.skip == 0 && !syslog->pieces.has_size &&
		    syslog->pieces.kept.size == 0)
			syslog->phase = BETWEEN; /* all of a long one is passed over */
	}
	return true;
}

static enum dissect_result
feed_stream(void *state, int side, struct bytes data, struct instant at,
	    const struct dissect_out *out)
{
	struct syslog *syslog = state;
	struct syslog_call call = { .syslog = syslog, .out = out, .at = at };

	if (data.left == 0)
		return DISSECT_MORE;
	if (syslog->side < 0) {
		syslog->side = side;
		out->client_is(out->ctx, side);
	}
	if (side != syslog->side)
		return DISSECT_MORE;
	return read_stream(&call, data) ? DISSECT_MORE : DISSECT_VIOLATION;
}

/* Tells what has come of the message under way. */
static void
tell_rest(struct syslog *syslog, const char *why, struct instant at,
	  const struct dissect_out *out)
{
	struct syslog_call call = { .syslog = syslog, .out = out, .at = at };
	struct bytes data =
		bytes_over(syslog->pieces.kept.at, syslog->pieces.kept.size);
	bool is_counted = syslog->phase == IN_COUNTED;

	if (data.left > 0 && !syslog->pieces.is_handed_out && !syslog->violation) {
		if (is_counted)
			data = behind_length(data);
		call.framing = is_counted ? "octet_counting" : "newline";
		call.cut = why;
		call.size = data.left;
		on_message(&call, data);
	}
	pieces_release(&syslog->pieces, &syslog->lane->lane.budget);
}

static enum dissect_result
gap_stream(void *state, int side, uint64_t missing, struct instant at,
	   const struct dissect_out *out)
{
	struct syslog *syslog = state;

	(void)missing;
	if (syslog->side >= 0 && side != syslog->side)
		return DISSECT_MORE;
	tell_rest(syslog, "loss", at, out);
	syslog->phase = LOST;
	return syslog->violation ? DISSECT_VIOLATION : DISSECT_MORE;
}

/* The last line of a stream may lack its end; a count that is not reached says that
 * more was to come. */
static void
finish_stream(void *state, struct instant at, const struct dissect_out *out)
{
	struct syslog *syslog = state;
	bool is_cut = out->is_cut || syslog->phase == IN_COUNTED;

	if (syslog->violation == NULL)
		tell_rest(syslog, is_cut ? "truncated" : NULL, at, out);
}

static enum dissect_result
feed_datagram(void *state, int side, struct bytes data, struct instant at,
	      const struct dissect_out *out)
{
	struct syslog *syslog = state;
	struct syslog_call call = { .syslog = syslog,
				    .out = out,
				    .at = at,
				    .framing = "datagram",
				    .cut = syslog->is_snapped ? "truncated" : NULL,
				    .size = data.left };

	if (syslog->side < 0) {
		syslog->side = side;
		out->client_is(out->ctx, side);
	}
	syslog->is_snapped = false;
	on_message(&call, data);
	return syslog->violation ? DISSECT_VIOLATION : DISSECT_MORE;
}

static enum dissect_result
gap_datagram(void *state, int side, uint64_t missing, struct instant at,
	     const struct dissect_out *out)
{
	(void)side, (void)missing, (void)at, (void)out;
	((struct syslog *)state)->is_snapped = true;
	return DISSECT_MORE;
}

static void
finish_datagram(void *state, struct instant at, const struct dissect_out *out)
{
	(void)state, (void)at, (void)out;
}

static enum recognition
recognise_datagram(struct bytes first, int side)
{
	(void)side;
	return syslog_message_recognise(first) == RECOGNISED_YES ? RECOGNISED_YES
								 : RECOGNISED_NO;
}

static enum recognition
recognise_stream(struct bytes first, int side)
{
	size_t digits = 0;

	(void)side;
	while (digits < first.left && isdigit(first.at[digits]))
		digits++;
	if (digits > 0 && (digits > LENGTH_DIGITS || first.at[0] == '0'))
		return RECOGNISED_NO;
	bytes_take(&first, digits);
	if (first.left == 0)
		return RECOGNISED_MAYBE;
	if (digits > 0 && bytes_u8(&first) != ' ')
		return RECOGNISED_NO;
	return syslog_message_recognise(first);
}

static void *
begin(void *shared)
{
	struct syslog *syslog = calloc(1, sizeof(*syslog));

	if (syslog == NULL)
		return NULL;
	syslog->lane = shared;
	syslog->side = -1;
	return syslog;
}

static void
end(void *state)
{
	struct syslog *syslog = state;

	pieces_release(&syslog->pieces, &syslog->lane->lane.budget);
	free(syslog);
}

static const char *
violation(const void *state)
{
	return ((const struct syslog *)state)->violation;
}

static void
shared_free(void *shared)
{
	struct syslog_lane *lane = shared;

	if (lane)
		xml_free(lane->xml);
	free(lane);
}

static void *
shared_new(void)
{
	struct syslog_lane *lane = calloc(1, sizeof(*lane));

	if (lane == NULL)
		return NULL;
	lane->lane.budget.most = HELD_MAX;
	lane->xml = xml_new();
	if (lane->xml == NULL) {
		free(lane);
		return NULL;
	}
	return lane;
}

/* clang-format off */
const struct dissector dissector_syslog_udp = {
	.name = "syslog", .transport = DISSECT_DATAGRAM, .recognise = recognise_datagram, .begin = begin,
	.feed = feed_datagram, .gap = gap_datagram, .finish = finish_datagram, .end = end, .violation = violation,
	.shared_new = shared_new, .shared_free = shared_free, .counters = dissect_lane_counters,
};
const struct dissector dissector_syslog_tcp = {
	.name = "syslog", .transport = DISSECT_STREAM, .recognise = recognise_stream, .begin = begin,
	.feed = feed_stream, .gap = gap_stream, .finish = finish_stream, .end = end, .violation = violation,
	.shared_new = shared_new, .shared_free = shared_free, .counters = dissect_lane_counters,
};
/* clang-format on */
