/* SPDX-License-Identifier: Apache-2.0 */
/* intake: the correlator's side of the conversation with sensors
 * (common/intake_protocol.h). */
#include "correlator/intake.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/intake_protocol.h"
#include "common/log.h"
#include "common/record_read.h"
#include "common/trust.h"
#include "correlator/engine.h"
#include "correlator/lanes.h"

struct intake_peer {
	struct intake *intake;
	intake_send *send;
	void *ctx;
	struct intake_hello hello;
	bool is_greeted;
	bool is_bound; /* to 'identity'; else its socket's permissions said who may come
			*/
	struct trust_identity identity;
	struct intake_peer *next;
};

struct intake {
	struct engine *engine;
	struct frame_codec *codec;
	struct intake_peer *first;
	size_t count;
	struct record_reader
		*reader; /* of what bound peers send, before it is applied */
	uint32_t waiting;
	bool is_said; /* that a peer without certificate sent what cannot be read */
	struct error said; /* the last fault of a peer with one */
};

struct intake *
intake_new(struct engine *engine)
{
	struct intake *intake = calloc(1, sizeof(*intake));

	if (intake == NULL || (intake->codec = frame_codec_new()) == NULL)
		log_fatal("intake", "no memory");
	intake->reader = record_reader_new();
	intake->engine = engine;
	return intake;
}

void
intake_free(struct intake *intake)
{
	if (intake == NULL)
		return;
	frame_codec_free(intake->codec);
	record_reader_free(intake->reader);
	free(intake);
}

void
intake_use(struct intake *intake, struct engine *engine)
{
	intake->engine = engine;
}

static void
refuse(intake_send *send, void *ctx, enum intake_refusal code, const char *reason)
{
	struct intake_refused refused = { .code = (uint16_t)code };
	uint8_t message[INTAKE_SMALL_MAX];

	snprintf(refused.reason, sizeof(refused.reason), "%s", reason);
	send(ctx, message, intake_write_refused(&refused, message));
}

struct intake_peer *
intake_peer_new(struct intake *intake, intake_send *send, void *ctx)
{
	struct intake_peer *peer =
		intake->count < INTAKE_PEERS_MAX ? calloc(1, sizeof(*peer)) : NULL;

	if (peer == NULL) {
		refuse(send, ctx, INTAKE_REFUSED_BUSY, "too many connections");
		return NULL;
	}
	*peer = (struct intake_peer){
		.intake = intake, .send = send, .ctx = ctx, .next = intake->first
	};
	intake->first = peer;
	intake->count++;
	return peer;
}

void
intake_peer_free(struct intake_peer *peer)
{
	if (peer == NULL)
		return;
	struct intake_peer **at = &peer->intake->first;
	while (*at != peer)
		at = &(*at)->next;
	*at = peer->next;
	peer->intake->count--;
	free(peer);
}

void
intake_peer_bind(struct intake_peer *peer, const struct trust_identity *identity)
{
	peer->identity = *identity;
	peer->is_bound = true;
}

void
intake_refuse_stranger(struct intake *intake)
{
	engine_refuse_stranger(intake->engine);
}

static void
tell_positions(const struct intake_peer *peer, enum intake_type type)
{
	uint8_t message[INTAKE_SMALL_MAX];

	for (uint16_t i = 0; peer->is_greeted && i < peer->hello.lane_count; i++) {
		struct intake_position position = { .lane = peer->hello.lane[i] };
		position.effects = position.checkpoint =
			engine_position(peer->intake->engine, peer->hello.sensor,
					peer->hello.epoch, peer->hello.lane[i]);
		peer->send(peer->ctx, message,
			   intake_write_position(type, &position, message));
	}
}

int
intake_tick(struct intake *intake, struct instant now, struct error *err)
{
	return engine_tick(intake->engine, now, err);
}

uint32_t
intake_waiting(const struct intake *intake)
{
	return intake->waiting;
}

int
intake_commit(struct intake *intake, struct error *err)
{
	if (engine_commit(intake->engine, err) == -1)
		return -1;
	intake->waiting = 0;
	for (const struct intake_peer *peer = intake->first; peer != NULL;
	     peer = peer->next)
		tell_positions(peer, INTAKE_COMMITTED);
	return 0;
}

static int
check_hello(const struct intake_peer *peer, struct error *err)
{
	const struct intake_hello *hello = &peer->hello;
	const struct trust_identity *identity = &peer->identity;

	if (!lane_name_is_valid(hello->sensor) || lane_is_log(hello->sensor))
		return error_set(
			err,
			"the sensor's name is none; expected no / \\ \" or controls");
	if (peer->is_bound && strcmp(hello->sensor, identity->sensor) != 0)
		return error_set(err,
				 "it says it is %s; its certificate is of sensor %s",
				 hello->sensor, identity->sensor);
	if (peer->is_bound &&
	    !trust_identity_has_poi(identity, hello->poi, strlen(hello->poi)))
		return error_set(err,
				 "it says it stands at %s, which its certificate does "
				 "not name",
				 hello->poi);
	return 0;
}

/* What is applied and not committed must not be told as a position. */
static enum intake_result
on_hello(struct intake_peer *peer, struct bytes body, struct error *err)
{
	if (intake_read_hello(body, &peer->hello, err) == -1)
		return INTAKE_CLOSE;
	if (peer->hello.version != INTAKE_VERSION) {
		refuse(peer->send, peer->ctx, INTAKE_REFUSED_VERSION,
		       "this correlator speaks version 1 of the intake protocol");
		error_set(err, "%s speaks version %u", peer->hello.sensor,
			  peer->hello.version);
		return INTAKE_CLOSE;
	}
	if (check_hello(peer, err) == -1) {
		engine_refuse_foreign(peer->intake->engine);
		return INTAKE_CLOSE;
	}
	if (intake_commit(peer->intake, err) == -1)
		return INTAKE_FAILED;
	peer->is_greeted = true;
	tell_positions(peer, INTAKE_POSITION);
	log_info("intake", "%s at %s connected", peer->hello.sensor, peer->hello.poi);
	return INTAKE_OK;
}

static bool
has_lane(const struct intake_hello *hello, uint32_t lane)
{
	for (uint16_t i = 0; i < hello->lane_count; i++)
		if (hello->lane[i] == lane)
			return true;
	return false;
}

/* Lines that are no records have no POI; the engine counts them. */
static int
check_poi(const struct intake_peer *peer, const char *line, size_t size,
	  struct error *err)
{
	struct record record;
	struct error unreadable;

	if (!record_read(peer->intake->reader, line, size, &record, &unreadable))
		return 0;
	struct text poi = record_has(&record, FIELD_SEKISHO_POI)
				  ? record.value[FIELD_SEKISHO_POI].text
				  : text_of("");
	if (trust_identity_has_poi(&peer->identity, poi.at, poi.size))
		return 0;
	return error_set(
		err, "a record is of POI \"%.*s\", which its certificate does not name",
		(int)poi.size, poi.at);
}

static int
check_pois(const struct intake_peer *peer, const char *raw, size_t size,
	   struct error *err)
{
	const char *end = raw + size;

	while (raw < end) {
		const char *stop = memchr(raw, '\n', (size_t)(end - raw));
		size_t length = (size_t)((stop != NULL ? stop : end) - raw);
		if (length > 0 && check_poi(peer, raw, length, err) == -1)
			return -1;
		raw += length + 1;
	}
	return 0;
}

static enum intake_result
on_frame(struct intake_peer *peer, struct bytes body, struct error *err)
{
	struct intake *intake = peer->intake;
	struct intake_frame frame;
	struct frame_header header;
	const char *raw;

	if (intake_read_frame(body, &frame, err) == -1 ||
	    frame_open(intake->codec, frame.frame.at, frame.frame.left, &header, &raw,
		       err) == -1)
		return INTAKE_CLOSE;
	if (!has_lane(&peer->hello, header.lane)) {
		error_set(err, "a frame is of lane %u, which HELLO did not name",
			  header.lane);
		return INTAKE_CLOSE;
	}
	if (peer->is_bound && check_pois(peer, raw, header.raw_size, err) == -1) {
		engine_refuse_foreign(intake->engine);
		return INTAKE_CLOSE;
	}
	if (engine_apply(intake->engine, peer->hello.sensor, peer->hello.epoch,
			 header.lane, header.first_seq, header.count, raw,
			 header.raw_size, err) == -1)
		return INTAKE_FAILED;
	intake->waiting += header.count;
	if (intake->waiting >= INTAKE_COMMIT_RECORDS &&
	    intake_commit(intake, err) == -1)
		return INTAKE_FAILED;
	return INTAKE_OK;
}

static enum intake_result
on_heartbeat(struct intake_peer *peer, struct bytes body, struct error *err)
{
	struct intake_heartbeat beat;

	if (intake_read_heartbeat(body, &beat, err) == -1)
		return INTAKE_CLOSE;
	/* an answer, so that the sensor knows that we are there */
	if (peer->intake->waiting == 0)
		tell_positions(peer, INTAKE_COMMITTED);
	return INTAKE_OK;
}

static enum intake_result
on_message(struct intake_peer *peer, uint16_t type, struct bytes body,
	   struct error *err)
{
	if (!peer->is_greeted) {
		if (type == INTAKE_HELLO)
			return on_hello(peer, body, err);
		error_set(err, "message %u came before HELLO", type);
		return INTAKE_CLOSE;
	}
	switch (type) {
	case INTAKE_HELLO:
		error_set(err, "HELLO came twice");
		return INTAKE_CLOSE;
	case INTAKE_FRAME:
		return on_frame(peer, body, err);
	case INTAKE_HEARTBEAT:
		return on_heartbeat(peer, body, err);
	default: /* of a newer sensor */
		return INTAKE_OK;
	}
}

static void
complain(struct intake_peer *peer, const struct error *err)
{
	struct intake *intake = peer->intake;

	engine_refuse_frame(intake->engine);
	bool is_news = peer->is_bound ? strcmp(intake->said.text, err->text) != 0
				      : !intake->is_said;
	if (is_news)
		log_warn("intake",
			 "%s: %s; its connection ends (further ones are only counted)",
			 peer->is_bound     ? peer->identity.sensor
			 : peer->is_greeted ? peer->hello.sensor
					    : "a sensor",
			 err->text);
	if (peer->is_bound)
		intake->said = *err;
	else
		intake->is_said = true;
	refuse(peer->send, peer->ctx, INTAKE_REFUSED_BAD, err->text);
}

enum intake_result
intake_feed(struct intake_peer *peer, struct bytes *input, struct error *err)
{
	struct intake_header header;
	struct bytes body;
	int found;

	while ((found = intake_next(input, &header, &body, err)) == 1) {
		enum intake_result result = on_message(peer, header.type, body, err);
		if (result == INTAKE_CLOSE)
			complain(peer, err);
		if (result != INTAKE_OK)
			return result;
	}
	if (found == 0)
		return INTAKE_OK;
	complain(peer, err);
	return INTAKE_CLOSE;
}
