/* SPDX-License-Identifier: Apache-2.0 */
/* datagrams: brings a UDP flow's datagrams to the dissector that knows them. */
#include "sensor/datagrams.h"

#include <stdlib.h>

#include "sensor/lineup.h"

struct known {
	struct flow *flow; /* NULL: the slot is free */
	const struct dissector *dissector;
	void *state;
	uint32_t older, newer; /* slot + 1, 0: none; of free ones, older is the next
				  free */
};

struct datagrams {
	struct lineup lineup;
	struct known *known;
	uint32_t most, fresh, unused, oldest, newest;
	struct dissection_sink sink;
	struct datagrams_counters counters;
	struct known *now; /* the call under way */
};

struct datagrams *
datagrams_new(const struct dissector *const *rows, uint32_t most,
	      const struct dissection_sink *sink, struct error *err)
{
	struct datagrams *datagrams = calloc(1, sizeof(*datagrams));

	if (datagrams == NULL) {
		error_set(err, "no memory for datagrams");
		return NULL;
	}
	datagrams->sink = *sink;
	datagrams->most = most > 0 ? most : 1;
	datagrams->known = calloc(datagrams->most, sizeof(*datagrams->known));
	if (datagrams->known == NULL) {
		error_set(err, "no memory for %u flows of datagrams",
			  (unsigned)datagrams->most);
		goto fail;
	}
	if (lineup_start(&datagrams->lineup, rows, DISSECT_DATAGRAM, err) == -1)
		goto fail;
	return datagrams;
fail:
	datagrams_free(datagrams);
	return NULL;
}

void
datagrams_configure(struct datagrams *datagrams, const struct dissect_options *options)
{
	lineup_configure(&datagrams->lineup, options);
}

void
datagrams_free(struct datagrams *datagrams)
{
	if (datagrams == NULL)
		return;
	for (uint32_t at = datagrams->oldest; at != 0;) {
		struct known *known = &datagrams->known[at - 1];
		known->dissector->end(known->state);
		at = known->newer;
	}
	lineup_stop(&datagrams->lineup);
	free(datagrams->known);
	free(datagrams);
}

static void
emit(void *ctx, struct instant at, struct record *record)
{
	struct datagrams *datagrams = ctx;

	datagrams->sink.emit(datagrams->sink.ctx, datagrams->now->flow, at, record);
}

static void
client_is(void *ctx, int side)
{
	struct datagrams *datagrams = ctx;

	flow_client_is(datagrams->now->flow, side, FLOW_CONFIDENCE_CONTENT);
}

static bool
is_seen(void *ctx, int side)
{
	const struct datagrams *datagrams = ctx;

	return datagrams->now->flow->packets[side] > 0;
}

static struct dissect_out
way_out(struct datagrams *datagrams, struct known *known)
{
	datagrams->now = known;
	return (struct dissect_out){ .ctx = datagrams,
				     .emit = emit,
				     .client_is = client_is,
				     .is_seen = is_seen };
}

/* Lets the dissector say what it knows, for the last time, and gives the slot back. */
static void
conclude(struct datagrams *datagrams, struct known *known, struct instant at)
{
	struct dissect_out out = way_out(datagrams, known);
	uint32_t slot = known->flow->dialogue;

	known->dissector->finish(known->state, at, &out);
	known->dissector->end(known->state);
	if (known->older != 0)
		datagrams->known[known->older - 1].newer = known->newer;
	else
		datagrams->oldest = known->newer;
	if (known->newer != 0)
		datagrams->known[known->newer - 1].older = known->older;
	else
		datagrams->newest = known->older;
	known->flow->dialogue = 0;
	known->flow->was_dissected = true;
	*known = (struct known){ .older = datagrams->unused };
	datagrams->unused = slot;
	datagrams->counters.used--;
}

static void
give_up_oldest(struct datagrams *datagrams, struct instant at)
{
	datagrams->counters.gave_up++;
	conclude(datagrams, &datagrams->known[datagrams->oldest - 1], at);
}

static struct known *
join(struct datagrams *datagrams, struct flow *flow, uint32_t index, struct instant at)
{
	void *state =
		datagrams->lineup.at[index]->begin(datagrams->lineup.shared[index]);

	if (state == NULL) {
		datagrams->counters.no_memory++;
		flow->was_dissected = true;
		return NULL;
	}
	if (datagrams->counters.used == datagrams->most)
		give_up_oldest(datagrams, at);
	uint32_t slot = datagrams->unused;
	if (slot != 0)
		datagrams->unused = datagrams->known[slot - 1].older;
	else
		slot = ++datagrams->fresh;
	struct known *known = &datagrams->known[slot - 1];
	*known = (struct known){ .flow = flow,
				 .dissector = datagrams->lineup.at[index],
				 .state = state,
				 .older = datagrams->newest };
	if (datagrams->newest != 0)
		datagrams->known[datagrams->newest - 1].newer = slot;
	else
		datagrams->oldest = slot;
	datagrams->newest = slot;
	datagrams->counters.used++;
	flow->dialogue = slot;
	flow->app_proto = known->dissector->name;
	return known;
}

static struct known *
recognise(struct datagrams *datagrams, struct flow *flow, int side,
	  const struct headers *headers, struct instant at)
{
	for (uint32_t i = 0; i < datagrams->lineup.count; i++)
		if (datagrams->lineup.at[i]->recognise(headers->payload, side) ==
		    RECOGNISED_YES)
			return join(datagrams, flow, i, at);
	flow->datagrams_shown++;
	flow->was_dissected = flow->datagrams_shown == DATAGRAMS_SHOWN;
	return NULL;
}

static void
violate(struct datagrams *datagrams, struct known *known, struct instant at)
{
	const struct dissector *dissector = known->dissector;
	const char *event =
		dissector->violation ? dissector->violation(known->state) : NULL;

	datagrams->counters.violations++;
	known->flow->marks |= FLOW_MARK_VIOLATION;
	datagrams->sink.violation(datagrams->sink.ctx, known->flow, at, dissector,
				  event ? event : "sekisho.violation");
}

/* Of a datagram that is not whole, the dissector is told first. */
static enum dissect_result
feed(struct datagrams *datagrams, struct known *known, int side,
     const struct headers *headers, struct instant at)
{
	struct dissect_out out = way_out(datagrams, known);
	const struct dissector *dissector = known->dissector;
	enum dissect_result result = DISSECT_MORE;
	/* how much the other fragments hold is not known */
	uint64_t missing = headers->payload_size - headers->payload.left;

	if (missing > 0 || headers->is_fragment) {
		datagrams->counters.cut++;
		result = dissector->gap(known->state, side, missing, at, &out);
	}
	return result == DISSECT_MORE
		       ? dissector->feed(known->state, side, headers->payload, at, &out)
		       : result;
}

void
datagrams_packet(struct datagrams *datagrams, struct flow *flow, int side,
		 const struct headers *headers, struct instant at)
{
	if (flow->was_dissected || headers->payload.left == 0)
		return;
	struct known *known = flow->dialogue
				      ? &datagrams->known[flow->dialogue - 1]
				      : recognise(datagrams, flow, side, headers, at);
	if (known == NULL)
		return;
	enum dissect_result result = feed(datagrams, known, side, headers, at);
	if (result == DISSECT_VIOLATION)
		violate(datagrams, known, at);
	if (result != DISSECT_MORE)
		conclude(datagrams, known, at);
}

void
datagrams_finish(struct datagrams *datagrams, struct flow *flow, struct instant at)
{
	if (flow->dialogue != 0)
		conclude(datagrams, &datagrams->known[flow->dialogue - 1], at);
}

struct datagrams_counters
datagrams_counters(const struct datagrams *datagrams)
{
	struct datagrams_counters counters = datagrams->counters;

	counters.inside = lineup_counters(&datagrams->lineup);
	return counters;
}

size_t
datagrams_memory(const struct datagrams *datagrams)
{
	return sizeof(*datagrams) + datagrams->most * sizeof(*datagrams->known);
}
