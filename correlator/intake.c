/* SPDX-License-Identifier: Apache-2.0 */
/* intake: the correlator's side of the conversation with sensors
 * (common/intake_protocol.h). */
#include "correlator/intake.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/intake_protocol.h"
#include "common/log.h"
#include "correlator/engine.h"
#include "correlator/lanes.h"

struct intake_peer {
	struct intake *intake;
	intake_send *send;
	void *ctx;
	struct intake_hello hello;
	bool is_greeted;
	struct intake_peer *next;
};

struct intake {
	struct engine *engine;
	struct frame_codec *codec;
	struct intake_peer *first;
	size_t count;
	uint32_t waiting;
	bool is_said; /* that a peer sent what cannot be read */
};

struct intake *
intake_new(struct engine *engine)
{
	struct intake *intake = calloc(1, sizeof(*intake));

	if (intake == NULL || (intake->codec = frame_codec_new()) == NULL)
		log_fatal("intake", "no memory");
	intake->engine = engine;
	return intake;
}

void
intake_free(struct intake *intake)
{
	if (intake == NULL)
		return;
	frame_codec_free(intake->codec);
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
	if (!lane_name_is_valid(peer->hello.sensor)) {
		error_set(err,
			  "the sensor's name is none; expected no / \\ \" or controls");
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
	if (!intake->is_said)
		log_warn("intake",
			 "%s: %s; its connection ends (further ones are only counted)",
			 peer->is_greeted ? peer->hello.sensor : "a sensor", err->text);
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
