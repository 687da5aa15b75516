/* SPDX-License-Identifier: Apache-2.0 */
/*
 * talk: what the dissectors of short messages over datagrams share: who asks, which
 * requests wait for their answers, and the functions of a row that need nothing more.
 */
#ifndef SENSOR_DISSECT_TALK_H
#define SENSOR_DISSECT_TALK_H

#include "sensor/dissect/telling.h"

enum {
	TALK_WAITING = 16, /* requests of a flow that wait; then the oldest is let go */
	TALK_NOTES = 8
};

struct talk {
	struct dissect_lane *lane;
	/* of the datagram under way, see talk_hear */
	const struct dissect_out *out;
	struct instant at;
	int side;
	bool is_cut;
	int client; /* its side, -1 = not known yet */
	bool is_next_cut;
	struct {
		uint64_t key;
		struct instant at;
		bool is_used;
	} waiting[TALK_WAITING];
	uint32_t next;
	uint64_t note[TALK_NOTES]; /* the dissector's own, 0 at first */
	const char *violation;
};

/* At the beginning of feed: the state of the row, ready for this datagram. */
struct talk *talk_hear(void *state, int side, struct instant at,
		       const struct dissect_out *out);
/* The datagram shows that 'side' asks; the first to say so decides. */
void talk_client_is(struct talk *talk, int side);
/* A request that 'key' finds again; a repeated one keeps its first time. */
void talk_ask(struct talk *talk, uint64_t key);
/* Sets 'latency', in microseconds, if the request was seen. */
void talk_answer(struct talk *talk, uint64_t key, enum field_id latency);
/* Begins and ends the record of this datagram. */
struct telling *talk_tell(struct talk *talk, enum event event);
void talk_emit(struct talk *talk, bool is_final);

void *talk_begin(void *shared);
enum dissect_result talk_gap(void *state, int side, uint64_t missing, struct instant at,
			     const struct dissect_out *out);
void talk_finish(void *state, struct instant at, const struct dissect_out *out);
void talk_end(void *state);
const char *talk_violation(const void *state);

/* A row but for its name, transport, recognise and feed. */
/* clang-format off */
#define TALK_ROW                                                                       \
	.begin = talk_begin, .gap = talk_gap, .finish = talk_finish, .end = talk_end,  \
	.violation = talk_violation, .shared_new = dissect_lane_new,                   \
	.shared_free = dissect_lane_free, .counters = dissect_lane_counters
/* clang-format on */

#endif
