/* SPDX-License-Identifier: Apache-2.0 */
/* talk: what the dissectors of short messages over datagrams share. */
#include "sensor/dissect/talk.h"

#include <stdlib.h>

struct talk *
talk_hear(void *state, int side, struct instant at, const struct dissect_out *out)
{
	struct talk *talk = state;

	talk->out = out;
	talk->at = at;
	talk->side = side;
	talk->is_cut = talk->is_next_cut;
	talk->is_next_cut = false;
	return talk;
}

void
talk_client_is(struct talk *talk, int side)
{
	if (talk->client >= 0)
		return;
	talk->client = side;
	talk->out->client_is(talk->out->ctx, side);
}

void
talk_ask(struct talk *talk, uint64_t key)
{
	for (uint32_t i = 0; i < TALK_WAITING; i++)
		if (talk->waiting[i].is_used && talk->waiting[i].key == key)
			return;
	talk->lane->counters.dropped += talk->waiting[talk->next].is_used;
	talk->waiting[talk->next].key = key;
	talk->waiting[talk->next].at = talk->at;
	talk->waiting[talk->next].is_used = true;
	talk->next = (talk->next + 1) % TALK_WAITING;
}

void
talk_answer(struct talk *talk, uint64_t key, enum field_id latency)
{
	for (uint32_t i = 0; i < TALK_WAITING; i++) {
		if (!talk->waiting[i].is_used || talk->waiting[i].key != key)
			continue;
		talk->waiting[i].is_used = false;
		if (!instant_is_before(talk->at, talk->waiting[i].at))
			record_set_number(&talk->lane->telling.record, latency,
					  (uint64_t)instant_between(talk->waiting[i].at,
								    talk->at));
		return;
	}
}

struct telling *
talk_tell(struct talk *talk, enum event event)
{
	telling_begin(&talk->lane->telling, event);
	return &talk->lane->telling;
}

void
talk_emit(struct talk *talk, bool is_final)
{
	if (talk->is_cut) {
		talk->lane->counters.cut++;
		record_set_flag(&talk->lane->telling.record, FIELD_SEKISHO_TRUNCATED,
				true);
	}
	telling_emit(&talk->lane->telling, talk->out, talk->at, is_final);
}

void *
talk_begin(void *shared)
{
	struct talk *talk = calloc(1, sizeof(*talk));

	if (talk == NULL)
		return NULL;
	talk->lane = shared;
	talk->client = -1;
	return talk;
}

enum dissect_result
talk_gap(void *state, int side, uint64_t missing, struct instant at,
	 const struct dissect_out *out)
{
	(void)side, (void)missing, (void)at, (void)out;
	((struct talk *)state)->is_next_cut = true;
	return DISSECT_MORE;
}

void
talk_finish(void *state, struct instant at, const struct dissect_out *out)
{
	(void)state, (void)at, (void)out;
}

void
talk_end(void *state)
{
	free(state);
}

const char *
talk_violation(const void *state)
{
	return ((const struct talk *)state)->violation;
}
