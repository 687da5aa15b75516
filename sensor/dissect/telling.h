/* SPDX-License-Identifier: Apache-2.0 */
/*
 * telling: the record a dissector fills, with room for its texts and lists.
 *
 * One a lane and dissector, filled and emitted within one call, then used
 * again.  What does not fit is left out, and the record says sekisho.truncated.
 */
#ifndef SENSOR_DISSECT_TELLING_H
#define SENSOR_DISSECT_TELLING_H

#include "sensor/dissect/dissector.h"
#include "sensor/dissect/kept.h"
#include "sensor/dissect/scratch.h"

enum {
	TELLING_REASONS = 16,   /* keys and reasons together */
	TELLING_ITEMS = 512,    /* texts of all lists of a record */
	TELLING_NUMBERS = 512,  /* numbers of all lists of a record */
	TELLING_TEXT = 40 << 10 /* bytes of all texts of a record */
};

struct telling {
	struct record record;
	struct scratch scratch;
	struct text reasons[TELLING_REASONS], items[TELLING_ITEMS];
	uint64_t numbers[TELLING_NUMBERS];
	uint32_t reason_count, item_count, number_count;
	char text[TELLING_TEXT];
};

/* Empties it for a record of 'event'. */
void telling_begin(struct telling *telling, enum event event);
/* Says why 'what' is missing: encrypted, truncated, loss, asymmetric, not_decoded. */
void telling_hide(struct telling *telling, const char *what, const char *why);
/* Outside bytes as text of at most 'most' bytes; none at all is null: looked, and not
 * there. */
void telling_text(struct telling *telling, enum field_id field, struct bytes value,
		  uint32_t most);
/* Names of our own, which outlive the record. */
void telling_name(struct telling *telling, enum field_id field, const char *name);
/* Room for a list of 'most' texts, or NULL (and truncated). */
struct text *telling_items(struct telling *telling, uint32_t most);
uint64_t *telling_numbers(struct telling *telling, uint32_t most);
/* Hands the record on. */
void telling_emit(struct telling *telling, const struct dissect_out *out,
		  struct instant at, bool is_final);

enum { DISSECT_HELD_MAX = 4 << 20 }; /* bytes the flows of a lane hold together */

/* What the flows of a lane share in most dissectors: shared_new, shared_free. */
struct dissect_lane {
	struct kept_budget budget;
	struct dissect_counters counters;
	struct telling telling;
};

/* A lane that keeps DISSECT_HELD_MAX at most, or NULL. */
void *dissect_lane_new(void);
void dissect_lane_free(void *lane);
/* For dissector.counters, where the shared state begins with a dissect_lane. */
struct dissect_counters dissect_lane_counters(const void *lane);

#endif
