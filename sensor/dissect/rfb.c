/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rfb: how a VNC session begins (RFC 6143 section 7.1 to 7.3).
 *
 * The two speak in turns, so a row of steps tells who is next and how much he
 * has to say.  Challenge and response are passed over unread.
 */
#include <stdlib.h>
#include <string.h>

#include "sensor/dissect/telling.h"

enum {
	VERSION_SIZE = 12,
	TYPES_MAX = 255,
	REASON_MAX = 255, /* bytes told of a refusal */
	CHALLENGE_SIZE = 16,
	ROOM = 4 + REASON_MAX, /* the longest of what waits to be read of a side */
	SERVER_INIT_SIZE = 4
};

enum { TYPE_INVALID, TYPE_NONE, TYPE_VNC };
enum { RESULT_NOT_YET = -1, RESULT_OK, RESULT_FAIL, RESULT_TOO_MANY };

enum step {
	STEP_SERVER_VERSION,
	STEP_CLIENT_VERSION,
	STEP_TYPES,    /* from 3.7 on: the server offers some */
	STEP_TYPE,     /* and the client chooses */
	STEP_ONE_TYPE, /* before: the server says it */
	STEP_REASON,   /* of a refusal */
	STEP_CHALLENGE,
	STEP_RESPONSE,
	STEP_RESULT,
	STEP_CLIENT_INIT,
	STEP_SERVER_INIT,
	STEP_OVER
};

struct side {
	uint8_t at[ROOM];
	uint16_t size;
	bool is_lost;
};

struct rfb {
	struct dissect_lane *lane;
	struct side side[SIDES];
	int server; /* its side, -1 = not known yet */
	enum step step;
	char server_version[VERSION_SIZE], client_version[VERSION_SIZE];
	bool has_server, has_client, has_type, has_shared, has_size, is_hidden;
	uint8_t offered[TYPES_MAX];
	uint8_t offered_count;
	uint32_t type;
	int result;
	uint8_t reason[REASON_MAX];
	uint16_t reason_size;
	bool is_shared;
	uint16_t width, height;
	bool is_told;
	const char *violation; /* literal, or NULL */
};

static bool
is_version(const uint8_t *at, size_t size)
{
	static const char form[] = "RFB ddd.ddd\n";

	for (size_t i = 0; i < size && i < VERSION_SIZE; i++)
		if (form[i] == 'd' ? at[i] < '0' || at[i] > '9' : at[i] != form[i])
			return false;
	return true;
}

static enum recognition
recognise(struct bytes first, int side)
{
	(void)side;
	if (!is_version(first.at, first.left))
		return RECOGNISED_NO;
	return first.left >= VERSION_SIZE ? RECOGNISED_YES : RECOGNISED_MAYBE;
}

static void *
begin(void *shared)
{
	struct dissect_lane *lane = shared;
	struct rfb *rfb = calloc(1, sizeof(*rfb));

	if (rfb == NULL) {
		lane->counters.no_memory++;
		return NULL;
	}
	rfb->lane = lane;
	rfb->server = -1;
	rfb->result = RESULT_NOT_YET;
	return rfb;
}

static bool
speaks_server(enum step step)
{
	return step != STEP_CLIENT_VERSION && step != STEP_TYPE &&
	       step != STEP_RESPONSE && step != STEP_CLIENT_INIT;
}

static unsigned
minor(const struct rfb *rfb)
{
	return (unsigned)strtoul(rfb->client_version + 8, NULL, 10);
}

/* A count, and as many bytes, or 4 + as many. */
static size_t
counted(const struct side *from, enum step step)
{
	struct bytes first = bytes_over(from->at, from->size);

	if (step == STEP_TYPES)
		return from->size ? 1 + (size_t)from->at[0] : 1;
	uint32_t size = bytes_u32(&first);
	return from->size < 4 ? 4 : 4 + (size_t)(size < REASON_MAX ? size : REASON_MAX);
}

/* Bytes a step takes at once. */
static size_t
wanted(const struct side *from, enum step step)
{
	static const uint8_t sizes[] = {
		[STEP_SERVER_VERSION] = VERSION_SIZE,
		[STEP_CLIENT_VERSION] = VERSION_SIZE,
		[STEP_TYPE] = 1,
		[STEP_ONE_TYPE] = 4,
		[STEP_CHALLENGE] = CHALLENGE_SIZE,
		[STEP_RESPONSE] = CHALLENGE_SIZE,
		[STEP_RESULT] = 4,
		[STEP_CLIENT_INIT] = 1,
		[STEP_SERVER_INIT] = SERVER_INIT_SIZE,
	};

	return step == STEP_TYPES || step == STEP_REASON ? counted(from, step)
							 : sizes[step];
}

/* After a type was chosen; of what we do not know, nothing more is read. */
static enum step
after_type(struct rfb *rfb, uint32_t type)
{
	rfb->type = type;
	rfb->has_type = true;
	if (type == TYPE_VNC)
		return STEP_CHALLENGE;
	if (type == TYPE_NONE)
		return minor(rfb) >= 8 ? STEP_RESULT : STEP_CLIENT_INIT;
	if (type == TYPE_INVALID)
		return STEP_REASON;
	rfb->is_hidden = true;
	return STEP_OVER;
}

static enum step
take_types(struct rfb *rfb, struct bytes data)
{
	rfb->offered_count = bytes_u8(&data);
	if (rfb->offered_count == 0) {
		rfb->result = RESULT_FAIL;
		return STEP_REASON;
	}
	memcpy(rfb->offered, data.at, rfb->offered_count);
	return STEP_TYPE;
}

static enum step
take_result(struct rfb *rfb, uint32_t result)
{
	if (result > RESULT_TOO_MANY) {
		rfb->violation = "rfb.unknown_security_result";
		return STEP_OVER;
	}
	rfb->result = (int)result;
	if (result == RESULT_OK)
		return STEP_CLIENT_INIT;
	return minor(rfb) >= 8 ? STEP_REASON : STEP_OVER;
}

static enum step
take_version(struct rfb *rfb, char *version, const uint8_t *at, enum step next)
{
	memcpy(version, at, VERSION_SIZE);
	if (!is_version(at, VERSION_SIZE)) {
		rfb->violation = "rfb.malformed_version";
		return STEP_OVER;
	}
	return next;
}

static enum step
take_one_type(struct rfb *rfb, uint32_t type)
{
	if (type == TYPE_INVALID)
		rfb->result = RESULT_FAIL;
	return after_type(rfb, type);
}

static enum step
take_reason(struct rfb *rfb, struct bytes data)
{
	bytes_take(&data, 4);
	rfb->reason_size = (uint16_t)data.left;
	memcpy(rfb->reason, data.at, data.left);
	return STEP_OVER;
}

static enum step
take_step(struct rfb *rfb, struct bytes data)
{
	switch (rfb->step) {
	case STEP_SERVER_VERSION:
		rfb->has_server = true;
		return take_version(rfb, rfb->server_version, data.at,
				    STEP_CLIENT_VERSION);
	case STEP_CLIENT_VERSION:
		rfb->has_client = true;
		(void)take_version(rfb, rfb->client_version, data.at, STEP_TYPES);
		return minor(rfb) >= 7 ? STEP_TYPES : STEP_ONE_TYPE;
	case STEP_TYPES:
		return take_types(rfb, data);
	case STEP_TYPE:
		return after_type(rfb, data.at[0]);
	case STEP_ONE_TYPE:
		return take_one_type(rfb, bytes_u32(&data));
	case STEP_REASON:
		return take_reason(rfb, data);
	case STEP_CHALLENGE:
		return STEP_RESPONSE;
	case STEP_RESPONSE:
		return STEP_RESULT;
	case STEP_RESULT:
		return take_result(rfb, bytes_u32(&data));
	case STEP_CLIENT_INIT:
		rfb->has_shared = true;
		rfb->is_shared = data.at[0] != 0;
		return STEP_SERVER_INIT;
	case STEP_SERVER_INIT:
		rfb->width = bytes_u16(&data);
		rfb->height = bytes_u16(&data);
		rfb->has_size = true;
		return STEP_OVER;
	case STEP_OVER:
		break;
	}
	return STEP_OVER;
}

/* The first to say its version is the server; if both were there before, side 1. */
static void
find_server(struct rfb *rfb, int side, const struct dissect_out *out)
{
	if (rfb->server >= 0)
		return;
	rfb->server = side;
	out->client_is(out->ctx, !side);
}

static void
step(struct rfb *rfb)
{
	while (rfb->step != STEP_OVER && rfb->violation == NULL) {
		int speaker = speaks_server(rfb->step) ? rfb->server : !rfb->server;
		struct side *from = &rfb->side[speaker];
		size_t size = wanted(from, rfb->step);
		if (from->size < size)
			return;
		rfb->step = take_step(rfb, bytes_over(from->at, size));
		from->size = (uint16_t)(from->size - size);
		memmove(from->at, from->at + size, from->size);
	}
}

static const char *
outcome(const struct rfb *rfb)
{
	if (rfb->result == RESULT_FAIL || rfb->result == RESULT_TOO_MANY)
		return "failure";
	if (rfb->has_type && rfb->type == TYPE_NONE)
		return "open";
	return rfb->result == RESULT_OK ? "success" : NULL;
}

static void
tell_version(struct telling *telling, const char *version, bool is_there,
	     enum field_id major, enum field_id minor_field, const char *key)
{
	const uint8_t *at = (const uint8_t *)version;

	if (!is_there) {
		telling_hide(telling, key, "truncated");
		return;
	}
	telling_text(telling, major, bytes_over(at + 4, 3), 12);
	telling_text(telling, minor_field, bytes_over(at + 8, 3), 12);
}

static void
tell_authentication(struct rfb *rfb, const struct dissect_out *out)
{
	static const char *const results[] = { "OK", "FAIL", "TOOMANY" };
	struct telling *telling = &rfb->lane->telling;
	const char *how = outcome(rfb);
	uint64_t *numbers = telling_numbers(telling, rfb->offered_count);

	for (unsigned i = 0; numbers && i < rfb->offered_count; i++)
		numbers[i] = rfb->offered[i];
	if (numbers && rfb->offered_count > 0)
		record_set_numbers(&telling->record, FIELD_SRFB_OFFERED, numbers,
				   rfb->offered_count);
	if (rfb->has_type)
		record_set_number(&telling->record, FIELD_RFB_TYPE, rfb->type);
	if (rfb->result != RESULT_NOT_YET)
		telling_name(telling, FIELD_RFB_RESULT, results[rfb->result]);
	if (rfb->reason_size > 0)
		telling_text(telling, FIELD_RFB_REASON,
			     bytes_over(rfb->reason, rfb->reason_size), REASON_MAX);
	if (how)
		telling_name(telling, FIELD_SRFB_OUTCOME, how);
	else
		telling_hide(telling, "rfb.authentication",
			     rfb->is_hidden ? "encrypted"
			     : !out->is_seen(out->ctx, !rfb->server) ||
					     !out->is_seen(out->ctx, rfb->server)
				     ? "asymmetric"
			     : rfb->side[0].is_lost || rfb->side[1].is_lost
				     ? "loss"
				     : "truncated");
}

static void
report(struct rfb *rfb, struct instant at, const struct dissect_out *out)
{
	struct telling *telling = &rfb->lane->telling;

	if (rfb->is_told || !rfb->has_server)
		return;
	rfb->is_told = true;
	telling_begin(telling, EVENT_RFB);
	tell_version(telling, rfb->server_version, rfb->has_server,
		     FIELD_RFB_SERVER_MAJOR, FIELD_RFB_SERVER_MINOR, "rfb.server");
	tell_version(telling, rfb->client_version, rfb->has_client,
		     FIELD_RFB_CLIENT_MAJOR, FIELD_RFB_CLIENT_MINOR, "rfb.client");
	tell_authentication(rfb, out);
	if (rfb->has_shared)
		record_set_flag(&telling->record, FIELD_RFB_SHARED, rfb->is_shared);
	if (rfb->has_size) {
		record_set_number(&telling->record, FIELD_RFB_WIDTH, rfb->width);
		record_set_number(&telling->record, FIELD_RFB_HEIGHT, rfb->height);
	}
	telling_emit(telling, out, at, true);
}

static enum dissect_result
conclude(struct rfb *rfb, struct instant at, const struct dissect_out *out)
{
	if (rfb->violation == NULL && rfb->step != STEP_OVER)
		return DISSECT_MORE;
	report(rfb, at, out);
	return rfb->violation ? DISSECT_VIOLATION : DISSECT_DONE;
}

static enum dissect_result
feed(void *state, int side, struct bytes data, struct instant at,
     const struct dissect_out *out)
{
	struct rfb *rfb = state;
	struct side *from = &rfb->side[side];

	find_server(rfb, side, out);
	while (data.left > 0 && rfb->step != STEP_OVER && rfb->violation == NULL) {
		size_t size = data.left < ROOM - (size_t)from->size
				      ? data.left
				      : ROOM - (size_t)from->size;
		if (size == 0) { /* more than any step takes, and not its turn */
			rfb->violation = "rfb.out_of_turn";
			break;
		}
		memcpy(from->at + from->size, bytes_take(&data, size), size);
		from->size = (uint16_t)(from->size + size);
		step(rfb);
	}
	return conclude(rfb, at, out);
}

static enum dissect_result
gap(void *state, int side, uint64_t missing, struct instant at,
    const struct dissect_out *out)
{
	struct rfb *rfb = state;

	(void)missing;
	find_server(rfb, !side, out);
	rfb->side[side].is_lost = true;
	rfb->step = STEP_OVER;
	return conclude(rfb, at, out);
}

static void
finish(void *state, struct instant at, const struct dissect_out *out)
{
	report(state, at, out);
}

static void
end(void *state)
{
	free(state);
}

static const char *
violation(const void *state)
{
	return ((const struct rfb *)state)->violation;
}

const struct dissector dissector_rfb = {
	.name = "vnc",
	.recognise = recognise,
	.begin = begin,
	.feed = feed,
	.gap = gap,
	.finish = finish,
	.end = end,
	.violation = violation,
	.shared_new = dissect_lane_new,
	.shared_free = dissect_lane_free,
	.counters = dissect_lane_counters,
};
