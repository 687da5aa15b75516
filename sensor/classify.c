/* SPDX-License-Identifier: Apache-2.0 */
/*
 * classify: what application a flow is; the only door to nDPI.
 *
 * Compiled and tested with Debian's nDPI 4.2 and with 4.11-dev (3b1286ab), see
 * docs/NDPI.md; not with 5, whose branches are untried.
 */
#include "sensor/classify.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ndpi_api.h>

#define NDPI_IS(major, minor) \
	(NDPI_MAJOR > (major) || (NDPI_MAJOR == (major) && NDPI_MINOR >= (minor)))

enum { PROTOCOLS_MOST = 4096 };

/* An undecided flow, in the order in which they came. */
struct undecided {
	struct ndpi_flow_struct state;
	struct flow *flow;
	uint32_t older,
		newer; /* slot + 1, 0: none; of free ones, older is the next free */
};

struct protocol_name {
	char shown[40], lower[40];
};

struct classifier {
	struct ndpi_detection_module_struct *module;
	struct undecided *slots;
	uint32_t most, fresh, unused, count;
	uint32_t oldest, newest;
	uint64_t gave_up;
	uint32_t names;
	struct protocol_name *name;
};

static struct ndpi_detection_module_struct *
open_module(void)
{
#if NDPI_IS(4, 10)
	struct ndpi_detection_module_struct *module = ndpi_init_detection_module(NULL);
#else
	struct ndpi_detection_module_struct *module =
		ndpi_init_detection_module(ndpi_no_prefs);
#endif
	if (module == NULL)
		return NULL;
#if !NDPI_IS(5, 0)
	NDPI_PROTOCOL_BITMASK all;
	NDPI_BITMASK_SET_ALL(all);
	ndpi_set_protocol_detection_bitmask2(module, &all);
#endif
	ndpi_finalize_initialization(module);
	return module;
}

static char
lower_case(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* nDPI's names are ASCII; what is not would be no text, so it becomes '?'. */
static void
take_name(struct protocol_name *name, const char *ndpi)
{
	size_t i = 0;

	for (; ndpi[i] != '\0' && i + 1 < sizeof(name->shown); i++) {
		name->shown[i] = ndpi[i] > ' ' && ndpi[i] < 0x7f ? ndpi[i] : '?';
		name->lower[i] = lower_case(name->shown[i]);
	}
	name->shown[i] = name->lower[i] = '\0';
}

static void
take_names(struct classifier *classifier)
{
	classifier->names = ndpi_get_num_supported_protocols(classifier->module);
	if (classifier->names > PROTOCOLS_MOST)
		classifier->names = PROTOCOLS_MOST;
	classifier->name = calloc(classifier->names + 1, sizeof(*classifier->name));
	if (classifier->name == NULL)
		return;
	for (uint32_t i = 0; i < classifier->names; i++)
		take_name(&classifier->name[i],
			  ndpi_get_proto_name(classifier->module, (uint16_t)i));
}

struct classifier *
classifier_new(uint32_t undecided_max, struct error *err)
{
	struct classifier *classifier = calloc(1, sizeof(*classifier));

	if (classifier == NULL) {
		error_set(err, "no memory for classification");
		return NULL;
	}
	classifier->most = undecided_max > 0 ? undecided_max : 1;
	classifier->slots = calloc(classifier->most, sizeof(*classifier->slots));
	classifier->module = open_module();
	if (classifier->module != NULL)
		take_names(classifier);
	if (classifier->slots == NULL || classifier->name == NULL) {
		error_set(err,
			  "no memory for %u undecided flows, or nDPI %s does not start",
			  (unsigned)classifier->most, classifier_version());
		classifier_free(classifier);
		return NULL;
	}
	return classifier;
}

static void
free_state(struct ndpi_flow_struct *state)
{
	ndpi_free_flow_data(state);
}

void
classifier_free(struct classifier *classifier)
{
	if (classifier == NULL)
		return;
	for (uint32_t at = classifier->oldest; at != 0;
	     at = classifier->slots[at - 1].newer)
		free_state(&classifier->slots[at - 1].state);
	if (classifier->module != NULL)
		ndpi_exit_detection_module(classifier->module);
	free(classifier->slots);
	free(classifier->name);
	free(classifier);
}

static uint16_t
master_of(const ndpi_protocol *found)
{
#if NDPI_IS(4, 11)
	return found->proto.master_protocol;
#else
	return found->master_protocol;
#endif
}

static uint16_t
app_of(const ndpi_protocol *found)
{
#if NDPI_IS(4, 11)
	return found->proto.app_protocol;
#else
	return found->app_protocol;
#endif
}

/* Writes down what nDPI found and gives its slot back. */
static void
decide(struct classifier *classifier, struct flow *flow, const ndpi_protocol *found)
{
	uint32_t at = flow->undecided;
	struct undecided *slot = &classifier->slots[at - 1];

	flow->class = (struct classification){
		.master = master_of(found),
		.app = app_of(found),
		.category = (uint8_t)found->category,
		.confidence = (uint8_t)slot->state.confidence,
		.is_closed = true,
	};
	flow->class.is_known = flow->class.master != NDPI_PROTOCOL_UNKNOWN ||
			       flow->class.app != NDPI_PROTOCOL_UNKNOWN;
	free_state(&slot->state);
	if (slot->older != 0)
		classifier->slots[slot->older - 1].newer = slot->newer;
	else
		classifier->oldest = slot->newer;
	if (slot->newer != 0)
		classifier->slots[slot->newer - 1].older = slot->older;
	else
		classifier->newest = slot->older;
	slot->flow = NULL;
	slot->older = classifier->unused;
	classifier->unused = at;
	classifier->count--;
	flow->undecided = 0;
}

void
classify_finish(struct classifier *classifier, struct flow *flow)
{
	if (flow->undecided == 0)
		return;
	struct ndpi_flow_struct *state = &classifier->slots[flow->undecided - 1].state;
#if NDPI_IS(5, 0)
	ndpi_protocol found = ndpi_detection_giveup(classifier->module, state);
#elif NDPI_IS(4, 10)
	uint8_t guessed = 0;
	ndpi_protocol found =
		ndpi_detection_giveup(classifier->module, state, &guessed);
#else
	uint8_t guessed = 0;
	ndpi_protocol found =
		ndpi_detection_giveup(classifier->module, state, 1, &guessed);
#endif
	decide(classifier, flow, &found);
}

static struct undecided *
begin(struct classifier *classifier, struct flow *flow)
{
	if (classifier->count == classifier->most) {
		classifier->gave_up++;
		classify_finish(classifier,
				classifier->slots[classifier->oldest - 1].flow);
	}
	uint32_t at = classifier->unused;
	if (at != 0)
		classifier->unused = classifier->slots[at - 1].older;
	else
		at = ++classifier->fresh;
	struct undecided *slot = &classifier->slots[at - 1];
	memset(&slot->state, 0, sizeof(slot->state));
	slot->flow = flow;
	slot->older = classifier->newest;
	slot->newer = 0;
	if (classifier->newest != 0)
		classifier->slots[classifier->newest - 1].newer = at;
	else
		classifier->oldest = at;
	classifier->newest = at;
	classifier->count++;
	flow->undecided = at;
	return slot;
}

static ndpi_protocol
ask(struct classifier *classifier, struct ndpi_flow_struct *state, struct bytes packet,
    struct instant seen)
{
	uint16_t size = packet.left > UINT16_MAX ? UINT16_MAX : (uint16_t)packet.left;
	uint64_t msec = seen.usec > 0 ? (uint64_t)seen.usec / 1000 : 0;

#if NDPI_IS(4, 4)
	return ndpi_detection_process_packet(classifier->module, state, packet.at, size,
					     msec, NULL);
#else
	return ndpi_detection_process_packet(classifier->module, state, packet.at, size,
					     msec);
#endif
}

void
classify_packet(struct classifier *classifier, struct flow *flow,
		const struct headers *headers, struct instant seen)
{
	uint8_t protocol = headers->protocol;

	if (flow->class.is_closed || headers->payload.left == 0 ||
	    (protocol != PROTOCOL_TCP && protocol != PROTOCOL_UDP))
		return;
	struct undecided *slot = flow->undecided
					 ? &classifier->slots[flow->undecided - 1]
					 : begin(classifier, flow);
	ndpi_protocol found = ask(classifier, &slot->state, headers->network, seen);
	flow->payload_packets++;
	if (master_of(&found) != NDPI_PROTOCOL_UNKNOWN ||
	    app_of(&found) != NDPI_PROTOCOL_UNKNOWN)
		decide(classifier, flow, &found);
	else if (flow->payload_packets >= (protocol == PROTOCOL_TCP
						   ? CLASSIFY_TCP_PACKETS
						   : CLASSIFY_UDP_PACKETS))
		classify_finish(classifier, flow);
}

static const struct protocol_name *
find_name(const struct classifier *classifier, uint16_t protocol)
{
	return &classifier->name[protocol < classifier->names ? protocol
							      : NDPI_PROTOCOL_UNKNOWN];
}

/* The words of the field table for nDPI's enum, which has grown with its versions. */
static const char *
confidence_name(const struct classification *class)
{
	if (!class->is_known)
		return "unknown";
	switch (class->confidence) {
	case NDPI_CONFIDENCE_DPI:
		return "dpi";
	case NDPI_CONFIDENCE_DPI_CACHE:
		return "dpi_cache";
	case NDPI_CONFIDENCE_MATCH_BY_PORT:
		return "by_port";
	case NDPI_CONFIDENCE_MATCH_BY_IP:
		return "by_ip";
	default:
		return "guess";
	}
}

struct classification_names
classify_names(const struct classifier *classifier, const struct classification *class,
	       char room[CLASSIFY_NAME_SIZE])
{
	const struct protocol_name *master = find_name(classifier, class->master);
	const struct protocol_name *app = find_name(classifier, class->app);
	bool has_app = class->app != NDPI_PROTOCOL_UNKNOWN;
	bool is_pair = has_app && class->master != NDPI_PROTOCOL_UNKNOWN &&
		       class->master != class->app;
	struct classification_names names = {
		.app_proto = text_of(has_app ? app->lower : master->lower),
		.proto = text_of(has_app ? app->shown : master->shown),
		.confidence = text_of(confidence_name(class)),
	};

	const char *category =
		ndpi_category_get_name(classifier->module, class->category);
	names.category = text_of(category ? category : "Unspecified");
	if (is_pair) {
		int size = snprintf(room, CLASSIFY_NAME_SIZE, "%s.%s", master->shown,
				    app->shown);
		names.proto = (struct text){ room, (uint32_t)size };
	}
	return names;
}

uint32_t
classifier_undecided(const struct classifier *classifier)
{
	return classifier->count;
}

uint64_t
classifier_gave_up(const struct classifier *classifier)
{
	return classifier->gave_up;
}

uint32_t
classifier_fits(uint64_t bytes)
{
	uint64_t most =
		bytes > sizeof(struct classifier)
			? (bytes - sizeof(struct classifier)) / sizeof(struct undecided)
			: 0;

	return most <= UINT32_MAX ? (uint32_t)most : UINT32_MAX;
}

size_t
classifier_memory(const struct classifier *classifier)
{
	return sizeof(*classifier) + classifier->most * sizeof(*classifier->slots);
}

const char *
classifier_version(void)
{
	return ndpi_revision();
}
