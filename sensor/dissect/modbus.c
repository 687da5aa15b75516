/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modbus: requests and answers of Modbus/TCP.
 *
 * Machines are asked the same again and again: each kind of request is told
 * once a connection, then how many there were.  No value is read.
 */
#include <stdlib.h>

#include "sensor/dissect/pieces.h"
#include "sensor/dissect/telling.h"

enum {
	HEADER = 8, /* with unit and function */
	LENGTH_MAX = 254,
	MESSAGE_MAX = 260,
	KINDS_MAX = 32,   /* kinds told of a connection */
	WAITING_MAX = 16, /* requests that wait; then the oldest is let go */
	EXCEPTION = 0x80
};

enum access { ACCESS_NONE, ACCESS_READ, ACCESS_WRITE, ACCESS_BOTH };

static const char *const accesses[] = { "NONE", "READ", "WRITE", "READ | WRITE" };

/* 'length' of a request, unit and function included; 0 = it has none of its own. */
static const struct function {
	uint8_t code;
	const char *name;
	enum access access;
	uint8_t length;
} functions[] = {
	{ 1, "RdCoils", ACCESS_READ, 6 },
	{ 2, "RdDiscreteInputs", ACCESS_READ, 6 },
	{ 3, "RdHoldRegs", ACCESS_READ, 6 },
	{ 4, "RdInputRegs", ACCESS_READ, 6 },
	{ 5, "WrSingleCoil", ACCESS_WRITE, 6 },
	{ 6, "WrSingleReg", ACCESS_WRITE, 6 },
	{ 7, "RdExcStatus", ACCESS_READ, 2 },
	{ 8, "Diagnostic", ACCESS_NONE, 0 },
	{ 11, "GetCommEventCtr", ACCESS_NONE, 2 },
	{ 12, "GetCommEventLog", ACCESS_NONE, 2 },
	{ 15, "WrMultCoils", ACCESS_WRITE, 0 },
	{ 16, "WrMultRegs", ACCESS_WRITE, 0 },
	{ 17, "ReportServerID", ACCESS_NONE, 2 },
	{ 20, "RdFileRec", ACCESS_READ, 0 },
	{ 21, "WrFileRec", ACCESS_WRITE, 0 },
	{ 22, "MaskWrReg", ACCESS_WRITE, 8 },
	{ 23, "RdWrMultRegs", ACCESS_BOTH, 0 },
	{ 24, "RdFIFOQueue", ACCESS_READ, 4 },
	{ 43, "MEI", ACCESS_NONE, 0 },
};

struct message {
	uint16_t transaction;
	uint8_t unit, function;
	uint8_t exception; /* 0 = none */
};

struct waiting {
	struct message message;
	struct instant at;
	bool is_used;
};

struct modbus {
	struct dissect_lane *lane;
	struct pieces pieces[SIDES];
	bool is_lost[SIDES];
	int client; /* its side, -1 = not known yet */
	struct waiting waiting[WAITING_MAX];
	uint32_t next;
	uint32_t kinds[KINDS_MAX], kind_count;
	uint64_t requests, responses, exceptions, writes;
	const char *violation;
};

static const struct function *
function_of(uint8_t code)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (functions[i].code == code)
			return &functions[i];
	return NULL;
}

static uint64_t
size_of(struct bytes first)
{
	bytes_take(&first, 2);
	uint16_t protocol = bytes_u16(&first), length = bytes_u16(&first);

	if (!bytes_ok(&first))
		return PIECE_UNKNOWN;
	if (protocol != 0 || length < 2 || length > LENGTH_MAX)
		return PIECE_BROKEN;
	return UINT64_C(6) + length;
}

/* How many are wanted, or written, fits what one message can hold. */
static bool
is_sane(struct bytes data, uint8_t code)
{
	enum { QUANTITY_MAX = 2000 };

	if (code > 4)
		return true;
	bytes_take(&data, HEADER + 2);
	uint16_t quantity = bytes_u16(&data);
	return bytes_ok(&data) && quantity > 0 && quantity <= QUANTITY_MAX;
}

/* A whole request; what answers is known by it. */
static enum recognition
recognise(struct bytes first, int side)
{
	struct bytes data = first;
	uint64_t size = size_of(first);

	(void)side;
	if (size == PIECE_BROKEN ||
	    (first.left > 3 && (first.at[2] != 0 || first.at[3] != 0)) ||
	    (first.left > 4 && first.at[4] != 0))
		return RECOGNISED_NO;
	if (size == PIECE_UNKNOWN || first.left < HEADER)
		return RECOGNISED_MAYBE;
	const struct function *function = function_of(first.at[7]);
	if (function == NULL ||
	    (function->length != 0 && size != 6u + function->length) ||
	    (function->length == 0 && size < HEADER + 2))
		return RECOGNISED_NO;
	if (first.left < size)
		return RECOGNISED_MAYBE;
	/* requests may be sent before the last one is answered: what follows is one too
	 */
	struct bytes request = bytes_window(&data, (size_t)size);
	return is_sane(request, first.at[7]) ? RECOGNISED_YES : RECOGNISED_NO;
}

static bool
is_new_kind(struct modbus *modbus, const struct message *message, bool is_answered)
{
	uint32_t kind = (uint32_t)message->unit << 16 |
			(uint32_t)message->function << 8 | message->exception |
			(is_answered ? 0 : UINT32_C(1) << 31);

	for (uint32_t i = 0; i < modbus->kind_count; i++)
		if (modbus->kinds[i] == kind)
			return false;
	if (modbus->kind_count == KINDS_MAX) {
		modbus->lane->counters.dropped++;
		return false;
	}
	modbus->kinds[modbus->kind_count++] = kind;
	return true;
}

static void
tell_request(struct modbus *modbus, const struct message *message,
	     const uint64_t *latency, struct instant at, const struct dissect_out *out)
{
	const struct function *function = function_of(message->function);
	struct telling *telling = &modbus->lane->telling;
	struct record *record = &telling->record;

	if (!is_new_kind(modbus, message, latency != NULL))
		return;
	telling_begin(telling, EVENT_MODBUS);
	telling_name(telling, FIELD_SMODBUS_KIND, "request");
	record_set_number(record, FIELD_MODBUS_TRANSACTION, message->transaction);
	record_set_number(record, FIELD_MODBUS_UNIT, message->unit);
	record_set_number(record, FIELD_MODBUS_FUNCTION, message->function);
	if (function) {
		telling_name(telling, FIELD_MODBUS_NAME, function->name);
		telling_name(telling, FIELD_MODBUS_ACCESS, accesses[function->access]);
	}
	if (message->exception)
		record_set_number(record, FIELD_MODBUS_EXCEPTION, message->exception);
	record_set_flag(record, FIELD_SMODBUS_ANSWERED, latency != NULL);
	if (latency)
		record_set_number(record, FIELD_SMODBUS_LATENCY, *latency);
	telling_emit(telling, out, at, true);
}

static void
take_request(struct modbus *modbus, const struct message *message, struct instant at)
{
	const struct function *function = function_of(message->function);
	struct waiting *waiting = &modbus->waiting[modbus->next];

	modbus->requests++;
	modbus->writes += function && (function->access & ACCESS_WRITE);
	modbus->lane->counters.dropped += waiting->is_used;
	*waiting = (struct waiting){ *message, at, true };
	modbus->next = (modbus->next + 1) % WAITING_MAX;
}

static void
take_response(struct modbus *modbus, const struct message *message, struct instant at,
	      const struct dissect_out *out)
{
	modbus->responses++;
	modbus->exceptions += message->exception > 0;
	for (uint32_t i = 0; i < WAITING_MAX; i++) {
		struct waiting *waiting = &modbus->waiting[i];
		if (!waiting->is_used ||
		    waiting->message.transaction != message->transaction ||
		    waiting->message.unit != message->unit ||
		    waiting->message.function != message->function)
			continue;
		waiting->is_used = false;
		uint64_t latency = instant_is_before(at, waiting->at)
					   ? 0
					   : (uint64_t)instant_between(waiting->at, at);
		tell_request(modbus, message, &latency, at, out);
		return;
	}
}

static void
take_message(struct modbus *modbus, int side, struct bytes data, struct instant at,
	     const struct dissect_out *out)
{
	struct message message = { .transaction = bytes_u16(&data) };

	bytes_take(&data, 4);
	message.unit = bytes_u8(&data);
	message.function = bytes_u8(&data);
	if (side == modbus->client) {
		take_request(modbus, &message, at);
		return;
	}
	if (message.function & EXCEPTION) {
		message.function &= 0x7f;
		message.exception = bytes_u8(&data);
	}
	take_response(modbus, &message, at, out);
}

static enum dissect_result
feed(void *state, int side, struct bytes data, struct instant at,
     const struct dissect_out *out)
{
	struct modbus *modbus = state;
	enum pieces_result result = PIECES_NONE;
	struct piece piece;

	if (modbus->client < 0) {
		modbus->client = side;
		out->client_is(out->ctx, side);
	}
	while (!modbus->is_lost[side] &&
	       (result = pieces_message(&modbus->pieces[side], &modbus->lane->budget,
					size_of, HEADER, MESSAGE_MAX, &data, &piece)) ==
		       PIECES_ONE)
		take_message(modbus, side, piece.data, at, out);
	if (result != PIECES_BROKEN)
		return DISSECT_MORE;
	modbus->violation = "modbus.invalid_length";
	return DISSECT_VIOLATION;
}

static enum dissect_result
gap(void *state, int side, uint64_t missing, struct instant at,
    const struct dissect_out *out)
{
	struct modbus *modbus = state;

	(void)at, (void)out;
	modbus->is_lost[side] |=
		!pieces_gap(&modbus->pieces[side], &modbus->lane->budget, missing);
	return modbus->is_lost[0] && modbus->is_lost[1] ? DISSECT_DONE : DISSECT_MORE;
}

static void
finish(void *state, struct instant at, const struct dissect_out *out)
{
	struct modbus *modbus = state;
	struct telling *telling = &modbus->lane->telling;
	struct record *record = &telling->record;

	for (uint32_t i = 0; i < WAITING_MAX; i++)
		if (modbus->waiting[i].is_used)
			tell_request(modbus, &modbus->waiting[i].message, NULL, at,
				     out);
	telling_begin(telling, EVENT_MODBUS);
	telling_name(telling, FIELD_SMODBUS_KIND, "end");
	record_set_number(record, FIELD_SMODBUS_REQUESTS, modbus->requests);
	record_set_number(record, FIELD_SMODBUS_RESPONSES, modbus->responses);
	record_set_number(record, FIELD_SMODBUS_EXCEPTIONS, modbus->exceptions);
	record_set_number(record, FIELD_SMODBUS_WRITES, modbus->writes);
	if (modbus->is_lost[0] || modbus->is_lost[1])
		telling_hide(telling, "modbus.messages", "loss");
	telling_emit(telling, out, at, true);
}

static void *
begin(void *shared)
{
	struct modbus *modbus = calloc(1, sizeof(*modbus));

	if (modbus) {
		modbus->lane = shared;
		modbus->client = -1;
	}
	return modbus;
}

static void
end(void *state)
{
	struct modbus *modbus = state;

	for (int side = 0; side < SIDES; side++)
		pieces_release(&modbus->pieces[side], &modbus->lane->budget);
	free(modbus);
}

static const char *
violation(const void *state)
{
	return ((const struct modbus *)state)->violation;
}

const struct dissector dissector_modbus = { .name = "modbus",
					    .recognise = recognise,
					    .begin = begin,
					    .feed = feed,
					    .gap = gap,
					    .finish = finish,
					    .end = end,
					    .violation = violation,
					    .shared_new = dissect_lane_new,
					    .shared_free = dissect_lane_free,
					    .counters = dissect_lane_counters };
