/* SPDX-License-Identifier: Apache-2.0 */
/* mqtt: how a client connects (MQTT 3.1, 3.1.1 and 5), and what was counted; no topic
 * and no message is read. */
#include <stdlib.h>
#include <string.h>

#include "sensor/dissect/pieces.h"
#include "sensor/dissect/telling.h"

enum {
	PACKET_MAX = 1024, /* bytes read of a packet */
	HEADER_MAX = 5,
	NAME_MAX = 128, /* bytes kept of a name; what is longer is cut */
	CONNECT = 1,
	CONNACK = 2,
	PUBLISH = 3,
	SUBSCRIBE = 8
};

struct mqtt {
	struct dissect_lane *lane;
	struct pieces pieces[SIDES];
	bool is_lost[SIDES];
	int client; /* its side, -1 = not known yet */
	bool has_connect, has_connack;
	uint8_t version, flags, code;
	bool is_old; /* MQIsdp */
	char id[NAME_MAX], user[NAME_MAX];
	uint8_t id_size, user_size;
	uint64_t publish[SIDES], subscribe;
	const char *violation;
};

/* The length of what follows, seven bits a byte, the low ones first; false if it is not
 * whole, or none. */
static bool
take_length(struct bytes *data, uint32_t *length)
{
	*length = 0;
	for (int i = 0; i < 4; i++) {
		uint8_t byte = bytes_u8(data);
		*length |= (uint32_t)(byte & 0x7f) << (7 * i);
		if (!(byte & 0x80))
			return bytes_ok(data);
	}
	data->is_short = true;
	return false;
}

static uint64_t
size_of(struct bytes first)
{
	struct bytes data = first;
	uint32_t length = 0;
	uint8_t type = bytes_u8(&data) >> 4;

	if (first.left > 0 && type == 0)
		return PIECE_BROKEN;
	if (!take_length(&data, &length))
		return first.left < HEADER_MAX ? PIECE_UNKNOWN : PIECE_BROKEN;
	return first.left - data.left + (uint64_t)length;
}

static bool
is_protocol(struct bytes data, uint8_t *version, bool *is_old)
{
	uint16_t size = bytes_u16(&data);
	const uint8_t *name = bytes_take(&data, size);

	*version = bytes_u8(&data);
	if (!bytes_ok(&data))
		return false;
	*is_old = size == 6 && memcmp(name, "MQIsdp", 6) == 0;
	if (*is_old)
		return *version == 3 || *version == 0x83; /* bridges set the high bit */
	return size == 4 && memcmp(name, "MQTT", 4) == 0 &&
	       (*version == 4 || *version == 5 || *version == 0x84);
}

static enum recognition
recognise(struct bytes first, int side)
{
	struct bytes data = first;
	uint32_t length = 0;
	uint8_t version = 0;
	bool is_old = false;

	(void)side;
	if (first.left > 0 && bytes_u8(&data) != CONNECT << 4)
		return RECOGNISED_NO;
	if (!take_length(&data, &length))
		return first.left < HEADER_MAX ? RECOGNISED_MAYBE : RECOGNISED_NO;
	if (data.left < 2)
		return RECOGNISED_MAYBE;
	if (data.at[0] != 0 || (data.at[1] != 4 && data.at[1] != 6) || length < 10)
		return RECOGNISED_NO;
	size_t want = 2u + data.at[1] + 1u;
	if (data.left >= want)
		return is_protocol(data, &version, &is_old) ? RECOGNISED_YES
							    : RECOGNISED_NO;
	size_t have = data.left - 2 < 4 ? data.left - 2 : 4;
	return memcmp(data.at + 2, data.at[1] == 4 ? "MQTT" : "MQIs", have) == 0
		       ? RECOGNISED_MAYBE
		       : RECOGNISED_NO;
}

static struct bytes
take_string(struct bytes *data)
{
	uint16_t size = bytes_u16(data);

	return bytes_window(data, size);
}

static void
pass_properties(const struct mqtt *mqtt, struct bytes *data)
{
	uint32_t length = 0;

	if ((mqtt->version & 0x7f) == 5 && take_length(data, &length))
		bytes_take(data, length);
}

static uint8_t
copy(char to[NAME_MAX], struct bytes from)
{
	size_t size = from.left < NAME_MAX ? from.left : NAME_MAX;

	if (size > 0)
		memcpy(to, from.at, size);
	return (uint8_t)size;
}

/* Client id, will and user name stand in this order, each only if its flag says so. */
static bool
take_connect(struct mqtt *mqtt, struct bytes data)
{
	enum { WILL = 0x04, USER = 0x80 };

	if (!is_protocol(data, &mqtt->version, &mqtt->is_old))
		return false;
	take_string(&data);
	bytes_take(&data, 1);
	mqtt->flags = bytes_u8(&data);
	bytes_take(&data, 2); /* keep alive */
	mqtt->has_connect = bytes_ok(&data);
	pass_properties(mqtt, &data);
	mqtt->id_size = copy(mqtt->id, take_string(&data));
	if (mqtt->flags & WILL) {
		pass_properties(mqtt, &data);
		take_string(&data);
		take_string(&data);
	}
	if (mqtt->flags & USER)
		mqtt->user_size = copy(mqtt->user, take_string(&data));
	return mqtt->has_connect;
}

static void
tell_connect(const struct mqtt *mqtt, struct telling *telling)
{
	enum { CLEAN = 0x02, WILL = 0x04, PASSWORD = 0x40, USER = 0x80 };
	struct record *record = &telling->record;

	telling_name(telling, FIELD_MQTT_PROTOCOL, mqtt->is_old ? "MQIsdp" : "MQTT");
	record_set_number(record, FIELD_MQTT_VERSION, mqtt->version & 0x7f);
	record_set_flag(record, FIELD_MQTT_HAS_USER, mqtt->flags & USER);
	record_set_flag(record, FIELD_MQTT_HAS_PASSWORD, mqtt->flags & PASSWORD);
	record_set_flag(record, FIELD_MQTT_HAS_WILL, mqtt->flags & WILL);
	record_set_flag(record, FIELD_MQTT_CLEAN, mqtt->flags & CLEAN);
	telling_text(telling, FIELD_MQTT_CLIENT, bytes_over(mqtt->id, mqtt->id_size),
		     NAME_MAX);
	telling_text(telling, FIELD_MQTT_USER, bytes_over(mqtt->user, mqtt->user_size),
		     NAME_MAX);
}

static void
tell(struct mqtt *mqtt, struct instant at, const struct dissect_out *out, bool is_end)
{
	struct telling *telling = &mqtt->lane->telling;
	struct record *record = &telling->record;

	telling_begin(telling, EVENT_MQTT);
	telling_name(telling, FIELD_SMQTT_KIND, is_end ? "end" : "connect");
	if (mqtt->has_connect)
		tell_connect(mqtt, telling);
	if (mqtt->has_connack)
		record_set_number(record, FIELD_MQTT_CODE, mqtt->code);
	else if (!mqtt->is_lost[0] && !mqtt->is_lost[1] && !out->is_cut)
		record_set_null(record, FIELD_MQTT_CODE);
	if (mqtt->is_lost[0] || mqtt->is_lost[1])
		telling_hide(telling, "mqtt.messages", "loss");
	record_set_number(record, FIELD_SMQTT_TO_SERVER,
			  mqtt->publish[mqtt->client == 1]);
	record_set_number(record, FIELD_SMQTT_TO_CLIENT,
			  mqtt->publish[mqtt->client != 1]);
	record_set_number(record, FIELD_SMQTT_SUBSCRIBE, mqtt->subscribe);
	telling_emit(telling, out, at, is_end);
}

/* False if it is not what it says it is. */
static bool
take_packet(struct mqtt *mqtt, int side, struct bytes data, struct instant at,
	    const struct dissect_out *out)
{
	uint8_t type = bytes_u8(&data) >> 4;
	uint32_t length = 0;

	take_length(&data, &length);
	switch (type) {
	case CONNECT:
		if (mqtt->client < 0) {
			mqtt->client = side;
			out->client_is(out->ctx, side);
		}
		return mqtt->has_connect || take_connect(mqtt, data);
	case CONNACK:
		bytes_take(&data, 1);
		mqtt->code = bytes_u8(&data);
		if (!bytes_ok(&data))
			return false;
		if (!mqtt->has_connack) {
			mqtt->has_connack = true;
			tell(mqtt, at, out, false);
		}
		return true;
	case PUBLISH:
		mqtt->publish[side]++;
		return true;
	case SUBSCRIBE:
		mqtt->subscribe++;
		return true;
	default:
		return true;
	}
}

static enum dissect_result
feed(void *state, int side, struct bytes data, struct instant at,
     const struct dissect_out *out)
{
	struct mqtt *mqtt = state;
	enum pieces_result result = PIECES_NONE;
	struct piece piece;
	bool is_good = true;

	while (!mqtt->is_lost[side] && is_good &&
	       (result = pieces_message(&mqtt->pieces[side], &mqtt->lane->budget,
					size_of, HEADER_MAX, PACKET_MAX, &data,
					&piece)) == PIECES_ONE)
		is_good = take_packet(mqtt, side, piece.data, at, out);
	if (is_good && result != PIECES_BROKEN)
		return DISSECT_MORE;
	mqtt->violation = is_good ? "mqtt.bad_length" : "mqtt.malformed_traffic";
	return DISSECT_VIOLATION;
}

/* Where the next packet begins is not known. */
static enum dissect_result
gap(void *state, int side, uint64_t missing, struct instant at,
    const struct dissect_out *out)
{
	struct mqtt *mqtt = state;

	(void)at, (void)out;
	mqtt->is_lost[side] |=
		!pieces_gap(&mqtt->pieces[side], &mqtt->lane->budget, missing);
	return mqtt->is_lost[0] && mqtt->is_lost[1] ? DISSECT_DONE : DISSECT_MORE;
}

static void
finish(void *state, struct instant at, const struct dissect_out *out)
{
	tell(state, at, out, true);
}

static void *
begin(void *shared)
{
	struct mqtt *mqtt = calloc(1, sizeof(*mqtt));

	if (mqtt) {
		mqtt->lane = shared;
		mqtt->client = -1;
	}
	return mqtt;
}

static void
end(void *state)
{
	struct mqtt *mqtt = state;

	for (int side = 0; side < SIDES; side++)
		pieces_release(&mqtt->pieces[side], &mqtt->lane->budget);
	free(mqtt);
}

static const char *
violation(const void *state)
{
	return ((const struct mqtt *)state)->violation;
}

const struct dissector dissector_mqtt = { .name = "mqtt",
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
