/* SPDX-License-Identifier: Apache-2.0 */
/*
 * correlation: rules over what other rules match: so many, so many different, in some
 * order, within a time.
 *
 * The window is the closed interval [t - timespan, t] of record time, and slides.
 * What a rule needs of a record is taken out when the record comes (struct
 * correlation_event); windows.h and correlating.h do the rest.
 */
#ifndef CORRELATOR_SIGMA_CORRELATION_H
#define CORRELATOR_SIGMA_CORRELATION_H

#include "correlator/sigma/detection.h"

enum correlation_type {
	CORRELATION_EVENTS,   /* event_count */
	CORRELATION_VALUES,   /* value_count */
	CORRELATION_TOGETHER, /* temporal */
	CORRELATION_ORDERED,  /* temporal_ordered */
	CORRELATION_SUM,
	CORRELATION_AVERAGE,
	CORRELATION_PERCENTILE,
	CORRELATION_MEDIAN
};

enum {
	CORRELATION_STEPS_MAX = 32,
	CORRELATION_KEYS_MAX = 8,
	CORRELATION_DEPTH_MAX = 8,
	CORRELATION_LEAST_MAX = 10000, /* events or values a group must remember */
	CORRELATION_KEY_SIZE = 220,    /* of one value in a group's name */
	CORRELATION_GROUP_SIZE = CORRELATION_KEYS_MAX * CORRELATION_KEY_SIZE
};
#define CORRELATION_TIMESPAN_MAX (31 * INSTANT_DAY)
/* Between the values of a group's name; no value holds it. */
#define CORRELATION_SEPARATOR    '\x1f'

/* Where a value of the group comes from. */
struct source {
	unsigned field;       /* of the record, or FIELD_CONSTANT */
	const char *constant; /* FIELD_CONSTANT */
	size_t key;           /* of a correlation's event: which of its own keys */
};

/* One of the rules a correlation looks for. */
struct step {
	size_t rule;                           /* in the set */
	const struct correlation *correlation; /* or NULL: a detection */
	const struct source *group;            /* one a key */
	const struct source *value;            /* of value_count and above */
};

struct correlation {
	size_t rule;  /* its own place in the set */
	size_t place; /* and among the correlations that are loaded */
	enum correlation_type type;
	int64_t timespan; /* microseconds */
	uint64_t least;   /* the value must be at least, or more than, this */
	bool is_more;
	unsigned percentile;
	bool is_across; /* over all POIs, in the second stage */
	bool generates; /* its rules give alerts of their own too */
	size_t step_count, key_count, value_count;
	const struct step *step;
	const char *const *key; /* as the rule calls them */
	uint8_t print[8];       /* of all that decides what it means */
	size_t feed_count;      /* correlations that look for this one */
	const struct feed *feed;
};

/* Rule -> correlation that looks for it. */
struct feed {
	const struct correlation *correlation;
	size_t step;
};

/* A match, as far as a correlation needs it. */
struct correlation_event {
	const struct correlation *correlation;
	size_t step;
	struct text group; /* values of its keys, with separators */
	uint64_t value;    /* a number, or 64 bits of the values' SHA-256 */
};
typedef void correlation_sink(void *ctx, const struct correlation_event *event);

/* After all documents: resolves names, fields and chains.  -1 with the complaint. */
int correlations_resolve(struct sigma *sigma, struct error *err);
/* The head of one is read; the rest waits for correlations_resolve. */
int correlation_read(struct reading *reading, const struct yaml_node *root);

/* Hands on what the correlations that look for 'detection' need of the record in view.
 */
void correlation_take(struct view *view, const struct detection *detection,
		      correlation_sink *sink, void *ctx);
/* The same of a correlation that fired in that group; false if a value is too much. */
bool correlation_pass_on(struct text group, const struct feed *to,
			 char room[CORRELATION_GROUP_SIZE],
			 struct correlation_event *event);

/* The set with detections as before, and with what correlations need. */
void sigma_hear(const struct sigma *sigma, const struct record *record,
		const struct parties *parties, finding_sink *sink,
		correlation_sink *events, void *ctx);
size_t sigma_correlation_count(const struct sigma *sigma);
const struct correlation *sigma_correlation(const struct sigma *sigma, size_t index);
/* False if it only feeds others, or is informational. */
bool sigma_alerts(const struct sigma *sigma, const struct correlation *correlation);
/* Events without one of the values their group is made of. */
uint64_t sigma_missing_groups(const struct sigma *sigma);

#endif
