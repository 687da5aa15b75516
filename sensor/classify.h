/* SPDX-License-Identifier: Apache-2.0 */
/*
 * classify: what application a flow is; the only door to nDPI.
 *
 * A flow costs nDPI memory from its first payload until it is classified or
 * has shown CLASSIFY_TCP_PACKETS or CLASSIFY_UDP_PACKETS packets with payload.
 * At most undecided_max flows are undecided at once: then the oldest is given
 * up with what nDPI guesses, and counted.  Only TCP and UDP are asked about.
 */
#ifndef SENSOR_CLASSIFY_H
#define SENSOR_CLASSIFY_H

#include "common/error.h"
#include "common/text.h"
#include "sensor/flow.h"

enum { CLASSIFY_TCP_PACKETS = 24, CLASSIFY_UDP_PACKETS = 16, CLASSIFY_NAME_SIZE = 96 };

struct classifier;

/* NULL, with '*err', if memory or nDPI is missing. */
struct classifier *classifier_new(uint32_t undecided_max, struct error *err);
void classifier_free(struct classifier *classifier);

/* One packet of the flow; does nothing for packets without payload and for flows that
 * are decided. */
void classify_packet(struct classifier *classifier, struct flow *flow,
		     const struct headers *headers, struct instant seen);
/* Nothing more comes, or no more is wanted: takes what nDPI guesses and frees its
 * state. */
void classify_finish(struct classifier *classifier, struct flow *flow);

struct classification_names {
	struct text app_proto; /* lower case; "unknown" if nDPI does not know */
	struct text proto, category, confidence;
};
/* The names borrow the classifier, which never changes them, and 'room'. */
struct classification_names classify_names(const struct classifier *classifier,
					   const struct classification *class,
					   char room[CLASSIFY_NAME_SIZE]);

uint32_t classifier_undecided(const struct classifier *classifier);
uint64_t classifier_gave_up(const struct classifier *classifier);
/* How many undecided flows so many bytes can hold. */
uint32_t classifier_fits(uint64_t bytes);
/* Bytes taken at start, nDPI's own tables not counted. */
size_t classifier_memory(const struct classifier *classifier);
/* "4.2.0": results are promised per version (decisions 11). */
const char *classifier_version(void);

#endif
