/* SPDX-License-Identifier: Apache-2.0 */
/* dissection: brings a flow's bytes to the dissector that knows them. */
#include "sensor/dissection.h"

#include <stdlib.h>
#include <string.h>

#include "sensor/lineup.h"
#include "sensor/stream.h"

/* What one side showed before anybody recognised it. */
struct first_bytes {
	uint16_t size;
	bool is_over; /* a gap: what comes behind it is no beginning */
	uint64_t missing;
	uint8_t data[DISSECTION_FIRST];
};

/* A flow that takes part, in the order in which they came. */
struct dialogue {
	struct stream stream;
	struct flow *flow;
	const struct dissector *dissector; /* NULL until recognised */
	void *state;
	uint64_t candidates; /* bit i: dissector i of the lineup has not said no */
	uint32_t older,
		newer;   /* slot + 1, 0: none; of free ones, older is the next free */
	uint8_t speaker; /* side whose bytes came first */
	struct first_bytes first[SIDES];
};

struct dissection {
	struct lineup lineup;
	struct stream_pool *pool;
	struct dialogue *dialogues;
	uint32_t most, fresh, unused, used, oldest, newest;
	struct dissection_sink sink;
	struct dissection_counters counters;
	/* the call under way */
	struct dialogue *now;
	struct instant at;
	bool is_cut; /* it ends what may go on */
};

struct dissection *
dissection_new(const struct dissection_config *config,
	       const struct dissection_sink *sink, struct error *err)
{
	struct dissection *dissection = calloc(1, sizeof(*dissection));

	if (dissection == NULL) {
		error_set(err, "no memory for dissection");
		return NULL;
	}
	dissection->sink = *sink;
	dissection->most = config->most > 0 ? config->most : 1;
	dissection->dialogues =
		calloc(dissection->most, sizeof(*dissection->dialogues));
	dissection->pool =
		stream_pool_new(config->stream_bytes_max, config->stream_flow_max);
	if (dissection->dialogues == NULL || dissection->pool == NULL) {
		error_set(err, "no memory for %u streams", (unsigned)dissection->most);
		dissection_free(dissection);
		return NULL;
	}
	if (lineup_start(&dissection->lineup, config->dissectors, DISSECT_STREAM,
			 err) == -1) {
		dissection_free(dissection);
		return NULL;
	}
	return dissection;
}

void
dissection_configure(struct dissection *dissection,
		     const struct dissect_options *options)
{
	lineup_configure(&dissection->lineup, options);
}

static struct dialogue *
dialogue_of(const struct dissection *dissection, const struct flow *flow)
{
	return flow->dialogue ? &dissection->dialogues[flow->dialogue - 1] : NULL;
}

void
dissection_free(struct dissection *dissection)
{
	if (dissection == NULL)
		return;
	for (uint32_t at = dissection->oldest; at != 0;) {
		struct dialogue *dialogue = &dissection->dialogues[at - 1];
		if (dialogue->state != NULL)
			dialogue->dissector->end(dialogue->state);
		at = dialogue->newer;
	}
	lineup_stop(&dissection->lineup);
	stream_pool_free(dissection->pool);
	free(dissection->dialogues);
	free(dissection);
}

static void
emit(void *ctx, struct instant at, struct record *record)
{
	struct dissection *dissection = ctx;

	dissection->sink.emit(dissection->sink.ctx, dissection->now->flow, at, record);
}

static void
client_is(void *ctx, int side)
{
	struct dissection *dissection = ctx;

	flow_client_is(dissection->now->flow, side, FLOW_CONFIDENCE_CONTENT);
}

static bool
is_seen(void *ctx, int side)
{
	const struct dissection *dissection = ctx;

	return dissection->now->flow->packets[side] > 0;
}

static struct dissect_out
way_out(struct dissection *dissection)
{
	return (struct dissect_out){ .ctx = dissection,
				     .emit = emit,
				     .client_is = client_is,
				     .is_seen = is_seen,
				     .is_cut = dissection->is_cut };
}

/* Takes the dialogue out of the order of age and gives its slot back. */
static void
leave(struct dissection *dissection, struct dialogue *dialogue)
{
	uint32_t at = dialogue->flow->dialogue;

	stream_release(dissection->pool, &dialogue->stream);
	if (dialogue->older != 0)
		dissection->dialogues[dialogue->older - 1].newer = dialogue->newer;
	else
		dissection->oldest = dialogue->newer;
	if (dialogue->newer != 0)
		dissection->dialogues[dialogue->newer - 1].older = dialogue->older;
	else
		dissection->newest = dialogue->older;
	dialogue->flow->dialogue = 0;
	dialogue->flow->was_dissected = true;
	dialogue->flow = NULL;
	dialogue->older = dissection->unused;
	dissection->unused = at;
	dissection->used--;
}

/* Lets the dissector say what it knows, for the last time. */
static void
conclude(struct dissection *dissection, struct dialogue *dialogue)
{
	if (dialogue->state != NULL) {
		struct dissect_out out = way_out(dissection);
		dialogue->dissector->finish(dialogue->state, dissection->at, &out);
		dialogue->dissector->end(dialogue->state);
		dialogue->state = NULL;
	}
	leave(dissection, dialogue);
}

/* False if the dissector wants nothing more. */
static bool
goes_on(struct dissection *dissection, struct dialogue *dialogue,
	enum dissect_result result)
{
	if (result == DISSECT_MORE)
		return true;
	if (result == DISSECT_VIOLATION) {
		const struct dissector *dissector = dialogue->dissector;
		const char *event = dissector->violation
					    ? dissector->violation(dialogue->state)
					    : NULL;
		dissection->counters.violations++;
		dialogue->flow->marks |= FLOW_MARK_VIOLATION;
		dissection->sink.violation(dissection->sink.ctx, dialogue->flow,
					   dissection->at, dissector,
					   event ? event : "sekisho.violation");
	}
	return false;
}

static bool
feed(struct dissection *dissection, struct dialogue *dialogue, int side,
     struct bytes data)
{
	struct dissect_out out = way_out(dissection);

	return data.left == 0 ||
	       goes_on(dissection, dialogue,
		       dialogue->dissector->feed(dialogue->state, side, data,
						 dissection->at, &out));
}

static bool
feed_gap(struct dissection *dissection, struct dialogue *dialogue, int side,
	 uint64_t missing)
{
	struct dissect_out out = way_out(dissection);

	return missing == 0 ||
	       goes_on(dissection, dialogue,
		       dialogue->dissector->gap(dialogue->state, side, missing,
						dissection->at, &out));
}

/* Hands over what was kept until somebody recognised it. */
static bool
feed_first(struct dissection *dissection, struct dialogue *dialogue, int side)
{
	struct first_bytes *first = &dialogue->first[side];

	return feed(dissection, dialogue, side, bytes_over(first->data, first->size)) &&
	       feed_gap(dissection, dialogue, side, first->missing);
}

/* Somebody has recognised it: begins, and hands over both sides' first bytes in their
 * order. */
static bool
begin(struct dissection *dissection, struct dialogue *dialogue, int index)
{
	dialogue->dissector = dissection->lineup.at[index];
	dialogue->flow->app_proto = dialogue->dissector->name;
	dialogue->state = dialogue->dissector->begin(dissection->lineup.shared[index]);
	if (dialogue->state == NULL) {
		dissection->counters.no_memory++;
		return false;
	}
	return feed_first(dissection, dialogue, dialogue->speaker) &&
	       feed_first(dissection, dialogue, !dialogue->speaker);
}

/* Bytes of a flow nobody has recognised yet. */
static bool
take_first(struct dissection *dissection, struct dialogue *dialogue, int side,
	   struct bytes data)
{
	struct first_bytes *first = &dialogue->first[side];
	struct bytes shown = data;

	if (first->is_over) {
		first->missing += data.left;
		return true;
	}
	if (dialogue->first[!side].size == 0 && first->size == 0)
		dialogue->speaker = (uint8_t)side;
	size_t fits = DISSECTION_FIRST - first->size;
	size_t kept = data.left < fits ? data.left : fits;
	memcpy(first->data + first->size, data.at, kept);
	if (first->size > 0)
		shown = bytes_over(first->data, first->size + kept);
	int index = lineup_ask(&dissection->lineup, &dialogue->candidates, shown, side);
	if (index >= 0) {
		if (!begin(dissection, dialogue, index))
			return false;
		return feed(dissection, dialogue, side, data);
	}
	first->size = (uint16_t)(first->size + kept);
	return dialogue->candidates != 0 && kept == data.left;
}

static bool
on_data(void *ctx, int side, struct bytes data)
{
	struct dissection *dissection = ctx;
	struct dialogue *dialogue = dissection->now;

	return dialogue->dissector != NULL
		       ? feed(dissection, dialogue, side, data)
		       : take_first(dissection, dialogue, side, data);
}

static bool
on_gap(void *ctx, int side, uint64_t missing)
{
	struct dissection *dissection = ctx;
	struct dialogue *dialogue = dissection->now;

	dissection->counters.gaps++;
	dialogue->flow->marks |= side == 0 ? FLOW_MARK_GAP_0 : FLOW_MARK_GAP_1;
	if (dialogue->dissector != NULL)
		return feed_gap(dissection, dialogue, side, missing);
	dialogue->first[side].is_over = true;
	dialogue->first[side].missing += missing;
	return !dialogue->first[!side].is_over;
}

static void
on_difference(void *ctx, int side)
{
	struct dissection *dissection = ctx;
	struct flow *flow = dissection->now->flow;
	(void)side;

	dissection->counters.differences++;
	if (flow->marks & FLOW_MARK_OVERLAP)
		return;
	flow->marks |= FLOW_MARK_OVERLAP;
	if (dissection->sink.difference != NULL)
		dissection->sink.difference(dissection->sink.ctx, flow, dissection->at);
}

static struct stream_sink
stream_sink(struct dissection *dissection)
{
	return (struct stream_sink){ .ctx = dissection,
				     .data = on_data,
				     .gap = on_gap,
				     .differs = on_difference };
}

static void
give_up_oldest(struct dissection *dissection)
{
	struct dialogue *oldest = &dissection->dialogues[dissection->oldest - 1];

	dissection->counters.gave_up++;
	dissection->now = oldest;
	dissection->is_cut = true;
	conclude(dissection, oldest);
	dissection->is_cut = false;
}

static struct dialogue *
join(struct dissection *dissection, struct flow *flow)
{
	if (dissection->used == dissection->most)
		give_up_oldest(dissection);
	uint32_t at = dissection->unused;
	if (at != 0)
		dissection->unused = dissection->dialogues[at - 1].older;
	else
		at = ++dissection->fresh;
	struct dialogue *dialogue = &dissection->dialogues[at - 1];
	memset(dialogue, 0, offsetof(struct dialogue, first));
	for (int i = 0; i < SIDES; i++)
		memset(&dialogue->first[i], 0, offsetof(struct first_bytes, data));
	dialogue->flow = flow;
	dialogue->candidates = lineup_all(&dissection->lineup);
	dialogue->older = dissection->newest;
	if (dissection->newest != 0)
		dissection->dialogues[dissection->newest - 1].newer = at;
	else
		dissection->oldest = at;
	dissection->newest = at;
	dissection->used++;
	flow->dialogue = at;
	for (int side = 0; side < SIDES; side++)
		if (flow->tcp_flags[side] & TCP_SYN)
			stream_starts(&dialogue->stream, side, flow->sequence[side]);
	return dialogue;
}

void
dissection_packet(struct dissection *dissection, struct flow *flow, int side,
		  const struct headers *headers, struct instant at)
{
	struct dialogue *dialogue = dialogue_of(dissection, flow);

	if (flow->was_dissected || (dialogue == NULL && headers->payload_size == 0))
		return;
	dissection->at = at;
	if (dialogue == NULL)
		dialogue = join(dissection, flow);
	dissection->now = dialogue;
	struct stream_sink sink = stream_sink(dissection);
	if (!stream_segment(dissection->pool, &dialogue->stream, side, headers, &sink))
		conclude(dissection, dialogue);
	dissection->now = NULL;
}

void
dissection_finish(struct dissection *dissection, struct flow *flow, struct instant at)
{
	struct dialogue *dialogue = dialogue_of(dissection, flow);

	if (dialogue == NULL)
		return;
	dissection->at = at;
	dissection->now = dialogue;
	struct stream_sink sink = stream_sink(dissection);
	stream_finish(dissection->pool, &dialogue->stream, &sink);
	conclude(dissection, dialogue);
	dissection->now = NULL;
}

void
dissection_cut(struct dissection *dissection, struct flow *flow, struct instant at)
{
	dissection->is_cut = true;
	dissection_finish(dissection, flow, at);
	dissection->is_cut = false;
}

struct dissection_counters
dissection_counters(const struct dissection *dissection)
{
	struct dissection_counters counters = dissection->counters;

	counters.held = stream_pool_held(dissection->pool);
	counters.inside = lineup_counters(&dissection->lineup);
	return counters;
}

size_t
dissection_memory(const struct dissection *dissection)
{
	return sizeof(*dissection) + dissection->most * sizeof(*dissection->dialogues) +
	       stream_pool_memory(dissection->pool);
}
